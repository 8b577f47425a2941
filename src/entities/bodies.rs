//! Bodies that every state has (`Foreign Ministry`, `Supreme Court`), named with their owner:
//! `Ministry of Foreign Affairs (Iran)`.

use super::countries::countries;
use super::organisation::common_body;
use super::page::Page;
use super::reading::{Identity, Reading, Short, ShortKind};
use super::states::COUNTRY;
use super::{Via, canonical_name};
use crate::annotation::Label;

/// Longest name of an owner in front of a body, in words (`Central African Republic`).
const OWNER_WORDS: usize = 4;

struct Owner {
    name: String,
    country: Option<String>,
}

/// Reads the bodies among the open mentions. One without an owner is the document's only such body,
/// or stays a short name.
pub(super) fn read(
    page: &Page,
    open: &mut [Option<Reading>],
    expansions: &mut Vec<(ShortKind, Identity, Identity)>,
) {
    let label = Label::from("ORG");
    let mut without_owner = Vec::new();
    for n in 0..open.len() {
        if open.get(n).is_none_or(Option::is_some) {
            continue;
        }
        let Some((body, owner)) = body_and_owner(page, n) else {
            continue;
        };
        let Some(owner) = owner else {
            without_owner.push((n, body));
            continue;
        };
        let spelling = page.surfaces.get(n).map_or("", |s| s.name.as_ref());
        let reading = owned(&label, &body, owner, spelling);
        if let Some(full) = reading.identity() {
            expansions.push((
                ShortKind::Body,
                Identity::named(&label, &body),
                full.clone(),
            ));
        }
        if let Some(slot) = open.get_mut(n) {
            *slot = Some(reading);
        }
    }
    expansions.sort_by(|a, b| (&a.1, &a.2).cmp(&(&b.1, &b.2)));
    expansions.dedup();
    for (n, body) in without_owner {
        let spelling = page.surfaces.get(n).map_or("", |s| s.name.as_ref());
        let reading = without(page, &label, &body, spelling, expansions);
        if let Some(full) = reading.as_ref().and_then(Reading::identity) {
            let own = Identity::named(&label, &body);
            expansions.push((ShortKind::Body, own, full.clone()));
            expansions.sort();
            expansions.dedup();
        }
        if let (Some(slot), Some(reading)) = (open.get_mut(n), reading) {
            *slot = Some(reading);
        }
    }
}

fn owned(label: &Label, body: &str, owner: Owner, spelling: &str) -> Reading {
    let title = format!("{body} ({})", owner.name);
    Reading::known(label, title, owner.country, Via::Alias, spelling)
}

fn without(
    page: &Page,
    label: &Label,
    body: &str,
    spelling: &str,
    expansions: &[(ShortKind, Identity, Identity)],
) -> Option<Reading> {
    let own = Identity::named(label, body);
    let candidates: Vec<Identity> = expansions
        .iter()
        .filter(|(kind, short, _)| *kind == ShortKind::Body && *short == own)
        .map(|(_, _, full)| full.clone())
        .collect();
    if let [only] = candidates.as_slice() {
        return Some(Reading::settled(only.clone(), Via::Alias, spelling));
    }
    // Without an owner in sight, the State Department is the one that everybody knows.
    let known = super::aliases::Aliases::known().find(&canonical_name(spelling), label);
    if candidates.is_empty()
        && known.is_none()
        && let Some(country) = page.only_country()
    {
        let owner = Owner {
            name: country.name.clone(),
            country: Some(country.code.clone()),
        };
        return Some(owned(label, body, owner, spelling));
    }
    let short = Short {
        kind: ShortKind::Body,
        own,
        candidates,
    };
    known.is_none().then(|| Reading::short(short, spelling))
}

fn body_and_owner(page: &Page, n: usize) -> Option<(String, Option<Owner>)> {
    let surface = page
        .surfaces
        .get(n)
        .filter(|s| s.is_name && !s.is_person())?;
    if let Some((owner, rest)) = owner_inside(&surface.name) {
        return Some((common_body(rest)?, Some(owner)));
    }
    Some((common_body(&surface.name)?, owner_around(page, n)))
}

/// `Iranian Foreign Ministry`, `Ministry of Foreign Affairs of Iran`
fn owner_inside(name: &str) -> Option<(Owner, &str)> {
    let owner = |words: &str| {
        let senses = countries().senses(&canonical_name(words));
        let country = countries().get(senses.first().filter(|s| s.sure)?.country)?;
        Some(Owner {
            name: country.name.clone(),
            country: Some(country.code.clone()),
        })
    };
    let in_front = name
        .match_indices(' ')
        .take(OWNER_WORDS)
        .filter_map(|(at, _)| Some((owner(name.get(..at)?)?, name.get(at + 1..)?)))
        .last();
    in_front.or_else(|| {
        let (body, words) = name.rsplit_once(" of ")?;
        Some((owner(words)?, body))
    })
}

/// `Iran's Foreign Ministry`, `Foreign Ministry of Iran`, or what a relation says.
fn owner_around(page: &Page, n: usize) -> Option<Owner> {
    let before = n.checked_sub(1).filter(|&before| {
        page.between(before, n)
            .is_some_and(|between| matches!(between, " " | "'s " | "’s " | "' " | "’ "))
    });
    let after = Some(n + 1).filter(|&after| {
        page.between(n, after)
            .is_some_and(|between| matches!(between, " of " | " of the "))
    });
    let related = page
        .layers
        .relations
        .iter()
        .find(|r| r.subject == n && r.label == "part_of")
        .map(|r| r.object);
    [before, after, related]
        .into_iter()
        .flatten()
        .find_map(|owner| owner_of(page, owner))
}

fn owner_of(page: &Page, n: usize) -> Option<Owner> {
    let surface = page.surfaces.get(n).filter(|s| s.is_name)?;
    if let Some(country) = page.country(n) {
        return Some(Owner {
            name: country.name.clone(),
            country: Some(country.code.clone()),
        });
    }
    match page.state(n) {
        Some(state) => Some(Owner {
            name: state.as_owner(),
            country: Some(COUNTRY.to_owned()),
        }),
        None => (surface.label == "LOC").then(|| Owner {
            name: surface.name.clone().into_owned(),
            country: None,
        }),
    }
}
