use serde::{Deserialize, Serialize};

use crate::model::Storage;

/// What is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Mentions only.
    Ner,
    /// Relations only.
    Relations,
    /// Whatever the data has.
    All,
}

/// The settings of a training run; saved with the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainOptions {
    /// What is learnt.
    pub task: Task,
    /// Passes over the data.
    pub epochs: usize,
    /// Highest learning rate of the encoder.
    pub learning_rate: f64,
    /// Highest learning rate of the heads.
    pub head_learning_rate: f64,
    /// Share of the steps over which the rates rise from 0; they then fall to 0, both linearly.
    pub warmup: f64,
    /// Decoupled weight decay, not on biases and normalisations.
    pub weight_decay: f64,
    /// Gradients are scaled down to this norm.
    pub clip_norm: f64,
    /// Padded subwords in a batch.
    pub batch_tokens: usize,
    /// Share of the mention-only documents that each epoch draws; the others come in the next ones.
    pub ner_share: f64,
    /// Share of windows that hold one sentence alone; the others are filled with neighbours.
    pub alone_share: f64,
    /// Number of lowest encoder layers that keep their weights; the embeddings do, from 1 on.
    pub freeze_layers: usize,
    /// Of a bare encoder, only these layers are taken, in this order; all when empty.
    #[serde(default)]
    pub keep_layers: Vec<usize>,
    /// Pull of the weights towards those of the base model, in place of weight decay; 0: none. A
    /// weight can then drift by about its inverse at most (L2-SP of Li et al. 2018, decoupled from
    /// the gradient as AdamW decouples weight decay).
    #[serde(default)]
    pub closeness: f64,
    /// Whether the base model's own outputs are the targets for what the samples' labels say
    /// nothing about (Learning without Forgetting, Li and Hoiem 2016).
    #[serde(default)]
    pub distill: bool,
    /// Whether forward and backward passes are computed in bf16; the weights are kept in fp32.
    #[serde(default)]
    pub bf16: bool,
    /// How the weights are written.
    #[serde(default)]
    pub storage: Storage,
    /// Seed of everything random.
    pub seed: u64,
    /// Stop after this many epochs without a better score on the development data; 0: never.
    pub patience: usize,
    /// Steps between checkpoints.
    pub checkpoint_steps: usize,
    /// Threads inside the tensor library.
    pub threads: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            task: Task::All,
            epochs: 6,
            learning_rate: 2e-4,
            head_learning_rate: 1e-3,
            warmup: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            batch_tokens: 1536,
            ner_share: 1.0,
            alone_share: 0.4,
            freeze_layers: 0,
            keep_layers: Vec::new(),
            closeness: 0.0,
            distill: false,
            bf16: false,
            storage: Storage::default(),
            seed: 1,
            patience: 0,
            checkpoint_steps: 500,
            threads: 2,
        }
    }
}

impl TrainOptions {
    /// Gentler settings, for going on from a trained model with a few hundred samples: low rates, a
    /// few passes, the embeddings and the lower third of the `layers` kept as they are, and all of it
    /// held close to the base.
    pub fn for_retraining(layers: usize) -> Self {
        Self {
            epochs: 4,
            learning_rate: 5e-5,
            freeze_layers: layers / 3,
            closeness: 20.0,
            distill: true,
            ..Self::default()
        }
    }

    /// Whether a run with these settings can go on with the `other` ones: all that may differ is the
    /// number of threads.
    pub(super) fn teach_the_same(&self, other: &Self) -> bool {
        let threads = self.threads;
        *self
            == Self {
                threads,
                ..other.clone()
            }
    }

    /// Share of the highest learning rate to use at `step` of `steps`.
    pub fn rate_at(&self, step: usize, steps: usize) -> f64 {
        let rise = (self.warmup * steps as f64).max(1.0);
        let step = step as f64 + 1.0;
        if step <= rise {
            step / rise
        } else {
            ((steps as f64 - step + 1.0) / (steps as f64 - rise + 1.0)).max(0.0)
        }
    }
}

/// A small generator (SplitMix64, Steele et al. 2014), so that plans do not depend on a library's
/// version.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    pub fn new(parts: &[u64]) -> Self {
        let mut rng = Self(0x9e37_79b9_7f4a_7c15);
        for &part in parts {
            rng.0 ^= part;
            rng.next();
        }
        rng
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// In `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for n in (1..items.len()).rev() {
            items.swap(n, self.below(n + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_then_falls() {
        let options = TrainOptions {
            warmup: 0.1,
            ..Default::default()
        };
        let rates: Vec<f64> = (0..100).map(|s| options.rate_at(s, 100)).collect();
        assert!((rates[0] - 0.1).abs() < 1e-9 && (rates[9] - 1.0).abs() < 1e-9);
        assert!(rates.windows(2).skip(9).all(|w| w[1] < w[0]));
        assert!(rates[99] > 0.0 && rates[99] < 0.02);
    }

    #[test]
    fn only_the_threads_may_change_within_a_run() {
        let options = TrainOptions::default();
        let other = |change: fn(&mut TrainOptions)| {
            let mut other = options.clone();
            change(&mut other);
            options.teach_the_same(&other)
        };
        assert!(other(|o| o.threads += 5));
        assert!(!other(|o| o.seed += 1));
        assert!(!other(|o| o.epochs += 1));
    }

    #[test]
    fn shuffles_repeat_and_keep_all() {
        let shuffled = |seed| {
            let mut items: Vec<usize> = (0..50).collect();
            Rng::new(&[seed]).shuffle(&mut items);
            items
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }
}
