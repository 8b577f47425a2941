use std::collections::HashSet;
use std::ops::AddAssign;

use serde::Serialize;

use crate::annotation::{Label, SampleRelation};
use crate::text::Span;

/// The confidence of a triple that a person has confirmed; no other has it.
pub const CERTAIN: f32 = 1.0;

/// What was said of two names of a sentence of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Id of the document.
    pub doc: String,
    /// Subject and object, in bytes of the sentence in one line.
    pub names: (Span, Span),
    /// Position among all judged pairs.
    pub number: usize,
    /// Relations that hold, with the span of the source.
    pub holds: Vec<(SampleRelation, Option<Span>)>,
    /// Relations that do not.
    pub denied: Vec<Label>,
    /// Whether none holds, in either direction.
    pub unrelated: bool,
}

impl Pair {
    /// Takes over what an earlier verdict said that this one leaves as it was. Where this one speaks of
    /// a relation that the earlier one denied, what was said to hold in its place is withdrawn.
    pub fn take_over(&mut self, mut old: Pair) {
        let holds = |label: &Label| self.holds.iter().any(|(held, _)| held.label == *label);
        let speaks = |label: &Label| holds(label) || self.denied.contains(label);
        if self.unrelated || old.denied.iter().any(speaks) {
            old.holds.clear();
        }
        old.holds.retain(|(held, _)| !speaks(&held.label));
        old.denied.retain(|label| !speaks(label));
        self.unrelated |= old.unrelated && self.holds.is_empty();
        self.holds.append(&mut old.holds);
        self.denied.append(&mut old.denied);
    }
}

/// What verdicts did to the triples of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Triples that were confirmed.
    pub confirmed: u64,
    /// Triples that have another relation now.
    pub changed: u64,
    /// Triples that the model did not find.
    pub added: u64,
    /// Triples that were taken out.
    pub removed: u64,
    /// Pairs of names of which something was denied that the model does not find anyway.
    pub absent: u64,
    /// Pairs of names that were judged and that the run does not have.
    pub not_found: u64,
    /// The judged pairs that the run has.
    #[serde(skip)]
    pub met: HashSet<usize>,
}

impl AddAssign for Judged {
    fn add_assign(&mut self, more: Self) {
        self.confirmed += more.confirmed;
        self.changed += more.changed;
        self.added += more.added;
        self.removed += more.removed;
        self.absent += more.absent;
        self.met.extend(more.met);
    }
}
