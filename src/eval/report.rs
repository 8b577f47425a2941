use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::bootstrap::intervals;
use super::calibration::{Calibration, calibration};
use super::tally::{Documents, Tally};
use super::{Counts, mentions, relations};
use crate::annotation::{Coverage, Label, Sample};
use crate::config::Schema;
use crate::text::count_words;

/// Precision, recall and F1, 0 to 100, rounded to two decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Figures {
    /// Share of the predicted that is right.
    pub precision: f64,
    /// Share of the gold that was found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// 95% bootstrap interval of F1 over documents.
    pub ci: [f64; 2],
    /// What the figures are made of.
    #[serde(skip)]
    pub counts: Counts,
}

/// Figures of one type or relation.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct ClassFigures {
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// Number of gold items.
    pub support: usize,
}

/// Scores of mentions.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct MentionReport {
    /// Span and type, as conlleval counts.
    pub strict: Figures,
    /// Overlap counts one half, types do not matter.
    pub partial: Figures,
    /// Type right, with some overlap.
    #[serde(rename = "type")]
    pub by_overlap: Figures,
    /// Strict, by type.
    pub by_type: BTreeMap<Label, ClassFigures>,
}

/// Scores of relations.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct RelationReport {
    /// Spans of both ends and the relation.
    pub boundaries: Figures,
    /// Also both types, where the gold labels tell them.
    pub typed: Figures,
    /// Spans, relation and status, where the gold labels tell it.
    pub with_status: Figures,
    /// By relation, on spans.
    pub by_relation: BTreeMap<Label, ClassFigures>,
    /// How far the confidence of relations means their precision, when confidences are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// All scores of one evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Report {
    /// Absent when mentions were given, or not annotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mentions: Option<MentionReport>,
    /// Absent when relations were not annotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relations: Option<RelationReport>,
    /// Number of documents.
    pub documents: usize,
    /// Number of samples.
    pub sentences: usize,
    /// Number of words.
    pub tokens: usize,
}

/// The tallies of one layer: three ways to count all, and one by class.
#[derive(Default)]
struct Layer<'t> {
    documents: Documents<'t>,
    whole: [Tally; 3],
    classes: BTreeMap<Label, Tally>,
}

impl<'t> Layer<'t> {
    fn add(&mut self, doc: &'t str, whole: [Counts; 3], classes: BTreeMap<Label, Counts>) {
        let document = self.documents.number(doc);
        for (tally, counts) in self.whole.iter_mut().zip(whole) {
            tally.add(document, counts);
        }
        for (label, counts) in classes {
            self.classes.entry(label).or_default().add(document, counts);
        }
    }

    /// `None` when no sample has this layer.
    fn figures(self) -> Option<([Figures; 3], BTreeMap<Label, ClassFigures>)> {
        if self.documents.len() == 0 {
            return None;
        }
        let tallies: Vec<&Tally> = self.whole.iter().chain(self.classes.values()).collect();
        let mut made = tallies
            .iter()
            .zip(intervals(self.documents.len(), &tallies))
            .map(|(tally, interval)| Figures::new(tally.all(), interval));
        let whole = [(); 3].map(|()| made.next().unwrap_or_default());
        let classes = self.classes.keys().cloned().zip(made);
        let classes = classes.map(|(label, figures)| {
            let support = figures.counts.gold as usize;
            (label, ClassFigures { figures, support })
        });
        Some((whole, classes.collect()))
    }
}

impl Figures {
    fn new(counts: Counts, interval: [f64; 2]) -> Self {
        Self {
            precision: rounded(counts.precision()),
            recall: rounded(counts.recall()),
            f1: rounded(counts.f1()),
            ci: interval.map(rounded),
            counts,
        }
    }
}

impl Report {
    /// Adds how far the confidence of relations means their precision, from the confidences of the
    /// predicted samples' relations, in their order. Relations that the gold labels do not judge
    /// are left out.
    pub fn calibrate(
        &mut self,
        gold: &[Sample],
        predicted: &[Sample],
        confidences: &[Vec<f32>],
        schema: &Schema,
    ) {
        let Some(report) = &mut self.relations else {
            return;
        };
        let mut judged = Vec::new();
        for ((gold, predicted), confidences) in gold.iter().zip(predicted).zip(confidences) {
            let verdicts = relations::judge(gold, predicted, schema);
            let pairs = confidences.iter().copied().zip(verdicts);
            judged.extend(pairs.filter_map(|(confidence, right)| Some((confidence, right?))));
        }
        report.calibration = Some(calibration(&judged));
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

/// Scores `predicted` against `gold`, sample by sample in the same order; samples without a
/// prediction count as if nothing had been found in them. With `gold_mentions`, mentions were given
/// and only relations are scored.
pub fn score(
    gold: &[Sample],
    predicted: &[Sample],
    schema: &Schema,
    gold_mentions: bool,
) -> Report {
    let (mut of_mentions, mut of_relations) = (Layer::default(), Layer::default());
    for (n, sample) in gold.iter().enumerate() {
        let found = predicted.get(n);
        if !gold_mentions && sample.mention_coverage == Coverage::Full {
            let items =
                found.map_or_else(Vec::new, |p| mentions::predicted_items(p, &sample.tokens));
            let c = mentions::compare(&mentions::gold_items(sample), &items);
            of_mentions.add(&sample.doc, [c.strict, c.partial, c.by_overlap], c.types);
        }
        if let Some(c) = relations::compare(sample, found, schema) {
            of_relations.add(
                &sample.doc,
                [c.boundaries, c.typed, c.with_status],
                c.relations,
            );
        }
    }
    let documents: BTreeSet<&str> = gold.iter().map(|g| g.doc.as_str()).collect();
    let words = |sample: &Sample| match sample.tokens.len() {
        0 => count_words(&sample.text),
        tokens => tokens,
    };
    Report {
        mentions: of_mentions
            .figures()
            .map(|([strict, partial, by_overlap], by_type)| MentionReport {
                strict,
                partial,
                by_overlap,
                by_type,
            }),
        relations: of_relations
            .figures()
            .map(
                |([boundaries, typed, with_status], by_relation)| RelationReport {
                    boundaries,
                    typed,
                    with_status,
                    by_relation,
                    calibration: None,
                },
            ),
        documents: documents.len(),
        sentences: gold.len(),
        tokens: gold.iter().map(words).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{SampleMention, SampleRelation, Status};
    use crate::text::Span;

    fn sample(doc: &str) -> Sample {
        let mention = |start: usize, end: usize| SampleMention {
            id: format!("e{start}"),
            span: Span::new(start, end),
            label: Some("PER".into()),
        };
        Sample {
            id: doc.into(),
            doc: doc.into(),
            text: "Ana accused Bo .".into(),
            tokens: Vec::new(),
            mentions: vec![mention(0, 3), mention(12, 14)],
            mention_coverage: Coverage::Full,
            relations: vec![SampleRelation {
                subject: 0,
                object: 1,
                label: "accuses".into(),
                trigger: None,
                status: Some(Status::Asserted),
                attributed_to: None,
                unattributed: false,
                holds: true,
                probability: None,
            }],
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn the_json_has_the_promised_form() {
        let gold = [sample("a"), sample("a"), sample("b")];
        let mut predicted = gold.clone();
        predicted[2].mentions.truncate(1);
        predicted[2].relations.clear();
        let report = score(&gold, &predicted, &Schema::default(), false);
        let json = serde_json::to_value(&report).unwrap();
        let keys = |path: &str| -> Vec<String> {
            let at = json.pointer(path).unwrap().as_object().unwrap();
            at.keys().cloned().collect()
        };
        assert_eq!(
            keys(""),
            ["mentions", "relations", "documents", "sentences", "tokens"]
        );
        assert_eq!(keys("/mentions"), ["strict", "partial", "type", "by_type"]);
        assert_eq!(keys("/mentions/type"), ["precision", "recall", "f1", "ci"]);
        assert_eq!(
            keys("/relations"),
            ["boundaries", "typed", "with_status", "by_relation"]
        );
        assert_eq!(
            keys("/relations/by_relation/accuses"),
            ["precision", "recall", "f1", "ci", "support"]
        );
        assert_eq!(json["mentions"]["strict"]["recall"], 83.33);
        assert_eq!(json["relations"]["by_relation"]["accuses"]["support"], 3);
        assert_eq!(json["relations"]["boundaries"]["ci"][1], 100.0);
        assert_eq!(
            (report.documents, report.sentences, report.tokens),
            (2, 3, 12)
        );
        assert_eq!(report, score(&gold, &predicted, &Schema::default(), false));
    }

    #[test]
    fn confidences_are_held_against_what_is_right() {
        let gold = [sample("a"), sample("b")];
        let mut predicted = gold.clone();
        predicted[1].relations[0].label = "rejects".into();
        let schema = Schema::default();
        let mut report = score(&gold, &predicted, &schema, true);
        report.calibrate(&gold, &predicted, &[vec![0.9], vec![0.7]], &schema);
        let json = serde_json::to_value(&report).unwrap();
        // One right at 0.9, one wrong at 0.7: gaps of 0.1 and 0.7, half of the weight each.
        assert_eq!(json["relations"]["calibration"]["expected_error"], 0.4);
        assert_eq!(json["relations"]["calibration"]["bins"][7]["count"], 1);
    }

    #[test]
    fn layers_that_were_not_annotated_or_were_given_are_absent() {
        let mut gold = [sample("a")];
        let given = score(&gold, &gold, &Schema::default(), true);
        assert!(given.mentions.is_none() && given.relations.is_some());
        gold[0].relation_coverage = Coverage::Nothing;
        let tagged = score(&gold, &[], &Schema::default(), false);
        assert!(tagged.relations.is_none());
        let strict = tagged.mentions.unwrap().strict;
        assert_eq!((strict.f1, strict.counts.gold), (0.0, 2.0));
    }
}
