use std::collections::{BTreeMap, BTreeSet};

use super::Counts;
use super::mentions::snapped;
use crate::annotation::{Coverage, Label, Sample, SampleRelation, Status};
use crate::config::Schema;
use crate::text::Span;

/// A relation by what the texts show: spans and types of both ends, name, status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    ends: [(Span, Option<Label>); 2],
    label: Label,
    status: Option<Status>,
}

impl Item {
    fn new(sample: &Sample, relation: &SampleRelation, schema: &Schema) -> Option<Self> {
        let end = |n: usize| {
            let m = sample.mentions.get(n)?;
            Some((snapped(m.span, &sample.tokens), m.label.clone()))
        };
        let mut ends = [end(relation.subject)?, end(relation.object)?];
        if schema.is_symmetric(relation.label.as_str()) {
            ends.sort();
        }
        Some(Self {
            ends,
            label: relation.label.clone(),
            status: relation.status,
        })
    }

    fn same_ends(&self, other: &Self) -> bool {
        self.label == other.label
            && self.ends[0].0 == other.ends[0].0
            && self.ends[1].0 == other.ends[1].0
    }
}

/// Counts of one sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct RelationCounts {
    /// Spans of both ends and the relation.
    pub boundaries: Counts,
    /// Also the types of both ends.
    pub typed: Counts,
    /// Spans, relation and status.
    pub with_status: Counts,
    /// By relation, on spans.
    pub relations: BTreeMap<Label, Counts>,
}

/// `None` when the sample was not annotated for relations.
pub(super) fn compare(
    gold: &Sample,
    predicted: &Sample,
    schema: &Schema,
) -> Option<RelationCounts> {
    if gold.relation_coverage == Coverage::Nothing {
        return None;
    }
    let items = |sample: &Sample, holds: bool| -> BTreeSet<Item> {
        sample
            .relations
            .iter()
            .filter(|r| r.holds == holds)
            .filter_map(|r| Item::new(sample, r, schema))
            .collect()
    };
    let wanted = unique(items(gold, true));
    let mut found = unique(items(predicted, true));
    if gold.relation_coverage == Coverage::Listed {
        // Only what a reviewer spoke about counts: the same two mentions.
        let denied = items(gold, false);
        let unrelated: Vec<[Span; 2]> = gold
            .unrelated
            .iter()
            .filter_map(|&(s, o)| Some([gold.mentions.get(s)?.span, gold.mentions.get(o)?.span]))
            .collect();
        found.retain(|f| {
            let ends = [f.ends[0].0, f.ends[1].0];
            let same = |i: &Item| i.ends[0].0 == ends[0] && i.ends[1].0 == ends[1];
            wanted.iter().any(same)
                || denied.iter().any(|d| d.same_ends(f))
                || unrelated.contains(&ends)
        });
    }
    let mut counts = RelationCounts::default();
    let sizes = Counts {
        correct: 0.0,
        predicted: found.len() as f64,
        gold: wanted.len() as f64,
    };
    (counts.boundaries, counts.typed, counts.with_status) = (sizes, sizes, sizes);
    for item in &wanted {
        counts.relations.entry(item.label.clone()).or_default().gold += 1.0;
    }
    for item in &found {
        let of_relation = counts.relations.entry(item.label.clone()).or_default();
        of_relation.predicted += 1.0;
        let Some(match_) = wanted.iter().find(|w| w.same_ends(item)) else {
            continue;
        };
        of_relation.correct += 1.0;
        counts.boundaries.correct += 1.0;
        counts.typed.correct += f64::from(u8::from(match_.ends == item.ends));
        counts.with_status.correct += f64::from(u8::from(match_.status == item.status));
    }
    Some(counts)
}

/// One item per pair of spans and relation, whatever the types and status.
fn unique(items: BTreeSet<Item>) -> Vec<Item> {
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        if !kept.iter().any(|k| k.same_ends(&item)) {
            kept.push(item);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::SampleMention;

    fn sample(relations: &[(usize, &str, usize, Status)], types: [&str; 3]) -> Sample {
        let mention = |n: usize| SampleMention {
            id: format!("e{n}"),
            span: Span::new(10 * n, 10 * n + 5),
            label: Some(types[n].into()),
        };
        Sample {
            id: "a".into(),
            doc: "a".into(),
            text: " ".repeat(40),
            tokens: Vec::new(),
            mentions: (0..3).map(mention).collect(),
            mention_coverage: Coverage::Full,
            relations: relations
                .iter()
                .map(|&(subject, label, object, status)| SampleRelation {
                    subject,
                    object,
                    label: label.into(),
                    trigger: None,
                    status: Some(status),
                    attributed_to: None,
                    holds: true,
                })
                .collect(),
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn hand_counted() {
        use Status::{Asserted, Negated, Possible};
        let schema: Schema = toml::from_str(
            "[[entity]]\nname='PER'\n[[relation]]\nname='meets'\nsymmetric=true\n[[relation]]\nname='accuses'\n",
        )
        .unwrap();
        let types = ["PER", "ORG", "LOC"];
        let gold = sample(
            &[
                (0, "meets", 1, Asserted),
                (0, "accuses", 2, Asserted),
                (1, "accuses", 2, Possible),
            ],
            types,
        );
        // Turned round but symmetric; wrong status; turned round and not symmetric; twice the same.
        let predicted = sample(
            &[
                (1, "meets", 0, Asserted),
                (0, "accuses", 2, Negated),
                (2, "accuses", 1, Possible),
                (0, "meets", 1, Asserted),
            ],
            ["PER", "ORG", "MISC"],
        );
        let counts = compare(&gold, &predicted, &schema).unwrap();
        assert_eq!(
            counts.boundaries,
            Counts {
                correct: 2.0,
                predicted: 3.0,
                gold: 3.0
            }
        );
        assert_eq!(counts.typed.correct, 1.0);
        assert_eq!(counts.with_status.correct, 1.0);
        assert_eq!(
            counts.relations["accuses"],
            Counts {
                correct: 1.0,
                predicted: 2.0,
                gold: 2.0
            }
        );
    }

    #[test]
    fn unannotated_samples_do_not_count() {
        let mut gold = sample(&[], ["PER"; 3]);
        gold.relation_coverage = Coverage::Nothing;
        assert!(compare(&gold, &gold.clone(), &Schema::default()).is_none());
    }
}
