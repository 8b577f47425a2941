//! Which country a name, an adjective or a capital belongs to: the facts of `data/countries.csv`,
//! which is part of the program.
//!
//! The codes are those of ISO 3166-1, for former states those of ISO 3166-3, and the user-assigned
//! `XKX` for Kosovo. In a cell `|` parts spellings and `/` parts cities; a `?` marks a name that
//! others share (`Congo`), which counts only beside surer names of the same country.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::entity_key;
use super::name::PARTICIPLES;

const TABLE: &str = include_str!("../../data/countries.csv");

/// Words that a country's adjective or name can be joined to without naming anything else.
const GOVERNMENTS: [&str; 5] = [
    "government",
    "regime",
    "administration",
    "authorities",
    "state",
];
const PREFIXES: [&str; 4] = ["anti ", "pro ", "non ", "ex "];

/// A country or territory, or a state of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// Three letters; see the module.
    pub code: String,
    /// Its usual short name.
    pub name: String,
}

/// How a name is tied to a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// It names the country.
    Name,
    /// It names its people or is its adjective.
    Nationality,
    /// It is its capital or the seat of its government; `acts` tells whether the city is known to
    /// stand for the state.
    Capital { acts: bool },
}

/// One country that a name can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sense {
    /// Position in [`Countries::all`].
    pub country: usize,
    /// How.
    pub tie: Tie,
    /// Whether nothing else goes by that name.
    pub sure: bool,
}

/// The table, by name.
#[derive(Debug, Default)]
pub struct Countries {
    all: Vec<Country>,
    senses: HashMap<String, Vec<Sense>>,
    /// Capitals by any of their spellings, and how they are usually spelled.
    cities: HashMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    name: String,
    long_name: String,
    other_names: String,
    adjectives: String,
    capital: String,
    seat: String,
}

static COUNTRIES: LazyLock<Countries> = LazyLock::new(Countries::of_the_table);

/// The countries known to the program.
pub fn countries() -> &'static Countries {
    &COUNTRIES
}

impl Countries {
    fn of_the_table() -> Self {
        let mut countries = Self::default();
        let mut table = csv::Reader::from_reader(TABLE.as_bytes());
        // A row that cannot be read is left out; a test makes sure that there is none.
        for row in table.deserialize().filter_map(Result::ok) {
            countries.add(row);
        }
        countries
    }

    fn add(&mut self, row: Row) {
        let country = self.all.len();
        let names = [&row.name, &row.long_name];
        for name in names.into_iter().map(String::as_str) {
            self.tie(name, country, Tie::Name);
        }
        for name in row.other_names.split('|') {
            self.tie(name, country, Tie::Name);
        }
        for name in row.adjectives.split('|') {
            self.tie(name, country, Tie::Nationality);
        }
        for name in row.seat.split('|') {
            self.tie(name, country, Tie::Capital { acts: true });
        }
        for city in row.capital.split('/') {
            let usual = city.split('|').next().unwrap_or_default();
            let usual = usual.trim_end_matches('?');
            for name in city.split('|').map(|name| name.trim_end_matches('?')) {
                self.cities.insert(entity_key(name), usual.to_owned());
            }
            for name in city.split('|') {
                self.tie(name, country, Tie::Capital { acts: false });
            }
        }
        self.all.push(Country {
            code: row.code,
            name: row.name.trim_end_matches('?').to_owned(),
        });
    }

    /// The first tie of a name to a country counts: a city that is named like its country is it.
    fn tie(&mut self, name: &str, country: usize, tie: Tie) {
        let key = entity_key(name.trim_end_matches('?'));
        if key.is_empty() {
            return;
        }
        let senses = self.senses.entry(key).or_default();
        if senses.iter().all(|sense| sense.country != country) {
            senses.push(Sense {
                country,
                tie,
                sure: !name.ends_with('?'),
            });
        }
    }

    /// All countries, in the order of the table.
    #[cfg(test)]
    pub fn all(&self) -> &[Country] {
        &self.all
    }

    /// The country at that position.
    pub fn get(&self, country: usize) -> Option<&Country> {
        self.all.get(country)
    }

    /// Whether `code` is a country's.
    pub fn knows_code(&self, code: &str) -> bool {
        self.all.iter().any(|country| country.code == code)
    }

    /// What the canonical name `name` can mean, also in the plural (`Albanians`), in a compound
    /// (`Iran-backed`) and with its government (`Albanian government`).
    pub fn senses(&self, name: &str) -> &[Sense] {
        let key = entity_key(name);
        // A word that is a country only in capitals.
        if key == "us" && name.chars().any(char::is_lowercase) {
            return &[];
        }
        if let Some(senses) = self.senses.get(&key) {
            return senses;
        }
        let inner = inner(&key);
        let nationality = |senses: &&Vec<Sense>| senses.iter().all(|s| s.tie == Tie::Nationality);
        let found = self
            .senses
            .get(inner)
            .filter(|_| inner != key && !inner.is_empty())
            .or_else(|| {
                self.senses
                    .get(inner.strip_suffix('s')?)
                    .filter(nationality)
            });
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether it is the name by which a country is listed.
    pub fn is_usual_name(&self, name: &str) -> bool {
        self.all.iter().any(|country| country.name == name)
    }

    /// How the capital of that name is usually spelled.
    pub fn city(&self, name: &str) -> Option<&str> {
        self.cities.get(&entity_key(name)).map(String::as_str)
    }
}

/// A key without the parts of a compound and without a government.
fn inner<'k>(key: &'k str) -> &'k str {
    let key = PREFIXES
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix))
        .unwrap_or(key);
    let without = |key: &'k str, last: &[&str]| match key.rsplit_once(' ') {
        Some((owner, word)) if last.contains(&word) => owner,
        _ => key,
    };
    without(without(key, &PARTICIPLES), &GOVERNMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(name: &str) -> Vec<(&'static str, Tie)> {
        let countries = countries();
        countries
            .senses(name)
            .iter()
            .map(|s| (countries.all()[s.country].code.as_str(), s.tie))
            .collect()
    }

    #[test]
    fn every_row_of_the_table_is_read_and_every_code_is_its_own() {
        let rows = TABLE.lines().count() - 1;
        let mut codes: Vec<_> = countries().all().iter().map(|c| &c.code).collect();
        assert_eq!(codes.len(), rows);
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), rows);
        assert!(
            codes
                .iter()
                .all(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase()))
        );
    }

    #[test]
    fn a_name_is_shared_only_when_the_table_says_so() {
        for (key, senses) in &countries().senses {
            assert!(
                senses.len() == 1 || senses.iter().all(|s| !s.sure),
                "{key}: {senses:?}"
            );
        }
    }

    #[test]
    fn a_country_goes_by_many_names() {
        for (name, code, tie) in [
            ("Albania", "ALB", Tie::Name),
            ("Republic of Albania", "ALB", Tie::Name),
            ("Albanian", "ALB", Tie::Nationality),
            ("Albanians", "ALB", Tie::Nationality),
            ("Albanian government", "ALB", Tie::Nationality),
            ("US", "USA", Tie::Name),
            ("U.S.", "USA", Tie::Name),
            ("U.S.-led", "USA", Tie::Name),
            ("America", "USA", Tie::Name),
            ("Britain", "GBR", Tie::Name),
            ("UK", "GBR", Tie::Name),
            ("uk", "GBR", Tie::Name),
            ("Holland", "NLD", Tie::Name),
            ("pro-Russian", "RUS", Tie::Nationality),
            ("Côte d’Ivoire", "CIV", Tie::Name),
            ("Tehran", "IRN", Tie::Capital { acts: true }),
            ("Brussels", "BEL", Tie::Capital { acts: false }),
            ("Singapore", "SGP", Tie::Name),
            ("USSR", "SUN", Tie::Name),
        ] {
            assert_eq!(meaning(name), [(code, tie)], "{name}");
        }
    }

    #[test]
    fn a_word_that_only_looks_like_a_country_is_none() {
        for name in [
            "us",
            "Iranian Students News Agency",
            "New Mexico",
            "Ottawa Senators",
            "",
        ] {
            assert_eq!(meaning(name), [], "{name}");
        }
    }

    #[test]
    fn a_capital_has_one_usual_spelling() {
        assert_eq!(countries().city("Kiev"), Some("Kyiv"));
        assert_eq!(countries().city("La Paz"), Some("La Paz"));
        assert_eq!(countries().city("San Juan"), Some("San Juan"));
        assert_eq!(countries().city("Shkodër"), None);
    }
}
