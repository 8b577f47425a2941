//! What a reviewer means by relations, where the model means something else.
//!
//! A few hundred verdicts cannot teach a trained model to read better: they are nothing beside what it
//! has learnt from. They can tell that by a relation their author means something else than the model
//! does. So the weights stay, and each relation's logit becomes `z + a + Σ b_q p_q`: `z` is the model's
//! logit, `p_q` how likely it thinks that the relation `q` holds of the pair, `a` and the `b_q` are
//! learnt by logistic regression. Nearly all of them are 0: the penalty is that of the lasso
//! (Tibshirani 1996), as high as what verdicts would say by chance if the model's probabilities are
//! right (a multiple of the standard deviation of the gradient, as in Belloni, Chernozhukov and Wang
//! 2011), and it is lifted from what has been found to differ (reweighted, Candès, Wakin and Boyd 2008).
//! Of pairs that nobody judged the model's own opinion is the label, with a small weight.

use std::collections::{BTreeMap, HashMap};

use super::BATCH_TOKENS;
use crate::annotation::{Label, Sample};
use crate::config::{Correction, Schema};
use crate::error::Result;
use crate::network::{Predicted, Workers};
use crate::text::Span;

/// Relations less likely than this are as good as none.
const LEAST: f32 = 0.002;
/// What the model says of a pair that nobody judged counts as much of a verdict.
const OPINION: f64 = 0.03;
/// A difference must be so many standard deviations from what chance would make of it ...
const DEVIATIONS: f64 = 2.0;
/// ... and so many verdicts more, since few say little. They count in full against a relation as a
/// whole, and half where the model thinks of one relation and the reviewer of another.
const VERDICTS: f64 = 2.0;
/// Coefficients well above this are hardly penalised when the penalty is reweighted.
const SMALL: f64 = 0.6;
const REWEIGHTED: usize = 2;
const STEPS: usize = 500;
/// What is added is told in hundredths; less is nothing.
const TOLD: f64 = 0.05;

/// A pair of names with what the model thinks of it and what was said of it; all by relation.
struct Pair {
    /// Logits of the model as it is, its corrections so far among them.
    logits: Vec<f64>,
    /// Relations that the model thinks at all likely, and how likely by its weights alone.
    likely: Vec<(usize, f64)>,
    /// Whether the relation holds, where that was judged.
    judged: Vec<Option<bool>>,
}

/// Learns from `samples`, which list verdicts, how the relations of the model that `workers` run are
/// to be corrected: all corrections of the new model, those that the old one has among them.
///
/// # Errors
/// The model cannot be run.
pub(super) fn learn(workers: &mut Workers, samples: &[Sample]) -> Result<Vec<Correction>> {
    let schema = workers.model().schema.clone();
    let config = workers.model().config.clone();
    let old = Table::of(&config.relation_corrections, &schema);
    let mut bare = config.clone();
    bare.relation_corrections.clear();
    bare.relation_thresholds.clear();
    bare.relation_threshold = LEAST;
    workers.set_outputs_of(bare);
    let predicted = workers.predict_scored(samples, true, BATCH_TOKENS);
    workers.set_outputs_of(config);
    let pairs: Vec<Pair> = samples
        .iter()
        .zip(&predicted?)
        .flat_map(|(sample, predicted)| pairs_of(sample, predicted, &schema, &old))
        .collect();
    let mut new = old;
    for (relation, coefficients) in new.0.iter_mut().enumerate() {
        for (coefficient, more) in coefficients.iter_mut().zip(differences(&pairs, relation)) {
            *coefficient += more;
        }
    }
    Ok(new.corrections(&schema))
}

/// By relation: what is always added to its logit, then what is added as far as each relation is
/// likely.
struct Table(Vec<Vec<f64>>);

impl Table {
    fn of(corrections: &[Correction], schema: &Schema) -> Self {
        let relations = schema.relations.len();
        let mut table = vec![vec![0.0; relations + 1]; relations];
        let index = |label: &Label| schema.relation_index(label.as_str());
        for correction in corrections {
            let given = match &correction.given {
                None => Some(0),
                Some(given) => index(given).map(|n| n + 1),
            };
            if let (Some(row), Some(column)) = (index(&correction.relation), given) {
                table[row][column] += f64::from(correction.add);
            }
        }
        Self(table)
    }

    fn corrections(&self, schema: &Schema) -> Vec<Correction> {
        let name = |n: usize| schema.relations.get(n).map(|r| r.name.clone());
        let mut all = Vec::new();
        for (relation, coefficients) in self.0.iter().enumerate() {
            for (column, &add) in coefficients.iter().enumerate() {
                if add.abs() < TOLD {
                    continue;
                }
                if let Some(relation) = name(relation) {
                    all.push(Correction {
                        relation,
                        given: column.checked_sub(1).and_then(name),
                        add: ((add * 100.0).round() / 100.0) as f32,
                    });
                }
            }
        }
        all
    }

    /// What is added to a relation's logit of a pair.
    fn added(&self, relation: usize, likely: &[(usize, f64)]) -> f64 {
        self.0.get(relation).map_or(0.0, |row| sum(row, likely))
    }
}

fn sum(coefficients: &[f64], likely: &[(usize, f64)]) -> f64 {
    let given = likely.iter().map(|&(n, p)| coefficients[n + 1] * p);
    coefficients[0] + given.sum::<f64>()
}

/// The pairs of a sentence that were judged or of which the model thinks something.
fn pairs_of(sample: &Sample, predicted: &Predicted, schema: &Schema, old: &Table) -> Vec<Pair> {
    type Ends = (Span, Span);
    let relations = schema.relations.len();
    let mut likely: HashMap<Ends, Vec<(usize, f64)>> = HashMap::new();
    let mut judged: BTreeMap<Ends, Vec<Option<bool>>> = BTreeMap::new();
    let ends = |mentions: &[crate::annotation::SampleMention], s: usize, o: usize| {
        Some((mentions.get(s)?.span, mentions.get(o)?.span))
    };
    let turned = |(s, o): Ends| (o, s);
    let found = &predicted.sample;
    for (relation, &confidence) in found.relations.iter().zip(&predicted.confidences) {
        let index = schema.relation_index(relation.label.as_str());
        let pair = ends(&found.mentions, relation.subject, relation.object);
        let (Some(index), Some(pair)) = (index, pair) else {
            continue;
        };
        let symmetric = schema.is_symmetric(relation.label.as_str());
        for pair in [Some(pair), symmetric.then(|| turned(pair))]
            .into_iter()
            .flatten()
        {
            let of_pair = likely.entry(pair).or_default();
            of_pair.push((index, f64::from(confidence)));
            judged.entry(pair).or_insert_with(|| vec![None; relations]);
        }
    }
    // What was said of a symmetric relation is said of the order in which the model gives it.
    let place = |pair: Ends, label: &Label| {
        let first = if schema.is_symmetric(label.as_str()) && pair.0 > pair.1 {
            turned(pair)
        } else {
            pair
        };
        Some((first, schema.relation_index(label.as_str())?))
    };
    let mut say = |pair: Ends, label: &Label, holds: bool| {
        if let Some((pair, index)) = place(pair, label) {
            judged.entry(pair).or_insert_with(|| vec![None; relations])[index] = Some(holds);
        }
    };
    for &(s, o) in &sample.unrelated {
        if let Some(pair) = ends(&sample.mentions, s, o) {
            for relation in &schema.relations {
                say(pair, &relation.name, false);
            }
        }
    }
    for relation in &sample.relations {
        if let Some(pair) = ends(&sample.mentions, relation.subject, relation.object) {
            say(pair, &relation.label, relation.holds);
        }
    }
    judged
        .into_iter()
        .map(|(ends, judged)| {
            let likely = likely.remove(&ends).unwrap_or_default();
            let mut logits = vec![logit(f64::from(LEAST) / 2.0); relations];
            for &(relation, p) in &likely {
                logits[relation] = logit(p);
            }
            for (relation, logit) in logits.iter_mut().enumerate() {
                *logit += old.added(relation, &likely);
            }
            Pair {
                logits,
                likely,
                judged,
            }
        })
        .collect()
}

/// What is to be added to a relation's logit beyond what the model has: always, then as far as each
/// relation is likely.
fn differences(pairs: &[Pair], relation: usize) -> Vec<f64> {
    let features = pairs.first().map_or(0, |p| p.judged.len()) + 1;
    let mut found = vec![0.0; features];
    let mut penalty = vec![0.0; features];
    for pair in pairs.iter().filter(|p| p.judged[relation].is_some()) {
        let p = sigmoid(pair.logits[relation]);
        penalty[0] += p * (1.0 - p);
        for &(n, given) in &pair.likely {
            penalty[n + 1] += p * (1.0 - p) * given * given;
        }
    }
    for (n, penalty) in penalty.iter_mut().enumerate() {
        let few = if n == 0 { VERDICTS } else { VERDICTS / 2.0 };
        *penalty = DEVIATIONS * penalty.sqrt() + few;
    }
    let step = 1.0 / steepest(pairs, relation, features);
    let mut share = vec![1.0; features];
    for _ in 0..=REWEIGHTED {
        for _ in 0..STEPS {
            let gradient = gradient(pairs, relation, &found);
            for n in 0..features {
                let down = found[n] - step * gradient[n];
                let shrunk = (down.abs() - step * penalty[n] * share[n]).max(0.0);
                found[n] = shrunk.copysign(down);
            }
            if found.iter().all(|&x| x == 0.0) {
                return found;
            }
        }
        for (share, x) in share.iter_mut().zip(&found) {
            *share = SMALL / (x.abs() + SMALL);
        }
    }
    found
}

/// A pair's wanted probability and how much it counts.
fn wanted(pair: &Pair, relation: usize) -> (f64, f64) {
    match pair.judged[relation] {
        Some(holds) => (f64::from(u8::from(holds)), 1.0),
        None => (sigmoid(pair.logits[relation]), OPINION),
    }
}

fn gradient(pairs: &[Pair], relation: usize, coefficients: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; coefficients.len()];
    for pair in pairs {
        let (wanted, weight) = wanted(pair, relation);
        let now = sigmoid(pair.logits[relation] + sum(coefficients, &pair.likely));
        let error = weight * (now - wanted);
        gradient[0] += error;
        for &(n, p) in &pair.likely {
            gradient[n + 1] += error * p;
        }
    }
    gradient
}

/// A bound of the loss's second derivative: a quarter of the largest eigenvalue of the features'
/// weighted Gram matrix, by power iteration, and a little more.
fn steepest(pairs: &[Pair], relation: usize, features: usize) -> f64 {
    let mut direction = vec![1.0; features];
    let mut largest = 1.0;
    for _ in 0..30 {
        let mut next = vec![0.0; features];
        for pair in pairs {
            let along = wanted(pair, relation).1 * sum(&direction, &pair.likely);
            next[0] += along;
            for &(n, p) in &pair.likely {
                next[n + 1] += along * p;
            }
        }
        let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
        largest = length(&next) / length(&direction).max(1e-12);
        if length(&next) < 1e-12 {
            break;
        }
        let scale = length(&next);
        direction = next.into_iter().map(|x| x / scale).collect();
    }
    0.25 * 1.1 * largest.max(1e-6)
}

fn logit(probability: f64) -> f64 {
    let probability = probability.clamp(1e-6, 1.0 - 1e-6);
    (probability / (1.0 - probability)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::options::Rng;

    /// Two relations; the model thinks of one of them, as likely as it is sure.
    fn pair(relation: usize, p: f64, holds: Option<bool>, other_holds: Option<bool>) -> Pair {
        let mut logits = vec![logit(0.001); 2];
        logits[relation] = logit(p);
        let mut judged = vec![None; 2];
        judged[relation] = holds;
        judged[1 - relation] = other_holds;
        Pair {
            logits,
            likely: vec![(relation, p)],
            judged,
        }
    }

    #[test]
    fn what_chance_makes_of_true_probabilities_is_no_difference() {
        let mut rng = Rng::new(&[5]);
        let mut told = 0;
        for _ in 0..20 {
            let pairs: Vec<Pair> = (0..200)
                .map(|n| {
                    let p = 0.05 + 0.9 * rng.unit();
                    pair(n % 2, p, Some(rng.unit() < p), None)
                })
                .collect();
            let found = [0, 1].map(|relation| differences(&pairs, relation));
            told += found.iter().flatten().filter(|x| x.abs() >= TOLD).count();
        }
        assert!(told <= 2, "{told}");
    }

    #[test]
    fn a_relation_that_is_always_called_another_becomes_that() {
        let agreed = |n: usize| pair(n % 2, 0.9, Some(true), None);
        let renamed = (0..12).map(|_| pair(0, 0.85, Some(false), Some(true)));
        let pairs: Vec<Pair> = (0..12).map(|_| agreed(1)).chain(renamed).collect();
        let [first, second] = [0, 1].map(|relation| differences(&pairs, relation));
        let after = |found: &[f64], pair: &Pair, relation: usize| {
            sigmoid(pair.logits[relation] + sum(found, &pair.likely))
        };
        let (kept, renamed) = (&pairs[0], &pairs[20]);
        assert!(after(&first, renamed, 0) < 0.2, "{first:?}");
        assert!(after(&second, renamed, 1) > 0.8, "{second:?}");
        assert!(after(&second, kept, 1) > 0.8, "{second:?}");
    }

    #[test]
    fn one_verdict_is_no_meaning() {
        let pairs = [pair(0, 0.99, Some(false), Some(true))];
        for relation in [0, 1] {
            assert!(differences(&pairs, relation).iter().all(|&x| x == 0.0));
        }
    }

    #[test]
    fn corrections_come_back_from_their_table() {
        let schema: Schema = toml::from_str(
            "[[entity]]\nname='PER'\n[[relation]]\nname='meets'\n[[relation]]\nname='visits'\n",
        )
        .unwrap();
        let correction = |relation: &str, given: Option<&str>, add| Correction {
            relation: relation.into(),
            given: given.map(Into::into),
            add,
        };
        let all = vec![
            correction("meets", None, -2.5),
            correction("visits", Some("meets"), 3.25),
        ];
        let table = Table::of(&all, &schema);
        assert_eq!(table.corrections(&schema), all);
        assert_eq!(table.added(1, &[(0, 0.5)]), 1.625);
        let unknown = [
            correction("hosts", None, 1.0),
            correction("meets", None, 0.01),
        ];
        assert_eq!(Table::of(&unknown, &schema).corrections(&schema), []);
    }
}
