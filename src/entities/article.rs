//! Articles that are part of a name: `The Herald` has one, `the Senate` has none.

/// Whether `The` is part of a name, as far as one mention tells; `before` is its sentence up to it.
///
/// `told The Herald` has it, `told the Herald` and `told Herald readers` have not. Nothing is told
/// where any article has a capital: at the beginning of a sentence and in headlines.
pub(super) fn has_article(before: &str, mention: &str) -> Option<bool> {
    let is_article = |word: &str| word.eq_ignore_ascii_case("the");
    let before = before.trim_end();
    let own = mention.split_once(char::is_whitespace);
    let own = own.map_or("", |(first, _)| first);
    let last = last_word(before).trim_start_matches(['"', '“', '‘', '\'', '(', '[']);
    let (lead, article) = if is_article(own) {
        (before, own)
    } else if is_article(last) {
        (before.strip_suffix(last)?.trim_end(), last)
    } else {
        (before, "")
    };
    let goes_on = lead.ends_with(char::is_alphanumeric);
    let in_headline = goes_on && last_word(lead).starts_with(char::is_uppercase);
    match article {
        _ if !goes_on && !lead.ends_with(',') => None,
        "THE" => None,
        "The" => (!in_headline).then_some(true),
        _ => Some(false),
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_within_a_sentence_tells() {
        for (before, mention, told) in [
            ("Ann told ", "The Herald", Some(true)),
            ("Ann told The ", "Herald", Some(true)),
            ("said Bo Cho, ", "The Herald's", Some(true)),
            ("Ann told ", "the Herald", Some(false)),
            ("Ann told the ", "Herald", Some(false)),
            ("Ann told ", "Herald", Some(false)),
            ("Ann told ", "The", Some(false)),
            ("", "The Herald", None),
            ("The ", "Herald", None),
            ("Ann said: ", "The Herald", None),
            ("Ann said: “The ", "Herald", None),
            ("Ann Asked By ", "The Herald", None),
            ("ANN TOLD THE ", "HERALD", None),
        ] {
            assert_eq!(has_article(before, mention), told, "{before}{mention}");
        }
    }
}
