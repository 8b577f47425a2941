//! What is said about a text: mentions, relations between them, and samples labelled by people.

mod coreference;
mod label;
mod relation;
mod sample;

pub use coreference::{Coreferences, Link, Wording};
pub use label::Label;
pub use relation::{Annotations, Mention, Reference, ReferenceKind, Relation, Status};
pub use sample::{Coverage, Probability, Sample, SampleMention, SampleRelation};
