use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Label;
use crate::text::Span;

/// What kind of words refer to something without naming it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReferenceKind {
    /// `he`, `their`
    Pronoun,
    /// `the group`
    Nominal,
}

/// Marks a mention that is no name but refers to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What kind of words it is.
    pub kind: ReferenceKind,
    /// Index of the named mention that it refers to, once that is known.
    pub antecedent: Option<usize>,
}

/// One occurrence of a name in a document, or of words that refer to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// Where, in bytes of the document's text.
    pub span: Span,
    /// Entity type, such as `PER`.
    pub label: Label,
    /// Index of the sentence that holds it.
    pub sentence: usize,
    /// Probability that span and type are right, 0 to 1.
    pub confidence: f32,
    /// Set when it is no name.
    pub reference: Option<Reference>,
}

/// How the text presents a relation; the guidelines' four statuses.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Told as having happened or holding, by the writer.
    #[default]
    Asserted,
    /// Told by a source within the text.
    Claimed,
    /// Denied or ended.
    Negated,
    /// Planned, threatened, conditional, asked for.
    Possible,
}

impl Status {
    /// All statuses, in the order of the model's outputs.
    pub const ALL: [Status; 4] = [
        Status::Asserted,
        Status::Claimed,
        Status::Negated,
        Status::Possible,
    ];

    /// Position in [`Self::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asserted => "asserted",
            Self::Claimed => "claimed",
            Self::Negated => "negated",
            Self::Possible => "possible",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|s| s.as_str().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| {
                format!("no status is called {name:?}: asserted, claimed, negated or possible")
            })
    }
}

/// A directed, typed link of two mentions of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Index of the subject mention.
    pub subject: usize,
    /// Index of the object mention.
    pub object: usize,
    /// Name of the relation, such as `accuses`.
    pub label: Label,
    /// The words that express it, in bytes of the document's text.
    pub trigger: Option<Span>,
    /// How the text presents it.
    pub status: Status,
    /// Index of the mention that the sentence names as the source of a claimed relation.
    pub attributed_to: Option<usize>,
    /// Probability that the relation holds between these mentions, 0 to 1.
    pub confidence: f32,
}

/// The layers found in one document, in text order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotations {
    /// Sentences, disjoint and in order; together they hold every word of the text.
    pub sentences: Vec<Span>,
    /// Mentions, disjoint and in order.
    pub mentions: Vec<Mention>,
    /// Relations, ordered by sentence, subject, object and name.
    pub relations: Vec<Relation>,
}
