//! Which triples a person should look at.
//!
//! A verdict teaches most where the model is unsure, where it has seen little, and where much hangs
//! on it; and ten verdicts on the same pair teach hardly more than one. So each triple has a worth,
//! and triples are chosen one by one, each choice lowering the worth of those that resemble it (the
//! greedy way to maximise a submodular sum: Nemhauser, Wolsey and Fisher 1978; for active learning:
//! Wei, Iyer and Bilmes 2015). Where a person means something else by a relation than the model, the
//! model is sure, and wrong: so some rows are of those that it is sure of, from all relations.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use super::rows::Triple;

/// How much is left of a triple's worth for each chosen one that it resembles.
const SAME_PAIR: f64 = 0.3;
const SAME_DOCUMENT: f64 = 0.85;
const SAME_RELATION: f64 = 0.93;

/// What a person has confirmed is certain, and nothing else is.
const CERTAIN: f64 = 1.0;
/// From here on the model is sure of a triple.
const SURE: f64 = 0.75;
/// Of ten rows, so many are of those that the model is sure of.
const SURE_OF_TEN: usize = 3;

/// The positions in `triples` of the `most` that are most worth a person's eye, best first, with
/// those that the model is sure of between them. Those that a person has confirmed are not asked for
/// again.
pub fn choose(triples: &[Triple], most: usize) -> Vec<usize> {
    let most = most.min(triples.len());
    let sure = of_all_relations(triples, most * SURE_OF_TEN / 10);
    let mut worthy = Worthy::new(triples, &sure.iter().copied().collect());
    let mut sure = sure.into_iter();
    let mut chosen = Vec::new();
    while chosen.len() < most {
        let sure_until = |rows: usize| rows * SURE_OF_TEN / 10;
        let next = if sure_until(chosen.len()) < sure_until(chosen.len() + 1) {
            sure.next().or_else(|| worthy.next())
        } else {
            worthy.next().or_else(|| sure.next())
        };
        let Some(at) = next else { break };
        worthy.count(at);
        chosen.push(at);
    }
    chosen
}

/// The positions of `most` triples that the model is sure of: one of each relation, the most frequent
/// first, then another of each that has more, those of a relation from all over the run.
fn of_all_relations(triples: &[Triple], most: usize) -> Vec<usize> {
    let mut by_relation: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut pairs = HashSet::new();
    for (at, triple) in triples.iter().enumerate() {
        let pair = (&triple.subject_id, &triple.object_id, &triple.relation);
        if (SURE..CERTAIN).contains(&triple.confidence) && pairs.insert(pair) {
            by_relation.entry(&triple.relation).or_default().push(at);
        }
    }
    let mut relations: Vec<Vec<usize>> = by_relation.into_values().collect();
    relations.sort_by_key(|places| Reverse(places.len()));
    let longest = relations.first().map_or(0, Vec::len);
    let turns: Vec<usize> = (0..longest)
        .flat_map(|round| (0..relations.len()).map(move |relation| (round, relation)))
        .filter(|&(round, relation)| round < relations[relation].len())
        .map(|(_, relation)| relation)
        .take(most)
        .collect();
    let mut of = vec![0; relations.len()];
    turns.iter().for_each(|&relation| of[relation] += 1);
    let mut taken = vec![0; relations.len()];
    let spread = |relation: usize| {
        let places = &relations[relation];
        let at = (2 * taken[relation] + 1) * places.len() / (2 * of[relation]);
        taken[relation] += 1;
        places[at]
    };
    turns.into_iter().map(spread).collect()
}

/// What is known of a triple while choosing.
struct Candidate {
    worth: f64,
    pair: usize,
    relation: usize,
    document: usize,
}

/// Triples by what a verdict on them is worth beside those that have been counted.
struct Worthy {
    candidates: Vec<Candidate>,
    heap: BinaryHeap<Ranked>,
    pairs: HashMap<usize, i32>,
    relations: HashMap<usize, i32>,
    documents: HashMap<usize, i32>,
}

impl Worthy {
    /// All `triples` but those at the places `left_out` and those that are certain.
    fn new(triples: &[Triple], left_out: &HashSet<usize>) -> Self {
        let candidates = candidates(triples);
        let heap = (0..)
            .zip(&candidates)
            .zip(triples)
            .filter(|((at, _), triple)| triple.confidence < CERTAIN && !left_out.contains(at))
            .map(|((at, c), _)| Ranked(c.worth, at))
            .collect();
        Self {
            candidates,
            heap,
            pairs: HashMap::new(),
            relations: HashMap::new(),
            documents: HashMap::new(),
        }
    }

    /// The one that is worth most now.
    fn next(&mut self) -> Option<usize> {
        while let Some(Ranked(known, at)) = self.heap.pop() {
            let now = self.worth(at);
            // Worths only fall, so what is still on top with its present worth is the best.
            if now < known && self.heap.peek().is_some_and(|next| Ranked(now, at) < *next) {
                self.heap.push(Ranked(now, at));
                continue;
            }
            return Some(at);
        }
        None
    }

    fn worth(&self, at: usize) -> f64 {
        let times = |seen: &HashMap<usize, i32>, key| seen.get(&key).copied().unwrap_or(0);
        self.candidates.get(at).map_or(0.0, |c| {
            c.worth
                * SAME_PAIR.powi(times(&self.pairs, c.pair))
                * SAME_RELATION.powi(times(&self.relations, c.relation))
                * SAME_DOCUMENT.powi(times(&self.documents, c.document))
        })
    }

    /// Those that resemble it are worth less from now on.
    fn count(&mut self, at: usize) {
        if let Some(c) = self.candidates.get(at) {
            *self.pairs.entry(c.pair).or_default() += 1;
            *self.relations.entry(c.relation).or_default() += 1;
            *self.documents.entry(c.document).or_default() += 1;
        }
    }
}

fn candidates(triples: &[Triple]) -> Vec<Candidate> {
    let mut numbers = Numbers::default();
    let keys: Vec<[usize; 4]> = triples
        .iter()
        .map(|t| {
            [
                numbers.of(&["pair", &t.subject_id, &t.object_id]),
                numbers.of(&["relation", &t.relation]),
                numbers.of(&["document", &t.doc_id]),
                numbers.of(&["edge", &t.subject_id, &t.relation, &t.object_id, &t.status]),
            ]
        })
        .collect();
    let mut count: HashMap<usize, u32> = HashMap::new();
    for key in keys.iter().flatten() {
        *count.entry(*key).or_default() += 1;
    }
    let counted = |key: &usize| f64::from(count.get(key).copied().unwrap_or(1));
    let heaviest = keys
        .iter()
        .map(|[_, _, _, edge]| counted(edge))
        .fold(1.0, f64::max);
    let commonest = keys
        .iter()
        .map(|[_, relation, ..]| counted(relation))
        .fold(1.0, f64::max);
    triples
        .iter()
        .zip(&keys)
        .map(|(t, [pair, relation, document, edge])| Candidate {
            worth: uncertainty(t.confidence)
                + 0.5 * (1.0 - counted(relation).ln_1p() / commonest.ln_1p())
                + 0.5 * (counted(edge).ln_1p() / heaviest.ln_1p()),
            pair: *pair,
            relation: *relation,
            document: *document,
        })
        .collect()
}

/// The entropy of right or wrong, in bits: 1 for a confidence of one half, 0 for certainty.
fn uncertainty(confidence: f64) -> f64 {
    let p = confidence.clamp(1e-6, 1.0 - 1e-6);
    -(p * p.log2() + (1.0 - p) * (1.0 - p).log2())
}

/// Worth and position; of equals, the first is the greatest.
#[derive(PartialEq)]
struct Ranked(f64, usize);

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers for names.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn of(&mut self, parts: &[&str]) -> usize {
        let next = self.0.len();
        *self.0.entry(parts.join("\n")).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::marks::tests::triple;

    fn of(subject: &str, relation: &str, object: &str, doc: &str, confidence: f64) -> Triple {
        Triple {
            subject_id: subject.into(),
            object_id: object.into(),
            relation: relation.into(),
            doc_id: doc.into(),
            confidence,
            ..triple("A met B", ("A", 0), ("B", 6), ("met", 2))
        }
    }

    #[test]
    fn the_unsure_come_before_the_sure() {
        let triples = [
            of("a", "meets", "b", "1", 0.99),
            of("c", "meets", "d", "2", 0.52),
            of("e", "meets", "f", "3", 0.8),
        ];
        assert_eq!(choose(&triples, 3), [1, 2, 0]);
        assert_eq!(choose(&triples, 1), [1]);
    }

    #[test]
    fn what_was_confirmed_is_not_asked_again() {
        let triples = [
            of("a", "meets", "b", "1", 1.0),
            of("c", "meets", "d", "2", 0.999),
        ];
        assert_eq!(choose(&triples, 2), [1]);
    }

    #[test]
    fn some_are_sure_and_of_all_relations() {
        let unsure = (0..40).map(|n| of(&format!("u{n}"), "meets", "b", &n.to_string(), 0.6));
        let sure = (0..30).map(|n| of(&format!("s{n}"), "leads", "b", &n.to_string(), 0.95));
        let rare = of("r", "acquires", "b", "d", 0.9);
        let triples: Vec<Triple> = unsure.chain(sure).chain([rare]).collect();
        let sure = of_all_relations(&triples, 6);
        assert_eq!(sure, [43, 70, 49, 55, 61, 67]);
        let chosen = choose(&triples, 20);
        assert!(sure.iter().all(|at| chosen.contains(at)));
        let of_ten = chosen[..10].iter().filter(|at| sure.contains(at));
        assert_eq!(of_ten.count(), 3);
        // However many are wanted, each comes once.
        for most in [71, usize::MAX] {
            let once: HashSet<usize> = choose(&triples, most).into_iter().collect();
            assert_eq!(once.len(), 71);
        }
        assert_eq!(choose(&triples[40..], 31).len(), 31);
    }

    #[test]
    fn one_pair_does_not_fill_the_list() {
        let mut triples = vec![of("a", "meets", "b", "1", 0.5); 5];
        triples.push(of("c", "meets", "d", "2", 0.7));
        assert!(choose(&triples, 2).contains(&5));
        assert_eq!(choose(&triples, 10).len(), 6);
        assert!(choose(&[], 10).is_empty());
    }

    #[test]
    fn of_equally_sure_ones_the_rare_relation_comes_first() {
        let mut triples: Vec<Triple> = (0..9)
            .map(|n| {
                of(
                    &format!("s{n}"),
                    "meets",
                    &format!("o{n}"),
                    &format!("d{n}"),
                    0.8,
                )
            })
            .collect();
        triples.push(of("x", "acquires", "y", "z", 0.8));
        assert_eq!(choose(&triples, 1), [9]);
    }
}
