//! Lists of links that a page inserts into its sentences, behind the name of a person.
//!
//! Such a list opens with the person's full name, to which the first headline is stuck, and ends with
//! [`END`]: `Sen. Ann Lee Anna (Ann) Mary LeeVoters wait Talks go on MORE (D-Utah) said`. Both must be
//! there, and the full name must repeat the one before it: in doubt nothing is left out.

use std::borrow::Cow;
use std::ops::Range;

/// The last word of each list.
const END: &str = "MORE";
/// Bytes that the longest list has.
const LONGEST: usize = 1000;
/// Words from a surname to where it is repeated.
const WORDS_OF_NAME: usize = 7;
const SHORTEST_SURNAME: usize = 2;
/// Letters of a surname to which the full name is stuck: `De` of `DeVos` is none.
const SHORTEST_STUCK: usize = 4;
const SMALL_WORDS: [&str; 12] = [
    "de", "la", "von", "van", "der", "den", "al", "bin", "el", "da", "di", "du",
];
const SUFFIXES: [&str; 7] = ["Jr.", "Jr", "Sr.", "Sr", "II", "III", "IV"];
/// Marks around words of names: `(Ann)`
const MARKS: [char; 8] = ['(', ')', '"', '“', '”', '\'', '‘', '’'];
const POSSESSIVES: [&str; 2] = ["'s", "’s"];

/// A text without such lists, and how many it held. Its lines stay apart.
pub(super) fn without_inserts(text: &str) -> (Cow<'_, str>, usize) {
    let mut kept = String::new();
    let (mut at, mut inserts) = (0, 0);
    // Where the word before stands that ends no list: none begins earlier.
    let mut from = 0;
    for (end, _) in text
        .match_indices(END)
        .filter(|(end, _)| is_end(text, *end))
    {
        kept.push_str(text.get(at..end).unwrap_or_default());
        at = end;
        let line = last_line(kept.get(from..).unwrap_or_default());
        match opening(line) {
            Some(opening) => {
                let begin = kept.len() - line.len() + opening;
                kept.truncate(begin);
                at = end + END.len();
                inserts += 1;
            }
            None => from = kept.len(),
        }
    }
    if inserts == 0 {
        return (Cow::Borrowed(text), 0);
    }
    kept.push_str(text.get(at..).unwrap_or_default());
    (Cow::Owned(kept), inserts)
}

/// Whether the letters there are a word that can end a list, or stick to a surname.
fn is_end(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let after = text.get(at + END.len()..);
    before.is_some_and(|c| c.is_whitespace() || c.is_lowercase())
        && after.is_some_and(|after| !after.starts_with(char::is_alphanumeric))
}

/// The last line of a text, or what of it a list can fill.
fn last_line(text: &str) -> &str {
    let mut start = text.len().saturating_sub(LONGEST);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let end = text.get(start..).unwrap_or_default();
    end.rsplit('\n').next().unwrap_or_default()
}

/// Where the list begins with which a line ends, if it does. The last place where one could begin
/// counts; a full name that is stuck to the one before it is looked for when no other is found.
fn opening(line: &str) -> Option<usize> {
    let words = words(line);
    if !line.ends_with(char::is_whitespace) {
        let last = words.len().checked_sub(1)?..words.len();
        return find(&words, last.clone(), Join::Space, is_repeated)
            .or_else(|| find(&words, last, Join::Stuck, is_repeated));
    }
    let all = 0..words.len();
    find(&words, all.clone(), Join::Space, meets_headline)
        .or_else(|| find(&words, all.clone(), Join::Space, repeats_all))
        .or_else(|| find(&words, all.clone(), Join::Stuck, meets_headline))
        .or_else(|| find(&words, all, Join::Space, is_spelled_otherwise))
}

/// The words of a line and where they begin.
fn words(line: &str) -> Vec<(usize, &str)> {
    let mut end = 0;
    line.split_inclusive(char::is_whitespace)
        .map(|piece| {
            end += piece.len();
            (end - piece.len(), piece.trim_end())
        })
        .filter(|(_, word)| !word.is_empty())
        .collect()
}

/// What is between a name and its full form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Space,
    Stuck,
}

/// A name, and the words behind it that can be its full form.
struct Name<'w> {
    /// The words before its surname.
    given: Vec<&'w str>,
    surname: &'w str,
    /// The full form without its surname.
    full: Vec<&'w str>,
    /// Where the full form has its surname.
    last: &'w str,
}

/// `Ann Lee Anna Lee`
fn is_repeated(name: &Name) -> bool {
    name.last == name.surname
}

/// `Ann Lee Anna Mary LeeVoters`
fn meets_headline(name: &Name) -> bool {
    let headline = name.last.strip_prefix(name.surname).unwrap_or_default();
    let begins = |c: char| c.is_uppercase() || c.is_numeric() || c == '$' || MARKS.contains(&c);
    headline.starts_with(begins) && !POSSESSIVES.contains(&headline)
}

/// `Ann Lee Ann Mary Lee Voters`
fn repeats_all(name: &Name) -> bool {
    is_repeated(name) && repeats_given(name)
}

/// `Ann Perez Ann Mary PérezVoters`
fn is_spelled_otherwise(name: &Name) -> bool {
    sticks(name.last).any(|at| at >= SHORTEST_STUCK) && repeats_given(name)
}

fn repeats_given(name: &Name) -> bool {
    let is_given = |word: &&str| name.given.iter().any(|given| bare(given) == bare(word));
    name.full.iter().any(is_given)
}

/// Where a list begins whose full name has its surname in one of the words `ends`.
fn find(
    words: &[(usize, &str)],
    ends: Range<usize>,
    join: Join,
    fits: fn(&Name) -> bool,
) -> Option<usize> {
    ends.rev().find_map(|end| {
        (end.saturating_sub(WORDS_OF_NAME)..end)
            .rev()
            .take_while(|&at| words.get(at).is_some_and(|(_, word)| is_of_name(word)))
            .find_map(|at| begin(words, at, end, join, fits))
    })
}

/// Where the list begins that follows the surname in the word `at`, if the word `end` repeats it.
fn begin(
    words: &[(usize, &str)],
    at: usize,
    end: usize,
    join: Join,
    fits: fn(&Name) -> bool,
) -> Option<usize> {
    let (start, word) = *words.get(at)?;
    let (_, last) = *words.get(end)?;
    let plain = |range: Range<usize>| -> Vec<&str> {
        let words = words.get(range).unwrap_or_default();
        words.iter().map(|(_, word)| *word).collect()
    };
    let between = plain(at + 1..end);
    let given = plain(at.saturating_sub(2)..at);
    let mut cuts = match join {
        Join::Space => vec![word.len()],
        Join::Stuck => sticks(word).collect(),
    };
    cuts.reverse();
    let cut = cuts.into_iter().find(|&cut| {
        let (surname, stuck) = word.split_at_checked(cut).unwrap_or_default();
        let surname = surname.trim_start_matches(MARKS);
        let stuck = (join == Join::Stuck).then_some(stuck);
        let full: Vec<&str> = stuck.into_iter().chain(between.iter().copied()).collect();
        is_surname(surname, join)
            && !full.is_empty()
            && full.iter().all(|word| is_of_name(word))
            && fits(&Name {
                given: given.clone(),
                surname,
                full,
                last,
            })
    })?;
    let suffixes = between
        .iter()
        .take(between.len().saturating_sub(1))
        .take_while(|word| join == Join::Space && SUFFIXES.contains(word))
        .count();
    match suffixes {
        0 => Some(start + cut),
        count => {
            let (start, suffix) = words.get(at + count)?;
            Some(start + suffix.len())
        }
    }
}

fn is_surname(word: &str, join: Join) -> bool {
    let shortest = match join {
        Join::Space => SHORTEST_SURNAME,
        Join::Stuck => SHORTEST_STUCK,
    };
    word.chars().count() >= shortest
        && word.starts_with(char::is_uppercase)
        && word.ends_with(char::is_lowercase)
}

/// Whether a word can stand in a name: `Mary`, `(Ann)`, `L.`, `de`.
fn is_of_name(word: &str) -> bool {
    let inside = word.trim_matches(MARKS);
    (inside.starts_with(char::is_uppercase) || SMALL_WORDS.contains(&inside))
        && !inside.ends_with([',', ';', ':', '?', '!'])
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| c == '.' || MARKS.contains(&c))
}

/// Where a capital follows a small letter in a word, in bytes.
fn sticks(word: &str) -> impl Iterator<Item = usize> {
    let letters = word.char_indices().zip(word.chars().skip(1));
    letters
        .filter(|((_, letter), next)| letter.is_lowercase() && next.is_uppercase())
        .map(|((at, letter), _)| at + letter.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        without_inserts(text).0.into_owned()
    }

    #[test]
    fn links_behind_a_name_are_left_out() {
        for (text, clean) in [
            (
                "Sen. Ann Lee Anna (Ann) Mary LeeVoters wait in Rome Mayor: 'No deal' | Talks go on MORE (D-Utah) left.",
                "Sen. Ann Lee (D-Utah) left.",
            ),
            (
                "Sen. Ann LeighAnna Mary LeighVoters wait MORE's plan",
                "Sen. Ann Leigh's plan",
            ),
            (
                "Mayor Bo Tower Bo Tower2031 race opens MORE, too",
                "Mayor Bo Tower, too",
            ),
            ("Ann Lee Anna LeeMORE left.", "Ann Lee left."),
            ("Bo Tower Bo Adam Tower Harbor talks end MORE.", "Bo Tower."),
            (
                "Ann Perez Ann Mary PérezTalks end MORE left.",
                "Ann Perez left.",
            ),
            (
                "Bo Tower Jr. Robert (Bo) TowerTalks end MORE met Joan McFarm Joan Ida McFarmTalks go on MORE in Oslo.",
                "Bo Tower Jr. met Joan McFarm in Oslo.",
            ),
            (
                "Tom Reedy Thomas (Tom) ReedyTom Reedy's rival quits MORE (R)",
                "Tom Reedy (R)",
            ),
            (
                "They want MORE of Cy van Oss Cyrus (Cy) van Oss'No' to talks MORE’s jobs.",
                "They want MORE of Cy van Oss’s jobs.",
            ),
        ] {
            assert_eq!(cleaned(text), clean);
            assert_eq!(cleaned(clean), clean);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "They want MORE jobs.",
            "READ MORE: Ann Lee left Rome",
            "Ann Lee met Anna LeeVoters and wants MORE.",
            "Ann Lee Anna Mary LeeVoters wait",
            "Ann Lee Anna Mary LeeVoters wait\nMORE of it",
            "Ann Lee Anna Mary LeeVoters wait in BALTIMORE",
            "Ann Lee Anna Mary LeeVoters wait, no MOREL grows",
            "Ann Lee, Bo Lee and Cy Lee want MORE.",
            "Ann Lee Bo Lee READ MORE",
            "Ann McField McTower and DeVos DeMay want MORE.",
            "YouTube Ann YouGov BuzzFeed READ MORE",
            "Lee Tower Lee’s MORE",
            "ROME TALKS: ROME WANTS MORE OF IT",
            "MORE",
            "",
        ] {
            assert_eq!(cleaned(text), text);
        }
    }

    #[test]
    fn lists_are_counted() {
        let one = "Ann Lee Anna Mary LeeVoters wait MORE left. ";
        let (text, inserts) = without_inserts(one);
        assert_eq!((&*text, inserts), ("Ann Lee left. ", 1));
        assert_eq!(without_inserts(&one.repeat(3)).1, 3);
        assert_eq!(without_inserts("Ann Lee left.").1, 0);
    }

    #[test]
    fn long_lines_take_linear_time() {
        for text in [
            "MORE ".repeat(300_000),
            "aMORE-".repeat(300_000),
            "Ann Lee Anna LeeMORE ".repeat(100_000),
            format!("{}MORE", "Ann Lee Anna ".repeat(100_000)),
        ] {
            let began = std::time::Instant::now();
            without_inserts(&text);
            assert!(began.elapsed().as_secs() < 20);
        }
    }
}
