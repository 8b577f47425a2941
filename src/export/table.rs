use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::partial::{FinishedFile, PartialFile};
use crate::error::{Error, Result};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const BUFFER_BYTES: usize = 1 << 16;

/// A CSV file that is being written: quoted as RFC 4180 has it, with UTF-8 and `\n` after each
/// record.
///
/// RFC 4180 describes CRLF, but Excel, LibreOffice and every CSV library read `\n` as well, and
/// line tools (`grep`, `cut`, `diff`) read only `\n` without a stray character at the line's end.
#[derive(Debug)]
pub struct Table {
    rows: csv::Writer<PartialFile>,
    shown: std::path::PathBuf,
}

impl Table {
    /// Begins the table `name` of the folder `dir` with the columns of `Row`, which has to be a
    /// struct; with a byte order mark, by which Excel knows UTF-8, if asked for.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create<Row: Serialize + Default>(
        dir: &Path,
        name: &str,
        byte_order_mark: bool,
    ) -> Result<Self> {
        let mut file = PartialFile::create(dir, name)?;
        let shown = file.path().to_path_buf();
        let mut start = if byte_order_mark {
            BYTE_ORDER_MARK.to_vec()
        } else {
            Vec::new()
        };
        start.extend(header::<Row>().map_err(|e| csv_error(&shown, e))?);
        file.write_all(&start).map_err(|e| Error::io(&shown, e))?;
        let rows = csv::WriterBuilder::new()
            .has_headers(false)
            .buffer_capacity(BUFFER_BYTES)
            .from_writer(file);
        Ok(Self { rows, shown })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&mut self, row: &impl Serialize) -> Result<()> {
        self.rows
            .serialize(row)
            .map_err(|e| csv_error(&self.shown, e))
    }

    /// Puts everything on disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<FinishedFile> {
        let Self { rows, shown } = self;
        rows.into_inner()
            .map_err(|e| Error::io(shown, e.into_error()))?
            .finish()
    }
}

/// The names of the fields of `Row`. A writer gives them out with its first row, which a table
/// without rows would never have.
fn header<Row: Serialize + Default>() -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(Row::default())?;
    let mut lines = writer.into_inner().map_err(|e| e.into_error())?;
    let end = lines.iter().position(|&b| b == b'\n').map_or(0, |n| n + 1);
    lines.truncate(end);
    Ok(lines)
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    let message = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(path, source),
        _ => Error::format(path, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Default)]
    struct Row {
        name: &'static str,
        #[serde(rename = "type")]
        kind: &'static str,
        date: Option<u8>,
    }

    fn written(byte_order_mark: bool, rows: &[Row]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let mut table = Table::create::<Row>(dir.path(), "a.csv", byte_order_mark).unwrap();
        for row in rows {
            table.write(row).unwrap();
        }
        table.finish().unwrap().keep().unwrap();
        std::fs::read_to_string(dir.path().join("a.csv")).unwrap()
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        assert_eq!(written(false, &[]), "name,type,date\n");
        assert_eq!(written(true, &[]), "\u{feff}name,type,date\n");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let row = Row {
            name: "a \"b\", c",
            kind: "d\re",
            date: None,
        };
        assert_eq!(
            written(false, &[row]),
            "name,type,date\n\"a \"\"b\"\", c\",\"d\re\",\n"
        );
    }
}
