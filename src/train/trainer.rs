use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tch::{Kind, Tensor};

use super::checkpoint::{Checkpoint, Origin, Position};
use super::data::{Dropped, Example, Silence, fingerprint};
use super::judge::Score;
use super::loss::{Course, loss};
use super::optimizer::AdamW;
use super::options::{Rng, Task, TrainOptions};
use super::pace::{Pace, Progress};
use super::plan::{Row, plan};
use super::start::{Start, is_dossier, open};
use crate::annotation::{Coverage, Sample};
use crate::config::{ModelConfig, Schema};
use crate::error::{Error, Result};
use crate::files::{remove_if_there, replace_together};
use crate::model::{Precision, WindowLimits, write_tensors};
use crate::ner::TagSet;
use crate::network::{
    CARD, CONFIG, Model, Network, SCHEMA, TOKENIZER, WEIGHTS, Workers, folder_hash, made_with,
    whole_folder_hash,
};

/// A finished training run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Score of the model that was written; of the last one when none was.
    pub score: Option<Score>,
    /// The epoch it comes from, from 1; 0 when no epoch was good enough to be written.
    pub epoch: usize,
    /// Sentences trained on.
    pub sentences: usize,
    /// Labels that could not be used (overlapping mentions and the like).
    pub dropped: Vec<Dropped>,
    /// Subwords a second, over the run.
    pub tokens_per_second: f64,
}

/// What is trained on and judged by.
#[derive(Debug, Clone, Copy)]
pub struct Lessons<'t> {
    /// The samples that the user brought.
    pub samples: &'t [Sample],
    /// Samples of what the base model knows, so that it does not forget.
    pub replayed: &'t [Sample],
    /// [Fingerprint](super::Judge::fingerprint) of what models are judged by: a stopped run goes on
    /// with the same only, since its epochs are compared.
    pub judged_by: u64,
}

/// Trains on samples from the model or encoder in `base` and writes a model folder to `output`.
///
/// `score` judges a model (on development data that is its own affair); of the epochs that lost at
/// most `may_lose` points of what the base model knew, the one with the best score is kept, the last
/// without a score. `report` is called every few seconds; `stop` is asked after
/// each step, and a run that it ends goes on with `resume`.
///
/// # Errors
/// The base or a sample cannot be used, a file cannot be written, or `stop` ended the run.
#[allow(clippy::too_many_arguments)]
pub fn train(
    lessons: Lessons<'_>,
    base: &Path,
    schema: Option<Schema>,
    output: &Path,
    options: &TrainOptions,
    may_lose: f64,
    resume: bool,
    score: &mut dyn FnMut(&Workers) -> Result<Option<Score>>,
    report: &mut dyn FnMut(&Progress),
    stop: &dyn Fn() -> bool,
) -> Result<Trained> {
    tch::set_num_threads(options.threads as i32);
    tch::manual_seed(options.seed as i64);
    let mut start = open(base, schema, lessons.samples, &options.keep_layers)?;
    let mut dropped = Vec::new();
    let examples = examples(lessons, &start, options, &mut dropped)?;
    if examples.is_empty() {
        return Err(Error::Usage(format!(
            "none of the {} samples can be trained on",
            lessons.samples.len()
        )));
    }
    freeze(&start, options);
    let weights = if options.bf16 {
        let exact = start.network.weights.copies();
        start.network.weights.to_bf16();
        exact
    } else {
        start.network.weights.variables()
    };
    let variables = start.network.weights.variables();
    let mut optimizer = AdamW::new(variables, weights, options.weight_decay);
    if start.base.is_some() {
        optimizer.hold(options.closeness, |name| !start.grown.contains(name));
    }
    let leave_open =
        |e: &Example| e.silence.is_any() || e.tags.is_none() || e.coverage != Coverage::Full;
    let teacher = if options.distill && start.base.is_some() && examples.iter().any(leave_open) {
        Some(Model::load(base, Precision::Auto)?.network()?)
    } else {
        None
    };
    let origin = Origin {
        options: options.clone(),
        data: fingerprint(&examples),
        base: Some(hash_of_base(base)?),
        judged_by: Some(lessons.judged_by),
    };
    let mut run = Run {
        limits: WindowLimits::of(&start.config),
        optimizer,
        teacher,
        may_lose,
        start,
        examples,
        options,
        base,
        output,
    };
    std::fs::create_dir_all(output).map_err(|e| Error::io(output, e))?;
    if !resume {
        Checkpoint::forget(output)?;
    }
    let checkpoint = Checkpoint::in_folder(output)?;
    let trained = run.all_epochs(origin, &checkpoint, resume, score, report, stop)?;
    checkpoint.remove();
    Ok(Trained { dropped, ..trained })
}

struct Run<'r> {
    start: Start,
    examples: Vec<Example>,
    limits: WindowLimits,
    optimizer: AdamW,
    /// The base model as it was, where labels leave something open.
    teacher: Option<Network>,
    may_lose: f64,
    options: &'r TrainOptions,
    base: &'r Path,
    output: &'r Path,
}

impl Run<'_> {
    fn all_epochs(
        &mut self,
        origin: Origin,
        checkpoint: &Checkpoint,
        resume: bool,
        score: &mut dyn FnMut(&Workers) -> Result<Option<Score>>,
        report: &mut dyn FnMut(&Progress),
        stop: &dyn Fn() -> bool,
    ) -> Result<Trained> {
        let options = self.options;
        let steps_of: Vec<usize> = (0..options.epochs).map(|e| self.plan(e).len()).collect();
        let steps = steps_of.iter().sum();
        let mut at = if resume {
            checkpoint.load(&origin, &mut self.optimizer)?
        } else {
            Position {
                origin,
                step: 0,
                epoch: 0,
                in_epoch: 0,
                best: None,
                best_epoch: 0,
                best_score: None,
            }
        };
        let mut pace = Pace::new(at.step);
        let mut last_score = None;
        let (begun, mut tokens_in_all) = (Instant::now(), 0);
        while at.epoch < options.epochs {
            let batches = self.plan(at.epoch);
            for rows in batches.iter().skip(at.in_epoch) {
                let (value, tokens) = self.step(rows, at.step, steps)?;
                tokens_in_all += tokens;
                at.step += 1;
                at.in_epoch += 1;
                if let Some(progress) = pace.tick(&at, steps, value, tokens) {
                    report(&progress);
                }
                let stopping = stop();
                if stopping || at.step.is_multiple_of(options.checkpoint_steps.max(1)) {
                    checkpoint.save(&at, &self.optimizer)?;
                }
                if stopping {
                    return Err(Error::Interrupted);
                }
            }
            at.epoch += 1;
            at.in_epoch = 0;
            let judged = self.judge(score)?;
            if let Some(progress) = pace.score(&at, steps, judged) {
                report(&progress);
            }
            last_score = judged;
            let total = judged.and_then(|s| s.total());
            let lost = judged
                .and_then(|s| s.kept)
                .map_or(f64::NEG_INFINITY, |k| k.lost());
            if lost <= self.may_lose && (total.is_none() || at.best.is_none() || total > at.best) {
                if at.best_epoch == 0 {
                    remove_older_card(self.output)?;
                }
                at.best = total;
                at.best_epoch = at.epoch;
                at.best_score = judged;
                self.write(judged)?;
            }
            if at.epoch < options.epochs {
                checkpoint.save(&at, &self.optimizer)?;
            }
            if options.patience > 0 && at.epoch >= at.best_epoch.saturating_add(options.patience) {
                break;
            }
        }
        Ok(Trained {
            score: at.best_score.or(last_score),
            epoch: at.best_epoch,
            sentences: self.examples.len(),
            dropped: Vec::new(),
            tokens_per_second: tokens_in_all as f64 / begun.elapsed().as_secs_f64().max(1e-9),
        })
    }

    fn plan(&self, epoch: usize) -> Vec<Vec<Row>> {
        plan(
            &self.examples,
            &self.start.tokenizer,
            self.limits,
            self.options,
            epoch,
        )
    }

    /// One batch forward, backward and into the weights: its loss and its subwords.
    fn step(&mut self, rows: &[Row], step: usize, steps: usize) -> Result<(f64, usize)> {
        // Seeded a step, so that a run taken up again draws what it would have drawn.
        tch::manual_seed(Rng::new(&[self.options.seed, step as u64]).next() as i64);
        let course = Course {
            network: &self.start.network,
            teacher: self.teacher.as_ref(),
            examples: &self.examples,
            schema: &self.start.schema,
            padding: self.start.tokenizer.special().2,
        };
        let value = loss(&course, rows)?;
        let told = f64::try_from(&value).unwrap_or(f64::NAN);
        if !told.is_finite() {
            return Err(Error::Usage(format!(
                "the loss became {told} at step {step}; try a lower --learning-rate"
            )));
        }
        // Nothing is learnt from a batch whose sentences have no pair in one piece.
        if value.requires_grad() {
            value
                .f_backward()
                .map_err(|e| Error::tensor("computing gradients", e))?;
        }
        let rate = self.options.rate_at(step, steps);
        self.optimizer.step(
            self.options.learning_rate * rate,
            self.options.head_learning_rate * rate,
            self.options.clip_norm,
        );
        Ok((told, rows.iter().map(|r| r.window.ids.len()).sum()))
    }

    fn judge(
        &self,
        score: &mut dyn FnMut(&Workers) -> Result<Option<Score>>,
    ) -> Result<Option<Score>> {
        score(&Workers::start(self.model()?, self.options.threads)?)
    }

    /// The model as it stands.
    fn model(&self) -> Result<Model> {
        let bf16 = Precision::Auto.is_bf16();
        let copy = |weight: &Tensor| {
            if bf16 {
                weight.to_kind(Kind::BFloat16)
            } else {
                weight.copy()
            }
        };
        let weights = self.optimizer.weights().iter();
        let copies = weights.map(|(name, weight)| (name.clone(), copy(weight)));
        let network = Network::one_more(&self.start.config, &self.start.schema)?;
        network.weights.adopt(copies.collect(), self.output)?;
        Ok(Model::assembled(
            self.output,
            self.start.config.clone(),
            self.start.schema.clone(),
            self.start.tokenizer.clone(),
            network.weights.into_shared(),
            bf16,
        ))
    }

    /// Writes the model folder as it stands.
    fn write(&self, score: Option<Score>) -> Result<()> {
        let mut config = self.start.config.clone();
        config.training = serde_json::to_value(self.options).unwrap_or_default();
        tell_score(&mut config, score);
        replace_together(self.output, CONFIG, |folder| {
            write_tensors(
                &folder.join(WEIGHTS),
                self.optimizer.weights(),
                self.options.storage,
            )?;
            write_folder(folder, self.base, &config, &self.start)
        })
    }
}

/// Removes what is told of a model that is about to be replaced in a folder.
pub(super) fn remove_older_card(output: &Path) -> Result<()> {
    let card = output.join(CARD);
    remove_if_there(&card).map_err(|e| Error::io(card, e))
}

/// Puts a model's score, and no other, beside the settings it was trained with.
pub(super) fn tell_score(config: &mut ModelConfig, score: Option<Score>) {
    if let Some(settings) = config.training.as_object_mut() {
        settings.remove("score");
        if let Some(score) = score {
            let score = serde_json::to_value(score).unwrap_or_default();
            settings.insert("score".into(), score);
        }
    }
}

/// Writes a model's configuration into its folder.
pub(super) fn write_config(folder: &Path, config: &ModelConfig) -> Result<()> {
    let path = folder.join(CONFIG);
    let text = serde_json::to_string_pretty(config).map_err(|e| Error::Usage(e.to_string()))?;
    std::fs::write(&path, format!("{text}\n")).map_err(|e| Error::io(path, e))
}

/// SHA-256 of what a training run begins with.
fn hash_of_base(base: &Path) -> Result<String> {
    if is_dossier(base) {
        folder_hash(base)
    } else {
        whole_folder_hash(base)
    }
}

/// Writes all of a model but its weights.
fn write_folder(output: &Path, base: &Path, config: &ModelConfig, start: &Start) -> Result<()> {
    let put = |name: &str, bytes: &[u8]| {
        let path = output.join(name);
        std::fs::write(&path, bytes).map_err(|e| Error::io(&path, e))
    };
    put(SCHEMA, start.schema.to_toml()?.as_bytes())?;
    let tokenizer = base.join(TOKENIZER);
    if tokenizer.is_file() {
        let bytes = std::fs::read(&tokenizer).map_err(|e| Error::io(&tokenizer, e))?;
        put(TOKENIZER, &bytes)?;
    } else {
        put(TOKENIZER, start.tokenizer.to_json()?.as_bytes())?;
    }
    let config = ModelConfig {
        made_with: Some(made_with(output, &start.schema)?),
        ..config.clone()
    };
    write_config(output, &config)
}

fn examples(
    lessons: Lessons,
    start: &Start,
    options: &TrainOptions,
    dropped: &mut Vec<Dropped>,
) -> Result<Vec<Example>> {
    let tags = TagSet::of(&start.schema);
    let distills = options.distill && start.base.is_some();
    let (new, replayed) = match &start.base {
        Some(base) => (
            Silence::of_new(lessons.samples, base),
            Silence::of_replayed(base, &start.schema, distills),
        ),
        None => Default::default(),
    };
    let (new, replayed) = (Arc::new(new), Arc::new(replayed));
    let all = lessons.samples.iter().map(|sample| (sample, &new));
    let all = all.chain(lessons.replayed.iter().map(|sample| (sample, &replayed)));
    let mut examples = Vec::new();
    for (sample, silence) in all {
        let mut example = Example::new(
            sample,
            &start.tokenizer,
            &start.schema,
            &tags,
            silence,
            dropped,
        )?;
        match options.task {
            Task::Ner => example.coverage = Coverage::Nothing,
            Task::Relations => example.tags = None,
            Task::All => {}
        }
        let teaches = example.tags.is_some() || example.has_pairs(distills);
        if !example.tokens.ids.is_empty() && teaches {
            examples.push(example);
        }
    }
    Ok(examples)
}

fn freeze(start: &Start, options: &TrainOptions) {
    let frozen = options.freeze_layers.min(start.network.encoder.layers());
    start.network.weights.freeze(|name| {
        frozen > 0 && name.contains(".embeddings.")
            || (0..frozen).any(|layer| name.contains(&format!(".encoder.layer.{layer}.")))
    });
}
