use std::path::Path;

use super::date::dated_name;
use super::decode::{decode, encoding_of, is_text};
use super::open::{open, read_all};
use super::options::ReadOptions;
use super::piece::{Fields, Piece};
use super::{Format, Source, csv, html, json, markdown, pdf, text};
use crate::text::Document;

/// An input, or an article in it, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The id it would have had.
    pub id: String,
    /// Its file, and the line or number in it.
    pub source_file: String,
    /// Why, and what to do about it.
    pub message: String,
}

/// One article of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Read.
    Document(Document),
    /// Not read.
    Failed(Failure),
}

/// The articles of one input, read as they are asked for.
pub type Items = Box<dyn Iterator<Item = Item> + Send>;

/// Reads an input. Files of many articles are streamed.
pub fn read(source: &Source, options: &ReadOptions) -> Items {
    match open_pieces(source, options) {
        Ok(pieces) => {
            let source = source.clone();
            let date = dated_name(&source.id);
            let mut pieces = pieces.peekable();
            if pieces.peek().is_none() {
                // A file of no articles has its row, too.
                let nothing = Piece {
                    place: None,
                    fields: Ok(Fields::default()),
                };
                return Box::new(std::iter::once(item(&source, nothing, date)));
            }
            Box::new(pieces.map(move |piece| item(&source, piece, date)))
        }
        Err(message) => Box::new(std::iter::once(Item::Failed(failure(
            source, None, message,
        )))),
    }
}

const NO_TEXT: &str = "is no text: if it is an article, save it as .txt, .html or .pdf";

type Pieces = Box<dyn Iterator<Item = Piece> + Send>;

fn open_pieces(source: &Source, options: &ReadOptions) -> Result<Pieces, String> {
    let told = |e: std::io::Error| format!("cannot be read: {e}");
    let mut reader = open(source, options.max_bytes).map_err(told)?;
    // What cannot be unpacked at all is told here: some decoders say it once, and then end.
    let head = reader.fill_buf().map_err(told)?;
    let format = match options.format_hint.or(source.format) {
        Some(format) => format,
        None => Format::of_content(head).ok_or(NO_TEXT)?,
    };
    match format {
        Format::JsonLines => return Ok(json::lines(reader, options.clone())),
        Format::Csv => return csv::rows(reader, options.clone()),
        _ => {}
    }
    let advice = "save its articles apart or as .jsonl";
    let bytes = read_all(reader, options.max_document_bytes, advice).map_err(told)?;
    if format == Format::Json {
        return Ok(Box::new(json::pieces(&bytes, options)?.into_iter()));
    }
    if format == Format::Pdf {
        return one(pdf::fields(bytes)?);
    }
    let encoding = encoding_of(&bytes, true);
    if !is_text(&bytes, encoding) {
        return Err(NO_TEXT.into());
    }
    let (content, note) = decode(&bytes, encoding);
    let mut fields = match format {
        Format::Markdown => markdown::fields(&content),
        Format::Html if !content.trim().is_empty() => html::fields(&content)?,
        _ => text::fields(content),
    };
    fields.notes.extend(note);
    one(fields)
}

fn one(fields: Fields) -> Result<Pieces, String> {
    Ok(Box::new(std::iter::once(Piece {
        place: None,
        fields: Ok(fields),
    })))
}

fn item(source: &Source, piece: Piece, date: Option<jiff::civil::Date>) -> Item {
    match piece.fields {
        Ok(mut fields) => {
            let id = fields
                .id
                .take()
                .unwrap_or_else(|| placed(&source.id, piece.place));
            Item::Document(fields.into_document(id, placed(&source.name, piece.place), date))
        }
        Err(message) => Item::Failed(failure(source, piece.place, message)),
    }
}

fn failure(source: &Source, place: Option<usize>, message: String) -> Failure {
    Failure {
        id: placed(&source.id, place),
        source_file: placed(&source.name, place),
        message,
    }
}

fn placed(name: &str, place: Option<usize>) -> String {
    place.map_or_else(|| name.to_string(), |n| format!("{name}:{n}"))
}

impl Source {
    /// Whether the input holds one article, to be read as a whole.
    pub fn is_single(&self, options: &ReadOptions) -> bool {
        let format = options.format_hint.or(self.format);
        self.path.as_deref().is_some_and(Path::is_file)
            && !matches!(
                format,
                Some(Format::Json | Format::JsonLines | Format::Csv) | None
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::discover;
    use std::io::Write;

    fn read_file(name: &str, bytes: &[u8]) -> Vec<Item> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let source = discover(&[path], None).remove(0).unwrap();
        read(&source, &ReadOptions::default()).collect()
    }

    fn document(items: &[Item]) -> &Document {
        match &items[0] {
            Item::Document(document) => document,
            Item::Failed(failure) => panic!("{failure:?}"),
        }
    }

    fn message(items: &[Item]) -> &str {
        items
            .iter()
            .find_map(|i| match i {
                Item::Failed(failure) => Some(failure.message.as_str()),
                Item::Document(_) => None,
            })
            .unwrap()
    }

    #[test]
    fn compressed_text_with_a_dated_name() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(b"Talks fail\n\nAna left.\n").unwrap();
        let items = read_file("2020-01-02-talks.txt.gz", &gz.finish().unwrap());
        let d = document(&items);
        assert_eq!(
            (d.id.as_str(), d.title.as_deref()),
            ("2020-01-02-talks.txt", Some("Talks fail"))
        );
        assert_eq!(d.date.unwrap().to_string(), "2020-01-02");
        assert_eq!(d.text, "Talks fail\n\nAna left.");
        let zst = zstd::encode_all(&b"Bo stayed."[..], 1).unwrap();
        assert_eq!(document(&read_file("a.txt.zst", &zst)).text, "Bo stayed.");
    }

    #[test]
    fn what_is_cut_short_fails_and_what_came_before_is_kept() {
        let lines: String = (0..9000)
            .map(|n| {
                format!(
                    "{{\"id\":{n},\"text\":\"Ana met Bo {}.\"}}\n",
                    n * 7919 % 9973
                )
            })
            .collect();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(lines.as_bytes()).unwrap();
        let bytes = gz.finish().unwrap();
        let items = read_file("a.jsonl.gz", &bytes[..bytes.len() / 2]);
        assert!(items.len() > 1000);
        assert!(message(&items).contains("cannot be read on"));
    }

    #[test]
    fn bombs_hit_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt.zst");
        std::fs::write(
            &path,
            zstd::encode_all(&vec![b'a'; 4 << 20][..], 1).unwrap(),
        )
        .unwrap();
        let source = discover(&[path], None).remove(0).unwrap();
        let options = ReadOptions {
            max_bytes: 1 << 20,
            ..Default::default()
        };
        let items: Vec<Item> = read(&source, &options).collect();
        assert!(message(&items).contains("more than 1 MB"), "{items:?}");
    }

    #[test]
    fn content_tells_where_the_name_does_not() {
        assert_eq!(
            document(&read_file("story", b"Ana met Bo.")).text,
            "Ana met Bo."
        );
        assert_eq!(
            document(&read_file("story.dat", b"{\"text\":\"Ana met Bo.\"}\n")).text,
            "Ana met Bo."
        );
        assert!(
            message(&read_file("photo.bin", &[0u8, 159, 146, 150].repeat(50))).contains("no text")
        );
    }

    #[test]
    fn an_empty_file_is_an_empty_document() {
        for name in ["a.txt", "a.html", "a.md", "a.jsonl"] {
            assert_eq!(document(&read_file(name, b"")).text, "", "{name}");
        }
        for (name, content) in [("a.json", "[]"), ("a.csv", "title,text\n")] {
            assert_eq!(
                document(&read_file(name, content.as_bytes())).text,
                "",
                "{name}"
            );
        }
    }
}
