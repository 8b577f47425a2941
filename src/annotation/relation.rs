use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Label;
use crate::text::{Span, did_you_mean};

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
                let hint = did_you_mean(name.trim(), Self::ALL.map(Self::as_str));
                format!(
                    "no status is called {name:?}{hint}: asserted, claimed, negated or possible"
                )
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
    /// Relations, ordered by sentence, subject, object and place in the schema.
    pub relations: Vec<Relation>,
}

impl Annotations {
    /// Keeps the mentions that `keep` accepts and the relations between them. A relation loses a
    /// source that is not kept, a reference an antecedent.
    pub fn retain_mentions(&mut self, keep: impl Fn(&Mention) -> bool) {
        let mut kept = 0;
        let places: Vec<Option<usize>> = self
            .mentions
            .iter()
            .map(|mention| {
                let place = keep(mention).then_some(kept);
                kept += usize::from(place.is_some());
                place
            })
            .collect();
        let place = |n: usize| places.get(n).copied().flatten();
        self.mentions.retain(&keep);
        for reference in self
            .mentions
            .iter_mut()
            .filter_map(|m| m.reference.as_mut())
        {
            reference.antecedent = reference.antecedent.and_then(place);
        }
        self.relations = std::mem::take(&mut self.relations)
            .into_iter()
            .filter_map(|relation| {
                Some(Relation {
                    subject: place(relation.subject)?,
                    object: place(relation.object)?,
                    attributed_to: relation.attributed_to.and_then(place),
                    ..relation
                })
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(start: usize, antecedent: Option<usize>) -> Mention {
        Mention {
            span: Span::new(start, start + 1),
            label: "PER".into(),
            sentence: 0,
            confidence: 1.0,
            reference: antecedent.map(|antecedent| Reference {
                kind: ReferenceKind::Pronoun,
                antecedent: Some(antecedent),
            }),
        }
    }

    fn relation(subject: usize, object: usize, attributed_to: Option<usize>) -> Relation {
        Relation {
            subject,
            object,
            label: "meets".into(),
            trigger: None,
            status: Status::Asserted,
            attributed_to,
            confidence: 0.5,
        }
    }

    #[test]
    fn what_is_kept_points_to_what_is_kept() {
        let mut layers = Annotations {
            sentences: vec![Span::new(0, 9)],
            mentions: vec![
                mention(0, None),
                mention(2, None),
                mention(4, Some(1)),
                mention(6, Some(0)),
            ],
            relations: vec![relation(1, 2, Some(0)), relation(0, 2, None)],
        };
        layers.retain_mentions(|m| m.span.start > 0);
        assert_eq!(
            layers.mentions,
            [mention(2, None), mention(4, Some(0)), {
                let mut lost = mention(6, Some(0));
                lost.reference = Some(Reference {
                    kind: ReferenceKind::Pronoun,
                    antecedent: None,
                });
                lost
            }]
        );
        assert_eq!(layers.relations, [relation(0, 1, None)]);
    }
}
