use std::path::Path;

use super::{Samples, Skipped};
use crate::annotation::{Coverage, Label, Sample, SampleMention};
use crate::text::Span;

/// Whether a line could be a row of columns: at least two, the last one a tag.
pub(super) fn is_row(line: &str) -> bool {
    let mut columns = line.split_whitespace();
    let (first, last) = (columns.next(), columns.next_back());
    first.is_some() && last.is_some_and(|tag| parse(tag).is_some())
}

/// A tag's prefix and type: `B-PER` is `('B', "PER")`, `O` is `('O', "")`.
fn parse(tag: &str) -> Option<(char, &str)> {
    if tag == "O" {
        return Some(('O', ""));
    }
    let (prefix, label) = tag.split_once(['-', '_'])?;
    let mut chars = prefix.chars();
    let prefix = chars
        .next()
        .filter(|c| "BIOESLUW".contains(*c) && chars.next().is_none())?;
    (!label.is_empty()).then_some((prefix, label))
}

/// Reads token-per-line columns. IOB1, BIO, BIOES and BILOU are all read by one rule: a mention
/// begins at B, S, U or W, where the type changes, or after O; it ends after E, L, S, U or W.
pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut document = 0;
    let mut open: Vec<(&str, char, &str)> = Vec::new();
    for (n, line) in text.lines().chain([""]).enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with("-DOCSTART-") {
            if !open.is_empty() {
                let id = format!("{name}#{}", read.samples.len() + 1);
                read.samples
                    .push(sample(id, format!("{name}#doc{document}"), &open));
                open.clear();
            }
            document += usize::from(line.starts_with("-DOCSTART-"));
            continue;
        }
        let token = line.split_whitespace().next();
        let tag = line.split_whitespace().next_back().and_then(parse);
        match (token, tag) {
            (Some(token), Some((prefix, label))) if line.split_whitespace().nth(1).is_some() => {
                open.push((token, prefix, label));
            }
            _ => read.skipped.push(Skipped {
                path: path.to_path_buf(),
                line: n + 1,
                message: format!("{line:?} is no token with a tag such as O or B-PER"),
            }),
        }
    }
    read
}

fn sample(id: String, doc: String, rows: &[(&str, char, &str)]) -> Sample {
    let mut text = String::new();
    let mut tokens = Vec::with_capacity(rows.len());
    for (token, _, _) in rows {
        if !text.is_empty() {
            text.push(' ');
        }
        tokens.push(Span::new(text.len(), text.len() + token.len()));
        text.push_str(token);
    }
    let mut mentions: Vec<SampleMention> = Vec::new();
    let mut going_on: Option<&str> = None;
    for ((_, prefix, label), token) in rows.iter().zip(&tokens) {
        if *prefix == 'O' {
            going_on = None;
            continue;
        }
        let begins = "BSUW".contains(*prefix) || going_on != Some(label);
        match mentions.last_mut().filter(|_| !begins) {
            Some(mention) => mention.span.end = token.end,
            None => mentions.push(SampleMention {
                id: format!("e{}", mentions.len() + 1),
                span: *token,
                label: Some(Label::from(*label)),
            }),
        }
        going_on = (!"ELSUW".contains(*prefix)).then_some(label);
    }
    Sample {
        id,
        doc,
        text,
        tokens,
        mentions,
        mention_coverage: Coverage::Full,
        relations: Vec::new(),
        relation_coverage: Coverage::Nothing,
        unrelated: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> Vec<(String, String)> {
        let read = read(Path::new("x.conll"), text);
        assert!(read.skipped.is_empty(), "{:?}", read.skipped);
        let s = &read.samples[0];
        s.mentions
            .iter()
            .map(|m| {
                (
                    m.span.of(&s.text).to_string(),
                    m.label.as_ref().unwrap().to_string(),
                )
            })
            .collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(a, b)| (a.to_string(), b.to_string()))
            .collect()
    }

    #[test]
    fn all_tag_schemes_give_the_same_mentions() {
        let wanted = pairs(&[("New York", "LOC"), ("Ana", "PER"), ("Bo", "PER")]);
        for tags in [
            ["B-LOC", "I-LOC", "O", "B-PER", "B-PER"],
            ["I-LOC", "I-LOC", "O", "I-PER", "B-PER"],
            ["B-LOC", "E-LOC", "O", "S-PER", "S-PER"],
            ["B-LOC", "L-LOC", "O", "U-PER", "U-PER"],
        ] {
            let words = ["New", "York", "saw", "Ana", "Bo"];
            let text: String = words
                .iter()
                .zip(tags)
                .map(|(w, t)| format!("{w} NN {t}\n"))
                .collect();
            assert_eq!(mentions(&text), wanted, "{tags:?}");
        }
    }

    #[test]
    fn documents_and_bad_rows_are_told() {
        let text = "-DOCSTART- -X- O\n\nAna B-PER\n\n-DOCSTART- -X- O\n\nBo B-PER\nbroken\n";
        let read = read(Path::new("x.conll"), text);
        assert_eq!(
            read.samples
                .iter()
                .map(|s| s.doc.as_str())
                .collect::<Vec<_>>(),
            ["x.conll#doc1", "x.conll#doc2"]
        );
        assert_eq!(read.skipped[0].line, 8);
    }
}
