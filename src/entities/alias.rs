use super::countries::{Tie, countries};
use super::{canonical_name, entity_key};

/// The columns of a table of aliases.
pub(super) const HEADER: &str = "alias, canonical, type, country";

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// As articles write it.
    pub alias: String,
    /// The entity's name.
    pub canonical: String,
    /// The entity's type, such as `PER`.
    pub label: String,
    /// ISO 3166-1 alpha-3, or empty.
    pub country: String,
}

impl Alias {
    /// The entity's name and country: a country goes by its usual name and has its own code.
    pub(super) fn entity(&self) -> (String, Option<String>) {
        let country = countries()
            .senses(&self.canonical)
            .iter()
            .find(|sense| sense.tie == Tie::Name && sense.sure && self.label == "LOC")
            .and_then(|sense| countries().get(sense.country));
        match country {
            Some(country) => (country.name.clone(), Some(country.code.clone())),
            None => (
                self.canonical.clone(),
                Some(self.country.clone()).filter(|c| !c.is_empty()),
            ),
        }
    }
}

/// A row: what it says, and its cells as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub alias: Alias,
    pub cells: Vec<String>,
}

/// What the spellings of an alias have in common.
pub(super) fn key(name: &str) -> String {
    entity_key(&canonical_name(name))
}

/// Makes sure that a row can be used.
///
/// # Errors
/// A cell is empty or no country: says which, for people.
pub(super) fn check(row: &Alias) -> std::result::Result<(), String> {
    let cells = [
        ("alias", &row.alias),
        ("canonical", &row.canonical),
        ("type", &row.label),
    ];
    if let Some((column, _)) = cells.iter().find(|(_, cell)| cell.trim().is_empty()) {
        return Err(format!(
            "the cell {column} is empty; a row is {HEADER}, of which only country may be empty"
        ));
    }
    if !row.country.is_empty() && !countries().knows_code(&row.country) {
        return Err(format!(
            "{:?} is no country code: three letters as in ISO 3166-1, such as ALB",
            row.country
        ));
    }
    Ok(())
}
