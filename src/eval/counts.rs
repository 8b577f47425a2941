use std::iter::Sum;
use std::ops::{AddAssign, Mul};

/// What a scorer counts. Halves are for partial matches.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// Credit of the predicted items (true positives).
    pub correct: f64,
    /// Items predicted.
    pub predicted: f64,
    /// Items in the gold labels (support).
    pub gold: f64,
}

impl Counts {
    /// Share of the predicted that is right, 0 to 100; 0 when nothing was predicted.
    pub fn precision(&self) -> f64 {
        percent(self.correct, self.predicted)
    }

    /// Share of the gold that was found, 0 to 100; 0 when there is none.
    pub fn recall(&self) -> f64 {
        percent(self.correct, self.gold)
    }

    /// Harmonic mean of both, 0 to 100.
    pub fn f1(&self) -> f64 {
        percent(2.0 * self.correct, self.predicted + self.gold)
    }

    /// Predicted items without credit.
    pub fn false_positives(&self) -> f64 {
        self.predicted - self.correct
    }

    /// Gold items that were not found.
    pub fn false_negatives(&self) -> f64 {
        self.gold - self.correct
    }

    /// Whether there is nothing to score.
    pub fn is_empty(&self) -> bool {
        self.predicted + self.gold == 0.0
    }
}

/// A share of 0 to 100; 0 of nothing.
pub(super) fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        100.0 * part / whole
    } else {
        0.0
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.correct += other.correct;
        self.predicted += other.predicted;
        self.gold += other.gold;
    }
}

impl Mul<f64> for Counts {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self {
            correct: self.correct * times,
            predicted: self.predicted * times,
            gold: self.gold * times,
        }
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        let mut all = Self::default();
        for item in items {
            all += item;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_counts() {
        let counts = Counts {
            correct: 3.0,
            predicted: 4.0,
            gold: 6.0,
        };
        assert_eq!((counts.precision(), counts.recall()), (75.0, 50.0));
        assert_eq!(counts.f1(), 60.0);
        assert_eq!(
            (counts.false_positives(), counts.false_negatives()),
            (1.0, 3.0)
        );
        let none = Counts::default();
        assert_eq!(
            (none.precision(), none.recall(), none.f1()),
            (0.0, 0.0, 0.0)
        );
        assert!(none.is_empty() && !counts.is_empty());
    }
}
