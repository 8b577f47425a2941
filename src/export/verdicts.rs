use std::collections::HashMap;

use super::judged_sentence::JudgedSentence;
use super::judgement::{Judged, Pair};
use super::record::Record;
use crate::annotation::{Relation, Sample};
use crate::config::Schema;
use crate::files::in_one_line;
use crate::text::Span;

/// What a person said of relations, to be put over what a model finds in the same sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// By sentence, in one line.
    by_sentence: HashMap<String, Vec<Pair>>,
    pairs: usize,
}

impl Verdicts {
    /// Those of `samples`, which were read from reviewed tables: sentences in one line, with the
    /// relations that hold and those that do not. What a later sample says of two names of a sentence
    /// of a document takes the place of what contradicts it.
    pub fn new(samples: &[Sample]) -> Self {
        let mut verdicts = Self::default();
        for sample in samples {
            let known = verdicts.by_sentence.entry(sample.text.clone()).or_default();
            for mut pair in pairs_of(sample) {
                let same = |p: &Pair| p.doc == pair.doc && p.names == pair.names;
                if let Some(at) = known.iter().position(same) {
                    let old = known.remove(at);
                    pair.number = old.number;
                    pair.take_over(old);
                } else {
                    pair.number = verdicts.pairs;
                    verdicts.pairs += 1;
                }
                if pair.unrelated {
                    let other_way = turned(pair.names);
                    known
                        .iter_mut()
                        .filter(|p| p.doc == pair.doc && p.names == other_way)
                        .for_each(|p| p.holds.clear());
                }
                known.push(pair);
            }
        }
        verdicts
    }

    /// Puts the verdicts over the relations of a record: what was confirmed is certain, what was denied
    /// is taken out, and what a person named in its place takes its place. Names that were judged in
    /// the same sentence of another document are judged alike, but for pronouns and noun phrases, which
    /// mean something else there. Returns what was done, and what was taken out.
    pub fn apply(&self, record: &mut Record, schema: &Schema) -> (Judged, Vec<Relation>) {
        let (mut judged, mut denied) = (Judged::default(), Vec::new());
        if self.by_sentence.is_empty() {
            return (judged, denied);
        }
        let doc = in_one_line(&record.doc_id);
        let layers = &mut record.annotations;
        for (n, sentence) in layers.sentences.clone().into_iter().enumerate() {
            let words = sentence.of(&record.text);
            if let Some(pairs) = self.by_sentence.get(in_one_line(words).as_ref()) {
                let pairs = pairs_for(&doc, pairs);
                let here = JudgedSentence::new(n, words, sentence.start, pairs);
                here.apply(layers, schema, &mut judged, &mut denied);
            }
        }
        if judged.changed + judged.added > 0 {
            layers.relations.sort_by_key(|r| {
                let place = schema.relation_index(r.label.as_str());
                (r.subject, r.object, place.unwrap_or(usize::MAX))
            });
        }
        (judged, denied)
    }

    /// The sums over a run, with the number of judged pairs that it does not have.
    pub(super) fn told(&self, judged: Judged) -> Option<Judged> {
        (self.pairs > 0).then(|| Judged {
            not_found: self.pairs.saturating_sub(judged.met.len()) as u64,
            ..judged
        })
    }
}

/// The judged pairs of a sample.
fn pairs_of(sample: &Sample) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let span = |mention: usize| sample.mentions.get(mention).map(|m| m.span);
    let mut say = |(subject, object): (usize, usize), say: &dyn Fn(&mut Pair)| {
        let Some(names) = span(subject).zip(span(object)) else {
            return;
        };
        let known = pairs.iter().position(|p| p.names == names);
        let at = known.unwrap_or_else(|| {
            pairs.push(Pair {
                doc: sample.doc.clone(),
                names,
                number: 0,
                holds: Vec::new(),
                denied: Vec::new(),
                unrelated: false,
            });
            pairs.len() - 1
        });
        if let Some(pair) = pairs.get_mut(at) {
            say(pair);
        }
    };
    for &names in &sample.unrelated {
        say(names, &|pair| pair.unrelated = true);
    }
    for relation in &sample.relations {
        let source = relation.attributed_to.and_then(span);
        say((relation.subject, relation.object), &|pair| {
            if relation.holds {
                pair.holds.push((relation.clone(), source));
            } else {
                pair.denied.push(relation.label.clone());
            }
        });
    }
    pairs
}

/// Of the pairs that were judged in a sentence, those that count in a document: its own, and of names
/// that were not judged in this one, those of the document in which they were judged last.
fn pairs_for<'v>(doc: &str, pairs: &'v [Pair]) -> Vec<(&'v Pair, bool)> {
    let own = |pair: &Pair| pair.doc == doc;
    let counts = |pair: &&Pair| {
        let same_names = |p: &&Pair| p.names == pair.names || p.names == turned(pair.names);
        let last = || pairs.iter().rev().find(same_names);
        own(pair)
            || !pairs.iter().filter(same_names).any(own)
                && last().is_some_and(|last| last.doc == pair.doc)
    };
    let all = pairs.iter().filter(counts);
    all.map(|pair| (pair, own(pair))).collect()
}

fn turned((subject, object): (Span, Span)) -> (Span, Span) {
    (object, subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{
        Coverage, Mention, Reference, ReferenceKind, SampleMention, SampleRelation, Status,
    };
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
        let (judged, _) = verdicts.apply(&mut record, &example::schema());
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
            assert_eq!((judged.removed, judged.absent), (1, 0));
        });
        let turned = sample("a.txt", &[("Albania", "meets", "IRAN", true)]);
        judged(&[none, turned], |told, judged| {
            assert_eq!((told[1].1, told[1].4), ("meets", 1.0));
            assert_eq!((judged.confirmed, judged.removed), (1, 0));
        });
    }

    #[test]
    fn what_the_model_does_not_find_either_is_counted() {
        judged(
            &[sample("a.txt", &[("IRAN", "accuses", "Albania", false)])],
            |told, judged| {
                assert_eq!(told.len(), 2);
                assert_eq!((judged.removed, judged.absent, judged.not_found), (0, 1, 0));
            },
        );
    }

    #[test]
    fn of_verdicts_that_contradict_each_other_the_later_counts() {
        let ok = || sample("a.txt", &[("IRAN", "meets", "Albania", true)]);
        let wrong = || sample("a.txt", &[("IRAN", "meets", "Albania", false)]);
        let instead = || {
            let leads = [("IRAN", "leads", "Albania", true)];
            sample("a.txt", &[leads[0], ("IRAN", "meets", "Albania", false)])
        };
        let other = || sample("a.txt", &[("IRAN", "leads", "Albania", true)]);
        let third = || {
            let accuses = ("IRAN", "accuses", "Albania", true);
            sample("a.txt", &[accuses, ("IRAN", "meets", "Albania", false)])
        };
        let turned = || sample("a.txt", &[("Albania", "leads", "IRAN", true)]);
        let none = || {
            let mut none = wrong();
            none.unrelated = vec![(0, 1)];
            none
        };
        for (samples, labels) in [
            ([ok(), wrong()], vec![]),
            ([wrong(), ok()], vec!["meets"]),
            ([instead(), ok()], vec!["meets"]),
            ([ok(), instead()], vec!["leads"]),
            ([ok(), other()], vec!["meets", "leads"]),
            ([ok(), ok()], vec!["meets"]),
            ([instead(), wrong()], vec![]),
            ([instead(), third()], vec!["accuses"]),
            ([turned(), none()], vec![]),
            ([none(), turned()], vec!["leads"]),
        ] {
            judged(&samples, |told, judged| {
                assert_eq!(told[1..].iter().map(|t| t.1).collect::<Vec<_>>(), labels);
                assert_eq!(judged.not_found, 0);
            });
        }
    }

    #[test]
    fn a_sentence_of_another_document_is_judged_alike_where_the_own_verdicts_say_nothing() {
        let ok = [("IRAN", "meets", "Albania", true)];
        let wrong = [("IRAN", "meets", "Albania", false)];
        let met = [("Foreign Ministry", "meets", KANAANI, false)];
        judged(&[sample("z.txt", &wrong)], |told, judged| {
            assert_eq!((told.len(), judged.removed), (1, 1));
        });
        let [own, first, last] = [
            sample("a.txt", &ok),
            sample("y.txt", &[wrong[0], met[0]]),
            sample("z.txt", &[("Foreign Ministry", "meets", KANAANI, true)]),
        ];
        judged(&[own, first, last], |told, judged| {
            // The own verdict on the one pair, the last one of the others on the other.
            assert_eq!((told[0].4, told[1].4), (1.0, 1.0));
            assert_eq!((judged.confirmed, judged.removed), (2, 0));
            // The two that were passed over are of documents that the run does not have.
            assert_eq!(judged.not_found, 2);
        });
    }

    /// The first article with `he` for `IRAN`, which meets Albania as well.
    fn with_pronoun() -> Record {
        let mut record = example::records().swap_remove(0);
        let layers = &mut record.annotations;
        let he = record.text.find("he said").unwrap();
        layers.mentions.push(Mention {
            span: Span::new(he, he + 2),
            reference: Some(Reference {
                kind: ReferenceKind::Pronoun,
                antecedent: Some(7),
            }),
            ..layers.mentions[7].clone()
        });
        let by_name = layers.relations[3].clone();
        layers.relations.push(Relation {
            subject: 9,
            ..by_name
        });
        record
    }

    #[test]
    fn a_pronoun_means_something_else_in_another_document() {
        let wrong = [("he", "meets", "Albania", false)];
        for (doc, removed) in [("a.txt", 1), ("z.txt", 0)] {
            let mut record = with_pronoun();
            let mut sample = sample(doc, &wrong);
            let at = SENTENCE.find("he said").unwrap();
            sample.mentions[0].span = Span::new(at, at + 2);
            let verdicts = Verdicts::new(&[sample]);
            let (judged, _) = verdicts.apply(&mut record, &example::schema());
            assert_eq!(judged.removed, removed);
            assert_eq!(verdicts.told(judged).unwrap().not_found, 1 - removed);
        }
    }

    #[test]
    fn what_takes_the_place_of_another_relation_is_told_of() {
        let mut record = with_pronoun();
        let rows = [
            ("IRAN", "leads", "Albania", true),
            ("IRAN", "meets", "Albania", false),
        ];
        let verdicts = Verdicts::new(&[sample("a.txt", &rows)]);
        let (_, taken_out) = verdicts.apply(&mut record, &example::schema());
        let told: Vec<&str> = taken_out.iter().map(|r| r.label.as_str()).collect();
        assert_eq!(told, ["meets"]);
    }

    #[test]
    fn a_later_review_has_the_last_word_on_what_it_says_and_on_nothing_else() {
        let row = |label, holds| ("IRAN", label, "Albania", holds);
        let first = sample("a.txt", &[row("meets", true), row("accuses", false)]);
        let mut later = sample("a.txt", &[row("meets", true)]);
        later.relations[0].status = Some(Status::Negated);
        let mut record = example::records().swap_remove(0);
        record.annotations.relations.push(Relation {
            label: "accuses".into(),
            ..record.annotations.relations[3].clone()
        });
        let (judged, _) = Verdicts::new(&[first, later]).apply(&mut record, &example::schema());
        let relations = &record.annotations.relations;
        assert_eq!((judged.confirmed, judged.removed), (1, 1));
        assert_eq!((relations.len(), relations[3].status), (4, Status::Negated));
    }

    #[test]
    fn who_is_quoted_goes_with_the_status() {
        let mut asserted = sample("a.txt", &[("Foreign Ministry", "meets", KANAANI, true)]);
        let mut record = example::records().swap_remove(0);
        let verdicts = |sample: &Sample| Verdicts::new(std::slice::from_ref(sample));
        asserted.relations[0].status = None;
        verdicts(&asserted).apply(&mut record, &example::schema());
        let kept = &record.annotations.relations[2];
        assert_eq!(
            (kept.status, kept.attributed_to),
            (Status::Claimed, Some(5))
        );
        asserted.relations[0].status = Some(Status::Asserted);
        verdicts(&asserted).apply(&mut record, &example::schema());
        let kept = &record.annotations.relations[2];
        assert_eq!((kept.status, kept.attributed_to), (Status::Asserted, None));
    }

    #[test]
    fn names_and_sentences_that_are_gone_are_counted() {
        let gone = [("Foreign", "meets", "Albania", false)];
        let mut other = sample("a.txt", &[("IRAN", "meets", "Albania", false)]);
        other.text = "Nobody met anybody.".into();
        judged(&[sample("a.txt", &gone), other], |told, judged| {
            assert_eq!(told.len(), 2);
            assert_eq!((judged.removed, judged.not_found), (0, 2));
        });
    }
}
