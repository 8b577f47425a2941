use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};
use crate::files::{in_one_line, numbered, unguarded};

/// A spreadsheet saved as text: `,`, `;`, tab or `|` between the cells.
#[derive(Debug)]
pub(super) struct Table {
    header: Vec<String>,
    pub rows: Vec<Row>,
    /// Rows that cannot be read: line and reason.
    pub broken: Vec<(usize, String)>,
}

#[derive(Debug)]
pub(super) struct Row {
    /// 1-based line where it begins.
    pub line: usize,
    cells: Vec<String>,
}

impl Row {
    /// The cell of a column; empty when there is none.
    pub fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|n| self.cells.get(n)).map_or("", |c| c)
    }
}

/// The names of the columns, in lower case.
pub(super) fn header(text: &str) -> Vec<String> {
    let (body, _) = body(text);
    header_and_separator(body).0
}

/// Skips the `sep=;` line that tells spreadsheets the separator.
fn body(text: &str) -> (&str, usize) {
    match text.split_once('\n') {
        Some((first, rest))
            if first
                .trim()
                .trim_matches('"')
                .to_lowercase()
                .starts_with("sep=") =>
        {
            (rest, 1)
        }
        _ => (text, 0),
    }
}

fn header_and_separator(body: &str) -> (Vec<String>, u8) {
    let names = |separator: u8| -> Vec<String> {
        let mut first = csv::StringRecord::new();
        // A header that is no CSV has no columns.
        match reader(body.as_bytes(), separator).read_record(&mut first) {
            Ok(true) => first.iter().map(|c| c.trim().to_lowercase()).collect(),
            _ => Vec::new(),
        }
    };
    let mut best = (names(b','), b',');
    for separator in *b";\t|" {
        let found = names(separator);
        if found.len() > best.0.len() {
            best = (found, separator);
        }
    }
    best
}

fn reader<R: Read>(source: R, separator: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(source)
}

impl Table {
    pub fn read(text: &str) -> Self {
        let (body, skipped_lines) = body(text);
        let (header, separator) = header_and_separator(body);
        let mut table = Self {
            header,
            rows: Vec::new(),
            broken: Vec::new(),
        };
        let (source, lines) = numbered(body.as_bytes());
        for record in reader(source, separator).records().skip(1) {
            let position = match &record {
                Ok(record) => record.position(),
                Err(e) => e.position(),
            };
            let line = skipped_lines + lines.line_of(position.map_or(0, csv::Position::byte));
            match record {
                Ok(record) => table.push(line, &record),
                Err(e) => table.broken.push((line, e.to_string())),
            }
        }
        table
    }

    fn push(&mut self, line: usize, record: &csv::StringRecord) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let width = self.header.len();
        if record.len() < width || record.iter().skip(width).any(|c| !c.trim().is_empty()) {
            self.broken.push((
                line,
                format!("has {} cells, the header {width}", record.len()),
            ));
            return;
        }
        self.rows.push(Row {
            line,
            cells: record.iter().map(clean).collect(),
        });
    }

    /// The first column that bears one of the names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.header.iter().position(|h| h == name))
    }

    /// Like [`Self::column`], for a column that must be there.
    pub fn needed(&self, path: &Path, names: &[&str]) -> Result<usize> {
        self.column(names).ok_or_else(|| {
            Error::format(
                path,
                format!(
                    "has no column {:?}; its columns are {}",
                    names.first().unwrap_or(&""),
                    self.header.join(", ")
                ),
            )
        })
    }
}

/// A cell without the apostrophe that guards spreadsheets against formulas, its white space folded: a
/// sentence and the names that are looked for in it have the same spaces.
fn clean(cell: &str) -> String {
    in_one_line(unguarded(cell)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        Table::read(text)
            .rows
            .into_iter()
            .map(|r| r.cells)
            .collect()
    }

    #[test]
    fn separators_quotes_and_guards() {
        for text in [
            "A,b\n\"x, y; z\",'=1\n",
            "A;b\r\n\"x, y; z\";'=1\r\n",
            "sep=;\nA;b\n\"x, y; z\";'=1;\n",
            "A\tb\nx, y; z\t'=1\n",
        ] {
            let table = Table::read(text);
            assert_eq!(table.column(&["none", "a"]), Some(0), "{text}");
            assert_eq!(table.rows[0].cell(Some(0)), "x, y; z");
            assert_eq!(table.rows[0].cell(Some(1)), "=1");
            assert_eq!(table.rows[0].cell(None), "");
        }
        assert_eq!(
            cells("a,b\n'tis,\"he said \"\"no\"\"\"\n"),
            [["'tis", "he said \"no\""]]
        );
    }

    #[test]
    fn lines_are_where_rows_begin() {
        let text = "sep=,\na,b\n\"one\ntwo\",2\n\n3,4\nshort\n1,2,extra\n";
        for text in [text.to_string(), text.replace('\n', "\r\n")] {
            let table = Table::read(&text);
            let lines: Vec<usize> = table.rows.iter().map(|r| r.line).collect();
            assert_eq!(lines, [3, 6]);
            assert_eq!(table.rows[0].cell(Some(0)), "one two");
            let broken: Vec<usize> = table.broken.iter().map(|b| b.0).collect();
            assert_eq!(broken, [7, 8]);
            assert!(table.needed(Path::new("t.csv"), &["c"]).is_err());
        }
    }
}
