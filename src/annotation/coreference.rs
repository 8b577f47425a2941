use super::ReferenceKind;
use crate::text::Span;

/// What words a mention consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wording {
    /// `Edi Rama`
    Name,
    /// `he`, `the group`
    Reference(ReferenceKind),
}

/// A mention and the chain it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where, in bytes of the document's text.
    pub span: Span,
    /// Its words.
    pub wording: Wording,
    /// Number of the chain; `None` when it refers to nothing that is mentioned again.
    pub chain: Option<usize>,
}

/// A document and which of its mentions mean the same: one chain for each entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coreferences {
    /// Unique among the documents.
    pub id: String,
    /// The text that all spans point into.
    pub text: String,
    /// Its mentions, in the order of the text.
    pub links: Vec<Link>,
}
