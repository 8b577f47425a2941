//! Offsets count Unicode code points of the text in texts.jsonl, and name exactly the words that the
//! row shows.

use std::collections::HashMap;
use std::path::Path;

use crate::support::{Workplace, samples_run, texts};
use crate::table::{Row, read_table};

/// The code points of a text from `start` to `end`, with line breaks as spaces, as cells have them.
fn cut(text: &[char], start: usize, end: usize) -> String {
    let breaks = [
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ];
    assert!(start < end && end <= text.len(), "{start}..{end}");
    text[start..end]
        .iter()
        .map(|c| if breaks.contains(c) { ' ' } else { *c })
        .collect()
}

/// Checks all offsets of a run, and gives the number of mentions.
fn check(run: &Path) -> usize {
    let texts: HashMap<String, Vec<char>> = texts(run)
        .into_iter()
        .map(|(id, text)| (id, text.chars().collect()))
        .collect();
    let check = |row: &Row, shown: &str, start: &str, end: &str| {
        let text = &texts[row.get("doc_id")];
        let cut = cut(text, row.number(start), row.number(end));
        assert_eq!(
            row.get(shown).trim_start_matches('\''),
            cut.trim_start_matches('\'')
        );
    };
    let mentions = read_table(&run.join("mentions.csv"));
    for row in mentions.rows() {
        check(&row, "text", "start", "end");
    }
    for row in read_table(&run.join("triples.csv")).rows() {
        check(&row, "subject_mention", "subject_start", "subject_end");
        check(&row, "object_mention", "object_start", "object_end");
        if !row.get("trigger_start").is_empty() {
            check(&row, "trigger", "trigger_start", "trigger_end");
        }
    }
    mentions.rows().len()
}

#[test]
fn on_the_sample_articles() {
    assert!(check(samples_run()) > 50, "the model finds no mentions");
}

#[test]
fn on_characters_of_more_than_one_byte() {
    let place = Workplace::new();
    for (name, between) in [
        ("emoji.txt", " 🎉🇦🇱👩‍👩‍👧 "),
        ("no-break-space.txt", "\u{a0}"),
        ("combining.txt", " e\u{301}a\u{308}\u{323} "),
        ("crlf.txt", "\r\n"),
        ("cyrillic.txt", " в Києві "),
    ] {
        let sentence = "Edi Rama of Albania accused Iran in Tirana.";
        let article = format!(
            "{}{between}{sentence} ",
            "Émile Çela met Angela Merkel in Zürich."
        );
        place.input(name, article.repeat(3));
    }
    place.extract(&[]).success();
    assert!(check(&place.out()) > 10, "the model finds no mentions");
}
