//! Which countries the names of a document mean, judged by each other.

use std::collections::HashMap;

use super::countries::{Country, Sense, Tie, countries};
use super::person::PersonName;
use super::states::{COUNTRY, State, state};
use super::surface::Surface;

/// A shared name counts as the country that has at least so many times the evidence of the next.
const CLEARLY_MORE: u32 = 2;
/// Russia, Armenia, Azerbaijan, Turkey and Ukraine, next to which `Georgians` are of the country.
const AROUND_GEORGIA: [&str; 5] = ["RUS", "ARM", "AZE", "TUR", "UKR"];

/// Finds what countries the names mean. A name that several things share is a country's only beside
/// surer names of it. People have the names of countries and capitals too (`Jordan`), so a person is
/// one only if it is a single word, the country is named otherwise, and nobody in full by that word.
pub(super) fn find_countries(surfaces: &mut [Surface]) -> HashMap<usize, u32> {
    let full_names: Vec<PersonName> = surfaces
        .iter()
        .filter(|s| s.is_name && s.is_person())
        .map(|s| PersonName::read(&s.name))
        .filter(PersonName::is_full)
        .collect();
    let senses: Vec<&[Sense]> = surfaces
        .iter()
        .map(|s| match s.is_person() || !s.is_name {
            true => &[],
            false => countries().senses(&s.name),
        })
        .collect();
    let mut evidence: HashMap<usize, u32> = HashMap::new();
    for sense in senses
        .iter()
        .filter_map(|senses| senses.first())
        .filter(|s| s.sure)
    {
        *evidence.entry(sense.country).or_default() += 1;
    }
    leave_out_people_of_states(surfaces, &senses, &mut evidence);
    for (surface, senses) in surfaces.iter_mut().zip(senses) {
        let amount = |sense: &Sense| evidence.get(&sense.country).copied().unwrap_or(0);
        let mut by_evidence: Vec<&Sense> = senses.iter().filter(|s| amount(s) > 0).collect();
        by_evidence.sort_by_key(|sense| std::cmp::Reverse(amount(sense)));
        surface.sense = match by_evidence.as_slice() {
            [only] => Some(**only),
            [first, second, ..] if amount(first) >= CLEARLY_MORE * amount(second) => Some(**first),
            _ => None,
        };
    }
    for surface in surfaces.iter_mut().filter(|s| s.is_name && s.is_person()) {
        let name = PersonName::read(&surface.name);
        let sense = countries().senses(&surface.name).first();
        let sense = sense.filter(|s| s.sure && s.tie != Tie::Nationality);
        let is_person = full_names
            .iter()
            .any(|full| full.ends_with(&name) || full.begins_with(&name));
        if let Some(sense) = sense
            && !name.is_full()
            && !is_person
            && evidence.contains_key(&sense.country)
        {
            surface.sense = Some(*sense);
            surface.label = "LOC".into();
        }
    }
    evidence
}

/// `Georgians` are no evidence of the country where the document speaks more of the USA and its
/// states than of that part of the world, and names the country by nothing surer.
fn leave_out_people_of_states(
    surfaces: &[Surface],
    senses: &[&[Sense]],
    evidence: &mut HashMap<usize, u32>,
) {
    let of_codes = |codes: &[&str]| -> u32 {
        let is_one = |n: usize| {
            countries()
                .get(n)
                .is_some_and(|c| codes.contains(&c.code.as_str()))
        };
        evidence
            .iter()
            .filter(|(n, _)| is_one(**n))
            .map(|(_, times)| times)
            .sum()
    };
    let states = surfaces.iter().filter(|s| {
        s.is_name && s.label == "LOC" && state(&s.name).is_some_and(|state| !state.is_shared())
    });
    let american = of_codes(&[COUNTRY]) as usize + states.count();
    let around = of_codes(&AROUND_GEORGIA) as usize;
    let is_shared = |country: &Country| state(&country.name).is_some_and(State::is_shared);
    evidence.retain(|country, times| {
        let is_surer = |s: &Sense| s.country == *country && s.sure && s.tie != Tie::Nationality;
        !countries().get(*country).is_some_and(is_shared)
            || senses.iter().copied().flatten().any(is_surer)
            || american <= around + *times as usize
    });
}
