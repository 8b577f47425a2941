use super::bert::{self, Bert};
use super::mpnet::{self, MpNet};
use super::{Batch, Hidden, Sizes, VariableScope};
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

#[derive(Debug)]
enum Kind {
    Bert(Box<Bert>),
    MpNet(Box<MpNet>),
}

/// The types of encoders that are known here.
const TYPES: [&str; 2] = ["bert", "mpnet"];

fn type_of(config: &serde_json::Value) -> Result<&str> {
    let name = config.get("model_type").and_then(|v| v.as_str());
    let name = name.unwrap_or("bert");
    if TYPES.contains(&name) {
        return Ok(name);
    }
    Err(Error::Usage(format!(
        "no encoder of type {name:?} is known here: it must be \"bert\" or \"mpnet\""
    )))
}

impl Encoder {
    /// The sizes of the encoder that a Hugging Face `config.json` describes. Those at which the tensor
    /// library would give up, instead of saying what is wrong, are refused.
    ///
    /// # Errors
    /// The configuration is of no encoder known here, lacks a value, or has one that makes no sense.
    pub fn sizes(config: &serde_json::Value) -> Result<Sizes> {
        type_of(config)?;
        let number = |key: &str| {
            config
                .get(key)
                .and_then(serde_json::Value::as_u64)
                .filter(|n| (1..1 << 20).contains(n))
                .ok_or_else(|| {
                    Error::Usage(format!("the encoder's configuration has no usable {key:?}"))
                })
        };
        for key in ["hidden_dropout_prob", "attention_probs_dropout_prob"] {
            let share = config.get(key).map(serde_json::Value::as_f64);
            if share.is_some_and(|s| !s.is_some_and(|s| (0.0..1.0).contains(&s))) {
                return Err(Error::Usage(format!(
                    "the encoder's configuration has {key:?} outside 0 to 1"
                )));
            }
        }
        number("num_attention_heads")?;
        let sizes = Sizes {
            vocabulary: number("vocab_size")?,
            positions: number("max_position_embeddings")?,
            segments: match config.get("type_vocab_size") {
                Some(_) => number("type_vocab_size")?,
                None => 0,
            },
            width: number("hidden_size")?,
            inner: number("intermediate_size")?,
            layers: number("num_hidden_layers")?,
        };
        sizes
            .check()
            .map_err(|asks| Error::Usage(format!("the encoder's configuration {asks}")))?;
        Ok(sizes)
    }

    /// Builds the encoder that a Hugging Face `config.json` describes, its variables under `root`.
    /// One whose variables are outlined is for reading only.
    ///
    /// # Errors
    /// The configuration is of no encoder known here, lacks a value, or has one that makes no sense.
    pub fn new(root: &VariableScope<'_>, config: &serde_json::Value) -> Result<Self> {
        let sizes = Self::sizes(config)?;
        let kind = match type_of(config)? {
            "mpnet" => Kind::MpNet(Box::new(MpNet::new(root, config)?)),
            _ => Kind::Bert(Box::new(Bert::new(root, config)?)),
        };
        let longest = match &kind {
            Kind::Bert(_) => sizes.positions as usize,
            Kind::MpNet(mpnet) => mpnet.longest(),
        };
        Ok(Self {
            kind,
            width: sizes.width as i64,
            longest,
            layers: sizes.layers as usize,
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
