use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::Exit;
use super::interrupt;
use super::shared::read_samples;
use crate::annotation::{Coverage, Sample};
use crate::config::Schema;
use crate::eval;
use crate::model::Storage;
use crate::network::{Workers, find_model};
use crate::train::{Progress, Score, Task, TrainOptions, train};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Named entities
    Ner,
    /// Relations between them
    Relations,
    /// Both, as far as the samples have them
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WeightFormat {
    Bf16,
    Int8,
    Fp32,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dossier train all --data data/samples.jsonl -o models/mine")]
pub struct TrainArgs {
    /// What to learn
    what: What,
    /// Labelled samples: dossier JSON lines or CoNLL columns
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Samples to judge the model by; without them a tenth of the data is held out, by document
    #[arg(long, num_args = 1.., value_name = "FILE")]
    dev: Vec<PathBuf>,
    /// Folder to write the model to
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Model to go on from, or the folder of a BERT-type encoder
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Schema for a bare encoder; a dossier model brings its own
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Take up a run that was stopped
    #[arg(long)]
    resume: bool,
    /// Passes over the data
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Highest learning rate of the encoder
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    /// Highest learning rate of the heads
    #[arg(long, value_name = "RATE")]
    head_learning_rate: Option<f64>,
    /// Subwords in a batch
    #[arg(long, value_name = "N")]
    batch_tokens: Option<usize>,
    /// Share of the mention-only documents that an epoch draws
    #[arg(long, value_name = "SHARE")]
    ner_share: Option<f64>,
    /// Lowest encoder layers that are not changed
    #[arg(long, value_name = "N")]
    freeze_layers: Option<usize>,
    /// Layers to take of a bare encoder, such as 0,2,4,6,8,11; all without it
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        hide_short_help = true
    )]
    keep_layers: Vec<usize>,
    /// How the weights are written: bf16, int8 (half of that) or fp32
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "bf16",
        hide_short_help = true
    )]
    weights: WeightFormat,
    /// Stop after so many epochs without a better score
    #[arg(long, value_name = "N")]
    patience: Option<usize>,
    /// Seed of everything random
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads of the tensor library
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

pub fn run(args: &TrainArgs) -> Result<Exit> {
    let options = options(args);
    let base = find_model_or_encoder(args.base.as_deref())?;
    let schema = args.schema.as_deref().map(Schema::load).transpose()?;
    let mut samples = read_samples(&args.data)?;
    let dev = if args.dev.is_empty() {
        held_out(&mut samples)
    } else {
        read_samples(&args.dev)?
    };
    tracing::info!(
        "training on {} samples, judged by {}, from {}",
        samples.len(),
        dev.len(),
        base.display()
    );
    let interrupted = interrupt::watch()?;
    let mut score = |workers: &Workers| judge(workers, &dev, options.task);
    let mut report = |p: &Progress| tell(p);
    let trained = train(
        &samples,
        &base,
        schema,
        &args.output,
        &options,
        args.resume,
        &mut score,
        &mut report,
        &|| interrupted.is_set(),
    );
    if matches!(trained, Err(crate::Error::Interrupted)) {
        tracing::info!("stopped; the same command with --resume goes on from here");
    }
    let trained = trained?;
    if trained.dropped > 0 {
        tracing::info!(
            "{} labels could not be used (overlapping mentions, unknown names)",
            trained.dropped
        );
    }
    tracing::info!(
        "wrote {} (epoch {}, {} sentences, {:.0} subwords/s)",
        args.output.display(),
        trained.epoch,
        trained.sentences,
        trained.tokens_per_second
    );
    Ok(Exit::Ok)
}

fn find_model_or_encoder(base: Option<&std::path::Path>) -> Result<PathBuf> {
    match base {
        Some(folder) if folder.join("config.json").is_file() => Ok(folder.to_path_buf()),
        other => Ok(find_model(other)?),
    }
}

fn options(args: &TrainArgs) -> TrainOptions {
    let d = TrainOptions::default();
    TrainOptions {
        task: match args.what {
            What::Ner => Task::Ner,
            What::Relations => Task::Relations,
            What::All => Task::All,
        },
        epochs: args.epochs.unwrap_or(d.epochs),
        learning_rate: args.learning_rate.unwrap_or(d.learning_rate),
        head_learning_rate: args.head_learning_rate.unwrap_or(d.head_learning_rate),
        batch_tokens: args.batch_tokens.unwrap_or(d.batch_tokens),
        ner_share: args.ner_share.unwrap_or(d.ner_share).clamp(0.0, 1.0),
        freeze_layers: args.freeze_layers.unwrap_or(d.freeze_layers),
        keep_layers: args.keep_layers.clone(),
        storage: match args.weights {
            WeightFormat::Bf16 => Storage::Bf16,
            WeightFormat::Int8 => Storage::Int8,
            WeightFormat::Fp32 => Storage::Fp32,
        },
        patience: args.patience.unwrap_or(d.patience),
        seed: args.seed.unwrap_or(d.seed),
        threads: args.threads.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        }),
        ..d
    }
}

/// Takes every tenth document out of the samples.
fn held_out(samples: &mut Vec<Sample>) -> Vec<Sample> {
    let mut documents: Vec<&str> = samples.iter().map(|s| s.doc.as_str()).collect();
    documents.dedup();
    let chosen: std::collections::BTreeSet<String> = documents
        .iter()
        .skip(9)
        .step_by(10)
        .map(|d| (*d).to_string())
        .collect();
    let (dev, rest) = std::mem::take(samples)
        .into_iter()
        .partition(|s| chosen.contains(&s.doc));
    *samples = rest;
    dev
}

const BATCH_TOKENS: usize = 2048;

fn judge(workers: &Workers, dev: &[Sample], task: Task) -> crate::Result<Option<Score>> {
    if dev.is_empty() {
        return Ok(None);
    }
    let schema = &workers.model().schema;
    let mut score = Score {
        mentions: None,
        relations: None,
    };
    if task != Task::Relations {
        let predicted = workers.predict(dev, false, BATCH_TOKENS)?;
        score.mentions = eval::score(dev, &predicted, schema, false)
            .mentions
            .map(|m| m.strict.f1);
    }
    let related: Vec<Sample> = dev
        .iter()
        .filter(|s| s.relation_coverage != Coverage::Nothing)
        .cloned()
        .collect();
    if task != Task::Ner && !related.is_empty() {
        let predicted = workers.predict(&related, true, BATCH_TOKENS)?;
        score.relations = eval::score(&related, &predicted, schema, true)
            .relations
            .map(|r| r.boundaries.f1);
    }
    Ok(Some(score))
}

fn tell(p: &Progress) {
    match p.score {
        None => tracing::info!(
            "epoch {}  step {}/{}  loss {:.3}  {:.0} subwords/s  {} left",
            p.epoch,
            p.step,
            p.steps,
            p.loss,
            p.tokens_per_second,
            minutes(p.seconds_left)
        ),
        Some(s) => {
            let figure = |f: Option<f64>| f.map_or("-".to_string(), |f| format!("{f:.2}"));
            tracing::info!(
                "epoch {} done: mentions F1 {}, relations F1 {}",
                p.epoch,
                figure(s.mentions),
                figure(s.relations)
            );
        }
    }
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}
