use std::collections::{HashMap, HashSet};
use std::ops::AddAssign;

use serde::Serialize;

use super::record::Record;
use crate::annotation::{Annotations, Label, Relation, Sample, SampleRelation};
use crate::config::Schema;
use crate::files::in_one_line;
use crate::text::Span;

/// A triple that a person has confirmed is certain.
const CERTAIN: f32 = 1.0;

/// What a person said of relations, to be put over what a model finds in the same sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Sentences in one line, each as it was judged in one document or more.
    by_sentence: HashMap<String, Vec<Sentence>>,
    pairs: usize,
}

/// A sentence as it was judged in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sentence {
    doc: String,
    pairs: Vec<Pair>,
}

/// What was said of two names of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    /// Position among all judged pairs.
    number: usize,
    /// Subject and object, in bytes of the sentence in one line.
    ends: (Span, Span),
    /// Relations that hold, with the span of the source.
    holds: Vec<(SampleRelation, Option<Span>)>,
    /// Relations that do not.
    denied: Vec<Label>,
    /// Whether none holds.
    unrelated: bool,
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
    /// Pairs of names that were judged and that the run does not have.
    pub not_found: u64,
    /// The judged pairs that the run has.
    #[serde(skip)]
    met: HashSet<usize>,
}

impl AddAssign for Judged {
    fn add_assign(&mut self, more: Self) {
        self.confirmed += more.confirmed;
        self.changed += more.changed;
        self.added += more.added;
        self.removed += more.removed;
        self.met.extend(more.met);
    }
}

impl Verdicts {
    /// Those of `samples`, which were read from reviewed tables: sentences in one line, with the
    /// relations that hold and those that do not. Of two that contradict each other, the later counts.
    pub fn new(samples: &[Sample]) -> Self {
        let mut verdicts = Self::default();
        for sample in samples {
            let pairs = pairs_of(sample, verdicts.pairs);
            verdicts.pairs += pairs.len();
            let judged = verdicts.by_sentence.entry(sample.text.clone()).or_default();
            judged.push(Sentence {
                doc: sample.doc.clone(),
                pairs,
            });
        }
        verdicts
    }

    /// Whether nothing was judged.
    pub fn is_empty(&self) -> bool {
        self.by_sentence.is_empty()
    }

    /// How many pairs of names were judged.
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// Puts the verdicts over the relations of a record: what was confirmed is certain, what was
    /// denied is taken out, and what a person named in its place takes its place. A sentence that was
    /// judged in another document only is judged alike.
    pub fn apply(&self, record: &mut Record, schema: &Schema) -> Judged {
        let mut judged = Judged::default();
        if self.is_empty() {
            return judged;
        }
        let layers = &mut record.annotations;
        for sentence in layers.sentences.clone() {
            let words = sentence.of(&record.text);
            let Some(all) = self.by_sentence.get(in_one_line(words).as_ref()) else {
                continue;
            };
            let places = places(words, sentence.start);
            let here = |s: &&Sentence| s.doc == record.doc_id;
            let elsewhere = !all.iter().any(|s| here(&s));
            for pair in all
                .iter()
                .filter(|s| elsewhere || here(s))
                .flat_map(|s| &s.pairs)
            {
                judged += pair.apply(layers, &places, schema);
            }
        }
        if judged.changed + judged.added > 0 {
            layers.relations.sort_by_key(|r| {
                let place = schema.relation_index(r.label.as_str());
                (r.subject, r.object, place.unwrap_or(usize::MAX))
            });
        }
        judged
    }

    /// The sums over a run, with the number of judged pairs that it does not have.
    pub(super) fn told(&self, judged: Judged) -> Option<Judged> {
        (!self.is_empty()).then(|| Judged {
            not_found: self.pairs.saturating_sub(judged.met.len()) as u64,
            ..judged
        })
    }
}

/// The judged pairs of a sample, numbered from `first`. Pairs without any relation come first, so
/// that they do not take out what was confirmed of the same names the other way round.
fn pairs_of(sample: &Sample, first: usize) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let span = |mention: usize| sample.mentions.get(mention).map(|m| m.span);
    let of = |pairs: &mut Vec<Pair>, ends: (usize, usize)| {
        let ends = (span(ends.0)?, span(ends.1)?);
        let known = pairs.iter().position(|p| p.ends == ends);
        if known.is_none() {
            pairs.push(Pair {
                number: 0,
                ends,
                holds: Vec::new(),
                denied: Vec::new(),
                unrelated: false,
            });
        }
        Some(known.unwrap_or(pairs.len() - 1))
    };
    for &ends in &sample.unrelated {
        if let Some(pair) = of(&mut pairs, ends).and_then(|n| pairs.get_mut(n)) {
            pair.unrelated = true;
        }
    }
    for relation in &sample.relations {
        let ends = (relation.subject, relation.object);
        if let Some(pair) = of(&mut pairs, ends).and_then(|n| pairs.get_mut(n)) {
            if relation.holds {
                let source = relation.attributed_to.and_then(span);
                pair.holds.push((relation.clone(), source));
            } else {
                pair.denied.push(relation.label.clone());
            }
        }
    }
    for (number, pair) in (first..).zip(&mut pairs) {
        pair.number = number;
    }
    pairs
}

impl Pair {
    /// Judges the relations between the mentions that stand where the judged names do, if there are
    /// such mentions. `places` leads from the sentence in one line to the document.
    fn apply(&self, layers: &mut Annotations, places: &[usize], schema: &Schema) -> Judged {
        let mut judged = Judged::default();
        let Annotations {
            mentions,
            relations,
            ..
        } = layers;
        let mention = |span: Span| {
            let there = in_document(span, places)?;
            mentions.iter().position(|m| m.span == there)
        };
        let (Some(subject), Some(object)) = (mention(self.ends.0), mention(self.ends.1)) else {
            return judged;
        };
        judged.met.insert(self.number);
        let is_one = |label: &Label, (s, o): Ends, of: Ends| {
            (s, o) == of || schema.is_symmetric(label.as_str()) && (o, s) == of
        };
        let joins = |r: &Relation, label: &Label| {
            r.label == *label && is_one(label, (r.subject, r.object), (subject, object))
        };
        for (held, source) in &self.holds {
            let denied = |r: &&mut Relation| self.denied.iter().any(|label| joins(r, label));
            if let Some(same) = relations.iter_mut().find(|r| joins(r, &held.label)) {
                same.confidence = CERTAIN;
                same.status = held.status.unwrap_or(same.status);
                judged.confirmed += 1;
            } else if let Some(other) = relations.iter_mut().find(denied) {
                *other = Relation {
                    subject,
                    object,
                    label: held.label.clone(),
                    status: held.status.unwrap_or(other.status),
                    confidence: CERTAIN,
                    ..*other
                };
                judged.changed += 1;
            } else {
                relations.push(Relation {
                    subject,
                    object,
                    label: held.label.clone(),
                    trigger: held.trigger.and_then(|span| in_document(span, places)),
                    status: held.status.unwrap_or_default(),
                    attributed_to: source.and_then(mention),
                    confidence: CERTAIN,
                });
                judged.added += 1;
            }
        }
        // What was denied of a name is denied of the `his` of its sentence, too.
        let sentence = |mention: usize| mentions.get(mention).map(|m| m.sentence);
        let name = |mention: usize| {
            let reference = mentions.get(mention).and_then(|m| m.reference);
            reference.and_then(|r| r.antecedent).unwrap_or(mention)
        };
        let names = |(s, o): Ends| (name(s), name(o));
        let judged_names = names((subject, object));
        let denied = |r: &Relation| {
            let ends = names((r.subject, r.object));
            let turned = (ends.1, ends.0);
            let either = ends == judged_names || turned == judged_names;
            let listed = |label: &Label| r.label == *label && is_one(label, ends, judged_names);
            sentence(r.subject) == sentence(subject)
                && (self.unrelated && either || self.denied.iter().any(listed))
        };
        let before = relations.len();
        relations.retain(|r| {
            let held = self.holds.iter().any(|(held, _)| joins(r, &held.label));
            held || !denied(r)
        });
        judged.removed += (before - relations.len()) as u64;
        judged
    }
}

/// Subject and object, by their positions among the mentions.
type Ends = (usize, usize);

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

/// A span of a sentence in one line as one of the document.
fn in_document(span: Span, places: &[usize]) -> Option<Span> {
    let last = places.get(span.end.checked_sub(1)?)?;
    Some(Span::new(*places.get(span.start)?, last + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::annotation::{Coverage, Mention, Reference, ReferenceKind, SampleMention, Status};
    use crate::export::example;

    /// Sentence 2 of the first article of the example: line breaks stand within it.
    const SENTENCE: &str =
        "The Iran’s Foreign Ministry met Kana\u{301}ani; IRAN met Albania, he said.";

    /// A reviewed sentence: subject, relation, object, whether it holds.
    fn sample(doc: &str, rows: &[(&str, &str, &str, bool)]) -> Sample {
        let mut mentions: Vec<SampleMention> = Vec::new();
        let mut mention = |words: &str| {
            let start = SENTENCE.find(words).unwrap();
            let span = Span::new(start, start + words.len());
            let known = mentions.iter().position(|m| m.span == span);
            known.unwrap_or_else(|| {
                mentions.push(SampleMention {
                    id: words.into(),
                    span,
                    label: None,
                });
                mentions.len() - 1
            })
        };
        let relations = rows
            .iter()
            .map(|&(subject, label, object, holds)| SampleRelation {
                subject: mention(subject),
                object: mention(object),
                label: label.into(),
                trigger: SENTENCE.find("met").map(|at| Span::new(at, at + 3)),
                status: holds.then_some(Status::Possible),
                attributed_to: None,
                unattributed: false,
                holds,
                probability: None,
            });
        let relations = relations.collect();
        Sample {
            id: "s".into(),
            doc: doc.into(),
            text: SENTENCE.into(),
            tokens: Vec::new(),
            mentions,
            mention_coverage: Coverage::Listed,
            relations,
            relation_coverage: Coverage::Listed,
            unrelated: Vec::new(),
        }
    }

    type Told<'a> = (&'a str, &'a str, &'a str, Status, f32);

    /// The relations of the first article of the example from the third on, judged.
    fn judged(samples: &[Sample], test: impl Fn(&[Told<'_>], &Judged)) {
        let mut record = example::records().swap_remove(0);
        let verdicts = Verdicts::new(samples);
        let judged = verdicts.apply(&mut record, &example::schema());
        assert_eq!(record.check(), Ok(()));
        let layers = &record.annotations;
        let words = |mention: usize| layers.mentions[mention].span.of(&record.text);
        let told: Vec<Told> = layers.relations[2..]
            .iter()
            .map(|r| {
                let ends = (words(r.subject), words(r.object));
                (ends.0, r.label.as_str(), ends.1, r.status, r.confidence)
            })
            .collect();
        test(&told, &verdicts.told(judged).unwrap());
    }

    const MINISTRY: &str = "Foreign\nMinistry";
    const KANAANI: &str = "Kana\u{301}ani";
    const SECOND: Told<'static> = ("IRAN", "meets", "Albania", Status::Asserted, 0.55);

    #[test]
    fn what_was_confirmed_is_certain_and_has_the_status_of_its_row() {
        // A symmetric relation, the other way round.
        let rows = [(KANAANI, "meets", "Foreign Ministry", true)];
        judged(&[sample("a.txt", &rows)], |told, judged| {
            let first = (MINISTRY, "meets", KANAANI, Status::Possible, 1.0);
            assert_eq!(told, [first, SECOND]);
            assert_eq!((judged.confirmed, judged.not_found), (1, 0));
        });
    }

    #[test]
    fn what_was_denied_is_gone_and_another_relation_takes_its_place() {
        let wrong = [("Foreign Ministry", "meets", KANAANI, false)];
        judged(&[sample("a.txt", &wrong)], |told, judged| {
            assert_eq!(told, [SECOND]);
            assert_eq!(judged.removed, 1);
        });
        let instead = [
            ("Foreign Ministry", "leads", KANAANI, true),
            ("Foreign Ministry", "meets", KANAANI, false),
        ];
        judged(&[sample("a.txt", &instead)], |told, judged| {
            let first = (MINISTRY, "leads", KANAANI, Status::Possible, 1.0);
            assert_eq!(told, [first, SECOND]);
            assert_eq!(
                (judged.changed, judged.removed, judged.confirmed),
                (1, 0, 0)
            );
        });
    }

    #[test]
    fn what_the_model_did_not_find_is_added_in_its_place() {
        let rows = [("Foreign Ministry", "accuses", "IRAN", true)];
        judged(&[sample("a.txt", &rows)], |told, judged| {
            let added = (MINISTRY, "accuses", "IRAN", Status::Possible, 1.0);
            assert_eq!(told[1..], [added, SECOND]);
            assert_eq!(judged.added, 1);
        });
    }

    #[test]
    fn of_unrelated_names_nothing_is_left_but_what_was_confirmed() {
        let mut none = sample("a.txt", &[("IRAN", "meets", "Albania", false)]);
        none.unrelated = vec![(0, 1)];
        judged(std::slice::from_ref(&none), |told, judged| {
            assert_eq!(told.len(), 1);
            assert_eq!(judged.removed, 1);
        });
        let turned = sample("a.txt", &[("Albania", "leads", "IRAN", true)]);
        judged(&[none, turned], |told, _| {
            assert_eq!(told[1], ("Albania", "leads", "IRAN", Status::Possible, 1.0));
        });
    }

    #[test]
    fn what_was_denied_of_a_name_is_denied_of_its_pronoun() {
        let mut record = example::records().swap_remove(0);
        let layers = &mut record.annotations;
        let he = record.text.find("he said").unwrap();
        layers.mentions.push(Mention {
            span: Span::new(he, he + 2),
            label: "LOC".into(),
            reference: Some(Reference {
                kind: ReferenceKind::Pronoun,
                antecedent: Some(7),
            }),
            ..layers.mentions[7].clone()
        });
        layers.relations.push(Relation {
            subject: 9,
            ..layers.relations[3].clone()
        });
        let wrong = [("IRAN", "meets", "Albania", false)];
        let verdicts = Verdicts::new(&[sample("a.txt", &wrong)]);
        let judged = verdicts.apply(&mut record, &example::schema());
        assert_eq!((judged.removed, record.annotations.relations.len()), (2, 3));
    }

    #[test]
    fn the_documents_own_verdict_goes_before_that_of_the_same_sentence_elsewhere() {
        let ok = [("IRAN", "meets", "Albania", true)];
        let wrong = [("IRAN", "meets", "Albania", false)];
        judged(&[sample("z.txt", &wrong)], |told, judged| {
            assert_eq!((told.len(), judged.removed), (1, 1));
        });
        let both = [sample("a.txt", &ok), sample("z.txt", &wrong)];
        judged(&both, |told, judged| {
            assert_eq!(told[1].4, 1.0);
            // Of the judged pairs one is of a document that the run does not have.
            assert_eq!(
                (judged.confirmed, judged.removed, judged.not_found),
                (1, 0, 1)
            );
        });
    }

    #[test]
    fn names_and_sentences_that_are_gone_are_counted() {
        let gone = [("Foreign", "meets", "Albania", false)];
        let mut other = sample("a.txt", &gone);
        other.text = "Nobody met anybody.".into();
        judged(&[sample("a.txt", &gone), other], |told, judged| {
            assert_eq!(told.len(), 2);
            assert_eq!((judged.removed, judged.not_found), (0, 2));
        });
    }

    proptest! {
        #[test]
        fn a_line_leads_back_to_its_document(text in "[aé’ \n\u{a0}\u{2028}]{0,20}") {
            let line = in_one_line(&text);
            let document = format!("xyz{text}");
            let places = places(&text, 3);
            prop_assert_eq!(places.len(), line.len());
            for (start, c) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                for (last, d) in line.char_indices().filter(|&(n, d)| n >= start && !d.is_whitespace()) {
                    let span = Span::new(start, last + d.len_utf8());
                    let there = in_document(span, &places).unwrap();
                    prop_assert_eq!(in_one_line(there.of(&document)), span.of(&line));
                }
                prop_assert!(document[places[start]..].starts_with(c));
            }
        }
    }
}
