use crate::annotation::Label;
use crate::config::Schema;

/// The BIO tags of a list of entity types: 0 is `O`, then `B-` and `I-` of each type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagSet {
    labels: Vec<Label>,
}

/// The tag outside all mentions.
pub const OUTSIDE: usize = 0;

impl TagSet {
    /// Tags for these types, in their order.
    pub fn new(labels: Vec<Label>) -> Self {
        Self { labels }
    }

    /// Tags for the entity types of a schema.
    pub fn of(schema: &Schema) -> Self {
        Self::new(schema.entities.iter().map(|e| e.name.clone()).collect())
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        1 + 2 * self.labels.len()
    }

    /// Whether there are no types.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The types.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Position of a type.
    pub fn index(&self, label: &Label) -> Option<usize> {
        self.labels.iter().position(|l| l == label)
    }

    /// The tag that begins a mention of the type at `label`.
    pub fn begin(label: usize) -> usize {
        1 + 2 * label
    }

    /// The tag that goes on with a mention of the type at `label`.
    pub fn inside(label: usize) -> usize {
        2 + 2 * label
    }

    /// The type a tag belongs to.
    pub fn label_of(tag: usize) -> Option<usize> {
        tag.checked_sub(1).map(|t| t / 2)
    }

    /// Whether the tag goes on with a mention.
    pub fn is_inside(tag: usize) -> bool {
        tag > OUTSIDE && tag.is_multiple_of(2)
    }

    /// Whether `tag` may follow `before` (`None`: at the start of a sentence).
    pub fn may_follow(before: Option<usize>, tag: usize) -> bool {
        !Self::is_inside(tag)
            || before.is_some_and(|b| b != OUTSIDE && Self::label_of(b) == Self::label_of(tag))
    }

    /// The tags of a sentence of `words` words with these disjoint mentions: first word, last word
    /// and type.
    pub fn encode(&self, words: usize, mentions: &[(usize, usize, usize)]) -> Vec<usize> {
        let mut tags = vec![OUTSIDE; words];
        for &(first, last, label) in mentions {
            for (word, tag) in tags.iter_mut().enumerate().take(last + 1).skip(first) {
                *tag = if word == first {
                    Self::begin(label)
                } else {
                    Self::inside(label)
                };
            }
        }
        tags
    }
}
