use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::bootstrap::interval;
use super::{Counts, mentions, relations};
use crate::annotation::{Coverage, Label, Sample};
use crate::config::Schema;
use crate::text::count_words;

/// Precision, recall and F1, 0 to 100.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Figures {
    /// Share of the predicted that is right.
    pub precision: f64,
    /// Share of the gold that was found.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// 95% bootstrap interval of F1 over documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<[f64; 2]>,
    /// Number of gold items.
    pub support: u64,
}

impl Figures {
    fn new(counts: &Counts, documents: Option<&[Counts]>) -> Self {
        Self {
            precision: rounded(counts.precision()),
            recall: rounded(counts.recall()),
            f1: rounded(counts.f1()),
            ci: documents.map(|d| interval(d).map(rounded)),
            support: counts.gold as u64,
        }
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
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
    pub by_type: BTreeMap<Label, Figures>,
}

/// Scores of relations.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct RelationReport {
    /// Spans of both ends and the relation.
    pub boundaries: Figures,
    /// Also both types.
    pub typed: Figures,
    /// Spans, relation and status.
    pub with_status: Figures,
    /// By relation, on spans.
    pub by_relation: BTreeMap<Label, Figures>,
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

/// Sums of one kind of count, by document and in all.
#[derive(Default)]
struct Tally {
    all: Counts,
    documents: BTreeMap<String, Counts>,
}

impl Tally {
    fn add(&mut self, document: &str, counts: Counts) {
        self.all += counts;
        match self.documents.get_mut(document) {
            Some(sum) => *sum += counts,
            None => {
                self.documents.insert(document.to_string(), counts);
            }
        }
    }

    fn figures(&self) -> Figures {
        let documents: Vec<Counts> = self.documents.values().copied().collect();
        Figures::new(&self.all, Some(&documents))
    }
}

/// Scores `predicted` against `gold`, sample by sample. With `gold_mentions`, mentions were given
/// and only relations are scored.
pub fn score(
    gold: &[Sample],
    predicted: &[Sample],
    schema: &Schema,
    gold_mentions: bool,
) -> Report {
    let [mut strict, mut partial, mut by_overlap] = [(); 3].map(|()| Tally::default());
    let [mut boundaries, mut typed, mut with_status] = [(); 3].map(|()| Tally::default());
    let mut types: BTreeMap<Label, Counts> = BTreeMap::new();
    let mut names: BTreeMap<Label, Counts> = BTreeMap::new();
    let (mut any_mentions, mut any_relations) = (false, false);
    for (g, p) in gold.iter().zip(predicted) {
        if !gold_mentions && g.mention_coverage == Coverage::Full {
            any_mentions = true;
            let counts = mentions::compare(
                &mentions::items(g, &g.tokens),
                &mentions::items(p, &g.tokens),
            );
            strict.add(&g.doc, counts.strict);
            partial.add(&g.doc, counts.partial);
            by_overlap.add(&g.doc, counts.by_overlap);
            for (label, c) in counts.types {
                *types.entry(label).or_default() += c;
            }
        }
        if let Some(counts) = relations::compare(g, p, schema) {
            any_relations = true;
            boundaries.add(&g.doc, counts.boundaries);
            typed.add(&g.doc, counts.typed);
            with_status.add(&g.doc, counts.with_status);
            for (label, c) in counts.relations {
                *names.entry(label).or_default() += c;
            }
        }
    }
    let figures = |counts: BTreeMap<Label, Counts>| {
        counts
            .into_iter()
            .map(|(label, c)| (label, Figures::new(&c, None)))
            .collect()
    };
    Report {
        mentions: any_mentions.then(|| MentionReport {
            strict: strict.figures(),
            partial: partial.figures(),
            by_overlap: by_overlap.figures(),
            by_type: figures(types),
        }),
        relations: any_relations.then(|| RelationReport {
            boundaries: boundaries.figures(),
            typed: typed.figures(),
            with_status: with_status.figures(),
            by_relation: figures(names),
        }),
        documents: gold.iter().map(|g| &g.doc).collect::<BTreeSet<_>>().len(),
        sentences: gold.len(),
        tokens: gold.iter().map(|g| count_words(&g.text)).sum(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} documents, {} sentences, {} words\n",
            self.documents, self.sentences, self.tokens
        )?;
        writeln!(
            f,
            "{:<24}{:>10}{:>10}{:>10}{:>10}   95% interval of F1",
            "", "precision", "recall", "F1", "support"
        )?;
        if let Some(m) = &self.mentions {
            row(f, "mentions, strict", &m.strict)?;
            row(f, "mentions, partial", &m.partial)?;
            row(f, "mentions, type", &m.by_overlap)?;
            for (label, figures) in &m.by_type {
                row(f, &format!("  {label}"), figures)?;
            }
        }
        if let Some(r) = &self.relations {
            row(f, "relations", &r.boundaries)?;
            row(f, "relations, typed", &r.typed)?;
            row(f, "relations, with status", &r.with_status)?;
            for (label, figures) in &r.by_relation {
                row(f, &format!("  {label}"), figures)?;
            }
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, figures: &Figures) -> fmt::Result {
    write!(
        f,
        "{name:<24}{:>10.2}{:>10.2}{:>10.2}{:>10}",
        figures.precision, figures.recall, figures.f1, figures.support
    )?;
    if let Some([low, high]) = figures.ci {
        write!(f, "   {low:.2} - {high:.2}")?;
    }
    writeln!(f)
}
