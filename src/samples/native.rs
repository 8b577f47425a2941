use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Samples, Skipped};
use crate::annotation::{Coverage, Label, Sample, SampleMention, SampleRelation, Status};
use crate::text::{CharOffsets, Span};

/// A line of the native form. Offsets are Unicode code points.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doc: Option<String>,
    text: String,
    #[serde(default)]
    entities: Vec<Entity>,
    /// Absent: relations were not annotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relations: Option<Vec<Link>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entity {
    id: String,
    start: usize,
    end: usize,
    #[serde(rename = "type", default)]
    label: Option<Label>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Link {
    subject: String,
    relation: Label,
    object: String,
    #[serde(default)]
    trigger: Option<(usize, usize)>,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attributed_to: Option<String>,
}

pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    for (n, line) in text
        .lines()
        .enumerate()
        .filter(|(_, l)| !l.trim().is_empty())
    {
        match sample(line, &format!("{}:{}", path.display(), n + 1)) {
            Ok(sample) => read.samples.push(sample),
            Err(message) => read.skipped.push(Skipped {
                path: path.to_path_buf(),
                line: n + 1,
                message,
            }),
        }
    }
    read
}

fn sample(line: &str, place: &str) -> Result<Sample, String> {
    let line: Line = serde_json::from_str(line).map_err(|e| format!("not a sample: {e}"))?;
    let offsets = CharOffsets::new(&line.text);
    let mut mentions = Vec::with_capacity(line.entities.len());
    for e in line.entities {
        let span = offsets.bytes_of(e.start, e.end).ok_or_else(|| {
            format!(
                "entity {:?} at {}..{} lies outside the text",
                e.id, e.start, e.end
            )
        })?;
        if mentions.iter().any(|m: &SampleMention| m.id == e.id) {
            return Err(format!("two entities are called {:?}", e.id));
        }
        mentions.push(SampleMention {
            id: e.id,
            span,
            label: e.label,
        });
    }
    mentions.sort_by_key(|m| (m.span.start, m.span.end));
    let find = |id: &str| {
        mentions
            .iter()
            .position(|m| m.id == id)
            .ok_or_else(|| format!("a relation names the entity {id:?}, which is not listed"))
    };
    let coverage = if line.relations.is_some() {
        Coverage::Full
    } else {
        Coverage::Nothing
    };
    let mut relations = Vec::new();
    for link in line.relations.unwrap_or_default() {
        relations.push(SampleRelation {
            subject: find(&link.subject)?,
            object: find(&link.object)?,
            label: link.relation,
            trigger: link.trigger.and_then(|(a, b)| offsets.bytes_of(a, b)),
            status: link.status,
            attributed_to: link.attributed_to.as_deref().map(find).transpose()?,
            holds: true,
        });
    }
    let id = line.id.unwrap_or_else(|| place.to_string());
    Ok(Sample {
        doc: line.doc.unwrap_or_else(|| id.clone()),
        id,
        text: line.text,
        tokens: Vec::new(),
        mentions,
        mention_coverage: Coverage::Full,
        relations,
        relation_coverage: coverage,
        unrelated: Vec::new(),
    })
}

/// Writes samples in the native form, a line each.
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
        let name = |n: usize| {
            sample
                .mentions
                .get(n)
                .map(|m| m.id.clone())
                .unwrap_or_default()
        };
        let line = Line {
            id: Some(sample.id.clone()),
            doc: Some(sample.doc.clone()),
            text: sample.text.clone(),
            entities: sample
                .mentions
                .iter()
                .map(|m| Entity {
                    id: m.id.clone(),
                    start: chars(m.span).0,
                    end: chars(m.span).1,
                    label: m.label.clone(),
                })
                .collect(),
            relations: (sample.relation_coverage != Coverage::Nothing).then(|| {
                sample
                    .relations
                    .iter()
                    .filter(|r| r.holds)
                    .map(|r| Link {
                        subject: name(r.subject),
                        relation: r.label.clone(),
                        object: name(r.object),
                        trigger: r.trigger.map(chars),
                        status: r.status,
                        attributed_to: r.attributed_to.map(name),
                    })
                    .collect()
            }),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"a","text":"«Ōta» met Ana.","entities":[{"id":"e2","start":10,"end":13,"type":"PER"},{"id":"e1","start":1,"end":4,"type":"PER"}],"relations":[{"subject":"e1","relation":"meets","object":"e2","trigger":[6,9],"status":"asserted"}]}"#;

    #[test]
    fn offsets_are_code_points_and_mentions_in_text_order() {
        let read = read(Path::new("x.jsonl"), LINE);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        assert_eq!(s.mentions[0].span.of(&s.text), "Ōta");
        assert_eq!(s.mentions[1].span.of(&s.text), "Ana");
        assert_eq!((s.relations[0].subject, s.relations[0].object), (0, 1));
        assert_eq!(s.relations[0].trigger.unwrap().of(&s.text), "met");
    }

    #[test]
    fn what_is_written_reads_back() {
        let first = read(Path::new("x.jsonl"), LINE).samples;
        let mut out = Vec::new();
        write_native(&mut out, &first).unwrap();
        let second = read(Path::new("x.jsonl"), std::str::from_utf8(&out).unwrap()).samples;
        assert_eq!(first, second);
    }

    #[test]
    fn bad_lines_are_named() {
        let text = format!(
            "{LINE}\n\nnonsense\n{}\n",
            LINE.replace("\"end\":13", "\"end\":99")
        );
        let read = read(Path::new("x.jsonl"), &text);
        assert_eq!(read.samples.len(), 1);
        assert_eq!(
            read.skipped.iter().map(|s| s.line).collect::<Vec<_>>(),
            [3, 4]
        );
        assert!(read.skipped[1].message.contains("outside the text"));
    }
}
