//! What a text says of a name right beside it: its title before it, what it is called behind it.

use super::nouns::{NOT_IN_POST, label_of, usual};
use super::place::{lists, words};

/// Words of a title before the name, or of what is said behind it.
const WORDS: usize = 6;
/// They begin a sentence and no title.
const NO_TITLE: &str = "the a an but and in on as at";
/// Titles that say nothing of the post, whose full stop ends no sentence.
const SHORT: &str = "mr mrs ms dr lt col sgt st";
/// What ends the words that are said behind a name.
const ENDS: &str = "of for that which whose where who whom by with from under to after before than \
    against about like on at between and or but in";
/// What comes after the subject of another clause: `, the panel has`
const VERBS: &str = "is was are were has had have will would could should \
    can may might must did does do says said also";

/// `Senator`, `US President`, `militant group`: the words, in lower case, of the title at the end of
/// what stands before a name.
pub(super) fn before(lead: &str) -> Vec<String> {
    if !lead.ends_with(char::is_whitespace) {
        return Vec::new();
    }
    let mut title: Vec<&str> = lead
        .split_whitespace()
        .rev()
        .map(|word| word.trim_matches(['\'', '’', '"', '“', '”', '(']))
        .take_while(|word| is_of_title(word))
        .take(WORDS)
        .collect();
    title.reverse();
    lower(title.into_iter())
}

fn is_of_title(word: &str) -> bool {
    let bare = word.trim_end_matches('.').to_lowercase();
    let is_short = lists(SHORT, &bare) || usual(&bare) != bare;
    if word.ends_with([',', ';', ':', '!', '?', ')']) || word.ends_with('.') && !is_short {
        return false;
    }
    let is_capital = word.starts_with(char::is_uppercase) && !lists(NO_TITLE, &bare);
    is_capital || label_of(&bare).is_some() || lists(NOT_IN_POST, &bare) || bare == "prime"
}

/// `, a militant group,`, `, the president of`, ` is a senator`: the words, in lower case, of what a
/// name is called right behind it.
pub(super) fn behind(after: &str) -> Vec<String> {
    let is_aside = after.starts_with(',');
    let called = [",", " is", " was"]
        .iter()
        .find_map(|joint| after.strip_prefix(joint)?.strip_prefix(' '));
    let Some(called) = called else {
        return Vec::new();
    };
    let article = ["the ", "a ", "an ", "one "]
        .iter()
        .find_map(|article| called.strip_prefix(article));
    let Some(rest) = article.or_else(|| is_aside.then_some(called)) else {
        return Vec::new();
    };
    let end = rest.find([',', '.', ';', ':', '(', ')', '\'', '’']);
    let (said, mark) = rest
        .split_at_checked(end.unwrap_or(rest.len()))
        .unwrap_or((rest, ""));
    let words = said.split_whitespace();
    let goes_on = |word: &&str| !lists(ENDS, word) && !is_verb(word);
    let end = words.clone().find(|word| !goes_on(word));
    let is_indefinite = ["a ", "an "].iter().any(|a| called.starts_with(a));
    let is_clause = !is_indefinite && end.is_some_and(is_verb);
    let is_owner = mark.starts_with(['\'', '’']) && end.is_none();
    if is_aside && is_clause || is_owner {
        return Vec::new();
    }
    lower(words.take_while(goes_on).take(WORDS))
}

fn is_verb(word: &str) -> bool {
    !lists(ENDS, word) && (lists(VERBS, word) || word.ends_with("ed"))
}

fn lower<'w>(parts: impl Iterator<Item = &'w str>) -> Vec<String> {
    parts.flat_map(words).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stands_before_the_name() {
        assert_eq!(before("He met US President "), ["us", "president"]);
        assert_eq!(before("The militant group "), ["militant", "group"]);
        assert_eq!(before("He left. Sen. "), ["sen"]);
        assert_eq!(before("He met the then-"), [""; 0]);
        assert_eq!(before("The President said "), [""; 0]);
    }

    #[test]
    fn what_a_name_is_called_stands_behind_it() {
        assert_eq!(behind(", a militant group, said"), ["militant", "group"]);
        assert_eq!(behind(", president of Iran, said"), ["president"]);
        assert_eq!(behind(" is a senator."), ["senator"]);
        assert_eq!(behind(" is president."), [""; 0]);
        assert_eq!(behind("'s president"), [""; 0]);
        assert_eq!(behind(", the panel has said"), [""; 0]);
        assert_eq!(behind(", a group designated so"), ["group"]);
        assert_eq!(behind(", the carrier's owner"), [""; 0]);
    }
}
