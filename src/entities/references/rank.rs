//! Which candidate a word refers to, if one is probable enough.

/// An entity that is so probable counts as mentioned for the words after, without a link.
const TENTATIVE: f32 = 0.5;

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meant {
    pub entity: usize,
    /// Whether it is probable enough for a link.
    pub is_sure: bool,
}

/// Weights of the features of a candidate, the last of which always holds, and the least
/// probability at which a word is linked. "Nobody" is a candidate too, with the score 0.
pub(super) struct Model<const N: usize> {
    pub weights: [f32; N],
    pub probable: f32,
}

impl<const N: usize> Model<N> {
    /// The candidate that is probably meant.
    pub fn choose(&self, candidates: impl Iterator<Item = (usize, [f32; N])>) -> Option<Meant> {
        let powers: Vec<(usize, f32)> = candidates
            .map(|(candidate, features)| (candidate, self.score(&features).exp()))
            .collect();
        let all: f32 = powers.iter().map(|(_, power)| power).sum();
        let (entity, power) = powers.into_iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let probability = power / (1.0 + all);
        (probability >= TENTATIVE).then_some(Meant {
            entity,
            is_sure: probability >= self.probable,
        })
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
        probable: 0.8,
    };

    fn chosen(candidates: &[(usize, f32)]) -> Option<(usize, bool)> {
        let candidates = candidates.iter();
        let meant = MODEL.choose(candidates.map(|&(n, amount)| (n, features(&[], &[amount]))))?;
        Some((meant.entity, meant.is_sure))
    }

    #[test]
    fn only_who_is_probable_is_chosen() {
        assert_eq!(chosen(&[(7, 1.0)]), Some((7, true)));
        assert_eq!(chosen(&[(7, 0.5)]), Some((7, false)));
        assert_eq!(chosen(&[(7, -1.0)]), None);
        assert_eq!(chosen(&[(7, 1.0), (8, 1.0)]), None);
        assert_eq!(chosen(&[(7, 3.0), (8, 1.0)]), Some((7, true)));
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn features_end_with_one() {
        assert_eq!(features(&[true, false], &[3.0]), [1.0, 0.0, 3.0, 1.0]);
    }
}
