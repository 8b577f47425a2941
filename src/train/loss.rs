use tch::{Kind, Reduction, Tensor};

use super::data::Example;
use super::lesson::{Held, Lesson, pieces};
use super::plan::Row;
use crate::config::Schema;
use crate::error::Result;
use crate::model::{Batch, Hidden, Phase, Window};
use crate::ner::TagSet;
use crate::network::Network;
use crate::relations::{PairStates, Pairs, RelationHead};

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
    /// The id that batches are filled up with.
    pub padding: u32,
}

impl Course<'_> {
    /// Whether the network learns with dropout. Not beside a teacher, which has none: a network
    /// that says the same with dropout says it more loudly without, and so would drift away from
    /// its base even on what it has nothing to learn of.
    fn drops(&self) -> bool {
        self.teacher.is_none()
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
    if let Some(tags) = tag_loss(course, taught, &hidden, &batch, rows) {
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
    for (row, piece, example) in pieces(rows, course.examples) {
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

fn relation_loss(
    course: &Course,
    taught: Option<&Taught>,
    hidden: &Hidden,
    batch: &Batch,
    rows: &[Row],
) -> Option<Tensor> {
    let known = taught.map_or(0, |t| t.teacher.relations.relations());
    let lesson = Lesson::new(rows, course.examples, course.schema, known);
    if lesson.pairs.pairs.is_empty() {
        return None;
    }
    let head = &course.network.relations;
    let states = head.states(hidden, batch.row_len(), &lesson.pairs, course.drops());
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
    for (weight, loss) in [
        (STATUS, status_loss(head, &states, &lesson)),
        (TRIGGER, trigger_loss(head, &states, &lesson)),
        (SOURCE, source_loss(head, &states, &lesson)),
    ] {
        if let Some(loss) = loss {
            total += loss * weight;
        }
    }
    Some(total)
}

/// Pairs, each with a relation.
type Asked = Vec<(usize, usize)>;

/// The pairs and relations of which something is known, and what; `None` when there are none.
fn known_of<T>(lesson: &Lesson, what: impl Fn(&Held) -> Option<T>) -> Option<(Asked, Vec<T>)> {
    let held = lesson.held.iter();
    let (items, known): (Vec<_>, Vec<_>) = held
        .filter_map(|h| Some(((h.pair, h.relation), what(h)?)))
        .unzip();
    (!items.is_empty()).then_some((items, known))
}

fn indices(of: impl IntoIterator<Item = usize>) -> Tensor {
    Tensor::from_slice(&of.into_iter().map(|n| n as i64).collect::<Vec<_>>())
}

fn status_loss(head: &RelationHead, states: &PairStates, lesson: &Lesson) -> Option<Tensor> {
    let (items, gold) = known_of(lesson, |held| held.status)?;
    let logits = head.status(states, &items);
    Some(logits.cross_entropy_for_logits(&indices(gold)))
}

fn trigger_loss(head: &RelationHead, states: &PairStates, lesson: &Lesson) -> Option<Tensor> {
    let (items, spans) = known_of(lesson, |held| held.trigger)?;
    let (start, end) = head.trigger(states, &lesson.pairs, &items);
    let starts = indices(spans.iter().map(|s| s.0));
    let ends = indices(spans.iter().map(|s| s.1));
    Some(start.cross_entropy_for_logits(&starts) + end.cross_entropy_for_logits(&ends))
}

fn source_loss(head: &RelationHead, states: &PairStates, lesson: &Lesson) -> Option<Tensor> {
    let (items, gold) = known_of(lesson, |held| held.source)?;
    let logits = head.source(states, &lesson.pairs, &items);
    Some(logits.cross_entropy_for_logits(&indices(gold)))
}
