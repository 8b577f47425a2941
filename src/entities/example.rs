//! What tests of this room have in common.

use crate::annotation::Mention;
use crate::text::Span;

/// A place that the first sentence names, without a doubt.
pub(super) fn place(span: Span) -> Mention {
    Mention {
        span,
        label: "LOC".into(),
        sentence: 0,
        confidence: 1.0,
        reference: None,
    }
}
