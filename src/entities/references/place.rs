//! A mention and the words around it, as far as their form tells what part it has in its sentence.

use crate::annotation::{Annotations, Mention, ReferenceKind};

/// A mention with at most so many words before it opens its sentence.
pub(super) const OPENING_WORDS: usize = 3;
/// How far back a quotation is looked for in a paragraph, in bytes.
const PARAGRAPH: usize = 1000;

/// Prepositions after which a name is seldom what the next sentence is about.
pub(super) const PREPOSITIONS: &str =
    "of by with from under to for after before than against about like on at between";
const SAYING: &str = "said says say saying told added adding wrote tweeted continued asked argued \
    stated announced warned replied noted insisted claimed explained declared called described \
    remarked commented";
/// Verbs that have a subject right before them.
const VERBS: &str = "is was are were has had have will would could should can may might must did does do \
    says said also";
/// What follows the name of somebody who is not meant: `the Obama administration`
const BODIES: &str =
    "administration campaign camp era team family supporters presidency government";

/// A mention and the words around it.
pub(super) struct Place<'a> {
    pub mention: &'a Mention,
    /// The mention in lower case.
    pub form: String,
    /// The rest of its sentence, before and behind it.
    pub lead: &'a str,
    pub after: &'a str,
    /// Whether it stands in a quotation.
    pub quoted: bool,
    /// Whether it says something.
    pub says: bool,
}

impl<'a> Place<'a> {
    /// Where the mention `n` stands.
    pub fn of(text: &'a str, layers: &'a Annotations, n: usize) -> Option<Self> {
        let mention = layers.mentions.get(n)?;
        let sentence = layers.sentences.get(mention.sentence)?;
        let lead = text.get(sentence.start..mention.span.start)?;
        let after = text.get(mention.span.end..sentence.end)?;
        let says = words(lead)
            .next_back()
            .into_iter()
            .chain(words(after).take(2));
        let before = text.get(..mention.span.start)?;
        let paragraph = paragraph(before).unwrap_or_else(|| near(lead));
        Some(Self {
            mention,
            form: mention.span.of(text).to_lowercase(),
            lead,
            after,
            quoted: is_open(paragraph),
            says: says.into_iter().any(|word| lists(SAYING, word)),
        })
    }

    /// Whether it is a pronoun.
    pub fn is_pronoun(&self) -> bool {
        let reference = self.mention.reference;
        reference.is_some_and(|reference| reference.kind == ReferenceKind::Pronoun)
    }

    /// The word before it.
    pub fn last_word(&self) -> &'a str {
        words(self.lead).next_back().unwrap_or_default()
    }

    /// The word behind it.
    pub fn next_word(&self) -> &'a str {
        words(self.after).next().unwrap_or_default()
    }

    /// Whether it is among the first words of its sentence.
    pub fn opens(&self) -> bool {
        words(self.lead).nth(OPENING_WORDS).is_none()
    }

    /// Whether it says something outside quotations.
    pub fn is_speaker(&self) -> bool {
        self.says && !self.quoted
    }

    /// Whether it is a name of several words.
    pub fn is_long(&self) -> bool {
        !self.is_pronoun() && self.form.split_whitespace().nth(1).is_some()
    }

    /// `Rama's`
    pub fn is_owner(&self) -> bool {
        self.after.trim_start_matches(' ').starts_with(['\'', '’'])
            || self.form.ends_with("'s")
            || self.form.ends_with("’s")
    }

    /// Whether it is probably the subject of the verb behind it: `Iran has`, `Iran said`
    pub fn acts(&self) -> bool {
        let next = self.next_word();
        let is_verb =
            lists(VERBS, next) || lists(SAYING, next) || next.to_lowercase().ends_with("ed");
        self.after.starts_with(' ') && is_verb
    }

    /// `of Rama`, `Rama's`, `the Rama government`, `pro-Rama`
    pub fn is_oblique(&self) -> bool {
        let last = self.last_word();
        let is_part = self.lead.ends_with(['-', '–'])
            || self.after.starts_with(['-', '–'])
            || lists("the a an", last)
            || lists(BODIES, self.next_word());
        !self.is_pronoun() && (lists(PREPOSITIONS, last) || self.is_owner() || is_part)
    }
}

/// The last paragraph of a text, if it is no longer than [`PARAGRAPH`]. No more of the text is looked
/// at: all of an article can be one line.
fn paragraph(text: &str) -> Option<&str> {
    let from = text.len().saturating_sub(PARAGRAPH + 1);
    let mut bytes = text.as_bytes().get(from..)?.iter();
    match bytes.rposition(|byte| *byte == b'\n') {
        Some(end) => text.get(from + end + 1..),
        None => (text.len() <= PARAGRAPH).then_some(text),
    }
}

/// The last [`PARAGRAPH`] bytes of a text, from a character's beginning.
fn near(text: &str) -> &str {
    let from = text.len().saturating_sub(PARAGRAPH);
    let mut ends = (from..=text.len()).filter_map(|from| text.get(from..));
    ends.next().unwrap_or_default()
}

/// Whether a quotation of the text is still open at its end.
fn is_open(text: &str) -> bool {
    text.matches('"').count() % 2 == 1 || text.matches('“').count() > text.matches('”').count()
}

/// The words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Whether a word, whatever its case, is one of a list of ASCII words in lower case.
pub(super) fn lists(list: &str, word: &str) -> bool {
    let mut listed = list.as_bytes().split(|byte| *byte == b' ');
    listed.any(|listed| listed.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::super::example::place;
    use super::*;
    use crate::text::Span;

    #[test]
    fn an_open_quotation_is_told_by_its_marks() {
        assert!(is_open("He said: “We"));
        assert!(is_open("\"We"));
        assert!(!is_open("“We,” he said"));
    }

    #[test]
    fn a_paragraph_is_looked_for_nearby() {
        let found = |text: &str| {
            let start = text.rfind('\n').map_or(0, |end| end + 1);
            let found = paragraph(text);
            assert_eq!(found, text.get(start..).filter(|p| p.len() <= PARAGRAPH));
            found.is_some()
        };
        for letter in ["a", "é", "\u{1f600}"] {
            for start in ["", "\n", "a\n", "é\n\n"] {
                for bytes in [0, 4, PARAGRAPH] {
                    let line = letter.repeat(bytes / letter.len());
                    assert!(found(&format!("{start}{line}")));
                    assert!(!found(&format!(
                        "{start}{line}{}",
                        "b".repeat(PARAGRAPH + 1)
                    )));
                }
            }
        }
    }

    #[test]
    fn of_a_long_sentence_what_is_near_counts() {
        assert_eq!(near("é"), "é");
        let long = "é".repeat(PARAGRAPH);
        assert_eq!(near(&long).len(), PARAGRAPH);
        assert_eq!(near(&format!("{long}a")).len(), PARAGRAPH - 1);
    }

    #[test]
    fn a_subject_stands_before_its_verb() {
        let acts = |text: &str| {
            let layers = Annotations {
                sentences: vec![Span::new(0, text.len())],
                mentions: vec![place(Span::new(0, 4))],
                relations: Vec::new(),
            };
            Place::of(text, &layers, 0).unwrap().acts()
        };
        assert!(acts("Iran has missiles."));
        assert!(acts("Iran tested missiles."));
        assert!(!acts("Iran's missiles have flown."));
        assert!(!acts("Iran policy has failed."));
    }

    #[test]
    fn words_are_compared_without_case() {
        assert!(lists(PREPOSITIONS, "Of"));
        assert!(!lists(PREPOSITIONS, "o"));
    }
}
