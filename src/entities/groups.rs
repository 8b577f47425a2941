//! Organisations and other names within a document: acronyms and short forms.

use std::collections::{BTreeMap, BTreeSet};

use super::Via;
use super::countries::countries;
use super::organisation::{
    abbreviates, acronym, has_initials, is_short_form, organisation_key, shares_initials,
};
use super::page::Page;
use super::reading::{Identity, Reading, Short, ShortKind, Target};
use super::states::state;
use super::surface::Surface;
use crate::annotation::Label;

/// Reads the mentions that are still open and not people.
pub(super) fn read(
    page: &Page,
    open: &mut [Option<Reading>],
    expansions: &mut Vec<(ShortKind, Identity, Identity)>,
) {
    let full_names = full_names(page, open);
    let mut acronyms = in_brackets(page, open);
    for n in 0..open.len() {
        let (Some(surface), Some(None)) = (page.surfaces.get(n), open.get(n)) else {
            continue;
        };
        if !surface.is_name || surface.is_person() {
            continue;
        }
        let reading = match acronym(&surface.name) {
            Some(letters) => by_letters(surface, &letters, &full_names, &mut acronyms),
            None => by_beginning(page, surface, &full_names),
        };
        if let Some(slot) = open.get_mut(n) {
            *slot = Some(reading);
        }
    }
    let label = Label::from("ORG");
    for (letters, identities) in acronyms {
        let short = Identity::named(&label, &letters);
        let long = identities.into_iter();
        expansions.extend(long.map(|full| (ShortKind::Acronym, short.clone(), full)));
    }
}

/// A name of more than one word.
struct FullName {
    name: String,
    /// What its spellings have in common; its entity can go by another name.
    key: String,
    /// Where it leads if the document leaves it open whose body it is.
    open: Option<Target>,
    /// The first mention that has it.
    first: usize,
}

/// Names with more than one word, by identity.
fn full_names(page: &Page, open: &[Option<Reading>]) -> BTreeMap<Identity, FullName> {
    let mut names = BTreeMap::new();
    for (first, (surface, reading)) in page.surfaces.iter().zip(open).enumerate() {
        let several = surface.name.contains([' ', '-']);
        if surface.is_name && !surface.is_person() && surface.sense.is_none() && several {
            names
                .entry(identity(surface, reading.as_ref()))
                .or_insert_with(|| FullName {
                    name: surface.name.clone().into_owned(),
                    key: organisation_key(&surface.name),
                    open: reading
                        .as_ref()
                        .map(|reading| reading.target.clone())
                        .filter(|target| matches!(target, Target::Short(_))),
                    first,
                });
        }
    }
    names
}

fn identity(surface: &Surface, reading: Option<&Reading>) -> Identity {
    reading
        .and_then(Reading::identity)
        .cloned()
        .unwrap_or_else(|| own_identity(surface))
}

fn own_identity(surface: &Surface) -> Identity {
    let key = if surface.label == "ORG" {
        organisation_key(&surface.name)
    } else {
        surface.key.clone()
    };
    Identity::new(&surface.label, key)
}

/// Acronyms that follow their name in brackets: `Mujahedin-e-Khalq Organization (MKO)`.
fn in_brackets(page: &Page, open: &[Option<Reading>]) -> BTreeMap<String, BTreeSet<Identity>> {
    let mut acronyms: BTreeMap<String, BTreeSet<Identity>> = BTreeMap::new();
    for (n, surface) in page.surfaces.iter().enumerate() {
        if !surface.is_name || surface.is_person() || surface.sense.is_some() {
            continue;
        }
        let inside = page
            .after(n)
            .strip_prefix(" (")
            .and_then(|rest| rest.get(..rest.find(')')?))
            .map(|inside| inside.trim_matches(['"', '“', '”', '\'', ' ']));
        let Some(letters) = inside.and_then(acronym) else {
            continue;
        };
        let is_organisation = surface.label == "ORG"
            && shares_initials(&letters, &surface.name)
            && page.surfaces.get(n + 1).is_some_and(|next| {
                next.label == "ORG" && acronym(&next.name).as_ref() == Some(&letters)
            });
        if surface.name.contains([' ', '-'])
            && (is_organisation || abbreviates(&letters, &surface.name))
        {
            let full = identity(surface, open.get(n).and_then(Option::as_ref));
            acronyms.entry(letters).or_default().insert(full);
        }
    }
    acronyms
}

fn by_letters(
    surface: &Surface,
    letters: &str,
    full_names: &BTreeMap<Identity, FullName>,
    acronyms: &mut BTreeMap<String, BTreeSet<Identity>>,
) -> Reading {
    if !acronyms.contains_key(letters) {
        let made_of: BTreeSet<Identity> = full_names
            .iter()
            .filter(|(_, full)| has_initials(&full.name, letters))
            .map(|(identity, _)| identity.clone())
            .collect();
        if !made_of.is_empty() {
            acronyms.insert(letters.to_owned(), made_of);
        }
    }
    let candidates: Vec<Identity> = acronyms
        .get(letters)
        .map(|identities| identities.iter().cloned().collect())
        .unwrap_or_default();
    match candidates.as_slice() {
        [only] => Reading::settled(only.clone(), Via::Alias, &surface.name),
        _ => Reading::short(
            Short {
                kind: ShortKind::Acronym,
                own: own_identity(surface),
                candidates,
            },
            &surface.name,
        ),
    }
}

/// A short form comes after the name that it shortens: `Red Hat` before `Red Hat Enterprise Linux`
/// is a name of its own.
fn by_beginning(
    page: &Page,
    surface: &Surface,
    full_names: &BTreeMap<Identity, FullName>,
) -> Reading {
    let own = own_identity(surface);
    // `New York` is no `New York Times`.
    if state(&surface.name).is_some() || !countries().senses(&surface.name).is_empty() {
        return Reading::plain(own, &surface.name);
    }
    let first = || page.surfaces.iter().position(|s| s.key == surface.key);
    let mut longer = full_names.iter().filter(|(full, name)| {
        full.label == "ORG"
            && (is_short_form(&own.key, &full.key) || is_short_form(&own.key, &name.key))
            && first().is_some_and(|first| name.first < first)
    });
    match (longer.next(), longer.next()) {
        (Some((only, name)), None) if own.label == "ORG" => {
            let short = Reading::settled(only.clone(), Via::Alias, &surface.name);
            match name.open.clone() {
                // The body is to be listed by its whole name.
                Some(target) => Reading {
                    target,
                    spelling: name.name.clone(),
                    ..short
                },
                None => short,
            }
        }
        _ => Reading::plain(own, &surface.name),
    }
}
