use std::collections::BTreeSet;

use crate::annotation::Sample;
use crate::config::Schema;

/// Samples of what a base model knows: most to train on again, some to measure by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replay {
    /// Mixed with the new samples in training (rehearsal, Robins 1995).
    pub trained: Vec<Sample>,
    /// Kept apart, to measure what was forgotten.
    pub held_out: Vec<Sample>,
}

/// Of `own`, the project's labelled sentences, every fourth is kept out of the training of the
/// bundled models, so that there is something to measure by what a retrained one forgets.
const APART: usize = 4;

/// Chooses from `own`, the project's labelled sentences in the order of their file, those that the
/// `base` model's schema covers and that are not among the `brought` samples. Every fourth of the
/// file is held out.
pub fn replay(own: Vec<Sample>, brought: &[Sample], base: &Schema) -> Replay {
    let texts: BTreeSet<&str> = brought.iter().map(|s| s.text.trim()).collect();
    let mut made = Replay::default();
    for (n, sample) in own.into_iter().enumerate() {
        let mut types = sample.mentions.iter().filter_map(|m| m.label.as_ref());
        let known = types.all(|l| base.entity_index(l.as_str()).is_some())
            && sample
                .relations
                .iter()
                .all(|r| base.relation_index(r.label.as_str()).is_some());
        if !known || texts.contains(sample.text.trim()) {
            continue;
        }
        if (n + 1).is_multiple_of(APART) {
            made.held_out.push(sample);
        } else {
            made.trained.push(sample);
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::Coverage;

    fn sample(doc: usize, text: &str) -> Sample {
        Sample {
            id: text.into(),
            doc: doc.to_string(),
            text: text.into(),
            tokens: Vec::new(),
            mentions: Vec::new(),
            mention_coverage: Coverage::Full,
            relations: Vec::new(),
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn every_fourth_is_held_out_and_no_new_sample_is_replayed() {
        let own: Vec<Sample> = (1..=12).map(|n| sample(n, &format!("s{n}"))).collect();
        let brought = [sample(99, "s1"), sample(99, "s4 ")];
        let made = replay(own, &brought, &Schema::default());
        let texts = |samples: &[Sample]| -> Vec<String> {
            samples.iter().map(|s| s.text.clone()).collect()
        };
        assert_eq!(texts(&made.held_out), ["s8", "s12"]);
        assert_eq!(made.trained.len(), 8);
    }
}
