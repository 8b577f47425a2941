use std::path::{Path, PathBuf};

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::Result;
use crate::share::column::{Kind, Value};
use crate::share::output::OutFile;
use crate::share::rows::split_aliases;
use crate::share::run_dir::RunDir;

/// Writes each table as `<table>.jsonl`: an object a row with the columns as keys, numbers as
/// numbers, `null` for what is empty, and the aliases as a list.
pub fn write(run: &RunDir, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for name in run.tables() {
        let mut table = run.table(name)?;
        let columns = table.columns();
        let kinds: Vec<Kind> = columns.iter().map(|c| Kind::of(c)).collect();
        let mut file = OutFile::create(&folder.join(format!("{name}.jsonl")))?;
        while let Some(values) = table.next_values(&kinds)? {
            file.json_line(&Line {
                columns: &columns,
                values: &values,
            })?;
        }
        written.push(file.finish()?);
    }
    Ok(written)
}

struct Line<'l> {
    columns: &'l [String],
    values: &'l [Value<'l>],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, value) in self.columns.iter().zip(self.values) {
            map.serialize_key(column)?;
            match value {
                Value::Text(cell) if column == "aliases" => {
                    map.serialize_value(&split_aliases(cell).collect::<Vec<_>>())?;
                }
                Value::Text("") | Value::None => map.serialize_value(&())?,
                Value::Text(text) => map.serialize_value(text)?,
                Value::Date(date) => map.serialize_value(date)?,
                Value::Whole(number) => map.serialize_value(number)?,
                Value::Share(number) => map.serialize_value(number)?,
            }
        }
        map.end()
    }
}
