use super::{Label, Status};
use crate::text::Span;

/// What a sample's labels say about everything that is *not* labelled in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coverage {
    /// Not annotated at all: absence means nothing.
    Nothing,
    /// Only what is listed is known (a reviewed row of a spreadsheet).
    Listed,
    /// Everything was annotated: what is not labelled is a negative.
    Full,
}

/// A probability in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Probability(u16);

impl Probability {
    /// The nearest thousandth; `None` outside 0 to 1.
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0)
            .contains(&value)
            .then(|| Self((value * 1000.0).round() as u16))
    }

    /// From 0 to 1.
    pub fn value(self) -> f32 {
        f32::from(self.0) / 1000.0
    }

    /// Whether it is more likely than not.
    pub fn is_likely(self) -> bool {
        self.0 >= 500
    }
}

/// A mention in a labelled sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleMention {
    /// The sample file's own name for it, unique in the sample.
    pub id: String,
    /// Where, in bytes of the sample's text.
    pub span: Span,
    /// Entity type; `None` when the source does not tell (a CSV of surface strings).
    pub label: Option<Label>,
}

/// A relation in a labelled sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRelation {
    /// Index into [`Sample::mentions`].
    pub subject: usize,
    /// Index into [`Sample::mentions`].
    pub object: usize,
    /// Name of the relation.
    pub label: Label,
    /// The words that express it, in bytes of the sample's text.
    pub trigger: Option<Span>,
    /// How the text presents it; `None` when the source does not tell.
    pub status: Option<Status>,
    /// Index of the mention that is the source of a claimed relation, when annotated.
    pub attributed_to: Option<usize>,
    /// Whether the sentence is known to name no source. Without this, no [`Self::attributed_to`]
    /// means that nobody has looked for one.
    pub unattributed: bool,
    /// `false` for a reviewed row that a person marked as wrong: the relation does *not* hold.
    pub holds: bool,
    /// How likely it holds, where the label is a model's and not a person's (a soft label, as in
    /// Hinton et al. 2015); [`Self::holds`] is then whether that is more likely than not.
    pub probability: Option<Probability>,
}

/// A labelled sentence or passage: what training and evaluation read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Id in its file, or file and line.
    pub id: String,
    /// The document it was taken from, for splitting by document; the id when unknown.
    pub doc: String,
    /// The text that all spans point into.
    pub text: String,
    /// Tokens that the source brought along (CoNLL), scored as they are; else empty.
    pub tokens: Vec<Span>,
    /// Labelled mentions, in text order.
    pub mentions: Vec<SampleMention>,
    /// Whether unlabelled text is known to hold no mention.
    pub mention_coverage: Coverage,
    /// Labelled relations.
    pub relations: Vec<SampleRelation>,
    /// Whether unlabelled pairs are known to have no relation. With [`Coverage::Listed`], a pair
    /// in [`Self::unrelated`] is known to have none.
    pub relation_coverage: Coverage,
    /// Ordered pairs of mentions known to have no relation at all (`none` rows).
    pub unrelated: Vec<(usize, usize)>,
}
