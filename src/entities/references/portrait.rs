//! What a document tells of each of its entities.

use std::collections::HashSet;

use super::super::countries::countries;
use super::super::reading::Reading;
use super::nouns::nouns_of;
use super::place::{Place, words};
use super::scene::probable;
use super::titles;
use crate::annotation::{Annotations, Label};

const STATES: &str = "|alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida\
    |georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts\
    |michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey\
    |new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island\
    |south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia\
    |wisconsin|wyoming|";

/// An entity as its document shows it.
pub(super) struct Portrait {
    pub label: Label,
    /// Its name in lower case.
    pub name: String,
    pub is_country: bool,
    /// Whether it is one of the states of the USA.
    pub is_state: bool,
    /// How often it is named.
    pub times: u32,
    /// Nouns that its names and titles hold, by their usual forms.
    pub nouns: HashSet<String>,
    /// The words of its names, in lower case.
    pub words: HashSet<String>,
}

/// The portraits of the entities of a document, by their number. `entities` has the number of each
/// mention's entity; references have none.
pub(super) fn portraits(
    text: &str,
    layers: &Annotations,
    entities: &[Option<usize>],
    readings: &[Reading],
) -> Vec<Portrait> {
    let mut portraits: Vec<Portrait> = Vec::new();
    for (n, (entity, reading)) in entities.iter().zip(readings).enumerate() {
        let Some(entity) = *entity else {
            continue;
        };
        if entity == portraits.len() {
            portraits.push(Portrait::new(reading));
        }
        let place = Place::of(text, layers, n);
        if let Some((portrait, place)) = portraits.get_mut(entity).zip(place) {
            portrait.look_at(reading, &place);
        }
    }
    portraits
}

impl Portrait {
    fn new(reading: &Reading) -> Self {
        let label = &probable(reading).label;
        let is_place = *label == "LOC";
        let name = reading.title.as_ref().unwrap_or(&reading.spelling);
        Self {
            is_country: is_place && is_country(name),
            is_state: is_place && STATES.contains(&format!("|{}|", name.to_lowercase())),
            label: label.clone(),
            name: name.to_lowercase(),
            times: 0,
            nouns: HashSet::new(),
            words: HashSet::new(),
        }
    }

    /// Takes up one of its names.
    fn look_at(&mut self, reading: &Reading, place: &Place) {
        self.times += 1;
        let lower = |name: &str| words(name).map(str::to_lowercase).collect::<Vec<_>>();
        let names = [
            lower(&place.form),
            lower(reading.title.as_deref().unwrap_or_default()),
        ];
        let titles = [titles::before(place.lead), titles::behind(place.after)];
        for words in names.iter().chain(&titles) {
            let nouns = nouns_of(words).into_iter().map(str::to_owned);
            self.nouns.extend(nouns);
        }
        if self.label == "PER" && place.next_word() == "administration" {
            self.nouns.insert("president".to_owned());
        }
        self.words.extend(names.into_iter().flatten());
    }
}

fn is_country(name: &str) -> bool {
    let senses = countries().senses(name).iter();
    let mut meant = senses.filter_map(|sense| countries().get(sense.country));
    meant.any(|country| country.name == name)
}
