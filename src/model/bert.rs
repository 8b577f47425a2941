use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Tensor, nn};

use super::{Batch, Phase, SHAPES};
use crate::error::{Error, Result};

/// rust-bert's BERT with the case given back: it sees, beside each uncased subword, the case shape
/// of its word, as a second embedding added to the first. That embedding starts at zero, so a
/// pretrained encoder begins where it was.
pub(super) struct Bert {
    model: BertModel<BertEmbeddings>,
    words: Tensor,
    shapes: nn::Embedding,
}

pub(super) const PREFIX: &str = "bert";

impl std::fmt::Debug for Bert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bert")
            .field("words", &self.words.size())
            .finish_non_exhaustive()
    }
}

impl Bert {
    pub(super) fn new(root: &nn::Path, config: &serde_json::Value) -> Result<Self> {
        let config: BertConfig = serde_json::from_value(config.clone())
            .map_err(|e| Error::Usage(format!("the encoder's configuration: {e}")))?;
        if config.num_attention_heads < 1 || config.hidden_size % config.num_attention_heads != 0 {
            return Err(Error::Usage(format!(
                "the encoder's hidden_size {} is no multiple of its {} attention heads",
                config.hidden_size, config.num_attention_heads
            )));
        }
        let path = root / PREFIX;
        let model = BertModel::new_with_optional_pooler(&path, &config, false);
        let words = (&path / "embeddings" / "word_embeddings")
            .get("weight")
            .ok_or_else(|| Error::Usage("the encoder has no word embeddings".into()))?;
        let zero = nn::EmbeddingConfig {
            ws_init: nn::Init::Const(0.0),
            ..Default::default()
        };
        let shapes = nn::embedding(root / "shapes", SHAPES as i64, config.hidden_size, zero);
        Ok(Self {
            model,
            words,
            shapes,
        })
    }

    /// Hidden states `[rows, len, width]`.
    pub(super) fn forward(&self, batch: &Batch, phase: Phase) -> Result<Tensor> {
        let input = Tensor::embedding(&self.words, &batch.ids, -1, false, false)
            + batch.shapes.apply(&self.shapes);
        let output = self
            .model
            .forward_t(
                None,
                Some(&batch.mask),
                None,
                None,
                Some(&input),
                None,
                None,
                phase == Phase::Train,
            )
            .map_err(|e| Error::Tensor {
                doing: "encoding a batch",
                message: e.to_string(),
            })?;
        Ok(output.hidden_state)
    }
}
