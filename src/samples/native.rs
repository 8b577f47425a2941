use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Samples;
use super::draft::{Draft, Link};
use super::json::{self, Name};
use crate::annotation::{Coverage, Label, Probability, Sample, Status};
use crate::text::{CharOffsets, Span};

/// A line of the native form. Offsets are Unicode code points.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doc: Option<Name>,
    text: String,
    entities: Vec<Entity>,
    /// Absent: relations were not annotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relations: Option<Vec<Row>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entity {
    id: Name,
    start: usize,
    end: usize,
    #[serde(rename = "type", default)]
    label: Option<Label>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    subject: Name,
    relation: Label,
    object: Name,
    #[serde(default)]
    trigger: Option<(usize, usize)>,
    #[serde(default)]
    status: Option<String>,
    /// `null` is knowledge too: the sentence names no source.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    attributed_to: Option<Option<Name>>,
    /// How likely it holds, from 0 to 1, where a model has labelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f32>,
}

/// Tells a key that is there with `null` from one that is not there.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<Name>>, D::Error> {
    Option::deserialize(from).map(Some)
}

pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    for item in json::items(text) {
        let place = format!("{}:{}", path.display(), item.line);
        read.add(path, item.line, sample(item.json, place));
    }
    read
}

fn sample(line: &str, place: String) -> Result<Sample, String> {
    let line: Line = json::parse(line, "native")?;
    let offsets = CharOffsets::new(&line.text);
    let bytes = |what: &str, start: usize, end: usize| -> Result<Span, String> {
        offsets
            .bytes_of(start, end)
            .ok_or_else(|| format!("{what} at {start}..{end} is empty or lies outside the text"))
    };
    let id = line.id.map_or(place, |id| id.to_string());
    let mut draft = Draft::new(id, line.text.clone());
    draft.doc = line.doc.map(|doc| doc.to_string());
    if line.entities.iter().any(|e| e.label.is_none()) {
        // Without their types, mentions cannot teach what other words are not.
        draft.mention_coverage = Coverage::Listed;
    }
    for e in line.entities {
        let span = bytes(&format!("entity {:?}", e.id.to_string()), e.start, e.end)?;
        draft.mention(e.id.to_string(), span, e.label);
    }
    if line.relations.is_some() {
        draft.relation_coverage = Coverage::Full;
    }
    for row in line.relations.unwrap_or_default() {
        let trigger = row.trigger.map(|(a, b)| bytes("a trigger", a, b));
        let probability = row.probability.map(|p| {
            Probability::new(p).ok_or_else(|| format!("the probability {p} is not from 0 to 1"))
        });
        let probability = probability.transpose()?;
        draft.links.push(Link {
            holds: probability.is_none_or(Probability::is_likely),
            probability,
            trigger: trigger.transpose()?,
            status: row.status.map(|s| s.parse::<Status>()).transpose()?,
            unattributed: matches!(row.attributed_to, Some(None)),
            attributed_to: row.attributed_to.flatten().map(|id| id.to_string()),
            ..Link::new(
                row.subject.to_string(),
                row.relation,
                row.object.to_string(),
            )
        });
    }
    draft.finish()
}

/// Writes samples in the native form, a line each. Relations marked as not holding and known
/// negatives have no place in it and are left out.
///
/// # Errors
/// `out` cannot be written to.
pub fn write_native(out: &mut dyn Write, samples: &[Sample]) -> std::io::Result<()> {
    for sample in samples {
        let offsets = CharOffsets::new(&sample.text);
        let chars = |span: Span| {
            let s = offsets.chars_of(span);
            (s.start, s.end)
        };
        let entities = sample.mentions.iter().map(|m| {
            let (start, end) = chars(m.span);
            Entity {
                id: Name::Text(m.id.clone()),
                start,
                end,
                label: m.label.clone(),
            }
        });
        let name = |n: usize| Some(Name::Text(sample.mentions.get(n)?.id.clone()));
        let rows = sample.relations.iter();
        let rows = rows.filter(|r| r.holds || r.probability.is_some());
        let rows = rows.filter_map(|r| {
            Some(Row {
                subject: name(r.subject)?,
                relation: r.label.clone(),
                object: name(r.object)?,
                trigger: r.trigger.map(chars),
                status: r.status.map(|s| s.as_str().to_string()),
                attributed_to: match r.attributed_to {
                    None => r.unattributed.then_some(None),
                    Some(source) => Some(name(source)),
                },
                probability: r.probability.map(Probability::value),
            })
        });
        let line = Line {
            id: Some(Name::Text(sample.id.clone())),
            doc: Some(Name::Text(sample.doc.clone())),
            text: sample.text.clone(),
            entities: entities.collect(),
            relations: (sample.relation_coverage != Coverage::Nothing).then(|| rows.collect()),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"a","doc":"d","text":"«Ōta» met Ana.","entities":[{"id":"e2","start":10,"end":13,"type":"PER"},{"id":"e1","start":1,"end":4,"type":"PER"}],"relations":[{"subject":"e1","relation":"meets","object":"e2","trigger":[6,9],"status":"claimed","attributed_to":"e2"}]}"#;

    fn read(text: &str) -> Samples {
        super::read(Path::new("x.jsonl"), text)
    }

    #[test]
    fn offsets_are_code_points_and_mentions_in_text_order() {
        let read = read(LINE);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        assert_eq!(s.mentions[0].span.of(&s.text), "Ōta");
        assert_eq!(s.mentions[1].span.of(&s.text), "Ana");
        let r = &s.relations[0];
        assert_eq!((r.subject, r.object, r.attributed_to), (0, 1, Some(1)));
        assert_eq!(r.trigger.unwrap().of(&s.text), "met");
        assert_eq!(r.status, Some(Status::Claimed));
        assert_eq!((s.doc.as_str(), s.relation_coverage), ("d", Coverage::Full));
    }

    #[test]
    fn what_is_written_reads_back() {
        let first = read(LINE).samples;
        let mut out = Vec::new();
        write_native(&mut out, &first).unwrap();
        let line = std::str::from_utf8(&out).unwrap();
        assert!(
            line.contains("\"trigger\":[6,9],\"status\":\"claimed\""),
            "{line}"
        );
        assert_eq!(read(line).samples, first);
        let bare = LINE.replace("[6,9]", "null");
        let mut out = Vec::new();
        write_native(&mut out, &read(&bare).samples).unwrap();
        assert!(
            std::str::from_utf8(&out)
                .unwrap()
                .contains("\"trigger\":null")
        );
    }

    #[test]
    fn a_model_says_how_likely_its_labels_are() {
        let soft = |p: &str| LINE.replace("\"status\"", &format!("\"probability\":{p},\"status\""));
        let first = read(&soft("0.3")).samples;
        let relation = &first[0].relations[0];
        assert!(!relation.holds);
        assert_eq!(relation.probability.map(Probability::value), Some(0.3));
        assert!(read(&soft("0.5")).samples[0].relations[0].holds);
        let mut out = Vec::new();
        write_native(&mut out, &first).unwrap();
        let line = std::str::from_utf8(&out).unwrap();
        assert!(line.contains("\"probability\":0.3"), "{line}");
        assert_eq!(read(line).samples, first);
        for outside in ["1.2", "-0.1", "1e40"] {
            let read = read(&soft(outside));
            assert!(
                read.skipped[0].message.contains("from 0 to 1"),
                "{:?}",
                read.skipped
            );
        }
    }

    #[test]
    fn bad_lines_are_named() {
        let text = [
            LINE,
            "",
            "nonsense",
            &LINE.replace("\"end\":13", "\"end\":99"),
            &LINE.replace("[6,9]", "[6,90]"),
            &LINE.replace("claimed", "perhaps"),
            r#"{"text":"An article without labels."}"#,
        ]
        .join("\n");
        let read = read(&text);
        assert_eq!(read.samples.len(), 1);
        let lines: Vec<usize> = read.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 7]);
        for (skipped, part) in read.skipped.iter().zip([
            "native form",
            "outside the text",
            "a trigger",
            "perhaps",
            "entities",
        ]) {
            assert!(skipped.message.contains(part), "{skipped}");
        }
    }

    #[test]
    fn without_relations_absence_means_nothing() {
        let text = r#"{"id":7,"text":"Ana","entities":[{"id":1,"start":0,"end":3,"type":"PER"}]}"#;
        let read = read(text);
        assert_eq!(read.samples[0].relation_coverage, Coverage::Nothing);
        assert_eq!(read.samples[0].id, "7");
    }
}
