//! What a reviewer means by relations, where the model means something else.
//!
//! A few hundred verdicts cannot teach a trained model to read better: they are nothing beside what it
//! has learnt from. They can tell that by a relation their author means something else than the model
//! does. So the weights stay, and each relation's logit becomes `z + a + Σ b_q p_q`: `z` is the model's
//! logit, `p_q` how likely it thinks that the relation `q` holds of the pair, `a` and the `b_q` are
//! learnt by logistic regression. Nearly all of them are 0: the penalty is that of the lasso
//! (Tibshirani 1996), set from the standard deviation that the gradient has if the model's
//! probabilities are right (as in Belloni, Chernozhukov and Wang 2011), and lifted from what has been
//! found to differ (reweighted, Candès, Wakin and Boyd 2008). Where nobody judged, the model's own
//! opinion is the label, with a small weight.
//!
//! Verdicts are about what the model found: they can show that it finds too much of a relation, not
//! that it finds too little. So a relation is made more likely only by what the model takes for another
//! one. A `wrong` that is about a name counts against the relation; it takes some two hundred of one
//! relation until that shows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::BATCH_TOKENS;
use crate::annotation::{Label, Sample, SampleMention};
use crate::config::{Correction, RelationType, Schema};
use crate::error::Result;
use crate::network::{Predicted, Workers};
use crate::relations::{FARTHEST, LEAST_LIKELY};
use crate::text::Span;

/// What the model says counts as much of a verdict where nobody judged: of a pair by which nobody
/// stopped, and of the other relations of a pair that was judged.
const OPINION: f64 = 0.03;
const OPINION_OF_JUDGED: f64 = 0.3;
/// A difference must be so many standard deviations from what chance would make of it ...
const DEVIATIONS: f64 = 2.0;
/// ... and so many verdicts more, since few say little. They count in full against a relation as a
/// whole, and half where the model thinks of one relation and the reviewer of another.
const VERDICTS: f64 = 2.0;
/// Coefficients well above this are hardly penalised when the penalty is reweighted.
const SMALL: f64 = 0.6;
const REWEIGHTED: usize = 2;
const MOST_STEPS: usize = 3000;
const STILL: f64 = 1e-6;
/// What is added is told in hundredths; less than this is nothing.
const TOLD: f64 = 0.05;

/// A pair of names with what the model thinks of it and what was said of it; all by relation.
struct Pair {
    /// Logits of the model as it is, its corrections so far among them; `None` where a relation is
    /// never given: between names of such types, or of a symmetric one, in the other order.
    logits: Vec<Option<f64>>,
    /// Relations that the model thinks at all likely, and how likely by its weights alone.
    likely: Vec<(usize, f64)>,
    /// Whether the relation holds, where that was judged.
    judged: Vec<Option<bool>>,
}

impl Pair {
    /// With what an earlier verdict said that this one leaves as it was. Where this one speaks of a
    /// relation that the earlier one denied, what was said to hold in its place is withdrawn.
    fn after(mut self, earlier: Self) -> Self {
        let both = || self.judged.iter().zip(&earlier.judged);
        let withdrawn = both().any(|(now, then)| now.is_some() && *then == Some(false));
        for (now, then) in self.judged.iter_mut().zip(earlier.judged) {
            if now.is_none() && !(withdrawn && then == Some(true)) {
                *now = then;
            }
        }
        self
    }
}

/// What was learnt from verdicts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Learnt {
    /// All corrections of the new model, those that the old one has among them.
    pub corrections: Vec<Correction>,
    /// Relations that verdicts speak of and that the model does not know.
    pub unknown: BTreeSet<Label>,
}

/// Learns from `samples`, which list verdicts, how the relations of the model that `workers` run are
/// to be corrected. Of two verdicts on the same names of a sentence of a document the later counts.
///
/// # Errors
/// The model cannot be run.
pub(super) fn learn(workers: &mut Workers, samples: &[Sample]) -> Result<Learnt> {
    let schema = workers.model().schema.clone();
    let config = workers.model().config.clone();
    let old = Table::of(&config.relation_corrections, &schema);
    let mut bare = config.clone();
    bare.relation_corrections.clear();
    bare.relation_thresholds.clear();
    bare.relation_threshold = LEAST_LIKELY;
    workers.set_outputs_of(bare);
    let predicted = workers.predict_scored(samples, true, BATCH_TOKENS);
    workers.set_outputs_of(config);
    let mut pairs: BTreeMap<(&str, &str, Ends), Pair> = BTreeMap::new();
    for (sample, predicted) in samples.iter().zip(&predicted?) {
        for (ends, pair) in pairs_of(sample, predicted, &schema, &old) {
            let known = pairs.remove(&(&sample.doc, &sample.text, ends));
            let pair = match known {
                Some(known) => pair.after(known),
                None => pair,
            };
            pairs.insert((&sample.doc, &sample.text, ends), pair);
        }
    }
    let pairs: Vec<Pair> = pairs.into_values().collect();
    let mut new = old;
    let farthest = f64::from(FARTHEST);
    for (relation, coefficients) in new.0.iter_mut().enumerate() {
        let more = differences(&pairs, relation, coefficients);
        for (coefficient, more) in coefficients.iter_mut().zip(more) {
            *coefficient = (*coefficient + more).clamp(-farthest, farthest);
        }
    }
    let said = samples.iter().flat_map(|s| &s.relations).map(|r| &r.label);
    let unknown = said.filter(|label| schema.relation_index(label.as_str()).is_none());
    Ok(Learnt {
        corrections: new.corrections(&schema),
        unknown: unknown.cloned().collect(),
    })
}

/// Where subject and object stand in their sentence.
type Ends = (Span, Span);

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
fn pairs_of(
    sample: &Sample,
    predicted: &Predicted,
    schema: &Schema,
    old: &Table,
) -> BTreeMap<Ends, Pair> {
    let mut likely: HashMap<Ends, Vec<(usize, f64)>> = HashMap::new();
    let mut judged: BTreeMap<Ends, Vec<Option<bool>>> = BTreeMap::new();
    let nothing = || vec![None; schema.relations.len()];
    let ends = |mentions: &[SampleMention], s: usize, o: usize| {
        Some((mentions.get(s)?.span, mentions.get(o)?.span))
    };
    let turned = |(s, o): Ends| (o, s);
    let index = |label: &Label| schema.relation_index(label.as_str());
    let symmetric = |label: &Label| schema.is_symmetric(label.as_str());
    let found = &predicted.sample;
    for (relation, &confidence) in found.relations.iter().zip(&predicted.confidences) {
        let pair = ends(&found.mentions, relation.subject, relation.object);
        let (Some(index), Some(pair)) = (index(&relation.label), pair) else {
            continue;
        };
        let other = symmetric(&relation.label).then(|| turned(pair));
        for pair in [Some(pair), other].into_iter().flatten() {
            likely
                .entry(pair)
                .or_default()
                .push((index, f64::from(confidence)));
            judged.entry(pair).or_insert_with(nothing);
        }
    }
    let mut say = |pair: Ends, label: &Label, holds: bool| {
        // A symmetric relation is given in the order of the text.
        let in_order = symmetric(label) && pair.0 > pair.1;
        let pair = if in_order { turned(pair) } else { pair };
        if let Some(index) = index(label) {
            judged.entry(pair).or_insert_with(nothing)[index] = Some(holds);
        }
    };
    for &(s, o) in &sample.unrelated {
        if let Some(pair) = ends(&sample.mentions, s, o) {
            for relation in &schema.relations {
                say(pair, &relation.name, false);
                say(turned(pair), &relation.name, false);
            }
        }
    }
    for relation in &sample.relations {
        if let Some(pair) = ends(&sample.mentions, relation.subject, relation.object) {
            say(pair, &relation.label, relation.holds);
        }
    }
    let label_at = |span: Span| {
        let mention = sample.mentions.iter().find(|m| m.span == span);
        mention.and_then(|m| m.label.as_ref())
    };
    let is_given = |kind: &RelationType, pair: Ends| {
        let may_join = label_at(pair.0)
            .zip(label_at(pair.1))
            .is_none_or(|(s, o)| kind.may_join(s, o) || kind.symmetric && kind.may_join(o, s));
        may_join && !(kind.symmetric && pair.0 > pair.1)
    };
    let pair_of = |ends: Ends, judged: Vec<Option<bool>>| {
        let likely = likely.get(&ends).cloned().unwrap_or_default();
        let logit_of = |(n, kind): (usize, &RelationType)| {
            let p = likely.iter().find(|(relation, _)| *relation == n);
            let logit = logit(p.map_or(0.0, |(_, p)| *p)) + old.added(n, &likely);
            is_given(kind, ends).then_some(logit)
        };
        Pair {
            logits: schema.relations.iter().enumerate().map(logit_of).collect(),
            likely,
            judged,
        }
    };
    let pairs = judged.into_iter();
    pairs
        .map(|(ends, judged)| (ends, pair_of(ends, judged)))
        .collect()
}

/// What is to be added to a relation's logit beyond what the model has, which is `old`: always, then
/// as far as each relation is likely.
fn differences(pairs: &[Pair], relation: usize, old: &[f64]) -> Vec<f64> {
    let features = old.len();
    let mut found = vec![0.0; features];
    let labels: Vec<Labelled> = pairs.iter().filter_map(|p| labelled(p, relation)).collect();
    let mut penalty = vec![0.0; features];
    for l in labels.iter().filter(|l| l.weight > OPINION) {
        let p = sigmoid(l.logit);
        let variance = l.weight * p * (1.0 - p);
        penalty[0] += variance;
        for &(n, given) in l.likely {
            penalty[n + 1] += variance * given * given;
        }
    }
    for (n, penalty) in penalty.iter_mut().enumerate() {
        let few = if n == 0 { VERDICTS } else { VERDICTS / 2.0 };
        *penalty = DEVIATIONS * penalty.sqrt() + few;
    }
    let step = 1.0 / steepest(&labels, features);
    let mut share = vec![1.0; features];
    for _ in 0..=REWEIGHTED {
        for _ in 0..MOST_STEPS {
            let gradient = gradient(&labels, &found);
            let mut moved = 0.0f64;
            for n in 0..features {
                let down = found[n] - step * gradient[n];
                let shrunk = (down.abs() - step * penalty[n] * share[n]).max(0.0);
                let mut new = shrunk.copysign(down);
                if n == 0 || n == relation + 1 {
                    new = new.min((-old[n]).max(0.0));
                }
                moved = moved.max((new - found[n]).abs());
                found[n] = new;
            }
            if moved < STILL {
                break;
            }
        }
        for (share, x) in share.iter_mut().zip(&found) {
            *share = SMALL / (x.abs() + SMALL);
        }
    }
    found
}

/// A pair as it is seen by one relation.
struct Labelled<'p> {
    logit: f64,
    likely: &'p [(usize, f64)],
    /// How likely the relation should be.
    wanted: f64,
    weight: f64,
}

fn labelled(pair: &Pair, relation: usize) -> Option<Labelled<'_>> {
    let logit = pair.logits[relation]?;
    let (wanted, weight) = match pair.judged[relation] {
        Some(holds) => (f64::from(u8::from(holds)), 1.0),
        None if pair.judged.iter().any(Option::is_some) => (sigmoid(logit), OPINION_OF_JUDGED),
        None => (sigmoid(logit), OPINION),
    };
    Some(Labelled {
        logit,
        likely: &pair.likely,
        wanted,
        weight,
    })
}

fn gradient(labels: &[Labelled], coefficients: &[f64]) -> Vec<f64> {
    let mut gradient = vec![0.0; coefficients.len()];
    for l in labels {
        let now = sigmoid(l.logit + sum(coefficients, l.likely));
        let error = l.weight * (now - l.wanted);
        gradient[0] += error;
        for &(n, p) in l.likely {
            gradient[n + 1] += error * p;
        }
    }
    gradient
}

/// A bound of the loss's second derivative: a quarter of the largest eigenvalue of the features'
/// weighted Gram matrix, by power iteration, and a little more.
fn steepest(labels: &[Labelled], features: usize) -> f64 {
    let mut direction = vec![1.0; features];
    let mut largest = 1.0;
    for _ in 0..30 {
        let mut next = vec![0.0; features];
        for l in labels {
            let along = l.weight * sum(&direction, l.likely);
            next[0] += along;
            for &(n, p) in l.likely {
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

/// As far as it is told when relations are read.
fn logit(probability: f64) -> f64 {
    let least = f64::from(LEAST_LIKELY);
    let probability = probability.clamp(least, 1.0 - least);
    (probability / (1.0 - probability)).ln()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{Coverage, SampleRelation};
    use crate::train::options::Rng;

    /// Two relations; the model thinks of one of them, as likely as it is sure.
    fn pair(relation: usize, p: f64, holds: Option<bool>, other_holds: Option<bool>) -> Pair {
        let mut logits = vec![Some(logit(0.0)); 2];
        logits[relation] = Some(logit(p));
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
            let found = [0, 1].map(|relation| differences(&pairs, relation, &[0.0; 3]));
            told += found.iter().flatten().filter(|x| x.abs() >= TOLD).count();
        }
        assert!(told <= 2, "{told}");
    }

    #[test]
    fn a_relation_that_is_always_called_another_becomes_that() {
        let agreed = |n: usize| pair(n % 2, 0.9, Some(true), None);
        let renamed = (0..12).map(|_| pair(0, 0.85, Some(false), Some(true)));
        let pairs: Vec<Pair> = (0..12).map(|_| agreed(1)).chain(renamed).collect();
        let [first, second] = [0, 1].map(|relation| differences(&pairs, relation, &[0.0; 3]));
        let after = |found: &[f64], pair: &Pair, relation: usize| {
            sigmoid(pair.logits[relation].unwrap() + sum(found, &pair.likely))
        };
        let (kept, renamed) = (&pairs[0], &pairs[20]);
        assert!(after(&first, renamed, 0) < 0.2, "{first:?}");
        assert!(after(&second, renamed, 1) > 0.8, "{second:?}");
        assert!(after(&second, kept, 1) > 0.8, "{second:?}");
    }

    #[test]
    fn a_relation_that_is_called_another_now_and_then_stays() {
        let kept = (0..20).map(|_| pair(0, 0.85, Some(true), None));
        let renamed = (0..2).map(|_| pair(0, 0.85, Some(false), Some(true)));
        let unjudged = (0..300).map(|_| pair(0, 0.85, None, None));
        let pairs: Vec<Pair> = kept.chain(renamed).chain(unjudged).collect();
        let [first, second] = [0, 1].map(|relation| differences(&pairs, relation, &[0.0; 3]));
        let after = |found: &[f64], n: usize| {
            sigmoid(pairs[0].logits[n].unwrap() + sum(found, &pairs[0].likely))
        };
        assert!(after(&second, 1) < 0.35, "{second:?}");
        assert!(after(&first, 0) > 0.75, "{first:?}");
    }

    #[test]
    fn confirmed_relations_are_not_made_more_likely() {
        let pairs: Vec<Pair> = (0..100)
            .map(|n| pair(0, 0.6 + 0.003 * f64::from(n), Some(true), None))
            .collect();
        assert!(differences(&pairs, 0, &[0.0; 3]).iter().all(|&x| x == 0.0));
    }

    #[test]
    fn what_is_learnt_of_a_pair_is_what_is_read() {
        let schema: Schema = toml::from_str(
            "[[entity]]\nname='PER'\n[[entity]]\nname='LOC'\n\
             [[relation]]\nname='meets'\nsymmetric=true\n\
             [[relation]]\nname='visits'\nobject=['LOC']\n",
        )
        .unwrap();
        let mention = |at: usize, label: &str| SampleMention {
            id: at.to_string(),
            span: Span::new(at, at + 1),
            label: Some(label.into()),
        };
        let relation = |subject, label: &str, object, holds| SampleRelation {
            subject,
            object,
            label: label.into(),
            trigger: None,
            status: None,
            attributed_to: None,
            unattributed: false,
            holds,
            probability: None,
        };
        // Of the two, the second was said to meet the first, and not to visit it.
        let sample = Sample {
            id: "s".into(),
            doc: "d".into(),
            text: "A met B".into(),
            tokens: Vec::new(),
            mentions: vec![mention(0, "PER"), mention(6, "LOC")],
            mention_coverage: Coverage::Listed,
            relations: vec![
                relation(1, "meets", 0, true),
                relation(1, "visits", 0, false),
            ],
            relation_coverage: Coverage::Listed,
            unrelated: Vec::new(),
        };
        let predicted = Predicted {
            sample: Sample {
                relations: vec![
                    relation(0, "meets", 1, true),
                    relation(0, "visits", 1, true),
                ],
                ..sample.clone()
            },
            confidences: vec![0.7, 0.4],
        };
        let old = Table::of(&[], &schema);
        let pairs = pairs_of(&sample, &predicted, &schema, &old);
        let (there, back) = (Span::new(0, 1), Span::new(6, 7));
        let (forth, back) = (&pairs[&(there, back)], &pairs[&(back, there)]);
        let p = |pair: &Pair, n: usize| pair.logits[n].map(|l| (sigmoid(l) * 100.0).round());
        assert_eq!((p(forth, 0), p(forth, 1)), (Some(70.0), Some(40.0)));
        assert_eq!(forth.judged, [Some(true), None]);
        // In the other order neither is ever given, whatever was said of it.
        assert_eq!((p(back, 0), p(back, 1)), (None, None));
        assert_eq!(back.likely.len(), 1);
        // Nothing holds, in either direction.
        let none = Sample {
            relations: Vec::new(),
            unrelated: vec![(1, 0)],
            ..sample
        };
        let pairs = pairs_of(&none, &predicted, &schema, &old);
        let forth = &pairs[&(there, Span::new(6, 7))];
        assert_eq!(forth.judged, [Some(false), Some(false)]);
    }

    #[test]
    fn a_later_review_can_take_back_what_an_earlier_one_taught() {
        let old = [0.0, -4.0, 0.0];
        let pairs: Vec<Pair> = (0..30)
            .map(|_| {
                let mut pair = pair(0, 0.9, Some(true), None);
                pair.logits[0] = Some(logit(0.9) - 4.0 * 0.9);
                pair
            })
            .collect();
        let more = differences(&pairs, 0, &old);
        assert!(more[1] > 2.0 && more[1] <= 4.0, "{more:?}");
        let said = |judged: [Option<bool>; 2]| Pair {
            judged: judged.into(),
            ..pair(0, 0.9, None, None)
        };
        for (then, now, told) in [
            (
                [Some(false), Some(true)],
                [Some(true), None],
                [Some(true), None],
            ),
            (
                [Some(false), Some(true)],
                [Some(false), None],
                [Some(false), None],
            ),
            (
                [Some(true), None],
                [None, Some(false)],
                [Some(true), Some(false)],
            ),
        ] {
            assert_eq!(said(now).after(said(then)).judged, told);
        }
    }

    #[test]
    fn one_verdict_is_no_meaning() {
        let pairs = [pair(0, 0.99, Some(false), Some(true))];
        for relation in [0, 1] {
            assert!(
                differences(&pairs, relation, &[0.0; 3])
                    .iter()
                    .all(|&x| x == 0.0)
            );
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
