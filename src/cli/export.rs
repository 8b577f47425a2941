use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValue;

use super::Exit;
use super::place::{may_fill, may_write};
use crate::error::Error;
use crate::share::{FORMATS, Format, RunDir, find_format};

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
    /// Write over what is there
    #[arg(long)]
    replace: bool,
}

/// The format that people work on.
const WORKBOOK: &str = "xlsx";

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
        .ok_or_else(|| Error::Usage(format!("no format is called {}", args.format)))?;
    let usual = run.path().join(format.default_output.trim_end_matches('/'));
    let output = args.output.as_ref().unwrap_or(&usual);
    refuse_to_lose(format, output, &usual, args.replace)?;
    for path in (format.write)(&run, output)? {
        tracing::info!("wrote {}", path.display());
    }
    Ok(Exit::Ok)
}

/// Makes sure that nothing is lost by the export. A workbook that is there may have been filled with
/// verdicts, which cannot be seen from outside, so it is never replaced unasked.
fn refuse_to_lose(
    format: &Format,
    output: &Path,
    usual: &Path,
    replace: bool,
) -> Result<(), Error> {
    let may_be_judged = format.name == WORKBOOK;
    if format.is_folder() {
        return may_fill(output, &[], Some(usual), replace);
    }
    if may_be_judged && output.is_file() && !replace {
        return Err(Error::Usage(format!(
            "{}: is there already, and may hold verdicts that somebody gave; --replace writes over \
             it, or name another file with -o",
            output.display()
        )));
    }
    may_write(output, &[], Some(usual), replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_not_written_over_by_its_export() {
        let dir = tempfile::tempdir().unwrap();
        let run_dir = dir.path().join("run");
        std::fs::create_dir(&run_dir).unwrap();
        for table in ["triples", "edges", "entities", "documents"] {
            std::fs::write(run_dir.join(format!("{table}.csv")), "kept").unwrap();
        }
        std::fs::write(run_dir.join("run.json"), "{}").unwrap();
        for format in FORMATS.iter().filter(|format| format.is_folder()) {
            for output in [run_dir.clone(), run_dir.join("../run/.")] {
                let args = ExportArgs {
                    run: run_dir.clone(),
                    format: format.name.into(),
                    output: Some(output),
                    replace: true,
                };
                let told = run(&args).unwrap_err().to_string();
                assert!(told.contains("name another folder"), "{told}");
            }
        }
        assert_eq!(std::fs::read_dir(&run_dir).unwrap().count(), 5);
        let entities = std::fs::read_to_string(run_dir.join("entities.csv")).unwrap();
        assert_eq!(entities, "kept");
    }
}
