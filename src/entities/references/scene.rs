//! A document and its entities, as far as it has been read from left to right.

use std::collections::{HashMap, HashSet};

use super::super::reading::{Identity, Reading};
use super::place::Place;
use super::portrait::{Portrait, portraits};
use crate::annotation::Annotations;

/// A document with the entities of its mentions.
pub(super) struct Scene<'a> {
    pub text: &'a str,
    pub layers: &'a Annotations,
    /// The entity of each mention; of references, of those that are linked already.
    pub entities: Vec<Option<usize>>,
    pub portraits: Vec<Portrait>,
}

/// An entity that a word can mean.
pub(super) struct Candidate<'s> {
    pub entity: usize,
    pub portrait: &'s Portrait,
    /// The number of its last mention, and where that stands.
    pub mention: usize,
    pub last: Place<'s>,
    /// Sentences since then.
    pub distance: usize,
}

impl<'a> Scene<'a> {
    /// A document of which no reference is linked yet.
    pub fn new(text: &'a str, layers: &'a Annotations, readings: &[Reading]) -> Self {
        let mut numbers: HashMap<&Identity, usize> = HashMap::new();
        let entities: Vec<Option<usize>> = layers
            .mentions
            .iter()
            .zip(readings)
            .map(|(mention, reading)| {
                let next = numbers.len();
                let is_name = mention.reference.is_none();
                is_name.then(|| *numbers.entry(reading.probable()).or_insert(next))
            })
            .collect();
        Self {
            portraits: portraits(text, layers, &entities, readings),
            text,
            layers,
            entities,
        }
    }

    /// Takes up that the reference `n` means this entity.
    pub fn tell(&mut self, n: usize, entity: usize) {
        if let Some(slot) = self.entities.get_mut(n) {
            *slot = Some(entity);
        }
    }

    /// Where the mention `n` stands.
    pub fn place(&self, n: usize) -> Option<Place<'a>> {
        Place::of(self.text, self.layers, n)
    }

    /// The entity of the mention `n`, as far as known.
    pub fn entity(&self, n: usize) -> Option<usize> {
        self.entities.get(n).copied().flatten()
    }

    /// The entities mentioned before `n`, at most so many sentences back, that it can mean; the last
    /// mentioned first.
    pub fn candidates(
        &self,
        n: usize,
        sentences: usize,
        can_be: impl Fn(&Portrait) -> bool,
    ) -> Vec<Candidate<'_>> {
        let Some(word) = self.layers.mentions.get(n) else {
            return Vec::new();
        };
        let distance = |other: usize| {
            let other = self.layers.mentions.get(other)?;
            Some(word.sentence.saturating_sub(other.sentence))
        };
        let mut seen = HashSet::new();
        (0..n)
            .rev()
            .map_while(|other| Some((other, distance(other).filter(|far| *far <= sentences)?)))
            .filter_map(|(other, distance)| {
                let entity = self.entity(other)?;
                let portrait = self.portraits.get(entity)?;
                let fits = can_be(portrait) && seen.insert(entity);
                fits.then_some(())?;
                Some(Candidate {
                    entity,
                    portrait,
                    mention: other,
                    last: self.place(other)?,
                    distance,
                })
            })
            .collect()
    }

    /// Whether a person is mentioned between two mentions.
    pub fn person_between(&self, first: usize, second: usize) -> bool {
        let is_person = |n| Some(self.portraits.get(self.entity(n)?)?.label == "PER");
        (first + 1..second).any(|n| is_person(n).unwrap_or(false))
    }

    /// The text between a mention and a later word; of another sentence, all before the word.
    pub fn between(&self, last: &Candidate, word: &Place<'a>) -> &'a str {
        let from = last.last.mention.span.end;
        let to = word.mention.span.start;
        match last.distance {
            0 => self.text.get(from..to).unwrap_or_default(),
            _ => word.lead,
        }
    }
}
