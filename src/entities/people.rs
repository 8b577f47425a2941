//! People within a document: named in full once, then by surname. A surname with the presidency is
//! the one's whom the document, or else the run, calls president (`the Clinton administration`).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Via;
use super::page::Page;
use super::person::PersonName;
use super::reading::{Identity, Reading, Short, ShortKind, Stands, Target};
use crate::annotation::Label;

/// Somebody whom the document names in full.
struct Person {
    name: PersonName,
    identity: Identity,
    /// The first mention below the headline.
    first: usize,
    mentions: u32,
    /// Whether the document calls them president next to the full name.
    is_president: bool,
}

/// Behind a surname they tell that a president is meant, unless one is only imagined (`a Clinton
/// administration`).
const OF_PRESIDENTS: [&str; 5] = [
    "administration",
    "era",
    "White House",
    "presidency",
    "years",
];
/// Whom presidents name: `a Clinton judge`.
const NAMED_BY_PRESIDENTS: [&str; 3] = ["judge", "nominee", "appointee"];

/// Reads the people among the open mentions.
pub(super) fn read(
    page: &Page,
    open: &mut [Option<Reading>],
    expansions: &mut Vec<(ShortKind, Identity, Identity)>,
    generations: &mut Vec<(Identity, Stands)>,
) {
    let label = Label::from("PER");
    let names: Vec<Option<PersonName>> = page
        .surfaces
        .iter()
        .map(|s| (s.is_name && s.is_person()).then(|| PersonName::read(&s.name)))
        .collect();
    let people = named_in_full(page, open, &names);
    let same = same_people(&people);
    for person in people.values() {
        let identity = same.get(&person.identity).unwrap_or(&person.identity);
        let short = Identity::named(&label, &person.name.surname_key());
        if person.is_president {
            expansions.push((ShortKind::President, short.clone(), identity.clone()));
        }
        expansions.push((ShortKind::Person, short, identity.clone()));
        if person.name.generation().is_some() {
            let plain = person.name.without_generation();
            let stands = if plain.iter().any(|key| people.contains_key(key)) {
                Stands::Beside
            } else {
                Stands::Alone
            };
            generations.push((Identity::named(&label, &person.name.key()), stands));
        }
    }
    for (n, name) in names.iter().enumerate() {
        let (Some(name), Some(None)) = (name, open.get(n)) else {
            continue;
        };
        let Some(surface) = page.surfaces.get(n) else {
            continue;
        };
        let own = own_identity(&label, name, &surface.key);
        let is_surname_of_many = people.values().any(|p| p.name.ends_with(name));
        let reading = if name.is_full() && !is_surname_of_many {
            match same.get(&own) {
                Some(other) => Reading::settled(other.clone(), Via::Alias, &surface.name),
                None => Reading::plain(own, &surface.name),
            }
        } else {
            let short = short_name(n, name, own, &people, &same, &surface.name);
            if is_of_president(page, n) {
                of_president(name, short, &people, &same)
            } else {
                short
            }
        };
        if let Some(slot) = open.get_mut(n) {
            *slot = Some(reading);
        }
    }
}

/// `President Clinton`
fn is_called_president(page: &Page, n: usize) -> bool {
    let mut before = page.before(n).split_whitespace().rev();
    before.next() == Some("President") && !before.next().is_some_and(|word| word.contains("ice"))
}

/// `President Clinton`, `the Clinton administration`
fn is_of_president(page: &Page, n: usize) -> bool {
    let after = page.after(n).strip_prefix([' ', '-']).unwrap_or_default();
    let last = page.before(n).split_whitespace().next_back();
    let is_imagined = last.is_some_and(|word| ["a", "another", "future", "next"].contains(&word));
    let is_before = |words: &[&str]| words.iter().any(|word| after.starts_with(word));
    is_called_president(page, n)
        || is_before(&NAMED_BY_PRESIDENTS)
        || !is_imagined && (is_before(&OF_PRESIDENTS) || shares_administration(after))
}

/// `the Clinton and Obama administrations`, of what stands behind the first surname.
fn shares_administration(after: &str) -> bool {
    let mut words = after.split_whitespace();
    words.next() == Some("and")
        && words
            .next()
            .is_some_and(|word| word.starts_with(char::is_uppercase))
        && words
            .next()
            .is_some_and(|word| word.starts_with("administration"))
}

/// A surname with the presidency leads to whom the document calls president, else the run decides
/// between those and who it would be otherwise.
fn of_president(
    name: &PersonName,
    short: Reading,
    people: &BTreeMap<String, Person>,
    same: &BTreeMap<Identity, Identity>,
) -> Reading {
    let mut called = people
        .values()
        .filter(|person| person.is_president && person.name.ends_with(name));
    match (called.next(), called.next()) {
        (Some(only), None) => {
            let identity = same.get(&only.identity).unwrap_or(&only.identity);
            return Reading::settled(identity.clone(), Via::Alias, &short.spelling);
        }
        (Some(_), Some(_)) => return short,
        (None, _) => {}
    }
    match short.target {
        Target::Settled(only) => Reading::short(
            Short {
                kind: ShortKind::President,
                own: Identity::new(&only.label, name.key()),
                candidates: vec![only],
            },
            &short.spelling,
        ),
        Target::Short(others) => Reading {
            target: Target::Short(Short {
                kind: ShortKind::President,
                ..others
            }),
            ..short
        },
    }
}

fn own_identity(label: &Label, name: &PersonName, key: &str) -> Identity {
    let parts = name.key();
    Identity::new(
        label,
        if parts.is_empty() {
            key.to_owned()
        } else {
            parts
        },
    )
}

/// The people named in full, by key; also those whom a table knows.
fn named_in_full(
    page: &Page,
    open: &[Option<Reading>],
    names: &[Option<PersonName>],
) -> BTreeMap<String, Person> {
    let label = Label::from("PER");
    let body = page.text.find("\n\n").unwrap_or(0);
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for (n, name) in names.iter().enumerate() {
        let Some(name) = name.as_ref().filter(|name| name.is_full()) else {
            continue;
        };
        let known = open
            .get(n)
            .and_then(Option::as_ref)
            .and_then(Reading::identity);
        let start = page.layers.mentions.get(n).map_or(0, |m| m.span.start);
        let first = if start < body { usize::MAX } else { n };
        let person = people.entry(name.key()).or_insert_with(|| Person {
            identity: known
                .cloned()
                .unwrap_or_else(|| Identity::new(&label, name.key())),
            name: name.clone(),
            first,
            mentions: 0,
            is_president: false,
        });
        person.is_president |= is_called_president(page, n);
        person.first = person.first.min(first);
        person.mentions += 1;
    }
    people
}

/// Who is whom in the end. A name with a middle leads to the same name without it; of names that
/// differ in the form of the given name, the others lead to the most frequent, of equals to the
/// first in the alphabet.
fn same_people(people: &BTreeMap<String, Person>) -> BTreeMap<Identity, Identity> {
    let mut links: BTreeMap<Identity, Identity> = BTreeMap::new();
    for person in people.values() {
        let other = with_plainer_name(person, people).map(|other| &other.identity);
        // A table can know several names as one person: nobody leads to themselves.
        if let Some(other) = other
            && !links.contains_key(&person.identity)
            && *end_of(&links, other) != person.identity
        {
            links.insert(person.identity.clone(), other.clone());
        }
    }
    let starts = links.keys();
    starts
        .map(|start| (start.clone(), end_of(&links, start).clone()))
        .collect()
}

/// Whoever goes by the same name without its middle, or else more often by another form of the
/// given name.
fn with_plainer_name<'p>(
    person: &Person,
    people: &'p BTreeMap<String, Person>,
) -> Option<&'p Person> {
    let without_middle = person.name.without_middle();
    let plainer = without_middle.and_then(|key| people.get(&key));
    let rank = |p: &Person| (Reverse(p.mentions), p.identity.clone());
    plainer.or_else(|| {
        let others = person.name.with_other_given_names();
        let others = others.iter().filter_map(|key| people.get(key));
        others
            .min_by_key(|other| rank(other))
            .filter(|other| rank(other) < rank(person))
    })
}

/// Where a chain of links ends that has no circle.
fn end_of<'l>(links: &'l BTreeMap<Identity, Identity>, start: &'l Identity) -> &'l Identity {
    std::iter::successors(Some(start), |identity| links.get(identity))
        .take(links.len() + 1)
        .last()
        .unwrap_or(start)
}

/// A surname or given name: the one person of the document whose it is, if the document brings the
/// full name first; else the run has to tell.
fn short_name(
    n: usize,
    name: &PersonName,
    own: Identity,
    people: &BTreeMap<String, Person>,
    same: &BTreeMap<Identity, Identity>,
    spelling: &str,
) -> Reading {
    let of = |fits: &dyn Fn(&PersonName) -> bool| -> Vec<&Person> {
        people
            .values()
            .filter(|person| fits(&person.name))
            .collect()
    };
    let mut found = of(&|full| full.ends_with(name) && full.generation().is_none());
    if found.is_empty() {
        found = of(&|full| full.ends_with(name));
    }
    if found.is_empty() {
        found = of(&|full| full.begins_with(name));
    }
    let first = found.iter().map(|person| person.first).min();
    let mut candidates: Vec<Identity> = found
        .iter()
        .map(|person| {
            same.get(&person.identity)
                .unwrap_or(&person.identity)
                .clone()
        })
        .collect();
    candidates.sort();
    candidates.dedup();
    match candidates.as_slice() {
        [only] if first.is_some_and(|first| first < n || first == usize::MAX) => {
            Reading::settled(only.clone(), Via::Alias, spelling)
        }
        _ => Reading::short(
            Short {
                kind: ShortKind::Person,
                own,
                candidates,
            },
            spelling,
        ),
    }
}
