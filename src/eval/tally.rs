use std::collections::BTreeMap;

use super::Counts;

/// The documents that a layer was scored on, numbered as they come.
#[derive(Default)]
pub(super) struct Documents<'t>(BTreeMap<&'t str, usize>);

impl<'t> Documents<'t> {
    pub fn number(&mut self, name: &'t str) -> usize {
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Sums of one kind of count, by document.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally(BTreeMap<usize, Counts>);

impl Tally {
    pub fn add(&mut self, document: usize, counts: Counts) {
        if !counts.is_empty() {
            *self.0.entry(document).or_default() += counts;
        }
    }

    pub fn all(&self) -> Counts {
        self.0.values().copied().sum()
    }

    /// Document numbers with their counts; documents without any are left out.
    pub fn documents(&self) -> impl Iterator<Item = (usize, Counts)> {
        self.0.iter().map(|(n, c)| (*n, *c))
    }
}
