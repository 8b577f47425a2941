use std::collections::BTreeMap;

use super::surface::is_none;
use super::table::Table;
use crate::annotation::Label;
use crate::config::Schema;
use crate::error::Result;
use crate::text::nearest;

/// What a reviewer says of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    Right,
    /// This relation does not hold.
    Wrong,
    /// No relation holds.
    Unrelated,
    /// Another relation holds instead.
    Instead(Label),
}

impl Verdict {
    /// `relation` is the row's own.
    pub fn parse(cell: &str, relation: &str, names: &RelationNames) -> Result<Self, String> {
        let word = plain(cell);
        match word.as_str() {
            "ok" | "okay" | "yes" | "y" | "true" | "right" | "correct" => Ok(Self::Right),
            "wrong" | "no" | "n" | "false" | "incorrect" => Ok(Self::Wrong),
            _ if is_none(&word) => Ok(Self::Unrelated),
            _ if word == plain(relation) => Ok(Self::Right),
            _ => names
                .find(&word)
                .map(Self::Instead)
                .ok_or_else(|| names.refusal(cell.trim())),
        }
    }
}

/// A name however a person wrote it: "Cuts ties with" is `cuts_ties_with`.
fn plain(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c == '-' || c == '_');
    let words: Vec<String> = words
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

/// The relations that a verdict may name, by their [`plain`] spelling.
pub(super) struct RelationNames(BTreeMap<String, Label>);

impl RelationNames {
    /// Those of the file's rows, those that its column `allowed` lists, and the bundled ones.
    pub fn of(table: &Table, relation: usize) -> Result<Self> {
        let allowed = table.column(&["allowed"]);
        let rows = table.rows.iter();
        let listed = rows.clone().flat_map(|row| {
            let cell = row.cell(allowed);
            let list = cell.split_once("one of:").map_or(cell, |(_, list)| list);
            list.split([' ', ',']).filter(|name| !name.is_empty())
        });
        let mut names = Self(BTreeMap::new());
        for name in rows
            .map(|row| row.cell(Some(relation)).trim())
            .chain(listed)
        {
            names.add(name);
        }
        for relation in Schema::bundled()?.relations {
            names.add(relation.name.as_str());
        }
        Ok(names)
    }

    /// The first spelling counts.
    fn add(&mut self, name: &str) {
        if plain(name).is_empty() {
            return;
        }
        self.0
            .entry(plain(name))
            .or_insert_with(|| Label::from(name));
    }

    fn find(&self, word: &str) -> Option<Label> {
        self.0.get(word).cloned()
    }

    /// Why a word is no verdict.
    fn refusal(&self, cell: &str) -> String {
        let hint = self
            .nearest(&plain(cell))
            .map_or_else(String::new, |name| format!(" (did you mean {name}?)"));
        format!(
            "{cell:?} is no verdict{hint}: write ok, wrong, none, or a relation of this file or of \
             the bundled schema. A new relation is taught by labelled samples (dossier train --data)"
        )
    }

    /// The verdict that is written nearly so.
    fn nearest(&self, word: &str) -> Option<&str> {
        let names = self.0.keys().map(String::as_str);
        let found = nearest(word, names.chain(["ok", "wrong", "none"]))?;
        Some(self.0.get(found).map_or(found, Label::as_str))
    }
}
