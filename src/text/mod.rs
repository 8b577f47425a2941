//! Immutable text and the spans that point into it.
//!
//! Every layer of annotation refers to a document's text by half-open byte [`Span`]s on char
//! boundaries; strings are sliced, never copied. Offsets that leave the program are Unicode code
//! points, converted once at the border by [`CharOffsets`].

mod abbreviations;
mod bounded;
mod chars;
mod document;
mod nearest;
mod sentences;
mod span;

pub use chars::CharOffsets;
pub use document::Document;
pub use nearest::{did_you_mean, nearest};
pub use sentences::split_sentences;
pub use span::Span;

/// The width of a column that holds these, in characters. Formatting panics above 65,535: longer ones
/// stand out of their column, and two more for a gap still fit.
pub fn column_width<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    let longest = names.map(|name| name.chars().count()).max();
    longest.unwrap_or(0).min(usize::from(u16::MAX) - 2)
}

/// How many words a text has: the maximal runs of characters that are not white space.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}
