use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValue;

use super::Exit;
use crate::error::Error;
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
        .ok_or_else(|| Error::Usage(format!("no format is called {}", args.format)))?;
    let output = match &args.output {
        Some(path) => path.clone(),
        None => run.path().join(format.default_output.trim_end_matches('/')),
    };
    if format.is_folder() {
        refuse_run_itself(run.path(), &output)?;
    }
    for path in (format.write)(&run, &output)? {
        tracing::info!("wrote {}", path.display());
    }
    Ok(Exit::Ok)
}

/// The files of some formats have the names of the run's own, which they would replace.
fn refuse_run_itself(run: &Path, output: &Path) -> Result<(), Error> {
    let same = match (run.canonicalize(), output.canonicalize()) {
        (Ok(run), Ok(output)) => run == output,
        _ => false,
    };
    if same {
        return Err(Error::Usage(format!(
            "{}: is the run's own folder, whose tables would be written over; name another folder \
             with -o, or leave -o out",
            output.display()
        )));
    }
    Ok(())
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
