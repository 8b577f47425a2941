use super::nouns::label_of;
use super::place::lists;
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

/// Pronouns of people.
const OF_PEOPLE: &str = "he him his himself she her herself";
/// Pronouns of organisations and countries, and of much else.
const OF_THINGS: &str = "it its itself they them their themselves";
/// After one of these the noun is part of a longer phrase, which means something else.
const CONTINUED: &str = "of for that which whose where who whom election elections";
/// The pronouns and noun phrases of a text that could refer to one of its names, in order.
pub fn propose(text: &str, sentences: &[Span]) -> Vec<Proposed> {
    let mut found = Vec::new();
    for sentence in sentences {
        let words = words(text, *sentence);
        for (n, word) in words.iter().enumerate() {
            let lower = word.of(text).to_lowercase();
            let label = pronoun(&lower);
            found.extend(label.map(|label| Proposed {
                span: *word,
                kind: ReferenceKind::Pronoun,
                label: label.into(),
            }));
            found.extend(phrase(text, &words, n, &lower));
        }
    }
    found
}

/// The type of what a pronoun can refer to. A country is like an organisation.
fn pronoun(word: &str) -> Option<&'static str> {
    if lists(OF_PEOPLE, word) {
        Some("PER")
    } else if lists(OF_THINGS, word) {
        Some("ORG")
    } else {
        None
    }
}

/// `the country`, `this group`, `the prime minister`: the phrase of which the word `n` is the last.
/// Any other word between tells that another one is meant too often: `the appeals court`.
fn phrase(text: &str, words: &[Span], n: usize, lower: &str) -> Option<Proposed> {
    let label = label_of(lower)?;
    let noun = words.get(n)?;
    let is_capital = noun.of(text) != lower;
    let next = words.get(n + 1).filter(|next| joined(text, *noun, **next));
    if (is_capital && !is_capitalised(noun.of(text)))
        || text.get(noun.end..)?.starts_with('-')
        || next.is_some_and(|next| goes_on(next.of(text)))
    {
        return None;
    }
    let before = |n: usize| words.get(n.checked_sub(1)?);
    let of_prime = before(n).filter(|word| lists("prime", word.of(text)));
    let (first, at) = of_prime.map_or((noun, n), |prime| (prime, n - 1));
    let determiner = before(at).filter(|word| lists("the this", word.of(text)))?;
    let is_joined = first == noun || joined(text, *first, *noun);
    (is_joined && joined(text, *determiner, *first)).then(|| Proposed {
        span: Span::new(determiner.start, noun.end),
        kind: ReferenceKind::Nominal,
        label: label.into(),
    })
}

/// Whether a space or hyphen is all that is between two words.
fn joined(text: &str, first: Span, second: Span) -> bool {
    matches!(text.get(first.end..second.start), Some(" " | "-"))
}

/// `the group chairman`, `the country of`, `the president Macron`
fn goes_on(next: &str) -> bool {
    lists(CONTINUED, next) || starts_upper(next) || label_of(&next.to_lowercase()).is_some()
}

fn starts_upper(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Whether only the first letter is a capital.
fn is_capitalised(word: &str) -> bool {
    starts_upper(word) && !word.chars().skip(1).any(char::is_uppercase)
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
        let text = "He said the country's prime minister and the prime minister met her, \
            and the party said it was this party's.";
        let expected = [
            ("He", "PER"),
            ("the country", "LOC"),
            ("the prime minister", "PER"),
            ("her", "PER"),
            ("the party", "ORG"),
            ("it", "ORG"),
            ("this party", "ORG"),
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
            "the president Macron",
            "a country",
            "the, group",
            "there",
            "the former president",
            "the accent of a president",
            "the Trump campaign",
            "the general election",
            "the next president",
            "the worst president",
            "the appeals court",
            "the party-goers",
        ] {
            assert_eq!(proposed(text), [], "{text}");
        }
    }
}
