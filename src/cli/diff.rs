use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::Exit;
use super::place::may_write;
use crate::share::diff::diff;
use crate::share::{OutFile, RunDir};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier diff out/yesterday out/today -o changes.csv\n  dossier diff out/model-a out/model-b > changes.csv"
)]
pub struct DiffArgs {
    /// Folder that extract wrote: the run before
    #[arg(value_name = "RUN_A")]
    before: PathBuf,
    /// Folder that extract wrote: the run after
    #[arg(value_name = "RUN_B")]
    after: PathBuf,
    /// File to write the differences to; without it standard output, if that is no terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    replace: bool,
}

pub fn run(args: &DiffArgs) -> Result<Exit> {
    let (before, after) = (RunDir::open(&args.before)?, RunDir::open(&args.after)?);
    if let Some(path) = &args.output {
        may_write(path, &[], None, args.replace)?;
    }
    let diff = diff(&before, &after)?;
    match &args.output {
        // On a terminal, the rows would push the summary out of sight.
        None if std::io::stdout().is_terminal() => {
            tracing::info!("the rows: the same command with -o FILE, or > FILE");
        }
        None => diff.write(std::io::stdout().lock(), Path::new("standard output"))?,
        Some(path) => {
            let mut file = OutFile::create(path)?;
            diff.write(&mut file, path)?;
            file.finish()?;
        }
    }
    tracing::info!("{}", diff.summary().trim_end());
    Ok(Exit::Ok)
}
