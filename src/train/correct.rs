use std::path::Path;

use super::corrections::learn;
use super::judge::{Judge, Score};
use super::names::with_names;
use crate::annotation::Sample;
use crate::config::{Correction, ModelConfig};
use crate::error::{Error, Result};
use crate::files::{remove_if_there, replace_together};
use crate::model::Precision;
use crate::network::{CARD, CONFIG, Model, SCHEMA, TOKENIZER, WEIGHTS, Workers};

/// What came of correcting a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// Score of the corrected model.
    pub score: Option<Score>,
    /// Corrections that the base did not have, or had otherwise.
    pub new: Vec<Correction>,
}

/// Learns from the verdicts of `samples` what their author means by relations otherwise than the model
/// in the folder `base`, and writes that model with these corrections to `output`. `dev` are samples to
/// judge it by; there may be none.
///
/// # Errors
/// The base cannot be run, or a file cannot be written.
pub fn correct(
    samples: Vec<Sample>,
    dev: Vec<Sample>,
    base: &Path,
    output: &Path,
    threads: usize,
) -> Result<Corrected> {
    let mut workers = Workers::start(Model::load(base, Precision::Auto)?, threads)?;
    let mut judge = Judge::new(super::Task::Relations, dev);
    judge.remember(&workers, &samples, Vec::new())?;
    let samples = with_names(samples, &workers)?;
    let before = workers.model().config.clone();
    let config = ModelConfig {
        relation_corrections: learn(&mut workers, &samples)?,
        ..before.clone()
    };
    workers.set_outputs_of(config.clone());
    let score = judge.score(&workers)?;
    std::fs::create_dir_all(output).map_err(|e| Error::io(output, e))?;
    let card = output.join(CARD);
    remove_if_there(&card).map_err(|e| Error::io(card, e))?;
    replace_together(output, CONFIG, |folder| write(folder, base, &config))?;
    let old = before.relation_corrections;
    let new = config.relation_corrections.into_iter();
    Ok(Corrected {
        score,
        new: new.filter(|c| !old.contains(c)).collect(),
    })
}

/// Writes the model `base` with another configuration into a folder.
fn write(folder: &Path, base: &Path, config: &ModelConfig) -> Result<()> {
    for name in [WEIGHTS, SCHEMA, TOKENIZER] {
        let from = base.join(name);
        std::fs::copy(&from, folder.join(name)).map_err(|e| Error::io(from, e))?;
    }
    let path = folder.join(CONFIG);
    let text = serde_json::to_string_pretty(config).map_err(|e| Error::Usage(e.to_string()))?;
    std::fs::write(&path, format!("{text}\n")).map_err(|e| Error::io(path, e))
}
