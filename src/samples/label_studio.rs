use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Samples;
use super::draft::{Draft, Link, span_of};
use super::json::{self, Name};
use crate::annotation::{Coverage, Label, Sample};
use crate::text::{CharOffsets, Span};

/// A task of the JSON export, or of the JSON-MIN export, which has the text at the top.
#[derive(Debug, Deserialize)]
struct Task {
    #[serde(default)]
    id: Option<Name>,
    #[serde(default)]
    data: Option<Map<String, Value>>,
    #[serde(default, alias = "completions")]
    annotations: Option<Vec<Annotation>>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    label: Option<Vec<Marked>>,
}

#[derive(Debug, Deserialize)]
struct Annotation {
    #[serde(default)]
    was_cancelled: bool,
    #[serde(default)]
    result: Vec<Region>,
}

/// A marked span, or a relation of two.
#[derive(Debug, Deserialize)]
struct Region {
    #[serde(default)]
    id: Option<String>,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    from_id: Option<String>,
    #[serde(default)]
    to_id: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    labels: Option<Vec<Label>>,
}

#[derive(Debug, Deserialize)]
struct Marked {
    start: usize,
    end: usize,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
}

/// Reads Label Studio's JSON or JSON-MIN export of a text project.
pub(super) fn read(path: &Path, text: &str) -> Samples {
    let items = json::items(text);
    // Whether the project marks relations at all.
    let related = items.iter().any(|i| i.json.contains("\"from_id\""));
    let mut read = Samples::default();
    for item in items {
        let place = format!("{}:{}", path.display(), item.line);
        let made = json::parse::<Task>(item.json, "Label Studio").and_then(|task| {
            let others = task.usable().count().saturating_sub(1);
            if others > 0 {
                let message = format!("has {} annotations; the first is read", others + 1);
                read.skip(path, item.line, message);
            }
            sample(task, place, related)
        });
        read.add_passage(path, item.line, made);
    }
    read
}

impl Task {
    fn usable(&self) -> impl Iterator<Item = &Annotation> {
        let all = self.annotations.iter().flatten();
        all.filter(|a| !a.was_cancelled)
    }

    /// The text: `data.text`, or else the only string of the data.
    fn text(&self) -> Result<&str, String> {
        if let Some(text) = &self.text {
            return Ok(text);
        }
        let data = self.data.as_ref().ok_or("has no \"data\"")?;
        if let Some(text) = data.get("text").and_then(Value::as_str) {
            return Ok(text);
        }
        let mut strings = data.values().filter_map(Value::as_str);
        match (strings.next(), strings.next()) {
            (Some(text), None) => Ok(text),
            _ => Err("its \"data\" has no \"text\"".into()),
        }
    }

    fn data_string(&self, keys: &[&str]) -> Option<String> {
        let data = self.data.as_ref()?;
        let found = keys.iter().find_map(|key| data.get(*key)?.as_str())?;
        Some(found.to_string())
    }
}

fn sample(task: Task, place: String, related: bool) -> Result<Sample, String> {
    let text = task.text()?.to_string();
    let offsets = CharOffsets::new(&text);
    let id = task.id.as_ref().map(Name::to_string);
    let mut draft = Draft::new(place, text.clone());
    draft.doc = task.data_string(&["doc_id", "doc"]).or(id);
    if let Some(marked) = &task.label {
        for (n, m) in marked.iter().enumerate() {
            mention(&mut draft, &offsets, &n.to_string(), m)?;
        }
        return draft.finish();
    }
    if related {
        draft.relation_coverage = Coverage::Full;
    }
    let annotation = task.usable().next().ok_or("has no annotation")?;
    for region in &annotation.result {
        if region.kind == "relation" {
            links(&mut draft, region)?;
        } else if region.kind.ends_with("labels") {
            let value = region.value.clone().unwrap_or_default();
            let marked: Marked = serde_json::from_value(value).map_err(|e| {
                format!("a marked region is no span of plain text with labels: {e}")
            })?;
            let id = region.id.as_deref().ok_or("a marked region has no id")?;
            mention(&mut draft, &offsets, id, &marked)?;
        }
    }
    draft.finish()
}

fn links(draft: &mut Draft, region: &Region) -> Result<(), String> {
    let (Some(from), Some(to)) = (&region.from_id, &region.to_id) else {
        return Err("a relation lacks from_id or to_id".into());
    };
    let (subject, object) = match region.direction.as_deref() {
        Some("left") => (to, from),
        _ => (from, to),
    };
    let labels = region.labels.as_deref().unwrap_or_default();
    if labels.is_empty() {
        return Err("a relation has no label".into());
    }
    for label in labels {
        let link = Link::new(subject.as_str(), label.clone(), object.as_str());
        draft.links.push(link);
    }
    Ok(())
}

fn mention(
    draft: &mut Draft,
    offsets: &CharOffsets<'_>,
    id: &str,
    marked: &Marked,
) -> Result<(), String> {
    let span = place(&draft.text, offsets, marked)?;
    match marked.labels.as_slice() {
        [label] => draft.mention(id, span, Some(label.clone())),
        labels => {
            return Err(format!(
                "{:?} has {} types",
                span.of(&draft.text),
                labels.len()
            ));
        }
    }
    Ok(())
}

/// Label Studio counts code points in some versions and JavaScript's UTF-16 units in others; the
/// string it gives beside the offsets tells which.
fn place(text: &str, offsets: &CharOffsets<'_>, marked: &Marked) -> Result<Span, String> {
    let by_points = span_of(text, offsets, "a region", marked.start, marked.end);
    let Some(given) = marked.text.as_deref().map(str::trim) else {
        return by_points;
    };
    let by_units = Span::new(utf16_byte(text, marked.start), utf16_byte(text, marked.end));
    let candidates = by_points
        .clone()
        .into_iter()
        .chain([by_units.trimmed(text)]);
    let same = |a: &str| a.split_whitespace().eq(given.split_whitespace());
    for span in candidates {
        if !span.is_empty() && same(span.of(text)) {
            return Ok(span);
        }
    }
    Err(format!(
        "a region is said to read {given:?}, but the text at {}..{} reads {:?}",
        marked.start,
        marked.end,
        by_points.map(|s| s.of(text)).unwrap_or_default()
    ))
}

/// The byte at which a number of UTF-16 units ends.
fn utf16_byte(text: &str, units: usize) -> usize {
    let mut counted = 0;
    for (byte, c) in text.char_indices() {
        if counted >= units {
            return byte;
        }
        counted += c.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = r#"{"id":4,"data":{"text":"😀 Ōta met Bo.","doc_id":"d"},"annotations":[{"was_cancelled":true,"result":[]},{"result":[
        {"id":"b","type":"labels","value":{"start":11,"end":13,"text":"Bo","labels":["PER"]}},
        {"id":"a","type":"labels","value":{"start":2,"end":5,"text":"Ōta","labels":["PER"]}},
        {"from_id":"b","to_id":"a","type":"relation","direction":"left","labels":["meets"]}]}]}"#;

    fn read(text: &str) -> Samples {
        super::read(Path::new("x.json"), text)
    }

    #[test]
    fn both_ways_of_counting_are_understood() {
        // "Bo" is given in UTF-16 units, "Ōta" in code points.
        let read = read(&format!("[{TASK}]"));
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        let words: Vec<&str> = s.mentions.iter().map(|m| m.span.of(&s.text)).collect();
        assert_eq!(words, ["Ōta", "Bo"]);
        assert_eq!((s.relations[0].subject, s.relations[0].object), (0, 1));
        assert_eq!((s.doc.as_str(), s.relation_coverage), ("d", Coverage::Full));
    }

    #[test]
    fn the_short_export() {
        let text = r#"[{"text":"Ōta met Bo.","id":1,"label":[{"start":0,"end":3,"text":"Ōta","labels":["PER"]}]}]"#;
        let s = &read(text).samples[0];
        assert_eq!(s.mentions[0].span.of(&s.text), "Ōta");
        assert_eq!(s.relation_coverage, Coverage::Nothing);
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let text = format!(
            "[{},\n{},\n{},\n{}]",
            TASK.replace("\"Bo\"", "\"Bob\""),
            TASK.replace("[\"meets\"]", "[]"),
            r#"{"id":5,"data":{"text":"Ana"},"annotations":[]}"#,
            TASK.replace("\"was_cancelled\":true", "\"was_cancelled\":false"),
        );
        let read = read(&text);
        let parts = ["\"Bob\"", "no label", "no annotation", "2 annotations"];
        assert_eq!(read.skipped.len(), parts.len());
        for (skipped, part) in read.skipped.iter().zip(parts) {
            assert!(skipped.message.contains(part), "{skipped}");
        }
        assert_eq!(read.skipped[1].line, 5);
        assert_eq!(read.samples.len(), 1);
    }
}
