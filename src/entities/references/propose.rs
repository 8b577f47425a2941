use crate::annotation::{Label, ReferenceKind};
use crate::text::Span;

/// Words that could refer to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// Where, in bytes of the text.
    pub span: Span,
    /// What kind of words it is.
    pub kind: ReferenceKind,
    /// The type of what it can refer to.
    pub label: Label,
}

const PRONOUNS: [&str; 7] = ["he", "him", "his", "himself", "she", "her", "herself"];
/// Nouns that refer to a name when `the` stands before them, and the type of what they refer to.
pub(super) const NOUNS: [(&str, &str); 9] = [
    ("country", "LOC"),
    ("ministry", "ORG"),
    ("group", "ORG"),
    ("organisation", "ORG"),
    ("organization", "ORG"),
    ("party", "ORG"),
    ("company", "ORG"),
    ("president", "PER"),
    ("premier", "PER"),
];
/// After one of these the noun is part of a longer phrase, which means something else.
const CONTINUED: [&str; 6] = ["of", "for", "that", "which", "whose", "where"];

/// The pronouns and noun phrases of a text that could refer to one of its names, in order.
pub fn propose(text: &str, sentences: &[Span]) -> Vec<Proposed> {
    let mut found = Vec::new();
    for sentence in sentences {
        let words = words(text, *sentence);
        for (n, word) in words.iter().enumerate() {
            let lower = word.of(text).to_lowercase();
            if PRONOUNS.contains(&lower.as_str()) {
                found.push(Proposed {
                    span: *word,
                    kind: ReferenceKind::Pronoun,
                    label: "PER".into(),
                });
            } else if let Some(phrase) = phrase(text, &words, n, &lower) {
                found.push(phrase);
            }
        }
    }
    found
}

/// `the country`, `the prime minister`, and `the anti-Iran terrorist group`, of which the noun alone
/// is taken since names stand in it.
fn phrase(text: &str, words: &[Span], n: usize, lower: &str) -> Option<Proposed> {
    let word = words.get(n)?;
    let before = |back: usize| -> Option<Span> { words.get(n.checked_sub(back)?).copied() };
    let is_the = |span: Option<Span>| span.is_some_and(|s| s.of(text).eq_ignore_ascii_case("the"));
    let joined = |from: Span, to: Span| {
        text.get(from.end..to.start)
            .is_some_and(|gap| gap.chars().all(|c| c.is_whitespace() || c == '-'))
    };
    let head = word.of(text);
    if head != lower {
        return None;
    }
    let next = words.get(n + 1).filter(|next| joined(*word, **next));
    // `the group chairman`, `the country of`
    let next_is_noun = |next: &Span| {
        let next = next.of(text);
        CONTINUED.contains(&next) || next.chars().next().is_some_and(char::is_uppercase)
    };
    if next.is_some_and(next_is_noun) {
        return None;
    }
    if lower == "minister" {
        let prime = before(1).filter(|prime| prime.of(text) == "prime")?;
        let the = before(2).filter(|_| is_the(before(2)))?;
        return (joined(the, prime) && joined(prime, *word)).then(|| Proposed {
            span: Span::new(the.start, word.end),
            kind: ReferenceKind::Nominal,
            label: "PER".into(),
        });
    }
    let (_, label) = NOUNS.iter().find(|(noun, _)| *noun == lower)?;
    let the = before(1).filter(|the| is_the(Some(*the)) && joined(*the, *word))?;
    Some(Proposed {
        span: Span::new(the.start, word.end),
        kind: ReferenceKind::Nominal,
        label: (*label).into(),
    })
}

/// The words of a sentence: runs of letters, digits and apostrophes inside words.
fn words(text: &str, sentence: Span) -> Vec<Span> {
    let mut words = Vec::new();
    let mut start = None;
    let inside = sentence.of(text);
    for (at, c) in inside.char_indices().chain([(inside.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(Span::new(from, at).shifted(sentence.start));
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(text: &str) -> Vec<(&str, String)> {
        let all = propose(text, &[Span::new(0, text.len())]);
        all.into_iter()
            .map(|p| (p.span.of(text), p.label.to_string()))
            .collect()
    }

    #[test]
    fn pronouns_and_noun_phrases_are_found_by_form() {
        let text = "He said the country's prime minister and the prime minister met her.";
        let expected = [
            ("He", "PER"),
            ("the country", "LOC"),
            ("the prime minister", "PER"),
            ("her", "PER"),
        ];
        assert_eq!(
            proposed(text),
            expected.map(|(words, label)| (words, label.to_owned()))
        );
    }

    #[test]
    fn longer_phrases_and_titles_are_none() {
        for text in [
            "the group of seven",
            "the President spoke",
            "the president Macron",
            "a country",
            "the, group",
            "there",
        ] {
            assert_eq!(proposed(text), [], "{text}");
        }
    }
}
