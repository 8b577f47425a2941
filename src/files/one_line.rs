use std::borrow::Cow;

/// The text with every run of white space, no-break spaces among it, as one space, and none at its
/// ends. The sentences of a run's tables are so; its names are as the article has them, so whoever
/// looks for a name in its sentence folds both.
pub fn in_one_line(text: &str) -> Cow<'_, str> {
    let wrapped = text.contains(|c: char| c.is_whitespace() && c != ' ');
    if !wrapped && !text.contains("  ") && text.trim().len() == text.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_white_space_is_folded() {
        for (text, line) in [
            ("Edi\u{a0}Rama", "Edi Rama"),
            (" Iran\r\n\tsaid  \u{2009} no.\n", "Iran said no."),
            (" \u{a0}", ""),
            ("", ""),
        ] {
            assert_eq!(in_one_line(text), line);
        }
        assert!(matches!(in_one_line("Iran said no."), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn a_line_is_the_same_words(text in "[a-z \n\t\r\u{a0}\u{2028}]{0,30}") {
            let line = in_one_line(&text);
            prop_assert!(line.split(' ').filter(|w| !w.is_empty()).eq(text.split_whitespace()));
            prop_assert_eq!(in_one_line(&line), line.as_ref());
        }
    }
}
