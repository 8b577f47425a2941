//! Names that somebody has looked up: a table of alias, canonical name, type and country. The user's
//! own table always wins; the program brings a small one of organisations that everybody knows.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use super::alias::{Alias, Row, check, key};
use super::alias_chain::{circle, doubts};
use super::alias_table::{Layout, parse};
use super::entity_key;
use crate::annotation::Label;
use crate::error::{Error, Result};
use crate::files::{no_text, write_whole};

const KNOWN: &str = include_str!("../../data/known_names.csv");

/// A table of aliases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    layout: Layout,
    rows: Vec<Row>,
    by_key: HashMap<String, Vec<usize>>,
}

static KNOWN_NAMES: LazyLock<Aliases> = LazyLock::new(|| {
    // A table that cannot be read is left out; a test makes sure that it can.
    let (layout, rows, _) = parse(Path::new("known_names.csv"), KNOWN).unwrap_or_default();
    Aliases::of(layout, rows)
});

impl Aliases {
    /// The names that the program brings along.
    pub(super) fn known() -> &'static Self {
        &KNOWN_NAMES
    }

    fn of(layout: Layout, rows: Vec<Row>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, row) in rows.iter().enumerate() {
            by_key.entry(key(&row.alias.alias)).or_default().push(n);
        }
        // The canonical name leads to the entity as well, unless a row has it lead elsewhere.
        for (n, row) in rows.iter().enumerate() {
            by_key
                .entry(key(&row.alias.canonical))
                .or_insert_with(|| vec![n]);
        }
        Self {
            layout,
            rows,
            by_key,
        }
    }

    /// Reads a table: CSV with the columns alias, canonical, type and country and perhaps others, also
    /// as a spreadsheet saves it (`;` or tabs between cells, a byte order mark, a line `sep=;`).
    ///
    /// # Errors
    /// The file cannot be read, a column is missing, a row lacks a cell, a country code is unknown,
    /// one alias of a type leads to two names, or aliases lead in a circle; the message names the
    /// line.
    pub fn load(path: &Path) -> Result<Self> {
        let (layout, rows, _) = parse(path, &text_of(path)?)?;
        Ok(Self::of(layout, rows))
    }

    /// Like [`Self::load`], with what a person should look at, each with its line: types that are
    /// none of `types`, and canonical names that another row leads on, which is not followed.
    ///
    /// # Errors
    /// As with [`Self::load`].
    pub fn load_for(path: &Path, types: &[&str]) -> Result<(Self, Vec<String>)> {
        let (layout, rows, lines) = parse(path, &text_of(path)?)?;
        let doubts = doubts(path, &rows, &lines, types);
        Ok((Self::of(layout, rows), doubts))
    }

    /// The row for a mention with that canonical name: the one of the mention's own type, else the
    /// first.
    pub(super) fn find(&self, name: &str, label: &Label) -> Option<&Alias> {
        if self.rows.is_empty() {
            return None;
        }
        let rows = self.by_key.get(&entity_key(name))?;
        let all = || rows.iter().filter_map(|&n| Some(&self.rows.get(n)?.alias));
        all()
            .find(|row| row.label == label.as_str())
            .or_else(|| all().next())
    }

    /// The rows, in their order.
    pub fn rows(&self) -> impl Iterator<Item = &Alias> {
        self.rows.iter().map(|row| &row.alias)
    }

    /// Adds a row, in the place of one of the same alias and type if there is one.
    ///
    /// # Errors
    /// A cell is empty where it must not be, the country code is unknown, or the aliases now lead in
    /// a circle.
    pub fn merge(&mut self, alias: Alias) -> Result<()> {
        check(&alias).map_err(Error::Usage)?;
        let (mut layout, mut rows) = self.take();
        if !alias.country.is_empty() {
            layout.add_country(&mut rows);
        }
        let is_old = |row: &Row| same_alias(&row.alias, &alias);
        let place = rows.iter().position(is_old).unwrap_or(rows.len());
        let (old, mut rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_old);
        rows.insert(place, layout.row(alias, old.into_iter().next()));
        let refused = circle(&rows);
        *self = Self::of(layout, rows);
        refused.map_or(Ok(()), |(_, message)| Err(Error::Usage(message)))
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
        let (layout, mut rows) = self.take();
        let before = rows.len();
        rows.retain(|old| !same_alias(&old.alias, &alone));
        let outcome = if rows.len() < before {
            Split::RowRemoved
        } else {
            rows.push(layout.row(alone, None));
            Split::KeptApart
        };
        *self = Self::of(layout, rows);
        Ok(outcome)
    }

    fn take(&mut self) -> (Layout, Vec<Row>) {
        let Self { layout, rows, .. } = std::mem::take(self);
        (layout, rows)
    }

    /// Writes the table, laid out as it was read and with all its columns; the file is whole at any
    /// time, and keeps the permissions it has.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = self.layout.bytes(&self.rows);
        write_whole(path, &bytes.map_err(|e| Error::io(path, e))?)
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

/// The text of a file of aliases.
fn text_of(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    if let Some(message) = no_text(&bytes) {
        return Err(Error::format(path, message));
    }
    String::from_utf8(bytes)
        .map_err(|_| Error::format(path, "is not UTF-8; save it as CSV UTF-8 and try again"))
}

fn same_alias(a: &Alias, b: &Alias) -> bool {
    a.label == b.label && key(&a.alias) == key(&b.alias)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Aliases> {
        parse(Path::new("aliases.csv"), text).map(|(layout, rows, _)| Aliases::of(layout, rows))
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
        let (_, rows, _) = parse(path, KNOWN).unwrap();
        assert_eq!(rows.len(), KNOWN.lines().count() - 1);
        assert_eq!(Aliases::known().rows, rows);
    }

    #[test]
    fn a_table_is_read_as_a_spreadsheet_saves_it() {
        for text in [
            "alias,canonical,type,country\nMEK,Mujahedin-e-Khalq,ORG,\n",
            "\u{feff}Alias;Canonical name;Type;Country\r\nMEK;Mujahedin-e-Khalq;ORG;\r\n;;;\r\n",
            "type\talias\tname\nORG\tMEK\tMujahedin-e-Khalq\n",
            "sep=;\r\nalias;canonical;type\r\nMEK;Mujahedin-e-Khalq;ORG\r\n",
            "\u{feff}\"SEP=|\"\nalias|canonical|type\nMEK|Mujahedin-e-Khalq|ORG\n",
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
            (
                "alias,canonical,type\nA,B,PER\nC,D,PER\nB,A,PER\n",
                "aliases.csv:4: leads in a circle: B -> A -> B;",
            ),
            (
                "alias,canonical,type\nA,B,PER\nB,C,PER\nC,a,PER\n",
                "aliases.csv:4: leads in a circle: C -> a -> B -> C;",
            ),
            (
                "sep=;\nalias;type\n",
                "aliases.csv:2: there is no column canonical",
            ),
            (
                "sep=;\nalias;canonical;type\nA;B;PER\nC;;PER\n",
                "aliases.csv:4: the cell canonical is empty",
            ),
        ] {
            let message = load(text).unwrap_err().to_string();
            assert!(message.starts_with(told), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_told_how_it_becomes_a_table() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.xlsx");
        for (bytes, told) in [
            (&b"PK\x03\x04\x14"[..], "CSV UTF-8) and name that file"),
            (b"alias;canonical;type\nM\xfcller;B;PER\n", "not UTF-8"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let refused = Aliases::load(&path).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
        }
    }

    #[test]
    fn rows_are_merged_and_split_again() {
        let mut aliases = Aliases::default();
        aliases.merge(row("Kaddafi", "Gaddafi")).unwrap();
        aliases.merge(row("kaddafi", "Muammar Gaddafi")).unwrap();
        let rows = |aliases: &Aliases| aliases.rows().cloned().collect::<Vec<_>>();
        assert_eq!(rows(&aliases), [row("kaddafi", "Muammar Gaddafi")]);
        assert_eq!(aliases.split("Kaddafi", "PER").unwrap(), Split::RowRemoved);
        assert_eq!(aliases.split("Kaddafi", "PER").unwrap(), Split::KeptApart);
        assert_eq!(rows(&aliases), [row("Kaddafi", "Kaddafi")]);
        assert!(aliases.merge(row("", "x")).is_err());
        aliases.merge(row("b", "a")).unwrap();
        let circle = aliases.merge(row("a", "b")).unwrap_err().to_string();
        assert!(circle.starts_with("leads in a circle"), "{circle}");
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
        let names = aliases.rows().map(|r| (&*r.alias, &*r.canonical));
        assert_eq!(names.collect::<Vec<_>>(), [("＝A", "＠B")]);
    }

    #[test]
    fn a_country_goes_by_its_usual_name() {
        let mut alias = row("the States", "USA");
        alias.label = "LOC".into();
        assert_eq!(alias.entity(), ("United States".into(), Some("USA".into())));
    }
}
