//! Across documents: whose a short name is, which type a name has, and which names are one person's.
//! All of it is decided by numbers of documents (how a fact is spelt, by those of mentions), never
//! by their order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::aliases::Aliases;
use super::generations::{Company, formal_names};
use super::reading::{Identity, Reading, Short, ShortKind, Stands, Target};
use super::variants::variants;
use crate::annotation::Label;

/// A run's documents have one person in mind by a surname when they name that person in full in this
/// part of all documents that name anyone of that surname.
const PERSON_SHARE: f64 = 0.66;
/// For a president of that surname, whom fewer documents tell from others, in this part.
const PRESIDENT_SHARE: f64 = 0.75;
const PERSON_DOCUMENTS: u32 = 2;
/// A given name leads to nobody outside its document, and initials to one name only.
const ACRONYM_SHARE: f64 = 0.9;
const BODY_SHARE: f64 = 0.8;
const BODY_DOCUMENTS: u32 = 5;
/// The person that the run has in mind by a surname is meant beside others whom the document names so
/// if that many times more documents name them than any of these.
const FAR_MORE: u32 = 5;
/// The type of a name is the one that it has in this part of the documents.
const TYPE_SHARE: f64 = 0.8;
/// For people's names, which others bear as well, in this part.
const PERSON_TYPE_SHARE: f64 = 0.9;
const TYPE_DOCUMENTS: u32 = 3;
/// Shorter ones end with `s` by chance (`GIs`).
const PLURAL_LETTERS: usize = 3;

/// What documents teach about names.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    expansions: HashMap<(ShortKind, String), BTreeMap<Identity, u32>>,
    facts: HashMap<Identity, Fact>,
    /// Of names with a generation.
    company: HashMap<Identity, Company>,
    /// Names that are another one, as far as [`Evidence::join`] found them.
    variants: BTreeMap<Identity, Identity>,
}

/// What mentions tell of an entity, and how many of them tell it so.
#[derive(Debug, Default)]
struct Fact {
    titles: BTreeMap<String, u32>,
    countries: BTreeMap<String, u32>,
    sure_type: bool,
}

impl Fact {
    fn add(&mut self, reading: &Reading) {
        count(&mut self.titles, reading.title.as_deref());
        count(&mut self.countries, reading.country.as_deref());
        self.sure_type |= reading.sure_type;
    }
}

fn count(counts: &mut BTreeMap<String, u32>, value: Option<&str>) {
    let Some(value) = value else {
        return;
    };
    match counts.get_mut(value) {
        Some(count) => *count += 1,
        None => {
            counts.insert(value.to_owned(), 1);
        }
    }
}

/// The most frequent; of equals the one with the fewest capitals, then the first in the alphabet.
fn usual(counts: &BTreeMap<String, u32>) -> Option<String> {
    let capitals = |value: &str| value.chars().filter(|c| c.is_uppercase()).count();
    counts
        .iter()
        .min_by_key(|(value, count)| (Reverse(**count), capitals(value)))
        .map(|(value, _)| value.clone())
}

impl Evidence {
    /// How many entries it holds.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        let spellings = |fact: &Fact| fact.titles.len() + fact.countries.len();
        self.facts.values().map(spellings).sum::<usize>()
            + self.expansions.values().map(BTreeMap::len).sum::<usize>()
            + self.company.len()
    }

    /// In one more document the short name of that key stands for `full`.
    pub fn expands(&mut self, kind: ShortKind, short: String, full: Identity) {
        let known = self.expansions.entry((kind, short)).or_default();
        *known.entry(full).or_default() += 1;
    }

    /// In one more document a name with a generation stands so.
    pub fn keeps_company(&mut self, name: Identity, stands: Stands) {
        self.company.entry(name).or_default().count(stands);
    }

    /// Counts what a reading knows for a fact.
    pub fn knows(&mut self, reading: &Reading) {
        if !reading.sure_type && reading.title.is_none() && reading.country.is_none() {
            return;
        }
        let Some(identity) = reading.identity() else {
            return;
        };
        match self.facts.get_mut(identity) {
            Some(fact) => fact.add(reading),
            None => {
                let mut fact = Fact::default();
                fact.add(reading);
                self.facts.insert(identity.clone(), fact);
            }
        }
    }

    /// Counts what short names stand for as one where it is one by another name, so that no short
    /// name is anybody's less because of spellings.
    pub fn join<'t>(&mut self, targets: impl Iterator<Item = (&'t Target, u32)>) {
        let mut documents: BTreeMap<Identity, u32> = BTreeMap::new();
        for (target, count) in targets {
            if let Target::Settled(identity) = target {
                *documents.entry(identity.clone()).or_default() += count;
            }
        }
        let names = variants(&documents, |i| self.is_sure(i));
        for known in self.expansions.values_mut() {
            let counts = std::mem::take(known);
            for (full, count) in counts {
                let name = names.get(&full).cloned().unwrap_or(full);
                *known.entry(name).or_default() += count;
            }
        }
        self.variants = names;
    }

    /// Name and country of an entity, where they are facts.
    fn facts(&self, identity: &Identity) -> (Option<String>, Option<String>) {
        self.facts.get(identity).map_or((None, None), |fact| {
            (usual(&fact.titles), usual(&fact.countries))
        })
    }

    fn is_sure(&self, identity: &Identity) -> bool {
        self.facts.get(identity).is_some_and(|fact| fact.sure_type)
    }

    /// What nearly all documents mean by a short name, with the number of those documents.
    fn dominant(&self, kind: ShortKind, short: &str) -> Option<(&Identity, u32)> {
        let (share, least) = match kind {
            ShortKind::Person => (PERSON_SHARE, PERSON_DOCUMENTS),
            ShortKind::President => (PRESIDENT_SHARE, PERSON_DOCUMENTS),
            ShortKind::Acronym => (ACRONYM_SHARE, 1),
            ShortKind::Body => (BODY_SHARE, BODY_DOCUMENTS),
        };
        let known = self.expansions.get(&(kind, short.to_owned()))?;
        let all: u32 = known.values().sum();
        let (most, &documents) = known.iter().max_by_key(|(_, documents)| **documents)?;
        (documents >= least && f64::from(documents) >= share * f64::from(all))
            .then_some((most, documents))
    }

    fn documents(&self, kind: ShortKind, short: &str, full: &Identity) -> u32 {
        self.expansions
            .get(&(kind, short.to_owned()))
            .and_then(|known| known.get(full))
            .copied()
            .unwrap_or(0)
    }

    fn company(&self, identity: &Identity) -> Company {
        self.company.get(identity).copied().unwrap_or_default()
    }

    /// Whose a short name is.
    fn expand(&self, short: &Short) -> Identity {
        let key = short.own.key.as_str();
        // Where no president of that surname stands out, it is like any surname.
        let kind = match self.dominant(short.kind, key) {
            None if short.kind == ShortKind::President => ShortKind::Person,
            _ => short.kind,
        };
        let dominant = self.dominant(kind, key);
        let named = short.candidates.iter();
        let mut candidates: Vec<&Identity> = named
            .map(|full| self.variants.get(full).unwrap_or(full))
            .collect();
        candidates.sort();
        candidates.dedup();
        let chosen = match (candidates.as_slice(), dominant) {
            (named, Some((most, documents)))
                if named
                    .iter()
                    .all(|full| documents >= FAR_MORE * self.documents(kind, key, full)) =>
            {
                Some(most)
            }
            ([only], _) => Some(*only),
            (several, Some((most, _))) if several.contains(&most) => Some(most),
            _ => None,
        };
        chosen.unwrap_or(&short.own).clone()
    }
}

/// Where each target of a run leads in the end.
#[derive(Debug)]
pub(super) struct Settled<'e> {
    evidence: &'e Evidence,
    leads: Leads,
    by_alias: HashMap<Identity, Identity>,
    of_aliases: HashMap<Identity, (String, Option<String>)>,
}

impl<'e> Settled<'e> {
    /// Decides for targets that occur in so many documents each.
    pub fn new<'t>(
        targets: impl Iterator<Item = (&'t Target, u32)>,
        evidence: &'e Evidence,
        aliases: &Aliases,
    ) -> Self {
        let mut documents: BTreeMap<Identity, u32> = BTreeMap::new();
        for (target, count) in targets {
            let identity = match target {
                Target::Settled(identity) => identity.clone(),
                Target::Short(short) => evidence.expand(short),
            };
            *documents.entry(identity).or_default() += count;
        }
        let mut leads = Leads::default();
        leads.add(one_type(&documents, evidence));
        leads.add(variants(&documents, |i| evidence.is_sure(i)));
        leads.add(without_middle(&documents));
        leads.add(formal_names(&documents, |i| evidence.company(i)));
        leads.add(plurals(&documents));
        let mut settled = Self {
            evidence,
            leads,
            by_alias: HashMap::new(),
            of_aliases: HashMap::new(),
        };
        for identity in documents.keys().filter(|i| !evidence.is_sure(i)) {
            let Some(alias) = aliases.find(&identity.key, &identity.label) else {
                continue;
            };
            let label = Label::from(alias.label.as_str());
            if (label == "PER") == (identity.label == "PER") {
                let (name, country) = alias.entity();
                let canonical = Identity::named(&label, &name);
                settled.by_alias.insert(identity.clone(), canonical.clone());
                settled.of_aliases.insert(canonical, (name, country));
            }
        }
        settled
    }

    /// The entity of a target.
    pub fn identity(&self, target: &Target) -> Identity {
        let identity = match target {
            Target::Settled(identity) => identity.clone(),
            Target::Short(short) => self.evidence.expand(short),
        };
        if let Some(by_alias) = self.by_alias.get(&identity) {
            return by_alias.clone();
        }
        self.leads.end(&identity).clone()
    }

    /// Name and country of an entity, where they are facts.
    pub fn facts(&self, identity: &Identity) -> (Option<String>, Option<String>) {
        match self.of_aliases.get(identity) {
            Some((name, country)) => (Some(name.clone()), country.clone()),
            None => self.evidence.facts(identity),
        }
    }
}

/// Names and the ones that they lead to: a name whose type moved can be a spelling of another, and
/// that one have a middle name. No name leads back to itself.
#[derive(Debug, Default)]
struct Leads(HashMap<Identity, Identity>);

impl Leads {
    /// Takes up pairs of a name and the one that it leads to; pairs that came before win. Those of
    /// one call come in an order that does not depend on documents.
    fn add(&mut self, pairs: impl IntoIterator<Item = (Identity, Identity)>) {
        for (name, other) in pairs {
            if !self.0.contains_key(&name) && *self.end(&other) != name {
                self.0.insert(name, other);
            }
        }
    }

    /// The name to which one leads in the end.
    fn end<'i>(&'i self, start: &'i Identity) -> &'i Identity {
        let chain = std::iter::successors(Some(start), |next| self.0.get(*next));
        chain.last().unwrap_or(start)
    }
}

/// Names that the model gives a rare type lead to the same name with its usual type.
fn one_type(documents: &BTreeMap<Identity, u32>, evidence: &Evidence) -> Vec<(Identity, Identity)> {
    let mut by_key: BTreeMap<&str, Vec<(&Identity, u32)>> = BTreeMap::new();
    for (identity, &count) in documents {
        by_key
            .entry(&identity.key)
            .or_default()
            .push((identity, count));
    }
    let mut moved = Vec::new();
    for variants in by_key.into_values().filter(|variants| variants.len() > 1) {
        let all: u32 = variants.iter().map(|(_, count)| count).sum();
        let Some(&(main, most)) = variants.iter().max_by_key(|(_, count)| *count) else {
            continue;
        };
        let share = f64::from(most) / f64::from(all);
        for (rare, _) in variants.iter().filter(|(rare, _)| *rare != main) {
            let person = rare.label == "PER" || main.label == "PER";
            let single = !main.key.contains(' ');
            let needed = if person && single {
                PERSON_TYPE_SHARE
            } else {
                TYPE_SHARE
            };
            if all > TYPE_DOCUMENTS && share >= needed && !evidence.is_sure(rare) {
                moved.push(((*rare).clone(), main.clone()));
            }
        }
    }
    moved
}

/// A plural and its singular, `Muslims` and `Muslim`, are one group: the rarer leads to the other.
fn plurals(documents: &BTreeMap<Identity, u32>) -> Vec<(Identity, Identity)> {
    documents
        .iter()
        .filter(|(identity, _)| identity.label == "MISC" && identity.key.len() > PLURAL_LETTERS)
        .filter_map(|(plural, &of_plural)| {
            let one = Identity::new(&plural.label, plural.key.strip_suffix('s')?.to_owned());
            let &of_one = documents.get(&one)?;
            let pair = (plural.clone(), one);
            Some(if of_plural > of_one {
                (pair.1, pair.0)
            } else {
                pair
            })
        })
        .collect()
}

/// People with a middle name lead to the same name without it, if more documents have that one.
fn without_middle(documents: &BTreeMap<Identity, u32>) -> Vec<(Identity, Identity)> {
    documents
        .iter()
        .filter(|(identity, _)| identity.label == "PER")
        .filter_map(|(identity, &count)| {
            let key = super::person::PersonName::read(&identity.key).without_middle()?;
            let plain = Identity::new(&identity.label, key);
            let often = documents.get(&plain).copied().unwrap_or(0);
            (often >= count && often >= PERSON_DOCUMENTS).then(|| (identity.clone(), plain))
        })
        .collect()
}
