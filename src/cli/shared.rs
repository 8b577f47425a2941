use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::annotation::Sample;
use crate::model::Precision;
use crate::network::{Model, Workers, find_model};
use crate::samples;

/// Flags of all commands that run a model.
#[derive(Debug, Args)]
pub struct ModelArgs {
    /// Model folder, or the name of a bundled model
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Worker threads; all cores without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Subwords in a batch
    #[arg(long, value_name = "N", default_value_t = 2048, hide_short_help = true)]
    pub batch_tokens: usize,
    /// Number format: auto takes bf16 where the processor has it
    #[arg(long, value_name = "FORMAT", default_value = "auto", hide_short_help = true, value_parser = parse_precision)]
    pub precision: Precision,
}

fn parse_precision(name: &str) -> Result<Precision, String> {
    name.parse()
}

impl ModelArgs {
    /// Number of workers.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            usize::from,
        )
    }

    /// Loads the model.
    pub fn load(&self) -> Result<Model> {
        Ok(Model::load(
            &find_model(self.model.as_deref())?,
            self.precision,
        )?)
    }

    /// Loads the model and starts the workers.
    pub fn workers(&self) -> Result<Workers> {
        Ok(Workers::start(self.load()?, self.threads())?)
    }
}

/// Reads files of samples, and tells what could not be used.
pub fn read_samples(paths: &[PathBuf]) -> Result<Vec<Sample>> {
    const SHOWN: usize = 10;
    let mut all = Vec::new();
    for path in paths {
        let read = samples::read(path, None)?;
        for skipped in read.skipped.iter().take(SHOWN) {
            tracing::info!("left out: {skipped}");
        }
        if !read.skipped.is_empty() {
            tracing::info!(
                "{}: {} samples read, {} left out{}",
                path.display(),
                read.samples.len(),
                read.skipped.len(),
                if read.skipped.len() > SHOWN {
                    " (the first are named above)"
                } else {
                    ""
                }
            );
        }
        all.extend(read.samples);
    }
    if all.is_empty() {
        return Err(
            crate::Error::Usage("the data files hold no sample that can be used".into()).into(),
        );
    }
    Ok(all)
}
