use std::collections::BTreeSet;
use std::path::Path;

use super::checkpoint::Checkpoint;
use super::corrections::{Learnt, learn};
use super::judge::{Judge, Score};
use super::names::with_names;
use super::trainer::{remove_older_card, tell_score, write_config};
use crate::annotation::{Label, Sample};
use crate::config::{Correction, ModelConfig};
use crate::error::{Error, Result};
use crate::files::replace_together;
use crate::model::Precision;
use crate::network::{CONFIG, Model, SCHEMA, TOKENIZER, WEIGHTS, Workers};

/// What came of correcting a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// Score of the corrected model.
    pub score: Option<Score>,
    /// All its corrections.
    pub corrections: Vec<Correction>,
    /// Whether the base has others.
    pub is_new: bool,
    /// Relations that verdicts speak of and that the base does not know.
    pub unknown: BTreeSet<Label>,
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
    precision: Precision,
    threads: usize,
) -> Result<Corrected> {
    let mut workers = Workers::start(Model::load(base, precision)?, threads)?;
    let brought: Vec<Sample> = samples.iter().chain(&dev).cloned().collect();
    let mut judge = Judge::new(super::Task::Relations, dev);
    judge.remember(&workers, &brought, Vec::new())?;
    let samples = with_names(samples, &workers)?;
    let mut config = workers.model().config.clone();
    let Learnt {
        corrections,
        unknown,
    } = learn(&mut workers, &samples)?;
    let before = std::mem::replace(&mut config.relation_corrections, corrections);
    workers.set_outputs_of(config.clone());
    let score = judge.score(&workers)?;
    tell_score(&mut config, score);
    std::fs::create_dir_all(output).map_err(|e| Error::io(output, e))?;
    Checkpoint::forget(output)?;
    remove_older_card(output)?;
    replace_together(output, CONFIG, |folder| write(folder, base, &config))?;
    Ok(Corrected {
        score,
        is_new: before != config.relation_corrections,
        corrections: config.relation_corrections,
        unknown,
    })
}

/// Writes the model `base` with another configuration into a folder.
fn write(folder: &Path, base: &Path, config: &ModelConfig) -> Result<()> {
    for name in [WEIGHTS, SCHEMA, TOKENIZER] {
        let from = base.join(name);
        std::fs::copy(&from, folder.join(name)).map_err(|e| Error::io(from, e))?;
    }
    write_config(folder, config)
}
