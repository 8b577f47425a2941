use std::path::Path;

use serde::Deserialize;

use super::Samples;
use super::draft::{Draft, Link, joined};
use super::json::{self, Name};
use crate::annotation::{Coverage, Label, Sample};
use crate::text::Span;

#[derive(Debug, Deserialize)]
struct Line {
    tokens: Vec<String>,
    entities: Vec<Entity>,
    #[serde(default)]
    relations: Option<Vec<Row>>,
    #[serde(default, alias = "id")]
    orig_id: Option<Name>,
}

/// `start..end` in tokens.
#[derive(Debug, Deserialize)]
struct Entity {
    #[serde(rename = "type")]
    label: Label,
    start: usize,
    end: usize,
}

/// Head is the subject; both are positions in the list of entities.
#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "type")]
    label: Label,
    head: usize,
    tail: usize,
}

/// Reads SpERT's JSON: the tokens, joined by spaces, are the text.
pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    for item in json::items(text) {
        let place = format!("{}:{}", path.display(), item.line);
        read.add(path, item.line, sample(item.json, place));
    }
    read
}

fn sample(json: &str, place: String) -> Result<Sample, String> {
    let line: Line = json::parse(json, "SpERT")?;
    let (text, tokens) = joined(line.tokens.iter().map(String::as_str));
    let mut draft = Draft::new(line.orig_id.map_or(place, |id| id.to_string()), text);
    for (n, e) in line.entities.into_iter().enumerate() {
        let span = tokens
            .get(e.start..e.end)
            .and_then(|of| Some(Span::new(of.first()?.start, of.last()?.end)))
            .ok_or_else(|| {
                format!(
                    "entity {n} at tokens {}..{} is empty or lies outside the {} tokens",
                    e.start,
                    e.end,
                    tokens.len()
                )
            })?;
        draft.mention(n.to_string(), span, Some(e.label));
    }
    if line.relations.is_some() {
        draft.relation_coverage = Coverage::Full;
    }
    for row in line.relations.unwrap_or_default() {
        let link = Link::new(row.head.to_string(), row.label, row.tail.to_string());
        draft.links.push(link);
    }
    draft.tokens = tokens;
    draft.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_offsets_become_spans() {
        let text = r#"[{"tokens":["Ana","Ōta","met","Bo","."],
            "entities":[{"type":"PER","start":3,"end":4},{"type":"PER","start":0,"end":2}],
            "relations":[{"type":"meets","head":1,"tail":0}],"orig_id":7},
            {"tokens":["Bo"],"entities":[{"type":"PER","start":0,"end":2}],"relations":[]},
            {"tokens":["Bo"],"entities":[{"type":"PER","start":0,"end":1}],"relations":[{"type":"x","head":0,"tail":3}]}]"#;
        let read = read(Path::new("x.json"), text);
        let s = &read.samples[0];
        assert_eq!((s.id.as_str(), s.text.as_str()), ("7", "Ana Ōta met Bo ."));
        assert_eq!(s.mentions[0].span.of(&s.text), "Ana Ōta");
        assert_eq!((s.relations[0].subject, s.relations[0].object), (0, 1));
        assert_eq!(s.tokens.len(), 5);
        let lines: Vec<usize> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [4, 5]);
        assert!(read.skipped[0].message.contains("tokens 0..2"));
    }
}
