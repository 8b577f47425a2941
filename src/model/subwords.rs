use std::path::Path;

use tokenizers::Tokenizer;

use super::tokenizer_files;
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

    /// One past the highest id of the vocabulary: how many subwords an encoder has to know.
    pub fn vocabulary_size(&self) -> usize {
        let highest = self.inner.get_vocab(true).into_values().max();
        highest.map_or(0, |id| id as usize + 1)
    }

    /// Cuts the part `sentence` of `text` into subwords: vocabulary id, and where it stands in the
    /// text, without white space; the span is empty for a subword of white space alone.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn pieces(&self, text: &str, sentence: Span) -> Result<Vec<(u32, Span)>> {
        let surface = sentence.of(text);
        let encoding = self
            .inner
            .encode(surface, false)
            .map_err(|e| Error::Usage(format!("the tokenizer refuses {surface:?}: {e}")))?;
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
        let encoding = self
            .inner
            .encode(surface, false)
            .map_err(|e| Error::Usage(format!("the tokenizer refuses {surface:?}: {e}")))?;
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
