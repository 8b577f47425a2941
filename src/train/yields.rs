use super::BATCH_TOKENS;
use crate::annotation::Sample;
use crate::config::ModelConfig;
use crate::error::Result;
use crate::network::{Predicted, Workers};

/// Relations below this confidence are never reported, whatever the thresholds become.
const LEAST: f32 = 0.02;
/// How far a threshold may move, in logits: one of 0.5 becomes at least 0.27 and at most 0.73.
const FARTHEST: f64 = 1.0;

/// How many relations a base model finds in the sentences that a model learns from.
///
/// Verdicts are about what was found, and mostly about what was doubtful: they tell which relations
/// hold, not how many there are. A model that learns from them alone reports fewer, and loses in recall
/// what it gains in precision. So its thresholds are moved until it finds as many as its base did.
#[derive(Debug)]
pub(super) struct Yield {
    samples: Vec<Sample>,
    found: usize,
}

impl Yield {
    /// That of a `base` model, the samples' names being given.
    ///
    /// # Errors
    /// The model cannot be run.
    pub fn of(base: &Workers, samples: &[Sample]) -> Result<Self> {
        let predicted = base.predict(samples, true, BATCH_TOKENS)?;
        Ok(Self {
            samples: samples.to_vec(),
            found: predicted.iter().map(|p| p.relations.len()).sum(),
        })
    }

    /// Moves the thresholds of a model to where it finds as many.
    ///
    /// # Errors
    /// The model cannot be run.
    pub fn keep(&self, workers: &mut Workers) -> Result<()> {
        let config = workers.model().config.clone();
        workers.set_threshold(LEAST);
        let predicted = workers.predict_scored(&self.samples, true, BATCH_TOKENS)?;
        let above = predicted.iter().flat_map(|p| above(p, &config)).collect();
        workers.set_thresholds_of(moved(&config, place_of(above, self.found)));
        Ok(())
    }
}

/// How far each relation is above its threshold, in logits.
fn above(predicted: &Predicted, config: &ModelConfig) -> Vec<f64> {
    let relations = predicted.sample.relations.iter();
    relations
        .zip(&predicted.confidences)
        .map(|(relation, &confidence)| {
            logit(f64::from(confidence)) - logit(f64::from(config.threshold_of(&relation.label)))
        })
        .collect()
}

/// What is exceeded by `wanted` of the numbers; nothing if there are too few.
fn place_of(mut numbers: Vec<f64>, wanted: usize) -> f64 {
    numbers.sort_by(|a, b| b.total_cmp(a));
    let last_in = wanted.checked_sub(1).and_then(|n| numbers.get(n));
    match (last_in, numbers.get(wanted)) {
        (Some(last_in), Some(first_out)) => f64::midpoint(*last_in, *first_out),
        _ => 0.0,
    }
}

fn moved(config: &ModelConfig, by: f64) -> ModelConfig {
    let by = by.clamp(-FARTHEST, FARTHEST);
    let moved = |threshold: f32| {
        let moved = 1.0 / (1.0 + (-logit(f64::from(threshold)) - by).exp());
        ((moved * 1000.0).round() / 1000.0) as f32
    };
    let mut config = config.clone();
    config.relation_threshold = moved(config.relation_threshold);
    for threshold in config.relation_thresholds.values_mut() {
        *threshold = moved(*threshold);
    }
    config
}

fn logit(probability: f64) -> f64 {
    let probability = probability.clamp(1e-6, 1.0 - 1e-6);
    (probability / (1.0 - probability)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_between_the_last_wanted_and_the_next() {
        let numbers = vec![-1.0, 3.0, 0.5, 2.0, -0.5];
        assert!((place_of(numbers.clone(), 2) - 1.25).abs() < 1e-9);
        assert!((place_of(numbers.clone(), 4) + 0.75).abs() < 1e-9);
        for wanted in [0, 5, 9] {
            assert_eq!(place_of(numbers.clone(), wanted), 0.0);
        }
    }

    #[test]
    fn all_thresholds_move_together_and_not_too_far() {
        let config: ModelConfig = serde_json::from_value(serde_json::json!({
            "dossier": 1, "encoder": {}, "windows": [32, 64, 16], "relation_threshold": 0.5,
            "relation_thresholds": {"hosts": 0.25}, "relation_temperature": 1.0
        }))
        .unwrap();
        let thresholds = |by: f64| {
            let moved = moved(&config, by);
            (
                moved.relation_threshold,
                moved.threshold_of(&"hosts".into()),
            )
        };
        assert_eq!(thresholds(0.0), (0.5, 0.25));
        assert_eq!(thresholds(-0.5), (0.378, 0.168));
        assert_eq!(thresholds(7.0), thresholds(FARTHEST));
        assert_eq!(thresholds(7.0).0, 0.731);
    }
}
