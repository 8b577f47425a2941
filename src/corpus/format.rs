use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::decode::odd_at_most;

/// A form articles come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text, one article.
    Text,
    /// Markdown, one article.
    Markdown,
    /// A web page, one article.
    Html,
    /// JSON: an object, or a list of them.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// A table with a header row, comma, semicolon or tab separated.
    Csv,
    /// A PDF with a text layer, one article.
    Pdf,
}

const NAMES: [(&str, Format); 12] = [
    ("txt", Format::Text),
    ("text", Format::Text),
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("json", Format::Json),
    ("jsonl", Format::JsonLines),
    ("ndjson", Format::JsonLines),
    ("csv", Format::Csv),
    ("tsv", Format::Csv),
    ("pdf", Format::Pdf),
];

/// Kinds of files that are not read, though articles may be in them, and what to do about it.
const OTHERS: [(&str, &str); 7] = [
    (
        "doc docx docm dot dotx odt rtf pages wpd wps",
        "a word processor's document: save it as plain text (.txt) or .pdf",
    ),
    (
        "epub mobi azw azw3 fb2",
        "an e-book: save it as plain text (.txt) or .pdf",
    ),
    (
        "eml emlx msg mbox",
        "e-mail: save the text of each article as .txt, .html or .pdf",
    ),
    (
        "xml rss atom nitf newsml nml",
        "XML (a feed, NITF, NewsML or the like): save its articles as .txt, .html, .jsonl or .csv",
    ),
    (
        "xls xlsx xlsm xlsb ods numbers parquet",
        "a table in a form that is not read: save it as .csv",
    ),
    (
        "zip tar tgz 7z rar bz2 xz",
        "an archive or a compressed file of a form that is not read: unpack it",
    ),
    (
        "mht mhtml webarchive warc maff",
        "a web archive: save its pages as .html",
    ),
];

/// What is to be told of a file whose ending says that it is of a kind that is not read.
pub(super) fn other_kind(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let name = unpacked_name(&name).unwrap_or(&name);
    let (_, ending) = name.rsplit_once('.')?;
    let (_, told) = OTHERS
        .iter()
        .find(|(endings, _)| endings.split(' ').any(|known| known == ending))?;
    Some(format!(".{ending} is {told}"))
}

/// Whether a text is a whole web page, whatever its file is called.
pub(super) fn is_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(20).collect();
    let start = start.to_lowercase();
    ["<!doctype html", "<html"]
        .iter()
        .any(|opening| start.starts_with(opening))
}

/// Whether a text is a document in Rich Text Format, whatever its file is called.
pub(super) fn is_rtf(text: &str) -> bool {
    text.starts_with("{\\rtf")
}

/// The name without the ending of a compressed file, if it has one.
pub(super) fn unpacked_name(name: &str) -> Option<&str> {
    [".gz", ".zst"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
}

impl Format {
    /// The format a file's name tells, not looking at a last `.gz` or `.zst`.
    pub fn of_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let name = unpacked_name(&name).unwrap_or(&name);
        let (_, extension) = name.rsplit_once('.')?;
        extension.parse().ok()
    }

    /// The endings that are known, for people: `.txt, .md, ...`.
    pub fn endings() -> String {
        let endings: Vec<String> = NAMES.iter().map(|(name, _)| format!(".{name}")).collect();
        endings.join(", ")
    }

    /// The format that the first bytes of a file look like.
    pub(super) fn of_content(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"%PDF") {
            return Some(Self::Pdf);
        }
        let text = String::from_utf8_lossy(head);
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let lower: String = start.chars().take(512).collect();
        let lower = lower.to_lowercase();
        if is_page(start) || lower.contains("<head") || lower.contains("<html") {
            return Some(Self::Html);
        }
        if is_rtf(start) || lower.starts_with("<?xml") {
            return None;
        }
        if start.starts_with('{') || start.starts_with("[{") {
            let line_ends = start
                .lines()
                .next()
                .is_some_and(|l| l.trim_end().ends_with('}'));
            return Some(if start.starts_with('{') && line_ends {
                Self::JsonLines
            } else {
                Self::Json
            });
        }
        odd_at_most(&text, 20).then_some(Self::Text)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, format)| *format)
            .ok_or_else(|| {
                let known: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
                format!("no format is called {name:?}: {}", known.join(", "))
            })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(_, format)| format == self)
            .map_or("", |(n, _)| n);
        f.pad(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_are_not_read_are_named() {
        for (name, told) in [
            ("a.docx", ".docx is a word processor's document"),
            ("b/A.RTF", ".rtf is a word processor's"),
            ("a.xml.gz", ".xml is XML"),
            ("a.eml", ".eml is e-mail"),
        ] {
            let kind = other_kind(Path::new(name)).unwrap();
            assert!(kind.starts_with(told), "{kind}");
        }
        for (endings, _) in OTHERS {
            for ending in endings.split(' ') {
                assert!(ending.parse::<Format>().is_err(), "{ending} is read");
            }
        }
        assert_eq!(other_kind(Path::new("photo.jpg")), None);
    }

    #[test]
    fn markup_of_other_kinds_is_no_text() {
        for content in ["<?xml version='1.0'?><rss>", "{\\rtf1\\ansi Ana met Bo.}"] {
            assert_eq!(Format::of_content(content.as_bytes()), None, "{content}");
        }
        let page = "<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>";
        assert_eq!(Format::of_content(page.as_bytes()), Some(Format::Html));
    }

    #[test]
    fn pages_are_known_wherever_their_characters_end() {
        for offset in 0..4 {
            let page = format!(
                "<!DOCTYPE html>{}<title>{}</title>",
                " ".repeat(offset),
                "見".repeat(400)
            );
            assert_eq!(
                Format::of_content(page.as_bytes()),
                Some(Format::Html),
                "{offset}"
            );
        }
    }
}
