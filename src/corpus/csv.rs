use std::io::{BufRead, Cursor};

use super::decode::{decode, encoding_of};
use super::fields::{Names, no_text};
use super::open::read_all;
use super::options::ReadOptions;
use super::piece::{Fields, Piece};

/// The articles of a table, a row each. The separator is the one that the header row has most of.
pub(super) fn rows(
    mut reader: Box<dyn BufRead + Send>,
    options: ReadOptions,
) -> Result<Box<dyn Iterator<Item = Piece> + Send>, String> {
    let mut encoding = encoding_of(reader.fill_buf().map_err(|e| e.to_string())?, false);
    if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE {
        let bytes = read_all(reader, options.max_bytes).map_err(|e| e.to_string())?;
        reader = Box::new(Cursor::new(decode(&bytes, encoding).0.into_bytes()));
        encoding = encoding_rs::UTF_8;
    }
    let head = reader.fill_buf().map_err(|e| e.to_string())?;
    let first = head.split(|b| *b == b'\n').next().unwrap_or(b"");
    let delimiter = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|d| (first.iter().filter(|b| *b == d).count(), *d == b','))
        .unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(reader);
    let header = table.byte_headers().map_err(|e| e.to_string())?.clone();
    let cell = move |bytes: &[u8]| decode(bytes, encoding).0;
    let columns: Vec<String> = header.iter().map(&cell).collect();
    let names = Names::among(&columns, &options);
    let Some(text_column) = names.text else {
        return Err(no_text(&columns, &options));
    };
    let mut records = table.into_byte_records();
    let mut last_line = 1;
    let mut ended = false;
    Ok(Box::new(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let record = match records.next()? {
            Ok(record) => record,
            Err(e) => {
                ended = e.is_io_error();
                return Some(Piece {
                    place: Some(last_line + 1),
                    fields: Err(e.to_string()),
                });
            }
        };
        let line = record
            .position()
            .map_or(last_line + 1, |p| p.line() as usize);
        last_line = line;
        let part = |column: Option<usize>| column.and_then(|n| record.get(n)).map(&cell);
        let fields = match part(Some(text_column)) {
            Some(text) => Ok(Fields::from_parts(
                part(names.id),
                part(names.title),
                part(names.date),
                &text,
            )),
            None => Err(format!(
                "the row has {} columns, its text would be in column {}",
                record.len(),
                text_column + 1
            )),
        };
        Some(Piece {
            place: Some(line),
            fields,
        })
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Piece> {
        rows(
            Box::new(Cursor::new(bytes.to_vec())),
            ReadOptions::default(),
        )
        .unwrap()
        .collect()
    }

    #[test]
    fn separators_quotes_and_encodings() {
        let read = all(b"\xef\xbb\xbfID;Headline;Body\n1;A;\"One;\ntwo.\"\n2;B;caf\xc3\xa9\n");
        assert_eq!(read[0].fields.as_ref().unwrap().text, "One;\ntwo.");
        assert_eq!(read[1].place, Some(4));
        assert_eq!(read[1].fields.as_ref().unwrap().text, "café");
        let latin = all(b"id,text\n1,Le caf\xe9 de la gare est ferm\xe9\n");
        assert_eq!(
            latin[0].fields.as_ref().unwrap().text,
            "Le café de la gare est fermé"
        );
    }

    #[test]
    fn wrong_columns_are_told() {
        let wrong = rows(
            Box::new(Cursor::new(b"a,b\n1,2\n".to_vec())),
            ReadOptions::default(),
        );
        assert!(wrong.err().unwrap().contains("It has: a, b"));
    }
}
