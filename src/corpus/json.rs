use std::io::BufRead;

use serde_json::{Map, Value};

use super::decode::{decode, encoding_of};
use super::fields::{Names, TEXT, absent, alike, no_text};
use super::open::{Line, in_single_bytes, read_line};
use super::options::ReadOptions;
use super::piece::{Fields, Piece};
use crate::error::in_words;

/// The articles of a JSON file: one object, a list, or an object that holds one list of objects.
///
/// They are made one by one, and what of the file they were made of is given up.
pub(super) fn pieces(
    bytes: Vec<u8>,
    options: &ReadOptions,
) -> Result<Box<dyn Iterator<Item = Piece> + Send>, String> {
    let (text, note) = decode(&bytes, encoding_of(&bytes, true));
    drop(bytes);
    let value = parse(&text)?;
    drop(text);
    let pieces = of_file(value, options.clone())?;
    let Some(note) = note else {
        return Ok(pieces);
    };
    Ok(Box::new(pieces.map(move |mut piece| {
        if let Ok(fields) = &mut piece.fields
            && fields.is_damaged()
        {
            fields.notes.push(note.clone());
        }
        piece
    })))
}

fn of_file(
    value: Value,
    options: ReadOptions,
) -> Result<Box<dyn Iterator<Item = Piece> + Send>, String> {
    let objects = match value {
        Value::Array(list) => list,
        Value::Object(map) => {
            let own = fields(&map, &options);
            let list = if own.is_ok() { None } else { list_within(map) };
            match list {
                Some(list) => list,
                None => {
                    return Ok(Box::new(std::iter::once(Piece {
                        place: None,
                        fields: own,
                    })));
                }
            }
        }
        _ => return Err("holds no JSON object".into()),
    };
    let objects = objects.into_iter().enumerate();
    Ok(Box::new(objects.map(move |(n, value)| Piece {
        place: Some(n + 1),
        fields: of_value(&value, &options),
    })))
}

/// The first list of objects that an object holds.
fn list_within(map: Map<String, Value>) -> Option<Vec<Value>> {
    map.into_iter().find_map(|(_, value)| match value {
        Value::Array(list) if list.iter().any(Value::is_object) => Some(list),
        _ => None,
    })
}

fn of_value(value: &Value, options: &ReadOptions) -> Result<Fields, String> {
    match value {
        Value::Object(map) => fields(map, options),
        _ => Err("is no JSON object".into()),
    }
}

/// Lone halves of surrogate pairs are no characters; they become the replacement character.
fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).or_else(|error| {
        let mended = mend_surrogates(text);
        serde_json::from_str(&mended).map_err(|_| format!("is no JSON: {error}"))
    })
}

fn mend_surrogates(text: &str) -> String {
    let code = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        let here = at + found;
        out.push_str(&text[at..here]);
        let (taken, kept) = match code(here) {
            Some(0xd800..=0xdbff) if matches!(code(here + 6), Some(0xdc00..=0xdfff)) => (12, None),
            Some(0xd800..=0xdfff) => (6, Some("\\ufffd")),
            _ => (
                1 + text[here + 1..].chars().next().map_or(0, char::len_utf8),
                None,
            ),
        };
        out.push_str(kept.unwrap_or(&text[here..here + taken]));
        at = here + taken;
    }
    out.push_str(&text[at..]);
    out
}

fn fields(map: &Map<String, Value>, options: &ReadOptions) -> Result<Fields, String> {
    let columns: Vec<String> = map
        .iter()
        .filter(|(_, value)| plain(value).is_some())
        .map(|(key, _)| key.clone())
        .collect();
    let names = Names::among(&columns, options);
    let at = |index: Option<usize>, given: &Option<String>| -> Option<String> {
        let value = match index.and_then(|n| columns.get(n)) {
            Some(key) => map.get(key),
            None => given.as_deref().and_then(|path| dotted(map, path)),
        }?;
        plain(value)
    };
    let text = at(names.text, &options.text_field)
        .or_else(|| options.text_field.is_none().then(|| nested_text(map))?)
        .ok_or_else(|| {
            let all: Vec<String> = map.keys().cloned().collect();
            no_text(&all, options)
        })?;
    let mut fields = Fields::from_parts(
        at(names.id, &options.id_field),
        at(names.title, &options.title_field),
        at(names.date, &options.date_field),
        &text,
    )?;
    let keys: Vec<String> = map.keys().cloned().collect();
    fields.notes.extend(absent(&keys, options, |name| {
        keys.iter().any(|key| alike(key, name)) || dotted(map, name).is_some()
    }));
    Ok(fields)
}

/// The text in `{"content": {"body": "..."}}`.
fn nested_text(map: &Map<String, Value>) -> Option<String> {
    let named =
        |map: &Map<String, Value>, name: &str, found: fn(&Value) -> bool| -> Option<Value> {
            let (_, value) = map
                .iter()
                .find(|(key, value)| alike(key, name) && found(value))?;
            Some(value.clone())
        };
    let outer = TEXT
        .iter()
        .find_map(|name| named(map, name, Value::is_object))?;
    let inner = outer.as_object()?;
    let text = TEXT
        .iter()
        .find_map(|name| named(inner, name, |value| plain(value).is_some()))?;
    plain(&text)
}

fn dotted<'v>(map: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut parts = path.split('.');
    let mut value = map.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => {
            let parts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            (!parts.is_empty()).then(|| parts.join("\n\n"))
        }
        _ => None,
    }
}

/// The articles of a JSON lines file, one by one. A broken line fails alone.
pub(super) fn lines(
    reader: Box<dyn BufRead + Send>,
    options: ReadOptions,
) -> Box<dyn Iterator<Item = Piece> + Send> {
    let limit = options.max_document_bytes;
    let mut reader = match in_single_bytes(reader, limit) {
        Ok(reader) => reader,
        Err(e) => {
            return Box::new(std::iter::once(Piece {
                place: None,
                fields: Err(e.to_string()),
            }));
        }
    };
    let mut number = 0;
    let mut ended = false;
    Box::new(std::iter::from_fn(move || {
        while !ended {
            number += 1;
            let fields = match read_line(reader.as_mut(), limit) {
                Ok(Line::None) => return None,
                Ok(Line::Whole(line)) if line.iter().all(u8::is_ascii_whitespace) => continue,
                Ok(Line::Whole(line)) => of_line(&line, &options),
                Ok(Line::TooLong) => Err(format!(
                    "the line is more than {} MB: put each article on its own line, or raise \
                     --max-article-mb",
                    limit >> 20
                )),
                Err(e) => {
                    ended = true;
                    Err(format!("cannot be read on: {}", in_words(&e)))
                }
            };
            return Some(Piece {
                place: Some(number),
                fields,
            });
        }
        None
    }))
}

fn of_line(line: &[u8], options: &ReadOptions) -> Result<Fields, String> {
    let (text, note) = decode(line, encoding_of(line, true));
    let mut fields = of_value(&parse(&text)?, options)?;
    fields.notes.extend(note);
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Piece> {
        lines(
            Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
            ReadOptions::default(),
        )
        .collect()
    }

    fn of_bytes(bytes: &[u8], options: &ReadOptions) -> Vec<Piece> {
        pieces(bytes.to_vec(), options).unwrap().collect()
    }

    #[test]
    fn dates_are_read_as_text_and_as_numbers() {
        let read = all(
            "{\"text\":\"a\",\"date\":1763042400}\n{\"text\":\"a\",\"date\":1763042400000.0}\n\
             {\"text\":\"a\",\"date\":20251113}\n{\"text\":\"a\",\"date\":\"13/11/2025\"}\n\
             {\"text\":\"a\",\"date\":\"31/02/2025\"}\n",
        );
        let fields: Vec<&Fields> = read.iter().map(|p| p.fields.as_ref().unwrap()).collect();
        for fields in &fields[..4] {
            let date = fields.date.map(|date| date.to_string());
            assert_eq!(date.as_deref(), Some("2025-11-13"));
            assert!(fields.notes.is_empty());
        }
        assert_eq!(fields[4].date, None);
        assert_eq!(fields[4].notes, ["date not understood: \"31/02/2025\""]);
    }

    #[test]
    fn broken_lines_fail_alone() {
        let read = all(
            "{\"id\":1,\"text\":\"One.\"}\n\n{broken\n{\"headline\":\"T\",\"body\":\"Two.\",\"pubDate\":\"2020-01-02\"}\n{\"x\":1}\n",
        );
        assert_eq!(
            read.iter().map(|p| p.place).collect::<Vec<_>>(),
            [Some(1), Some(3), Some(4), Some(5)]
        );
        assert_eq!(read[0].fields.as_ref().unwrap().id.as_deref(), Some("1"));
        assert!(read[1].fields.as_ref().unwrap_err().contains("no JSON"));
        assert_eq!(
            read[2].fields.as_ref().unwrap().date.unwrap().to_string(),
            "2020-01-02"
        );
        assert!(
            read[3]
                .fields
                .as_ref()
                .unwrap_err()
                .contains("--text-field")
        );
    }

    #[test]
    fn a_long_line_fails_alone() {
        let long = "x".repeat(2 << 20);
        let text = format!("{{\"text\":\"{long}\"}}\n{{\"text\":\"Two.\"}}\n");
        let options = ReadOptions {
            max_document_bytes: 1 << 20,
            ..ReadOptions::default()
        };
        let reader = Box::new(std::io::Cursor::new(text.into_bytes()));
        let read: Vec<Piece> = lines(reader, options).collect();
        let message = read[0].fields.as_ref().unwrap_err();
        assert!(message.contains("--max-article-mb"), "{message}");
        assert_eq!(read[1].place, Some(2));
        assert_eq!(read[1].fields.as_ref().unwrap().text, "Two.");
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn keys_that_some_rows_lack_are_told_there() {
        let options = ReadOptions {
            title_field: Some("head.line".into()),
            id_field: Some("No".into()),
            ..ReadOptions::default()
        };
        let text =
            "{\"no\":1,\"head\":{\"line\":\"T\"},\"text\":\"a\"}\n{\"no\":null,\"text\":\"b\"}\n";
        let reader = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
        let notes: Vec<Vec<String>> = lines(reader, options)
            .map(|piece| piece.fields.unwrap().notes)
            .collect();
        assert!(notes[0].is_empty(), "{notes:?}");
        assert_eq!(
            notes[1],
            [r#"has no field "head.line" for the title; it has: no, text"#]
        );
    }

    #[test]
    fn bytes_that_are_replaced_are_told_at_their_article() {
        // A mark says UTF-8, and one byte is not.
        let text = b"\xef\xbb\xbf[{\"text\":\"S\xe3o Paulo\"},{\"text\":\"Rome\"}]";
        let read = of_bytes(text, &ReadOptions::default());
        let notes = |n: usize| &read[n].fields.as_ref().unwrap().notes;
        assert_eq!(notes(0)[..], ["some bytes are not UTF-8 and were replaced"]);
        assert!(notes(1).is_empty());
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        let read = all("{\"text\":\"a\\ud800b \\ud83d\\ude00 \\\\ud800\"}");
        assert_eq!(
            read[0].fields.as_ref().unwrap().text,
            "a\u{fffd}b 😀 \\ud800"
        );
    }

    #[test]
    fn lists_and_wrapped_lists() {
        for text in [
            "[{\"text\":\"a\"},{\"text\":\"b\"},7]",
            "{\"n\":3,\"articles\":[{\"text\":\"a\"},{\"text\":\"b\"},7]}",
        ] {
            let read = of_bytes(text.as_bytes(), &ReadOptions::default());
            assert_eq!(read.len(), 3);
            assert!(read[1].fields.is_ok() && read[2].fields.is_err());
        }
        let options = ReadOptions {
            text_field: Some("content.body".into()),
            ..Default::default()
        };
        for options in [options, ReadOptions::default()] {
            let read = of_bytes(b"{\"text\":null,\"content\":{\"body\":\"deep\"}}", &options);
            assert_eq!(read[0].fields.as_ref().unwrap().text, "deep");
        }
    }
}
