//! Mentions from other people's models: any token-classification folder in Hugging Face form whose
//! architecture rust-bert has.
//!
//! The network is rust-bert's; what stands around it is not: its own pipeline mixes up the sentences
//! of a second batch and gives up on tags that are not BIO. Here a sentence is cut into `units`
//! (words that have a subword of their own), each takes the tag of its first subword, as such
//! models are trained, and conlleval's one rule reads mentions off whatever tag scheme there is.

mod architecture;
mod folder;
mod labels;
mod network;
mod tagger;
#[cfg(test)]
mod tests;
mod units;

pub use labels::LabelMap;
pub use tagger::{ForeignMention, Tagger};
