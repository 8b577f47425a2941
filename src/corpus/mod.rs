//! From what the user typed to documents.
//!
//! [`Inputs`] finds what is to be read, [`read`] turns one input into documents: it is opened and
//! decompressed, decoded, given to the reader of its format, and cleaned of page debris. Nothing is
//! dropped in silence: what cannot be read is a [`Failure`] with its reason.

mod clean;
mod csv;
mod date;
mod dateline;
mod decode;
mod discover;
mod fields;
mod format;
mod guarded;
mod html;
mod inserts;
mod json;
mod language;
mod markdown;
mod open;
mod options;
mod pdf;
mod piece;
mod read;
mod stdin;
mod text;

pub use clean::{Cleaned, clean};
pub use date::find_date;
pub use discover::{Inputs, Source};
pub use format::Format;
pub use guarded::QUIET as PARSER_THREAD;
pub use options::ReadOptions;
pub use read::{Failure, Item, Items, read};
pub use stdin::stop_waiting;
