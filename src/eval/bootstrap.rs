use super::Counts;

const RESAMPLES: usize = 1000;

/// The 95% percentile interval of F1 when documents are drawn with replacement (Efron's bootstrap).
/// The draws are the same every time.
pub(super) fn interval(documents: &[Counts]) -> [f64; 2] {
    if documents.is_empty() {
        return [0.0, 0.0];
    }
    let mut state = 0x5eed_u64;
    let mut draw = || {
        // SplitMix64 (Steele et al. 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * documents.len() as u128) >> 64) as usize
    };
    let mut scores: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let mut sum = Counts::default();
            for _ in 0..documents.len() {
                sum += documents[draw()];
            }
            sum.f1()
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    [
        scores[RESAMPLES * 25 / 1000],
        scores[RESAMPLES * 975 / 1000 - 1],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_score_and_shrinks_with_data() {
        let one = |correct| Counts {
            correct,
            predicted: 4.0,
            gold: 4.0,
        };
        let few: Vec<Counts> = (0..10).map(|n| one(f64::from(n % 5))).collect();
        let many: Vec<Counts> = few.iter().copied().cycle().take(1000).collect();
        let (a, b) = (interval(&few), interval(&many));
        assert!(a[0] < 50.0 && 50.0 < a[1]);
        assert!(b[1] - b[0] < (a[1] - a[0]) / 3.0);
        assert_eq!(a, interval(&few));
    }
}
