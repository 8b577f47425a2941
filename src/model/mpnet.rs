use serde::Deserialize;
use tch::{Kind, Tensor, nn};

use super::layer::{Dropout, Layer, Norm, padding_bias};
use super::{Batch, Phase, SHAPES, VariableScope};
use crate::error::{Error, Result};

/// MPNet's encoder (Song et al. 2020, "MPNet: Masked and Permuted Pre-training for Language
/// Understanding"), which rust-bert lacks: BERT without token types, with positions counted from
/// one past the padding id, and with one bias per head and bucket of relative distance (as in T5,
/// Raffel et al. 2020) that all layers add to their attention scores.
///
/// The case is given back as in the BERT encoder: the case shape of each subword's word is a
/// second embedding, added to the first, that starts at zero.
pub(super) struct MpNet {
    words: Tensor,
    positions: Tensor,
    norm: Norm,
    shapes: nn::Embedding,
    distances: nn::Embedding,
    layers: Vec<Layer>,
    settings: Settings,
}

pub(super) const PREFIX: &str = "mpnet";
/// First value of what is read from a file, always: random numbers would be drawn for nothing.
const ZERO: nn::Init = nn::Init::Const(0.0);

/// The part of a Hugging Face `config.json` that matters here.
#[derive(Debug, Clone, Deserialize)]
struct Settings {
    hidden_size: i64,
    num_attention_heads: i64,
    num_hidden_layers: usize,
    intermediate_size: i64,
    max_position_embeddings: i64,
    vocab_size: i64,
    #[serde(default = "one")]
    pad_token_id: i64,
    #[serde(default = "buckets")]
    relative_attention_num_buckets: i64,
    #[serde(default = "epsilon")]
    layer_norm_eps: f64,
    #[serde(default = "tenth")]
    hidden_dropout_prob: f64,
    #[serde(default = "tenth")]
    attention_probs_dropout_prob: f64,
}

fn one() -> i64 {
    1
}

fn buckets() -> i64 {
    32
}

fn epsilon() -> f64 {
    1e-5
}

fn tenth() -> f64 {
    0.1
}

/// More than any encoder has; far more would fill the memory.
const MOST_BUCKETS: i64 = 1 << 12;

/// Distances from here on share the last bucket.
const FARTHEST: f64 = 128.0;

impl std::fmt::Debug for MpNet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MpNet")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl MpNet {
    pub(super) fn new(root: &VariableScope<'_>, config: &serde_json::Value) -> Result<Self> {
        let settings: Settings = serde_json::from_value(config.clone())
            .map_err(|e| Error::Usage(format!("the encoder's configuration: {e}")))?;
        let s = &settings;
        if s.num_attention_heads < 1 || s.hidden_size % s.num_attention_heads != 0 {
            return Err(Error::Usage(format!(
                "the encoder's hidden_size {} is no multiple of its {} attention heads",
                s.hidden_size, s.num_attention_heads
            )));
        }
        let buckets = 4..=MOST_BUCKETS;
        if !buckets.contains(&s.relative_attention_num_buckets) || s.pad_token_id < 0 {
            return Err(Error::Usage(
                "the encoder's relative_attention_num_buckets or pad_token_id makes no sense"
                    .into(),
            ));
        }
        let path = root / PREFIX;
        let embeddings = &path / "embeddings";
        let table = |scope: VariableScope<'_>, rows: i64| {
            scope.variable("weight", &[rows, s.hidden_size], ZERO)
        };
        let zero = nn::EmbeddingConfig {
            ws_init: ZERO,
            ..Default::default()
        };
        let encoder = &path / "encoder";
        Ok(Self {
            words: table(&embeddings / "word_embeddings", s.vocab_size),
            positions: table(
                &embeddings / "position_embeddings",
                s.max_position_embeddings,
            ),
            norm: layer_norm(&embeddings / "LayerNorm", s),
            shapes: nn::embedding((root / "shapes").path(), SHAPES as i64, s.hidden_size, zero),
            distances: nn::embedding(
                (&encoder / "relative_attention_bias").path(),
                s.relative_attention_num_buckets,
                s.num_attention_heads,
                zero,
            ),
            layers: (0..s.num_hidden_layers)
                .map(|n| layer(&(&encoder / "layer" / n), s))
                .collect(),
            settings,
        })
    }

    /// Most subwords a window may have.
    pub(super) fn longest(&self) -> usize {
        (self.settings.max_position_embeddings - self.settings.pad_token_id - 1).max(0) as usize
    }

    /// Hidden states `[rows, len, width]`.
    pub(super) fn forward(&self, batch: &Batch, phase: Phase) -> Result<Tensor> {
        self.try_forward(batch, phase == Phase::Train)
            .map_err(|e| Error::tensor("encoding a batch", e))
    }

    fn try_forward(&self, batch: &Batch, train: bool) -> Result<Tensor, tch::TchError> {
        let s = &self.settings;
        // Padding comes last in a row, so positions simply count on from the first.
        let first = s.pad_token_id + 1;
        let len = batch.row_len() as i64;
        let positions = self.positions.f_narrow(0, first, len)?;
        let input = Tensor::f_embedding(&self.words, &batch.ids, -1, false, false)?
            + positions
            + batch.shapes.apply(&self.shapes);
        let mut states = input
            .apply(&self.norm)
            .f_dropout(s.hidden_dropout_prob, train)?;
        let bias = self.bias(batch, states.kind())?;
        let dropout = train.then_some(Dropout {
            attention: s.attention_probs_dropout_prob,
            hidden: s.hidden_dropout_prob,
        });
        for layer in &self.layers {
            states = layer.forward(&states, &bias, s.num_attention_heads, dropout)?;
        }
        Ok(states)
    }

    /// What is added to the attention scores, `[rows, heads, len, len]`: the bias of each distance,
    /// and a large negative number where the row attended to is padding.
    fn bias(&self, batch: &Batch, kind: Kind) -> Result<Tensor, tch::TchError> {
        let len = batch.row_len();
        let buckets = distance_buckets(len, self.settings.relative_attention_num_buckets);
        let size = len as i64;
        let distances = Tensor::from_slice(&buckets)
            .view([size, size])
            .apply(&self.distances)
            .permute([2, 0, 1])
            .unsqueeze(0)
            .to_kind(kind);
        Ok(distances + padding_bias(&batch.mask, kind))
    }
}

/// The bucket of each position seen from each other, `[len * len]`: half of them for what comes
/// after, half of those for single distances, the rest for ever wider ones.
fn distance_buckets(len: usize, buckets: i64) -> Vec<i64> {
    let half = buckets / 2;
    let exact = half / 2;
    let bucket = |from: usize, to: usize| {
        let side = if to > from { half } else { 0 };
        let distance = from.abs_diff(to) as i64;
        if distance < exact {
            return side + distance;
        }
        let share = (distance as f64 / exact as f64).ln() / (FARTHEST / exact as f64).ln();
        side + (exact + (share * (half - exact) as f64) as i64).min(half - 1)
    };
    (0..len)
        .flat_map(|from| (0..len).map(move |to| (from, to)))
        .map(|(from, to)| bucket(from, to))
        .collect()
}

fn layer_norm(scope: VariableScope<'_>, s: &Settings) -> Norm {
    Norm::new(&scope, s.hidden_size, s.layer_norm_eps)
}

fn layer(scope: &VariableScope<'_>, s: &Settings) -> Layer {
    let zero = nn::LinearConfig {
        ws_init: ZERO,
        bs_init: Some(ZERO),
        ..Default::default()
    };
    let linear = |scope: VariableScope<'_>, from: i64, to: i64| scope.linear(from, to, zero);
    let attention = scope / "attention" / "attn";
    let (width, inner) = (s.hidden_size, s.intermediate_size);
    Layer {
        query: linear(&attention / "q", width, width),
        key: linear(&attention / "k", width, width),
        value: linear(&attention / "v", width, width),
        output: linear(&attention / "o", width, width),
        attention_norm: layer_norm(scope / "attention" / "LayerNorm", s),
        wide: linear(scope / "intermediate" / "dense", width, inner),
        narrow: linear(scope / "output" / "dense", inner, width),
        norm: layer_norm(scope / "output" / "LayerNorm", s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Encoder, Weights, Window, read_tensors};

    #[derive(Deserialize)]
    struct Row {
        ids: Vec<u32>,
        hidden: Vec<Vec<f32>>,
    }

    /// The fixture holds what the reference implementation makes of random weights; see
    /// `scripts/fixtures/mpnet.py`.
    #[test]
    fn it_agrees_with_the_reference() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mpnet");
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let rows: Vec<Row> = serde_json::from_str(&text("expected.json")).unwrap();
        let weights = Weights::new();
        let config = serde_json::from_str(&text("config.json")).unwrap();
        let encoder = Encoder::new(&weights.root(), &config).unwrap();
        let path = folder.join("model.safetensors");
        let tensors = read_tensors(&path)
            .unwrap()
            .into_iter()
            .map(|(name, tensor)| (encoder.variable_of(&name).unwrap(), tensor))
            .collect();
        let missing = weights.fill(&tensors, &path).unwrap();
        assert_eq!(missing, ["shapes.weight"]);
        let windows: Vec<Window> = rows
            .iter()
            .map(|row| Window {
                ids: row.ids.clone(),
                shapes: vec![0; row.ids.len()],
                pieces: Vec::new(),
            })
            .collect();
        let batch = Batch::new(&windows.iter().collect::<Vec<_>>(), 1);
        let hidden = tch::no_grad(|| encoder.encode(&batch, Phase::Predict)).unwrap();
        for (n, row) in rows.iter().enumerate() {
            for (at, wanted) in row.hidden.iter().enumerate() {
                let got = hidden.at(&[batch.flat(n, at)]).view([-1]);
                let away = (got - Tensor::from_slice(wanted)).abs().max();
                let away = f64::try_from(away).unwrap();
                assert!(away < 1e-4, "row {n}, position {at}: {away}");
            }
        }
    }

    #[test]
    fn near_distances_have_buckets_of_their_own() {
        let buckets = distance_buckets(200, 32);
        let at = |from: usize, to: usize| buckets[from * 200 + to];
        assert_eq!([at(5, 5), at(5, 4), at(9, 2), at(5, 6)], [0, 1, 7, 17]);
        assert_eq!([at(150, 0), at(0, 150)], [15, 31]);
        assert_eq!(at(20, 12), 8);
    }
}
