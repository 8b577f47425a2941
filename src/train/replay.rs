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

/// Chooses from `own`, the project's labelled sentences, those that the `base` model's schema
/// covers and that are not among the `brought` samples. Every fourth document is held out.
pub fn replay(own: Vec<Sample>, brought: &[Sample], base: &Schema) -> Replay {
    let texts: BTreeSet<&str> = brought.iter().map(|s| s.text.trim()).collect();
    let usable = own.into_iter().filter(|sample| {
        let types = sample.mentions.iter().filter_map(|m| m.label.as_ref());
        !texts.contains(sample.text.trim())
            && types
                .into_iter()
                .all(|l| base.entity_index(l.as_str()).is_some())
            && sample
                .relations
                .iter()
                .all(|r| base.relation_index(r.label.as_str()).is_some())
    });
    let mut made = Replay::default();
    let mut documents: Vec<String> = Vec::new();
    for sample in usable {
        if documents.last() != Some(&sample.doc) {
            documents.push(sample.doc.clone());
        }
        if documents.len().is_multiple_of(4) {
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
    fn whole_documents_are_held_out_and_no_new_sample_is_replayed() {
        let own: Vec<Sample> = (0..20).map(|n| sample(n / 2, &format!("s{n}"))).collect();
        let brought = [sample(99, "s0"), sample(99, "s1 ")];
        let made = replay(own, &brought, &Schema::default());
        let texts = |samples: &[Sample]| -> Vec<String> {
            samples.iter().map(|s| s.text.clone()).collect()
        };
        assert_eq!(texts(&made.held_out), ["s8", "s9", "s16", "s17"]);
        assert_eq!(made.trained.len(), 14);
    }
}
