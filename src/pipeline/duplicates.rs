use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// Finds documents that repeat an earlier one: word for word, or nearly so.
///
/// Near repeats are found by MinHash (Broder 1997, "On the resemblance and containment of
/// documents") over runs of [`SHINGLE`] words, with locality-sensitive hashing: of two documents
/// whose sets of runs overlap by 0.85 (Jaccard), 99 of 100 are found. What is found counts as a
/// repeat if the signatures agree in at least [`ALIKE`] of their places.
#[derive(Debug, Default)]
pub(super) struct Duplicates {
    /// By hash of the text, the number of the document that has it or nearly has it.
    same: HashMap<[u8; 32], usize>,
    /// By number of a band and what the signature has there.
    bands: HashMap<(usize, u64), Vec<usize>>,
    /// Of the documents that are long enough, by number.
    signatures: HashMap<usize, Signature>,
    /// Of the documents that repeat none, by number.
    ids: Vec<String>,
}

/// The smallest hash of all runs of words, for each of several hash functions.
type Signature = Box<[u32; PLACES]>;

const SHINGLE: usize = 5;
const PLACES: usize = 128;
const BAND: usize = 8;
/// Share of equal places from which two texts are one: an estimate of the Jaccard overlap.
const ALIKE: f64 = 0.85;
/// Shorter texts are only compared word for word: a heading and a line say little.
const FEWEST_WORDS: usize = 40;

impl Duplicates {
    /// The id of the earlier document that this one repeats; otherwise it is remembered.
    pub fn earlier(&mut self, id: &str, text: &str) -> Option<&str> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut hash = Sha256::new();
        for word in &words {
            hash.update(word.as_bytes());
            hash.update([b' ']);
        }
        let hash = hash.finalize().into();
        let signature = (words.len() >= FEWEST_WORDS).then(|| signature(&words));
        let same = self.same.get(&hash).copied();
        let found = same.or_else(|| self.nearly(signature.as_ref()?));
        let number = self.ids.len();
        self.same.insert(hash, found.unwrap_or(number));
        if let Some(earlier) = found {
            return self.ids.get(earlier).map(String::as_str);
        }
        self.ids.push(id.to_owned());
        if let Some(signature) = signature {
            for key in keys(&signature) {
                self.bands.entry(key).or_default().push(number);
            }
            self.signatures.insert(number, signature);
        }
        None
    }

    /// The first document whose signature is alike.
    fn nearly(&self, signature: &Signature) -> Option<usize> {
        let mut candidates: Vec<usize> = keys(signature)
            .filter_map(|key| self.bands.get(&key))
            .flatten()
            .copied()
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().find(|&n| {
            self.signatures.get(&n).is_some_and(|other| {
                let equal = signature.iter().zip(other.iter()).filter(|(a, b)| a == b);
                equal.count() as f64 >= ALIKE * PLACES as f64
            })
        })
    }
}

fn signature(words: &[&str]) -> Signature {
    let mut least = Box::new([u32::MAX; PLACES]);
    for run in words.windows(SHINGLE) {
        let hash = run.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| {
            word.bytes()
                .chain([b' '])
                .fold(hash, |hash, byte| mixed(hash, u64::from(byte)))
        });
        for (place, least) in least.iter_mut().enumerate() {
            let value = spread(hash ^ (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 32;
            *least = (*least).min(value as u32);
        }
    }
    least
}

/// A step of FNV-1a.
fn mixed(hash: u64, byte: u64) -> u64 {
    (hash ^ byte).wrapping_mul(0x0100_0000_01b3)
}

/// The finalizer of SplitMix64 (Steele et al. 2014).
fn spread(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Where a signature is entered: each band by its number and a hash of its places.
fn keys(signature: &Signature) -> impl Iterator<Item = (usize, u64)> {
    signature.chunks(BAND).enumerate().map(|(band, places)| {
        let hash = places
            .iter()
            .fold(0, |hash, &place| spread(hash ^ u64::from(place)));
        (band, hash)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences of words that do not repeat.
    fn text(words: std::ops::Range<usize>) -> String {
        words.map(|n| format!("w{} ", n * 7919 % 10_007)).collect()
    }

    #[test]
    fn the_same_words_are_the_same_text() {
        let mut seen = Duplicates::default();
        assert_eq!(seen.earlier("a", "Ana Lee met Bo."), None);
        assert_eq!(seen.earlier("b", "Ana Lee  met\nBo."), Some("a"));
        assert_eq!(seen.earlier("c", "Bo met Ana Lee."), None);
        assert_eq!(seen.earlier("d", ""), None);
        assert_eq!(seen.earlier("e", " "), Some("d"));
    }

    #[test]
    fn a_changed_line_makes_no_other_article() {
        let mut seen = Duplicates::default();
        assert_eq!(seen.earlier("a", &text(0..400)), None);
        let agency = format!("(Agency) {}", text(0..395));
        assert_eq!(seen.earlier("b", &agency), Some("a"));
        assert_eq!(seen.earlier("half", &text(0..200)), None);
        assert_eq!(seen.earlier("other", &text(400..800)), None);
    }

    #[test]
    fn what_repeats_a_repeated_article_repeats_the_first() {
        let mut seen = Duplicates::default();
        let agency = format!("(Agency) {}", text(0..395));
        assert_eq!(seen.earlier("a", &text(0..400)), None);
        assert_eq!(seen.earlier("b", &agency), Some("a"));
        assert_eq!(seen.earlier("other", &text(400..800)), None);
        assert_eq!(seen.earlier("c", &agency), Some("a"));
    }

    #[test]
    fn short_texts_that_are_nearly_the_same_stay_two() {
        let mut seen = Duplicates::default();
        assert_eq!(seen.earlier("a", &text(0..30)), None);
        assert_eq!(seen.earlier("b", &text(0..29)), None);
    }
}
