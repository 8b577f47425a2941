use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use tokenizers::{Encoding, Tokenizer};

use super::{tokenizer_files, told_by, tried};
use crate::error::{Error, Result};
use crate::text::Span;

/// How many case shapes there are; see `shape_of`.
pub const SHAPES: usize = 8;

/// One sentence cut into words and subwords.
///
/// A word here is what the tokenizer's pre-tokenizer gives: runs of letters and digits, and single
/// punctuation marks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SentenceTokens {
    /// Vocabulary id of each subword.
    pub ids: Vec<u32>,
    /// Index of the word each subword belongs to, rising.
    pub word_of: Vec<u32>,
    /// Where each word stands, in bytes of the document's text.
    pub words: Vec<Span>,
    /// Case shape of each word.
    pub shapes: Vec<u8>,
}

impl SentenceTokens {
    /// First and last word that a span touches.
    pub fn words_in(&self, span: Span) -> Option<(usize, usize)> {
        let first = self.words.partition_point(|w| w.end <= span.start);
        let last = self.words.partition_point(|w| w.start < span.end);
        (first < last).then(|| (first, last - 1))
    }

    /// First and last subword of a range of words, both inclusive.
    pub fn subwords_of(&self, words: (usize, usize)) -> (usize, usize) {
        let first = self.word_of.partition_point(|&w| (w as usize) < words.0);
        let past = self.word_of.partition_point(|&w| (w as usize) <= words.1);
        (first, past.saturating_sub(1).max(first))
    }
}

/// The model's own tokenizer (`tokenizer.json`).
#[derive(Debug, Clone)]
pub struct SubwordTokenizer {
    inner: Tokenizer,
    opening: u32,
    closing: u32,
    padding: u32,
}

impl SubwordTokenizer {
    /// Reads the tokenizer of a model folder: `tokenizer.json`, or else `vocab.txt` (WordPiece, of
    /// BERT and its kin), or else `vocab.json` with `merges.txt` (byte-level BPE, of RoBERTa).
    ///
    /// # Errors
    /// No such file is there, one is damaged, or there is no opening, closing and padding token.
    pub fn load(folder: &Path) -> Result<Self> {
        // What the library does with rules that it did not foresee is to panic.
        tried(|| Self::read(folder)).unwrap_or_else(|message| {
            Err(Error::model(
                folder,
                format!("its tokenizer cannot be used: {message}"),
            ))
        })
    }

    fn read(folder: &Path) -> Result<Self> {
        let (mut inner, path) = tokenizer_files::open(folder)?;
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|e| Error::model(&path, e.to_string()))?;
        let token = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| inner.token_to_id(name))
                .ok_or_else(|| Error::model(&path, format!("has neither token {names:?}")))
        };
        // What the tokenizer itself puts around a text. Names alone mislead: MPNet's vocabulary has
        // BERT's tokens, too, but was never trained with them.
        let frame = inner
            .encode("", true)
            .map_err(|e| Error::model(&path, e.to_string()))?;
        let (opening, closing) = match *frame.get_ids() {
            [opening, closing] => (opening, closing),
            _ => (token(["[CLS]", "<s>"])?, token(["[SEP]", "</s>"])?),
        };
        let like_bert = inner.token_to_id("[CLS]") == Some(opening);
        let padding = token(if like_bert {
            ["[PAD]", "<pad>"]
        } else {
            ["<pad>", "[PAD]"]
        })?;
        Ok(Self {
            inner,
            opening,
            closing,
            padding,
        })
    }

    /// The tokenizer as the text of a `tokenizer.json`.
    ///
    /// # Errors
    /// Never for a tokenizer that was loaded.
    pub fn to_json(&self) -> Result<String> {
        self.inner
            .to_string(true)
            .map_err(|e| Error::Usage(format!("the tokenizer cannot be written: {e}")))
    }

    /// The ids that open a window, close it and fill a batch up.
    pub fn special(&self) -> (u32, u32, u32) {
        (self.opening, self.closing, self.padding)
    }

    /// One past the highest id that it gives: how many subwords an encoder has to know.
    pub fn vocabulary_size(&self) -> usize {
        let vocabulary = self.inner.get_vocab(true).into_values();
        // What it puts around a text need not be in its vocabulary.
        let special = [self.opening, self.closing, self.padding];
        let highest = vocabulary.chain(special).max();
        highest.map_or(0, |id| id as usize + 1)
    }

    /// Rules that were read can be such that the library panics at a text.
    fn encode(&self, surface: &str) -> Result<Encoding> {
        let refused =
            |why: String| Error::Usage(format!("the tokenizer refuses {surface:?}: {why}"));
        catch_unwind(AssertUnwindSafe(|| self.inner.encode(surface, false)))
            .map_err(|panic| refused(told_by(&*panic)))?
            .map_err(|e| refused(e.to_string()))
    }

    /// Cuts the part `sentence` of `text` into subwords: vocabulary id, and where it stands in the
    /// text, without white space; the span is empty for a subword of white space alone.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn pieces(&self, text: &str, sentence: Span) -> Result<Vec<(u32, Span)>> {
        let surface = sentence.of(text);
        let encoding = self.encode(surface)?;
        let ids = encoding.get_ids().iter().zip(encoding.get_offsets());
        Ok(ids
            .map(|(&id, &(start, end))| {
                let span = char_aligned(surface, start, end).shifted(sentence.start);
                (id, span.trimmed(text))
            })
            .collect())
    }

    /// Cuts the part `sentence` of `text` into words and subwords.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn tokenize(&self, text: &str, sentence: Span) -> Result<SentenceTokens> {
        let surface = sentence.of(text);
        let encoding = self.encode(surface)?;
        let mut tokens = SentenceTokens::default();
        let mut last = None;
        for ((&id, &(start, end)), word) in encoding
            .get_ids()
            .iter()
            .zip(encoding.get_offsets())
            .zip(encoding.get_word_ids())
        {
            let span = char_aligned(surface, start, end).shifted(sentence.start);
            if span.is_empty() {
                continue;
            }
            if last == Some(*word) && word.is_some() {
                if let Some(open) = tokens.words.last_mut() {
                    open.end = open.end.max(span.end);
                }
            } else {
                tokens.words.push(span);
                last = Some(*word);
            }
            tokens.ids.push(id);
            tokens.word_of.push(tokens.words.len() as u32 - 1);
        }
        tokens.shapes = tokens.words.iter().map(|w| shape_of(w.of(text))).collect();
        Ok(tokens)
    }
}

fn char_aligned(text: &str, mut start: usize, mut end: usize) -> Span {
    end = end.min(text.len());
    start = start.min(end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start, end)
}

/// The case shape of a word, which gives an uncased encoder the capitals back: 0 none (special
/// tokens), 1 lower, 2 Capitalised, 3 ALL CAPITALS, 4 miXed, 5 one capital letter, 6 digits,
/// 7 anything else.
fn shape_of(word: &str) -> u8 {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else {
        return if word.chars().any(char::is_numeric) {
            6
        } else {
            7
        };
    };
    let (mut upper, mut lower) = (0, 0);
    for c in letters {
        if c.is_uppercase() {
            upper += 1;
        } else {
            lower += 1;
        }
    }
    match (first.is_uppercase(), upper, lower) {
        (true, 0, 0) => 5,
        (true, 0, _) => 2,
        (true, _, 0) => 3,
        (false, 0, _) => 1,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A tokenizer whose `tokenizer.json` has `rules` in place of its own of that name.
    fn with(name: &str, rules: Value) -> Result<SubwordTokenizer> {
        let folder = tempfile::tempdir().unwrap();
        let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nana\n";
        std::fs::write(folder.path().join("vocab.txt"), words).unwrap();
        let plain = SubwordTokenizer::load(folder.path()).unwrap();
        let mut all: Value = serde_json::from_str(&plain.to_json().unwrap()).unwrap();
        all[name] = rules;
        std::fs::write(folder.path().join("tokenizer.json"), all.to_string()).unwrap();
        SubwordTokenizer::load(folder.path())
    }

    fn template(special: Value) -> Value {
        let special_token = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
        let text = json!({"Sequence": {"id": "A", "type_id": 0}});
        json!({
            "type": "TemplateProcessing", "pair": [], "special_tokens": special,
            "single": [special_token("[CLS]"), text, special_token("[SEP]")],
        })
    }

    #[test]
    fn rules_at_which_the_library_panics_are_refused() {
        for (name, rules) in [
            ("post_processor", template(json!({}))),
            ("normalizer", json!({"type": "Precompiled"})),
        ] {
            let told = with(name, rules).unwrap_err().to_string();
            assert!(told.contains("its tokenizer cannot be used: "), "{told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }

    #[test]
    fn a_text_at_which_the_library_panics_is_refused() {
        // A table of one entry, in which no letter has a place.
        let table = json!({"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAA="});
        let tokenizer = with("normalizer", table).unwrap();
        let told = tokenizer.tokenize("ana", Span::new(0, 3)).unwrap_err();
        assert!(told.to_string().contains("refuses \"ana\": "), "{told}");
    }

    #[test]
    fn what_stands_around_a_text_counts_among_its_ids() {
        let token = |name: &str, id: u32| json!({"id": name, "ids": [id], "tokens": [name]});
        let special = json!({"[CLS]": token("[CLS]", 4000), "[SEP]": token("[SEP]", 3)});
        let tokenizer = with("post_processor", template(special)).unwrap();
        assert_eq!(tokenizer.special(), (4000, 3, 0));
        assert_eq!(tokenizer.vocabulary_size(), 4001);
    }

    #[test]
    fn shapes_tell_capitals_apart() {
        let shapes: Vec<u8> = ["lower", "Capital", "NATO", "iPhone", "J", "1987", "%", "G7"]
            .iter()
            .map(|w| shape_of(w))
            .collect();
        assert_eq!(shapes, [1, 2, 3, 4, 5, 6, 7, 5]);
    }

    #[test]
    fn spans_find_their_words_and_subwords() {
        let tokens = SentenceTokens {
            ids: vec![1; 5],
            word_of: vec![0, 1, 1, 1, 2],
            words: vec![Span::new(10, 12), Span::new(13, 20), Span::new(20, 21)],
            shapes: vec![1; 3],
        };
        assert_eq!(tokens.words_in(Span::new(14, 21)), Some((1, 2)));
        assert_eq!(tokens.words_in(Span::new(12, 13)), None);
        assert_eq!(tokens.subwords_of((1, 1)), (1, 3));
    }
}
