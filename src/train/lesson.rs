use super::data::{Example, Target};
use super::plan::Row;
use crate::annotation::Coverage;
use crate::config::Schema;
use crate::model::Piece;
use crate::relations::{PairMention, Pairs};

/// Pairs of a batch with what is to be learnt of them.
#[derive(Default)]
pub(super) struct Lesson {
    pub pairs: Pairs,
    /// `[pairs, relations]`: wanted output, and whether it counts.
    pub wanted: Vec<f32>,
    pub counts: Vec<f32>,
    /// Where the teacher decides, if there is one.
    pub asked: Vec<f32>,
    /// Relations that hold.
    pub held: Vec<Held>,
    pub sentences: usize,
}

/// A relation of a pair that holds, so that its status, trigger and source can be learnt.
pub(super) struct Held {
    /// Index of the pair.
    pub pair: usize,
    pub relation: usize,
    pub status: Option<usize>,
    /// First and last position in the sentence piece of its trigger, when that is known and inside.
    pub trigger: Option<(usize, usize)>,
    /// Column of its source among the mentions of its sentence piece: 0 when it is known to be
    /// unnamed; `None` when it is unknown or stands outside the piece.
    pub source: Option<usize>,
}

/// The sentence pieces of these rows, with the row's number and the example.
pub(super) fn pieces<'a>(
    rows: &'a [Row],
    examples: &'a [Example],
) -> impl Iterator<Item = (usize, &'a Piece, &'a Example)> {
    rows.iter().enumerate().flat_map(move |(row, r)| {
        r.window
            .pieces
            .iter()
            .zip(&r.examples)
            .map(move |(piece, &n)| (row, piece, &examples[n]))
    })
}

impl Lesson {
    /// The pairs of a batch. Of what the labels leave open, the first `taught` relations are asked of
    /// the teacher; 0 without one.
    pub fn new(rows: &[Row], examples: &[Example], schema: &Schema, taught: usize) -> Self {
        let mut lesson = Self::default();
        for (row, piece, example) in pieces(rows, examples) {
            if example.has_pairs(taught > 0) {
                let sentence = Sentence {
                    piece,
                    example,
                    schema,
                    taught: taught.min(schema.relations.len()),
                    mentions: whole_in(piece, example),
                };
                lesson.add(row, &sentence);
            }
        }
        lesson
    }

    fn add(&mut self, row: usize, sentence: &Sentence) {
        let (piece, relations) = (sentence.piece, sentence.schema.relations.len());
        let mentions: Vec<PairMention> = sentence.mentions.iter().map(|m| m.1).collect();
        let before = self.pairs.pairs.len();
        let base = self.pairs.mentions.len();
        let subwords = piece.at..piece.at + piece.subwords.len();
        self.pairs
            .push(row, subwords, &mentions, |s, o| sentence.knows(s, o));
        self.sentences += 1;
        for n in before..self.pairs.pairs.len() {
            let pair = self.pairs.pairs[n];
            let ends = sentence.ends(pair.subject - base, pair.object - base);
            let from = self.wanted.len();
            self.wanted.resize(from + relations, 0.0);
            self.counts.resize(from + relations, 0.0);
            self.asked.resize(from + relations, 0.0);
            let (wanted, counts) = (&mut self.wanted[from..], &mut self.counts[from..]);
            sentence.labels_of(ends, wanted, counts);
            for target in sentence.targets(ends).filter(|t| t.holds) {
                self.held.push(sentence.held(n, target));
            }
            for relation in 0..sentence.taught {
                if self.counts[from + relation] == 0.0 {
                    self.asked[from + relation] = 1.0;
                }
            }
        }
    }
}

/// Mentions that a piece holds whole, with their numbers in the example.
fn whole_in(piece: &Piece, example: &Example) -> Vec<(usize, PairMention)> {
    let mentions = example.mentions.iter().enumerate();
    mentions
        .filter_map(|(n, &(first, last, label))| {
            let (a, b) = example.tokens.subwords_of((first, last));
            let at = |i: usize| piece.at + i - piece.subwords.start;
            (a >= piece.subwords.start && b < piece.subwords.end).then(|| {
                let (first, last) = (at(a), at(b));
                (n, PairMention { first, last, label })
            })
        })
        .collect()
}

/// A sentence piece whose pairs are to be learnt.
struct Sentence<'a> {
    piece: &'a Piece,
    example: &'a Example,
    schema: &'a Schema,
    /// How many relations the teacher knows.
    taught: usize,
    mentions: Vec<(usize, PairMention)>,
}

impl Sentence<'_> {
    /// The numbers in the example of two mentions of the piece.
    fn ends(&self, subject: usize, object: usize) -> (usize, usize) {
        (self.mentions[subject].0, self.mentions[object].0)
    }

    /// Whether a relation's label is about this pair: a symmetric one also in the other direction.
    fn is_of(&self, target: &Target, (s, o): (usize, usize)) -> bool {
        let symmetric = self.schema.relations[target.relation].symmetric;
        (target.subject, target.object) == (s, o)
            || symmetric && (target.object, target.subject) == (s, o)
    }

    /// Whether anything is known of a pair.
    fn knows(&self, subject: usize, object: usize) -> bool {
        let ends = self.ends(subject, object);
        self.taught > 0
            || self.knows_all(ends)
            || self.example.relations.iter().any(|r| self.is_of(r, ends))
    }

    /// Whether a relation that is not labelled of this pair does not hold.
    fn knows_all(&self, ends: (usize, usize)) -> bool {
        self.example.coverage == Coverage::Full || self.example.unrelated.contains(&ends)
    }

    /// The labels of a pair that are to be learnt.
    fn targets(&self, ends: (usize, usize)) -> impl Iterator<Item = &Target> {
        let read_only = self.example.silence.is_read_only();
        let relations = self.example.relations.iter();
        relations.filter(move |t| (!read_only || t.relation >= self.taught) && self.is_of(t, ends))
    }

    /// Fills in, for each relation, what the labels want of a pair and whether that counts.
    fn labels_of(&self, (s, o): (usize, usize), wanted: &mut [f32], counts: &mut [f32]) {
        let example = self.example;
        let all = self.knows_all((s, o));
        let related = |r: &Target| r.holds && [(s, o), (o, s)].contains(&(r.subject, r.object));
        let related = example.relations.iter().any(related);
        if all {
            for (relation, counts) in counts.iter_mut().enumerate() {
                let silent = example.silence.on_relation(relation, related);
                *counts = if silent { 0.0 } else { 1.0 };
            }
        }
        for target in self.targets((s, o)) {
            if !all && target.holds {
                // A listed row tells its relation apart from all others, but nobody looked for
                // those: where there is a teacher, it knows better.
                counts[self.taught..].fill(1.0);
            }
            counts[target.relation] = 1.0;
            wanted[target.relation] = target.wanted();
        }
    }

    fn held(&self, pair: usize, target: &Target) -> Held {
        let piece = &self.piece.subwords;
        let trigger = target.trigger.and_then(|words| {
            let (a, b) = self.example.tokens.subwords_of(words);
            (a >= piece.start && b < piece.end).then(|| (a - piece.start, b - piece.start))
        });
        Held {
            pair,
            relation: target.relation,
            status: target.status,
            trigger,
            source: self.source_column(target),
        }
    }

    fn source_column(&self, target: &Target) -> Option<usize> {
        match target.source? {
            None => Some(0),
            Some(source) => {
                let place = self.mentions.iter().position(|m| m.0 == source)?;
                Some(place + 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::annotation::Probability;
    use crate::model::{SentenceTokens, Window};
    use crate::text::Span;
    use crate::train::data::Silence;

    fn schema(relations: &[&str]) -> Schema {
        let mut text = "[[entity]]\nname='PER'\n".to_string();
        for name in relations {
            text += &format!("[[relation]]\nname='{name}'\n");
        }
        toml::from_str(&text).unwrap()
    }

    /// Three words, each a mention; the first `relation`s the second.
    fn example(relation: usize, silence: Silence) -> Example {
        Example {
            doc: "d".into(),
            tokens: SentenceTokens {
                ids: vec![7; 3],
                word_of: vec![0, 1, 2],
                words: (0..3).map(|n| Span::new(2 * n, 2 * n + 1)).collect(),
                shapes: vec![1; 3],
            },
            tags: None,
            mentions: vec![(0, 0, 0), (1, 1, 0), (2, 2, 0)],
            relations: vec![Target {
                subject: 0,
                object: 1,
                relation,
                status: None,
                trigger: None,
                source: None,
                holds: true,
                probability: None,
            }],
            coverage: Coverage::Full,
            unrelated: Vec::new(),
            silence: Arc::new(silence),
        }
    }

    fn row() -> Row {
        Row {
            window: Window {
                ids: vec![1, 7, 7, 7, 2],
                shapes: vec![0; 5],
                pieces: vec![Piece {
                    sentence: 0,
                    at: 1,
                    subwords: 0..3,
                    owned: 0..3,
                }],
            },
            examples: vec![0],
        }
    }

    #[test]
    fn a_source_outside_the_piece_teaches_nothing() {
        let schema = schema(&["meets"]);
        let column = |source, subwords: std::ops::Range<usize>| {
            let mut example = example(0, Silence::default());
            example.relations[0].source = source;
            let mut row = row();
            row.window.pieces[0].subwords = subwords;
            Lesson::new(&[row], &[example], &schema, 0).held[0].source
        };
        assert_eq!(column(None, 0..3), None);
        assert_eq!(column(Some(None), 0..3), Some(0));
        assert_eq!(column(Some(Some(2)), 0..3), Some(3));
        assert_eq!(column(Some(Some(2)), 0..2), None);
    }

    #[test]
    fn without_a_teacher_every_pair_counts_for_every_relation() {
        let schema = schema(&["meets", "founds"]);
        let lesson = Lesson::new(&[row()], &[example(1, Silence::default())], &schema, 0);
        assert_eq!(lesson.pairs.pairs.len(), 6);
        assert_eq!(lesson.counts, [1.0; 12]);
        assert_eq!(lesson.asked, [0.0; 12]);
        assert_eq!(lesson.wanted.iter().sum::<f32>(), 1.0);
    }

    #[test]
    fn what_the_samples_never_label_is_asked_of_the_base_model() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_new(&[], &base);
        let lesson = Lesson::new(&[row()], &[example(1, silence)], &new, 1);
        // Column by column: meets is the teacher's, founds the label's.
        assert_eq!(lesson.asked, [1.0, 0.0].repeat(6));
        assert_eq!(lesson.counts, [0.0, 1.0].repeat(6));
    }

    #[test]
    fn of_a_replayed_sentence_the_base_models_opinion_is_learnt_and_not_the_label() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_replayed(&base, &new, true);
        let lesson = Lesson::new(&[row()], &[example(0, silence)], &new, 1);
        assert_eq!(lesson.asked, [1.0, 0.0].repeat(6));
        assert_eq!(lesson.wanted, [0.0; 12]);
        assert!(lesson.held.is_empty());
        let founds: Vec<f32> = lesson.counts.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(founds, [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    }

    /// The reviewer's row is the pair (0, 1).
    fn reviewed(relation: usize, holds: bool) -> Example {
        let mut reviewed = example(relation, Silence::default());
        reviewed.coverage = Coverage::Listed;
        reviewed.relations[0].holds = holds;
        reviewed
    }

    #[test]
    fn a_verdict_speaks_of_its_own_relation_and_the_base_model_of_all_else() {
        let schema = schema(&["meets", "founds"]);
        for holds in [true, false] {
            let lesson = Lesson::new(&[row()], &[reviewed(1, holds)], &schema, 2);
            assert_eq!(lesson.pairs.pairs.len(), 6);
            assert_eq!(lesson.counts, [&[0.0, 1.0][..], &[0.0; 10]].concat());
            assert_eq!(lesson.asked, [&[1.0, 0.0][..], &[1.0; 10]].concat());
            assert_eq!(lesson.wanted[1], f32::from(u8::from(holds)));
        }
    }

    #[test]
    fn a_soft_label_is_learnt_as_likely_as_it_is() {
        let schema = schema(&["meets"]);
        let mut soft = example(0, Silence::default());
        soft.relations[0].holds = false;
        soft.relations[0].probability = Probability::new(0.2);
        let lesson = Lesson::new(&[row()], &[soft], &schema, 0);
        assert_eq!(lesson.wanted, [0.2, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(lesson.counts, [1.0; 6]);
        assert!(lesson.held.is_empty());
    }

    #[test]
    fn a_pair_that_has_none_has_none_of_all_relations() {
        let schema = schema(&["meets", "founds"]);
        let mut none = reviewed(1, false);
        none.unrelated = vec![(0, 1)];
        let lesson = Lesson::new(&[row()], &[none], &schema, 2);
        assert_eq!(lesson.counts, [&[1.0; 2][..], &[0.0; 10]].concat());
        assert_eq!(lesson.asked, [&[0.0; 2][..], &[1.0; 10]].concat());
    }

    #[test]
    fn a_listed_relation_that_the_base_does_not_know_tells_its_pair_apart() {
        let schema = schema(&["meets", "founds"]);
        let lesson = Lesson::new(&[row()], &[reviewed(0, true)], &schema, 1);
        assert_eq!(lesson.counts, [&[1.0; 2][..], &[0.0; 10]].concat());
    }

    #[test]
    fn a_replayed_pair_that_is_related_may_have_the_new_relation() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_replayed(&base, &new, false);
        let lesson = Lesson::new(&[row()], &[example(0, silence)], &new, 1);
        // The first pair (0, 1) meets; the third (1, 0) is its mirror; the others have nothing.
        let founds: Vec<f32> = lesson.counts.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(founds, [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(lesson.asked, [0.0; 12]);
    }
}
