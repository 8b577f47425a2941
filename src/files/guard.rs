use std::borrow::Cow;

/// What spreadsheet programs take for the beginning of a formula, with the full-width forms.
const OPENINGS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet program may take the text for a formula.
pub fn may_be_formula(text: &str) -> bool {
    text.starts_with(OPENINGS)
}

/// The cell for a text, with a leading `'` if the text [may be a formula](may_be_formula).
pub fn guarded<'t>(text: impl Into<Cow<'t, str>>) -> Cow<'t, str> {
    let text = text.into();
    if may_be_formula(&text) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

/// The text of a cell that may be [guarded].
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if may_be_formula(text) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_come_off_again() {
        for formula in [
            "=1+1", "+1", "-1", "@A1", "\tx", "\rx", "＝1", "＋1", "－1", "＠A",
        ] {
            assert_eq!(guarded(formula), format!("'{formula}"));
            assert_eq!(unguarded(&guarded(formula)), formula);
        }
        for text in ["", "Iran", "'s", "'tis", " =1", "a=b", "–1", "\u{1f600}"] {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
    }
}
