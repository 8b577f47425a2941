use std::collections::BTreeMap;

use super::Counts;
use crate::annotation::{Label, Sample};
use crate::text::Span;

type Item = (Span, Option<Label>);

/// Mentions of a sample, without repetition. Where the gold sample brought tokens, spans are
/// widened to whole ones.
pub(super) fn items(sample: &Sample, tokens: &[Span]) -> Vec<Item> {
    let mut items: Vec<Item> = sample
        .mentions
        .iter()
        .map(|m| (snapped(m.span, tokens), m.label.clone()))
        .collect();
    items.sort();
    items.dedup();
    items
}

pub(super) fn snapped(span: Span, tokens: &[Span]) -> Span {
    let touched = |t: &&Span| t.overlaps(span);
    match (tokens.iter().find(touched), tokens.iter().rfind(touched)) {
        (Some(first), Some(last)) => Span::new(first.start, last.end),
        _ => span,
    }
}

/// Counts of one sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct MentionCounts {
    /// Span and type right, as conlleval counts.
    pub strict: Counts,
    /// Span right is 1, overlap is one half, whatever the type (SemEval-2013 "partial").
    pub partial: Counts,
    /// Type right and some overlap (SemEval-2013 "type").
    pub by_overlap: Counts,
    /// Strict, by type.
    pub types: BTreeMap<Label, Counts>,
}

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
        if gold.contains(item) {
            of_type.correct += 1.0;
            counts.strict.correct += 1.0;
        }
    }
    // Each gold mention is matched once: exact spans first, then the first overlap in text order.
    let mut free = vec![true; gold.len()];
    let mut pairs: Vec<Option<usize>> = predicted
        .iter()
        .map(|(span, label)| {
            let exact = gold
                .iter()
                .position(|g| g.0 == *span && g.1 == *label)
                .or_else(|| gold.iter().position(|g| g.0 == *span))?;
            std::mem::take(&mut free[exact]).then_some(exact)
        })
        .collect();
    for (n, (span, _)) in predicted.iter().enumerate() {
        if pairs[n].is_none() {
            let near = gold
                .iter()
                .enumerate()
                .position(|(k, g)| free[k] && g.0.overlaps(*span));
            if let Some(k) = near {
                free[k] = false;
                pairs[n] = Some(k);
            }
        }
    }
    for (item, pair) in predicted.iter().zip(pairs) {
        let Some(k) = pair else { continue };
        counts.partial.correct += if gold[k].0 == item.0 { 1.0 } else { 0.5 };
        counts.by_overlap.correct += f64::from(u8::from(gold[k].1 == item.1));
    }
    counts
}

fn named(label: &Option<Label>) -> Label {
    label.clone().unwrap_or_else(|| Label::from("?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(start: usize, end: usize, label: &str) -> Item {
        (Span::new(start, end), Some(label.into()))
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
    fn spans_are_widened_to_the_sources_tokens() {
        let tokens = [Span::new(0, 4), Span::new(5, 9)];
        assert_eq!(snapped(Span::new(6, 9), &tokens), Span::new(5, 9));
        assert_eq!(snapped(Span::new(3, 6), &tokens), Span::new(0, 9));
    }
}
