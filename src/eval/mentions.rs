use std::collections::BTreeMap;

use super::Counts;
use crate::annotation::{Label, Sample, SampleMention};
use crate::text::Span;

type Item = (Span, Option<Label>);

/// Mentions of the gold sample, in text order and without repetition.
pub(super) fn gold_items(sample: &Sample) -> Vec<Item> {
    listed(sample.mentions.iter())
}

fn listed<'t>(mentions: impl Iterator<Item = &'t SampleMention>) -> Vec<Item> {
    let mut items: Vec<Item> = mentions.map(|m| (m.span, m.label.clone())).collect();
    items.sort();
    items.dedup();
    items
}

/// Mentions of a predicted sample that have a type; those without one are ends of relations only. Where the gold sample brought tokens, spans are widened to whole
/// ones; as a token has but one tag, the longer of two that then meet is kept.
pub(super) fn predicted_items(sample: &Sample, tokens: &[Span]) -> Vec<Item> {
    let typed = || sample.mentions.iter().filter(|m| m.label.is_some());
    if tokens.is_empty() {
        return listed(typed());
    }
    let mut longest_first: Vec<_> = typed().collect();
    longest_first.sort_by_key(|m| (usize::MAX - m.span.len(), m.span.start));
    let mut items: Vec<Item> = Vec::with_capacity(longest_first.len());
    for mention in longest_first {
        let span = widened(mention.span, tokens);
        if !items.iter().any(|i| i.0.overlaps(span)) {
            items.push((span, mention.label.clone()));
        }
    }
    items.sort();
    items
}

/// The whole tokens that a span touches; the span itself when it touches none.
pub(super) fn widened(span: Span, tokens: &[Span]) -> Span {
    let first = tokens.partition_point(|t| t.end <= span.start);
    let end = tokens.partition_point(|t| t.start < span.end);
    match tokens.get(first..end) {
        Some([one]) => *one,
        Some([first, .., last]) => Span::new(first.start, last.end),
        _ => span,
    }
}

/// Counts of one sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct MentionCounts {
    /// Span and type right, as conlleval counts.
    pub strict: Counts,
    /// Span right is 1, overlap is one half, whatever the type (SemEval-2013 task 9, "partial").
    pub partial: Counts,
    /// Type right and some overlap (SemEval-2013 task 9, "type").
    pub by_overlap: Counts,
    /// Strict, by type.
    pub types: BTreeMap<Label, Counts>,
}

/// Both lists in text order, without repetition.
pub(super) fn compare(gold: &[Item], predicted: &[Item]) -> MentionCounts {
    let mut counts = MentionCounts::default();
    let sizes = Counts {
        correct: 0.0,
        predicted: predicted.len() as f64,
        gold: gold.len() as f64,
    };
    (counts.strict, counts.partial, counts.by_overlap) = (sizes, sizes, sizes);
    for (_, label) in gold {
        counts.types.entry(named(label)).or_default().gold += 1.0;
    }
    for item in predicted {
        let of_type = counts.types.entry(named(&item.1)).or_default();
        of_type.predicted += 1.0;
        if gold.binary_search(item).is_ok() {
            of_type.correct += 1.0;
            counts.strict.correct += 1.0;
        }
    }
    for (n, k) in pairs(gold, predicted) {
        let (Some(item), Some(wanted)) = (predicted.get(n), gold.get(k)) else {
            continue;
        };
        counts.partial.correct += if wanted.0 == item.0 { 1.0 } else { 0.5 };
        counts.by_overlap.correct += if wanted.1 == item.1 { 1.0 } else { 0.0 };
    }
    counts
}

/// Pairs each predicted mention with at most one gold mention and the other way round: first those
/// of the same span (and type, if there is one), then those that overlap, in text order.
fn pairs(gold: &[Item], predicted: &[Item]) -> Vec<(usize, usize)> {
    let same = |a: &Item, b: &Item| a == b;
    let same_span = |a: &Item, b: &Item| a.0 == b.0;
    let overlap = |a: &Item, b: &Item| a.0.overlaps(b.0);
    let rules: [fn(&Item, &Item) -> bool; 3] = [same, same_span, overlap];
    let mut free: Vec<usize> = (0..gold.len()).collect();
    let mut open: Vec<usize> = (0..predicted.len()).collect();
    let mut pairs = Vec::new();
    for rule in rules {
        open.retain(|&n| {
            let fits = |k: &usize| match (predicted.get(n), gold.get(*k)) {
                (Some(item), Some(wanted)) => rule(item, wanted),
                _ => false,
            };
            match free.iter().position(fits) {
                Some(place) => {
                    pairs.push((n, free.remove(place)));
                    false
                }
                None => true,
            }
        });
    }
    pairs
}

fn named(label: &Option<Label>) -> Label {
    label.clone().unwrap_or_else(|| Label::from("?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{Coverage, SampleMention};
    use proptest::prelude::*;

    fn item(start: usize, end: usize, label: &str) -> Item {
        (Span::new(start, end), Some(label.into()))
    }

    fn sample(items: &[Item]) -> Sample {
        Sample {
            id: "a".into(),
            doc: "a".into(),
            text: " ".repeat(100),
            tokens: Vec::new(),
            mentions: items
                .iter()
                .map(|(span, label)| SampleMention {
                    id: String::new(),
                    span: *span,
                    label: label.clone(),
                })
                .collect(),
            mention_coverage: Coverage::Full,
            relations: Vec::new(),
            relation_coverage: Coverage::Nothing,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn hand_counted() {
        let gold = [
            item(0, 4, "PER"),
            item(10, 20, "ORG"),
            item(30, 35, "LOC"),
            item(40, 45, "MISC"),
        ];
        // Right; span short; type wrong; nothing there.
        let predicted = [
            item(0, 4, "PER"),
            item(10, 15, "ORG"),
            item(30, 35, "PER"),
            item(50, 55, "LOC"),
        ];
        let counts = compare(&gold, &predicted);
        assert_eq!(counts.strict.correct, 1.0);
        assert_eq!(counts.partial.correct, 2.5);
        assert_eq!(counts.by_overlap.correct, 2.0);
        assert_eq!(counts.strict.precision(), 25.0);
        assert_eq!(counts.types["PER"].f1(), 100.0 * 2.0 / 3.0);
        assert_eq!(counts.types["LOC"].predicted, 1.0);
    }

    #[test]
    fn each_type_counts_for_itself() {
        let gold = [item(0, 4, "PER"), item(10, 14, "PER"), item(20, 24, "ORG")];
        // One person found, one taken for an organisation; the organisation found, one invented.
        let predicted = [
            item(0, 4, "PER"),
            item(10, 14, "ORG"),
            item(20, 24, "ORG"),
            item(30, 34, "ORG"),
        ];
        let counts = compare(&gold, &predicted);
        let (person, body) = (counts.types["PER"], counts.types["ORG"]);
        assert_eq!((person.precision(), person.recall()), (100.0, 50.0));
        assert_eq!((body.correct, body.predicted, body.gold), (1.0, 3.0, 1.0));
        assert_eq!(counts.strict.f1(), 100.0 * 4.0 / 7.0);
        assert_eq!(counts.by_overlap.f1(), 100.0 * 4.0 / 7.0);
        assert_eq!(counts.partial.f1(), 100.0 * 6.0 / 7.0);
    }

    #[test]
    fn a_gold_mention_is_credited_once() {
        let gold = [item(0, 10, "PER")];
        let predicted = [item(0, 3, "PER"), item(4, 10, "PER")];
        let counts = compare(&gold, &predicted);
        assert_eq!(counts.partial.correct, 0.5);
        assert_eq!(counts.by_overlap.correct, 1.0);
        assert_eq!(counts.by_overlap.precision(), 50.0);
    }

    #[test]
    fn predictions_are_widened_to_the_sources_tokens() {
        let tokens = [Span::new(0, 9), Span::new(10, 14), Span::new(15, 20)];
        assert_eq!(widened(Span::new(12, 14), &tokens), tokens[1]);
        assert_eq!(widened(Span::new(3, 11), &tokens), Span::new(0, 14));
        assert_eq!(widened(Span::new(9, 10), &tokens), Span::new(9, 10));
        // Two halves of the first token, and a longer one that clashes with nothing.
        let made = predicted_items(
            &sample(&[item(0, 4, "LOC"), item(5, 9, "LOC"), item(11, 20, "PER")]),
            &tokens,
        );
        assert_eq!(made, [item(0, 9, "LOC"), item(10, 20, "PER")]);
        let clash = sample(&[item(0, 3, "LOC"), item(4, 12, "ORG")]);
        assert_eq!(predicted_items(&clash, &tokens), [item(0, 14, "ORG")]);
    }

    proptest! {
        #[test]
        fn strict_is_never_above_the_others_and_gold_is_perfect(
            gold in prop::collection::vec((0usize..30, 1usize..6, 0usize..2), 0..8),
            predicted in prop::collection::vec((0usize..30, 1usize..6, 0usize..2), 0..8),
        ) {
            let items = |list: &[(usize, usize, usize)]| {
                let items: Vec<Item> =
                    list.iter().map(|&(a, n, l)| item(a, a + n, ["PER", "ORG"][l])).collect();
                gold_items(&sample(&items))
            };
            let (gold, predicted) = (items(&gold), items(&predicted));
            let counts = compare(&gold, &predicted);
            prop_assert!(counts.strict.correct <= counts.by_overlap.correct);
            prop_assert!(counts.strict.correct <= counts.partial.correct);
            prop_assert!(counts.partial.correct <= gold.len().min(predicted.len()) as f64);
            let sum: Counts = counts.types.values().copied().sum();
            prop_assert_eq!(sum, counts.strict);
            let same = compare(&gold, &gold);
            for c in [same.strict, same.partial, same.by_overlap] {
                prop_assert_eq!(c.correct, gold.len() as f64);
            }
        }
    }
}
