use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::Exit;
use super::interrupt;
use super::shared::{WeightFormat, parse_precision, parse_sample_format, read_samples};
use crate::annotation::Sample;
use crate::config::{ModelConfig, Schema};
use crate::model::Precision;
use crate::network::{Model, Workers, find_model};
use crate::samples::{Format, read_native};
use crate::train::{
    Judge, Kept, Lessons, Progress, Replay, Task, TrainOptions, is_dossier, replay, train,
};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Named entities
    Ner,
    /// Relations between them
    Relations,
    /// Both, as far as the samples have them
    All,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier train all --data data/samples.jsonl -o models/mine\n  dossier train relations --reviewed out/demo/triples.csv -o models/mine"
)]
pub struct TrainArgs {
    /// What to learn
    what: What,
    /// Labelled samples: dossier JSON lines, CoNLL columns, CSV and others
    #[arg(long, required_unless_present = "reviewed", num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// triples.csv of a run with a filled column verdict: ok, wrong, none, or the right relation
    #[arg(long, num_args = 1.., value_name = "FILE")]
    reviewed: Vec<PathBuf>,
    /// Form of the samples, where their content does not tell: native, conll, reviewed, csv,
    /// doccano, label-studio, brat, spacy or spert
    #[arg(long, value_name = "FORMAT", value_parser = parse_sample_format)]
    format: Option<Format>,
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
    /// Write the model even if it lost more than 2 points of what its base knew
    #[arg(long)]
    force: bool,
    /// Do not mix in the project's own samples of what the base model knows
    #[arg(long, hide_short_help = true)]
    no_replay: bool,
    /// Do not take the base model's own outputs as targets for what the samples do not label
    #[arg(long, hide_short_help = true)]
    no_distill: bool,
    /// Pull of the weights towards the base model's: a weight drifts by about 1/X at most; 0: none
    #[arg(long, value_name = "X", hide_short_help = true)]
    closeness: Option<f64>,
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
    /// Number format to compute in: bf16 is twice as fast where the processor has it
    #[arg(long, value_name = "FORMAT", default_value = "auto", hide_short_help = true, value_parser = parse_precision)]
    precision: Precision,
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

/// What a new model may lose of what its base knew, in points of F1.
const MAY_LOSE: f64 = 2.0;

/// The project's own labelled sentences, to be replayed.
const OWN_SAMPLES: &str = include_str!("../../data/samples.jsonl");

pub fn run(args: &TrainArgs) -> Result<Exit> {
    let base = find_model_or_encoder(args.base.as_deref())?;
    let retrained = is_dossier(&base);
    let options = options(args, &base)?;
    let schema = args.schema.as_deref().map(Schema::load).transpose()?;
    let (mut samples, dev) = all_samples(args)?;
    let dev = dev.unwrap_or_else(|| held_out(&mut samples));
    let interrupted = interrupt::watch()?;
    tracing::info!(
        "training on {} samples, judged by {}, from {}",
        samples.len(),
        dev.len(),
        base.display()
    );
    let brought: Vec<Sample> = samples.iter().chain(&dev).cloned().collect();
    let mut judge = Judge::new(options.task, dev);
    let mut replayed = Vec::new();
    if retrained {
        let model = Model::load(&base, Precision::Auto)?;
        let old = if args.no_replay {
            Replay::default()
        } else {
            let own = read_native(Path::new("data/samples.jsonl"), OWN_SAMPLES).samples;
            replay(own, &brought, &model.schema)
        };
        let workers = Workers::start(model, options.threads)?;
        judge.remember(&workers, &brought, old.held_out)?;
        replayed = old.trained;
        tracing::info!(
            "with {} samples of what it knows mixed in; what it knew is measured on {} sentences",
            replayed.len(),
            judge.remembered()
        );
    }
    let mut score = |workers: &Workers| judge.score(workers);
    let trained = train(
        Lessons {
            samples: &samples,
            replayed: &replayed,
        },
        &base,
        schema,
        &args.output,
        &options,
        if args.force { f64::INFINITY } else { MAY_LOSE },
        args.resume,
        &mut score,
        &mut |p: &Progress| tell(p),
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
    let kept = trained.score.and_then(|s| s.kept);
    if let Some(kept) = kept {
        tracing::info!("{}", comparison(kept).trim_end());
    }
    if trained.epoch == 0 {
        let _ = std::fs::remove_dir(&args.output);
        anyhow::bail!(
            "every epoch lost more than {MAY_LOSE} points of what the base model knew, so no model was \
             written. More samples that also show the old relations, fewer --epochs or a lower \
             --learning-rate help; --force writes it all the same"
        );
    }
    if retrained && kept.is_none_or(|k| !k.lost().is_finite()) {
        tracing::info!(
            "no held-out sample has a name that the base model knew: what it lost is unknown"
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

/// The samples to train on, and those of --dev when it was given.
fn all_samples(args: &TrainArgs) -> Result<(Vec<Sample>, Option<Vec<Sample>>)> {
    let mut samples = Vec::new();
    if !args.data.is_empty() {
        samples.extend(read_samples(&args.data, args.format)?);
    }
    if !args.reviewed.is_empty() {
        samples.extend(read_samples(&args.reviewed, Some(Format::Reviewed))?);
    }
    let dev = if args.dev.is_empty() {
        None
    } else {
        Some(read_samples(&args.dev, None)?)
    };
    Ok((samples, dev))
}

fn find_model_or_encoder(base: Option<&Path>) -> Result<PathBuf> {
    match base {
        Some(folder) if folder.join("config.json").is_file() => Ok(folder.to_path_buf()),
        other => Ok(find_model(other)?),
    }
}

fn options(args: &TrainArgs, base: &Path) -> Result<TrainOptions> {
    let d = if is_dossier(base) {
        let layers = ModelConfig::load(base)?.encoder["num_hidden_layers"].as_u64();
        TrainOptions::for_retraining(layers.unwrap_or(0) as usize)
    } else {
        TrainOptions::default()
    };
    Ok(TrainOptions {
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
        closeness: args.closeness.unwrap_or(d.closeness).max(0.0),
        distill: d.distill && !args.no_distill,
        bf16: args.precision.is_bf16(),
        storage: args.weights.into(),
        patience: args.patience.unwrap_or(d.patience),
        seed: args.seed.unwrap_or(d.seed),
        threads: args.threads.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        }),
        ..d
    })
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

fn tell(p: &Progress) {
    let figure = |f: Option<f64>| f.map_or("-".to_string(), |f| format!("{f:.2}"));
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
        Some(s) => tracing::info!(
            "epoch {} done: mentions F1 {}, relations F1 {}{}",
            p.epoch,
            figure(s.mentions),
            figure(s.relations),
            s.kept.map_or_else(String::new, |kept| format!(
                "; of what the base knew: mentions {}, relations {}",
                figure(kept.mentions.map(|k| k[1])),
                figure(kept.relations.map(|k| k[1]))
            ))
        ),
    }
}

/// What the base model knew, before and after.
fn comparison(kept: Kept) -> String {
    let mut table = format!(
        "{:<44}{:>8}{:>8}{:>8}\n",
        "what the base model knew (F1, held out)", "before", "after", "change"
    );
    for (name, figures) in [("mentions", kept.mentions), ("relations", kept.relations)] {
        if let Some([base, new]) = figures {
            let change = new - base;
            table += &format!("{name:<44}{base:>8.2}{new:>8.2}{change:>+8.2}\n");
        }
    }
    table
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_samples_can_be_replayed() {
        let read = read_native(Path::new("samples.jsonl"), OWN_SAMPLES);
        assert_eq!(read.skipped, []);
        assert!(read.samples.len() >= 300);
    }

    #[test]
    fn before_and_after_stand_side_by_side() {
        let table = comparison(Kept {
            mentions: Some([91.0, 90.5]),
            relations: None,
        });
        assert_eq!(table.lines().count(), 2);
        assert!(
            table
                .lines()
                .nth(1)
                .unwrap()
                .ends_with("91.00   90.50   -0.50")
        );
    }
}
