//! Aliases whose canonical name is an alias itself: a circle says nothing, and a chain is not followed.

use std::collections::HashMap;
use std::path::Path;

use super::alias::{Alias, Row, key};
use crate::text::did_you_mean;

/// The last row of a circle of aliases (`a` is `b`, `b` is `a`), and what to say about it. A row that
/// leads to itself keeps a name apart and is none.
pub(super) fn circle(rows: &[Row]) -> Option<(usize, String)> {
    let leads = Leads::of(rows);
    rows.iter().enumerate().rev().find_map(|(n, row)| {
        let start = key(&row.alias.alias);
        let mut names = vec![row.alias.alias.as_str(), row.alias.canonical.as_str()];
        let mut next = leads.from(&row.alias);
        while let Some(alias) = next.filter(|_| names.len() <= rows.len()) {
            names.push(&alias.canonical);
            if key(&alias.canonical) == start {
                let names = names.join(" -> ");
                let message = format!(
                    "leads in a circle: {names}; keep the rows that lead to the right name, and \
                     take the others out"
                );
                return Some((n, message));
            }
            next = leads.from(alias);
        }
        None
    })
}

/// Which rows go on from the canonical name of another.
pub(super) struct Leads<'r>(HashMap<(String, &'r str), &'r Alias>);

impl<'r> Leads<'r> {
    pub fn of(rows: &'r [Row]) -> Self {
        let aliases = rows.iter().map(|row| &row.alias);
        let apart = |alias: &&Alias| key(&alias.alias) != key(&alias.canonical);
        Self(
            aliases
                .filter(apart)
                .map(|alias| ((key(&alias.alias), alias.label.as_str()), alias))
                .collect(),
        )
    }

    /// The row, if any, whose alias is the canonical name of this one.
    pub fn from(&self, alias: &'r Alias) -> Option<&'r Alias> {
        let place = (key(&alias.canonical), alias.label.as_str());
        let next = self.0.get(&place).copied();
        next.filter(|_| key(&alias.alias) != place.0)
    }
}

/// What of a table a person should look at, each with its line.
pub(super) fn doubts(path: &Path, rows: &[Row], lines: &[usize], types: &[&str]) -> Vec<String> {
    let leads = Leads::of(rows);
    let mut doubts = Vec::new();
    for (Row { alias, .. }, line) in rows.iter().zip(lines) {
        let place = format!("{}:{line}", path.display());
        if !types.contains(&alias.label.as_str()) {
            doubts.push(format!("{place}: {}", unknown_type(&alias.label, types)));
        }
        if let Some(on) = leads.from(alias) {
            doubts.push(format!(
                "{place}: {:?} leads to {:?}, which another row calls {:?}; write that name here \
                 if all three are one",
                alias.alias, alias.canonical, on.canonical
            ));
        }
    }
    doubts
}

/// Why a type may be a mistake.
pub fn unknown_type(label: &str, types: &[&str]) -> String {
    format!(
        "{label:?} is no entity type of the model{}; it has {}. The row is used as it stands",
        did_you_mean(label, types.iter().copied()),
        types.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::Aliases;

    #[test]
    fn what_may_be_a_mistake_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        let told = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Aliases::load_for(&path, &["PER", "ORG"]).unwrap().1
        };
        let chain = told("alias,canonical,type\nA,B,PRE\nB,C,PER\nC,D,PER\nB,E,ORG\nF,F,ORG\n");
        assert_eq!(chain.len(), 2, "{chain:?}");
        assert!(chain[0].contains("aliases.csv:2: \"PRE\" is no entity type"));
        assert!(chain[0].contains("(did you mean PER?)"));
        assert!(
            chain[1].contains("aliases.csv:3: \"B\" leads to \"C\", which another row calls \"D\"")
        );
        assert_eq!(told("alias,canonical,type\nA,B,PER\nB,B,PER\n"), [""; 0]);
    }
}
