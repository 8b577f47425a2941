//! CSV files, read as strictly as they are written.

use std::path::Path;

const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A CSV file.
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

/// A row of a table.
pub struct Row<'t> {
    header: &'t [String],
    cells: &'t csv::StringRecord,
}

impl Table {
    pub fn rows(&self) -> Vec<Row<'_>> {
        self.rows
            .iter()
            .map(|cells| Row {
                header: &self.header,
                cells,
            })
            .collect()
    }

    /// The row whose `column` is `value`.
    pub fn row(&self, column: &str, value: &str) -> Row<'_> {
        let found = self.rows().into_iter().find(|row| row.get(column) == value);
        found.unwrap_or_else(|| panic!("no row has {column} {value:?}: {:?}", self.rows))
    }
}

impl<'t> Row<'t> {
    /// The cell of a column.
    pub fn get(&self, column: &str) -> &'t str {
        let at = self.header.iter().position(|name| name == column);
        let at = at.unwrap_or_else(|| panic!("no column {column}: {:?}", self.header));
        self.cells.get(at).unwrap()
    }

    /// The cell of a column that holds a whole number.
    pub fn number(&self, column: &str) -> usize {
        let cell = self.get(column);
        cell.parse()
            .unwrap_or_else(|_| panic!("{column} is {cell:?}"))
    }
}

/// Reads a table: UTF-8, all rows of the same length, and quoted where RFC 4180 demands it and
/// nowhere else, so that writing the cells again gives the same bytes.
pub fn read_table(path: &Path) -> Table {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let mut rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        writer.write_record(row).unwrap();
    }
    assert!(
        writer.into_inner().unwrap() == bytes,
        "{} is not quoted as it should be",
        path.display()
    );
    let header = rows.remove(0).iter().map(str::to_string).collect();
    Table { header, rows }
}
