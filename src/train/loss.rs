use tch::{Kind, Reduction, Tensor};

use super::data::{Example, Target};
use super::plan::Row;
use crate::annotation::Coverage;
use crate::config::Schema;
use crate::error::Result;
use crate::model::{Batch, Hidden, Phase, Piece, Window};
use crate::network::Network;
use crate::relations::{PairMention, Pairs};

/// Weights of the parts of the loss beside tags and relations, which count 1.
const STATUS: f64 = 0.5;
const TRIGGER: f64 = 0.2;
const SOURCE: f64 = 0.2;

/// The loss of one batch: a sentence with tags, the summed cross-entropy of its words; plus, a
/// sentence with pairs, the summed binary cross-entropy of its pairs' relations; plus status,
/// trigger and source of those that hold. Both sums are divided by sentences, not by words and
/// pairs: with a mean over words the relations' gradients were so much larger that mentions were
/// hardly learnt.
pub(super) fn loss(
    network: &Network,
    rows: &[Row],
    examples: &[Example],
    schema: &Schema,
    padding: u32,
) -> Result<Tensor> {
    let windows: Vec<&Window> = rows.iter().map(|r| &r.window).collect();
    let batch = Batch::new(&windows, padding);
    let hidden = network.encoder.encode(&batch, Phase::Train)?;
    let mut total = Tensor::zeros([], (Kind::Float, hidden.states.device()));
    if let Some(tags) = tag_loss(network, &hidden, &batch, rows, examples) {
        total += tags;
    }
    if let Some(relations) = relation_loss(network, &hidden, &batch, rows, examples, schema) {
        total += relations;
    }
    Ok(total)
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
    network: &Network,
    hidden: &Hidden,
    batch: &Batch,
    rows: &[Row],
    examples: &[Example],
) -> Option<Tensor> {
    let (mut starts, mut gold) = (Vec::new(), Vec::new());
    let mut tagged = 0;
    for (row, piece, example) in sentences(rows, examples) {
        let Some(tags) = &example.tags else { continue };
        tagged += 1;
        let of = &example.tokens.word_of;
        for i in piece.owned.clone() {
            if i == 0 || of[i] != of[i - 1] {
                starts.push(batch.flat(row, piece.at + i - piece.subwords.start));
                gold.push(tags[of[i] as usize] as i64);
            }
        }
    }
    if starts.is_empty() {
        return None;
    }
    let logits = network.tags.logits(hidden, &starts, true);
    let words = gold.len() as f64;
    let mean = logits.cross_entropy_for_logits(&Tensor::from_slice(&gold));
    Some(mean * (words / f64::from(tagged)))
}

/// Pairs of a batch with what is to be learnt of them.
#[derive(Default)]
struct Lesson {
    pairs: Pairs,
    /// `[pairs, relations]`: wanted output, and whether it counts.
    wanted: Vec<f32>,
    counts: Vec<f32>,
    /// Relations that hold: pair, target, and the example's number of each mention of the group.
    held: Vec<(usize, Target, Vec<usize>)>,
    /// Their triggers, as positions in the sentence piece.
    spans: Vec<Option<(usize, usize)>>,
    sentences: usize,
}

fn relation_loss(
    network: &Network,
    hidden: &Hidden,
    batch: &Batch,
    rows: &[Row],
    examples: &[Example],
    schema: &Schema,
) -> Option<Tensor> {
    let lesson = lesson(rows, examples, schema);
    if lesson.pairs.pairs.is_empty() {
        return None;
    }
    let states = network
        .relations
        .states(hidden, batch.row_len(), &lesson.pairs, true);
    let shape = states.logits.size();
    let wanted = Tensor::from_slice(&lesson.wanted).view(shape.as_slice());
    let counts = Tensor::from_slice(&lesson.counts).view(shape.as_slice());
    let sum = states.logits.binary_cross_entropy_with_logits(
        &wanted,
        Some(&counts),
        None::<&Tensor>,
        Reduction::Sum,
    );
    let mut total = sum / lesson.sentences.max(1) as f64;
    let with = |keep: fn(&(usize, Target, Vec<usize>)) -> bool| -> Vec<usize> {
        (0..lesson.held.len())
            .filter(|&n| keep(&lesson.held[n]))
            .collect()
    };
    let items = |chosen: &[usize]| -> Vec<(usize, usize)> {
        chosen
            .iter()
            .map(|&n| (lesson.held[n].0, lesson.held[n].1.relation))
            .collect()
    };
    let told = with(|h| h.1.status.is_some());
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
    let sourced = with(|h| h.1.source.is_some());
    if !sourced.is_empty() {
        let gold: Vec<i64> = sourced
            .iter()
            .map(|&n| {
                let (_, target, local) = &lesson.held[n];
                let named = target.source.flatten();
                named
                    .and_then(|m| local.iter().position(|&k| k == m))
                    .map_or(0, |k| k as i64 + 1)
            })
            .collect();
        let logits = network
            .relations
            .source(&states, &lesson.pairs, &items(&sourced));
        total += logits.cross_entropy_for_logits(&Tensor::from_slice(&gold)) * SOURCE;
    }
    Some(total)
}

fn lesson(rows: &[Row], examples: &[Example], schema: &Schema) -> Lesson {
    let relations = schema.relations.len();
    let mut lesson = Lesson::default();
    for (row, piece, example) in sentences(rows, examples) {
        if !example.has_pairs() {
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
            example.coverage == Coverage::Full
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
            for target in &example.relations {
                let symmetric = schema.relations[target.relation].symmetric;
                let forward = (target.subject, target.object) == (s, o);
                if !(forward || symmetric && (target.object, target.subject) == (s, o)) {
                    continue;
                }
                if !all && target.holds {
                    // A reviewed row tells its relation apart from all others.
                    lesson.counts[from..from + relations].fill(1.0);
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
        }
    }
    lesson
}
