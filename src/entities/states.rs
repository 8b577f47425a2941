//! The states of the USA, how newspapers shorten them and what they call their people: the facts of
//! `data/states.csv`, which is part of the program.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::entity_key;

const TABLE: &str = include_str!("../../data/states.csv");
/// The country that they are of.
pub(super) const COUNTRY: &str = "USA";
/// A country and a city have these names too.
const SHARED: [&str; 2] = ["Georgia", "Washington"];

/// A state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    /// As the table has it.
    name: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    short: String,
    people: String,
}

#[derive(Debug, Default)]
struct States {
    all: Vec<State>,
    names: HashMap<String, usize>,
    /// Short forms, which count only as they are written: `Ill`, but not `ill`.
    short: HashMap<String, usize>,
    people: HashMap<String, usize>,
}

static STATES: LazyLock<States> = LazyLock::new(|| {
    let mut states = States::default();
    let mut table = csv::Reader::from_reader(TABLE.as_bytes());
    // A row that cannot be read is left out; a test makes sure that there is none.
    for row in table.deserialize().filter_map(Result::<Row, _>::ok) {
        let at = states.all.len();
        states.names.insert(entity_key(&row.name), at);
        for short in row.short.split('|') {
            states.short.insert(without_points(short), at);
        }
        for people in row.people.split('|').filter(|people| !people.is_empty()) {
            states.people.insert(entity_key(people), at);
        }
        states.all.push(State { name: row.name });
    }
    states
});

/// The state that a canonical name of a place can mean.
pub(super) fn state(name: &str) -> Option<&'static State> {
    let states = &*STATES;
    let found = states
        .names
        .get(&entity_key(name))
        .or_else(|| states.short.get(&without_points(name)));
    states.all.get(*found?)
}

/// The state whose people have that canonical name, also in the plural: `Texans`.
pub(super) fn state_of_people(name: &str) -> Option<&'static State> {
    let states = &*STATES;
    let key = entity_key(name);
    let one = key.strip_suffix('s').unwrap_or(&key);
    states.all.get(*states.people.get(one)?)
}

fn without_points(short: &str) -> String {
    short.replace('.', "")
}

impl State {
    /// Its name as an entity: `Texas`, `Georgia (U.S. state)`.
    pub fn title(&self) -> String {
        if self.is_shared() {
            format!("{} (U.S. state)", self.name)
        } else {
            self.name.clone()
        }
    }

    /// Its name as that of an owner: `Senate (Georgia, U.S.)`.
    pub fn as_owner(&self) -> String {
        if self.is_shared() {
            format!("{}, U.S.", self.name)
        } else {
            self.name.clone()
        }
    }

    /// Whether something else that news write of has its name.
    pub fn is_shared(&self) -> bool {
        SHARED.contains(&self.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read() {
        assert_eq!(STATES.all.len(), 50);
        assert_eq!(TABLE.lines().count(), 51);
    }

    #[test]
    fn a_state_goes_by_its_short_forms() {
        let title = |name| state(name).map(State::title);
        for (name, expected) in [
            ("California", "California"),
            ("Calif.", "California"),
            ("CA", "California"),
            ("N.Y.", "New York"),
            ("NY", "New York"),
            ("W.Va.", "West Virginia"),
            ("Ga.", "Georgia (U.S. state)"),
        ] {
            assert_eq!(title(name).as_deref(), Some(expected), "{name}");
        }
        for name in ["ill", "LA", "ca", "Paris", ""] {
            assert_eq!(title(name), None, "{name}");
        }
    }

    #[test]
    fn a_state_has_people() {
        let title = |name| state_of_people(name).map(State::title);
        for (name, expected) in [
            ("Texan", "Texas"),
            ("North Carolinians", "North Carolina"),
            ("Georgians", "Georgia (U.S. state)"),
        ] {
            assert_eq!(title(name).as_deref(), Some(expected), "{name}");
        }
        for name in ["Texas", "Albanian", "s", ""] {
            assert_eq!(title(name), None, "{name}");
        }
    }
}
