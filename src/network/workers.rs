use std::sync::{Mutex, OnceLock};

use super::{Model, Network, Prepared, WindowReading, batches};
use crate::annotation::{Annotations, Probability, Sample, SampleMention, SampleRelation};
use crate::config::ModelConfig;
use crate::error::{Error, Result};
use crate::model::told_by;
use crate::ner::Tagger;
use crate::network::GivenMention;
use crate::text::Span;

/// A model and the threads that run it: one network a thread, each with one thread of its own
/// inside the tensor library.
#[derive(Debug)]
pub struct Workers {
    model: Model,
    networks: Vec<Mutex<Network>>,
    pool: rayon::ThreadPool,
    tagger: Option<Tagger>,
}

/// What the names of the worker threads begin with.
pub const WORKER_THREAD: &str = "worker-";

/// A text and what was prepared of it.
#[derive(Debug)]
pub struct Task<'t> {
    /// The text.
    pub text: &'t str,
    /// Its sentences, subwords and windows.
    pub prepared: Prepared,
}

/// What was predicted for a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// The sample with the predicted mentions and relations in place of its own.
    pub sample: Sample,
    /// Probability of each of its relations, in their order.
    pub confidences: Vec<f32>,
}

impl Workers {
    /// Starts `threads` workers (at least one).
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(model: Model, threads: usize) -> Result<Self> {
        let threads = threads.max(1);
        let networks = (0..threads)
            .map(|_| model.network().map(Mutex::new))
            .collect::<Result<Vec<_>>>()?;
        crate::model::give_back_freed();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|n| format!("{WORKER_THREAD}{n}"))
            .start_handler(|_| crate::model::single_threaded_kernels())
            .build()
            .map_err(|e| Error::Usage(format!("cannot start {threads} threads: {e}")))?;
        Ok(Self {
            model,
            networks,
            pool,
            tagger: None,
        })
    }

    /// Takes mentions from another model instead of from its own.
    pub fn with_tagger(mut self, tagger: Tagger) -> Self {
        self.tagger = Some(tagger);
        self
    }

    /// Cuts the sentences of a text into subwords and windows, and, when another model finds the
    /// mentions, finds them.
    ///
    /// # Errors
    /// The tokenizer refuses the text, or the tensor library a computation.
    pub fn prepare(&self, text: &str, sentences: Vec<Span>) -> Result<Prepared> {
        let mut prepared = self.model.prepare(text, sentences)?;
        if let Some(tagger) = &self.tagger {
            let thread = rayon::current_thread_index().unwrap_or(0);
            let found = tagger.mentions(text, &prepared.sentences, thread)?;
            let given = found.into_iter().map(|m| GivenMention {
                span: m.span,
                label: Some(m.label),
                confidence: m.confidence,
            });
            prepared.given = Some(given.collect());
        }
        Ok(prepared)
    }

    /// The model they run.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Lets them go by the outputs of another configuration, as [`Model::set_outputs_of`] does.
    pub fn set_outputs_of(&mut self, config: ModelConfig) {
        self.model.set_outputs_of(config);
    }

    /// The threads, for work that comes before and after the network.
    pub fn pool(&self) -> &rayon::ThreadPool {
        &self.pool
    }

    /// Annotates texts, in batches of about `budget` padded subwords. The result does not depend on
    /// the number of threads nor on which texts come together.
    ///
    /// # Errors
    /// The tensor library refuses a computation.
    pub fn annotate(&self, tasks: &[Task], budget: usize) -> Result<Vec<Annotations>> {
        let places: Vec<(usize, usize)> = tasks
            .iter()
            .enumerate()
            .flat_map(|(t, task)| (0..task.prepared.windows.len()).map(move |w| (t, w)))
            .collect();
        let window = |n: usize| &tasks[places[n].0].prepared.windows[places[n].1];
        let lengths: Vec<usize> = (0..places.len()).map(|n| window(n).ids.len()).collect();
        let read = self.each(batches(&lengths, budget), |batch| {
            let rows: Vec<(&Prepared, usize)> = batch
                .iter()
                .map(|&n| (&tasks[places[n].0].prepared, places[n].1))
                .collect();
            let own = rayon::current_thread_index().unwrap_or(0) % self.networks.len();
            let network = self.networks[own]
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            Ok((batch, network.read(&self.model, &rows)?))
        })?;
        let mut readings: Vec<Vec<WindowReading>> = tasks
            .iter()
            .map(|t| vec![WindowReading::new(); t.prepared.windows.len()])
            .collect();
        for (batch, results) in read {
            for (n, reading) in batch.into_iter().zip(results) {
                readings[places[n].0][places[n].1] = reading;
            }
        }
        self.each(tasks.iter().zip(&readings), |(task, readings)| {
            Ok(self.model.assemble(task.text, &task.prepared, readings))
        })
    }

    /// Does something to each item on the worker threads, and gives the results in the items' order.
    /// Items are taken up first come, first served, also among several callers: none of the threads
    /// waits within an item, so what was begun first is done first. To be called from outside the
    /// pool.
    ///
    /// # Errors
    /// The first that an item met with.
    pub fn each<T: Send, R: Send + Sync>(
        &self,
        items: impl IntoIterator<Item = T>,
        work: impl Fn(T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let items: Vec<T> = items.into_iter().collect();
        let slots: Vec<OnceLock<Result<R>>> = items.iter().map(|_| OnceLock::new()).collect();
        self.pool.in_place_scope(|scope| {
            for (item, slot) in items.into_iter().zip(&slots) {
                let work = &work;
                scope.spawn(move |_| {
                    let _ = slot.set(caught(|| work(item)));
                });
            }
        });
        slots.into_iter().filter_map(OnceLock::into_inner).collect()
    }

    /// Predicts what samples are labelled with: mentions (or, with `gold_mentions`, takes those
    /// given) and relations. Each sample is one sentence; neighbours of one document share windows,
    /// as they do when articles are read.
    ///
    /// # Errors
    /// The tensor library refuses a computation.
    pub fn predict(
        &self,
        samples: &[Sample],
        gold_mentions: bool,
        budget: usize,
    ) -> Result<Vec<Sample>> {
        let predicted = self.predict_scored(samples, gold_mentions, budget)?;
        Ok(predicted.into_iter().map(|p| p.sample).collect())
    }

    /// Like [`Self::predict`], with the confidence of each relation.
    ///
    /// # Errors
    /// The tensor library refuses a computation.
    pub fn predict_scored(
        &self,
        samples: &[Sample],
        gold_mentions: bool,
        budget: usize,
    ) -> Result<Vec<Predicted>> {
        let documents: Vec<&[Sample]> = samples.chunk_by(|a, b| a.doc == b.doc).collect();
        let texts: Vec<(String, Vec<usize>)> = documents
            .iter()
            .map(|document| {
                let mut text = String::new();
                let starts = document
                    .iter()
                    .map(|sample| {
                        let start = text.len();
                        text.push_str(&sample.text);
                        text.push('\n');
                        start
                    })
                    .collect();
                (text, starts)
            })
            .collect();
        let tasks = self.each(
            texts.iter().zip(&documents),
            |((text, starts), document)| {
                let sentences = starts
                    .iter()
                    .zip(*document)
                    .map(|(&at, sample)| Span::new(at, at + sample.text.len()))
                    .collect();
                let prepared = if gold_mentions {
                    Prepared {
                        given: Some(given(document, starts)),
                        ..self.model.prepare(text, sentences)?
                    }
                } else {
                    self.prepare(text, sentences)?
                };
                Ok(Task { text, prepared })
            },
        )?;
        let annotated = self.annotate(&tasks, budget)?;
        Ok(documents
            .iter()
            .zip(&texts)
            .zip(&annotated)
            .flat_map(|((document, (_, starts)), annotations)| {
                document
                    .iter()
                    .enumerate()
                    .map(|(n, sample)| as_sample(sample, n, starts[n], annotations))
            })
            .collect())
    }
}

/// A panic of the tensor library, or of anything else, as an error: whoever waits for the other items
/// has to hear of it.
fn caught<R>(work: impl FnOnce() -> Result<R>) -> Result<R> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::tensor("annotating", told_by(&*panic))))
}

fn given(document: &[Sample], starts: &[usize]) -> Vec<GivenMention> {
    let mut mentions: Vec<GivenMention> = document
        .iter()
        .zip(starts)
        .flat_map(|(sample, &at)| {
            sample.mentions.iter().map(move |m| GivenMention {
                span: m.span.shifted(at),
                label: m.label.clone(),
                confidence: 1.0,
            })
        })
        .collect();
    mentions.sort_by_key(|m| (m.span.start, m.span.end));
    mentions
}

fn as_sample(
    sample: &Sample,
    sentence: usize,
    start: usize,
    annotations: &Annotations,
) -> Predicted {
    let mut local = std::collections::BTreeMap::new();
    let mut mentions = Vec::new();
    for (n, mention) in annotations.mentions.iter().enumerate() {
        if mention.sentence == sentence {
            local.insert(n, mentions.len());
            mentions.push(SampleMention {
                id: format!("e{}", mentions.len() + 1),
                span: Span::new(
                    mention.span.start.saturating_sub(start),
                    mention.span.end.saturating_sub(start),
                ),
                label: Some(mention.label.clone()),
            });
        }
    }
    let (relations, confidences) = annotations
        .relations
        .iter()
        .filter_map(|r| {
            let relation = SampleRelation {
                subject: *local.get(&r.subject)?,
                object: *local.get(&r.object)?,
                label: r.label.clone(),
                trigger: r
                    .trigger
                    .map(|t| Span::new(t.start.saturating_sub(start), t.end.saturating_sub(start))),
                status: Some(r.status),
                attributed_to: r.attributed_to.and_then(|m| local.get(&m).copied()),
                unattributed: false,
                holds: true,
                probability: Probability::new(r.confidence),
            };
            Some((relation, r.confidence))
        })
        .unzip();
    Predicted {
        sample: Sample {
            mentions,
            relations,
            unrelated: Vec::new(),
            ..sample.clone()
        },
        confidences,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_reason() {
        let worker = std::thread::Builder::new().name(format!("{WORKER_THREAD}0"));
        let met = worker.spawn(|| caught::<()>(|| panic!("shapes differ\nframe 1")));
        let error = met.unwrap().join().unwrap().unwrap_err();
        assert!(error.to_string().ends_with("shapes differ"), "{error}");
        assert_eq!(caught(|| Ok(7)).unwrap(), 7);
    }
}
