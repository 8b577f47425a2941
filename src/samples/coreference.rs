use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::annotation::{Coreferences, Link, ReferenceKind, Wording};
use crate::error::{Error, Result};
use crate::text::{CharOffsets, Span};

/// A line of a file of chains, in one of two forms.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    /// Ours: each mention with its words' kind and its chain, or `null`. Offsets are code points.
    Mentions {
        id: String,
        text: String,
        mentions: Vec<Mention>,
    },
    /// OntoGUM's: words, and clusters of their spans (first word, word after the last).
    Clusters {
        id: String,
        tokens: Vec<String>,
        clusters: Vec<Vec<(usize, usize)>>,
    },
}

#[derive(Deserialize)]
struct Mention {
    start: usize,
    end: usize,
    kind: String,
    chain: Option<String>,
}

const PRONOUNS: [&str; 16] = [
    "he",
    "him",
    "his",
    "himself",
    "she",
    "her",
    "hers",
    "herself",
    "it",
    "its",
    "itself",
    "they",
    "them",
    "their",
    "theirs",
    "themselves",
];

/// Reads documents whose mentions are put into chains: a JSON line each, in this project's form
/// (`id`, `text`, `mentions` with `start`, `end`, `kind`, `chain`) or OntoGUM's (`id`, `tokens`,
/// `clusters`).
///
/// # Errors
/// The file cannot be read, or a line has neither form.
pub fn read_coreferences(path: &Path) -> Result<Vec<Coreferences>> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| {
            read_line(line).map_err(|e| {
                Error::format(
                    format!("{}:{}", path.display(), n + 1),
                    format!("holds no chains: {e}"),
                )
            })
        })
        .collect()
}

fn read_line(line: &str) -> Result<Coreferences, String> {
    match serde_json::from_str(line).map_err(|e| e.to_string())? {
        Line::Mentions { id, text, mentions } => {
            let mut chains = HashMap::new();
            let offsets = CharOffsets::new(&text);
            let links = mentions
                .into_iter()
                .map(|mention| {
                    let place = |at| offsets.byte_of(at).ok_or("an offset is past the text");
                    let span = Span::new(place(mention.start)?, place(mention.end)?);
                    if span.is_empty() {
                        return Err("a mention has no words".into());
                    }
                    let next = chains.len();
                    let chain = mention
                        .chain
                        .map(|name| *chains.entry(name).or_insert(next));
                    let wording = match mention.kind.as_str() {
                        "name" => Wording::Name,
                        "pronoun" => Wording::Reference(ReferenceKind::Pronoun),
                        "nominal" => Wording::Reference(ReferenceKind::Nominal),
                        other => return Err(format!("no kind of words is called {other:?}")),
                    };
                    Ok(Link {
                        span,
                        wording,
                        chain,
                    })
                })
                .collect::<Result<_, String>>()?;
            Ok(Coreferences { id, text, links })
        }
        Line::Clusters {
            id,
            tokens,
            clusters,
        } => from_words(id, &tokens, &clusters),
    }
}

fn from_words(
    id: String,
    tokens: &[String],
    clusters: &[Vec<(usize, usize)>],
) -> Result<Coreferences, String> {
    let mut text = String::new();
    let mut places = Vec::with_capacity(tokens.len());
    for token in tokens {
        if !text.is_empty() {
            text.push(' ');
        }
        places.push(Span::new(text.len(), text.len() + token.len()));
        text.push_str(token);
    }
    let mut links = Vec::new();
    for (chain, cluster) in clusters.iter().enumerate() {
        for &(from, to) in cluster {
            let words = tokens.get(from..to).filter(|words| !words.is_empty());
            let words = words.ok_or_else(|| format!("{id} has no words {from} to {to}"))?;
            let span = Span::new(places[from].start, places[to - 1].end);
            if span.is_empty() {
                return Err(format!("{id} has an empty word {from}"));
            }
            links.push(Link {
                span,
                wording: wording_of(words),
                chain: Some(chain),
            });
        }
    }
    links.sort_by_key(|link| (link.span.start, link.span.end));
    Ok(Coreferences { id, text, links })
}

/// OntoGUM does not tell names from other phrases: what ends in a capitalised word is taken for one.
fn wording_of(words: &[String]) -> Wording {
    let last = words.last().map_or("", String::as_str);
    if words.len() == 1 && PRONOUNS.contains(&last.to_lowercase().as_str()) {
        Wording::Reference(ReferenceKind::Pronoun)
    } else if last.starts_with(char::is_uppercase) {
        Wording::Name
    } else {
        Wording::Reference(ReferenceKind::Nominal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chains(line: &str) -> Vec<(String, Wording, Option<usize>)> {
        let read = read_line(line).unwrap();
        let texts = read.links.iter().map(|link| {
            let words = link.span.of(&read.text).to_string();
            (words, link.wording, link.chain)
        });
        texts.collect()
    }

    #[test]
    fn both_forms_give_chains() {
        let own = r#"{"id":"a","text":"Só Lee won. He left.","mentions":[
            {"start":0,"end":6,"kind":"name","chain":"Lee"},
            {"start":12,"end":14,"kind":"pronoun","chain":"Lee"}]}"#;
        let words = r#"{"id":"a","tokens":["Só","Lee","won",".","He","left","."],"clusters":[[[0,2],[4,5]]]}"#;
        let expected = vec![
            ("Só Lee".into(), Wording::Name, Some(0)),
            (
                "He".into(),
                Wording::Reference(ReferenceKind::Pronoun),
                Some(0),
            ),
        ];
        assert_eq!(chains(&own.replace('\n', "")), expected);
        assert_eq!(chains(words), expected);
    }

    #[test]
    fn what_points_past_the_text_is_refused() {
        let words = r#"{"id":"a","tokens":["Lee"],"clusters":[[[0,2]]]}"#;
        assert!(read_line(words).unwrap_err().contains("no words 0 to 2"));
        let own = r#"{"id":"a","text":"Lee","mentions":[{"start":0,"end":9,"kind":"name","chain":null}]}"#;
        assert!(read_line(own).unwrap_err().contains("past the text"));
    }

    #[test]
    fn a_mention_without_words_is_refused() {
        for line in [
            r#"{"id":"a","text":"Lee","mentions":[{"start":2,"end":2,"kind":"name","chain":null}]}"#,
            r#"{"id":"a","text":"Lee","mentions":[{"start":2,"end":1,"kind":"name","chain":null}]}"#,
            r#"{"id":"a","tokens":["Lee",""],"clusters":[[[1,2]]]}"#,
        ] {
            assert!(read_line(line).is_err(), "{line}");
        }
    }
}
