use std::io::BufRead;

use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_8};

use super::decode::{decode, encoding_of};
use super::fields::{Names, absent, alike, no_text};
use super::open::{RowLimit, in_single_bytes};
use super::options::ReadOptions;
use super::piece::{Fields, Piece};
use crate::files::numbered;

/// The articles of a table, a row each. The separator is the one that the header row has most of.
pub(super) fn rows(
    reader: Box<dyn BufRead + Send>,
    options: ReadOptions,
) -> Result<Box<dyn Iterator<Item = Piece> + Send>, String> {
    let told = |e: std::io::Error| e.to_string();
    let mut reader = in_single_bytes(reader, options.max_document_bytes).map_err(told)?;
    let head = reader.fill_buf().map_err(told)?;
    let of_file = encoding_of(head, false);
    let first = head.split(|b| *b == b'\n').next().unwrap_or(b"");
    let delimiter = [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|d| (first.iter().filter(|b| *b == d).count(), *d == b','))
        .unwrap_or(b',');
    let (limited, row_start) = RowLimit::new(reader, options.max_document_bytes);
    let (source, lines) = numbered(limited);
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(source);
    let header = table.byte_headers().map_err(|e| e.to_string())?;
    let encoding = encoding_of_row(header, of_file);
    let columns: Vec<String> = header.iter().map(|c| decode(c, encoding).0).collect();
    let names = Names::among(&columns, &options);
    let Some(text_column) = names.text else {
        return Err(no_text(&columns, &options));
    };
    let notes = absent(&columns, &options, |name| {
        columns.iter().any(|column| alike(column, name))
    });
    let mut record = ByteRecord::new();
    let mut ended = false;
    Ok(Box::new(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let start = table.position().byte();
        row_start.set(start);
        let read = table.read_byte_record(&mut record);
        let fields = match read {
            Ok(false) => return None,
            Ok(true) => article(&record, of_file, &names, text_column).map(|mut fields| {
                fields.notes.extend(notes.iter().cloned());
                fields
            }),
            Err(e) => {
                ended = e.is_io_error();
                Err(e.to_string())
            }
        };
        Some(Piece {
            place: Some(lines.line_of(start)),
            fields,
        })
    })))
}

/// The article of a row.
fn article(
    record: &ByteRecord,
    of_file: &'static Encoding,
    names: &Names,
    text_column: usize,
) -> Result<Fields, String> {
    let encoding = encoding_of_row(record, of_file);
    let mut replaced = None;
    let mut part = |column: Option<usize>| {
        let (cell, note) = decode(record.get(column?)?, encoding);
        replaced = replaced.take().or(note);
        Some(cell)
    };
    let text = part(Some(text_column)).ok_or_else(|| {
        format!(
            "the row has {} columns, its text would be in column {}",
            record.len(),
            text_column + 1
        )
    })?;
    let mut fields =
        Fields::from_parts(part(names.id), part(names.title), part(names.date), &text)?;
    fields.notes.extend(replaced);
    Ok(fields)
}

/// The encoding of a row: files that were put together from others have rows of several.
fn encoding_of_row(record: &ByteRecord, of_file: &'static Encoding) -> &'static Encoding {
    let bytes = record.as_slice();
    if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else if of_file == UTF_8 {
        encoding_of(bytes, true)
    } else {
        of_file
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor};

    use super::*;

    fn all(bytes: &[u8]) -> Vec<Piece> {
        with(bytes, ReadOptions::default())
    }

    /// As from a disk, so that the beginning of the file is not all of it.
    fn with(bytes: &[u8], options: ReadOptions) -> Vec<Piece> {
        let file = BufReader::with_capacity(1 << 10, Cursor::new(bytes.to_vec()));
        rows(Box::new(file), options).unwrap().collect()
    }

    fn text(piece: &Piece) -> &str {
        &piece.fields.as_ref().unwrap().text
    }

    #[test]
    fn separators_quotes_and_encodings() {
        let read = all(b"\xef\xbb\xbfID;Headline;Body\n1;A;\"One;\ntwo.\"\n2;B;caf\xc3\xa9\n");
        assert_eq!(text(&read[0]), "One;\ntwo.");
        assert_eq!(read[1].place, Some(4));
        assert_eq!(text(&read[1]), "café");
        let latin = all(b"id,text\n1,Le caf\xe9 de la gare est ferm\xe9\n");
        assert_eq!(text(&latin[0]), "Le café de la gare est fermé");
    }

    #[test]
    fn rows_have_their_lines_whatever_ends_them() {
        let table = "id,text\n1,a\n\n2,\"b\n\nb\"\n3,c\n";
        for table in [table.to_string(), table.replace('\n', "\r\n")] {
            let places: Vec<Option<usize>> =
                all(table.as_bytes()).iter().map(|p| p.place).collect();
            assert_eq!(places, [Some(2), Some(4), Some(7)], "{table:?}");
        }
    }

    #[test]
    fn a_row_may_be_in_another_encoding_than_the_file() {
        let latin = b"9,Le caf\xe9 de la gare est ferm\xe9\n";
        let mut bytes = b"id,text\n".to_vec();
        for _ in 0..100 {
            bytes.extend(b"1,Ana met Bo in Rome.\n");
        }
        bytes.extend(latin);
        bytes.extend("2,Café fermé\n".as_bytes());
        let read = all(&bytes);
        assert_eq!(text(&read[100]), "Le café de la gare est fermé");
        assert_eq!(text(&read[101]), "Café fermé");
        // The other way round: the beginning of the file is not UTF-8, a row below is.
        let utf_8 = "2,Café fermé\n".as_bytes();
        let read = all(&[b"id,text\n", &latin.repeat(50)[..], utf_8].concat());
        assert_eq!(text(&read[0]), "Le café de la gare est fermé");
        assert_eq!(text(&read[50]), "Café fermé");
    }

    #[test]
    fn bytes_that_are_replaced_are_told_in_their_row() {
        let (names, utf_8) = (
            Names::among(&["text".into()], &ReadOptions::default()),
            UTF_8,
        );
        let japanese = encoding_rs::SHIFT_JIS;
        let note = |bytes: &[u8], of_file| {
            let record = ByteRecord::from(vec![bytes]);
            article(&record, of_file, &names, 0).unwrap().notes
        };
        assert_eq!(
            note(b"Rome \xff\xff", japanese),
            ["some bytes are not Shift_JIS and were replaced"]
        );
        assert!(note(b"Rome", japanese).is_empty() && note(b"Rome", utf_8).is_empty());
    }

    #[test]
    fn a_quotation_mark_left_open_does_not_fill_the_memory() {
        let mut bytes = b"id,text\n1,One.\n2,\"Two.\n".to_vec();
        bytes.resize(3 << 20, b'x');
        let limited = ReadOptions {
            max_document_bytes: 1 << 20,
            ..ReadOptions::default()
        };
        let read = with(&bytes, limited.clone());
        assert_eq!((read.len(), read[1].place), (2, Some(3)));
        let message = read[1].fields.as_ref().unwrap_err();
        assert!(message.contains("--max-article-mb"), "{message}");
        // Many rows may be more than one may be.
        let rows = "1,Ana met Bo in Rome.\n".repeat(100_000);
        assert_eq!(
            with(format!("id,text\n{rows}").as_bytes(), limited).len(),
            100_000
        );
    }

    #[test]
    fn wrong_columns_are_told() {
        let wrong = rows(
            Box::new(Cursor::new(b"a,b\n1,2\n".to_vec())),
            ReadOptions::default(),
        );
        assert!(wrong.err().unwrap().contains("It has: a, b"));
        let options = ReadOptions {
            title_field: Some("titel".into()),
            ..ReadOptions::default()
        };
        let read = with(b"title,text\nTalks,Ana left.\n", options);
        let fields = read[0].fields.as_ref().unwrap();
        assert_eq!(
            (fields.title.as_deref(), &fields.notes[..]),
            (
                None,
                &[r#"has no field "titel" for the title; it has: title, text"#.to_string()][..]
            )
        );
    }
}
