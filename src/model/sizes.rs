/// Numbers of a transformer's configuration that tell how big it is.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Subwords that it knows.
    pub vocabulary: u64,
    /// Positions that it tells apart.
    pub positions: u64,
    /// Types of segments that it tells apart; 0 where it has none.
    pub segments: u64,
    /// Width of its states.
    pub width: u64,
    /// Width between the two matrices of a layer's second half.
    pub inner: u64,
    /// Number of layers.
    pub layers: u64,
}

const MOST_WEIGHTS: u64 = 2_000_000_000;
/// Many times what any network has. However narrow layers are, each takes memory of its own.
const MOST_LAYERS: u64 = 1_000;
const MILLION: u64 = 1_000_000;

impl Sizes {
    /// Refuses a network that would fill the memory.
    ///
    /// # Errors
    /// What the configuration asks for, to be put behind its name.
    pub fn check(self) -> Result<(), String> {
        let weights = self.weights();
        if weights > MOST_WEIGHTS {
            return Err(format!(
                "asks for {} million weights; at most {} million can be run",
                weights / MILLION,
                MOST_WEIGHTS / MILLION
            ));
        }
        if self.layers > MOST_LAYERS {
            return Err(format!(
                "asks for {} layers; at most {MOST_LAYERS} can be run",
                self.layers
            ));
        }
        Ok(())
    }

    /// Weights of its tables and matrices: nearly all that it has.
    pub fn weights(self) -> u64 {
        let rows = self.vocabulary.saturating_add(self.positions);
        let rows = rows.saturating_add(self.segments);
        let square = self.width.saturating_mul(self.width).saturating_mul(4);
        let second_half = self.width.saturating_mul(self.inner).saturating_mul(2);
        let layers = square
            .saturating_add(second_half)
            .saturating_mul(self.layers);
        rows.saturating_mul(self.width).saturating_add(layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Sizes = Sizes {
        vocabulary: 30_522,
        positions: 512,
        segments: 2,
        width: 768,
        inner: 3072,
        layers: 12,
    };

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        assert_eq!(BASE.check(), Ok(()));
        assert_eq!(BASE.weights() / MILLION, 108);
        let layers = u64::MAX;
        let told = Sizes { layers, ..BASE }.check().unwrap_err();
        assert!(told.ends_with("at most 2000 million can be run"), "{told}");
        let narrow = Sizes {
            width: 1,
            inner: 1,
            layers: 5_000,
            ..BASE
        };
        let told = narrow.check().unwrap_err();
        assert!(told.starts_with("asks for 5000 layers"), "{told}");
    }
}
