use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValue;

use super::Exit;
use crate::share::{FORMATS, RunDir, find_format};

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  dossier export out/demo --format xlsx\n  dossier export out/demo --format gexf -o demo.gexf"
)]
pub struct ExportArgs {
    /// Folder that extract wrote
    #[arg(value_name = "RUN_DIR")]
    run: PathBuf,
    /// What to write
    #[arg(short, long, value_name = "FORMAT", value_parser = formats())]
    format: String,
    /// File to write, or folder for the formats of several files; inside RUN_DIR without it
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

fn formats() -> clap::builder::PossibleValuesParser {
    FORMATS
        .iter()
        .map(|f| PossibleValue::new(f.name).help(f.about))
        .collect::<Vec<_>>()
        .into()
}

pub fn run(args: &ExportArgs) -> Result<Exit> {
    let run = RunDir::open(&args.run)?;
    let format = find_format(&args.format)
        .ok_or_else(|| crate::Error::Usage(format!("no format is called {}", args.format)))?;
    let output = match &args.output {
        Some(path) => path.clone(),
        None => run.path().join(format.default_output.trim_end_matches('/')),
    };
    for path in (format.write)(&run, &output)? {
        tracing::info!("wrote {}", path.display());
    }
    Ok(Exit::Ok)
}
