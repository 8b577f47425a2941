use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;
use tch::Tensor;

use super::architecture::Architecture;
use crate::error::{Error, Result};
use crate::model::{SharedWeights, Weights, without_gradients};

/// A network of rust-bert's with its weights.
#[derive(Debug)]
pub(super) struct Network {
    pub weights: Weights,
    pub architecture: Architecture,
}

impl Network {
    fn new(config: &Value) -> Result<Self, String> {
        let weights = Weights::new();
        let architecture = Architecture::new(weights.root().path(), config)?;
        Ok(Self {
            weights,
            architecture,
        })
    }
}

/// One network a thread; all share the weights in `tensors`, which were read from `path`.
pub(super) fn load_networks(
    config: &Value,
    tensors: HashMap<String, Tensor>,
    path: &Path,
    (opening, closing, _): (u32, u32, u32),
    threads: usize,
) -> Result<Vec<Mutex<Network>>> {
    let refused = |message: String| Error::model(path.parent().unwrap_or(path), message);
    let first = Network::new(config).map_err(refused)?;
    first.weights.adopt(tensors, path)?;
    let ids = Tensor::from_slice(&[i64::from(opening), i64::from(closing)]).view([1, 2]);
    let tried = without_gradients(|| first.architecture.logits(&ids, &ids.ones_like()));
    let _ = tried.map_err(refused)?;
    let shared: SharedWeights = first.weights.into_shared();
    (0..threads.max(1))
        .map(|_| {
            let mut network = Network::new(config).map_err(refused)?;
            network.weights.share(&shared)?;
            Ok(Mutex::new(network))
        })
        .collect()
}
