use std::collections::BTreeMap;

use super::{Model, PieceReading, Prepared};
use crate::annotation::{Annotations, Label, Mention, Reference, Relation};
use crate::ner::WordSpan;
use crate::text::Span;

impl Model {
    /// Puts the readings of a text's windows, in window order, together.
    ///
    /// Where windows overlap, a mention counts from the one that reads its first word; a relation
    /// counts when both its mentions do, with the highest confidence any window gave it.
    pub fn assemble(
        &self,
        text: &str,
        prepared: &Prepared,
        readings: &[Vec<PieceReading>],
    ) -> Annotations {
        let pieces: Vec<&PieceReading> = readings.iter().flatten().collect();
        let mut mentions: Vec<Mention> = match &prepared.given {
            Some(given) => given
                .iter()
                .map(|g| Mention {
                    span: g.span,
                    label: g.label.clone().unwrap_or_else(|| Label::from("")),
                    sentence: prepared
                        .sentences
                        .partition_point(|s| s.end <= g.span.start),
                    confidence: g.confidence,
                    reference: None,
                })
                .collect(),
            None => pieces
                .iter()
                .flat_map(|piece| {
                    let read = piece.mentions.iter().zip(&piece.references);
                    let owned = read.zip(&piece.owned).filter(|(_, own)| **own);
                    owned.filter_map(|((m, kind), _)| {
                        Some(Mention {
                            span: word_span(prepared, piece.sentence, (m.first, m.last))?
                                .trimmed(text),
                            label: self.tags.labels().get(m.label)?.clone(),
                            sentence: piece.sentence,
                            confidence: m.confidence,
                            reference: kind.map(|kind| Reference {
                                kind,
                                antecedent: None,
                            }),
                        })
                    })
                })
                .collect(),
        };
        mentions.sort_by_key(|m| (m.span.start, m.span.end));
        mentions
            .dedup_by(|later, first| prepared.given.is_none() && later.span.overlaps(first.span));
        let relations = self.relations(prepared, &pieces, &mentions);
        Annotations {
            sentences: prepared.sentences.clone(),
            mentions,
            relations,
        }
    }

    fn relations(
        &self,
        prepared: &Prepared,
        pieces: &[&PieceReading],
        mentions: &[Mention],
    ) -> Vec<Relation> {
        // Given mentions need not lie on word borders: find them again by the words they touch.
        // Several may touch the same words; those of one piece stand in the order of the text.
        let mut index: BTreeMap<(usize, usize, usize), Vec<usize>> = BTreeMap::new();
        for (n, mention) in mentions.iter().enumerate() {
            let words = prepared
                .tokens
                .get(mention.sentence)
                .and_then(|t| t.words_in(mention.span));
            if let Some((first, last)) = words {
                let of_words = index.entry((mention.sentence, first, last)).or_default();
                of_words.push(n);
            }
        }
        let mut best: BTreeMap<(usize, usize, usize, usize), Relation> = BTreeMap::new();
        for piece in pieces {
            let global = |local: usize| {
                let m = piece.mentions.get(local)?;
                let same = |other: &&WordSpan| (other.first, other.last) == (m.first, m.last);
                let before = piece.mentions.iter().take(local).filter(same).count();
                let of_words = index.get(&(piece.sentence, m.first, m.last))?;
                of_words.get(before).copied()
            };
            for found in &piece.relations {
                let (Some(subject), Some(object)) = (global(found.subject), global(found.object))
                else {
                    continue;
                };
                let Some(kind) = self.schema.relations.get(found.relation) else {
                    continue;
                };
                // It holds only if both names are what they were taken for.
                let confidence =
                    found.confidence * sure(mentions, subject) * sure(mentions, object);
                if confidence < self.least {
                    continue;
                }
                let relation = Relation {
                    subject,
                    object,
                    label: kind.name.clone(),
                    trigger: found
                        .trigger
                        .and_then(|words| word_span(prepared, piece.sentence, words)),
                    status: found.status,
                    attributed_to: found.source.and_then(global),
                    confidence,
                };
                let key = (piece.sentence, subject, object, found.relation);
                match best.get(&key) {
                    Some(known) if known.confidence >= relation.confidence => {}
                    _ => {
                        best.insert(key, relation);
                    }
                }
            }
        }
        best.into_values().collect()
    }
}

/// How sure a name is; of words that refer to one, it is not known yet which name that is.
fn sure(mentions: &[Mention], n: usize) -> f32 {
    mentions
        .get(n)
        .filter(|mention| mention.reference.is_none())
        .map_or(1.0, |mention| mention.confidence)
}

fn word_span(prepared: &Prepared, sentence: usize, words: (usize, usize)) -> Option<Span> {
    let tokens = prepared.tokens.get(sentence)?;
    Some(Span::new(
        tokens.words.get(words.0)?.start,
        tokens.words.get(words.1)?.end,
    ))
}
