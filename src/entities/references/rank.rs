//! Which candidate a word refers to, if one is probable enough.

/// Weights of the features of a candidate, the last of which always holds, and the least
/// probability at which a word is linked. "Nobody" is a candidate too, with the score 0.
pub(super) struct Model<const N: usize> {
    pub weights: [f32; N],
    pub probable: f32,
}

impl<const N: usize> Model<N> {
    /// The candidate that is probably meant.
    pub fn choose(&self, candidates: impl Iterator<Item = (usize, [f32; N])>) -> Option<usize> {
        let powers: Vec<(usize, f32)> = candidates
            .map(|(candidate, features)| (candidate, self.score(&features).exp()))
            .collect();
        let all: f32 = powers.iter().map(|(_, power)| power).sum();
        let best = powers.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|(_, power)| power / (1.0 + all) >= self.probable)
            .map(|(candidate, _)| candidate)
    }

    fn score(&self, features: &[f32; N]) -> f32 {
        let products = features.iter().zip(self.weights);
        products.map(|(value, weight)| value * weight).sum()
    }
}

/// What holds of a candidate, then what is counted, then 1.
pub(super) fn features<const N: usize>(holds: &[bool], counts: &[f32]) -> [f32; N] {
    let mut features = [1.0; N];
    let holds = holds.iter().map(|&holds| f32::from(u8::from(holds)));
    for (slot, value) in features.iter_mut().zip(holds.chain(counts.iter().copied())) {
        *slot = value;
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Model<2> = Model {
        weights: [2.0, 0.0],
        probable: 0.7,
    };

    fn chosen(candidates: &[(usize, bool)]) -> Option<usize> {
        MODEL.choose(
            candidates
                .iter()
                .map(|&(n, holds)| (n, features(&[holds], &[]))),
        )
    }

    #[test]
    fn only_who_is_probable_is_chosen() {
        assert_eq!(chosen(&[(7, true)]), Some(7));
        assert_eq!(chosen(&[(7, false)]), None);
        assert_eq!(chosen(&[(7, true), (8, true)]), None);
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn features_end_with_one() {
        assert_eq!(features(&[true, false], &[3.0]), [1.0, 0.0, 3.0, 1.0]);
    }
}
