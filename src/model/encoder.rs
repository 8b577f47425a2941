use tch::nn;

use super::bert::{self, Bert};
use super::mpnet::{self, MpNet};
use super::{Batch, Hidden, Sizes};
use crate::error::{Error, Result};

/// Whether dropout is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Learning: dropout on.
    Train,
    /// Reading: dropout off.
    Predict,
}

/// The one place that knows which encoders there are.
#[derive(Debug)]
pub struct Encoder {
    kind: Kind,
    width: i64,
    longest: usize,
    layers: usize,
}

/// Refuses sizes at which the tensor library would give up instead of saying what is wrong.
fn check_sizes(config: &serde_json::Value) -> Result<()> {
    let read = |key: &str| config.get(key).and_then(serde_json::Value::as_u64);
    for key in [
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
        "type_vocab_size",
    ] {
        if config.get(key).is_some() && !read(key).is_some_and(|n| (1..1 << 20).contains(&n)) {
            return Err(Error::Usage(format!(
                "the encoder's configuration has no usable {key:?}"
            )));
        }
    }
    for key in ["hidden_dropout_prob", "attention_probs_dropout_prob"] {
        let share = config.get(key).map(serde_json::Value::as_f64);
        if share.is_some_and(|s| !s.is_some_and(|s| (0.0..1.0).contains(&s))) {
            return Err(Error::Usage(format!(
                "the encoder's configuration has {key:?} outside 0 to 1"
            )));
        }
    }
    let size = |key: &str| read(key).unwrap_or(1);
    let sizes = Sizes {
        vocabulary: size("vocab_size"),
        positions: size("max_position_embeddings"),
        width: size("hidden_size"),
        inner: size("intermediate_size"),
        layers: size("num_hidden_layers"),
    };
    sizes
        .check()
        .map_err(|asks| Error::Usage(format!("the encoder's configuration {asks}")))
}

#[derive(Debug)]
enum Kind {
    Bert(Box<Bert>),
    MpNet(Box<MpNet>),
}

impl Encoder {
    /// Builds the encoder that a Hugging Face `config.json` describes, its variables under `root`.
    ///
    /// # Errors
    /// The configuration is of no encoder known here, or lacks a value.
    pub fn new(root: &nn::Path, config: &serde_json::Value) -> Result<Self> {
        let number = |key: &str| {
            config
                .get(key)
                .and_then(serde_json::Value::as_u64)
                .filter(|&n| n > 0 && n < 1 << 20)
                .ok_or_else(|| {
                    Error::Usage(format!("the encoder's configuration has no usable {key:?}"))
                })
        };
        check_sizes(config)?;
        let name = config.get("model_type").and_then(|v| v.as_str());
        let kind = match name.unwrap_or("bert") {
            "bert" => Kind::Bert(Box::new(Bert::new(root, config)?)),
            "mpnet" => Kind::MpNet(Box::new(MpNet::new(root, config)?)),
            other => {
                return Err(Error::Usage(format!(
                    "no encoder of type {other:?} is known here: it must be \"bert\" or \"mpnet\""
                )));
            }
        };
        let longest = match &kind {
            Kind::Bert(_) => number("max_position_embeddings")? as usize,
            Kind::MpNet(mpnet) => mpnet.longest(),
        };
        Ok(Self {
            kind,
            width: number("hidden_size")? as i64,
            longest,
            layers: number("num_hidden_layers")? as usize,
        })
    }

    /// Width of the hidden states.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// Most subwords a window may have.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Number of transformer layers.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Encodes a batch.
    ///
    /// # Errors
    /// The tensor library refuses it.
    pub fn encode(&self, batch: &Batch, phase: Phase) -> Result<Hidden> {
        let states = match &self.kind {
            Kind::Bert(bert) => bert.forward(batch, phase)?,
            Kind::MpNet(mpnet) => mpnet.forward(batch, phase)?,
        };
        Ok(Hidden {
            states: states.view([-1, self.width]),
            shapes: batch.shapes.view([-1]),
        })
    }

    /// The variable that a tensor of a Hugging Face checkpoint belongs to, or `None` for one that
    /// is not used here (poolers, masked-word heads).
    pub fn variable_of(&self, checkpoint_name: &str) -> Option<String> {
        let prefix = match &self.kind {
            Kind::Bert(_) => bert::PREFIX,
            Kind::MpNet(_) => mpnet::PREFIX,
        };
        let name = checkpoint_name
            .strip_prefix(prefix)
            .and_then(|name| name.strip_prefix('.'))
            .unwrap_or(checkpoint_name);
        let used = (name.starts_with("embeddings.") || name.starts_with("encoder."))
            && !name.ends_with("position_ids");
        used.then(|| format!("{prefix}.{name}"))
    }
}
