use std::path::Path;
use std::time::SystemTime;

use super::date::dated_name;
use super::decode::{decode, encoding_of, is_text};
use super::format::{is_page, is_rtf, other_kind};
use super::open::{open, read_all};
use super::options::ReadOptions;
use super::piece::{Fields, Piece};
use super::{Format, Source, csv, html, json, markdown, pdf, text};
use crate::error::in_words;
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
            let longest = options.max_text_bytes;
            let mut pieces = pieces.peekable();
            if pieces.peek().is_none() {
                // A file of no articles has its row, too.
                let nothing = Piece {
                    place: None,
                    fields: Ok(Fields::default()),
                };
                return Box::new(std::iter::once(item(&source, nothing, date, longest)));
            }
            let before = state(&source);
            let end = source.clone();
            let last = std::iter::once_with(move || changed(&end, before)).flatten();
            let items = pieces.map(move |piece| item(&source, piece, date, longest));
            Box::new(items.chain(last))
        }
        Err(message) => Box::new(std::iter::once(Item::Failed(failure(
            source, None, message,
        )))),
    }
}

/// How long a file is and when it was last written to; `None` where there is none any more.
fn state(source: &Source) -> Option<(u64, Option<SystemTime>)> {
    let about = std::fs::metadata(source.path.as_deref()?).ok()?;
    Some((about.len(), about.modified().ok()))
}

/// That a file of many articles was written to while they were read: some may be missing, or cut.
fn changed(source: &Source, before: Option<(u64, Option<SystemTime>)>) -> Option<Item> {
    let now = state(source)?;
    let message = "was changed while it was read; run the command again without --resume";
    (before != Some(now)).then(|| Item::Failed(failure(source, None, message.into())))
}

const NO_TEXT: &str = "is no text: if it is an article, save it as .txt, .html or .pdf";

const RTF: &str = "is a word processor's document (RTF), whatever its name: save it as plain text";

type Pieces = Box<dyn Iterator<Item = Piece> + Send>;

fn open_pieces(source: &Source, options: &ReadOptions) -> Result<Pieces, String> {
    let told = |e: std::io::Error| format!("cannot be read: {}", in_words(&e));
    let mut reader = open(source, options.max_bytes).map_err(told)?;
    // What cannot be unpacked at all is told here: some decoders say it once, and then end.
    let head = reader.fill_buf().map_err(told)?;
    let format = match options.format_hint.or(source.format) {
        Some(format) => format,
        None => {
            if let Some(told) = source.path.as_deref().and_then(other_kind) {
                return Err(told);
            }
            Format::of_content(head).ok_or(NO_TEXT)?
        }
    };
    match format {
        Format::JsonLines => return Ok(json::lines(reader, options.clone())),
        Format::Csv => return csv::rows(reader, options.clone()),
        _ => {}
    }
    let advice = "save its articles apart or as .jsonl";
    let bytes = read_all(reader, options.max_document_bytes, advice).map_err(told)?;
    if format == Format::Json {
        return json::pieces(bytes, options);
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
        Format::Markdown => markdown::fields(content)?,
        Format::Html if !content.trim().is_empty() => html::fields(&content)?,
        Format::Text if is_page(&content) => html::fields(&content)?,
        Format::Text if is_rtf(&content) => return Err(RTF.into()),
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

/// The article of a piece, whose text may have `longest` bytes.
fn item(source: &Source, piece: Piece, date: Option<jiff::civil::Date>, longest: u64) -> Item {
    match piece.fields {
        Ok(mut fields) => {
            let id = fields
                .id
                .take()
                .unwrap_or_else(|| placed(&source.id, piece.place));
            let source_file = placed(&source.name, piece.place);
            let document = fields.into_document(id, source_file, date);
            if document.text.len() as u64 <= longest {
                return Item::Document(document);
            }
            Item::Failed(Failure {
                id: document.id,
                source_file: document.source_file,
                message: format!(
                    "has more than {} MB of text: split it, or raise --max-text-mb",
                    longest >> 20
                ),
            })
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
    use crate::corpus::Inputs;
    use std::io::Write;

    fn read_file(name: &str, bytes: &[u8]) -> Vec<Item> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let source = Inputs::below(&[path], None).sources.remove(0).unwrap();
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
    fn a_file_of_articles_that_changes_meanwhile_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let lines = "{\"text\":\"Ana left.\"}\n".repeat(3);
        for (now, told) in [(lines.as_str(), 0), ("", 1)] {
            std::fs::write(&path, &lines).unwrap();
            let found = Inputs::below(std::slice::from_ref(&path), None);
            let source = found.sources.into_iter().next().unwrap().unwrap();
            let mut items = read(&source, &ReadOptions::default());
            assert!(matches!(items.next(), Some(Item::Document(_))));
            if now != lines {
                std::fs::write(&path, now).unwrap();
            }
            let rest: Vec<Item> = items.collect();
            assert_eq!(rest.len(), 2 + told);
            assert!(told == 0 || message(&rest).contains("changed while it was read"));
        }
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
        let source = Inputs::below(&[path], None).sources.remove(0).unwrap();
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
    fn other_kinds_are_told_even_if_named() {
        for (name, content, told) in [
            ("a.docx", &b"PK\x03\x04"[..], "word processor"),
            ("a.rtf", b"{\\rtf1 Ana met Bo.}", "word processor"),
            ("a.txt", b"{\\rtf1 Ana met Bo.}", "RTF"),
            ("feed.xml", b"<?xml version='1.0'?><rss>", "XML"),
            ("feed", b"<?xml version='1.0'?><rss>", "no text"),
        ] {
            let items = read_file(name, content);
            assert!(message(&items).contains(told), "{name}: {items:?}");
        }
        let page = b"<!DOCTYPE html><html><body><p>Ana met Bo.</p></body></html>";
        assert_eq!(document(&read_file("a.txt", page)).text, "Ana met Bo.");
    }

    #[test]
    fn a_dateline_dates_what_nothing_else_does() {
        let article = b"Talks end\n\nROME, Nov. 13, 2025 (Agency) -- Ana met Bo.\n";
        for (name, date) in [("a.txt", "2025-11-13"), ("2025-11-14-a.txt", "2025-11-14")] {
            let items = read_file(name, article);
            assert_eq!(document(&items).date.unwrap().to_string(), date, "{name}");
        }
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
