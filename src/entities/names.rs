use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::aliases::Aliases;
use super::document::read_document;
use super::entity::Entity;
use super::reading::{Identity, Reading, Target};
use super::settle::{Evidence, Settled};
use super::wikidata::item;
use super::{Via, entity_id, review};
use crate::annotation::Annotations;

/// The entity of a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Position in [`Entities::all`].
    pub entity: usize,
    /// How the mention leads to it.
    pub via: Via,
}

/// The names of a run, counted.
#[derive(Debug, Default)]
pub struct Names {
    aliases: Aliases,
    places: HashMap<Target, usize>,
    counted: Vec<Counted>,
    evidence: Evidence,
}

/// One target of mentions.
#[derive(Debug)]
struct Counted {
    target: Target,
    documents: u32,
    mentions: u64,
    spellings: HashMap<String, Spelling>,
}

/// How often a name is spelled so.
#[derive(Debug, Clone, Copy, Default)]
struct Spelling {
    /// Whether it is the entity's own name.
    own: bool,
    times: u64,
    /// How many more mentions tell that an article is part of it than that none is.
    article: i64,
}

impl Spelling {
    fn count(&mut self, reading: &Reading) {
        self.times += 1;
        self.article += match reading.article {
            Some(true) => 1,
            Some(false) => -1,
            None => 0,
        };
    }
}

impl Names {
    /// No names yet; `aliases` always win.
    pub fn new(aliases: Aliases) -> Self {
        Self {
            aliases,
            ..Self::default()
        }
    }

    /// Counts the mentions of one document, in any order of documents. Spans are bytes of `text`.
    pub fn add(&mut self, text: &str, layers: &Annotations) {
        let readings = read_document(text, layers, &self.aliases);
        let expansions: BTreeSet<_> = readings.expansions.into_iter().collect();
        for (kind, short, full) in expansions {
            self.evidence.expands(kind, short.key, full);
        }
        for (name, stands) in readings.generations {
            self.evidence.keeps_company(name, stands);
        }
        let mut seen = BTreeSet::new();
        for reading in readings.mentions {
            self.evidence.knows(&reading);
            let place = self.place(&reading.target);
            if let Some(counted) = self.counted.get_mut(place) {
                counted.count(&reading);
                counted.documents += u32::from(seen.insert(place));
            }
        }
    }

    fn place(&mut self, target: &Target) -> usize {
        if let Some(&place) = self.places.get(target) {
            return place;
        }
        let place = self.counted.len();
        self.places.insert(target.clone(), place);
        self.counted.push(Counted {
            target: target.clone(),
            documents: 0,
            mentions: 0,
            spellings: HashMap::new(),
        });
        place
    }

    /// The entities of all names, in the order in which they were first seen.
    pub fn resolve(mut self) -> Entities {
        let targets = self.counted.iter().map(|c| (&c.target, c.documents));
        self.evidence.join(targets);
        let targets = self.counted.iter().map(|c| (&c.target, c.documents));
        let settled = Settled::new(targets, &self.evidence, &self.aliases);
        let mut merged: Vec<Merged> = Vec::new();
        let mut by_identity: HashMap<Identity, usize> = HashMap::new();
        let mut places = HashMap::new();
        let mut of_counted = Vec::with_capacity(self.counted.len());
        for counted in self.counted {
            let identity = settled.identity(&counted.target);
            let entity = *by_identity.entry(identity.clone()).or_insert_with(|| {
                merged.push(Merged::new(identity));
                merged.len() - 1
            });
            if let Some(merged) = merged.get_mut(entity) {
                merged.add(&counted);
            }
            of_counted.push(entity);
        }
        for (target, place) in self.places {
            if let Some(&entity) = of_counted.get(place) {
                places.insert(target, entity);
            }
        }
        let entities = merged
            .into_iter()
            .map(|merged| merged.entity(&settled))
            .collect();
        Entities {
            aliases: self.aliases,
            places,
            entities,
        }
    }
}

impl Counted {
    fn count(&mut self, reading: &Reading) {
        self.mentions += 1;
        if !reading.via.is_name() {
            return;
        }
        match self.spellings.get_mut(reading.spelling.as_str()) {
            Some(known) => known.count(reading),
            None => {
                let mut spelling = Spelling {
                    own: reading.via == Via::Name,
                    ..Spelling::default()
                };
                spelling.count(reading);
                self.spellings.insert(reading.spelling.clone(), spelling);
            }
        }
    }
}

/// All targets that turn out to be one entity.
struct Merged {
    identity: Identity,
    mentions: u64,
    spellings: BTreeMap<String, Spelling>,
}

impl Merged {
    fn new(identity: Identity) -> Self {
        Self {
            identity,
            mentions: 0,
            spellings: BTreeMap::new(),
        }
    }

    fn add(&mut self, counted: &Counted) {
        self.mentions += counted.mentions;
        let own_name = match &counted.target {
            Target::Settled(identity) => identity.key == self.identity.key,
            Target::Short(short) => short.own.key == self.identity.key,
        };
        for (spelling, more) in &counted.spellings {
            let own = own_name && (more.own || matches!(counted.target, Target::Short(_)));
            let entry = self.spellings.entry(spelling.clone()).or_default();
            entry.own |= own;
            entry.times += more.times;
            entry.article += more.article;
        }
    }

    fn entity(self, settled: &Settled) -> Entity {
        let mut spellings: Vec<(String, Spelling)> = self.spellings.into_iter().collect();
        let shouted = |s: &str| !s.chars().any(char::is_lowercase);
        spellings.sort_by(|(a, of_a), (b, of_b)| {
            (of_b.own, of_b.times, shouted(a), a).cmp(&(of_a.own, of_a.times, shouted(b), b))
        });
        let (title, country) = settled.facts(&self.identity);
        // A name that happens to be a country's is not the country.
        let wikidata = title.as_ref().and_then(|_| item(&self.identity));
        let has_article = self.identity.label == "ORG"
            && title.is_none()
            && spellings.first().is_some_and(|(_, of)| of.article > 0);
        let name = title.unwrap_or_else(|| {
            spellings
                .first()
                .map_or_else(|| self.identity.key.clone(), |(name, _)| name.clone())
        });
        spellings.sort_by(|(a, of_a), (b, of_b)| (of_b.times, a).cmp(&(of_a.times, b)));
        Entity {
            id: entity_id(&self.identity.label, &self.identity.key),
            aliases: spellings
                .into_iter()
                .map(|(spelling, _)| spelling)
                .filter(|spelling| *spelling != name)
                .collect(),
            name: if has_article {
                format!("The {name}")
            } else {
                name
            },
            label: self.identity.label,
            country,
            mentions: self.mentions,
            wikidata,
        }
    }
}

/// The entities of a run.
#[derive(Debug)]
pub struct Entities {
    aliases: Aliases,
    places: HashMap<Target, usize>,
    entities: Vec<Entity>,
}

impl Entities {
    /// The entity of each mention of one document; `None` when the document has a name that
    /// [`Names::add`] never saw. Spans are bytes of `text`.
    pub fn of(&self, text: &str, layers: &Annotations) -> Option<Vec<Found>> {
        let readings = read_document(text, layers, &self.aliases);
        if readings.mentions.len() != layers.mentions.len() {
            return None;
        }
        readings
            .mentions
            .into_iter()
            .map(|reading| {
                let entity = *self.places.get(&reading.target)?;
                Some(Found {
                    entity,
                    via: self.via(&reading, entity),
                })
            })
            .collect()
    }

    /// A short name that stayed alone is a name.
    fn via(&self, reading: &Reading, entity: usize) -> Via {
        let alone = match &reading.target {
            Target::Short(short) => self
                .entities
                .get(entity)
                .is_some_and(|entity| entity.id == entity_id(&entity.label, &short.own.key)),
            Target::Settled(_) => false,
        };
        if alone && reading.via == Via::Alias {
            Via::Name
        } else {
            reading.via
        }
    }

    /// All entities, in the order in which they were first seen.
    pub fn all(&self) -> &[Entity] {
        &self.entities
    }

    /// Pairs of entities that could be one, for people to decide; see [`review::Candidate`].
    pub fn review(&self) -> Vec<review::Candidate> {
        review::candidates(&self.entities)
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
