use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use crate::error::{Error, Result};
use crate::share::column::{Kind, Value};
use crate::share::output::OutFile;
use crate::share::run_dir::RunDir;
use crate::share::table::Table;

/// Rows that are held and written together.
const GROUP_ROWS: usize = 100_000;

/// Writes each table as `<table>.parquet`: text columns without nulls, numbers and dates with nulls
/// where a cell is empty.
pub fn write(run: &RunDir, folder: &Path) -> Result<Vec<PathBuf>> {
    run.tables()
        .map(|name| {
            let path = folder.join(format!("{name}.parquet"));
            write_table(run.table(name)?, &path)
        })
        .collect()
}

fn write_table(mut table: Table, path: &Path) -> Result<PathBuf> {
    let failed = |e: ParquetError| Error::format(path, format!("cannot be written: {e}"));
    let names = table.columns();
    let kinds: Vec<Kind> = names.iter().map(|name| Kind::of(name)).collect();
    let fields: Result<Vec<_>, _> = names.iter().zip(&kinds).map(field).collect();
    let schema = fields
        .and_then(|fields| Type::group_type_builder("row").with_fields(fields).build())
        .map_err(failed)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = SerializedFileWriter::new(
        OutFile::create(path)?,
        Arc::new(schema),
        Arc::new(properties),
    )
    .map_err(failed)?;
    loop {
        let mut columns: Vec<Column> = kinds.iter().map(|kind| Column::new(*kind)).collect();
        let mut rows = 0;
        while rows < GROUP_ROWS {
            let Some(values) = table.next_values(&kinds)? else {
                break;
            };
            for (column, value) in columns.iter_mut().zip(values) {
                column.push(&value);
            }
            rows += 1;
        }
        if rows == 0 {
            break;
        }
        write_group(&mut writer, &columns).map_err(failed)?;
        if rows < GROUP_ROWS {
            break;
        }
    }
    writer.into_inner().map_err(failed)?.finish()
}

fn field((name, kind): (&String, &Kind)) -> Result<Arc<Type>, ParquetError> {
    let (physical, converted) = match kind {
        Kind::Text => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
        Kind::Date => (Physical::INT32, ConvertedType::DATE),
        Kind::Whole => (Physical::INT64, ConvertedType::NONE),
        Kind::Share => (Physical::DOUBLE, ConvertedType::NONE),
    };
    let repetition = match kind {
        Kind::Text => Repetition::REQUIRED,
        _ => Repetition::OPTIONAL,
    };
    Type::primitive_type_builder(name, physical)
        .with_converted_type(converted)
        .with_repetition(repetition)
        .build()
        .map(Arc::new)
}

/// The values of a column, and for each row whether it has one.
struct Column {
    values: Values,
    present: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    Days(Vec<i32>),
    Whole(Vec<i64>),
    Share(Vec<f64>),
}

impl Column {
    fn new(kind: Kind) -> Self {
        Self {
            values: match kind {
                Kind::Text => Values::Text(Vec::new()),
                Kind::Date => Values::Days(Vec::new()),
                Kind::Whole => Values::Whole(Vec::new()),
                Kind::Share => Values::Share(Vec::new()),
            },
            present: Vec::new(),
        }
    }

    fn push(&mut self, value: &Value<'_>) {
        let present = match (&mut self.values, value) {
            (Values::Text(all), Value::Text(text)) => {
                all.push(ByteArray::from(*text));
                true
            }
            (Values::Days(all), Value::Date(date)) => {
                let span = *date - jiff::civil::date(1970, 1, 1);
                all.push(span.get_days());
                true
            }
            (Values::Whole(all), Value::Whole(number)) => {
                all.push(*number);
                true
            }
            (Values::Share(all), Value::Share(number)) => {
                all.push(*number);
                true
            }
            _ => false,
        };
        self.present.push(i16::from(present));
    }

    fn write(&self, column: &mut SerializedColumnWriter<'_>) -> Result<usize, ParquetError> {
        let present = Some(self.present.as_slice());
        match &self.values {
            Values::Text(all) => column.typed::<ByteArrayType>().write_batch(all, None, None),
            Values::Days(all) => column.typed::<Int32Type>().write_batch(all, present, None),
            Values::Whole(all) => column.typed::<Int64Type>().write_batch(all, present, None),
            Values::Share(all) => column.typed::<DoubleType>().write_batch(all, present, None),
        }
    }
}

fn write_group(
    writer: &mut SerializedFileWriter<OutFile>,
    columns: &[Column],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for column in columns {
        if let Some(mut out) = group.next_column()? {
            column.write(&mut out)?;
            out.close()?;
        }
    }
    group.close()?;
    Ok(())
}
