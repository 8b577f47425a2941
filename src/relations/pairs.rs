use std::ops::Range;

/// A mention as the relation head sees it: positions in a batch row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairMention {
    /// Position of its first subword in the row.
    pub first: usize,
    /// Position of its last subword in the row.
    pub last: usize,
    /// Index of its type; one past the last type when unknown.
    pub label: usize,
}

/// The mentions of one sentence in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Row of the batch.
    pub row: usize,
    /// Positions in the row that the sentence holds.
    pub subwords: Range<usize>,
    /// Which of [`Pairs::mentions`] are its own.
    pub mentions: Range<usize>,
    /// Which of [`Pairs::pairs`] are its own.
    pub pairs: Range<usize>,
}

/// An ordered pair of mentions, as indices into [`Pairs::mentions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Who or what acts.
    pub subject: usize,
    /// Who or what is acted on.
    pub object: usize,
    /// Index of the [`Group`].
    pub group: usize,
}

/// All pairs of a batch to be scored, grouped by sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Mentions, group by group.
    pub mentions: Vec<PairMention>,
    /// Pairs, group by group.
    pub pairs: Vec<Pair>,
    /// Sentences.
    pub groups: Vec<Group>,
}

impl Pairs {
    /// Adds a sentence with its mentions and those of their ordered pairs that `wanted` accepts
    /// (subject and object as indices into `mentions`).
    pub fn push(
        &mut self,
        row: usize,
        subwords: Range<usize>,
        mentions: &[PairMention],
        wanted: impl Fn(usize, usize) -> bool,
    ) {
        let (from, first_pair, group) = (self.mentions.len(), self.pairs.len(), self.groups.len());
        self.mentions.extend_from_slice(mentions);
        for subject in 0..mentions.len() {
            for object in 0..mentions.len() {
                if subject != object && wanted(subject, object) {
                    self.pairs.push(Pair {
                        subject: from + subject,
                        object: from + object,
                        group,
                    });
                }
            }
        }
        self.groups.push(Group {
            row,
            subwords,
            mentions: from..self.mentions.len(),
            pairs: first_pair..self.pairs.len(),
        });
    }

    /// The same pairs in parts of whole sentences, each of at most 4096 pairs or one
    /// sentence, with the number of groups before it. Bounds memory on lists of names.
    pub fn parts(&self) -> Vec<(Pairs, usize)> {
        let mut parts: Vec<(Pairs, usize)> = Vec::new();
        for (n, group) in self.groups.iter().enumerate() {
            let fits = parts
                .last()
                .is_some_and(|(p, _)| p.pairs.len() + group.pairs.len() <= MOST_PAIRS);
            if !fits {
                parts.push((Pairs::default(), n));
            }
            if let Some((part, _)) = parts.last_mut() {
                let (mentions, pairs) = (part.mentions.len(), part.pairs.len());
                let moved = |m: usize| m - group.mentions.start + mentions;
                part.mentions
                    .extend_from_slice(&self.mentions[group.mentions.clone()]);
                part.pairs
                    .extend(self.pairs[group.pairs.clone()].iter().map(|p| Pair {
                        subject: moved(p.subject),
                        object: moved(p.object),
                        group: part.groups.len(),
                    }));
                part.groups.push(Group {
                    mentions: mentions..part.mentions.len(),
                    pairs: pairs..part.pairs.len(),
                    ..group.clone()
                });
            }
        }
        parts
    }

    /// Row positions strictly between the two mentions of a pair.
    pub(super) fn between(&self, pair: Pair) -> Range<usize> {
        let (a, b) = (self.mentions[pair.subject], self.mentions[pair.object]);
        let (left, right) = if a.first <= b.first { (a, b) } else { (b, a) };
        let start = left.last + 1;
        start..right.first.max(start)
    }

    /// Signed, bucketed distance from subject to object, below [`DISTANCES`].
    pub(super) fn distance(&self, pair: Pair) -> i64 {
        let gap = (self.between(pair).len() / 4).min(9) as i64;
        if self.mentions[pair.subject].first <= self.mentions[pair.object].first {
            10 + gap
        } else {
            9 - gap
        }
    }
}

/// Most pairs scored in one go.
const MOST_PAIRS: usize = 4096;

/// Number of distance buckets.
pub(super) const DISTANCES: i64 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_know_what_stands_between() {
        let mention = |first, last| PairMention {
            first,
            last,
            label: 0,
        };
        let mut pairs = Pairs::default();
        pairs.push(
            0,
            1..30,
            &[mention(1, 2), mention(20, 20), mention(21, 22)],
            |_, _| true,
        );
        assert_eq!(pairs.pairs.len(), 6);
        let at = |s, o| {
            pairs
                .pairs
                .iter()
                .find(|p| p.subject == s && p.object == o)
                .copied()
                .unwrap()
        };
        assert_eq!(pairs.between(at(0, 1)), 3..20);
        assert_eq!(pairs.between(at(1, 0)), 3..20);
        assert!(pairs.between(at(1, 2)).is_empty());
        assert_eq!(pairs.distance(at(0, 1)), 14);
        assert_eq!(pairs.distance(at(1, 0)), 5);
        assert_eq!(pairs.distance(at(1, 2)), 10);
        assert_eq!(pairs.distance(at(2, 1)), 9);
    }
}
