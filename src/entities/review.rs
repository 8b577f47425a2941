//! Pairs of entities whose names are so alike that they could be one, and names that are listed under
//! two types, for people to decide. Nothing is merged here: a wrong link is worse than none.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::countries::countries;
use super::entity::Entity;
use super::likeness::{THRESHOLD, is_comparable, likeness, sound};
use super::person::PersonName;
use super::{canonical_name, entity_key};

/// Of the names that sound alike so many are compared, those with most mentions.
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
    let mut ranked: Vec<(usize, &Entity)> = entities.iter().enumerate().collect();
    ranked.sort_by_key(|(_, entity)| (Reverse(entity.mentions), &entity.id));
    let mut found: BTreeMap<(usize, usize), Candidate> = BTreeMap::new();
    let pairs = spellings(&ranked)
        .into_iter()
        .chain(forms(&ranked))
        .chain(types(&ranked));
    for (a, b, reason) in pairs.filter(|(a, b, _)| a.0 != b.0) {
        let (first, second) = (a.0.min(b.0), a.0.max(b.0));
        let similarity = likeness(&plain_name(a.1), &plain_name(b.1));
        found.entry((first, second)).or_insert(Candidate {
            first,
            second,
            similarity,
            reason,
        });
    }
    let mut all: Vec<Candidate> = found.into_values().collect();
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

/// An entity with its position.
type At<'e> = (usize, &'e Entity);
/// Two entities and why they are listed.
type Pair<'e> = (At<'e>, At<'e>, &'static str);

/// An entity's name without its article.
fn plain_name(entity: &Entity) -> Cow<'_, str> {
    if entity.label == "ORG" {
        canonical_name(&entity.name)
    } else {
        Cow::Borrowed(entity.name.as_str())
    }
}

/// Names that are written alike; of many that sound alike only the first ones are compared.
fn spellings<'e>(ranked: &[At<'e>]) -> Vec<Pair<'e>> {
    let mut by_sound: BTreeMap<(&str, String), Vec<At>> = BTreeMap::new();
    // What sounds like a country is something else (`Albany`), as far as pairs were judged.
    let could_be =
        |e: &Entity| is_comparable(&plain_name(e)) && !countries().is_usual_name(&e.name);
    for &(n, entity) in ranked.iter().filter(|(_, e)| could_be(e)) {
        let sound = sound(&entity_key(&plain_name(entity)));
        let alike = by_sound.entry((entity.label.as_str(), sound)).or_default();
        if alike.len() < MOST_ALIKE {
            alike.push((n, entity));
        }
    }
    let mut found = Vec::new();
    for alike in by_sound.values() {
        for (at, &a) in alike.iter().enumerate() {
            let others = alike.iter().skip(at + 1);
            let could_be_one = others.filter(|b| {
                (a.1.country.is_none() || b.1.country.is_none())
                    && likeness(&plain_name(a.1), &plain_name(b.1)) >= THRESHOLD
            });
            found.extend(could_be_one.map(|&b| (a, b, "spelling")));
        }
    }
    found
}

/// People whose names differ in the form of the given name, in the middle or in the generation.
fn forms<'e>(ranked: &[At<'e>]) -> Vec<Pair<'e>> {
    let people = || ranked.iter().filter(|(_, entity)| entity.label == "PER");
    let mut by_key: BTreeMap<String, At> = BTreeMap::new();
    for &person in people() {
        let name = PersonName::read(&person.1.name);
        by_key.entry(name.key()).or_insert(person);
    }
    let mut found = Vec::new();
    for &person in people() {
        let name = PersonName::read(&person.1.name);
        let given = name.with_other_given_names();
        let reasons = given.into_iter().map(|key| (key, "given name"));
        let plain = name.without_middle().map(|key| (key, "middle name"));
        let formal = name.without_generation().into_iter();
        let formal = formal.map(|key| (key, "generation"));
        for (key, reason) in reasons.chain(plain).chain(formal) {
            found.extend(by_key.get(&key).map(|&other| (person, other, reason)));
        }
    }
    found
}

/// The same name under another type than the one that it is mentioned most with. People and places
/// share words (`Jackson`) without being one.
fn types<'e>(ranked: &[At<'e>]) -> Vec<Pair<'e>> {
    let mut usual: HashMap<String, At> = HashMap::new();
    let mut found = Vec::new();
    for &(n, entity) in ranked {
        let key = entity_key(&plain_name(entity));
        let is_word = !key.contains(' ');
        let &mut main = usual.entry(key).or_insert((n, entity));
        let labels = [main.1.label.as_str(), entity.label.as_str()];
        let share_words = is_word && labels.contains(&"PER") && labels.contains(&"LOC");
        if labels[0] != labels[1] && !share_words {
            found.push((main, (n, entity), "type"));
        }
    }
    found
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
                mentions: 1,
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
            ("John Conyers Jr.", "John Conyers"),
            ("Robert S. Mueller III", "Bob Mueller"),
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
    fn what_sounds_like_a_country_is_not_listed() {
        let mut places = entities(&["Albania", "Albany"]);
        for place in &mut places {
            place.label = "LOC".into();
        }
        assert_eq!(candidates(&places), []);
    }

    #[test]
    fn a_name_of_two_types_is_listed() {
        let of_types = |name: &str, labels: [&str; 2]| {
            let mut all = entities(&[name, name]);
            for (entity, label) in all.iter_mut().zip(labels) {
                entity.label = label.into();
                entity.id = entity_id(&entity.label, &entity_key(name));
            }
            all[1].mentions = 9;
            let reasons = candidates(&all).into_iter().map(|c| c.reason);
            reasons.collect::<Vec<_>>()
        };
        assert_eq!(of_types("Guardian", ["MISC", "ORG"]), ["type"]);
        assert_eq!(of_types("Guardian", ["PER", "ORG"]), ["type"]);
        let mut all = entities(&["Guardian", "The Guardian"]);
        all[1].label = "ORG".into();
        assert_eq!(candidates(&all).len(), 1);
        assert_eq!(of_types("Rosa Parks", ["LOC", "PER"]), ["type"]);
        assert_eq!(of_types("Jackson", ["LOC", "PER"]), [""; 0]);
    }

    /// More names of one sound than are compared.
    fn many() -> Vec<String> {
        let vowels = ["a", "e", "i", "o", "u"];
        let given = vowels
            .iter()
            .flat_map(|a| vowels.map(|b| format!("M{a}mm{b}r")));
        given
            .flat_map(|given| ["Gaddafi", "Kaddafi"].map(|surname| format!("{given} {surname}")))
            .collect()
    }

    #[test]
    fn the_order_of_entities_does_not_matter() {
        let many = many();
        assert!(many.len() > MOST_ALIKE);
        let mut names = vec!["Joe Biden", "Joseph Biden"];
        names.extend(many.iter().map(String::as_str));
        let mut turned = names.clone();
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

    #[test]
    fn of_many_names_those_with_most_mentions_are_compared() {
        let many = many();
        let names: Vec<&str> = many.iter().map(String::as_str).collect();
        for pair in 0..names.len() / 2 {
            let (first, second) = (2 * pair, 2 * pair + 1);
            let mut all = entities(&names);
            all[first].mentions = 9;
            all[second].mentions = 9;
            let found = candidates(&all);
            assert!(found.iter().any(|c| (c.first, c.second) == (first, second)));
        }
    }
}
