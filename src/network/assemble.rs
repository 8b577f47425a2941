use std::collections::BTreeMap;

use super::{GivenMention, Model, PieceReading, Prepared};
use crate::annotation::{Annotations, Label, Mention, Reference, Relation};
use crate::ner::WordSpan;
use crate::text::Span;

impl Model {
    /// Puts the readings of a text's windows, in window order, together.
    ///
    /// Where windows overlap, a mention counts from the one that reads its first word. Given mentions
    /// are taken as they are, and of what the windows read only references come to them. A relation
    /// counts when both its mentions do, with the highest confidence any window gave it.
    pub fn assemble(
        &self,
        text: &str,
        prepared: &Prepared,
        readings: &[Vec<PieceReading>],
    ) -> Annotations {
        let pieces: Vec<&PieceReading> = readings.iter().flatten().collect();
        let read = pieces
            .iter()
            .flat_map(|piece| self.mentions_of(text, prepared, piece));
        let mut mentions: Vec<Mention> = match &prepared.given {
            Some(given) => with_references(given_mentions(given, &prepared.sentences), read),
            None => read.collect(),
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

    /// The mentions that count from this piece.
    fn mentions_of(
        &self,
        text: &str,
        prepared: &Prepared,
        piece: &PieceReading,
    ) -> impl Iterator<Item = Mention> {
        let read = piece.mentions.iter().zip(&piece.references);
        let owned = read.zip(&piece.owned).filter(|(_, own)| **own);
        owned.filter_map(move |((m, kind), _)| {
            Some(Mention {
                span: word_span(prepared, piece.sentence, (m.first, m.last))?.trimmed(text),
                label: self.tags.labels().get(m.label)?.clone(),
                sentence: piece.sentence,
                confidence: m.confidence,
                reference: kind.map(|kind| Reference {
                    kind,
                    antecedent: None,
                }),
            })
        })
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

fn given_mentions(given: &[GivenMention], sentences: &[Span]) -> Vec<Mention> {
    let mention = |g: &GivenMention| Mention {
        span: g.span,
        label: g.label.clone().unwrap_or_else(|| Label::from("")),
        sentence: sentences.partition_point(|s| s.end <= g.span.start),
        confidence: g.confidence,
        reference: None,
    };
    given.iter().map(mention).collect()
}

/// The given names, and of what was read the references that touch none of them: a name that goes
/// over the end of a piece is not seen there.
fn with_references(mut names: Vec<Mention>, read: impl Iterator<Item = Mention>) -> Vec<Mention> {
    let references: Vec<Mention> = read
        .filter(|mention| mention.reference.is_some())
        .filter(|mention| {
            let same = |name: &&Mention| name.sentence == mention.sentence;
            let mut near = names.iter().filter(same);
            near.all(|name| !name.span.overlaps(mention.span))
        })
        .collect();
    names.extend(references);
    names
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::ReferenceKind;

    #[test]
    fn references_come_to_given_names() {
        let given = [GivenMention {
            span: Span::new(10, 14),
            label: Some("PER".into()),
            confidence: 0.8,
        }];
        let names = given_mentions(&given, &[Span::new(0, 9), Span::new(9, 40)]);
        let reference = |start, end| Mention {
            span: Span::new(start, end),
            label: "PER".into(),
            sentence: 1,
            confidence: 1.0,
            reference: Some(Reference {
                kind: ReferenceKind::Pronoun,
                antecedent: None,
            }),
        };
        let name = names[0].clone();
        let read = [reference(12, 16), name.clone(), reference(20, 22)];
        let all = with_references(names, read.into_iter());
        assert_eq!(all, [name, reference(20, 22)]);
    }
}
