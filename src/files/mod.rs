//! What all parts that read and write files have in common: files that appear whole, alone or
//! together, the lines of a table's rows, text in one line, what is no text at all, and the apostrophe
//! that keeps spreadsheets from taking a cell for a formula.

mod binary;
mod guard;
mod lines;
mod one_line;
mod remove;
mod together;
mod whole;

pub use binary::no_text;
pub use guard::{guarded, may_be_formula, unguarded};
pub use lines::{LineNumbers, Numbered, numbered};
pub use one_line::in_one_line;
pub use remove::{remove_folder_if_there, remove_if_there};
pub use together::replace_together;
pub use whole::{partial_in, write_whole};
