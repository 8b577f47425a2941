//! What all parts that read and write files have in common: files that appear whole, the lines of a
//! table's rows, and the apostrophe that keeps spreadsheets from taking a cell for a formula.

mod guard;
mod lines;
mod whole;

pub use guard::{guarded, may_be_formula, unguarded};
pub use lines::{LineNumbers, Numbered, numbered};
pub use whole::{partial_in, write_whole};
