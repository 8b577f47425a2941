use std::fmt;

use serde::Serialize;

const BINS: usize = 10;

/// Predictions whose confidence lies in one tenth of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Lower bound of confidence, 0 to 1.
    pub from: f64,
    /// Upper bound; part of the last bin only.
    pub to: f64,
    /// Predictions in it.
    pub count: usize,
    /// Their mean confidence; 0 without any.
    pub confidence: f64,
    /// The share of them that is right; 0 without any.
    pub precision: f64,
}

/// How far confidence means precision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Expected calibration error: the gap of confidence and precision, weighted by the
    /// predictions of each bin, 0 to 1 (Naeini et al. 2015), like all figures here rounded to four
    /// decimals.
    pub expected_error: f64,
    /// Ten bins of equal width.
    pub bins: Vec<Bin>,
}

/// The reliability of predictions given as confidence and whether they are right.
pub fn calibration(predictions: &[(f32, bool)]) -> Calibration {
    let mut sums = [(0usize, 0.0f64, 0usize); BINS];
    for &(confidence, right) in predictions {
        let confidence = if confidence.is_nan() {
            0.0
        } else {
            confidence.clamp(0.0, 1.0)
        };
        let bin = ((confidence * BINS as f32) as usize).min(BINS - 1);
        if let Some((count, sum, correct)) = sums.get_mut(bin) {
            *count += 1;
            *sum += f64::from(confidence);
            *correct += usize::from(right);
        }
    }
    let bins: Vec<Bin> = sums
        .iter()
        .enumerate()
        .map(|(n, &(count, sum, correct))| {
            let mean = |sum: f64| if count > 0 { sum / count as f64 } else { 0.0 };
            Bin {
                from: n as f64 / BINS as f64,
                to: (n + 1) as f64 / BINS as f64,
                count,
                confidence: rounded(mean(sum)),
                precision: rounded(mean(correct as f64)),
            }
        })
        .collect();
    let gaps = sums
        .iter()
        .map(|&(_, sum, correct)| (sum - correct as f64).abs());
    Calibration {
        expected_error: rounded(gaps.sum::<f64>() / predictions.len().max(1) as f64),
        bins,
    }
}

fn rounded(share: f64) -> f64 {
    (share * 1e4).round() / 1e4
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "expected calibration error {:.4}", self.expected_error)?;
        writeln!(
            f,
            "{:<12}{:>12}{:>12}{:>12}",
            "confidence", "predictions", "mean", "precision"
        )?;
        for bin in self.bins.iter().filter(|b| b.count > 0) {
            writeln!(
                f,
                "{:<12}{:>12}{:>12.3}{:>12.3}",
                format!("{:.1} - {:.1}", bin.from, bin.to),
                bin.count,
                bin.confidence,
                bin.precision
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_counted() {
        // Bin 0.9-1: mean 0.95, precision 0.5; bin 0.5-0.6: mean 0.5, precision 1.
        let made = calibration(&[(0.9, true), (1.0, false), (0.5, true), (0.5, true)]);
        assert_eq!((made.bins[9].count, made.bins[5].count), (2, 2));
        assert!((made.bins[9].confidence - 0.95).abs() < 1e-6);
        assert_eq!((made.bins[9].precision, made.bins[5].precision), (0.5, 1.0));
        assert!((made.expected_error - (2.0 * 0.45 + 2.0 * 0.5) / 4.0).abs() < 1e-6);
        assert_eq!(made.to_string().lines().count(), 4);
    }

    #[test]
    fn odd_input_is_harmless() {
        assert_eq!(calibration(&[]).expected_error, 0.0);
        let odd = calibration(&[(f32::NAN, false), (7.0, true), (-1.0, false)]);
        assert_eq!(odd.expected_error, 0.0);
    }
}
