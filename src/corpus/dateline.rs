use jiff::civil::Date;

use super::date::{find_date, month, words};

/// How many lines are looked at: the title and three more.
const LINES: usize = 4;
/// Bytes before the dash of a dateline, and of a line that is nothing but a date.
const LONGEST: usize = 100;
const MOST_WORDS_OF_PLACE: usize = 6;

const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";

/// What may stand with a date in a line of its own.
const BESIDE: &str = "published posted released issued created first date dated on at am pm";

/// Words that a place does not begin with, but a sentence does.
const OPENERS: &str = "after at before by from in on since the until";

/// The day that the first lines of an article tell: `TEHRAN, Nov. 13, 2025 (Agency) --`, or a date in
/// a line of its own. A date without its year is not taken, nor one that a sentence speaks of.
pub(super) fn date_in_dateline(text: &str) -> Option<Date> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(LINES)
        .find_map(|line| date_alone(line).or_else(|| date_before_dash(line)))
}

/// The date of a line that is nothing else, but for a byline or the like behind a bar or dash.
fn date_alone(line: &str) -> Option<Date> {
    if line.len() > LONGEST || line.ends_with(['!', '?', ';', ',']) {
        return None;
    }
    let line = line.replace(" - ", "|");
    let parts: Vec<&str> = line.split(['|', '•', '·', '–', '—']).collect();
    let (first, last) = (parts.first()?, parts.last()?);
    whole_date(first).or_else(|| whole_date(last))
}

fn date_before_dash(line: &str) -> Option<Date> {
    let dash = ["--", " - ", "–", "—"]
        .iter()
        .filter_map(|dash| line.find(dash))
        .min()
        .filter(|at| *at <= LONGEST)?;
    let head = without_brackets(&line[..dash]);
    let head: Vec<&str> = head.split_whitespace().collect();
    let place_ends = (0..head.len().min(MOST_WORDS_OF_PLACE + 1)).find_map(|at| {
        let date = whole_date(&head[at..].join(" "))?;
        Some((at, date))
    });
    let (at, date) = place_ends?;
    is_place(&head[..at]).then_some(date)
}

/// `TEHRAN (Agency), Nov. 13` is `TEHRAN , Nov. 13`.
fn without_brackets(head: &str) -> String {
    let mut depth = 0_usize;
    head.chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// Whether the words before a date are those of a place, or none.
fn is_place(words: &[&str]) -> bool {
    let Some((first, last)) = words.first().zip(words.last()) else {
        return true;
    };
    let named = |word: &&str| word.starts_with(char::is_uppercase) || *word == ",";
    let capitals = first.chars().filter(|c| c.is_alphabetic()).count() > 1
        && !first.chars().any(char::is_lowercase);
    let bare = first.trim_end_matches(',');
    words.iter().all(named)
        && (capitals || last.ends_with(','))
        && !is_among(OPENERS, &bare.to_lowercase())
}

/// The date of a text that is nothing else, with its year in full.
fn whole_date(text: &str) -> Option<Date> {
    let date = find_date(text)?;
    let belongs = |word: &&str| {
        let bare = word.trim_matches(':').to_lowercase();
        let is_day = |day: &str| day == bare || bare.len() >= 3 && day.starts_with(&bare);
        bare.starts_with(|c: char| c.is_ascii_digit())
            || bare.starts_with('+')
            || month(&bare).is_some()
            || WEEKDAYS.split(' ').any(is_day)
            || bare.len() == 1
            || is_among(BESIDE, &bare)
            || is_zone(word)
    };
    let year_in_full = text.contains(&date.year().to_string());
    (year_in_full && words(text).iter().all(belongs)).then_some(date)
}

fn is_among(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// `UTC`, `CEST`, `ET`.
fn is_zone(word: &str) -> bool {
    (2..=5).contains(&word.len())
        && word.ends_with('T')
        && word.bytes().all(|b| b.is_ascii_uppercase())
        || word == "UTC"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<String> {
        date_in_dateline(text).map(|date| date.to_string())
    }

    #[test]
    fn datelines_with_a_year_are_read() {
        for line in [
            "TEHRAN, Nov. 13, 2025 (Agency) -- Talks ended.",
            "PARIS, 13 November 2025 - Talks ended.",
            "NEW YORK, N.Y., November 13, 2025—Talks ended.",
            "Tirana, Albania, 13 November 2025 – Talks ended.",
            "LONDON (Agency), Nov 13, 2025 - Talks ended.",
            "Nov 13, 2025 (Agency) - Talks ended.",
            "Monday, November 13, 2025",
            "Published: 13 November 2025 14:05 UTC",
            "Thu Nov 13 2025, 2:05 p.m. EST",
            "By Ana Lee | November 13, 2025",
            "13.11.2025",
        ] {
            let text = format!("Talks end\n\n{line}\n\nThe ministers met in 1995.");
            assert_eq!(told(&text).as_deref(), Some("2025-11-13"), "{line}");
        }
    }

    #[test]
    fn other_dates_are_left_alone() {
        for line in [
            "TEHRAN, Nov. 13 (Agency) -- Talks ended.",
            "The pact of November 13, 1995 - a failure - is over.",
            "In Paris, November 13, 2015 - a Friday - nobody slept.",
            "She was born on 13 November 1995.",
            "Ana Lee, 13 November 1995 to 2 May 2020, was a sailor - and more.",
            "[Updated at 1:43 p.m. on Nov. 13, 2025.]",
            "03/04/2025",
            "1763042400",
            "13.11.25",
        ] {
            assert_eq!(told(&format!("Talks end\n\n{line}")), None, "{line}");
        }
        let below = "Title\n\nOne.\n\nTwo.\n\nThree.\n\nMonday, November 13, 2025";
        assert_eq!(told(below), None);
    }
}
