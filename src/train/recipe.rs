use std::path::Path;

use super::judge::Judge;
use super::names::with_names;
use super::options::TrainOptions;
use super::replay::{Replay, replay};
use super::start::is_dossier;
use super::trainer::Lessons;
use crate::annotation::Sample;
use crate::config::ModelConfig;
use crate::error::Result;
use crate::model::Precision;
use crate::network::{Model, Workers};
use crate::samples::read_native;

/// What a new model may lose of what its base knew, in points of F1.
pub const MAY_LOSE: f64 = 2.0;

/// The project's own labelled sentences, to be replayed.
const OWN_SAMPLES: &str = include_str!("../../data/samples.jsonl");

/// The settings for training from the folder `base`, a bare encoder or a model, where the user names no
/// others.
///
/// # Errors
/// The model's configuration cannot be read.
pub fn usual_options(base: &Path) -> Result<TrainOptions> {
    if !is_dossier(base) {
        return Ok(TrainOptions::default());
    }
    let layers = ModelConfig::load(base)?.encoder["num_hidden_layers"].as_u64();
    Ok(TrainOptions::for_retraining(layers.unwrap_or(0) as usize))
}

/// What a model is made of beside its base, and judged by.
#[derive(Debug)]
pub struct Material {
    /// The samples that the user brought to train on.
    pub samples: Vec<Sample>,
    /// Samples of what the base model knows, mixed in.
    pub replayed: Vec<Sample>,
    /// Judges the model after each epoch.
    pub judge: Judge,
}

impl Material {
    /// Gathers it for training from the folder `base` on the `samples` that the user brought, to be
    /// judged by the samples `dev`. What a dossier model knows is measured, too, and trained on again
    /// if it is wished (`replays`).
    ///
    /// # Errors
    /// The base model cannot be run.
    pub fn gather(
        base: &Path,
        samples: Vec<Sample>,
        dev: Vec<Sample>,
        replays: bool,
        options: &TrainOptions,
    ) -> Result<Self> {
        let brought: Vec<Sample> = samples.iter().chain(&dev).cloned().collect();
        let mut material = Self {
            samples,
            replayed: Vec::new(),
            judge: Judge::new(options.task, dev),
        };
        if !is_dossier(base) {
            return Ok(material);
        }
        let model = Model::load(base, Precision::Auto)?;
        let old = if replays {
            replay(own_samples(), &brought, &model.schema)
        } else {
            Replay::default()
        };
        let workers = Workers::start(model, options.threads)?;
        if options.distill {
            material.samples = with_names(material.samples, &workers)?;
        }
        material.judge.remember(&workers, &brought, old.held_out)?;
        material.replayed = old.trained;
        Ok(material)
    }

    /// What is trained on.
    pub fn lessons(&self) -> Lessons<'_> {
        Lessons {
            samples: &self.samples,
            replayed: &self.replayed,
            judged_by: self.judge.fingerprint(),
        }
    }
}

fn own_samples() -> Vec<Sample> {
    read_native(Path::new("data/samples.jsonl"), OWN_SAMPLES).samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{CONFIG, SCHEMA};

    #[test]
    fn the_projects_own_samples_can_be_replayed() {
        let read = read_native(Path::new("samples.jsonl"), OWN_SAMPLES);
        assert_eq!(read.skipped, []);
        assert!(read.samples.len() >= 300);
    }

    #[test]
    fn the_usual_options_follow_from_the_base() {
        let dir = tempfile::tempdir().unwrap();
        let usual = || usual_options(dir.path()).unwrap();
        let encoder = serde_json::json!({"num_hidden_layers": 9});
        std::fs::write(dir.path().join(CONFIG), encoder.to_string()).unwrap();
        assert_eq!(usual(), TrainOptions::default());
        let model = serde_json::json!({
            "dossier": 1, "encoder": encoder, "windows": [32, 64, 16], "relation_threshold": 0.5,
            "relation_temperature": 1.0
        });
        std::fs::write(dir.path().join(CONFIG), model.to_string()).unwrap();
        std::fs::write(dir.path().join(SCHEMA), "").unwrap();
        assert_eq!(usual(), TrainOptions::for_retraining(9));
    }
}
