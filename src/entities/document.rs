//! The mentions of one document, judged by each other: what is the same name, whose short form a
//! name is, which country an adjective or a capital stands for.

use super::alias::Alias;
use super::aliases::Aliases;
use super::capital::stands_for_state;
use super::countries::{Country, Tie, countries};
use super::page::Page;
use super::reading::{Reading, Readings};
use super::states::{COUNTRY, State, state};
use super::surface::Surface;
use super::{Via, bodies, entity_key, groups, people};
use crate::annotation::{Annotations, Label, ReferenceKind};

/// Reads a document; `aliases` are the user's.
pub(super) fn read_document(text: &str, layers: &Annotations, aliases: &Aliases) -> Readings {
    let page = Page::new(text, layers);
    let mut expansions = Vec::new();
    let mut generations = Vec::new();
    let mut open: Vec<Option<Reading>> = (0..page.surfaces.len())
        .map(|n| page.fixed(n, aliases))
        .collect();
    bodies::read(&page, &mut open, &mut expansions);
    for (n, reading) in open.iter_mut().enumerate() {
        if reading.is_none() {
            *reading = page.well_known(n);
        }
    }
    people::read(&page, &mut open, &mut expansions, &mut generations);
    groups::read(&page, &mut open, &mut expansions);
    let named: Vec<Reading> = open
        .into_iter()
        .zip(&page.surfaces)
        .enumerate()
        .map(|(n, (reading, surface))| Reading {
            article: page.article(n),
            ..reading.unwrap_or_else(|| surface.plain())
        })
        .collect();
    let mentions = (0..named.len())
        .filter_map(|n| page.referred(n, &named))
        .collect();
    Readings {
        mentions,
        expansions,
        generations,
    }
}

impl Page<'_> {
    /// The reading of a mention that a table decides: the user's, or that of the countries.
    fn fixed(&self, n: usize, aliases: &Aliases) -> Option<Reading> {
        let surface = self.surfaces.get(n).filter(|s| s.is_name)?;
        if let Some(alias) = aliases.find(&surface.name, &surface.label) {
            return Some(by_alias(alias, surface));
        }
        if let Some(state) = self.state(n) {
            return Some(of_state(state, &surface.name));
        }
        if let Some(state) = self.state_of_people(n) {
            return Some(Reading {
                via: Via::Nationality,
                ..of_state(state, &surface.name)
            });
        }
        let country = self.country(n)?;
        let via = match surface.sense.map_or(Tie::Name, |sense| sense.tie) {
            Tie::Name => Via::Name,
            Tie::Nationality => Via::Nationality,
            Tie::Capital { acts } => {
                let followed = self.is_followed_by_its_country(n);
                if !(acts && stands_for_state(self.text, self.layers, n, followed)) {
                    return Some(self.city(n, country));
                }
                Via::Capital
            }
        };
        let label = Label::from("LOC");
        let code = Some(country.code.clone());
        Some(Reading::known(
            &label,
            country.name.clone(),
            code,
            via,
            &surface.name,
        ))
    }

    fn city(&self, n: usize, country: &Country) -> Reading {
        let name = self.surfaces.get(n).map_or("", |s| s.name.as_ref());
        // `Seattle, Washington` is no capital.
        let is_state = n
            .checked_sub(1)
            .and_then(|before| self.between(before, n))
            .is_some_and(|between| between.trim() == ",");
        let label = Label::from("LOC");
        if is_state && let Some(state) = state(name) {
            return of_state(state, name);
        }
        let usual = countries().city(name).unwrap_or(name).to_owned();
        let via = if entity_key(&usual) == entity_key(name) {
            Via::Name
        } else {
            Via::Alias
        };
        Reading::known(&label, usual, Some(country.code.clone()), via, name)
    }

    /// The reading of a mention whose name the program's own table has.
    fn well_known(&self, n: usize) -> Option<Reading> {
        let surface = self.surfaces.get(n).filter(|s| s.is_name)?;
        let alias = Aliases::known().find(&surface.name, &surface.label)?;
        let fits = (alias.label == "PER") == surface.is_person() || surface.name.contains(' ');
        fits.then(|| by_alias(alias, surface))
    }

    /// The reading of a mention that refers to another one is the other's.
    fn referred(&self, n: usize, named: &[Reading]) -> Option<Reading> {
        let own = named.get(n)?;
        let reference = self.layers.mentions.get(n)?.reference;
        let Some(reference) = reference else {
            return Some(own.clone());
        };
        let antecedent = reference.antecedent.and_then(|a| named.get(a));
        Some(antecedent.map_or_else(
            || own.clone(),
            |antecedent| Reading {
                via: match reference.kind {
                    ReferenceKind::Pronoun => Via::Pronoun,
                    ReferenceKind::Nominal => Via::Nominal,
                },
                ..antecedent.clone()
            },
        ))
    }
}

fn of_state(state: &State, name: &str) -> Reading {
    let title = state.title();
    let via = if entity_key(&title) == entity_key(name) {
        Via::Name
    } else {
        Via::Alias
    };
    let country = Some(COUNTRY.to_owned());
    Reading {
        is_state: true,
        ..Reading::known(&Label::from("LOC"), title, country, via, name)
    }
}

fn by_alias(alias: &Alias, surface: &Surface) -> Reading {
    let (name, country) = alias.entity();
    let via = if entity_key(&name) == surface.key {
        Via::Name
    } else {
        Via::Alias
    };
    Reading::known(
        &Label::from(alias.label.as_str()),
        name,
        country,
        via,
        &surface.name,
    )
}
