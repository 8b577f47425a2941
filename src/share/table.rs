use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::DeserializeOwned;

use super::column::{Kind, Value};
use crate::error::{Error, Result};
use crate::files::{LineNumbers, Numbered, numbered, unguarded};

/// A CSV file of a run that is read row by row, its cells without the spreadsheet guard. Files that
/// a spreadsheet program saved again, with a byte order mark or other separators, are read as well.
pub struct Table {
    path: PathBuf,
    columns: StringRecord,
    rows: csv::Reader<Numbered<BufReader<File>>>,
    lines: LineNumbers,
    row: StringRecord,
    /// Where the row begins.
    line: usize,
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
        let (source, lines) = numbered(file);
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(separator)
            .from_reader(source);
        let columns = rows.headers().map_err(|e| unreadable(path, e, &lines))?;
        let columns = columns.clone();
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
            lines,
            row: StringRecord::new(),
            line: 1,
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
        if !more.map_err(|e| unreadable(&self.path, e, &self.lines))? {
            return Ok(None);
        }
        let place = self.row.position().map_or(0, csv::Position::byte);
        self.line = self.lines.line_of(place);
        if self.row.iter().any(|cell| unguarded(cell) != cell) {
            self.row = self.row.iter().map(unguarded).collect();
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
                    .map_err(|e| Error::line(&self.path, self.line, format!("{column}: {e}")))
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
        let kinds: Vec<Kind> = self.columns.iter().map(Kind::of).collect();
        while self.next_row()?.is_some() {
            let cells = self.row.iter().zip(&kinds);
            let cells: StringRecord = cells.map(|(cell, kind)| kind.plain(cell)).collect();
            let row = cells.deserialize(Some(&self.columns)).map_err(|e| {
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
                Error::line(&self.path, self.line, reason)
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
}

/// The one of `,` `;` tab `|` that is most often in the header; `,` of equals.
fn separator(header: &[u8]) -> u8 {
    let count = |s: &u8| header.iter().filter(|b| *b == s).count();
    *b"|\t;,".iter().max_by_key(|s| count(s)).unwrap_or(&b',')
}

fn unreadable(path: &Path, error: csv::Error, lines: &LineNumbers) -> Error {
    let line = lines.line_of(error.position().map_or(0, csv::Position::byte));
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

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Sure {
        confidence: f64,
        words: u64,
        trigger_end: Option<usize>,
        date: Option<jiff::civil::Date>,
    }

    fn read<Row: DeserializeOwned>(text: &str) -> Result<Vec<Row>> {
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
            let rows: Vec<Row> = read(text).unwrap();
            let named = |name: &str, count| Row {
                name: name.into(),
                count,
            };
            assert_eq!(rows, [named("=a,\nb", Some(1)), named("", None)], "{text}");
        }
    }

    #[test]
    fn numbers_and_days_are_read_as_spreadsheets_write_them() {
        let text = "confidence;words;trigger_end;date\r\n0,750; 12 ;;2024-02-29 \r\n1;3;7; \r\n";
        let rows: Vec<Sure> = read(text).unwrap();
        let (first, second) = (&rows[0], &rows[1]);
        assert_eq!((first.confidence, first.words), (0.75, 12));
        assert_eq!(first.trigger_end, None);
        assert_eq!(first.date, Some(jiff::civil::date(2024, 2, 29)));
        assert_eq!((second.confidence, second.words), (1.0, 3));
        assert_eq!((second.trigger_end, second.date), (Some(7), None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            ("count\n1\n", ":2: has no column `name`"),
            ("name,count\nA,1\nB,many\n", ":3: count: "),
            ("name;count\r\nA;1\r\n\r\nB;many\r\n", ":4: count: "),
            ("name,count\nA\n", ":2: has 1 cells, the header 2"),
            (
                "name,count\r\nA,1\r\nA\r\n",
                ":3: has 1 cells, the header 2",
            ),
            ("", "is empty"),
        ] {
            let message = read::<Row>(text).unwrap_err().to_string();
            assert!(message.contains(told), "{message}");
        }
    }
}
