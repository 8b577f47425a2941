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

    /// The format that the first bytes of a file look like.
    pub(super) fn of_content(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"%PDF") {
            return Some(Self::Pdf);
        }
        let text = String::from_utf8_lossy(head);
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let lower: String = start.chars().take(512).collect();
        let lower = lower.to_lowercase();
        if lower.starts_with("<!doctype html")
            || lower.starts_with("<html")
            || lower.contains("<head")
        {
            return Some(Self::Html);
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
