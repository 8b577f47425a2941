use std::path::Path;

use serde::Deserialize;

use super::Samples;
use super::draft::{Draft, Link, span_of};
use super::json::{self, Name};
use crate::annotation::{Coverage, Label, Sample};
use crate::text::CharOffsets;

/// A line of doccano's export, of sequence labelling with or without relations. Offsets are code
/// points.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<Name>,
    #[serde(alias = "data")]
    text: String,
    #[serde(default, alias = "labels")]
    label: Option<Vec<(usize, usize, Label)>>,
    #[serde(default)]
    entities: Option<Vec<Entity>>,
    #[serde(default)]
    relations: Option<Vec<Row>>,
}

#[derive(Debug, Deserialize)]
struct Entity {
    id: Name,
    label: Label,
    start_offset: usize,
    end_offset: usize,
}

#[derive(Debug, Deserialize)]
struct Row {
    from_id: Name,
    to_id: Name,
    #[serde(rename = "type")]
    label: Label,
}

pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    for item in json::items(text) {
        let place = format!("{}:{}", path.display(), item.line);
        read.add_passage(path, item.line, sample(item.json, place));
    }
    read
}

fn sample(json: &str, place: String) -> Result<Sample, String> {
    let line: Line = json::parse(json, "doccano")?;
    let offsets = CharOffsets::new(&line.text);
    if line.label.is_none() && line.entities.is_none() {
        return Err("has neither \"label\" nor \"entities\"".into());
    }
    let mut draft = Draft::new(place, line.text.clone());
    if let Some(id) = line.id {
        draft.doc = Some(id.to_string());
    }
    for (n, (start, end, label)) in line.label.unwrap_or_default().into_iter().enumerate() {
        let span = span_of(&line.text, &offsets, "a label", start, end)?;
        draft.mention(format!("l{n}"), span, Some(label));
    }
    for e in line.entities.unwrap_or_default() {
        let what = format!("entity {}", e.id);
        let span = span_of(&line.text, &offsets, &what, e.start_offset, e.end_offset)?;
        draft.mention(e.id.to_string(), span, Some(e.label));
    }
    if line.relations.is_some() {
        draft.relation_coverage = Coverage::Full;
    }
    for row in line.relations.unwrap_or_default() {
        let link = Link::new(row.from_id.to_string(), row.label, row.to_id.to_string());
        draft.links.push(link);
    }
    draft.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_exports_are_read() {
        let text = r#"{"id":1,"text":"Ōta met Bo.","label":[[8,10,"PER"],[0,4,"PER"]]}
{"id":2,"text":"Ōta met Bo.","entities":[{"id":9,"label":"PER","start_offset":0,"end_offset":3},{"id":10,"label":"PER","start_offset":8,"end_offset":10}],"relations":[{"id":1,"from_id":9,"to_id":10,"type":"meets"}],"Comments":[]}
{"id":3,"text":"Ōta","label":[[0,4,"PER"]]}
{"id":4,"text":"Ōta"}"#;
        let read = read(Path::new("x.jsonl"), text);
        let s = &read.samples[0];
        assert_eq!(s.mentions[0].span.of(&s.text), "Ōta");
        assert_eq!(s.relation_coverage, Coverage::Nothing);
        let s = &read.samples[1];
        assert_eq!((s.relations[0].subject, s.relations[0].object), (0, 1));
        assert_eq!((s.relation_coverage, s.doc.as_str()), (Coverage::Full, "2"));
        let lines: Vec<usize> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [3, 4]);
    }
}
