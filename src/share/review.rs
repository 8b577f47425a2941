//! The table in which a person judges triples.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::choose::choose;
use super::marks::in_brackets;
use super::output::OutFile;
use super::rows::Triple;
use super::run_dir::RunDir;
use super::table::Table;
use crate::config::Schema;
use crate::error::{Error, Result};
use crate::files::guarded;

/// Columns that stand beside the sentence, where they are seen without scrolling.
const SEEN_FIRST: [&str; 3] = ["relation", "confidence", "status"];

/// Writes the `most` triples of a run that are most worth a person's eye as a table that a
/// spreadsheet program opens and `train --reviewed` reads: `verdict` (empty), the sentence with its
/// marks, what may be written into `verdict`, and the columns of `triples.csv`. Returns how many
/// rows it has.
///
/// # Errors
/// The run cannot be read, a review that is there already has verdicts (unless `replace`), or the
/// file cannot be written.
pub fn write(run: &RunDir, most: usize, path: &Path, replace: bool) -> Result<(PathBuf, usize)> {
    if !replace && has_verdicts(path)? {
        return Err(Error::Usage(format!(
            "{}: has verdicts already; use them first (extract --verdicts, train --reviewed), name another file with -o, \
             or add --replace",
            path.display()
        )));
    }
    let triples = run.triples()?;
    let chosen = choose(&triples, most);
    let wanted: HashSet<usize> = chosen.iter().copied().collect();
    let mut table = run.table("triples")?;
    let columns = table.columns();
    let mut rows: HashMap<usize, csv::StringRecord> = HashMap::new();
    let mut at = 0;
    while let Some(row) = table.next_row()? {
        if wanted.contains(&at) {
            rows.insert(at, row.clone());
        }
        at += 1;
    }
    let schema = run.schema()?;
    let mut file = OutFile::create(path)?;
    // By the mark Excel knows that the file is UTF-8.
    file.text("\u{feff}")?;
    let mut out = csv::Writer::from_writer(file);
    let failed = |e: csv::Error| Error::format(path, format!("cannot be written: {e}"));
    let moved = |column: &str| column == "verdict" || SEEN_FIRST.contains(&column);
    let rest: Vec<usize> = (0..columns.len())
        .filter(|&c| !moved(&columns[c]))
        .collect();
    let [relation, confidence, status] =
        SEEN_FIRST.map(|name| columns.iter().position(|c| c == name));
    let head = [
        "verdict",
        "relation",
        "sentence_marked",
        "confidence",
        "status",
        "allowed",
    ];
    out.write_record(
        head.into_iter()
            .chain(rest.iter().map(|&c| columns[c].as_str())),
    )
    .map_err(failed)?;
    for at in &chosen {
        let (Some(triple), Some(row)) = (triples.get(*at), rows.get(at)) else {
            continue;
        };
        let cell = |at: Option<usize>| guarded(at.and_then(|at| row.get(at)).unwrap_or_default());
        let mut cells = vec![
            "".into(),
            cell(relation),
            guarded(in_brackets(triple)),
            cell(confidence),
            cell(status),
            allowed(triple, &schema).into(),
        ];
        cells.extend(rest.iter().map(|&c| cell(Some(c))));
        out.write_record(cells.iter().map(|cell| cell.as_bytes()))
            .map_err(failed)?;
    }
    let file = out
        .into_inner()
        .map_err(|e| Error::io(path, e.into_error()))?;
    Ok((file.finish()?, chosen.len()))
}

/// Whether a table is there in which somebody has filled the column `verdict`.
///
/// # Errors
/// It cannot be read.
pub fn has_verdicts(path: &Path) -> Result<bool> {
    if !path.is_file() {
        return Ok(false);
    }
    has_filled_verdicts(Table::open(path)?)
}

/// Whether somebody has filled the column `verdict` of a table.
///
/// # Errors
/// It cannot be read.
pub fn has_filled_verdicts(mut table: Table) -> Result<bool> {
    let Some(at) = table
        .columns()
        .iter()
        .position(|c| c.eq_ignore_ascii_case("verdict"))
    else {
        return Ok(false);
    };
    while let Some(row) = table.next_row()? {
        if row.get(at).is_some_and(|cell| !cell.trim().is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What may stand in the column `verdict` of a row: only relations that may join such ends.
fn allowed(triple: &Triple, schema: &Schema) -> String {
    let (subject, object) = (
        triple.subject_type.as_str().into(),
        triple.object_type.as_str().into(),
    );
    let mut text = String::from("ok, wrong, none, or the right one of:");
    for relation in &schema.relations {
        if relation.name != *triple.relation && relation.may_join(&subject, &object) {
            text.push(' ');
            text.push_str(relation.name.as_str());
        }
    }
    text
}
