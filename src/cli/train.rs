use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Args, ValueEnum};

use super::Exit;
use super::few::{few_samples, few_verdicts};
use super::interrupt;
use super::named;
use super::place::resolved;
use super::shared::{
    WeightFormat, at_least_one, parse_precision, parse_sample_format, read_samples,
};
use crate::annotation::Sample;
use crate::config::{ModelConfig, Schema};
use crate::model::Precision;
use crate::network::{SCHEMA, Workers, find_model_by};
use crate::samples::Format;
use crate::train::{
    Dropped, Kept, MAY_LOSE, Material, Progress, Task, TrainOptions, check_place, correct,
    find_stopped_run, hold_out, is_dossier, train, usual_options,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Named entities
    Ner,
    /// Relations between them
    Relations,
    /// Both, as far as the samples have them
    All,
}

/// What a training moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Learn {
    /// The weights.
    Weights,
    /// What relations mean, where verdicts say that it is something else.
    Corrections,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier train all --data data/samples.jsonl -o models/mine\n  dossier train relations --reviewed out/demo/review.csv -o models/mine"
)]
#[command(group(ArgGroup::new("learnt from").args(["data", "reviewed"]).required(true).multiple(true)))]
pub struct TrainArgs {
    /// What to learn
    what: What,
    /// Labelled samples: dossier JSON lines, CoNLL columns, CSV and others
    #[arg(long, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// review.csv of a run with a filled column verdict: ok, wrong, none, or the right relation
    #[arg(long, num_args = 1.., value_name = "FILE")]
    reviewed: Vec<PathBuf>,
    /// Form of the samples (of --data and --dev), where their content does not tell: native, conll, reviewed, csv,
    /// doccano, label-studio, brat, spacy or spert
    #[arg(long, value_name = "FORMAT", value_parser = parse_sample_format)]
    format: Option<Format>,
    /// Samples to judge the model by; without them every tenth document of the data is held out
    /// (of fewer than ten documents, every tenth sample)
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
    /// Put the new model in the place of one that is in the folder, or of a run that was stopped
    /// there; --resume goes before it
    #[arg(long)]
    replace: bool,
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
    /// [default: 20 from a model, 0 from a bare encoder]
    #[arg(long, value_name = "X", hide_short_help = true, value_parser = parse_pull)]
    closeness: Option<f64>,
    /// Passes over the data [default: 4 from a model, 6 from a bare encoder]
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    epochs: Option<usize>,
    /// Highest learning rate of the encoder [default: 0.00005 from a model, 0.0002 from a bare
    /// encoder]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    learning_rate: Option<f64>,
    /// Highest learning rate of the heads [default: 0.001]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    head_learning_rate: Option<f64>,
    /// Subwords in a batch [default: 1536]
    #[arg(long, value_name = "N", value_parser = at_least_one())]
    batch_tokens: Option<usize>,
    /// Share of the mention-only documents that an epoch draws, 0 to 1 [default: 1]
    #[arg(long, value_name = "SHARE", value_parser = parse_share)]
    ner_share: Option<f64>,
    /// Lowest encoder layers that are not changed [default: a third of them from a model, 0 from a
    /// bare encoder]
    #[arg(long, value_name = "N")]
    freeze_layers: Option<usize>,
    /// What moves: the weights, or only what relations mean where your verdicts say that it is something
    /// else [default: corrections from a model by --reviewed alone, else weights]
    #[arg(long, value_name = "WHICH", value_enum, hide_short_help = true)]
    learn: Option<Learn>,
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
    /// Stop after so many epochs without a better score; 0: never [default: 0]
    #[arg(long, value_name = "N")]
    patience: Option<usize>,
    /// Seed of everything random [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads of the tensor library; all cores without it
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024))]
    threads: Option<usize>,
}

fn parse_number(value: &str, fits: impl Fn(f64) -> bool, what: &str) -> Result<f64, String> {
    value
        .parse()
        .ok()
        .filter(|&x: &f64| x.is_finite() && fits(x))
        .ok_or_else(|| what.to_string())
}

fn parse_rate(value: &str) -> Result<f64, String> {
    parse_number(value, |x| x > 0.0, "a number above 0")
}

fn parse_pull(value: &str) -> Result<f64, String> {
    parse_number(value, |x| x >= 0.0, "0 or a number above it")
}

fn parse_share(value: &str) -> Result<f64, String> {
    parse_number(value, |x| (0.0..=1.0).contains(&x), "a number from 0 to 1")
}

pub fn run(args: &TrainArgs) -> Result<Exit> {
    look(args)?;
    let base = find_model_or_encoder(args.base.as_deref())?;
    refuse_to_write_into(&base, &args.output)?;
    if args.resume {
        find_stopped_run(&args.output)?;
    } else {
        check_place(&args.output, args.replace)?;
    }
    let retrained = is_dossier(&base);
    let (samples, dev) = all_samples(args)?;
    if learns(args, retrained)? == Learn::Corrections {
        return correct_meanings(args, &base, samples, dev);
    }
    let options = options(args, &base)?;
    let schema = args.schema.as_deref().map(Schema::load).transpose()?;
    let interrupted = interrupt::watch()?;
    tracing::info!(
        "training on {} samples, judged by {}, from {}",
        samples.len(),
        dev.len(),
        base.display()
    );
    tell_few(args, &base, &samples, options.task)?;
    if retrained && !ModelConfig::load(&base)?.relation_corrections.is_empty() {
        tracing::warn!(
            "what {} learnt from verdicts is left out, as the weights are learnt anew. Learn it again \
             afterwards: dossier train relations --base {} --reviewed ...",
            base.display(),
            args.output.display()
        );
    }
    let material = Material::gather(&base, samples, dev, !args.no_replay, &options)?;
    if retrained {
        tracing::info!(
            "with {} samples of what it knows mixed in; what it knew is measured on {} sentences",
            material.replayed.len(),
            material.judge.remembered()
        );
    }
    let mut score = |workers: &Workers| material.judge.score(workers);
    let trained = train(
        material.lessons(),
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
    tell_dropped(&trained.dropped);
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

/// What the command is to learn. Verdicts by themselves are too few to move the weights of a model.
fn learns(args: &TrainArgs, from_model: bool) -> Result<Learn> {
    let refused = |told: String| Err(crate::Error::Usage(told).into());
    if args.what == What::Ner && args.data.is_empty() {
        return refused(
            "verdicts are about relations: names are learnt from samples (--data)".into(),
        );
    }
    let can_correct = from_model && args.data.is_empty();
    let learn = match args.learn {
        None if can_correct => Learn::Corrections,
        None => Learn::Weights,
        Some(learn) => learn,
    };
    if learn == Learn::Weights {
        return Ok(learn);
    }
    if !can_correct {
        return refused(
            "corrections are learnt from verdicts alone (--reviewed, without --data), and for the \
             relations of a dossier model"
                .into(),
        );
    }
    let only_for_weights = [
        ("--epochs", args.epochs.is_some()),
        ("--learning-rate", args.learning_rate.is_some()),
        ("--head-learning-rate", args.head_learning_rate.is_some()),
        ("--closeness", args.closeness.is_some()),
        ("--batch-tokens", args.batch_tokens.is_some()),
        ("--ner-share", args.ner_share.is_some()),
        ("--keep-layers", !args.keep_layers.is_empty()),
        ("--schema", args.schema.is_some()),
        ("--seed", args.seed.is_some()),
        ("--no-replay", args.no_replay),
        ("--no-distill", args.no_distill),
        ("--force", args.force),
        ("--freeze-layers", args.freeze_layers.is_some()),
        ("--patience", args.patience.is_some()),
        ("--resume", args.resume),
    ];
    match only_for_weights.iter().find(|(_, given)| *given) {
        Some((flag, _)) => refused(format!(
            "{flag} is for training weights, which verdicts by themselves do not move; add --learn \
             weights if they are to"
        )),
        None => Ok(learn),
    }
}

/// Learns from verdicts alone what their author means by relations.
fn correct_meanings(
    args: &TrainArgs,
    base: &Path,
    samples: Vec<Sample>,
    dev: Vec<Sample>,
) -> Result<Exit> {
    let sentences = samples.len();
    tracing::info!(
        "learning from the verdicts on {sentences} sentences what relations mean, from {}",
        base.display()
    );
    let corrected = correct(
        samples,
        dev,
        base,
        &args.output,
        args.precision,
        threads(args),
    )?;
    if let Some(kept) = corrected.score.and_then(|s| s.kept) {
        tracing::info!("{}", comparison(kept).trim_end());
    }
    for relation in &corrected.unknown {
        tracing::warn!(
            "the model knows no relation {relation}: verdicts that name it teach nothing of it"
        );
    }
    if !corrected.is_new {
        tracing::info!(
            "the verdicts show no relation by which you mean something else than the model: it stays as \
             it is. dossier extract --verdicts puts them over the rows that they are about"
        );
    } else if corrected.corrections.is_empty() {
        tracing::info!("what the model had learnt from other verdicts is taken back");
    }
    if corrected.is_new && !corrected.corrections.is_empty() {
        tracing::info!("what you mean otherwise than the model (numbers are log-odds):");
        for correction in &corrected.corrections {
            tracing::info!("- {correction}");
        }
    }
    tracing::info!("wrote {}", args.output.display());
    Ok(Exit::Ok)
}

fn threads(args: &TrainArgs) -> usize {
    args.threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// Tells what is wrong with the paths of the command line.
fn look(args: &TrainArgs) -> Result<()> {
    for path in args.data.iter().chain(&args.dev) {
        named::there(path)?;
    }
    for path in args.reviewed.iter().chain(&args.schema) {
        named::file(path)?;
    }
    Ok(named::new_folder(&args.output)?)
}

/// Warns of samples that are too few. Verdicts by themselves are counted where they are read.
fn tell_few(args: &TrainArgs, base: &Path, samples: &[Sample], task: Task) -> Result<()> {
    if args.data.is_empty() {
        return Ok(());
    }
    let known = is_dossier(base).then(|| Schema::load(&base.join(SCHEMA)));
    if let Some(told) = few_samples(samples, known.transpose()?.as_ref(), task) {
        tracing::warn!("{told}");
    }
    Ok(())
}

/// The samples to train on, and those to judge by: those of --dev, or else every tenth document of
/// --data. Verdicts are few, dear, and about what the model was least sure of: a tenth of them tells
/// next to nothing of a model, so all are learnt from.
fn all_samples(args: &TrainArgs) -> Result<(Vec<Sample>, Vec<Sample>)> {
    let mut samples = Vec::new();
    if !args.data.is_empty() {
        samples.extend(read_samples(&args.data, args.format)?);
    }
    let mut dev = Vec::new();
    if args.dev.is_empty() {
        (samples, dev) = hold_out(samples);
    } else {
        dev.extend(read_samples(&args.dev, args.format)?);
    }
    if !args.reviewed.is_empty() {
        let reviewed = read_samples(&args.reviewed, Some(Format::Reviewed))?;
        if let Some(told) = few_verdicts(&reviewed) {
            tracing::warn!("{told}");
        }
        samples.extend(reviewed);
    }
    Ok((samples, dev))
}

fn find_model_or_encoder(base: Option<&Path>) -> Result<PathBuf> {
    match base {
        Some(folder) if folder.join("config.json").is_file() => Ok(folder.to_path_buf()),
        other => Ok(find_model_by("--base", other)?),
    }
}

/// The new model must not be written over the one that it is made from.
fn refuse_to_write_into(base: &Path, output: &Path) -> Result<()> {
    if resolved(output).starts_with(resolved(base)) {
        return Err(crate::Error::Usage(format!(
            "{} cannot be trained into itself: name another folder with --output",
            base.display()
        ))
        .into());
    }
    Ok(())
}

fn options(args: &TrainArgs, base: &Path) -> Result<TrainOptions> {
    let d = usual_options(base)?;
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
        ner_share: args.ner_share.unwrap_or(d.ner_share),
        freeze_layers: args.freeze_layers.unwrap_or(d.freeze_layers),
        keep_layers: args.keep_layers.clone(),
        closeness: args.closeness.unwrap_or(d.closeness),
        distill: d.distill && !args.no_distill,
        bf16: args.precision.is_bf16(),
        storage: args.weights.into(),
        patience: args.patience.unwrap_or(d.patience),
        seed: args.seed.unwrap_or(d.seed),
        threads: threads(args),
        ..d
    })
}

/// Names the labels that were of no use; of very many, the first.
fn tell_dropped(dropped: &[Dropped]) {
    const SHOWN: usize = 20;
    for label in dropped.iter().take(SHOWN) {
        tracing::info!("a label could not be used: {label}");
    }
    if dropped.len() > SHOWN {
        tracing::info!("and {} more labels", dropped.len() - SHOWN);
    }
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
    fn a_model_is_not_written_into_its_base() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base");
        std::fs::create_dir(&base).unwrap();
        let refused = |output: PathBuf| refuse_to_write_into(&base, &output).is_err();
        for output in [
            "base",
            "base/new",
            "new/../base/./deep/er",
            "base/new/../other",
        ] {
            assert!(refused(folder.path().join(output)), "{output}");
        }
        for output in ["new", "base2", "base/../new", "base/new/../../other"] {
            assert!(!refused(folder.path().join(output)), "{output}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&base, folder.path().join("link")).unwrap();
            assert!(refused(folder.path().join("link")));
            assert!(refused(folder.path().join("link/new")));
        }
    }

    #[test]
    fn rates_are_numbers_above_0() {
        assert_eq!(parse_rate("2e-4"), Ok(2e-4));
        for wrong in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_pull("0"), Ok(0.0));
        assert!(parse_pull("-0.1").is_err() && parse_pull("inf").is_err());
        assert_eq!(parse_share("1"), Ok(1.0));
        assert!(parse_share("1.1").is_err() && parse_share("NaN").is_err());
    }

    #[test]
    fn the_help_tells_the_defaults() {
        let command = TrainArgs::augment_args(clap::Command::new("train"));
        let (bare, model) = (TrainOptions::default(), TrainOptions::for_retraining(12));
        for (flag, from_model, from_bare) in [
            ("epochs", model.epochs as f64, bare.epochs as f64),
            ("learning_rate", model.learning_rate, bare.learning_rate),
            (
                "batch_tokens",
                model.batch_tokens as f64,
                bare.batch_tokens as f64,
            ),
            ("ner_share", model.ner_share, bare.ner_share),
            ("patience", model.patience as f64, bare.patience as f64),
            ("seed", model.seed as f64, bare.seed as f64),
        ] {
            let flag = command.get_arguments().find(|a| a.get_id() == flag);
            let help = flag.unwrap().get_help().unwrap().to_string();
            let told = if from_model == from_bare {
                format!("[default: {from_bare}]")
            } else {
                format!("[default: {from_model} from a model, {from_bare} from a bare encoder]")
            };
            assert!(help.contains(&told), "{told}: {help}");
        }
        let help = command.clone().render_long_help().to_string();
        let help: Vec<&str> = help.split_whitespace().collect();
        let help = help.join(" ");
        assert_eq!(model.head_learning_rate, bare.head_learning_rate);
        for told in [
            format!("[default: {}]", model.head_learning_rate),
            format!(
                "[default: {} from a model, {} from a bare encoder]",
                model.closeness, bare.closeness
            ),
        ] {
            assert!(help.contains(&told), "{told}: {help}");
        }
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
