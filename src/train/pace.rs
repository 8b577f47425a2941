use std::time::Instant;

use super::checkpoint::Position;
use super::judge::Score;

/// What is told while training.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Steps done, in all.
    pub step: usize,
    /// Steps to do, in all.
    pub steps: usize,
    /// Mean loss since the last report.
    pub loss: f64,
    /// Subwords trained on a second since the last report, without padding.
    pub tokens_per_second: f64,
    /// Estimated seconds to the end.
    pub seconds_left: f64,
    /// Score on the development data, after an epoch.
    pub score: Option<Score>,
}

/// Measures loss and speed between reports.
pub(super) struct Pace {
    since: Instant,
    begun: Instant,
    first_step: usize,
    losses: Vec<f64>,
    tokens: usize,
}

const SECONDS_BETWEEN_REPORTS: f64 = 10.0;

impl Pace {
    pub fn new(first_step: usize) -> Self {
        let now = Instant::now();
        Self {
            since: now,
            begun: now,
            first_step,
            losses: Vec::new(),
            tokens: 0,
        }
    }

    pub fn tick(
        &mut self,
        at: &Position,
        steps: usize,
        loss: f64,
        tokens: usize,
    ) -> Option<Progress> {
        self.losses.push(loss);
        self.tokens += tokens;
        let seconds = self.since.elapsed().as_secs_f64();
        (seconds >= SECONDS_BETWEEN_REPORTS).then(|| {
            let progress = self.progress(at, steps, seconds, at.epoch + 1, None);
            (self.since, self.tokens) = (Instant::now(), 0);
            self.losses.clear();
            progress
        })
    }

    pub fn score(&self, at: &Position, steps: usize, score: Option<Score>) -> Option<Progress> {
        let seconds = self.since.elapsed().as_secs_f64();
        Some(self.progress(at, steps, seconds, at.epoch, Some(score?)))
    }

    fn progress(
        &self,
        at: &Position,
        steps: usize,
        seconds: f64,
        epoch: usize,
        score: Option<Score>,
    ) -> Progress {
        let per_step =
            self.begun.elapsed().as_secs_f64() / (at.step - self.first_step).max(1) as f64;
        Progress {
            epoch,
            step: at.step,
            steps,
            loss: self.losses.iter().sum::<f64>() / self.losses.len().max(1) as f64,
            tokens_per_second: self.tokens as f64 / seconds.max(1e-9),
            seconds_left: per_step * steps.saturating_sub(at.step) as f64,
            score,
        }
    }
}
