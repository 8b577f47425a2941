//! Names that somebody has looked up: a table of alias, canonical name, type and country. The user's
//! own table always wins; the program brings a small one of organisations that everybody knows.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::countries::{Tie, countries};
use super::{canonical_name, entity_key};
use crate::annotation::Label;
use crate::error::{Error, Result};
use crate::files::{numbered, unguarded, write_whole};

const KNOWN: &str = include_str!("../../data/known_names.csv");
const HEADER: &str = "alias, canonical, type, country";

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// As articles write it.
    pub alias: String,
    /// The entity's name.
    pub canonical: String,
    /// The entity's type, such as `PER`.
    #[serde(rename = "type")]
    pub label: String,
    /// ISO 3166-1 alpha-3, or empty.
    #[serde(default)]
    pub country: String,
}

/// A table of aliases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    rows: Vec<Alias>,
    by_key: HashMap<String, Vec<usize>>,
}

static KNOWN_NAMES: LazyLock<Aliases> = LazyLock::new(|| {
    let rows = csv::Reader::from_reader(KNOWN.as_bytes())
        .deserialize()
        .filter_map(std::result::Result::ok)
        .collect();
    Aliases::of(rows)
});

impl Aliases {
    /// The names that the program brings along.
    pub(super) fn known() -> &'static Self {
        &KNOWN_NAMES
    }

    fn of(rows: Vec<Alias>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, row) in rows.iter().enumerate() {
            by_key.entry(key(&row.alias)).or_default().push(n);
        }
        // The canonical name leads to the entity as well, unless a row has it lead elsewhere.
        for (n, row) in rows.iter().enumerate() {
            by_key.entry(key(&row.canonical)).or_insert_with(|| vec![n]);
        }
        Self { rows, by_key }
    }

    /// Reads a table: CSV with the columns alias, canonical, type and country, also as a spreadsheet
    /// saves it (`;` or tabs between cells, a byte order mark).
    ///
    /// # Errors
    /// The file cannot be read, a column is missing, a row lacks a cell, a country code is unknown,
    /// or one alias of a type leads to two names; the message names the line.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let rows = parse(path, &text)?;
        Ok(Self::of(rows))
    }

    /// The row for a mention with that canonical name: the one of the mention's own type, else the
    /// first.
    pub(super) fn find(&self, name: &str, label: &Label) -> Option<&Alias> {
        if self.rows.is_empty() {
            return None;
        }
        let rows = self.by_key.get(&entity_key(name))?;
        let all = || rows.iter().filter_map(|&n| self.rows.get(n));
        all()
            .find(|row| row.label == label.as_str())
            .or_else(|| all().next())
    }

    /// The rows, in their order.
    pub fn rows(&self) -> &[Alias] {
        &self.rows
    }

    /// Adds a row, over one of the same alias and type if there is one.
    ///
    /// # Errors
    /// A cell is empty where it must not be, or the country code is unknown.
    pub fn merge(&mut self, row: Alias) -> Result<()> {
        check(&row).map_err(Error::Usage)?;
        let mut rows = std::mem::take(&mut self.rows);
        rows.retain(|old| !same_alias(old, &row));
        rows.push(row);
        *self = Self::of(rows);
        Ok(())
    }

    /// Takes an alias out. One that the table does not have is joined to its entity by the program's
    /// own rules; a row that leads it to itself then keeps it apart.
    ///
    /// # Errors
    /// Alias or type are empty.
    pub fn split(&mut self, alias: &str, label: &str) -> Result<Split> {
        let alone = Alias {
            alias: alias.to_owned(),
            canonical: alias.to_owned(),
            label: label.to_owned(),
            country: String::new(),
        };
        check(&alone).map_err(Error::Usage)?;
        let mut rows = std::mem::take(&mut self.rows);
        let before = rows.len();
        rows.retain(|old| !same_alias(old, &alone));
        let outcome = if rows.len() < before {
            Split::RowRemoved
        } else {
            rows.push(alone);
            Split::KeptApart
        };
        *self = Self::of(rows);
        Ok(outcome)
    }

    /// Writes the table; the file is whole at any time, and keeps the permissions it has.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn save(&self, path: &Path) -> Result<()> {
        let failed = |e: std::io::Error| Error::io(path, e);
        let mut table = csv::Writer::from_writer(Vec::new());
        if self.rows.is_empty() {
            table
                .write_record(["alias", "canonical", "type", "country"])
                .map_err(|e| failed(e.into()))?;
        }
        for row in &self.rows {
            table.serialize(row).map_err(|e| failed(e.into()))?;
        }
        let bytes = table.into_inner().map_err(|e| failed(e.into_error()))?;
        write_whole(path, &bytes)
    }
}

/// What taking an alias out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Its row is gone.
    RowRemoved,
    /// It had no row, and now has one that keeps it apart.
    KeptApart,
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

fn key(name: &str) -> String {
    entity_key(&canonical_name(name))
}

fn same_alias(a: &Alias, b: &Alias) -> bool {
    a.label == b.label && key(&a.alias) == key(&b.alias)
}

fn check(row: &Alias) -> std::result::Result<(), String> {
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

fn parse(path: &Path, text: &str) -> Result<Vec<Alias>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [',', ';', '\t']
        .into_iter()
        .max_by_key(|d| (first.matches(*d).count(), *d == ','))
        .unwrap_or(',');
    let (source, lines) = numbered(text.as_bytes());
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(source);
    let header = table
        .headers()
        .map_err(|e| Error::format(path, e.to_string()))?
        .clone();
    let column = |names: &[&str]| {
        header.iter().position(|cell| {
            let plain = cell.to_lowercase().replace([' ', '-'], "_");
            names.contains(&plain.as_str())
        })
    };
    let needed = |names: &[&str]| {
        column(names).ok_or_else(|| {
            Error::line(
                path,
                1,
                format!(
                    "there is no column {}; the first line names the columns: {HEADER}",
                    names[0]
                ),
            )
        })
    };
    let alias = needed(&["alias"])?;
    let canonical = needed(&["canonical", "canonical_name", "name"])?;
    let label = needed(&["type", "label"])?;
    let country = column(&["country"]);
    let mut rows: Vec<Alias> = Vec::new();
    let mut known: HashMap<(String, String), String> = HashMap::new();
    for record in table.records() {
        let record = record.map_err(|e| Error::format(path, e.to_string()))?;
        let line = lines.line_of(record.position().map_or(0, csv::Position::byte));
        let cell = |at: usize| unguarded(record.get(at).unwrap_or_default()).to_owned();
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = Alias {
            alias: cell(alias),
            canonical: cell(canonical),
            label: cell(label),
            country: country.map(cell).unwrap_or_default().to_uppercase(),
        };
        check(&row).map_err(|message| Error::line(path, line, message))?;
        let before = known.insert((key(&row.alias), row.label.clone()), key(&row.canonical));
        if before.is_some_and(|before| before != key(&row.canonical)) {
            let message = format!(
                "{:?} already leads to another name above; keep one of the two rows",
                row.alias
            );
            return Err(Error::line(path, line, message));
        }
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Aliases> {
        parse(Path::new("aliases.csv"), text).map(Aliases::of)
    }

    fn row(alias: &str, canonical: &str) -> Alias {
        Alias {
            alias: alias.into(),
            canonical: canonical.into(),
            label: "PER".into(),
            country: String::new(),
        }
    }

    #[test]
    fn the_program_s_own_table_is_sound() {
        let path = Path::new("known_names.csv");
        let rows = parse(path, KNOWN).unwrap();
        assert_eq!(rows.len(), KNOWN.lines().count() - 1);
        assert_eq!(Aliases::known().rows(), rows);
    }

    #[test]
    fn a_table_is_read_as_a_spreadsheet_saves_it() {
        for text in [
            "alias,canonical,type,country\nMEK,Mujahedin-e-Khalq,ORG,\n",
            "\u{feff}Alias;Canonical name;Type;Country\r\nMEK;Mujahedin-e-Khalq;ORG;\r\n;;;\r\n",
            "type\talias\tname\nORG\tMEK\tMujahedin-e-Khalq\n",
        ] {
            let aliases = load(text).unwrap();
            let found = aliases.find("M.E.K.", &"LOC".into()).unwrap();
            assert_eq!(found.canonical, "Mujahedin-e-Khalq", "{text:?}");
            assert!(aliases.find("Mujahedin e Khalq", &"ORG".into()).is_some());
            assert!(aliases.find("MKO", &"ORG".into()).is_none());
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_line() {
        for (text, told) in [
            (
                "alias,type\nA,PER\n",
                "aliases.csv:1: there is no column canonical",
            ),
            (
                "alias,canonical,type\nA,B,PER\nC,,PER\n",
                "aliases.csv:3: the cell canonical is empty",
            ),
            (
                "alias,canonical,type,country\nA,B,LOC,ALBA\n",
                "aliases.csv:2: \"ALBA\" is no country code",
            ),
            (
                "alias,canonical,type\nA,B,PER\nA,C,PER\n",
                "aliases.csv:3: \"A\" already leads",
            ),
            (
                "alias;canonical;type\r\nA;B;PER\r\n\r\nA;C;PER\r\n",
                "aliases.csv:4: \"A\" already leads",
            ),
        ] {
            let message = load(text).unwrap_err().to_string();
            assert!(message.starts_with(told), "{message}");
        }
    }

    #[test]
    fn rows_are_merged_and_split_again() {
        let mut aliases = Aliases::default();
        aliases.merge(row("Kaddafi", "Gaddafi")).unwrap();
        aliases.merge(row("kaddafi", "Muammar Gaddafi")).unwrap();
        assert_eq!(aliases.rows(), [row("kaddafi", "Muammar Gaddafi")]);
        assert_eq!(aliases.split("Kaddafi", "PER").unwrap(), Split::RowRemoved);
        assert_eq!(aliases.split("Kaddafi", "PER").unwrap(), Split::KeptApart);
        assert_eq!(aliases.rows(), [row("Kaddafi", "Kaddafi")]);
        assert!(aliases.merge(row("", "x")).is_err());
    }

    #[test]
    fn a_saved_table_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        let mut aliases = Aliases::default();
        aliases.save(&path).unwrap();
        assert_eq!(Aliases::load(&path).unwrap(), aliases);
        aliases.merge(row("a, \"b\"", "c")).unwrap();
        aliases.save(&path).unwrap();
        assert_eq!(Aliases::load(&path).unwrap(), aliases);
    }

    #[cfg(unix)]
    #[test]
    fn a_saved_table_stays_readable_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        std::fs::write(&path, "alias,canonical,type\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
        Aliases::default().save(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o664);
    }

    #[test]
    fn every_guard_is_taken_off() {
        let aliases = load("alias,canonical,type\n'＝A,'＠B,ORG\n").unwrap();
        let names = aliases.rows().iter().map(|r| (&*r.alias, &*r.canonical));
        assert_eq!(names.collect::<Vec<_>>(), [("＝A", "＠B")]);
    }

    #[test]
    fn a_country_goes_by_its_usual_name() {
        let mut alias = row("the States", "USA");
        alias.label = "LOC".into();
        assert_eq!(alias.entity(), ("United States".into(), Some("USA".into())));
    }
}
