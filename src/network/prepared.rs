use super::Model;
use crate::annotation::Label;
use crate::entities::Proposed;
use crate::error::Result;
use crate::model::{Batch, SentenceTokens, Window, windows};
use crate::text::{Span, count_words};

/// A mention that is given instead of found.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenMention {
    /// Where, in bytes of the text.
    pub span: Span,
    /// Its type, when known.
    pub label: Option<Label>,
    /// Probability that span and type are right, 0 to 1.
    pub confidence: f32,
}

/// A text ready for the encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// Its sentences, in bytes of the text.
    pub sentences: Vec<Span>,
    /// Words and subwords, sentence by sentence.
    pub tokens: Vec<SentenceTokens>,
    /// The encoder's rows.
    pub windows: Vec<Window>,
    /// Mentions that are given instead of found.
    pub given: Option<Vec<GivenMention>>,
    /// Words that are read as mentions besides the names found, where they touch none: pronouns and
    /// noun phrases that may refer to a name.
    pub references: Vec<Proposed>,
}

impl Model {
    /// Cuts the sentences of a text into subwords and lays them into windows.
    ///
    /// # Errors
    /// The tokenizer refuses the text.
    pub fn prepare(&self, text: &str, sentences: Vec<Span>) -> Result<Prepared> {
        let tokens = sentences
            .iter()
            .map(|&sentence| self.tokenizer.tokenize(text, sentence))
            .collect::<Result<Vec<_>>>()?;
        let windows = windows(&tokens, self.limits(), &self.tokenizer);
        Ok(Prepared {
            sentences,
            tokens,
            windows,
            given: None,
            references: Vec::new(),
        })
    }
}

impl Prepared {
    /// How many words of the text stand in sentences of which the windows leave no subword out.
    pub fn words_read(&self, text: &str) -> usize {
        let mut owned = vec![0; self.tokens.len()];
        for piece in self.windows.iter().flat_map(|w| &w.pieces) {
            owned[piece.sentence] += piece.owned.len();
        }
        self.sentences
            .iter()
            .zip(&self.tokens)
            .zip(owned)
            .filter(|((_, tokens), owned)| tokens.ids.len() == *owned)
            .map(|((sentence, _), _)| count_words(sentence.of(text)))
            .sum()
    }
}

/// Groups windows, given by their lengths in subwords, into batches of at most `budget` padded
/// subwords (at least one window each). All windows of a batch have the same padded length, long
/// ones first, so no two of them influence each other.
pub fn batches(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&n| std::cmp::Reverse(Batch::padded_len(lengths[n])));
    let mut done: Vec<Vec<usize>> = Vec::new();
    let mut open_len = 0;
    for n in order {
        let len = Batch::padded_len(lengths[n]);
        match done.last_mut() {
            Some(open) if open_len == len && (open.len() + 1) * len <= budget => open.push(n),
            _ => {
                done.push(vec![n]);
                open_len = len;
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_window_is_in_one_batch(lengths in prop::collection::vec(1usize..300, 0..200), budget in 1usize..4000) {
            let made = batches(&lengths, budget);
            let mut all: Vec<usize> = made.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
            for batch in made {
                let len = Batch::padded_len(lengths[batch[0]]);
                prop_assert!(batch.iter().all(|&n| Batch::padded_len(lengths[n]) == len));
                prop_assert!(batch.len() == 1 || batch.len() * len <= budget);
            }
        }
    }
}
