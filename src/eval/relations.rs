use std::collections::{BTreeMap, BTreeSet};

use super::Counts;
use super::mentions::widened;
use crate::annotation::{Coverage, Label, Sample, SampleRelation, Status};
use crate::config::Schema;
use crate::text::Span;

type Ends = [Span; 2];

/// What has to be the same for a relation to be found: spans and name.
type Boundaries = (Ends, Label);

/// A relation by what the text shows. The ends of a symmetric one are in text order.
struct Item {
    boundaries: Boundaries,
    types: [Option<Label>; 2],
    status: Option<Status>,
}

/// How relations of one gold sample and of what was predicted for it are compared.
struct Frame<'t> {
    gold: &'t Sample,
    schema: &'t Schema,
}

impl Frame<'_> {
    fn item(&self, sample: &Sample, relation: &SampleRelation) -> Option<Item> {
        let end = |n: usize| {
            let mention = sample.mentions.get(n)?;
            let span = widened(mention.span, &self.gold.tokens);
            Some((span, mention.label.clone()))
        };
        let mut ends = [end(relation.subject)?, end(relation.object)?];
        if self.schema.is_symmetric(relation.label.as_str()) {
            ends.sort();
        }
        let [(subject, subject_type), (object, object_type)] = ends;
        Some(Item {
            boundaries: ([subject, object], relation.label.clone()),
            types: [subject_type, object_type],
            status: relation.status,
        })
    }

    fn items(&self, sample: &Sample, holds: bool) -> Vec<Item> {
        let chosen = sample.relations.iter().filter(|r| r.holds == holds);
        chosen.filter_map(|r| self.item(sample, r)).collect()
    }

    /// Whether the gold labels tell if this relation holds. A listed relation tells its pair's
    /// relations apart from all others; a denied one tells only of itself.
    fn is_judged(&self, wanted: &[Item], denied: &[Item], found: &Item) -> bool {
        let (ends, label) = &found.boundaries;
        let symmetric = self.schema.is_symmetric(label.as_str());
        let same = |listed: &Ends| listed == ends || symmetric && turned(listed) == *ends;
        match self.gold.relation_coverage {
            Coverage::Nothing => false,
            Coverage::Full => true,
            Coverage::Listed => {
                let none = |&(s, o): &(usize, usize)| {
                    let (s, o) = (self.gold.mentions.get(s), self.gold.mentions.get(o));
                    s.zip(o).is_some_and(|(s, o)| same(&[s.span, o.span]))
                };
                wanted.iter().any(|w| {
                    same(&w.boundaries.0)
                        // The listed one may be the symmetric of the two.
                        || self.schema.is_symmetric(w.boundaries.1.as_str())
                            && turned(&w.boundaries.0) == *ends
                }) || denied.iter().any(|d| d.boundaries == found.boundaries)
                    || self.gold.unrelated.iter().any(none)
            }
        }
    }
}

fn turned(ends: &Ends) -> Ends {
    [ends[1], ends[0]]
}

/// Counts of one sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct RelationCounts {
    /// Spans of both ends and the relation.
    pub boundaries: Counts,
    /// Also the types of both ends, where the gold labels tell them.
    pub typed: Counts,
    /// Spans, relation and status, where the gold labels tell it.
    pub with_status: Counts,
    /// By relation, on spans.
    pub relations: BTreeMap<Label, Counts>,
}

/// `None` when the sample was not annotated for relations.
pub(super) fn compare(
    gold: &Sample,
    predicted: Option<&Sample>,
    schema: &Schema,
) -> Option<RelationCounts> {
    if gold.relation_coverage == Coverage::Nothing {
        return None;
    }
    let frame = Frame { gold, schema };
    let wanted = frame.items(gold, true);
    let denied = frame.items(gold, false);
    let mut found = predicted.map_or_else(Vec::new, |p| frame.items(p, true));
    found.retain(|item| frame.is_judged(&wanted, &denied, item));

    let plain = |items: &[Item]| -> BTreeSet<Boundaries> {
        items.iter().map(|i| i.boundaries.clone()).collect()
    };
    let mut counts = RelationCounts {
        typed: count_where_told(
            &wanted,
            &found,
            |i| i.types.iter().all(Option::is_some),
            |i| i.types.clone(),
        ),
        with_status: count_where_told(&wanted, &found, |i| i.status.is_some(), |i| i.status),
        ..RelationCounts::default()
    };
    let (wanted, found) = (plain(&wanted), plain(&found));
    counts.boundaries = count(&wanted, &found);
    for (of, label) in &wanted {
        let counts = counts.relations.entry(label.clone()).or_default();
        counts.gold += 1.0;
        if found.contains(&(*of, label.clone())) {
            counts.correct += 1.0;
        }
    }
    for (_, label) in &found {
        counts.relations.entry(label.clone()).or_default().predicted += 1.0;
    }
    Some(counts)
}

/// Counts relations with something more about them, leaving out those of which the gold labels do
/// not tell it.
fn count_where_told<K: Ord>(
    wanted: &[Item],
    found: &[Item],
    told: impl Fn(&Item) -> bool,
    more: impl Fn(&Item) -> K,
) -> Counts {
    let untold: BTreeSet<&Boundaries> = wanted
        .iter()
        .filter(|i| !told(i))
        .map(|i| &i.boundaries)
        .collect();
    let keys = |items: &[Item]| -> BTreeSet<(Boundaries, K)> {
        let known = items.iter().filter(|i| !untold.contains(&i.boundaries));
        known.map(|i| (i.boundaries.clone(), more(i))).collect()
    };
    count(&keys(wanted), &keys(found))
}

fn count<T: Ord>(wanted: &BTreeSet<T>, found: &BTreeSet<T>) -> Counts {
    Counts {
        correct: wanted.intersection(found).count() as f64,
        predicted: found.len() as f64,
        gold: wanted.len() as f64,
    }
}

/// For each relation of `predicted`, whether it is right (spans and relation), or `None` when the
/// gold labels do not tell. To be paired with confidences for [`super::calibration()`].
pub fn judge(gold: &Sample, predicted: &Sample, schema: &Schema) -> Vec<Option<bool>> {
    let frame = Frame { gold, schema };
    let wanted = frame.items(gold, true);
    let denied = frame.items(gold, false);
    let verdict = |relation: &SampleRelation| {
        let item = frame.item(predicted, relation)?;
        frame
            .is_judged(&wanted, &denied, &item)
            .then(|| wanted.iter().any(|w| w.boundaries == item.boundaries))
    };
    predicted.relations.iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::SampleMention;
    use Status::{Asserted, Claimed, Negated, Possible};

    fn schema() -> Schema {
        toml::from_str(
            "[[entity]]\nname='PER'\n[[relation]]\nname='meets'\nsymmetric=true\n[[relation]]\nname='accuses'\n",
        )
        .unwrap()
    }

    fn relation(subject: usize, label: &str, object: usize, status: Status) -> SampleRelation {
        SampleRelation {
            subject,
            object,
            label: label.into(),
            trigger: None,
            status: Some(status),
            attributed_to: None,
            unattributed: false,
            holds: true,
            probability: None,
        }
    }

    fn sample(relations: Vec<SampleRelation>, types: [&str; 3]) -> Sample {
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
            relations,
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    fn counts(correct: f64, predicted: f64, gold: f64) -> Counts {
        Counts {
            correct,
            predicted,
            gold,
        }
    }

    #[test]
    fn hand_counted() {
        let gold = sample(
            vec![
                relation(0, "meets", 1, Asserted),
                relation(0, "accuses", 2, Asserted),
                relation(1, "accuses", 2, Possible),
            ],
            ["PER", "ORG", "LOC"],
        );
        // Turned round but symmetric; wrong status; turned round and not symmetric; twice the same.
        let predicted = sample(
            vec![
                relation(1, "meets", 0, Asserted),
                relation(0, "accuses", 2, Negated),
                relation(2, "accuses", 1, Possible),
                relation(0, "meets", 1, Asserted),
            ],
            ["PER", "ORG", "MISC"],
        );
        let made = compare(&gold, Some(&predicted), &schema()).unwrap();
        assert_eq!(made.boundaries, counts(2.0, 3.0, 3.0));
        assert_eq!(made.typed, counts(1.0, 3.0, 3.0));
        assert_eq!(made.with_status, counts(1.0, 3.0, 3.0));
        assert_eq!(made.relations["accuses"], counts(1.0, 2.0, 2.0));
        assert_eq!(made.relations["meets"], counts(1.0, 1.0, 1.0));
        let right = judge(&gold, &predicted, &schema());
        assert_eq!(right, [Some(true), Some(true), Some(false), Some(true)]);
        let nothing = compare(&gold, None, &schema()).unwrap();
        assert_eq!(nothing.boundaries, counts(0.0, 0.0, 3.0));
    }

    #[test]
    fn what_the_gold_labels_do_not_tell_is_not_scored() {
        let mut gold = sample(vec![relation(0, "accuses", 1, Asserted)], ["PER"; 3]);
        let predicted = gold.clone();
        gold.relations[0].status = None;
        gold.mentions[0].label = None;
        let made = compare(&gold, Some(&predicted), &schema()).unwrap();
        assert_eq!(made.boundaries, counts(1.0, 1.0, 1.0));
        assert!(made.typed.is_empty() && made.with_status.is_empty());
        gold.relation_coverage = Coverage::Nothing;
        assert!(compare(&gold, Some(&predicted), &schema()).is_none());
    }

    #[test]
    fn of_listed_samples_only_what_is_listed_counts() {
        let denied = SampleRelation {
            holds: false,
            ..relation(1, "accuses", 0, Asserted)
        };
        let mut gold = sample(
            vec![relation(0, "accuses", 1, Asserted), denied],
            ["PER"; 3],
        );
        gold.relation_coverage = Coverage::Listed;
        gold.unrelated = vec![(2, 0)];
        let cases = [
            (relation(0, "accuses", 1, Claimed), Some(true)),
            (relation(0, "rejects", 1, Claimed), Some(false)),
            (relation(1, "accuses", 0, Claimed), Some(false)),
            (relation(1, "rejects", 0, Claimed), None),
            (relation(1, "meets", 0, Claimed), Some(false)),
            (relation(2, "rejects", 0, Claimed), Some(false)),
            (relation(0, "meets", 2, Claimed), Some(false)),
            (relation(0, "rejects", 2, Claimed), None),
            (relation(1, "accuses", 2, Claimed), None),
        ];
        let (relations, wanted): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
        let predicted = sample(relations, ["PER"; 3]);
        assert_eq!(judge(&gold, &predicted, &schema()), wanted);
        let made = compare(&gold, Some(&predicted), &schema()).unwrap();
        assert_eq!(made.boundaries, counts(1.0, 6.0, 1.0));
    }

    #[test]
    fn ends_are_widened_to_the_gold_samples_tokens() {
        let mut gold = sample(vec![relation(0, "accuses", 1, Asserted)], ["PER"; 3]);
        gold.tokens = gold.mentions.iter().map(|m| m.span).collect();
        let mut predicted = gold.clone();
        predicted.tokens.clear();
        predicted.mentions[0].span = Span::new(2, 5);
        let made = compare(&gold, Some(&predicted), &schema()).unwrap();
        assert_eq!(made.boundaries, counts(1.0, 1.0, 1.0));
    }
}
