use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::DeserializeOwned;

use super::column::{Kind, Value};
use crate::error::{Error, Result};

/// What the spreadsheet guard puts a `'` before.
const GUARDED: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A CSV file of a run that is read row by row, its cells without the spreadsheet guard. Files that
/// a spreadsheet program saved again, with a byte order mark or other separators, are read as well.
pub struct Table {
    path: PathBuf,
    columns: StringRecord,
    rows: csv::Reader<Box<dyn Read>>,
    row: StringRecord,
}

impl Table {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        let mut file = BufReader::with_capacity(1 << 16, file);
        let start = file.fill_buf().map_err(|e| Error::io(path, e))?;
        let mark = if start.starts_with("\u{feff}".as_bytes()) {
            3
        } else {
            0
        };
        let header = start.get(mark..).unwrap_or_default();
        let separator = separator(header.split(|&b| b == b'\n').next().unwrap_or_default());
        file.consume(mark);
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(separator)
            .from_reader(Box::new(file) as Box<dyn Read>);
        let columns = rows.headers().map_err(|e| unreadable(path, e))?.clone();
        if columns.is_empty() {
            return Err(Error::format(
                path,
                "is empty: run dossier extract into this folder again",
            ));
        }
        Ok(Self {
            path: path.to_path_buf(),
            columns,
            rows,
            row: StringRecord::new(),
        })
    }

    /// The names of the columns.
    pub fn columns(&self) -> Vec<String> {
        self.columns.iter().map(str::to_owned).collect()
    }

    /// The next row's cells, or `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read, or a row has more or fewer cells than the header.
    pub fn next_row(&mut self) -> Result<Option<&StringRecord>> {
        let more = self.rows.read_record(&mut self.row);
        if !more.map_err(|e| unreadable(&self.path, e))? {
            return Ok(None);
        }
        if self.row.iter().any(|cell| bare(cell).len() != cell.len()) {
            let position = self.row.position().cloned();
            self.row = self.row.iter().map(bare).collect();
            self.row.set_position(position);
        }
        Ok(Some(&self.row))
    }

    /// The next row's values, or `None` at the end.
    ///
    /// # Errors
    /// As with [`Self::next_row`], or a cell is not what its column holds.
    pub fn next_values<'t>(&'t mut self, kinds: &[Kind]) -> Result<Option<Vec<Value<'t>>>> {
        if self.next_row()?.is_none() {
            return Ok(None);
        }
        let values: Result<Vec<Value<'_>>> = self
            .row
            .iter()
            .zip(kinds)
            .zip(&self.columns)
            .map(|((cell, kind), column)| {
                kind.value(cell)
                    .map_err(|e| Error::line(&self.path, self.line(), format!("{column}: {e}")))
            })
            .collect();
        values.map(Some)
    }

    /// Hands each row to `visit` as a struct whose fields are columns. Other columns are passed over.
    ///
    /// # Errors
    /// As with [`Self::next_row`], a column is missing, a cell is not what its field is, or those of
    /// `visit`.
    pub fn each<Row: DeserializeOwned>(
        mut self,
        visit: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        while self.next_row()?.is_some() {
            let row = self.row.deserialize(Some(&self.columns)).map_err(|e| {
                let reason = match e.kind() {
                    csv::ErrorKind::Deserialize { err, .. } => match err.field() {
                        Some(at) => format!(
                            "{}: {}",
                            self.columns.get(at as usize).unwrap_or_default(),
                            err.kind()
                        ),
                        None => err
                            .kind()
                            .to_string()
                            .replace("missing field", "has no column"),
                    },
                    _ => e.to_string(),
                };
                Error::line(&self.path, self.line(), reason)
            })?;
            visit(row)?;
        }
        Ok(())
    }

    /// All rows as structs.
    ///
    /// # Errors
    /// Those of [`Self::each`].
    pub fn all<Row: DeserializeOwned>(self) -> Result<Vec<Row>> {
        let mut all = Vec::new();
        self.each(&mut |row| {
            all.push(row);
            Ok(())
        })?;
        Ok(all)
    }

    fn line(&self) -> usize {
        self.row.position().map_or(0, |p| p.line() as usize)
    }
}

/// The one of `,` `;` tab `|` that is most often in the header; `,` of equals.
fn separator(header: &[u8]) -> u8 {
    let count = |s: &u8| header.iter().filter(|b| *b == s).count();
    *b"|\t;,".iter().max_by_key(|s| count(s)).unwrap_or(&b',')
}

/// A cell without the guard.
fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(GUARDED) => rest,
        _ => cell,
    }
}

/// A cell that no spreadsheet program takes for a formula.
pub fn guarded(cell: &str) -> String {
    if cell.starts_with(GUARDED) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn unreadable(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map_or(0, |p| p.line() as usize);
    let message = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8: save the file as CSV UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} cells, the header {expected_len}")
        }
        _ => error.to_string(),
    };
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(path, source),
        _ => Error::line(path, line, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Row {
        name: String,
        count: Option<usize>,
    }

    fn read(text: &str) -> Result<Vec<Row>> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        Table::open(&path)?.all()
    }

    #[test]
    fn files_are_read_as_written_and_as_saved_again() {
        for text in [
            "name,count\n\"=a,\nb\",1\n,\n",
            "\u{feff}name;x;count\r\n\"'=a,\nb\";;1\r\n;;\r\n",
            "count\tname\n1\t\"'=a,\nb\"\n\t\n",
        ] {
            let rows = read(text).unwrap();
            let named = |name: &str, count| Row {
                name: name.into(),
                count,
            };
            assert_eq!(rows, [named("=a,\nb", Some(1)), named("", None)], "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            ("count\n1\n", ":2: has no column `name`"),
            ("name,count\nA,1\nB,many\n", ":3: count: "),
            ("name,count\nA\n", ":2: has 1 cells, the header 2"),
            ("", "is empty"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(told), "{message}");
        }
    }
}
