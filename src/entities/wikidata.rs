//! The items of countries and great organisations in Wikidata: the facts of `data/wikidata.csv`,
//! which is part of the program. Those of countries are in two editions of Natural Earth, or in one
//! where the other has none.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::reading::Identity;
use crate::annotation::Label;

const TABLE: &str = include_str!("../../data/wikidata.csv");

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(rename = "type")]
    label: String,
    wikidata: String,
}

static ITEMS: LazyLock<HashMap<Identity, String>> = LazyLock::new(|| {
    let mut table = csv::Reader::from_reader(TABLE.as_bytes());
    // A row that cannot be read is left out; a test makes sure that there is none.
    let rows = table.deserialize().filter_map(Result::<Row, _>::ok);
    rows.map(|row| {
        let label = Label::from(row.label.as_str());
        (Identity::named(&label, &row.name), row.wikidata)
    })
    .collect()
});

/// The item of an entity whose name is a fact.
pub(super) fn item(identity: &Identity) -> Option<&'static str> {
    ITEMS.get(identity).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::aliases::Aliases;
    use super::super::countries::countries;
    use super::*;

    #[test]
    fn every_row_is_an_entity_of_its_own() {
        assert_eq!(ITEMS.len(), TABLE.lines().count() - 1);
        let mut items: Vec<&String> = ITEMS.values().collect();
        items.sort();
        items.dedup();
        assert_eq!(items.len(), ITEMS.len());
        for (identity, item) in ITEMS.iter() {
            let digits = item.strip_prefix('Q').unwrap();
            assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{item}");
            let is_country = countries()
                .all()
                .iter()
                .any(|c| *identity == Identity::named(&"LOC".into(), &c.name));
            let known = Aliases::known().find(&identity.key, &identity.label);
            let is_known = known
                .is_some_and(|alias| Identity::named(&"ORG".into(), &alias.canonical) == *identity);
            assert!(is_country || is_known, "{identity:?}");
        }
    }

    #[test]
    fn well_known_items_are_right() {
        for (name, label, expected) in [
            ("Albania", "LOC", "Q222"),
            ("Iran", "LOC", "Q794"),
            ("United States", "LOC", "Q30"),
            ("France", "LOC", "Q142"),
            ("European Union", "ORG", "Q458"),
        ] {
            assert_eq!(item(&Identity::named(&label.into(), name)), Some(expected));
        }
        assert_eq!(item(&Identity::named(&"PER".into(), "Albania")), None);
    }
}
