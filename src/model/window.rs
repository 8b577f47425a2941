use std::ops::Range;

use super::{Batch, SentenceTokens, SubwordTokenizer};
use crate::config::ModelConfig;

/// How much text one window may hold, in subwords with the two special tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct WindowLimits {
    /// Neighbouring sentences share a window, and so see each other, up to this many.
    pub shared: usize,
    /// A longer sentence has a window of its own, up to this many.
    pub alone: usize,
    /// A still longer one is read in several windows that overlap by this many.
    pub overlap: usize,
}

impl WindowLimits {
    /// Those that a model was trained with.
    pub fn of(config: &ModelConfig) -> Self {
        let [shared, alone, overlap] = config.windows;
        Self {
            shared,
            alone,
            overlap,
        }
    }

    /// The limits, made smaller where an encoder of so many `positions` could not read a padded row.
    /// Windows that overlap share at most a quarter.
    #[must_use]
    pub fn within(self, positions: usize) -> Self {
        let longest = Batch::longest_within(positions);
        let alone = self.alone.min(longest);
        Self {
            shared: self.shared.min(longest),
            alone,
            overlap: self.overlap.min(alone / 4),
        }
    }

    /// Length of the longest row, padded.
    pub fn longest_row(self) -> usize {
        Batch::padded_len(self.shared.max(self.alone))
    }
}

impl Default for WindowLimits {
    fn default() -> Self {
        Self {
            shared: 128,
            alone: 256,
            overlap: 64,
        }
    }
}

/// A sentence, or a part of a long one, inside a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Index of the sentence among those given to [`windows`].
    pub sentence: usize,
    /// Position in the window of the piece's first subword.
    pub at: usize,
    /// The sentence's subwords that the piece holds.
    pub subwords: Range<usize>,
    /// Those of them whose tags are taken from this piece. Over all pieces of a sentence these
    /// ranges are disjoint and cover it, so no text goes unread.
    pub owned: Range<usize>,
}

/// One row of the encoder's input: opening token, pieces, closing token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Vocabulary ids.
    pub ids: Vec<u32>,
    /// Case shape of each id's word; 0 for the special tokens.
    pub shapes: Vec<u8>,
    /// What stands in it.
    pub pieces: Vec<Piece>,
}

impl Window {
    fn new(tokenizer_special: (u32, u32, u32)) -> Self {
        Self {
            ids: vec![tokenizer_special.0],
            shapes: vec![0],
            pieces: Vec::new(),
        }
    }

    fn push(
        &mut self,
        sentence: usize,
        tokens: &SentenceTokens,
        subwords: Range<usize>,
        owned: Range<usize>,
    ) {
        let at = self.ids.len();
        self.ids.extend_from_slice(&tokens.ids[subwords.clone()]);
        self.shapes.extend(
            tokens.word_of[subwords.clone()]
                .iter()
                .map(|&w| tokens.shapes[w as usize]),
        );
        self.pieces.push(Piece {
            sentence,
            at,
            subwords,
            owned,
        });
    }

    fn close(mut self, special: (u32, u32, u32)) -> Self {
        self.ids.push(special.1);
        self.shapes.push(0);
        self
    }
}

/// Lays consecutive sentences of one document into windows.
pub fn windows(
    sentences: &[SentenceTokens],
    limits: WindowLimits,
    tokenizer: &SubwordTokenizer,
) -> Vec<Window> {
    lay_out(sentences, limits, tokenizer.special())
}

fn lay_out(
    sentences: &[SentenceTokens],
    limits: WindowLimits,
    special: (u32, u32, u32),
) -> Vec<Window> {
    let mut done = Vec::new();
    let mut open = Window::new(special);
    let room = |limit: usize| limit.saturating_sub(2).max(1);
    let shut = |open: &mut Window, done: &mut Vec<Window>| {
        if !open.pieces.is_empty() {
            done.push(std::mem::replace(open, Window::new(special)).close(special));
        }
    };
    for (n, tokens) in sentences.iter().enumerate() {
        let len = tokens.ids.len();
        if len == 0 {
            continue;
        }
        if open.ids.len() + len > limits.shared.saturating_sub(1) {
            shut(&mut open, &mut done);
        }
        if len <= room(limits.alone) {
            open.push(n, tokens, 0..len, 0..len);
            continue;
        }
        for (subwords, owned) in overlapping(len, room(limits.alone), limits.overlap) {
            open.push(n, tokens, subwords, owned);
            shut(&mut open, &mut done);
        }
    }
    shut(&mut open, &mut done);
    done
}

/// Cuts `0..len` into ranges of at most `size` that overlap, each with the part it owns: the
/// border between two owners lies in the middle of their overlap.
pub(crate) fn overlapping(
    len: usize,
    size: usize,
    overlap: usize,
) -> Vec<(Range<usize>, Range<usize>)> {
    let overlap = overlap.min(size / 2);
    let step = (size - overlap).max(1);
    let mut parts = Vec::new();
    let (mut start, mut owned_from) = (0, 0);
    loop {
        let end = (start + size).min(len);
        let owned_to = if end == len { len } else { end - overlap / 2 };
        parts.push((start..end, owned_from..owned_to));
        if end == len {
            return parts;
        }
        owned_from = owned_to;
        start += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;
    use proptest::prelude::*;

    fn sentence(len: usize) -> SentenceTokens {
        SentenceTokens {
            ids: (0..len as u32).collect(),
            word_of: (0..len as u32).collect(),
            words: (0..len).map(|i| Span::new(2 * i, 2 * i + 1)).collect(),
            shapes: vec![1; len],
        }
    }

    #[test]
    fn limits_keep_within_the_positions_of_the_encoder() {
        let within = |positions| {
            let limits = WindowLimits::default().within(positions);
            [limits.shared, limits.alone, limits.overlap]
        };
        assert_eq!(within(512), [128, 256, 64]);
        assert_eq!(within(250), [128, 240, 60]);
        assert_eq!(within(70), [64, 64, 16]);
        assert_eq!(within(15), [0, 0, 0]);
        for positions in [16, 63, 64, 100, 255, 256, 514] {
            let limits = WindowLimits::default().within(positions);
            assert!(limits.longest_row() <= positions, "{positions}");
        }
        let odd = WindowLimits {
            shared: 32,
            alone: 50,
            overlap: 16,
        };
        assert_eq!(odd.longest_row(), 64);
    }

    proptest! {
        #[test]
        fn every_subword_is_owned_once(
            lengths in prop::collection::vec(0usize..700, 0..12),
            shared in 4usize..200, alone in 3usize..300, overlap in 0usize..200,
        ) {
            let sentences: Vec<_> = lengths.iter().map(|&n| sentence(n)).collect();
            let limits = WindowLimits { shared, alone, overlap };
            let laid = lay_out(&sentences, limits, (100_000, 100_001, 100_002));
            let mut seen: Vec<Vec<u8>> = lengths.iter().map(|&n| vec![0; n]).collect();
            for window in &laid {
                prop_assert!(window.ids.len() <= shared.max(alone));
                prop_assert_eq!(window.ids.len(), window.shapes.len());
                for piece in &window.pieces {
                    prop_assert!(piece.subwords.start <= piece.owned.start);
                    prop_assert!(piece.owned.end <= piece.subwords.end);
                    for (k, at) in piece.subwords.clone().enumerate() {
                        prop_assert_eq!(window.ids[piece.at + k], sentences[piece.sentence].ids[at]);
                    }
                    for at in piece.owned.clone() {
                        seen[piece.sentence][at] += 1;
                    }
                }
            }
            prop_assert!(seen.iter().flatten().all(|&n| n == 1));
        }
    }
}
