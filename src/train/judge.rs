use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::BATCH_TOKENS;
use super::data::fingerprint;
use super::options::Task;
use crate::annotation::{Coverage, Sample};
use crate::config::Schema;
use crate::error::Result;
use crate::eval::{self, Scope};
use crate::network::Workers;
use crate::text::Span;

/// How well a model does on the development data: F1 of 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Mentions, strict.
    pub mentions: Option<f64>,
    /// Relations between given mentions.
    pub relations: Option<f64>,
    /// What is left of what the base model knew, when there was one.
    pub kept: Option<Kept>,
}

impl Score {
    /// The one number by which epochs are compared: the mean of what was measured.
    pub fn total(&self) -> Option<f64> {
        let parts: Vec<f64> = [self.mentions, self.relations]
            .into_iter()
            .flatten()
            .collect();
        (!parts.is_empty()).then(|| parts.iter().sum::<f64>() / parts.len() as f64)
    }
}

/// F1 of the base model and of the new one on the same held-out samples, for the entity types and
/// relations that the base knew.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Mentions, strict: base and new.
    pub mentions: Option<[f64; 2]>,
    /// Relations between given mentions: base and new.
    pub relations: Option<[f64; 2]>,
}

impl Kept {
    /// The points lost where most were lost; negative when all figures rose.
    pub fn lost(&self) -> f64 {
        [self.mentions, self.relations]
            .into_iter()
            .flatten()
            .map(|[base, new]| base - new)
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Judges a model after each epoch: by the development samples, and by what the base model knew.
#[derive(Debug)]
pub struct Judge {
    task: Task,
    dev: Vec<Sample>,
    /// What the user's samples speak of, where they may be silent about what a base model knew.
    scope: Option<Scope>,
    memory: Option<Memory>,
}

/// What the base model knew, and how well.
#[derive(Debug)]
struct Memory {
    schema: Schema,
    /// The names that the development samples speak of.
    of_dev: Scope,
    replayed: Vec<Sample>,
    base: Figures,
}

type Figures = (Option<f64>, Option<f64>);

/// A model's answers on some samples: with mentions of its own, and with those given.
struct Answers {
    free: Vec<Sample>,
    given: Vec<Sample>,
}

fn answers(workers: &Workers, samples: &[Sample]) -> Result<Answers> {
    // Samples without labels of relations are not asked for them.
    let asked = |sample: &Sample| sample.relation_coverage != Coverage::Nothing;
    let labelled: Vec<Sample> = samples.iter().filter(|s| asked(s)).cloned().collect();
    let mut predicted = workers.predict(&labelled, true, BATCH_TOKENS)?.into_iter();
    let given = samples
        .iter()
        .map(|sample| {
            let answer = asked(sample).then(|| predicted.next()).flatten();
            answer.unwrap_or_else(|| sample.clone())
        })
        .collect();
    Ok(Answers {
        free: workers.predict(samples, false, BATCH_TOKENS)?,
        given,
    })
}

impl Judge {
    /// Judges by these samples.
    pub fn new(task: Task, dev: Vec<Sample>) -> Self {
        Self {
            task,
            dev,
            scope: None,
            memory: None,
        }
    }

    /// Judges by the types and relations that occur in what the user `brought` (to train and to judge
    /// by; what is labelled nowhere was not looked for), and also watches what the `base` model knew:
    /// on the labels of the development samples that it knows, and on `replayed` samples that are not
    /// trained on.
    ///
    /// # Errors
    /// The base model cannot be run.
    pub fn remember(
        &mut self,
        base: &Workers,
        brought: &[Sample],
        replayed: Vec<Sample>,
    ) -> Result<()> {
        let schema = base.model().schema.clone();
        let scope = Scope::of(brought);
        let mut of_dev = scope.clone();
        of_dev
            .types
            .retain(|t| schema.entity_index(t.as_str()).is_some());
        of_dev
            .relations
            .retain(|r| schema.relation_index(r.as_str()).is_some());
        let mut memory = Memory {
            of_dev,
            schema,
            replayed,
            base: (None, None),
        };
        memory.base = memory.figures(base, &self.dev, &answers(base, &self.dev)?)?;
        self.memory = Some(memory);
        self.scope = Some(scope);
        Ok(())
    }

    /// Scores a model; `None` when there is nothing to judge by.
    ///
    /// # Errors
    /// The model cannot be run.
    pub fn score(&self, workers: &Workers) -> Result<Option<Score>> {
        let schema = &workers.model().schema;
        let mut own = answers(workers, &self.dev)?;
        if let Some(scope) = &self.scope {
            for answer in own.free.iter_mut().chain(&mut own.given) {
                *answer = scope.narrow(answer);
            }
        }
        let mut score = Score {
            mentions: None,
            relations: None,
            kept: None,
        };
        if self.task != Task::Relations {
            score.mentions = eval::score(&self.dev, &own.free, schema, false)
                .mentions
                .map(|m| m.strict.f1);
        }
        if self.task != Task::Ner {
            score.relations = eval::score(&self.dev, &own.given, schema, true)
                .relations
                .map(|r| r.boundaries.f1);
        }
        if let Some(memory) = &self.memory {
            let new = memory.figures(workers, &self.dev, &own)?;
            score.kept = Some(Kept {
                mentions: memory.base.0.zip(new.0).map(|(a, b)| [a, b]),
                relations: memory.base.1.zip(new.1).map(|(a, b)| [a, b]),
            });
        }
        let measured = score.total().is_some() || score.kept.is_some_and(|k| k.lost().is_finite());
        Ok(measured.then_some(score))
    }

    /// A number that stands for the samples and their labels that models are judged by.
    pub fn fingerprint(&self) -> u64 {
        let all = |samples: &[Sample]| samples.iter().map(told).collect::<Vec<_>>();
        let replayed = self.memory.as_ref().map(|memory| all(&memory.replayed));
        fingerprint(&(all(&self.dev), replayed))
    }

    /// Number of sentences that tell what is left of what the base model knew.
    pub fn remembered(&self) -> usize {
        self.memory.as_ref().map_or(0, |memory| {
            let told = |s: &&Sample| {
                let kept = memory.of_dev.narrow(s);
                !kept.relations.is_empty() || kept.mentions.iter().any(|m| m.label.is_some())
            };
            self.dev.iter().filter(told).count() + memory.replayed.len()
        })
    }
}

impl Memory {
    fn figures(&self, workers: &Workers, dev: &[Sample], on_dev: &Answers) -> Result<Figures> {
        let on_replayed = answers(workers, &self.replayed)?;
        let all = Scope {
            types: self
                .schema
                .entities
                .iter()
                .map(|e| e.name.clone())
                .collect(),
            relations: self
                .schema
                .relations
                .iter()
                .map(|r| r.name.clone())
                .collect(),
        };
        let both = |dev: &[Sample], replayed: &[Sample]| -> Vec<Sample> {
            let dev = dev.iter().map(|s| self.of_dev.narrow(s));
            dev.chain(replayed.iter().map(|s| all.narrow(s))).collect()
        };
        let gold = both(dev, &self.replayed);
        let with_mentions = both(&on_dev.given, &on_replayed.given);
        let relations = eval::score(&gold, &with_mentions, &self.schema, true).relations;
        let typed = |samples: Vec<Sample>| -> Vec<Sample> {
            samples.into_iter().map(without_untyped).collect()
        };
        let free = typed(both(&on_dev.free, &on_replayed.free));
        let mentions = eval::score(&typed(gold), &free, &self.schema, false).mentions;
        Ok((
            mentions
                .filter(|m| m.strict.counts.gold > 0.0)
                .map(|m| m.strict.f1),
            relations
                .filter(|r| r.boundaries.counts.gold > 0.0)
                .map(|r| r.boundaries.f1),
        ))
    }
}

/// All that a sample tells, which neither its id nor its document is part of.
fn told(sample: &Sample) -> impl Hash + use<> {
    let span = |span: Span| (span.start, span.end);
    let mentions = sample.mentions.iter();
    let relations = sample.relations.iter();
    (
        sample.text.clone(),
        sample.tokens.iter().map(|&t| span(t)).collect::<Vec<_>>(),
        mentions
            .map(|m| (span(m.span), m.label.clone()))
            .collect::<Vec<_>>(),
        relations
            .map(|r| {
                let ends = (r.subject, r.object, r.label.clone());
                let source = (r.attributed_to, r.unattributed);
                (
                    ends,
                    r.trigger.map(span),
                    r.status,
                    source,
                    (r.holds, r.probability),
                )
            })
            .collect::<Vec<_>>(),
        (sample.mention_coverage, sample.relation_coverage),
        sample.unrelated.clone(),
    )
}

/// The sample with its typed mentions alone; no relations.
fn without_untyped(mut sample: Sample) -> Sample {
    sample.mentions.retain(|m| m.label.is_some());
    sample.relations.clear();
    sample.unrelated.clear();
    sample
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotation::SampleMention;

    fn sample() -> Sample {
        Sample {
            id: "a.jsonl:1".into(),
            doc: "a".into(),
            text: "Ana met Bo.".into(),
            tokens: Vec::new(),
            mentions: vec![SampleMention {
                id: "e1".into(),
                span: Span::new(0, 3),
                label: Some("PER".into()),
            }],
            mention_coverage: Coverage::Full,
            relations: Vec::new(),
            relation_coverage: Coverage::Full,
            unrelated: Vec::new(),
        }
    }

    #[test]
    fn what_is_judged_by_is_known_by_what_it_tells() {
        let with = |change: fn(&mut Sample)| {
            let mut sample = sample();
            change(&mut sample);
            Judge::new(Task::All, vec![sample]).fingerprint()
        };
        let same = with(|_| ());
        assert_eq!(with(|s| s.id = "elsewhere/a.jsonl:1".into()), same);
        for other in [
            with(|s| s.text.push('!')),
            with(|s| s.mentions[0].label = Some("ORG".into())),
            with(|s| s.mentions[0].span = Span::new(8, 10)),
            with(|s| s.relation_coverage = Coverage::Nothing),
            with(|s| s.unrelated.push((0, 0))),
            Judge::new(Task::All, Vec::new()).fingerprint(),
        ] {
            assert_ne!(other, same);
        }
    }

    #[test]
    fn the_worst_loss_counts() {
        let kept = Kept {
            mentions: Some([90.0, 91.0]),
            relations: Some([60.0, 57.5]),
        };
        assert_eq!(kept.lost(), 2.5);
        let risen = Kept {
            mentions: None,
            relations: Some([60.0, 61.0]),
        };
        assert_eq!(risen.lost(), -1.0);
        assert!(!Kept::default().lost().is_finite());
    }
}
