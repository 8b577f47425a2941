use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::Exit;
use super::place::may_write;
use crate::share::{REVIEW, RunDir, Table, review};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier review out/demo -n 200\nThen fill the column verdict, and have the same tables without what you called wrong:\n  dossier extract data/samples -o out/corrected --verdicts out/demo/review.csv\nor a model that has learnt from it:\n  dossier train relations --reviewed out/demo/review.csv -o models/mine"
)]
pub struct ReviewArgs {
    /// Folder that extract wrote
    #[arg(value_name = "RUN_DIR")]
    run: PathBuf,
    /// How many triples to pick
    #[arg(short, long, value_name = "N", default_value_t = 200)]
    number: usize,
    /// File to write; review.csv inside RUN_DIR without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there, even a review that has verdicts
    #[arg(long)]
    replace: bool,
}

pub fn run(args: &ReviewArgs) -> Result<Exit> {
    let run = RunDir::open(&args.run)?;
    let usual = run.file(REVIEW);
    let path = args.output.as_ref().unwrap_or(&usual);
    may_write(path, &[], Some(&usual), args.replace)?;
    write(&run, args.number, path, args.replace)?;
    Ok(Exit::Ok)
}

/// Refuses to go on where a table has verdicts, which would be lost.
pub fn refuse_judged(table: Table, path: &Path, advice: &str) -> Result<()> {
    if review::has_filled_verdicts(table)? {
        return Err(crate::Error::Usage(format!(
            "{}: has verdicts already, which would be lost: {advice}",
            path.display()
        ))
        .into());
    }
    Ok(())
}

/// Writes the table for review, and says what to do with it.
pub fn write(run: &RunDir, number: usize, path: &Path, replace: bool) -> Result<()> {
    let (path, rows) = review::write(run, number, path, replace)?;
    tracing::info!(
        "wrote {} ({rows} {}); fill its column verdict: ok, wrong, none or the right relation",
        path.display(),
        if rows == 1 { "triple" } else { "triples" }
    );
    Ok(())
}
