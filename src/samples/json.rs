//! JSON files as items with line numbers, so that one broken sample does not cost the others.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One top-level value of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item<'t> {
    /// 1-based line where it begins.
    pub line: usize,
    pub json: &'t str,
}

/// The lines of JSON lines, the elements of one array, or values that follow each other. Nothing
/// but white space and commas is left out, broken items included.
pub(super) fn items(text: &str) -> Vec<Item<'_>> {
    if is_lines(text) {
        return text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(n, line)| Item {
                line: n + 1,
                json: line.trim(),
            })
            .collect();
    }
    let skip_blank = |at: usize| {
        let rest = &text[at..];
        at + rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_whitespace() || c == ',')
                .len()
    };
    let mut at = skip_blank(0);
    let mut inside = text[at..].starts_with('[');
    at += usize::from(inside);
    let mut items = Vec::new();
    let (mut line, mut counted) = (1, 0);
    loop {
        at = skip_blank(at);
        let rest = &text[at..];
        if rest.is_empty() {
            return items;
        }
        if inside && rest.starts_with(']') {
            inside = false;
            at += 1;
            continue;
        }
        line += text[counted..at].matches('\n').count();
        counted = at;
        let end = value_end(rest).unwrap_or(rest.len());
        items.push(Item {
            line,
            json: rest[..end].trim_end(),
        });
        at += end;
    }
}

/// Whether each line is an item of its own: a single line that is no array of samples, or lines most
/// of which are whole values.
fn is_lines(text: &str) -> bool {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let whole = |line: &&str| line.starts_with(['{', '[']) && value_end(line) == Some(line.len());
    let Some(first) = lines().next() else {
        return true;
    };
    let pair = first
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('"'));
    match lines().nth(1) {
        None => pair || first.starts_with('{'),
        Some(_) if first.starts_with('[') => whole(&first),
        Some(_) => whole(&first) || lines().filter(whole).count() * 2 >= lines().count(),
    }
}

/// Where the value that `text` begins with ends; `None` when it does not.
fn value_end(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, c) in text.char_indices() {
        if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            if quoted || depth > 0 {
                continue;
            }
            return Some(at + 1);
        }
        match c {
            '"' => quoted = true,
            '{' | '[' => depth += 1,
            '}' | ']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            // A bare word or number ends before these.
            ',' | '}' | ']' | '\n' if depth == 0 => return Some(at.max(1)),
            _ => {}
        }
    }
    (depth == 0 && !quoted).then_some(text.len())
}

/// Parses an item, or says what is wrong with it.
pub(super) fn parse<'de, T: Deserialize<'de>>(json: &'de str, form: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|e| {
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        format!(
            "is no sample in the {form} form: {message} (column {})",
            e.column()
        )
    })
}

/// An id: text or a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Text(String),
    Number(serde_json::Number),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(usize, &str)> {
        items(text).iter().map(|i| (i.line, i.json)).collect()
    }

    #[test]
    fn lines_arrays_and_pretty_printed_values() {
        assert_eq!(
            read("\n{\"a\":1}\nbroken {\n{\"b\":2}\n"),
            [(2, "{\"a\":1}"), (3, "broken {"), (4, "{\"b\":2}")]
        );
        assert_eq!(
            read("[\n {\"a\": \"]}\\\"\"},\n\n {\n \"b\": [2]\n }\n]\n"),
            [(2, "{\"a\": \"]}\\\"\"}"), (4, "{\n \"b\": [2]\n }")]
        );
        assert_eq!(
            read("[{\"a\":1},{\"b\":2}]"),
            [(1, "{\"a\":1}"), (1, "{\"b\":2}")]
        );
        assert_eq!(
            read("{\n\"a\": 1\n}\n{\n\"b\": 2\n}"),
            [(1, "{\n\"a\": 1\n}"), (4, "{\n\"b\": 2\n}")]
        );
        assert_eq!(read("[\"x\", {}]"), [(1, "[\"x\", {}]")]);
        assert_eq!(read("[]"), []);
        assert_eq!(
            read("[{\"a\":1},\n{\"b\": "),
            [(1, "{\"a\":1}"), (2, "{\"b\":")]
        );
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[\\[\\]{}\", a1\\\\\n]{0,40}") {
            for item in items(&text) {
                prop_assert!(!item.json.is_empty());
            }
        }

        #[test]
        fn elements_of_an_array_are_found_whole(words in prop::collection::vec("[\\PC\n\"\\\\]{0,12}", 1..8)) {
            let values: Vec<_> = words.iter().map(|w| serde_json::json!({ "text": w })).collect();
            let text = serde_json::to_string_pretty(&values).unwrap();
            let read: Vec<serde_json::Value> =
                items(&text).iter().map(|i| parse(i.json, "").unwrap()).collect();
            prop_assert_eq!(read, values);
        }
    }
}
