use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::Exit;
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
    /// File to write the differences to; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &DiffArgs) -> Result<Exit> {
    let (before, after) = (RunDir::open(&args.before)?, RunDir::open(&args.after)?);
    let diff = diff(&before, &after)?;
    match &args.output {
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
