use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::annotation::{Coverage, Label, Probability, Sample};
use crate::config::Schema;
use crate::error::Result;
use crate::model::{SentenceTokens, SubwordTokenizer};
use crate::ner::TagSet;
use crate::text::Span;

/// A relation to be learnt, in terms of [`Example::mentions`].
#[derive(Debug, Clone, PartialEq, Hash)]
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
    /// How likely it holds, where a model has labelled it.
    pub probability: Option<Probability>,
}

impl Target {
    /// The output that is wanted for it, from 0 to 1.
    pub fn wanted(&self) -> f32 {
        let plain = if self.holds { 1.0 } else { 0.0 };
        self.probability.map_or(plain, Probability::value)
    }
}

/// A label that cannot be trained on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Id of its sample.
    pub sample: String,
    /// Which label it is, and why it is of no use.
    pub message: String,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.sample, self.message)
    }
}

/// One labelled sentence in words.
#[derive(Debug, Clone, PartialEq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Default, Hash)]
pub(super) struct Silence {
    relations: Vec<bool>,
    types: Vec<bool>,
    /// Relations about which it is silent where a pair has another one.
    of_related: Vec<bool>,
    /// Whether its labels are not to be learnt, but what the base model says.
    is_read_only: bool,
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
            ..Self::default()
        }
    }

    /// Of replayed samples of the `base` model: silent about the relations that `new` has beyond it.
    /// A replayed pair without any relation is taken to be without the new ones, too. With a
    /// `teacher`, their own labels are not learnt again: that would pull the model towards this
    /// small body of sentences. They are read, and what the teacher says of them is kept.
    pub fn of_replayed(base: &Schema, new: &Schema, teacher: bool) -> Self {
        let old = base.relations.len();
        let count = new.relations.len();
        Self {
            relations: (0..count).map(|r| teacher && r < old).collect(),
            types: Vec::new(),
            of_related: (0..count).map(|r| r >= old).collect(),
            is_read_only: teacher,
        }
    }

    /// Whether a pair without this relation's label may have the relation all the same.
    pub fn on_relation(&self, relation: usize, related: bool) -> bool {
        let silent = |of: &[bool]| of.get(relation) == Some(&true);
        silent(&self.relations) || related && silent(&self.of_related)
    }

    /// Whether labels are passed over, for what the base model says.
    pub fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// Whether words without a label may be a mention of this type all the same.
    pub fn on_type(&self, label: usize) -> bool {
        self.types.get(label) == Some(&true)
    }

    /// Whether there is anything it is silent about.
    pub fn is_any(&self) -> bool {
        [&self.relations, &self.types, &self.of_related]
            .iter()
            .any(|silent| silent.contains(&true))
    }
}

impl Example {
    /// Words and labels of a sample. Mentions that share a word with an earlier one, and relations
    /// the schema does not know, are left out and told in `dropped`.
    pub fn new(
        sample: &Sample,
        tokenizer: &SubwordTokenizer,
        schema: &Schema,
        tags: &TagSet,
        silence: &Arc<Silence>,
        dropped: &mut Vec<Dropped>,
    ) -> Result<Self> {
        let tokens = tokenizer.tokenize(&sample.text, Span::new(0, sample.text.len()))?;
        let mut leave_out = |message: String| {
            dropped.push(Dropped {
                sample: sample.id.clone(),
                message,
            });
        };
        let mut mentions: Vec<(usize, usize, usize)> = Vec::new();
        let mut place = Vec::with_capacity(sample.mentions.len());
        let overlap_free = sample.mention_coverage == Coverage::Full;
        for mention in &sample.mentions {
            let clash = |&(a, b): &(usize, usize)| {
                mentions.iter().any(|m| {
                    if overlap_free {
                        a <= m.1 && m.0 <= b
                    } else {
                        (a, b) == (m.0, m.1)
                    }
                })
            };
            let why = match tokens.words_in(mention.span) {
                None => "covers no word",
                Some(words) if clash(&words) => "shares words with an earlier one",
                Some((first, last)) => {
                    let label = mention.label.as_ref().and_then(|l| tags.index(l));
                    place.push(Some(mentions.len()));
                    mentions.push((first, last, label.unwrap_or(tags.labels().len())));
                    continue;
                }
            };
            let words = mention.span.of(&sample.text);
            leave_out(format!("the mention {words:?} {why}"));
            place.push(None);
        }
        let at = |n: usize| place.get(n).copied().flatten();
        let named = |n: usize| {
            let mention = sample.mentions.get(n);
            mention.map_or("", |m| m.span.of(&sample.text))
        };
        let mut relations = Vec::new();
        for r in &sample.relations {
            let Some(relation) = schema.relation_index(r.label.as_str()) else {
                leave_out(format!("the schema has no relation {}", r.label));
                continue;
            };
            let ends = at(r.subject).zip(at(r.object));
            let Some((subject, object)) = ends.filter(|(s, o)| s != o) else {
                leave_out(format!(
                    "the relation {} of {:?} and {:?}, as not both of them are usable mentions",
                    r.label,
                    named(r.subject),
                    named(r.object)
                ));
                continue;
            };
            relations.push(Target {
                subject,
                object,
                relation,
                status: r.status.map(|s| s.index()),
                trigger: r.trigger.and_then(|t| tokens.words_in(t)),
                source: match r.attributed_to {
                    None => r.unattributed.then_some(None),
                    // A source that was left out is not known to be unnamed.
                    Some(source) => at(source).map(Some),
                },
                holds: r.holds,
                probability: r.probability,
            });
        }
        let tells_names = sample.mention_coverage == Coverage::Full && !silence.is_read_only();
        let tagged = tells_names.then(|| {
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

/// A number that stands for what is hashed, such as all that examples teach; the same in every run of
/// the program.
pub(super) fn fingerprint(of: &(impl Hash + ?Sized)) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    of.hash(&mut hash);
    hash.finish()
}

/// FNV-1a (Fowler, Noll and Vo): the standard library's own hashes may change with its version.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::{SampleMention, SampleRelation, Status};

    const WORDS: [&str; 8] = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "ana", "met", "bo", "says",
    ];

    fn mention(text: &str, words: &str) -> SampleMention {
        let start = text.find(words).unwrap();
        SampleMention {
            id: words.into(),
            span: Span::new(start, start + words.len()),
            label: Some("PER".into()),
        }
    }

    /// Its second and third mention overlap, and the third is the source of its relation.
    fn sample() -> Sample {
        let text = "Ana met Bo Ana says Bo";
        let mentions = ["Ana", "Bo", "Bo Ana"].map(|words| mention(text, words));
        Sample {
            id: "s1".into(),
            doc: "d1".into(),
            text: text.into(),
            tokens: Vec::new(),
            mentions: mentions.to_vec(),
            mention_coverage: Coverage::Full,
            relations: vec![SampleRelation {
                subject: 0,
                object: 1,
                label: "meets".into(),
                trigger: None,
                status: Some(Status::Claimed),
                attributed_to: Some(2),
                unattributed: false,
                holds: true,
                probability: None,
            }],
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    fn example(sample: &Sample) -> (Example, Vec<Dropped>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vocab.txt"), WORDS.join("\n")).unwrap();
        let tokenizer = SubwordTokenizer::load(folder.path()).unwrap();
        let schema: Schema =
            toml::from_str("[[entity]]\nname='PER'\n[[relation]]\nname='meets'\n").unwrap();
        let tags = TagSet::new(vec!["PER".into()]);
        let mut dropped = Vec::new();
        let silence = Arc::default();
        let made = Example::new(sample, &tokenizer, &schema, &tags, &silence, &mut dropped);
        (made.unwrap(), dropped)
    }

    #[test]
    fn a_source_that_was_left_out_teaches_nothing() {
        let mut sample = sample();
        assert_eq!(example(&sample).0.relations[0].source, None);
        sample.relations[0].attributed_to = Some(0);
        assert_eq!(example(&sample).0.relations[0].source, Some(Some(0)));
        sample.relations[0].attributed_to = None;
        assert_eq!(example(&sample).0.relations[0].source, None);
        sample.relations[0].unattributed = true;
        assert_eq!(example(&sample).0.relations[0].source, Some(None));
    }

    #[test]
    fn each_label_that_is_left_out_is_named() {
        let mut sample = sample();
        sample.relations.push(SampleRelation {
            object: 2,
            ..sample.relations[0].clone()
        });
        sample.relations.push(SampleRelation {
            label: "visits".into(),
            ..sample.relations[0].clone()
        });
        let told: Vec<String> = example(&sample).1.iter().map(Dropped::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().all(|t| t.starts_with("s1: ")), "{told:?}");
        for (told, part) in told
            .iter()
            .zip(["\"Bo Ana\" shares", "relation meets", "visits"])
        {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn every_part_of_an_example_is_in_the_fingerprint() {
        let (example, _) = example(&sample());
        let with = |change: &dyn Fn(&mut Example)| {
            let mut other = example.clone();
            change(&mut other);
            fingerprint(&[other][..])
        };
        let mut seen = BTreeSet::from([fingerprint(&[] as &[Example]), with(&|_| ())]);
        assert_eq!(with(&|_| ()), fingerprint(std::slice::from_ref(&example)));
        let changes: [&dyn Fn(&mut Example); 12] = [
            &|e| e.doc.push('x'),
            &|e| e.tokens.shapes[0] += 1,
            &|e| e.tags = None,
            &|e| e.mentions[0].1 += 1,
            &|e| e.relations[0].status = None,
            &|e| e.relations[0].trigger = Some((1, 1)),
            &|e| e.relations[0].source = Some(None),
            &|e| e.relations[0].source = Some(Some(0)),
            &|e| e.relations[0].holds = false,
            &|e| e.coverage = Coverage::Listed,
            &|e| e.unrelated.push((1, 0)),
            &|e| {
                e.silence = Arc::new(Silence::of_replayed(
                    &Schema::default(),
                    &Schema::default(),
                    true,
                ))
            },
        ];
        for (n, change) in changes.iter().enumerate() {
            assert!(seen.insert(with(change)), "change {n}");
        }
    }
}
