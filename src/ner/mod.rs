//! Named entity recognition: BIO tags on words, from the encoder's hidden states.

mod decode;
mod foreign;
mod head;
mod tags;

pub use decode::{TagScores, WordSpan, decode};
pub use foreign::{ForeignMention, LabelMap, Tagger};
pub use head::TagHead;
pub use tags::TagSet;
