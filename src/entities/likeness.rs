//! How alike two names are, and from where on they are one.
//!
//! The thresholds are measured on `data/name_pairs.csv`: pairs of names that a run over 3,000
//! articles proposed, each judged, and spellings of well-known names. A test counts what they let
//! through.

use super::entity_key;

/// From this likeness up a pair is worth a person's look.
pub const THRESHOLD: f64 = 0.88;
/// From this likeness up two long names are one.
pub(super) const SAME: f64 = 0.96;
/// Letters at least of two words that differ in one name: `Greene` and `Green` are two families.
const LETTERS: usize = 6;
/// Letters at least of a name that is compared at all; initials are alike by chance.
const COMPARED: usize = 5;

/// How alike two names are, 0 to 1: the likeness (Jaro-Winkler over letters of which those that
/// sound alike are one) of their least alike words.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (entity_key(a), entity_key(b));
    if a.split(' ').count() != b.split(' ').count() {
        return strsim::jaro_winkler(&a, &b);
    }
    a.split(' ')
        .zip(b.split(' '))
        .map(|(a, b)| strsim::jaro_winkler(&folded(a), &folded(b)))
        .fold(1.0, f64::min)
}

/// Whether two names of several words are spellings of one beyond doubt.
pub(super) fn is_spelling(a: &str, b: &str) -> bool {
    let (a, b) = (entity_key(a), entity_key(b));
    let words = |key: &str| key.split(' ').count();
    let differ = |(a, b): &(&str, &str)| a != b;
    let long =
        |word: &str| word.chars().count() >= LETTERS && word.chars().all(char::is_alphabetic);
    words(&a) > 1
        && words(&a) == words(&b)
        && a.split(' ').zip(b.split(' ')).filter(differ).all(|(a, b)| {
            long(a) && long(b) && strsim::jaro_winkler(&folded(a), &folded(b)) >= SAME
        })
}

/// Whether a name is long enough to be compared, and not one of initials or numbers.
pub(super) fn is_comparable(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    letters >= COMPARED
        && name.chars().any(char::is_lowercase)
        && !name.chars().any(|c| c.is_ascii_digit())
}

/// The consonants of a name as they sound: the same for all names that are worth comparing.
pub(super) fn sound(name: &str) -> String {
    let sounds = |word: &str| {
        let sounds: String = folded(word)
            .chars()
            .filter(|c| !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'h'))
            .collect();
        // A name of vowels is its own sound.
        if sounds.is_empty() {
            word.to_owned()
        } else {
            sounds
        }
    };
    let key = entity_key(name);
    key.split(' ').map(sounds).collect::<Vec<_>>().join(" ")
}

/// Letters by which one sound is transcribed, made one.
fn folded(word: &str) -> String {
    let word = word
        .replace("kh", "k")
        .replace("gh", "k")
        .replace("dh", "d")
        .replace("th", "t")
        .replace("ph", "f")
        .replace("sch", "s")
        .replace("sh", "s")
        .replace("ch", "s")
        .replace("tz", "z");
    let mut letters = String::new();
    for c in word.chars() {
        let c = match c {
            'q' | 'g' | 'c' => 'k',
            'y' | 'j' => 'i',
            'w' => 'v',
            'z' => 's',
            other => other,
        };
        if !letters.ends_with(c) {
            letters.push(c);
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: &str = include_str!("../../data/name_pairs.csv");

    struct Pair {
        first: String,
        second: String,
        same: bool,
        /// Whether a run proposed it, for its spelling.
        of_run: bool,
        /// Whether it was written down for being known.
        is_known: bool,
    }

    fn pairs() -> Vec<Pair> {
        csv::Reader::from_reader(PAIRS.as_bytes())
            .records()
            .map(|row| {
                let row = row.unwrap();
                Pair {
                    first: row[0].into(),
                    second: row[1].into(),
                    same: &row[2] == "yes",
                    of_run: &row[3] == "run",
                    is_known: &row[3] == "known",
                }
            })
            .collect()
    }

    /// Pairs that are one, of those that are let through.
    fn right(pairs: &[Pair], passes: impl Fn(&Pair) -> bool) -> (usize, usize) {
        let passed: Vec<&Pair> = pairs.iter().filter(|pair| passes(pair)).collect();
        (passed.iter().filter(|p| p.same).count(), passed.len())
    }

    #[test]
    fn the_thresholds_are_measured() {
        let pairs = pairs();
        for threshold in [0.88, 0.90, 0.92, 0.94, 0.96, 0.98] {
            let alike = |pair: &Pair| likeness(&pair.first, &pair.second) >= threshold;
            let of_run = right(&pairs, |pair| pair.of_run && alike(pair));
            let known = right(&pairs, |pair| pair.is_known && pair.same && alike(pair));
            println!("{threshold}: of a run {of_run:?}, of known spellings {known:?}");
        }
        let joined = right(&pairs, |p| p.of_run && is_spelling(&p.first, &p.second));
        let known = right(&pairs, |p| p.is_known && is_spelling(&p.first, &p.second));
        println!("joined: of a run {joined:?}, of known spellings {known:?}");
        assert!(joined.0 >= 55, "{joined:?}");
        assert!(joined.0 as f64 >= 0.95 * joined.1 as f64, "{joined:?}");
        let listed = right(&pairs, |p| {
            p.is_known && p.same && likeness(&p.first, &p.second) >= THRESHOLD
        });
        let all = right(&pairs, |p| p.is_known && p.same);
        assert!(listed.0 * 10 >= all.0 * 8, "{listed:?} of {all:?}");
    }

    #[test]
    fn initials_and_numbers_are_not_compared() {
        for name in ["ACC", "CNN", "C-4", "22nd Amendment", "Lucy"] {
            assert!(!is_comparable(name), "{name}");
        }
        assert!(is_comparable("Gaddafi"));
    }
}
