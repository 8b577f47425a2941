use std::ops::AddAssign;

/// What a scorer counts. Halves are for partial matches.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Counts {
    /// Credit of the predicted items.
    pub correct: f64,
    /// Items predicted.
    pub predicted: f64,
    /// Items in the gold labels.
    pub gold: f64,
}

impl Counts {
    /// Share of the predicted that is right, 0 to 100.
    pub fn precision(&self) -> f64 {
        percent(self.correct, self.predicted)
    }

    /// Share of the gold that was found, 0 to 100.
    pub fn recall(&self) -> f64 {
        percent(self.correct, self.gold)
    }

    /// Harmonic mean of both, 0 to 100.
    pub fn f1(&self) -> f64 {
        percent(2.0 * self.correct, self.predicted + self.gold)
    }
}

fn percent(part: f64, whole: f64) -> f64 {
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
