use rust_bert::Activation;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Tensor, nn};

use super::layer::{Layer, Norm, padding_bias};
use super::{Batch, Phase, SHAPES};
use crate::error::{Error, Result};

/// rust-bert's BERT with the case given back: it sees, beside each uncased subword, the case shape
/// of its word, as a second embedding added to the first. That embedding starts at zero, so a
/// pretrained encoder begins where it was.
///
/// rust-bert's own forward pass is for learning. For reading, the same variables go through layers
/// that use the tensor library's whole kernels for attention and GELU, of which rust-bert's makes
/// seven and five steps.
pub(super) struct Bert {
    model: BertModel<BertEmbeddings>,
    words: Tensor,
    shapes: nn::Embedding,
    /// `None` where the configuration has something that these layers have not.
    reader: Option<Reader>,
}

/// The layers for reading.
struct Reader {
    positions: Tensor,
    /// Of the one segment there is.
    segment: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    heads: i64,
}

pub(super) const PREFIX: &str = "bert";
/// What rust-bert adds to a variance before it takes the root, whatever a configuration says.
const EPSILON: f64 = 1e-12;

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
        if config.is_decoder == Some(true) {
            return Err(Error::Usage(
                "the encoder's configuration has is_decoder true: it reads in one direction only"
                    .into(),
            ));
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
        let reader = match config.hidden_act {
            Activation::gelu => Reader::new(&path, &config),
            _ => None,
        };
        Ok(Self {
            model,
            words,
            shapes,
            reader,
        })
    }

    /// Hidden states `[rows, len, width]`.
    pub(super) fn forward(&self, batch: &Batch, phase: Phase) -> Result<Tensor> {
        const DOING: &str = "encoding a batch";
        let input = Tensor::embedding(&self.words, &batch.ids, -1, false, false)
            + batch.shapes.apply(&self.shapes);
        match &self.reader {
            Some(reader) if phase == Phase::Predict => reader
                .forward(input, &batch.mask)
                .map_err(|e| Error::tensor(DOING, e)),
            _ => self
                .learning(&input, &batch.mask, phase == Phase::Train)
                .map_err(|e| Error::tensor(DOING, e)),
        }
    }

    /// rust-bert's forward pass.
    fn learning(&self, input: &Tensor, mask: &Tensor, train: bool) -> Result<Tensor, String> {
        let output =
            self.model
                .forward_t(None, Some(mask), None, None, Some(input), None, None, train);
        output.map(|o| o.hidden_state).map_err(|e| e.to_string())
    }
}

impl Reader {
    /// On the variables that rust-bert made under `path`.
    fn new(path: &nn::Path, config: &BertConfig) -> Option<Self> {
        let linear = |path: nn::Path| {
            Some(nn::Linear {
                ws: path.get("weight")?,
                bs: Some(path.get("bias")?),
            })
        };
        let norm = |path: nn::Path| {
            Some(Norm {
                weight: path.get("weight")?,
                bias: path.get("bias")?,
                epsilon: EPSILON,
            })
        };
        let layer = |n: i64| {
            let path = path / "encoder" / "layer" / n;
            let attention = &path / "attention";
            let of_self = &attention / "self";
            Some(Layer {
                query: linear(&of_self / "query")?,
                key: linear(&of_self / "key")?,
                value: linear(&of_self / "value")?,
                output: linear(&attention / "output" / "dense")?,
                attention_norm: norm(&attention / "output" / "LayerNorm")?,
                wide: linear(&path / "intermediate" / "dense")?,
                narrow: linear(&path / "output" / "dense")?,
                norm: norm(&path / "output" / "LayerNorm")?,
            })
        };
        let embeddings = path / "embeddings";
        Some(Self {
            positions: (&embeddings / "position_embeddings").get("weight")?,
            segment: (&embeddings / "token_type_embeddings").get("weight")?,
            norm: norm(&embeddings / "LayerNorm")?,
            layers: (0..config.num_hidden_layers)
                .map(layer)
                .collect::<Option<_>>()?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, input: Tensor, mask: &Tensor) -> Result<Tensor, tch::TchError> {
        let len = mask.size2()?.1;
        let positions = self.positions.f_narrow(0, 0, len)?;
        let mut states = (input + positions + self.segment.f_narrow(0, 0, 1)?).apply(&self.norm);
        let bias = padding_bias(mask, states.kind());
        for layer in &self.layers {
            states = layer.forward(&states, &bias, self.heads, None)?;
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Weights, Window};

    fn config(activation: &str) -> serde_json::Value {
        serde_json::json!({
            "vocab_size": 50, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3,
            "intermediate_size": 40, "hidden_act": activation, "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1, "max_position_embeddings": 40,
            "type_vocab_size": 2, "initializer_range": 0.02
        })
    }

    #[test]
    fn reading_agrees_with_rust_berts_own_pass() {
        let config = config("gelu");
        let weights = Weights::new();
        let bert = Bert::new(&weights.root(), &config).unwrap();
        tch::no_grad(|| {
            for (_, variable) in weights.variables() {
                let spread = variable.randn_like() * 0.3;
                let _ = variable.shallow_clone().g_add_(&spread);
            }
        });
        let window = |ids: &[u32]| Window {
            ids: ids.to_vec(),
            shapes: vec![1; ids.len()],
            pieces: Vec::new(),
        };
        let windows = [window(&[3, 9, 14, 22, 5, 41, 7]), window(&[8, 1, 30])];
        let batch = Batch::new(&windows.iter().collect::<Vec<_>>(), 0);
        let input = Tensor::embedding(&bert.words, &batch.ids, -1, false, false)
            + batch.shapes.apply(&bert.shapes);
        tch::no_grad(|| {
            let theirs = bert.learning(&input, &batch.mask, false).unwrap();
            let ours = bert.forward(&batch, Phase::Predict).unwrap();
            for (row, window) in windows.iter().enumerate() {
                let part = |states: &Tensor| {
                    let row = states.select(0, row as i64);
                    row.narrow(0, 0, window.ids.len() as i64)
                };
                let away = (part(&theirs) - part(&ours)).abs().max();
                let away = f64::try_from(away).unwrap();
                assert!(away < 1e-5, "row {row}: {away}");
            }
        });
    }

    #[test]
    fn a_decoder_is_refused() {
        let mut config = config("gelu");
        config["is_decoder"] = true.into();
        let told = Bert::new(&Weights::new().root(), &config).unwrap_err();
        assert!(told.to_string().contains("is_decoder"), "{told}");
    }

    #[test]
    fn another_activation_is_left_to_rust_bert() {
        let config = config("relu");
        let bert = Bert::new(&Weights::new().root(), &config).unwrap();
        assert!(bert.reader.is_none());
    }
}
