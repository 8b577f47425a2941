use std::collections::BTreeSet;

use crate::annotation::{Coverage, Label, Sample};

/// Entity types and relations that a score speaks of.
///
/// Somebody who labelled two hundred sentences for one relation did not look for the others: what a
/// model says of those is neither right nor wrong by such samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scope {
    /// The entity types.
    pub types: BTreeSet<Label>,
    /// The relations.
    pub relations: BTreeSet<Label>,
}

impl Scope {
    /// The types and relations that occur in samples, be it as what does not hold.
    pub fn of(samples: &[Sample]) -> Self {
        let relations = samples.iter().flat_map(|s| &s.relations);
        let mentions = samples.iter().flat_map(|s| &s.mentions);
        Self {
            types: mentions.filter_map(|m| m.label.clone()).collect(),
            relations: relations.map(|r| r.label.clone()).collect(),
        }
    }

    /// The sample as far as the scope goes. Mentions of other types stay, as ends of relations, but
    /// lose their type.
    pub fn narrow(&self, sample: &Sample) -> Sample {
        self.narrow_scored(sample, &[]).0
    }

    /// The same, and of the `confidences` of the sample's relations those of the relations that stay.
    pub fn narrow_scored(&self, sample: &Sample, confidences: &[f32]) -> (Sample, Vec<f32>) {
        let mut narrowed = sample.clone();
        for mention in &mut narrowed.mentions {
            mention.label = mention.label.take().filter(|l| self.types.contains(l));
        }
        narrowed
            .relations
            .retain(|r| self.relations.contains(&r.label));
        if self.relations.is_empty() {
            narrowed.relation_coverage = Coverage::Nothing;
        }
        let scored = sample.relations.iter().zip(confidences);
        let stay = scored.filter(|(r, _)| self.relations.contains(&r.label));
        (narrowed, stay.map(|(_, &confidence)| confidence).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{SampleMention, SampleRelation};
    use crate::text::Span;

    fn sample(relations: &[&str], types: &[&str]) -> Sample {
        let mention = |(n, label): (usize, &&str)| SampleMention {
            id: n.to_string(),
            span: Span::new(n, n + 1),
            label: Some((*label).into()),
        };
        let relation = |label: &&str| SampleRelation {
            subject: 0,
            object: 1,
            label: (*label).into(),
            trigger: None,
            status: None,
            attributed_to: None,
            unattributed: false,
            holds: true,
            probability: None,
        };
        Sample {
            id: "s".into(),
            doc: "d".into(),
            text: "ab".into(),
            tokens: Vec::new(),
            mentions: types.iter().enumerate().map(mention).collect(),
            mention_coverage: Coverage::Full,
            relations: relations.iter().map(relation).collect(),
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn what_was_not_looked_for_is_left_out_with_its_confidence() {
        let scope = Scope::of(&[sample(&["succeeds"], &["PER"]), sample(&["leads"], &[])]);
        let answer = sample(&["visits", "leads", "succeeds"], &["PER", "LOC"]);
        let (narrowed, confidences) = scope.narrow_scored(&answer, &[0.9, 0.8, 0.7]);
        let left: Vec<&str> = narrowed
            .relations
            .iter()
            .map(|r| r.label.as_str())
            .collect();
        assert_eq!(
            (left, confidences),
            (vec!["leads", "succeeds"], vec![0.8, 0.7])
        );
        assert_eq!(narrowed.mentions.len(), 2);
        assert_eq!(narrowed.mentions[0].label, Some("PER".into()));
        assert_eq!(narrowed.mentions[1].label, None);
    }

    #[test]
    fn without_any_relation_none_is_judged() {
        let narrowed = Scope::default().narrow(&sample(&["leads"], &["PER", "PER"]));
        assert_eq!(narrowed.relation_coverage, Coverage::Nothing);
    }
}
