use serde_json::Value;

use super::{Format, conll, json, surface, table};

/// How many items or rows are looked at.
const LOOKED_AT: usize = 200;

/// The form of a file's text, or what to say when it has none that is known here.
pub(super) fn detect(text: &str) -> Result<Format, String> {
    if text.trim_start().starts_with(['{', '['])
        && let Some(format) = of_items(text)
    {
        return Ok(format);
    }
    let columns = table::header(text);
    let has = |names: &[&str]| names.iter().any(|n| columns.iter().any(|c| c == n));
    if has(surface::SENTENCE) && has(surface::RELATION) {
        if has(&["verdict"]) {
            return Ok(Format::Reviewed);
        }
        if has(&["subject_mention"]) {
            return Err(
                "looks like a run's triples.csv, but nobody reviewed it: add a column verdict with \
                 ok, wrong or the right relation's name"
                    .into(),
            );
        }
        if has(surface::SUBJECT) && has(surface::OBJECT) {
            return Ok(Format::Csv);
        }
    }
    let rows = || {
        text.lines()
            .filter(|l| !l.trim().is_empty())
            .filter(|l| !conll::is_document_start(l) && !conll::is_comment(l))
            .take(LOOKED_AT)
    };
    let good = rows().filter(|line| conll::is_row(line)).count();
    if good > 0 && good * 10 >= rows().count() * 9 {
        return Ok(Format::Conll);
    }
    let known = Format::ALL.map(Format::as_str).join(", ");
    Err(format!(
        "holds no samples in a form known here; --format names one of {known}"
    ))
}

/// The form that the first telling item has.
fn of_items(text: &str) -> Option<Format> {
    let mut fallback = None;
    for item in json::items(text).iter().take(LOOKED_AT) {
        let Ok(value) = serde_json::from_str::<Value>(item.json) else {
            continue;
        };
        let found = of_item(&value);
        if found.is_some() {
            return found;
        }
        if value.get("text").is_some() && value.get("entities").is_some() {
            fallback = Some(Format::Native);
        }
    }
    fallback
}

fn of_item(value: &Value) -> Option<Format> {
    if let Some(pair) = value.as_array() {
        let is_pair = matches!(pair.as_slice(), [Value::String(_), Value::Object(_)]);
        return is_pair.then_some(Format::Spacy);
    }
    let first = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_array)
            .and_then(|a| a.first())
    };
    let has = |key: &str| value.get(key).is_some();
    let labels = first("label").or(first("labels"));
    if has("data") && (has("annotations") || has("completions"))
        || labels.is_some_and(|l| l.get("labels").is_some())
    {
        return Some(Format::LabelStudio);
    }
    if first("tokens").is_some_and(Value::is_string) && has("entities") {
        return Some(Format::Spert);
    }
    if let Some(entity) = first("entities").or(first("ents")) {
        return if entity.get("start_offset").is_some() {
            Some(Format::Doccano)
        } else if entity.is_array() || entity.get("label").is_some() {
            Some(Format::Spacy)
        } else {
            Some(Format::Native)
        };
    }
    if has("spans") {
        return Some(Format::Spacy);
    }
    let labelled = value.get("label").or(value.get("labels"));
    (labelled.is_some_and(Value::is_array) && (has("text") || has("data")))
        .then_some(Format::Doccano)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_known_by_its_content() {
        for (format, text) in [
            (
                Format::Native,
                r#"{"id":"a","text":"x","entities":[{"id":"e","start":0,"end":1,"type":"PER"}]}"#,
            ),
            (
                Format::Native,
                "{broken\n{\"id\":\"a\",\"text\":\"x\",\"entities\":[],\"relations\":[]}",
            ),
            (
                Format::Spacy,
                r#"{"text":"x","spans":[],"answer":"accept"}"#,
            ),
            (Format::Spacy, r#"{"text":"x","entities":[[0,1,"PER"]]}"#),
            (Format::Spacy, r#"[["x",{"entities":[[0,1,"PER"]]}]]"#),
            (
                Format::Spert,
                "[\n{\"tokens\":[\"x\"],\"entities\":[],\"relations\":[]}]",
            ),
            (Format::Doccano, r#"{"id":1,"text":"x","label":[]}"#),
            (Format::Doccano, r#"{"text":"x","labels":[[0,1,"PER"]]}"#),
            (
                Format::Doccano,
                r#"{"text":"x","entities":[{"id":1,"label":"PER","start_offset":0,"end_offset":1}]}"#,
            ),
            (
                Format::LabelStudio,
                r#"[{"id":1,"data":{"text":"x"},"annotations":[]}]"#,
            ),
            (
                Format::LabelStudio,
                r#"[{"text":"x","label":[{"start":0,"end":1,"labels":["PER"]}]}]"#,
            ),
            (
                Format::Csv,
                "id;Sentence;Subject;Relation;Object\n1;a;b;c;d\n",
            ),
            (
                Format::Reviewed,
                "subject,relation,object,sentence,verdict\n",
            ),
            (
                Format::Conll,
                "-DOCSTART- -X- O\n\n# id 1\n[ O\nAna B-PER\n",
            ),
            (Format::Conll, "[ O\nAna B-PER\n"),
        ] {
            assert_eq!(detect(text), Ok(format), "{text}");
        }
    }

    #[test]
    fn an_unreviewed_table_is_told() {
        let text = "subject,relation,object,subject_mention,sentence\n";
        assert!(detect(text).unwrap_err().contains("verdict"));
        assert!(
            detect("A page of prose, with commas.")
                .unwrap_err()
                .contains("conll")
        );
    }
}
