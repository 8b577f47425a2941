//! A table of aliases as a file: read as people and spreadsheet programs write it, and written again
//! with all that stood in it.

use std::collections::HashMap;
use std::path::Path;

use super::alias::{Alias, HEADER, Row, check, key};
use super::alias_chain::circle;
use crate::error::{Error, Result};
use crate::files::{numbered, unguarded};

/// Names of each column.
const ALIAS: [&str; 1] = ["alias"];
const CANONICAL: [&str; 3] = ["canonical", "canonical_name", "name"];
const LABEL: [&str; 2] = ["type", "label"];
const COUNTRY: [&str; 1] = ["country"];

/// How a file is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// What stands before the header: a byte order mark, the line `sep=;`.
    opening: String,
    separator: u8,
    /// Whether lines end with `\r\n`.
    returns: bool,
    header: Vec<String>,
    alias: usize,
    canonical: usize,
    label: usize,
    country: Option<usize>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            opening: String::new(),
            separator: b',',
            returns: false,
            header: [ALIAS[0], CANONICAL[0], LABEL[0], COUNTRY[0]]
                .map(str::to_owned)
                .into(),
            alias: 0,
            canonical: 1,
            label: 2,
            country: Some(3),
        }
    }
}

/// Reads a table: its layout, its rows, and the lines where they begin. `path` is named in errors.
///
/// # Errors
/// As with [`super::Aliases::load`].
pub(super) fn parse(path: &Path, text: &str) -> Result<(Layout, Vec<Row>, Vec<usize>)> {
    let (opening, told) = opening(text);
    let (opening, body) = text.split_at(opening);
    let above = opening.matches('\n').count();
    let first = body.split_inclusive('\n').next().unwrap_or_default();
    let separator = told.unwrap_or_else(|| separator(first));
    let (source, lines) = numbered(body.as_bytes());
    let mut table = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(source);
    let header = table
        .headers()
        .map_err(|e| Error::format(path, e.to_string()))?;
    let header = header.iter().map(str::to_owned).collect();
    let layout = Layout {
        opening: opening.to_owned(),
        separator,
        returns: first.ends_with("\r\n"),
        ..Layout::of_header(header).map_err(|message| Error::line(path, above + 1, message))?
    };
    let (mut rows, mut row_lines) = (Vec::new(), Vec::new());
    let mut known: HashMap<(String, String), String> = HashMap::new();
    for record in table.records() {
        let record = record.map_err(|e| Error::format(path, e.to_string()))?;
        let line = above + lines.line_of(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = layout.read(&record);
        let alias = &row.alias;
        check(alias).map_err(|message| Error::line(path, line, message))?;
        let leads_to = key(&alias.canonical);
        let before = known.insert((key(&alias.alias), alias.label.clone()), leads_to.clone());
        if before.is_some_and(|before| before != leads_to) {
            let message = format!(
                "{:?} already leads to another name above; keep one of the two rows",
                alias.alias
            );
            return Err(Error::line(path, line, message));
        }
        rows.push(row);
        row_lines.push(line);
    }
    match circle(&rows) {
        Some((row, message)) => Err(Error::line(path, row_lines[row], message)),
        None => Ok((layout, rows, row_lines)),
    }
}

/// Where the header begins, behind a byte order mark and Excel's line `sep=;`, and the separator
/// that this line tells.
fn opening(text: &str) -> (usize, Option<u8>) {
    let unmarked = text.trim_start_matches('\u{feff}');
    let mark = text.len() - unmarked.len();
    let line = unmarked.split_inclusive('\n').next().unwrap_or_default();
    let plain = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    match plain.get(..4) {
        Some(word) if word.eq_ignore_ascii_case("sep=") => {
            let separator = plain.as_bytes().get(4).copied().filter(u8::is_ascii);
            (mark + line.len(), separator)
        }
        _ => (mark, None),
    }
}

/// What parts the cells of a header.
fn separator(header: &str) -> u8 {
    [',', ';', '\t']
        .into_iter()
        .max_by_key(|separator| (header.matches(*separator).count(), *separator == ','))
        .map_or(b',', |separator| separator as u8)
}

impl Layout {
    /// The columns of a header, or what is wrong with it.
    fn of_header(header: Vec<String>) -> std::result::Result<Self, String> {
        let column = |names: &[&str]| {
            header.iter().position(|cell| {
                let plain = cell.to_lowercase().replace([' ', '-'], "_");
                names.contains(&plain.as_str())
            })
        };
        let needed = |names: &[&str]| {
            column(names).ok_or_else(|| {
                format!(
                    "there is no column {}; the first line names the columns: {HEADER}",
                    names[0]
                )
            })
        };
        Ok(Self {
            alias: needed(&ALIAS)?,
            canonical: needed(&CANONICAL)?,
            label: needed(&LABEL)?,
            country: column(&COUNTRY),
            header,
            ..Self::default()
        })
    }

    fn read(&self, record: &csv::StringRecord) -> Row {
        let cell = |at: usize| unguarded(record.get(at).unwrap_or_default()).to_owned();
        let alias = Alias {
            alias: cell(self.alias),
            canonical: cell(self.canonical),
            label: cell(self.label),
            country: self.country.map(cell).unwrap_or_default().to_uppercase(),
        };
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        self.fill_up(&mut cells);
        Row { alias, cells }
    }

    fn fill_up(&self, cells: &mut Vec<String>) {
        cells.resize(cells.len().max(self.header.len()), String::new());
    }

    /// The row of an alias, which keeps what `old` has in columns of the user's own.
    pub fn row(&self, alias: Alias, old: Option<Row>) -> Row {
        let mut cells = old.map(|row| row.cells).unwrap_or_default();
        self.fill_up(&mut cells);
        for (column, value) in [
            (Some(self.alias), &alias.alias),
            (Some(self.canonical), &alias.canonical),
            (Some(self.label), &alias.label),
            (self.country, &alias.country),
        ] {
            if let Some(cell) = column.and_then(|column| cells.get_mut(column)) {
                cell.clone_from(value);
            }
        }
        Row { alias, cells }
    }

    /// Makes a column for countries if there is none, behind all cells of the rows.
    pub fn add_country(&mut self, rows: &mut [Row]) {
        if self.country.is_some() {
            return;
        }
        let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let at = widest.max(self.header.len());
        self.header.resize(at, String::new());
        self.header.push(COUNTRY[0].to_owned());
        self.country = Some(at);
        for row in rows {
            self.fill_up(&mut row.cells);
        }
    }

    /// The file of these rows.
    ///
    /// # Errors
    /// Never: it is written to memory.
    pub fn bytes(&self, rows: &[Row]) -> std::io::Result<Vec<u8>> {
        let line_end = match self.returns {
            true => csv::Terminator::CRLF,
            false => csv::Terminator::Any(b'\n'),
        };
        let mut table = csv::WriterBuilder::new()
            .delimiter(self.separator)
            .terminator(line_end)
            .flexible(true)
            .from_writer(self.opening.clone().into_bytes());
        table.write_record(&self.header)?;
        for row in rows {
            table.write_record(&row.cells)?;
        }
        table.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Aliases;

    fn alias(alias: &str, canonical: &str, country: &str) -> super::Alias {
        super::Alias {
            alias: alias.into(),
            canonical: canonical.into(),
            label: "PER".into(),
            country: country.into(),
        }
    }

    /// The file of that text after a change.
    fn changed(text: &str, change: impl Fn(&mut Aliases)) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aliases.csv");
        std::fs::write(&path, text).unwrap();
        let mut aliases = Aliases::load(&path).unwrap();
        change(&mut aliases);
        aliases.save(&path).unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Aliases::load(&path).unwrap(), aliases);
        written
    }

    #[test]
    fn a_file_that_is_not_changed_is_written_as_it_was() {
        for text in [
            "alias,canonical,type,country\nA,B,PER,\n",
            "\u{feff}Note;Alias;Canonical name;Type\r\nsure;A;B;PER\r\n;'=C;\"D;E\";ORG\r\n",
            "sep=;\r\nalias;canonical;type\r\nA;B, C;PER\r\n",
            "\u{feff}sep=|\nalias|name|label|country|by\nA|B|PER|alb|me\n",
            "type\talias\tname\nORG\tMEK\tMujahedin-e-Khalq\n",
        ] {
            assert_eq!(changed(text, |_| ()), text);
        }
    }

    #[test]
    fn a_merge_keeps_columns_of_the_user_s_own() {
        let text = "sep=;\nnote;alias;canonical;type;country\nsure;A;B;PER;ALB\nold;C;D;PER;\n";
        assert_eq!(
            changed(text, |aliases| {
                aliases.merge(alias("A", "E", "")).unwrap();
                aliases.merge(alias("F", "G", "IRN")).unwrap();
            }),
            "sep=;\nnote;alias;canonical;type;country\nsure;A;E;PER;\nold;C;D;PER;\n;F;G;PER;IRN\n"
        );
    }

    #[test]
    fn a_split_keeps_columns_of_the_user_s_own() {
        let text = "\u{feff}alias\tcanonical\ttype\tnote\r\nA\tB\tPER\tsure\r\nC\tD\tPER\told\r\n";
        assert_eq!(
            changed(text, |aliases| {
                aliases.split("A", "PER").unwrap();
                aliases.split("E", "PER").unwrap();
            }),
            "\u{feff}alias\tcanonical\ttype\tnote\r\nC\tD\tPER\told\r\nE\tE\tPER\t\r\n"
        );
    }

    #[test]
    fn a_country_makes_its_column() {
        let text = "alias,canonical,type\nA,B,PER,more\n";
        assert_eq!(
            changed(text, |aliases| aliases
                .merge(alias("C", "D", "ALB"))
                .unwrap()),
            "alias,canonical,type,,country\nA,B,PER,more,\nC,D,PER,,ALB\n"
        );
    }
}
