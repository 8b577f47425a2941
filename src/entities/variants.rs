//! Names of a run that are another one beyond doubt: spellings (`Viktor Yanukovich`), forms of a
//! given name (`Steve Bannon`, `Stephen Bannon`), names with and without a middle. What is less sure
//! is listed for people (`review`).
//!
//! Given names say little where many bear the surname: of the pairs of `data/name_pairs.csv` with
//! at most six bearers of their surname, told by given names, all 89 are one person; of the others
//! 20 of 39.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::likeness::{is_comparable, is_spelling, sound};
use super::person::PersonName;
use super::reading::Identity;

/// People of one surname, told by their given names.
const BEARERS: usize = 6;
/// Names that sound like so many others are not compared with all of them.
const MOST_ALIKE: usize = 40;
/// Surnames that a small run may have seen too few bearers of.
const COMMON: [&str; 48] = [
    "adams", "allen", "anderson", "baker", "bennett", "brown", "campbell", "carter", "clark",
    "collins", "cook", "cooper", "davis", "evans", "garcia", "green", "hall", "harris", "hill",
    "jackson", "james", "johnson", "jones", "kelly", "khan", "kim", "king", "lee", "lewis",
    "martin", "matthews", "miller", "mitchell", "moore", "morgan", "parker", "roberts", "robinson",
    "rogers", "scott", "smith", "stewart", "taylor", "thomas", "thompson", "walker", "white",
    "wilson",
];

/// Where each name leads that is another one, from the numbers of documents that have them;
/// `is_sure` tells whose name is a fact. Names lead to those of more documents, of equals to the
/// first in the alphabet.
pub(super) fn variants(
    documents: &BTreeMap<Identity, u32>,
    is_sure: impl Fn(&Identity) -> bool,
) -> BTreeMap<Identity, Identity> {
    let mut ranked: Vec<(&Identity, u32)> = documents.iter().map(|(i, n)| (i, *n)).collect();
    ranked.sort_by_key(|(identity, documents)| (Reverse(*documents), *identity));
    let place: HashMap<&Identity, usize> = ranked
        .iter()
        .enumerate()
        .map(|(n, (i, _))| (*i, n))
        .collect();
    let mut leads: HashMap<Identity, Identity> = HashMap::new();
    for (name, other) in spellings(&ranked).into_iter().chain(forms(&ranked)) {
        let ranks = place.get(name).zip(place.get(other));
        let Some((name, other)) =
            ranks.map(|(a, b)| if a > b { (name, other) } else { (other, name) })
        else {
            continue;
        };
        if !is_sure(name) {
            leads.entry(name.clone()).or_insert_with(|| other.clone());
        }
    }
    let end = |start: &Identity| {
        let chain = std::iter::successors(leads.get(start), |next| leads.get(*next));
        chain.last().cloned()
    };
    leads
        .keys()
        .filter_map(|start| Some((start.clone(), end(start)?)))
        .collect()
}

fn spellings<'i>(ranked: &[(&'i Identity, u32)]) -> Vec<(&'i Identity, &'i Identity)> {
    let mut by_sound: BTreeMap<(&str, String), Vec<&Identity>> = BTreeMap::new();
    let several = ranked.iter().filter(|(i, _)| i.key.contains(' '));
    for (identity, _) in several.filter(|(i, _)| is_comparable(&i.key)) {
        by_sound
            .entry((identity.label.as_str(), sound(&identity.key)))
            .or_default()
            .push(identity);
    }
    let mut found = Vec::new();
    for alike in by_sound.into_values() {
        for (at, name) in alike.iter().enumerate().skip(1).take(MOST_ALIKE) {
            let before = alike.iter().take(at);
            let other = before.into_iter().find(|o| is_spelling(&o.key, &name.key));
            found.extend(other.map(|other| (*name, *other)));
        }
    }
    found
}

/// Names of people that differ in the form of the given name or in the middle.
fn forms<'i>(ranked: &[(&'i Identity, u32)]) -> Vec<(&'i Identity, &'i Identity)> {
    let people: Vec<(&Identity, PersonName)> = ranked
        .iter()
        .filter(|(identity, _)| identity.label == "PER")
        .map(|(identity, _)| (*identity, PersonName::read(&identity.key)))
        .filter(|(_, name)| name.is_full())
        .collect();
    let mut bearers: HashMap<&str, BTreeSet<String>> = HashMap::new();
    let mut by_key: HashMap<String, &Identity> = HashMap::new();
    let mut middles: HashMap<String, u32> = HashMap::new();
    for (identity, name) in &people {
        let given = name.usual_given_name().to_owned();
        bearers.entry(name.surname()).or_default().insert(given);
        by_key.entry(name.key()).or_insert(identity);
        if let Some(plain) = name.without_middle() {
            *middles.entry(plain).or_default() += 1;
        }
    }
    let few = |name: &PersonName| {
        let surname = name.surname();
        let known = bearers.get(surname).map_or(0, BTreeSet::len);
        known <= BEARERS && !COMMON.contains(&surname)
    };
    let mut found = Vec::new();
    for (identity, name) in people.iter().filter(|(_, name)| few(name)) {
        let given = name.with_other_given_names();
        let plain = name.without_middle().filter(|k| middles.get(k) == Some(&1));
        let keys = given.into_iter().chain(plain);
        let others = keys.filter_map(|key| by_key.get(&key));
        found.extend(others.map(|other| (*identity, *other)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(names: &[(&str, u32)]) -> Vec<(String, String)> {
        let documents = names
            .iter()
            .map(|(name, count)| (Identity::named(&"PER".into(), name), *count))
            .collect();
        variants(&documents, |_| false)
            .into_iter()
            .map(|(from, to)| (from.key, to.key))
            .collect()
    }

    fn pair(from: &str, to: &str) -> Vec<(String, String)> {
        vec![(from.into(), to.into())]
    }

    #[test]
    fn a_rare_form_leads_to_the_usual_one() {
        for (rare, usual) in [
            ("viktor yanukovich", "viktor yanukovych"),
            ("stephen bannon", "steve bannon"),
            ("christine ford", "christine blasey ford"),
            ("volodymir zelensky", "volodymyr zelenskyy"),
        ] {
            assert_eq!(joined(&[(rare, 2), (usual, 9)]), pair(rare, usual));
        }
    }

    #[test]
    fn people_of_like_names_stay_apart() {
        for (a, b) in [
            ("stephen miller", "steven miller"),
            ("mike rogers", "michael rogers"),
            ("david green", "david greene"),
            ("gary johnson", "carrie johnson"),
            ("jim hedges", "jim hodges"),
        ] {
            assert_eq!(joined(&[(a, 2), (b, 9)]), [], "{a} {b}");
        }
    }

    #[test]
    fn a_surname_of_many_says_little() {
        let mut names = vec![("mike foley", 1), ("michael foley", 2)];
        assert_eq!(joined(&names), pair("mike foley", "michael foley"));
        let others = ["ann", "ben", "carl", "dora", "emil", "fritz", "gus"];
        let others = others.map(|given| format!("{given} foley"));
        names.extend(others.iter().map(|name| (name.as_str(), 1)));
        assert_eq!(joined(&names), []);
    }

    #[test]
    fn chains_end_at_the_most_frequent() {
        let usual = "viktor yanukovych";
        let names = [
            (usual, 64),
            ("viktor yanukovich", 2),
            ("victor yanukovich", 1),
        ];
        let expected = ["victor yanukovich", "viktor yanukovich"];
        assert_eq!(
            joined(&names),
            expected.map(|rare| (rare.to_owned(), usual.to_owned()))
        );
    }
}
