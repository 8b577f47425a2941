use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::files::guarded;

/// A text cell, guarded if need be. Numbers are not cells: nothing ever guards them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell<'t>(Cow<'t, str>);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Keeps spreadsheet programs from taking a text for a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// A text that starts with `=`, `+`, `-`, `@`, a tab, a carriage return or a full-width form of
    /// the signs gets a leading `'`.
    On,
    /// Cells hold the bare text.
    Off,
}

impl Guard {
    /// The cell that holds `text`.
    pub fn cell<'t>(self, text: impl Into<Cow<'t, str>>) -> Cell<'t> {
        Cell(match self {
            Self::On => guarded(text),
            Self::Off => text.into(),
        })
    }
}

/// Text with every character that breaks a line as a space, one for one: the cell of a mention or
/// trigger has as many characters as its offsets say, and all others are the text's own.
pub fn without_line_breaks(text: &str) -> Cow<'_, str> {
    if text.contains(breaks_line) {
        Cow::Owned(text.replace(breaks_line, " "))
    } else {
        Cow::Borrowed(text)
    }
}

fn breaks_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// A confidence, written with three decimals. What is not certain is never written as 1, by which
/// triples are known that a person has confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Confidence(pub f32);

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const NEARLY_CERTAIN: f32 = 0.999;
        let shown = if self.0 < 1.0 {
            self.0.min(NEARLY_CERTAIN)
        } else {
            self.0
        };
        serializer.collect_str(&format_args!("{shown:.3}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::may_be_formula;
    use proptest::prelude::*;

    fn through_a_file(cells: &[Cell]) -> Vec<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.serialize(cells).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        strict_row(text.strip_suffix('\n').unwrap())
    }

    /// The cells of a row as RFC 4180 has it and no other way: a quote stands around a cell, or twice
    /// within one that has them around it, and only there are commas and line ends part of a cell.
    fn strict_row(row: &str) -> Vec<String> {
        let mut cells = Vec::new();
        let mut rest = row;
        loop {
            let (cell, after) = match rest.strip_prefix('"') {
                Some(quoted) => strict_quoted(quoted),
                None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
            };
            let bare = cell.replace("\"\"", "\"");
            if !rest.starts_with('"') {
                assert!(!cell.contains(['"', '\r', '\n']), "{row:?}");
            }
            cells.push(bare);
            if after.is_empty() {
                return cells;
            }
            rest = after.strip_prefix(',').unwrap();
        }
    }

    /// What stands before the closing quote, and after it.
    fn strict_quoted(quoted: &str) -> (&str, &str) {
        let mut at = 0;
        loop {
            at += quoted[at..].find('"').unwrap();
            if !quoted[at + 1..].starts_with('"') {
                return (&quoted[..at], &quoted[at + 1..]);
            }
            at += 2;
        }
    }

    #[test]
    fn formulas_become_text() {
        for formula in [
            "=1+1", "+1", "-1", "@A1", "\tx", "\rx", "＝1", "＋1", "－1", "＠A",
        ] {
            assert_eq!(Guard::On.cell(formula), Cell(format!("'{formula}").into()));
            assert_eq!(Guard::Off.cell(formula), Cell(formula.into()));
        }
    }

    #[test]
    fn what_is_no_formula_stays() {
        for text in ["", "Iran", "'s", " =1", "a=b", "–1", "\u{1f600}"] {
            assert_eq!(Guard::On.cell(text), Cell(text.into()));
        }
    }

    #[test]
    fn line_breaks_become_spaces_one_for_one() {
        assert_eq!(without_line_breaks("Edi\r\nRama"), "Edi  Rama");
        assert_eq!(without_line_breaks("Edi\u{a0}Rama"), "Edi\u{a0}Rama");
    }

    #[test]
    fn confidences_have_three_decimals_and_are_never_guarded() {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .serialize([1.0, 0.9999, 0.12345, -0.5].map(Confidence))
            .unwrap();
        assert_eq!(writer.into_inner().unwrap(), b"1.000,0.999,0.123,-0.500\n");
    }

    fn any_cell() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[=+@＝＋－＠\t\r\n'\",; -]{0,4}[a-zé\u{1f600}\r\n\",]{0,6}",
        ]
    }

    proptest! {
        #[test]
        fn a_text_comes_back_from_the_file_with_nothing_but_the_guard(text in any_cell(), next in any_cell()) {
            let raw = through_a_file(&[Guard::Off.cell(&text), Guard::Off.cell(&next)]);
            prop_assert_eq!(&raw, &[text.clone(), next.clone()]);
            let guarded = through_a_file(&[Guard::On.cell(&text), Guard::On.cell(&next)]);
            for (cell, text) in guarded.iter().zip([&text, &next]) {
                prop_assert!(!may_be_formula(cell));
                let bare = if may_be_formula(text) { cell.strip_prefix('\'').unwrap() } else { cell };
                prop_assert_eq!(bare, text);
            }
        }

        #[test]
        fn a_text_without_line_breaks_has_as_many_characters(text in "[a-z \n\t\r\u{a0}\u{2028}]{0,30}") {
            prop_assert_eq!(without_line_breaks(&text).chars().count(), text.chars().count());
        }
    }
}
