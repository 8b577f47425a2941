use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use clap::Args;

use super::Exit;
use super::interrupt;
use super::messages::MessageArgs;
use super::named;
use super::place::resolved;
use super::progress::Bar;
use super::review;
use super::shared::{ModelArgs, read_samples};
use crate::annotation::{Label, Status};
use crate::config::Schema;
use crate::corpus::{Format, ReadOptions};
use crate::entities::Aliases;
use crate::error::Error;
use crate::export::{ModelInfo, RunInfo, RunOptions, Totals, Verdicts, Wanted, summary};
use crate::network::{folder_hash, whole_folder_hash};
use crate::pipeline::{Begin, ExtractOptions, Extracted, extract};
use crate::samples;
use crate::share::{REVIEW, RunDir, Table, made_from, table_file};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier extract data/samples -o out/demo\n  dossier extract news.csv --text-field story -o out/news --excel"
)]
pub struct ExtractArgs {
    /// Folders and files to read; - reads JSON lines from standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder to write the spreadsheets to
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Only these relations, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    relations: Vec<String>,
    /// Only these statuses: asserted, claimed, negated, possible
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = parse_status)]
    status: Vec<Status>,
    /// Only triples of at least this confidence, 0 to 1, in place of the model's own thresholds
    ///
    /// The confidence of a triple is that of its relation times those of its two names. The model's
    /// own thresholds (`dossier model show` has them) are for the relation alone: without this flag
    /// there are triples whose confidence is below them, with it there is none below X. A low X also
    /// brings triples that the model by itself would leave out.
    #[arg(long, value_name = "X", value_parser = parse_confidence)]
    min_confidence: Option<f32>,
    /// Take up a run that was stopped
    #[arg(long)]
    resume: bool,
    /// Where a run was stopped, begin again without what it has done; --resume goes before it
    #[arg(long)]
    restart: bool,
    /// Read every input as this: txt, md, html, json, jsonl, csv, tsv or pdf
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format_hint: Option<Format>,
    /// Column or key that holds the text (in JSON also dotted: content.body)
    #[arg(long, value_name = "NAME")]
    text_field: Option<String>,
    /// Column or key that holds the title
    #[arg(long, value_name = "NAME")]
    title_field: Option<String>,
    /// Column or key that holds the date
    #[arg(long, value_name = "NAME")]
    date_field: Option<String>,
    /// Column or key that holds the id
    #[arg(long, value_name = "NAME")]
    id_field: Option<String>,
    /// Names that you know: a CSV file of alias, canonical, type, country. It always wins
    #[arg(long, value_name = "FILE")]
    aliases: Option<PathBuf>,
    /// What you judged: a review.csv with its column verdict filled. It always wins. May be given
    /// several times
    ///
    /// Triples that you called wrong are left out, those that you corrected are corrected, those that
    /// you confirmed have confidence 1, and the model's opinion counts for all others. Where two files
    /// contradict each other, the later counts.
    #[arg(long, value_name = "FILE")]
    verdicts: Vec<PathBuf>,
    /// Pass over articles that repeat an earlier one, word for word or nearly so
    #[arg(long)]
    dedup: bool,
    /// Most megabytes that one file may hold when unpacked
    #[arg(long, value_name = "MB", default_value_t = 16 * 1024, hide_short_help = true)]
    max_file_mb: u64,
    /// Most megabytes that are read in one piece: a file of one article, a .json list of them, a
    /// line of .jsonl, a row of a table
    #[arg(long, value_name = "MB", default_value_t = 256, hide_short_help = true)]
    max_article_mb: u64,
    /// Most megabytes of text that an article may have, when all else is taken out: a longer one
    /// fails, as reading it would take many minutes
    #[arg(long, value_name = "MB", default_value_t = 8, hide_short_help = true)]
    max_text_mb: u64,
    /// No apostrophe before cells that a spreadsheet would take for formulas
    #[arg(long)]
    raw: bool,
    /// Mark the files as UTF-8 for Excel
    #[arg(long)]
    excel: bool,
    /// Do not write texts.jsonl
    #[arg(long)]
    no_texts: bool,
    /// Also write review.csv: the N triples most worth a person's eye, to be judged
    #[arg(long, value_name = "N")]
    review: Option<usize>,
    /// End at the first input that cannot be read
    #[arg(long)]
    fail_fast: bool,
    #[command(flatten)]
    model: ModelArgs,
}

fn parse_status(name: &str) -> Result<Status, String> {
    name.parse()
}

fn parse_format(name: &str) -> Result<Format, String> {
    name.parse()
}

fn parse_confidence(value: &str) -> Result<f32, String> {
    value
        .parse()
        .ok()
        .filter(|x| (0.0..=1.0).contains(x))
        .ok_or_else(|| "a number from 0 to 1".into())
}

pub fn run(args: &ExtractArgs, messages: MessageArgs) -> Result<Exit> {
    let begun = Instant::now();
    let schema = look(args)?;
    keep_verdicts(&args.output.join(table_file("triples")))?;
    if args.review.is_some() {
        keep_verdicts(&args.output.join(table_file(REVIEW)))?;
    }
    let options = options(args, &schema)?;
    let mut model = args.model.load()?;
    if let Some(threshold) = args.min_confidence {
        model.set_threshold(threshold);
    }
    let info = info(args, &model, begun)?;
    let workers = args.model.start(model)?;
    let bar = Bar::new(messages, interrupt::watch()?);
    let outcome = extract(&workers, &options, info, &bar);
    bar.finish();
    if matches!(outcome, Err(Error::Interrupted)) {
        tracing::warn!(
            "stopped; what is done is kept in {}. The same command with --resume goes on from here",
            args.output.display()
        );
    }
    let Extracted {
        totals,
        earlier_runs,
        repeats,
    } = outcome?;
    tell_passed_over(&earlier_runs);
    if repeats > 0 {
        tracing::info!(
            repeats,
            "files met more than once, by another path or through a link, were read once ({repeats} \
             times passed over)"
        );
    }
    tell(&totals, begun.elapsed().as_secs_f64(), args, messages);
    tell_outdated(
        &args.output,
        &made_from(&args.output, args.review.is_some() || uses_its_review(args)),
    );
    if let Some(number) = args.review {
        let run = RunDir::open(&args.output)?;
        review::write(&run, number, &run.file(REVIEW), false)?;
    }
    Ok(if totals.documents.failed > 0 {
        Exit::SomeFailed
    } else {
        Exit::Ok
    })
}

/// Whether the verdicts are those of the review in the run folder, which then is not outdated.
fn uses_its_review(args: &ExtractArgs) -> bool {
    let review = args.output.join(table_file(REVIEW));
    args.verdicts
        .iter()
        .any(|path| resolved(path) == resolved(&review))
}

/// Refuses to write over verdicts. A table without a header that can be read, such as an empty file,
/// has none; where only a row cannot be read, there may be some.
fn keep_verdicts(path: &Path) -> Result<()> {
    const ADVICE: &str =
        "name another folder with -o; extract --verdicts and train --reviewed read them there";
    if !path.is_file() {
        return Ok(());
    }
    match Table::open(path) {
        Err(Error::Format { .. } | Error::Line { .. }) => Ok(()),
        table => review::refuse_judged(table?, path, ADVICE),
    }
}

/// Names what was made from the tables of an earlier run in the same folder. It is not removed:
/// somebody may have worked on it.
fn tell_outdated(output: &Path, before: &[String]) {
    if before.is_empty() {
        return;
    }
    tracing::info!(
        "{} in {} {} made from an earlier run and {} not changed; dossier report, export and review \
         make them anew",
        before.join(", "),
        output.display(),
        if before.len() == 1 { "was" } else { "were" },
        if before.len() == 1 { "is" } else { "are" },
    );
}

fn tell_passed_over(earlier_runs: &[PathBuf]) {
    if earlier_runs.is_empty() {
        return;
    }
    let names: Vec<String> = earlier_runs
        .iter()
        .map(|run| run.display().to_string())
        .collect();
    tracing::info!(
        earlier_runs = earlier_runs.len(),
        "passed over what earlier runs wrote: {}. A folder that is named itself is read",
        names.join(", ")
    );
}

fn tell(totals: &Totals, seconds: f64, args: &ExtractArgs, messages: MessageArgs) {
    if messages.is_json() {
        tracing::info!(
            documents = totals.documents.all,
            failed = totals.documents.failed,
            words = totals.words,
            mentions = totals.mentions,
            triples = totals.triples,
            seconds,
            output = %args.output.display(),
            "finished"
        );
    } else {
        tracing::info!("{}", summary(totals, seconds, &args.output).trim_end());
    }
}

/// Tells what is wrong with the paths and names of the command line before the model is loaded, which
/// takes seconds; and what that model knows.
fn look(args: &ExtractArgs) -> Result<Schema> {
    for path in args.paths.iter().filter(|path| path.as_os_str() != "-") {
        // What a link that leads nowhere comes to is told in its own row.
        if !path.is_symlink() {
            named::there(path)?;
        }
    }
    named::new_folder(&args.output)?;
    for path in args.aliases.iter().chain(&args.verdicts) {
        named::file(path)?;
    }
    let schema = args.model.look()?;
    schema.check_relations(args.relations.iter().map(|name| name.trim()))?;
    Ok(schema)
}

/// The names that the user knows; what may be a mistake in their table is told.
fn aliases(path: &Path, schema: &Schema) -> Result<Aliases> {
    let types: Vec<&str> = schema.entities.iter().map(|e| e.name.as_str()).collect();
    let (aliases, doubts) = Aliases::load_for(path, &types)?;
    for doubt in doubts {
        tracing::warn!("{doubt}");
    }
    Ok(aliases)
}

/// What the user said of relations; rows that cannot be used are told.
fn verdicts(paths: &[PathBuf]) -> Result<Verdicts> {
    if paths.is_empty() {
        return Ok(Verdicts::default());
    }
    let samples = read_samples(paths, Some(samples::Format::Reviewed))?;
    Ok(Verdicts::new(&samples))
}

fn options(args: &ExtractArgs, schema: &Schema) -> Result<ExtractOptions> {
    let aliases = match &args.aliases {
        Some(path) => aliases(path, schema)?,
        None => Aliases::default(),
    };
    Ok(ExtractOptions {
        paths: args.paths.clone(),
        output: args.output.clone(),
        read: ReadOptions {
            format_hint: args.format_hint,
            text_field: args.text_field.clone(),
            title_field: args.title_field.clone(),
            date_field: args.date_field.clone(),
            id_field: args.id_field.clone(),
            max_bytes: args.max_file_mb.saturating_mul(1 << 20),
            max_document_bytes: args.max_article_mb.saturating_mul(1 << 20),
            max_text_bytes: args.max_text_mb.saturating_mul(1 << 20),
        },
        run: RunOptions {
            wanted: Wanted {
                relations: args
                    .relations
                    .iter()
                    .map(|r| Label::from(r.trim()))
                    .collect(),
                statuses: args.status.clone(),
            },
            verdicts: verdicts(&args.verdicts)?,
            texts: !args.no_texts,
            raw: args.raw,
            excel: args.excel,
        },
        aliases,
        batch_tokens: args.model.batch_tokens,
        dedup: args.dedup,
        fail_fast: args.fail_fast,
        begin: match (args.resume, args.restart) {
            (true, _) => Begin::Resume,
            (_, true) => Begin::Restart,
            _ => Begin::New,
        },
    })
}

/// `begun` is when the program began; the model was loaded since.
fn info(args: &ExtractArgs, model: &crate::network::Model, begun: Instant) -> Result<RunInfo> {
    let loading = begun.elapsed().as_secs_f64();
    Ok(RunInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        command: std::env::args_os()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect(),
        model: ModelInfo {
            name: model
                .folder
                .file_name()
                .unwrap_or(model.folder.as_os_str())
                .to_string_lossy()
                .into_owned(),
            sha256: folder_hash(&model.folder)?,
            schema: model.schema.clone(),
        },
        settings: settings(args, model)?,
        started: jiff::Timestamp::now(),
        seconds: loading,
        stages: vec![("load".into(), loading)],
    })
}

/// What decides the results, and how they are written.
fn settings(args: &ExtractArgs, model: &crate::network::Model) -> Result<serde_json::Value> {
    let thresholds = model.config.relation_thresholds.iter();
    let own_thresholds: serde_json::Map<_, _> = thresholds
        .filter(|_| args.min_confidence.is_none())
        .map(|(relation, &threshold)| (relation.to_string(), decimal(threshold).into()))
        .collect();
    let mut settings = serde_json::json!({
        "precision": if model.is_bf16() { "bf16" } else { "fp32" },
        "relation_threshold": decimal(args.min_confidence.unwrap_or(model.config.relation_threshold)),
        "relation_thresholds": own_thresholds,
        "min_confidence": args.min_confidence.map(decimal),
        "relations": args.relations,
        "status": args.status,
        "dedup": args.dedup,
        "raw": args.raw,
        "excel": args.excel,
        "texts": !args.no_texts,
        "max_file_mb": args.max_file_mb,
        "max_article_mb": args.max_article_mb,
        "max_text_mb": args.max_text_mb,
    });
    let Some(all) = settings.as_object_mut() else {
        return Ok(settings);
    };
    if let Some(path) = &args.aliases {
        all.insert("aliases".into(), path.display().to_string().into());
    }
    if !args.verdicts.is_empty() {
        let paths = args.verdicts.iter().map(|path| path.display().to_string());
        all.insert("verdicts".into(), paths.collect());
    }
    let tagger = &args.model.tagger;
    if let Some(folder) = &tagger.ner_model {
        all.insert("ner_model".into(), folder.display().to_string().into());
        all.insert("ner_model_sha256".into(), whole_folder_hash(folder)?.into());
        all.insert("ner_labels".into(), tagger.ner_labels.clone().into());
    }
    Ok(settings)
}

/// The number as it was written, 0.45 and not 0.449999988.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
