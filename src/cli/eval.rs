use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::Exit;
use super::shared::{ModelArgs, read_samples};
use crate::eval::score;
use crate::samples::write_native;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dossier eval --data data/samples.jsonl --gold-mentions")]
pub struct EvalArgs {
    /// Labelled samples: dossier JSON lines or CoNLL columns
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Take the mentions as given and score the relations alone
    #[arg(long)]
    gold_mentions: bool,
    /// Write what was predicted, in the native form
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &EvalArgs) -> Result<Exit> {
    let samples = read_samples(&args.data)?;
    let workers = args.model.workers()?;
    let predicted = workers.predict(&samples, args.gold_mentions, args.model.batch_tokens)?;
    if let Some(path) = &args.predictions {
        let file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
        let mut out = std::io::BufWriter::new(file);
        write_native(&mut out, &predicted)
            .and_then(|()| out.flush())
            .with_context(|| path.display().to_string())?;
    }
    let report = score(
        &samples,
        &predicted,
        &workers.model().schema,
        args.gold_mentions,
    );
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(Exit::Ok)
}
