//! `extract`: the stages put together. Inputs are read and cleaned, split, tokenized, annotated in
//! parallel block by block, and journalled in input order; the journal then becomes the files of
//! the run directory.
//!
//! A block is a run of documents whose size does not depend on threads or batches, at most
//! `blocks::IN_FLIGHT` are in memory at once, and each window's result is independent of its
//! neighbours in a batch: so memory is bounded and the output the same however it is run.

mod annotate;
mod blocks;
mod duplicates;
mod extract;
mod fingerprint;
mod journal;
mod place;

pub use annotate::annotate_texts;
pub use extract::{ExtractOptions, Extracted, Observer, extract};
pub use journal::Begin;
