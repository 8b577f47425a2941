use tch::{Kind, Tensor, nn};

use super::TagScores;
use crate::error::{Error, Result};
use crate::model::{Hidden, SHAPES, VariableScope, recurring};

/// Scores the tags of a word from its first subword's hidden state and its case shape.
#[derive(Debug)]
pub struct TagHead {
    shapes: nn::Embedding,
    output: nn::Linear,
    tags: i64,
}

const SHAPE_WIDTH: i64 = 32;
const DROPOUT: f64 = 0.1;

impl TagHead {
    /// A head for `tags` tags on hidden states of `width`, its variables under `scope`.
    pub fn new(scope: &VariableScope<'_>, width: i64, tags: usize) -> Self {
        let tags = tags as i64;
        Self {
            shapes: nn::embedding(
                (scope / "shapes").path(),
                SHAPES as i64,
                SHAPE_WIDTH,
                Default::default(),
            ),
            output: (scope / "output").linear(width + SHAPE_WIDTH, tags, Default::default()),
            tags,
        }
    }

    /// Logits `[words, tags]`, fp32, for the words whose first subwords stand at these flat
    /// positions of the batch.
    pub(crate) fn logits(&self, hidden: &Hidden, word_starts: &[i64], train: bool) -> Tensor {
        let shapes = hidden
            .shapes
            .index_select(0, &Tensor::from_slice(word_starts))
            .apply(&self.shapes)
            .to_kind(hidden.kind());
        let words = Tensor::cat(&[hidden.at(word_starts), shapes], 1).dropout(DROPOUT, train);
        recurring(&words, &self.output).to_kind(Kind::Float)
    }

    /// Log-probabilities of the tags of these words.
    ///
    /// # Errors
    /// The tensor library refuses the computation.
    pub fn score(&self, hidden: &Hidden, word_starts: &[i64]) -> Result<TagScores> {
        let tags = self.tags as usize;
        if word_starts.is_empty() {
            return Ok(TagScores {
                values: Vec::new(),
                tags,
            });
        }
        let scores = self
            .logits(hidden, word_starts, false)
            .log_softmax(-1, Kind::Float)
            .view([-1]);
        let values = Vec::<f32>::try_from(scores).map_err(|e| Error::tensor("scoring tags", e))?;
        Ok(TagScores { values, tags })
    }
}
