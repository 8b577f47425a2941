use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::Samples;
use super::draft::{Draft, Link, span_of};
use super::json::{self, Name};
use crate::annotation::{Coverage, Label, Sample};
use crate::text::CharOffsets;

/// A line of Prodigy's or spaCy's making. Offsets are code points.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<Name>,
    text: String,
    #[serde(default)]
    tokens: Vec<Place>,
    #[serde(default, alias = "entities", alias = "ents")]
    spans: Option<Vec<Marked>>,
    #[serde(default)]
    relations: Option<Vec<Row>>,
    #[serde(default)]
    answer: Option<String>,
    #[serde(default)]
    meta: Option<Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Place {
    start: usize,
    end: usize,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Marked {
    Triple(usize, usize, Label),
    Object {
        start: usize,
        end: usize,
        label: Label,
    },
}

impl Marked {
    fn parts(self) -> (Place, Label) {
        match self {
            Self::Triple(start, end, label) | Self::Object { start, end, label } => {
                (Place { start, end }, label)
            }
        }
    }
}

/// Head is the subject, child the object; both are positions in the list of tokens.
#[derive(Debug, Deserialize)]
struct Row {
    head: usize,
    child: usize,
    label: Label,
    #[serde(default)]
    head_span: Option<Place>,
    #[serde(default)]
    child_span: Option<Place>,
}

/// Reads JSON lines (or an array) of `{"text", "spans"}` as Prodigy writes them, with its relations;
/// of `{"text", "entities"}`; and of spaCy's pairs `[text, {"entities": [[start, end, label]]}]`.
pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    for item in json::items(text) {
        let place = format!("{}:{}", path.display(), item.line);
        read.add_passage(path, item.line, sample(item.json, place));
    }
    read
}

fn line(json: &str) -> Result<Line, String> {
    if !json.starts_with('[') {
        return json::parse(json, "Prodigy or spaCy");
    }
    let (text, mut rest): (String, serde_json::Map<String, Value>) =
        json::parse(json, "spaCy pair")?;
    rest.insert("text".into(), Value::String(text));
    serde_json::from_value(Value::Object(rest))
        .map_err(|e| format!("is no sample in the spaCy pair form: {e}"))
}

fn sample(json: &str, place: String) -> Result<Sample, String> {
    let line = line(json)?;
    if let Some(answer) = line.answer.filter(|a| a != "accept") {
        return Err(format!(
            "was answered with {answer:?} in Prodigy, not accepted"
        ));
    }
    let spans = line.spans.ok_or("has neither \"spans\" nor \"entities\"")?;
    let offsets = CharOffsets::new(&line.text);
    let mut draft = Draft::new(
        line.id.map_or(place, |id| id.to_string()),
        line.text.clone(),
    );
    let meta = |key: &str| Some(line.meta.as_ref()?.get(key)?.as_str()?.to_string());
    draft.doc = meta("doc").or_else(|| meta("doc_id"));
    for (n, marked) in spans.into_iter().enumerate() {
        let (place, label) = marked.parts();
        let span = span_of(&line.text, &offsets, "a span", place.start, place.end)?;
        draft.mention(n.to_string(), span, Some(label));
    }
    if line.relations.is_some() {
        draft.relation_coverage = Coverage::Full;
    }
    for row in line.relations.unwrap_or_default() {
        let end = |token: usize, span: Option<Place>| -> Result<String, String> {
            let place = span
                .or_else(|| line.tokens.get(token).copied())
                .ok_or_else(|| format!("a relation names token {token}, which is not there"))?;
            let span = span_of(
                &line.text,
                &offsets,
                "a relation's end",
                place.start,
                place.end,
            )?;
            let known = draft
                .mentions
                .iter()
                .find(|m| m.span == span)
                .or_else(|| draft.mentions.iter().find(|m| m.span.contains(span)));
            match known {
                Some(mention) => Ok(mention.id.clone()),
                None => Err(format!(
                    "a relation ends at {:?}, which is not marked as a span",
                    span.of(&line.text)
                )),
            }
        };
        let (head, child) = (
            end(row.head, row.head_span)?,
            end(row.child, row.child_span)?,
        );
        draft.links.push(Link::new(head, row.label, child));
    }
    draft.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODIGY: &str = r#"{"text":"Ōta Li met Bo.","tokens":[{"text":"Ōta","start":0,"end":3,"id":0},{"text":"Li","start":4,"end":6,"id":1},{"text":"met","start":7,"end":10,"id":2},{"text":"Bo","start":11,"end":13,"id":3}],"spans":[{"start":0,"end":6,"token_start":0,"token_end":1,"label":"PER"},{"start":11,"end":13,"label":"PER"}],"relations":[{"head":3,"child":1,"label":"meets","head_span":{"start":11,"end":13,"label":"PER"}}],"answer":"accept","meta":{"doc":"d9"}}"#;

    #[test]
    fn prodigy_relations_run_from_head_to_child() {
        let read = read(Path::new("x.jsonl"), PRODIGY);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        assert_eq!(s.mentions[0].span.of(&s.text), "Ōta Li");
        assert_eq!((s.relations[0].subject, s.relations[0].object), (1, 0));
        assert_eq!(s.doc, "d9");
    }

    #[test]
    fn spacy_forms() {
        for text in [
            r#"{"text":"Ōta met Bo.","entities":[[0,3,"PER"]]}"#,
            r#"{"text":"Ōta met Bo.","spans":[{"start":0,"end":3,"label":"PER"}]}"#,
            r#"["Ōta met Bo.",{"entities":[[0,3,"PER"]]}]"#,
            r#"[["Ōta met Bo.",{"entities":[[0,3,"PER"]]}]]"#,
        ] {
            let read = read(Path::new("x.jsonl"), text);
            assert!(read.skipped.is_empty(), "{:?}", read.skipped);
            let s = &read.samples[0];
            assert_eq!(s.mentions[0].span.of(&s.text), "Ōta");
            assert_eq!(s.relation_coverage, Coverage::Nothing);
        }
    }

    #[test]
    fn what_was_not_accepted_is_told() {
        let text = [
            PRODIGY.replace("accept", "reject"),
            PRODIGY.replace("\"child\":1", "\"child\":2"),
            PRODIGY.replace("\"child\":1", "\"child\":22"),
            r#"{"text":"Ōta met Bo."}"#.to_string(),
        ]
        .join("\n");
        let read = read(Path::new("x.jsonl"), &text);
        let parts = ["reject", "\"met\"", "token 22", "spans"];
        assert_eq!(read.skipped.len(), parts.len());
        for (skipped, part) in read.skipped.iter().zip(parts) {
            assert!(skipped.message.contains(part), "{skipped}");
        }
    }
}
