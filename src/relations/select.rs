use super::Pairs;
use crate::annotation::Label;
use crate::config::{Correction, Schema};

/// Which relations are read off the scores: the schema's types and symmetry, and a threshold.
#[derive(Debug, Clone)]
pub struct Selection {
    relations: usize,
    labels: usize,
    /// `[subject label][object label][relation]`, flattened; labels one past the last are unknown.
    allowed: Vec<bool>,
    symmetric: Vec<bool>,
    /// By relation.
    thresholds: Vec<f32>,
    /// Relation, the relation by whose probability the addend is multiplied, if any, and the addend.
    corrections: Vec<(usize, Option<usize>, f32)>,
}

/// More than this is as good as always or never, in logits.
pub const FARTHEST: f32 = 30.0;

/// However sure the network is: certain is only what a person has confirmed.
const NEARLY_CERTAIN: f32 = 0.999_999;

/// What is less likely than this is taken for so likely when it is corrected: the logits of what is
/// hardly likely say nothing.
pub const LEAST_LIKELY: f32 = 0.001;

/// A relation that holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selected {
    /// Index into [`Pairs::pairs`].
    pub pair: usize,
    /// Index of the relation.
    pub relation: usize,
    /// Its probability.
    pub confidence: f32,
}

impl Selection {
    /// Relations of `schema`, each from its threshold up, corrected; what the schema does not know is
    /// corrected in vain.
    pub fn new(
        schema: &Schema,
        threshold: impl Fn(&Label) -> f32,
        corrections: &[Correction],
    ) -> Self {
        let names: Vec<&Label> = schema.entities.iter().map(|e| &e.name).collect();
        let (labels, relations) = (names.len() + 1, schema.relations.len());
        let mut allowed = vec![true; labels * labels * relations];
        for subject in 0..names.len() {
            for object in 0..names.len() {
                for (n, relation) in schema.relations.iter().enumerate() {
                    allowed[(subject * labels + object) * relations + n] = relation
                        .may_join(names[subject], names[object])
                        || relation.symmetric && relation.may_join(names[object], names[subject]);
                }
            }
        }
        Self {
            relations,
            labels,
            allowed,
            symmetric: schema.relations.iter().map(|r| r.symmetric).collect(),
            thresholds: schema
                .relations
                .iter()
                .map(|r| threshold(&r.name))
                .collect(),
            corrections: corrections
                .iter()
                .filter_map(|c| {
                    let index = |label: &Label| schema.relation_index(label.as_str());
                    let given = match &c.given {
                        None => None,
                        Some(given) => Some(index(given)?),
                    };
                    Some((index(&c.relation)?, given, c.add))
                })
                .collect(),
        }
    }

    fn allows(&self, subject: usize, object: usize, relation: usize) -> bool {
        let at = (subject.min(self.labels - 1) * self.labels + object.min(self.labels - 1))
            * self.relations
            + relation;
        self.allowed.get(at).copied().unwrap_or(false)
    }

    /// Whether any relation may join mentions of these types: other pairs need no scoring.
    pub fn allows_any(&self, subject: usize, object: usize) -> bool {
        (0..self.relations).any(|r| self.allows(subject, object, r))
    }

    /// The relations that hold, by pair. A symmetric one is judged by the mean of both directions
    /// and given once, its subject being the mention that comes first in the text.
    pub fn choose(&self, pairs: &Pairs, probabilities: &[f32]) -> Vec<Selected> {
        let mut chosen = Vec::new();
        let any_symmetric = self.symmetric.contains(&true);
        let score = |pair: usize, relation: usize| {
            probabilities
                .get(pair * self.relations + relation)
                .copied()
                .unwrap_or(0.0)
        };
        for (n, pair) in pairs.pairs.iter().enumerate() {
            let (s, o) = (pairs.mentions[pair.subject], pairs.mentions[pair.object]);
            let group = pairs.groups.get(pair.group).filter(|_| any_symmetric);
            let back = group.and_then(|group| {
                group.pairs.clone().find(|&other| {
                    let p = pairs.pairs[other];
                    (p.subject, p.object) == (pair.object, pair.subject)
                })
            });
            let likely = |relation: usize| match back {
                _ if !self.allows(s.label, o.label, relation) => 0.0,
                Some(back) if self.symmetric[relation] => {
                    (score(n, relation) + score(back, relation)) / 2.0
                }
                _ => score(n, relation),
            };
            for relation in 0..self.relations {
                if !self.allows(s.label, o.label, relation)
                    || self.symmetric[relation] && s.first > o.first
                {
                    continue;
                }
                let confidence = self.corrected(relation, likely);
                if confidence >= self.thresholds[relation] {
                    chosen.push(Selected {
                        pair: n,
                        relation,
                        confidence,
                    });
                }
            }
        }
        chosen
    }

    /// A relation's probability, by what the weights think `likely`, after corrections.
    fn corrected(&self, relation: usize, likely: impl Fn(usize) -> f32) -> f32 {
        let probability = likely(relation);
        let of_it = self.corrections.iter().filter(|(of, ..)| *of == relation);
        let added: f32 = of_it
            .map(|(_, given, add)| add * given.map_or(1.0, &likely))
            .sum();
        if added == 0.0 {
            return probability.min(NEARLY_CERTAIN);
        }
        let probability = probability.clamp(LEAST_LIKELY, 1.0 - LEAST_LIKELY);
        let odds = probability * added.clamp(-FARTHEST, FARTHEST).exp();
        (odds / (odds + (1.0 - probability))).min(1.0 - LEAST_LIKELY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::PairMention;

    fn schema() -> Schema {
        toml::from_str(
            "[[entity]]\nname='PER'\n[[entity]]\nname='LOC'\n\
             [[relation]]\nname='meets'\nsymmetric=true\n\
             [[relation]]\nname='visits'\nobject=['LOC']\n",
        )
        .unwrap()
    }

    /// Two mentions of these types, in both orders.
    fn two(labels: [usize; 2]) -> Pairs {
        let mention = |first, label| PairMention {
            first,
            last: first,
            label,
        };
        let [first, second] = labels;
        let mut pairs = Pairs::default();
        let mentions = [mention(1, first), mention(5, second)];
        pairs.push(0, 0..9, &mentions, |_, _| true);
        pairs
    }

    #[test]
    fn symmetric_relations_come_once_and_types_are_kept() {
        let pairs = two([0, 0]);
        let selection = Selection::new(&schema(), |_| 0.5, &[]);
        let chosen = selection.choose(&pairs, &[0.9, 0.9, 0.3, 0.9]);
        assert_eq!(chosen.len(), 1);
        assert_eq!((chosen[0].pair, chosen[0].relation), (0, 0));
        assert!((chosen[0].confidence - 0.6).abs() < 1e-6);
    }

    #[test]
    fn each_relation_has_its_own_threshold() {
        let pairs = two([0, 1]);
        let scores = [0.4, 0.4, 0.4, 0.4];
        let selection = Selection::new(
            &schema(),
            |name| if name.as_str() == "visits" { 0.3 } else { 0.5 },
            &[],
        );
        let chosen = selection.choose(&pairs, &scores);
        assert_eq!(chosen.len(), 1);
        assert_eq!((chosen[0].pair, chosen[0].relation), (0, 1));
    }

    #[test]
    fn corrections_move_what_is_likely() {
        let pairs = two([0, 1]);
        let correction = |relation: &str, given: Option<&str>, add| Correction {
            relation: relation.into(),
            given: given.map(Into::into),
            add,
        };
        let of = |corrections: &[Correction]| {
            let selection = Selection::new(&schema(), |_| 0.5, corrections);
            let chosen = selection.choose(&pairs, &[0.8, 0.1, 0.6, 0.2]);
            let told = chosen.iter().map(|c| (c.relation, c.confidence));
            told.collect::<Vec<_>>()
        };
        let as_it_was = of(&[correction("unknown", None, 9.0)]);
        assert_eq!((as_it_was.len(), as_it_was[0].0), (1, 0));
        assert!((as_it_was[0].1 - 0.7).abs() < 1e-5);
        // What was said to be a meeting is a visit: 0.1 and 0.7 of 6 logits.
        let moved = of(&[
            correction("meets", None, -3.0),
            correction("visits", Some("meets"), 6.0),
        ]);
        let wanted = 1.0 / (1.0 + f32::exp(f32::ln(9.0) - 4.2));
        assert_eq!((moved.len(), moved[0].0), (1, 1));
        assert!((moved[0].1 - wanted).abs() < 1e-5);
        // By the probability of a relation that no such names may have, nothing is moved.
        let turned = [correction("meets", Some("visits"), -9.0)];
        let back = two([1, 0]);
        let selection = Selection::new(&schema(), |_| 0.5, &turned);
        let chosen = selection.choose(&back, &[0.8, 0.9, 0.6, 0.9]);
        assert!((chosen[0].confidence - 0.7).abs() < 1e-5);
        // However large, they leave a probability.
        for add in [-100.0, 100.0] {
            for chosen in of(&[correction("meets", None, add)]) {
                assert!((0.0..=1.0).contains(&chosen.1), "{chosen:?}");
            }
        }
    }

    #[test]
    fn unknown_types_may_join_anything() {
        let selection = Selection::new(&schema(), |_| 0.5, &[]);
        assert!(selection.allows(0, 2, 1) && !selection.allows(0, 0, 1));
    }
}
