use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::Exit;
use super::place::may_write;
use crate::report;
use crate::share::{REPORT, RunDir};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier report out/demo\n  dossier report out/demo -o demo.html"
)]
pub struct ReportArgs {
    /// Folder that extract wrote
    #[arg(value_name = "RUN_DIR")]
    run: PathBuf,
    /// File to write; report.html inside RUN_DIR without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    replace: bool,
    /// Most triples in the page; the strongest are kept
    #[arg(long, value_name = "N", default_value_t = report::MOST_TRIPLES)]
    most: usize,
}

pub fn run(args: &ReportArgs) -> Result<Exit> {
    let run = RunDir::open(&args.run)?;
    let usual = run.path().join(REPORT);
    let path = args.output.as_ref().unwrap_or(&usual);
    may_write(path, &[], Some(&usual), args.replace)?;
    let path = report::write(&run, path, args.most)?;
    tracing::info!("wrote {}", path.display());
    Ok(Exit::Ok)
}
