//! What a document tells of each of its entities.

use std::collections::HashSet;

use super::super::countries::countries;
use super::super::reading::Reading;
use super::nouns::nouns_of;
use super::place::{Place, words};
use super::titles;
use crate::annotation::{Annotations, Label};

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
        let label = &reading.probable().label;
        let is_place = *label == "LOC";
        let name = reading.title.as_ref().unwrap_or(&reading.spelling);
        Self {
            is_country: is_place && is_country(name),
            is_state: reading.is_state,
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

#[cfg(test)]
mod tests {
    use super::super::super::aliases::Aliases;
    use super::super::super::document::read_document;
    use super::super::super::example::place;
    use super::super::scene::Scene;
    use super::*;
    use crate::text::Span;

    /// Of each of these places, whether it is a state and whether it is a country.
    fn kinds(text: &str, places: &[&str]) -> Vec<(bool, bool)> {
        let mention = |name: &&str| {
            let start = text.find(*name).unwrap();
            place(Span::new(start, start + name.len()))
        };
        let layers = Annotations {
            sentences: vec![Span::new(0, text.len())],
            mentions: places.iter().map(mention).collect(),
            relations: Vec::new(),
        };
        let readings = read_document(text, &layers, &Aliases::default()).mentions;
        let portraits = Scene::new(text, &layers, &readings).portraits;
        portraits
            .iter()
            .map(|known| (known.is_state, known.is_country))
            .collect()
    }

    #[test]
    fn a_state_is_no_country_of_its_name() {
        let (state, country, city) = ((true, false), (false, true), (false, false));
        assert_eq!(
            kinds("Georgia and Texas vote.", &["Georgia", "Texas"]),
            [state, state]
        );
        assert_eq!(
            kinds(
                "Georgia and Tbilisi wait for the U.S. to act.",
                &["Georgia", "Tbilisi", "U.S."]
            ),
            [country, city, country]
        );
        let seattle = "It rained in Seattle, Washington, on Monday.";
        assert_eq!(kinds(seattle, &["Seattle", "Washington"]), [city, state]);
    }
}
