use super::Counts;
use super::tally::Tally;

const RESAMPLES: usize = 1000;
const SEED: u64 = 0x5eed;

/// 95% percentile intervals of the F1 of each tally, when as many documents as there are are drawn
/// with replacement (Efron's bootstrap). All tallies see the same draws, and the draws are the same
/// every time. A draw without any item of a tally says nothing about it and is left out.
pub(super) fn intervals(documents: usize, tallies: &[&Tally]) -> Vec<[f64; 2]> {
    let sparse: Vec<Vec<(usize, Counts)>> =
        tallies.iter().map(|t| t.documents().collect()).collect();
    let mut scores: Vec<Vec<f64>> = vec![Vec::with_capacity(RESAMPLES); tallies.len()];
    let mut random = SplitMix64(SEED);
    let mut drawn = vec![0.0; documents];
    for _ in 0..RESAMPLES {
        drawn.fill(0.0);
        for _ in 0..documents {
            if let Some(times) = drawn.get_mut(random.below(documents)) {
                *times += 1.0;
            }
        }
        for (counts, scores) in sparse.iter().zip(&mut scores) {
            let sum: Counts = counts
                .iter()
                .map(|(n, c)| *c * drawn.get(*n).copied().unwrap_or(0.0))
                .sum();
            if !sum.is_empty() {
                scores.push(sum.f1());
            }
        }
    }
    scores
        .into_iter()
        .map(|mut scores| {
            scores.sort_by(f64::total_cmp);
            [0.025, 0.975].map(|share| percentile(&scores, share))
        })
        .collect()
}

/// The value below which a share of the sorted scores lies, interpolated; 0 without scores.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let at = |n: f64| sorted.get(n as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(place.floor()), at(place.ceil()));
    low + (high - low) * place.fract()
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(documents: usize) -> Tally {
        let mut tally = Tally::default();
        for n in 0..documents {
            let correct = (n % 5) as f64;
            tally.add(
                n,
                Counts {
                    correct,
                    predicted: 4.0,
                    gold: 4.0,
                },
            );
        }
        tally
    }

    #[test]
    fn the_interval_holds_the_score_and_shrinks_with_data() {
        let (few, many) = (tally(10), tally(1000));
        let (a, b) = (intervals(10, &[&few])[0], intervals(1000, &[&many])[0]);
        assert!(a[0] < 50.0 && 50.0 < a[1], "{a:?}");
        // Ten documents: the standard error of their mean is 35.4 / sqrt(10).
        assert!((a[1] - a[0] - 2.0 * 1.96 * 11.18).abs() < 4.0, "{a:?}");
        assert!((b[1] - b[0] - 2.0 * 1.96 * 1.118).abs() < 0.4, "{b:?}");
        assert_eq!(intervals(10, &[&few, &few]), [a, a]);
    }

    #[test]
    fn rare_things_are_judged_on_the_draws_that_have_them() {
        let mut rare = Tally::default();
        rare.add(
            3,
            Counts {
                correct: 1.0,
                predicted: 1.0,
                gold: 1.0,
            },
        );
        assert_eq!(
            intervals(50, &[&rare, &Tally::default()]),
            [[100.0; 2], [0.0; 2]]
        );
    }

    #[test]
    fn percentiles_are_interpolated() {
        assert_eq!(percentile(&[0.0, 10.0, 20.0], 0.25), 5.0);
        assert_eq!(percentile(&[7.0], 0.975), 7.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }

    #[test]
    fn the_generator_gives_the_known_numbers() {
        // The usual test vector: the first outputs for seed 1234567.
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
