use std::path::Path;

use super::Samples;
use super::draft::{Draft, joined};
use crate::annotation::{Label, Sample};
use crate::text::Span;

/// One token with its tag.
struct Row<'t> {
    token: &'t str,
    /// `B` of `B-PER`; `O` outside mentions.
    prefix: char,
    label: &'t str,
}

impl<'t> Row<'t> {
    /// The first and the last of at least two columns, separated by tabs or else by spaces.
    fn parse(line: &'t str) -> Option<Self> {
        let (token, tag) = if line.contains('\t') {
            let line = line.trim_end();
            (line.split('\t').next()?, line.rsplit_once('\t')?.1)
        } else {
            let line = line.trim_matches(' ');
            (line.split(' ').next()?, line.rsplit_once(' ')?.1)
        };
        let (prefix, label) = tag_parts(tag.trim())?;
        (!token.is_empty()).then_some(Self {
            token,
            prefix,
            label,
        })
    }

    fn ends(&self) -> bool {
        "ELSUWO".contains(self.prefix)
    }
}

/// Whether a line could be a row of columns: at least two, the last one a tag.
pub(super) fn is_row(line: &str) -> bool {
    Row::parse(line).is_some()
}

/// A tag's prefix and type: `B-PER` is `('B', "PER")`, `O` is `('O', "")`.
fn tag_parts(tag: &str) -> Option<(char, &str)> {
    if tag == "O" {
        return Some(('O', ""));
    }
    let (prefix, label) = tag.split_once(['-', '_'])?;
    let mut chars = prefix.chars();
    let prefix = chars
        .next()
        .filter(|c| "BIMELSUW".contains(*c) && chars.next().is_none())?;
    (!label.is_empty()).then_some((prefix, label))
}

/// Whether a line begins a new document.
pub(super) fn is_document_start(line: &str) -> bool {
    line.starts_with("-DOCSTART-") || line.starts_with("# newdoc")
}

/// Whether a line speaks about the rows, as in CoNLL-U files.
pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with("# ") && !is_row(line)
}

/// Reads token-per-line columns, a sample a sentence. A sentence with a row that is none cannot be
/// used. Without document lines each sentence is its own document.
pub(super) fn read(path: &Path, text: &str) -> Samples {
    let mut read = Samples::default();
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let documented = text.lines().any(is_document_start);
    let (mut document, mut sentence) = (0, 0);
    let mut open: Vec<Row<'_>> = Vec::new();
    let mut broken = false;
    for (n, line) in text.lines().chain([""]).enumerate() {
        if line.trim().is_empty() || is_document_start(line) {
            if !open.is_empty() || broken {
                sentence += 1;
                if !broken {
                    let doc = documented.then(|| format!("{name}#{document}"));
                    let made = sample(format!("{name}:s{sentence}"), doc, &open);
                    read.add(path, n, made);
                }
                open.clear();
                broken = false;
            }
            document += usize::from(is_document_start(line));
        } else if let Some(row) = Row::parse(line) {
            open.push(row);
        } else if !is_comment(line) && !broken {
            broken = true;
            read.skip(
                path,
                n + 1,
                format!(
                    "{line:?} is no token with a tag such as O or B-PER; its sentence is left out"
                ),
            );
        }
    }
    read
}

/// IOB1, BIO, BIOES and BILOU are all read by conlleval's one rule: a mention begins at B, S, U or
/// W, where the type changes, or after a token that ends one; it ends after E, L, S, U or W.
fn sample(id: String, doc: Option<String>, rows: &[Row<'_>]) -> Result<Sample, String> {
    let (text, tokens) = joined(rows.iter().map(|row| row.token));
    let mut draft = Draft::new(id, text);
    draft.doc = doc;
    let mut open: Option<(Span, &str)> = None;
    for (row, &token) in rows.iter().zip(&tokens) {
        let goes_on = !"BSUWO".contains(row.prefix);
        open = match open {
            Some((span, label)) if goes_on && label == row.label => {
                Some((Span::new(span.start, token.end), label))
            }
            other => {
                close(&mut draft, other);
                (row.prefix != 'O').then_some((token, row.label))
            }
        };
        if row.ends() {
            close(&mut draft, open.take());
        }
    }
    close(&mut draft, open);
    draft.tokens = tokens;
    draft.finish()
}

fn close(draft: &mut Draft, mention: Option<(Span, &str)>) {
    if let Some((span, label)) = mention {
        let id = format!("e{}", draft.mentions.len() + 1);
        draft.mention(id, span, Some(Label::from(label)));
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
                    m.span.of(&s.text).into(),
                    m.label.clone().unwrap().to_string(),
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
        let wanted = pairs(&[
            ("New York", "LOC"),
            ("Ana", "PER"),
            ("Bo", "PER"),
            ("X", "ORG"),
        ]);
        for tags in [
            ["B-LOC", "I-LOC", "O", "B-PER", "B-PER", "B-ORG"],
            ["I-LOC", "I-LOC", "O", "I-PER", "B-PER", "I-ORG"],
            ["B-LOC", "E-LOC", "O", "S-PER", "S-PER", "S-ORG"],
            ["B-LOC", "L-LOC", "O", "U-PER", "U-PER", "U-ORG"],
        ] {
            let words = ["New", "York", "saw", "Ana", "Bo", "X"];
            let text: String = words
                .iter()
                .zip(tags)
                .map(|(w, t)| format!("{w} NN {t}\n"))
                .collect();
            assert_eq!(mentions(&text), wanted, "{tags:?}");
        }
    }

    #[test]
    fn tags_out_of_order_are_read_as_conlleval_reads_them() {
        let text = "a I-PER\nb E-PER\nc I-PER\nd I-LOC\ne O\nf E-LOC\n";
        let wanted = [("a b", "PER"), ("c", "PER"), ("d", "LOC"), ("f", "LOC")];
        assert_eq!(mentions(text), pairs(&wanted));
    }

    #[test]
    fn documents_and_bad_rows_are_told() {
        let text = "-DOCSTART- -X- O\n\nAna B-PER\n\n-DOCSTART- -X- O\n\n# id 3\nBo B-PER\n\nCy B-PER\nbroken\nalso\n\nDi B-PER";
        let read = read(Path::new("x.conll"), text);
        let told: Vec<_> = read
            .samples
            .iter()
            .map(|s| (s.id.as_str(), s.doc.as_str(), s.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("x.conll:s1", "x.conll#1", "Ana"),
                ("x.conll:s2", "x.conll#2", "Bo"),
                ("x.conll:s4", "x.conll#2", "Di"),
            ]
        );
        assert_eq!(read.skipped.len(), 1);
        assert_eq!(read.skipped[0].line, 11);
    }

    #[test]
    fn tokens_keep_their_own_spaces_and_texts_are_joined_by_one() {
        let read = read(Path::new("x"), "10\u{a0}000\tO\n#\tO\nTirana\tNNP\tB-LOC\n");
        let s = &read.samples[0];
        assert_eq!(s.text, "10\u{a0}000 # Tirana");
        assert_eq!(s.tokens.len(), 3);
        assert_eq!(s.tokens[2].of(&s.text), "Tirana");
        assert_eq!(s.doc, s.id);
    }
}
