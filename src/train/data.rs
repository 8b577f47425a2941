use std::collections::BTreeSet;
use std::sync::Arc;

use crate::annotation::{Coverage, Label, Sample};
use crate::config::Schema;
use crate::error::Result;
use crate::model::{SentenceTokens, SubwordTokenizer};
use crate::ner::TagSet;
use crate::text::Span;

/// A relation to be learnt, in terms of [`Example::mentions`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub subject: usize,
    pub object: usize,
    pub relation: usize,
    pub status: Option<usize>,
    /// First and last word.
    pub trigger: Option<(usize, usize)>,
    /// Known source of a relation: `Some(None)` when known to be unnamed.
    pub source: Option<Option<usize>>,
    /// Whether it holds (`false`: a reviewer said that it does not).
    pub holds: bool,
}

/// One labelled sentence in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Example {
    pub doc: String,
    pub tokens: SentenceTokens,
    /// One tag a word, when all mentions are labelled.
    pub tags: Option<Vec<usize>>,
    /// First word, last word, type (one past the last type when unknown).
    pub mentions: Vec<(usize, usize, usize)>,
    pub relations: Vec<Target>,
    pub coverage: Coverage,
    /// Ordered pairs known to have no relation.
    pub unrelated: Vec<(usize, usize)>,
    /// What its labels say nothing about.
    pub silence: Arc<Silence>,
}

/// The relations and types about which a body of samples says nothing by not labelling them.
///
/// Somebody who labels two hundred sentences for one new relation did not look for the two dozen
/// old ones: that they are not labelled does not mean that they do not hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Silence {
    relations: Vec<bool>,
    types: Vec<bool>,
    /// Whether the silence on a relation ends where a pair has no relation at all.
    only_of_related: bool,
}

impl Silence {
    /// Of samples brought by a user: silent about all names of the `base` model that occur in none.
    pub fn of_new(samples: &[Sample], base: &Schema) -> Self {
        let relations: BTreeSet<&Label> = samples
            .iter()
            .flat_map(|s| s.relations.iter().map(|r| &r.label))
            .collect();
        let types: BTreeSet<&Label> = samples
            .iter()
            .flat_map(|s| s.mentions.iter().filter_map(|m| m.label.as_ref()))
            .collect();
        Self {
            relations: base
                .relations
                .iter()
                .map(|r| !relations.contains(&r.name))
                .collect(),
            types: base
                .entities
                .iter()
                .map(|e| !types.contains(&e.name))
                .collect(),
            only_of_related: false,
        }
    }

    /// Of replayed samples of the `base` model: silent about the relations that `new` has beyond it.
    /// A replayed pair without any relation is taken to be without the new ones, too.
    pub fn of_replayed(base: &Schema, new: &Schema) -> Self {
        Self {
            relations: (0..new.relations.len())
                .map(|r| r >= base.relations.len())
                .collect(),
            types: Vec::new(),
            only_of_related: true,
        }
    }

    /// Whether a pair without this relation's label may have the relation all the same.
    pub fn on_relation(&self, relation: usize, related: bool) -> bool {
        (related || !self.only_of_related) && self.relations.get(relation) == Some(&true)
    }

    /// Whether words without a label may be a mention of this type all the same.
    pub fn on_type(&self, label: usize) -> bool {
        self.types.get(label) == Some(&true)
    }

    /// Whether there is anything it is silent about.
    pub fn is_any(&self) -> bool {
        self.relations.contains(&true) || self.types.contains(&true)
    }
}

impl Example {
    /// Words and labels of a sample. Mentions that share a word with an earlier one, and relations
    /// the schema does not know, are left out and counted in `dropped`.
    pub fn new(
        sample: &Sample,
        tokenizer: &SubwordTokenizer,
        schema: &Schema,
        tags: &TagSet,
        silence: &Arc<Silence>,
        dropped: &mut usize,
    ) -> Result<Self> {
        let tokens = tokenizer.tokenize(&sample.text, Span::new(0, sample.text.len()))?;
        let mut mentions: Vec<(usize, usize, usize)> = Vec::new();
        let mut place = Vec::with_capacity(sample.mentions.len());
        let overlap_free = sample.mention_coverage == Coverage::Full;
        for mention in &sample.mentions {
            let words = tokens.words_in(mention.span);
            let clash = |&(a, b): &(usize, usize)| {
                mentions.iter().any(|m| {
                    if overlap_free {
                        a <= m.1 && m.0 <= b
                    } else {
                        (a, b) == (m.0, m.1)
                    }
                })
            };
            match words.filter(|w| !clash(w)) {
                Some((first, last)) => {
                    let label = mention.label.as_ref().and_then(|l| tags.index(l));
                    place.push(Some(mentions.len()));
                    mentions.push((first, last, label.unwrap_or(tags.labels().len())));
                }
                None => {
                    *dropped += 1;
                    place.push(None);
                }
            }
        }
        let at = |n: usize| place.get(n).copied().flatten();
        let mut relations = Vec::new();
        for r in &sample.relations {
            let (Some(subject), Some(object), Some(relation)) = (
                at(r.subject),
                at(r.object),
                schema.relation_index(r.label.as_str()),
            ) else {
                *dropped += 1;
                continue;
            };
            if subject == object {
                *dropped += 1;
                continue;
            }
            relations.push(Target {
                subject,
                object,
                relation,
                status: r.status.map(|s| s.index()),
                trigger: r.trigger.and_then(|t| tokens.words_in(t)),
                source: match r.attributed_to {
                    None if r.unattributed => Some(None),
                    named => named.map(at),
                },
                holds: r.holds,
            });
        }
        let tagged = (sample.mention_coverage == Coverage::Full).then(|| {
            let known: Vec<_> = mentions
                .iter()
                .copied()
                .filter(|m| m.2 < tags.labels().len())
                .collect();
            tags.encode(tokens.words.len(), &known)
        });
        Ok(Self {
            doc: sample.doc.clone(),
            tags: tagged,
            mentions,
            relations,
            coverage: sample.relation_coverage,
            unrelated: sample
                .unrelated
                .iter()
                .filter_map(|&(s, o)| Some((at(s)?, at(o)?)))
                .collect(),
            tokens,
            silence: Arc::clone(silence),
        })
    }

    /// Whether it teaches anything about relations: by its own labels, or through a `teacher`.
    pub fn has_pairs(&self, teacher: bool) -> bool {
        (teacher || self.coverage != Coverage::Nothing) && self.mentions.len() > 1
    }
}
