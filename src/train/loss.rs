use tch::{Kind, Reduction, Tensor};

use super::data::{Example, Target};
use super::options::Learn;
use super::plan::Row;
use crate::annotation::Coverage;
use crate::config::Schema;
use crate::error::Result;
use crate::model::{Batch, Hidden, Phase, Piece, Window};
use crate::ner::TagSet;
use crate::network::Network;
use crate::relations::{PairMention, Pairs};

/// Weights of the parts of the loss beside tags and relations, which count 1.
const STATUS: f64 = 1.0;
const TRIGGER: f64 = 0.2;
const SOURCE: f64 = 0.2;

/// What a loss is computed with.
pub(super) struct Course<'t> {
    pub network: &'t Network,
    /// The base model, whose outputs are the targets where labels say nothing.
    pub teacher: Option<&'t Network>,
    pub examples: &'t [Example],
    pub schema: &'t Schema,
    /// Which weights move.
    pub learn: Learn,
    /// The id that batches are filled up with.
    pub padding: u32,
}

impl Course<'_> {
    /// Whether the network learns with dropout. Not beside a teacher, which has none: a network
    /// that says the same with dropout says it more loudly without, and so would drift away from
    /// its base even on what it has nothing to learn of.
    fn drops(&self) -> bool {
        self.teacher.is_none() && self.learn == Learn::All
    }
}

/// The loss of one batch: a sentence with tags, the summed cross-entropy of its words; plus, a
/// sentence with pairs, the summed binary cross-entropy of its pairs' relations; plus status,
/// trigger and source of those that hold. Both sums are divided by sentences, not by words and
/// pairs: with a mean over words the relations' gradients were so much larger that mentions were
/// hardly learnt.
///
/// Classes are far from balanced: some 97 of 100 pairs have no relation, and some relations have
/// fifteen samples. Each relation is therefore a yes or no of its own with its own bias, which
/// starts at -4 (a probability of 0.02, about the share of pairs that have it) so that the first
/// steps are not spent on learning that most pairs have none; and the loss is a sum over the pairs
/// of a sentence, not their mean, so that the one pair that holds weighs the same in a sentence of
/// two names and in one of twelve. Negatives are neither sampled nor weighted down: the outputs stay
/// probabilities.
pub(super) fn loss(course: &Course, rows: &[Row]) -> Result<Tensor> {
    let windows: Vec<&Window> = rows.iter().map(|r| &r.window).collect();
    let batch = Batch::new(&windows, course.padding);
    let phase = if course.drops() {
        Phase::Train
    } else {
        Phase::Predict
    };
    let hidden = course.network.encoder.encode(&batch, phase)?;
    let taught = course
        .teacher
        .map(|teacher| {
            let hidden = tch::no_grad(|| teacher.encoder.encode(&batch, Phase::Predict))?;
            Ok::<_, crate::Error>(Taught { teacher, hidden })
        })
        .transpose()?;
    let taught = taught.as_ref();
    let mut total = Tensor::zeros([], (Kind::Float, hidden.states.device()));
    if course.learn == Learn::All
        && let Some(tags) = tag_loss(course, taught, &hidden, &batch, rows)
    {
        total += tags;
    }
    if let Some(relations) = relation_loss(course, taught, &hidden, &batch, rows) {
        total += relations;
    }
    Ok(total)
}

/// The base model and what its encoder made of the batch.
struct Taught<'t> {
    teacher: &'t Network,
    hidden: Hidden,
}

impl Taught<'_> {
    /// Its probabilities of the tags at these positions, filled up to `tags` columns, fp32.
    fn tags(&self, starts: &[i64], tags: i64) -> Tensor {
        tch::no_grad(|| {
            let logits = self.teacher.tags.logits(&self.hidden, starts, false);
            widened(logits.softmax(-1, Kind::Float), tags)
        })
    }

    /// Its probabilities of the relations of these pairs, filled up to `relations` columns, fp32.
    fn relations(&self, row_len: usize, pairs: &Pairs, relations: i64) -> Tensor {
        tch::no_grad(|| {
            let states = self
                .teacher
                .relations
                .states(&self.hidden, row_len, pairs, false);
            widened(states.logits.sigmoid(), relations)
        })
    }
}

/// A matrix with columns of zeros added for what the teacher does not know.
fn widened(matrix: Tensor, columns: i64) -> Tensor {
    let more = columns - matrix.size().get(1).copied().unwrap_or(columns);
    matrix.constant_pad_nd([0, more.max(0)])
}

fn sentences<'a>(
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

fn tag_loss(
    course: &Course,
    taught: Option<&Taught>,
    hidden: &Hidden,
    batch: &Batch,
    rows: &[Row],
) -> Option<Tensor> {
    let (mut starts, mut gold) = (Vec::new(), Vec::new());
    // Of each word, the example whose silence decides about it; `None` when it has no tags.
    let mut of_example = Vec::new();
    let mut tagged = 0;
    for (row, piece, example) in sentences(rows, course.examples) {
        if example.tags.is_none() && taught.is_none() {
            continue;
        }
        tagged += 1;
        let of = &example.tokens.word_of;
        for i in piece.owned.clone() {
            if i == 0 || of[i] != of[i - 1] {
                starts.push(batch.flat(row, piece.at + i - piece.subwords.start));
                let tag = example.tags.as_ref().map(|tags| tags[of[i] as usize]);
                gold.push(tag.unwrap_or(0) as i64);
                of_example.push(tag.map(|_| example));
            }
        }
    }
    if starts.is_empty() {
        return None;
    }
    let logits = course.network.tags.logits(hidden, &starts, course.drops());
    let gold = Tensor::from_slice(&gold);
    let a_sentence = starts.len() as f64 / f64::from(tagged);
    let Some(taught) = taught else {
        return Some(logits.cross_entropy_for_logits(&gold) * a_sentence);
    };
    let tags = logits.size().get(1).copied().unwrap_or(0);
    let soft = taught.tags(&starts, tags);
    let believed = Vec::<i64>::try_from(soft.argmax(-1, false)).ok()?;
    let plain = Vec::<i64>::try_from(&gold).ok()?;
    let from_teacher: Vec<f32> = of_example
        .iter()
        .zip(believed.iter().zip(&plain))
        .map(|(example, (&believed, &tag))| {
            let open = example.is_none_or(|example| {
                tag == 0
                    && TagSet::label_of(believed as usize)
                        .is_some_and(|label| example.silence.on_type(label))
            });
            f32::from(u8::from(open))
        })
        .collect();
    let share = Tensor::from_slice(&from_teacher).unsqueeze(1);
    let hard = gold.one_hot(tags).to_kind(Kind::Float);
    let target: Tensor = soft * &share + hard * (1f64 - &share);
    let losses: Tensor = (target * logits.log_softmax(-1, Kind::Float)).sum(Kind::Float);
    Some(losses / -f64::from(tagged))
}

/// Pairs of a batch with what is to be learnt of them.
#[derive(Default)]
struct Lesson {
    pairs: Pairs,
    /// `[pairs, relations]`: wanted output, and whether it counts.
    wanted: Vec<f32>,
    counts: Vec<f32>,
    /// Where the teacher decides, if there is one.
    asked: Vec<f32>,
    /// Relations that hold: pair, target, and the example's number of each mention of the group.
    held: Vec<(usize, Target, Vec<usize>)>,
    /// Their triggers, as positions in the sentence piece.
    spans: Vec<Option<(usize, usize)>>,
    sentences: usize,
}

fn relation_loss(
    course: &Course,
    taught: Option<&Taught>,
    hidden: &Hidden,
    batch: &Batch,
    rows: &[Row],
) -> Option<Tensor> {
    let network = course.network;
    let known = taught.map_or(0, |t| t.teacher.relations.relations());
    let lesson = lesson(rows, course.examples, course.schema, known);
    if lesson.pairs.pairs.is_empty() {
        return None;
    }
    let states = network
        .relations
        .states(hidden, batch.row_len(), &lesson.pairs, course.drops());
    let shape = states.logits.size();
    let mut wanted = Tensor::from_slice(&lesson.wanted).view(shape.as_slice());
    let mut counts = Tensor::from_slice(&lesson.counts).view(shape.as_slice());
    if let Some(taught) = taught {
        let asked = Tensor::from_slice(&lesson.asked).view(shape.as_slice());
        let relations = course.schema.relations.len() as i64;
        let believed = taught.relations(batch.row_len(), &lesson.pairs, relations);
        wanted = wanted * (1f64 - &asked) + believed * &asked;
        counts = counts.maximum(&asked);
    }
    let sum = states.logits.binary_cross_entropy_with_logits(
        &wanted,
        Some(&counts),
        None::<&Tensor>,
        Reduction::Sum,
    );
    let mut total = sum / lesson.sentences.max(1) as f64;
    let items = |chosen: &[usize]| -> Vec<(usize, usize)> {
        chosen
            .iter()
            .map(|&n| (lesson.held[n].0, lesson.held[n].1.relation))
            .collect()
    };
    let told: Vec<usize> = (0..lesson.held.len())
        .filter(|&n| lesson.held[n].1.status.is_some())
        .collect();
    if !told.is_empty() {
        let gold: Vec<i64> = told
            .iter()
            .filter_map(|&n| lesson.held[n].1.status)
            .map(|s| s as i64)
            .collect();
        let logits = network.relations.status(&states, &items(&told));
        total += logits.cross_entropy_for_logits(&Tensor::from_slice(&gold)) * STATUS;
    }
    let triggered: Vec<usize> = (0..lesson.held.len())
        .filter(|&n| lesson.spans[n].is_some())
        .collect();
    if !triggered.is_empty() {
        let (start, end) = network
            .relations
            .trigger(&states, &lesson.pairs, &items(&triggered));
        let (a, b): (Vec<i64>, Vec<i64>) = triggered
            .iter()
            .filter_map(|&n| lesson.spans[n])
            .map(|(a, b)| (a as i64, b as i64))
            .unzip();
        let both = start.cross_entropy_for_logits(&Tensor::from_slice(&a))
            + end.cross_entropy_for_logits(&Tensor::from_slice(&b));
        total += both * TRIGGER;
    }
    let (sourced, gold): (Vec<usize>, Vec<i64>) = lesson
        .held
        .iter()
        .enumerate()
        .filter_map(|(n, (_, target, local))| Some((n, source_column(target, local)?)))
        .unzip();
    if !sourced.is_empty() {
        let logits = network
            .relations
            .source(&states, &lesson.pairs, &items(&sourced));
        total += logits.cross_entropy_for_logits(&Tensor::from_slice(&gold)) * SOURCE;
    }
    Some(total)
}

/// The column of a relation's source among those of the `local` mentions: 0 when it is known to be
/// unnamed; `None` when it is unknown or stands outside the piece.
fn source_column(target: &Target, local: &[usize]) -> Option<i64> {
    match target.source? {
        None => Some(0),
        Some(source) => {
            let place = local.iter().position(|&mention| mention == source)?;
            Some(place as i64 + 1)
        }
    }
}

/// The pairs of a batch. Of what the labels leave open, the first `taught` relations are asked of
/// the teacher; 0 without one.
fn lesson(rows: &[Row], examples: &[Example], schema: &Schema, taught: usize) -> Lesson {
    let relations = schema.relations.len();
    let mut lesson = Lesson::default();
    for (row, piece, example) in sentences(rows, examples) {
        if !example.has_pairs(taught > 0) {
            continue;
        }
        let tokens = &example.tokens;
        // Mentions that this piece holds whole, with their numbers in the example.
        let mut local = Vec::new();
        let mut mentions = Vec::new();
        for (n, &(first, last, label)) in example.mentions.iter().enumerate() {
            let (a, b) = tokens.subwords_of((first, last));
            if a >= piece.subwords.start && b < piece.subwords.end {
                let at = |i: usize| piece.at + i - piece.subwords.start;
                local.push(n);
                mentions.push(PairMention {
                    first: at(a),
                    last: at(b),
                    label,
                });
            }
        }
        let known = |s: usize, o: usize| {
            let (s, o) = (local[s], local[o]);
            taught > 0
                || example.coverage == Coverage::Full
                || example.unrelated.contains(&(s, o))
                || example.relations.iter().any(|r| {
                    (r.subject, r.object) == (s, o)
                        || schema.relations[r.relation].symmetric && (r.object, r.subject) == (s, o)
                })
        };
        let before = lesson.pairs.pairs.len();
        lesson.pairs.push(
            row,
            piece.at..piece.at + piece.subwords.len(),
            &mentions,
            known,
        );
        let base = lesson.pairs.mentions.len() - mentions.len();
        lesson.sentences += 1;
        for n in before..lesson.pairs.pairs.len() {
            let pair = lesson.pairs.pairs[n];
            let (s, o) = (local[pair.subject - base], local[pair.object - base]);
            let all = example.coverage == Coverage::Full || example.unrelated.contains(&(s, o));
            let from = lesson.wanted.len();
            lesson.wanted.resize(from + relations, 0.0);
            lesson
                .counts
                .resize(from + relations, if all { 1.0 } else { 0.0 });
            lesson.asked.resize(from + relations, 0.0);
            let related = example
                .relations
                .iter()
                .any(|r| r.holds && [(s, o), (o, s)].contains(&(r.subject, r.object)));
            if all {
                for relation in 0..relations {
                    if example.silence.on_relation(relation, related) {
                        lesson.counts[from + relation] = 0.0;
                    }
                }
            }
            let taught_by =
                |target: &&Target| !example.silence.is_read_only() || target.relation >= taught;
            for target in example.relations.iter().filter(taught_by) {
                let symmetric = schema.relations[target.relation].symmetric;
                let forward = (target.subject, target.object) == (s, o);
                if !(forward || symmetric && (target.object, target.subject) == (s, o)) {
                    continue;
                }
                if !all && target.holds {
                    // A listed row tells its relation apart from all others, but nobody looked for
                    // those: where there is a teacher, it knows better.
                    let others = from + taught.min(relations)..from + relations;
                    lesson.counts[others].fill(1.0);
                }
                lesson.counts[from + target.relation] = 1.0;
                lesson.wanted[from + target.relation] = if target.holds { 1.0 } else { 0.0 };
                if target.holds {
                    lesson.spans.push(target.trigger.and_then(|words| {
                        let (a, b) = tokens.subwords_of(words);
                        (a >= piece.subwords.start && b < piece.subwords.end)
                            .then(|| (a - piece.subwords.start, b - piece.subwords.start))
                    }));
                    lesson.held.push((n, target.clone(), local.clone()));
                }
            }
            for relation in 0..taught.min(relations) {
                if lesson.counts[from + relation] == 0.0 {
                    lesson.asked[from + relation] = 1.0;
                }
            }
        }
    }
    lesson
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::SentenceTokens;
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
        let column = |source| {
            let target = Target {
                source,
                ..example(0, Silence::default()).relations[0].clone()
            };
            source_column(&target, &[2, 5])
        };
        assert_eq!(column(None), None);
        assert_eq!(column(Some(None)), Some(0));
        assert_eq!(column(Some(Some(5))), Some(2));
        assert_eq!(column(Some(Some(0))), None);
    }

    #[test]
    fn without_a_teacher_every_pair_counts_for_every_relation() {
        let schema = schema(&["meets", "founds"]);
        let lesson = lesson(&[row()], &[example(1, Silence::default())], &schema, 0);
        assert_eq!(lesson.pairs.pairs.len(), 6);
        assert_eq!(lesson.counts, [1.0; 12]);
        assert_eq!(lesson.asked, [0.0; 12]);
        assert_eq!(lesson.wanted.iter().sum::<f32>(), 1.0);
    }

    #[test]
    fn what_the_samples_never_label_is_asked_of_the_base_model() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_new(&[], &base);
        let lesson = lesson(&[row()], &[example(1, silence)], &new, 1);
        // Column by column: meets is the teacher's, founds the label's.
        assert_eq!(lesson.asked, [1.0, 0.0].repeat(6));
        assert_eq!(lesson.counts, [0.0, 1.0].repeat(6));
    }

    #[test]
    fn of_a_replayed_sentence_the_base_models_opinion_is_learnt_and_not_the_label() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_replayed(&base, &new, true);
        let lesson = lesson(&[row()], &[example(0, silence)], &new, 1);
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
            let lesson = lesson(&[row()], &[reviewed(1, holds)], &schema, 2);
            assert_eq!(lesson.pairs.pairs.len(), 6);
            assert_eq!(lesson.counts, [&[0.0, 1.0][..], &[0.0; 10]].concat());
            assert_eq!(lesson.asked, [&[1.0, 0.0][..], &[1.0; 10]].concat());
            assert_eq!(lesson.wanted[1], f32::from(u8::from(holds)));
        }
    }

    #[test]
    fn a_pair_that_has_none_has_none_of_all_relations() {
        let schema = schema(&["meets", "founds"]);
        let mut none = reviewed(1, false);
        none.unrelated = vec![(0, 1)];
        let lesson = lesson(&[row()], &[none], &schema, 2);
        assert_eq!(lesson.counts, [&[1.0; 2][..], &[0.0; 10]].concat());
        assert_eq!(lesson.asked, [&[0.0; 2][..], &[1.0; 10]].concat());
    }

    #[test]
    fn a_listed_relation_that_the_base_does_not_know_tells_its_pair_apart() {
        let schema = schema(&["meets", "founds"]);
        let lesson = lesson(&[row()], &[reviewed(0, true)], &schema, 1);
        assert_eq!(lesson.counts, [&[1.0; 2][..], &[0.0; 10]].concat());
    }

    #[test]
    fn a_replayed_pair_that_is_related_may_have_the_new_relation() {
        let (base, new) = (schema(&["meets"]), schema(&["meets", "founds"]));
        let silence = Silence::of_replayed(&base, &new, false);
        let lesson = lesson(&[row()], &[example(0, silence)], &new, 1);
        // The first pair (0, 1) meets; the third (1, 0) is its mirror; the others have nothing.
        let founds: Vec<f32> = lesson.counts.iter().skip(1).step_by(2).copied().collect();
        assert_eq!(founds, [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(lesson.asked, [0.0; 12]);
    }
}
