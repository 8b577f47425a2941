use std::collections::HashSet;

use super::judgement::{CERTAIN, Judged, Pair};
use crate::annotation::{Annotations, Label, Mention, Relation, SampleRelation, Status};
use crate::config::Schema;
use crate::text::Span;

/// A sentence of a document with the pairs that were judged in it.
pub(super) struct JudgedSentence<'v> {
    number: usize,
    /// Where each byte of the sentence in one line stands in the document.
    places: Vec<usize>,
    /// Each with whether it was judged in this document.
    pairs: Vec<(&'v Pair, bool)>,
}

/// A judged pair with its subject and object among the mentions.
type Met<'v> = (&'v Pair, (usize, usize));

impl<'v> JudgedSentence<'v> {
    /// The sentence of that `number`, whose `words` begin at byte `at` of the document.
    pub fn new(number: usize, words: &str, at: usize, pairs: Vec<(&'v Pair, bool)>) -> Self {
        Self {
            number,
            places: places(words, at),
            pairs,
        }
    }

    /// Puts what was said over the sentence's relations, and adds up what was done. `taken_out` gets
    /// the relations that are no more.
    pub fn apply(
        &self,
        layers: &mut Annotations,
        schema: &Schema,
        judged: &mut Judged,
        taken_out: &mut Vec<Relation>,
    ) {
        let met: Vec<Met> = self
            .pairs
            .iter()
            .filter_map(|&(pair, own)| Some((pair, self.ends(pair, own, &layers.mentions)?)))
            .collect();
        judged.met.extend(met.iter().map(|(pair, _)| pair.number));
        for met in &met {
            for (held, source) in &met.0.holds {
                let source = source.and_then(|span| self.mention(span, &layers.mentions));
                let before = self.hold(&mut layers.relations, schema, judged, *met, held, source);
                taken_out.extend(before);
            }
        }
        let held = |r: &Relation| {
            let of = |(pair, ends): &Met| {
                let mut holds = pair.holds.iter();
                holds.any(|(held, _)| joins(r, &held.label, *ends, schema))
            };
            met.iter().any(of)
        };
        let denies = |(pair, ends): &Met, r: &Relation| {
            let of_pair = [*ends, (ends.1, ends.0)].contains(&(r.subject, r.object));
            pair.unrelated && of_pair
                || pair
                    .denied
                    .iter()
                    .any(|label| joins(r, label, *ends, schema))
        };
        let mut found: HashSet<usize> = HashSet::new();
        let mentions = &layers.mentions;
        layers.relations.retain(|r| {
            let here = mentions.get(r.subject).map(|m| m.sentence) == Some(self.number);
            if !here || held(r) {
                return true;
            }
            let by = met.iter().filter(|met| denies(met, r));
            let by: Vec<usize> = by.map(|(pair, _)| pair.number).collect();
            if by.is_empty() {
                return true;
            }
            found.extend(by);
            taken_out.push(r.clone());
            judged.removed += 1;
            false
        });
        let absent = |(pair, _): &&Met| pair.holds.is_empty() && !found.contains(&pair.number);
        judged.absent += met.iter().filter(absent).count() as u64;
    }

    /// Confirms a relation, adds it, or puts it into the place of one that was denied of its names,
    /// which is given back.
    fn hold(
        &self,
        relations: &mut Vec<Relation>,
        schema: &Schema,
        judged: &mut Judged,
        (pair, ends): Met,
        held: &SampleRelation,
        source: Option<usize>,
    ) -> Option<Relation> {
        let of = |label: &Label| relations.iter().position(|r| joins(r, label, ends, schema));
        let same = of(&held.label);
        let at = same.or_else(|| pair.denied.iter().find_map(of));
        let old = at.and_then(|n| relations.get(n)).cloned();
        let counted = match (same, at) {
            (Some(_), _) => &mut judged.confirmed,
            (None, Some(_)) => &mut judged.changed,
            (None, None) => &mut judged.added,
        };
        *counted += 1;
        let trigger = held.trigger.and_then(|span| self.in_document(span));
        let status = held
            .status
            .or(old.as_ref().map(|r| r.status))
            .unwrap_or_default();
        let source = source.or(old.as_ref().and_then(|r| r.attributed_to));
        let confirmed = old.as_ref().filter(|_| same.is_some());
        // A symmetric relation is given in the order of the text.
        let in_order = schema.is_symmetric(held.label.as_str()) && ends.0 > ends.1;
        let ends = if in_order { (ends.1, ends.0) } else { ends };
        let new = Relation {
            subject: confirmed.map_or(ends.0, |r| r.subject),
            object: confirmed.map_or(ends.1, |r| r.object),
            label: held.label.clone(),
            trigger: trigger.or(old.as_ref().and_then(|r| r.trigger)),
            status,
            attributed_to: source.filter(|_| status == Status::Claimed),
            confidence: CERTAIN,
        };
        match at.and_then(|n| relations.get_mut(n)) {
            Some(old) => *old = new,
            None => relations.push(new),
        }
        old.filter(|_| same.is_none())
    }

    /// The mentions that stand where the judged names do.
    fn ends(&self, pair: &Pair, own: bool, mentions: &[Mention]) -> Option<(usize, usize)> {
        let end = |span: Span| {
            let n = self.mention(span, mentions)?;
            (own || mentions.get(n)?.reference.is_none()).then_some(n)
        };
        end(pair.names.0).zip(end(pair.names.1))
    }

    fn mention(&self, span: Span, mentions: &[Mention]) -> Option<usize> {
        let there = self.in_document(span)?;
        let n = mentions.partition_point(|m| m.span.start < there.start);
        (mentions.get(n)?.span == there).then_some(n)
    }

    /// A span of the sentence in one line as one of the document.
    fn in_document(&self, span: Span) -> Option<Span> {
        let last = self.places.get(span.end.checked_sub(1)?)?;
        Some(Span::new(*self.places.get(span.start)?, last + 1))
    }
}

/// Whether a relation is that one of these ends; those of a symmetric one can change places.
fn joins(r: &Relation, label: &Label, ends: (usize, usize), schema: &Schema) -> bool {
    r.label == *label
        && ((r.subject, r.object) == ends
            || schema.is_symmetric(label.as_str()) && (r.object, r.subject) == ends)
}

/// Where each byte of a sentence [in one line](in_one_line) stands in the document, in which the
/// sentence begins at byte `at`.
fn places(sentence: &str, at: usize) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::with_capacity(sentence.len());
    let mut gap = None;
    for (n, c) in sentence.char_indices() {
        if c.is_whitespace() {
            gap.get_or_insert(at + n);
            continue;
        }
        places.extend(gap.take().filter(|_| !places.is_empty()));
        places.extend((n..n + c.len_utf8()).map(|byte| at + byte));
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::files::in_one_line;

    proptest! {
        #[test]
        fn a_line_leads_back_to_its_document(text in "[aé’ \n\u{a0}\u{2028}]{0,20}") {
            let line = in_one_line(&text);
            let document = format!("xyz{text}");
            let here = JudgedSentence::new(0, &text, 3, Vec::new());
            prop_assert_eq!(here.places.len(), line.len());
            for (start, c) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                for (last, d) in line.char_indices().filter(|&(n, d)| n >= start && !d.is_whitespace()) {
                    let span = Span::new(start, last + d.len_utf8());
                    let there = here.in_document(span).unwrap();
                    prop_assert_eq!(in_one_line(there.of(&document)), span.of(&line));
                }
                prop_assert!(document[here.places[start]..].starts_with(c));
            }
        }
    }
}
