use rust_bert::Activation;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Tensor, nn};

use super::layer::{Layer, Norm, padding_bias};
use super::{Batch, Phase, SHAPES, VariableScope};
use crate::error::{Error, Result};

/// rust-bert's BERT with the case given back: it sees, beside each uncased subword, the case shape
/// of its word, as a second embedding added to the first. That embedding starts at zero, so a
/// pretrained encoder begins where it was.
///
/// rust-bert's own forward pass is for learning. For reading, the same variables go through layers
/// that use the tensor library's whole kernels for attention and GELU, of which rust-bert's makes
/// seven and five steps.
pub(super) struct Bert {
    words: Tensor,
    shapes: nn::Embedding,
    /// `None` where the variables are outlined and the reader does without it: rust-bert draws values
    /// for all of them.
    learner: Option<BertModel<BertEmbeddings>>,
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
const ZERO: nn::Init = nn::Init::Const(0.0);

impl std::fmt::Debug for Bert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bert")
            .field("words", &self.words.size())
            .finish_non_exhaustive()
    }
}

impl Bert {
    pub(super) fn new(root: &VariableScope<'_>, config: &serde_json::Value) -> Result<Self> {
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
        let scope = root / PREFIX;
        let readable = matches!(config.hidden_act, Activation::gelu);
        let learner = (!readable || !scope.is_outlined())
            .then(|| BertModel::new_with_optional_pooler(scope.path(), &config, false));
        let zero = nn::EmbeddingConfig {
            ws_init: ZERO,
            ..Default::default()
        };
        Ok(Self {
            words: table(&scope, "word_embeddings", config.vocab_size, &config),
            shapes: nn::embedding(
                (root / "shapes").path(),
                SHAPES as i64,
                config.hidden_size,
                zero,
            ),
            learner,
            reader: readable.then(|| Reader::new(&scope, &config)),
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
        let learner = self.learner.as_ref();
        let output = learner.ok_or("its network is one for reading")?.forward_t(
            None,
            Some(mask),
            None,
            None,
            Some(input),
            None,
            None,
            train,
        );
        output.map(|o| o.hidden_state).map_err(|e| e.to_string())
    }
}

/// A table of `rows` vectors as wide as the hidden states.
fn table(scope: &VariableScope<'_>, name: &str, rows: i64, config: &BertConfig) -> Tensor {
    let size = [rows, config.hidden_size];
    (scope / "embeddings" / name).variable("weight", &size, ZERO)
}

impl Reader {
    /// On the variables that rust-bert has made under `scope`, or would make.
    fn new(scope: &VariableScope<'_>, config: &BertConfig) -> Self {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let linear =
            |scope: VariableScope<'_>, from, to| scope.linear(from, to, Default::default());
        let norm = |scope: VariableScope<'_>| Norm::new(&scope, width, EPSILON);
        let layer = |n: i64| {
            let scope = scope / "encoder" / "layer" / n;
            let attention = &scope / "attention";
            let of_self = &attention / "self";
            Layer {
                query: linear(&of_self / "query", width, width),
                key: linear(&of_self / "key", width, width),
                value: linear(&of_self / "value", width, width),
                output: linear(&attention / "output" / "dense", width, width),
                attention_norm: norm(&attention / "output" / "LayerNorm"),
                wide: linear(&scope / "intermediate" / "dense", width, inner),
                narrow: linear(&scope / "output" / "dense", inner, width),
                norm: norm(&scope / "output" / "LayerNorm"),
            }
        };
        let table = |name, rows| table(scope, name, rows, config);
        Self {
            positions: table("position_embeddings", config.max_position_embeddings),
            segment: table("token_type_embeddings", config.type_vocab_size),
            norm: norm(scope / "embeddings" / "LayerNorm"),
            layers: (0..config.num_hidden_layers).map(layer).collect(),
            heads: config.num_attention_heads,
        }
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
    fn an_outline_asks_for_what_rust_bert_makes() {
        let config = config("gelu");
        let shapes = |weights: Weights| {
            let bert = Bert::new(&weights.root(), &config).unwrap();
            assert_eq!(bert.learner.is_none(), weights.root().is_outlined());
            let shapes = weights.variables().into_iter();
            shapes.map(|(name, t)| (name, t.size())).collect::<Vec<_>>()
        };
        assert_eq!(shapes(Weights::outlined()), shapes(Weights::new()));
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
