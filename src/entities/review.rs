//! Pairs of entities whose names are so alike that they could be one, for people to decide. Nothing
//! is merged here: a wrong link is worse than none.

use std::collections::BTreeMap;

use super::entity_key;
use super::likeness::{THRESHOLD, is_comparable, likeness, sound};
use super::names::Entity;
use super::person::PersonName;

/// Names that sound like so many others are not compared with all of them.
const MOST_ALIKE: usize = 40;

/// Two entities that could be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Position of the first in [`super::Entities::all`].
    pub first: usize,
    /// Position of the second.
    pub second: usize,
    /// How alike the names are, 0 to 1.
    pub similarity: f64,
    /// Why the pair is listed, for people.
    pub reason: &'static str,
}

/// All pairs worth a look, the most alike first.
pub(super) fn candidates(entities: &[Entity]) -> Vec<Candidate> {
    let mut found: BTreeMap<(usize, usize), Candidate> = BTreeMap::new();
    let mut put = |a: usize, b: usize, similarity: f64, reason| {
        let (first, second) = (a.min(b), a.max(b));
        found.entry((first, second)).or_insert(Candidate {
            first,
            second,
            similarity,
            reason,
        });
    };
    let mut by_sound: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    let mut by_key: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (n, entity) in entities.iter().enumerate() {
        let key = entity_key(&entity.name);
        let label = entity.label.as_str();
        if is_comparable(&entity.name) {
            by_sound.entry((label, sound(&key))).or_default().push(n);
        }
        by_key.insert((label, key), n);
    }
    for alike in by_sound.values().filter(|alike| alike.len() > 1) {
        for (at, &a) in alike.iter().enumerate().take(MOST_ALIKE) {
            for &b in alike.iter().take(MOST_ALIKE).skip(at + 1) {
                if let (Some(first), Some(second)) = (entities.get(a), entities.get(b))
                    && (first.country.is_none() || second.country.is_none())
                {
                    let similarity = likeness(&first.name, &second.name);
                    if similarity >= THRESHOLD {
                        put(a, b, similarity, "spelling");
                    }
                }
            }
        }
    }
    for (n, entity) in entities
        .iter()
        .enumerate()
        .filter(|(_, e)| e.label == "PER")
    {
        let name = PersonName::read(&entity.name);
        for other in name.with_other_given_names() {
            if let Some(&other) = by_key.get(&("PER", other)) {
                put(n, other, similarity_at(entities, n, other), "given name");
            }
        }
        let plain = name
            .without_middle()
            .and_then(|key| by_key.get(&("PER", key)));
        if let Some(&plain) = plain {
            put(n, plain, similarity_at(entities, n, plain), "middle name");
        }
    }
    let mut all: Vec<Candidate> = found
        .into_values()
        .filter(|c| c.first != c.second)
        .collect();
    let ids = |c: &Candidate| {
        let id = |n: usize| entities.get(n).map(|e| e.id.clone());
        let (a, b) = (id(c.first), id(c.second));
        if a < b { (a, b) } else { (b, a) }
    };
    all.sort_by(|a, b| {
        let by_similarity = b.similarity.total_cmp(&a.similarity);
        by_similarity.then_with(|| ids(a).cmp(&ids(b)))
    });
    all
}

fn similarity_at(entities: &[Entity], a: usize, b: usize) -> f64 {
    match (entities.get(a), entities.get(b)) {
        (Some(a), Some(b)) => likeness(&a.name, &b.name),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::entity_id;

    fn entities(names: &[&str]) -> Vec<Entity> {
        names
            .iter()
            .map(|name| Entity {
                id: entity_id(&"PER".into(), &entity_key(name)),
                name: (*name).into(),
                label: "PER".into(),
                country: None,
                aliases: Vec::new(),
                wikidata: None,
            })
            .collect()
    }

    #[test]
    fn transcriptions_of_one_name_are_listed() {
        for (a, b) in [
            ("Muammar Kaddafi", "Muammar Gaddafi"),
            ("Moammar Gadhafi", "Muammar Qaddafi"),
            ("Volodymyr Zelensky", "Volodymyr Zelenskiy"),
            ("Volodymyr Zelenskyy", "Volodymyr Zelenskiy"),
            ("Mohammad Khatami", "Mohammed Khatami"),
            ("Joe Biden", "Joseph Biden"),
            ("Hillary Rodham Clinton", "Hillary Clinton"),
        ] {
            let found = candidates(&entities(&[a, b]));
            assert_eq!(found.len(), 1, "{a}, {b}");
        }
    }

    #[test]
    fn different_people_are_not() {
        for (a, b) in [
            ("George Bush", "Jeb Bush"),
            ("Bill Clinton", "Hillary Clinton"),
            ("Ali Khamenei", "Ali Khatami"),
            ("Angela Merkel", "Angela Markle"),
            ("Iran", "Iraq"),
            ("Paul Ryan", "Paul Rand"),
        ] {
            assert_eq!(candidates(&entities(&[a, b])), [], "{a}, {b}");
        }
    }

    #[test]
    fn the_order_of_entities_does_not_matter() {
        let names = [
            "Muammar Kaddafi",
            "Joe Biden",
            "Muammar Gaddafi",
            "Joseph Biden",
        ];
        let mut turned = names;
        turned.reverse();
        let told = |names: &[&str]| -> Vec<_> {
            let all = entities(names);
            candidates(&all)
                .into_iter()
                .map(|c| {
                    let mut pair = [all[c.first].id.clone(), all[c.second].id.clone()];
                    pair.sort();
                    (pair, c.reason)
                })
                .collect()
        };
        assert_eq!(told(&names), told(&turned));
    }
}
