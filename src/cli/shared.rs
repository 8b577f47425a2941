use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum};

use super::named;
use crate::annotation::{Label, Sample};
use crate::config::Schema;
use crate::model::{Precision, Storage};
use crate::ner::{LabelMap, Tagger};
use crate::network::{Model, SCHEMA, Workers, find_model, unfinished};
use crate::samples;

/// A number that is not 0.
pub fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

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
    #[arg(long, value_name = "N", default_value_t = 2048, hide_short_help = true, value_parser = at_least_one())]
    pub batch_tokens: usize,
    /// Number format: auto takes bf16 where the processor has it
    #[arg(long, value_name = "FORMAT", default_value = "auto", hide_short_help = true, value_parser = parse_precision)]
    pub precision: Precision,
    #[command(flatten)]
    pub tagger: TaggerArgs,
}

/// Flags of mentions that another model finds.
#[derive(Debug, Args, Default)]
pub struct TaggerArgs {
    /// Take mentions from this token-classification model in Hugging Face form (BERT, RoBERTa,
    /// XLM-RoBERTa, DistilBERT, DeBERTa, ELECTRA or ALBERT); relations stay the model's own
    #[arg(long, value_name = "DIR")]
    pub ner_model: Option<PathBuf>,
    /// What its types are here: PERSON=PER,GPE=LOC,DATE= (nothing after = leaves a type out);
    /// beside the table ner_labels in the model's schema.toml
    #[arg(long, value_name = "LIST", requires = "ner_model")]
    pub ner_labels: Option<String>,
}

impl TaggerArgs {
    /// As if these flags had been given.
    pub fn new(folder: &Path, labels: Option<&str>) -> Self {
        Self {
            ner_model: Some(folder.to_path_buf()),
            ner_labels: labels.map(String::from),
        }
    }

    /// Loads the other model, its types mapped to those that are `known`.
    pub fn load(&self, schema: &Schema, known: &[Label], threads: usize) -> Result<Tagger> {
        let folder = self.ner_model.as_deref().unwrap_or(Path::new(""));
        let given = self.ner_labels.as_deref().unwrap_or("");
        let map = LabelMap::parse(given)
            .map_err(|message| crate::Error::Usage(format!("--ner-labels: {message}")))?
            .over(&LabelMap::new(schema.ner_labels.clone()));
        Ok(Tagger::load(folder, &map, known, threads)?)
    }
}

/// How weights are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum WeightFormat {
    Bf16,
    Int8,
    Fp32,
}

impl From<WeightFormat> for Storage {
    fn from(format: WeightFormat) -> Self {
        match format {
            WeightFormat::Bf16 => Self::Bf16,
            WeightFormat::Int8 => Self::Int8,
            WeightFormat::Fp32 => Self::Fp32,
        }
    }
}

pub fn parse_precision(name: &str) -> Result<Precision, String> {
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

    /// Looks for the models that are named, and reads what the one for relations knows: what is wrong
    /// with them is told before they are loaded.
    pub fn look(&self) -> Result<Schema> {
        if let Some(folder) = &self.tagger.ner_model {
            named::folder(folder)?;
        }
        let folder = find_model(self.model.as_deref())?;
        Ok(Schema::load(&folder.join(SCHEMA))?)
    }

    /// Loads the model.
    pub fn load(&self) -> Result<Model> {
        let folder = find_model(self.model.as_deref())?;
        if let Some(told) = unfinished(&folder) {
            tracing::warn!("{told}");
        }
        Ok(Model::load(&folder, self.precision)?)
    }

    /// Loads the model and starts the workers.
    pub fn workers(&self) -> Result<Workers> {
        self.start(self.load()?)
    }

    /// Starts workers that run the model, with another one for the mentions if the user names it.
    pub fn start(&self, model: Model) -> Result<Workers> {
        let schema = model.schema.clone();
        let workers = Workers::start(model, self.threads())?;
        if self.tagger.ner_model.is_none() {
            return Ok(workers);
        }
        let known: Vec<Label> = schema.entities.iter().map(|e| e.name.clone()).collect();
        let tagger = self.tagger.load(&schema, &known, self.threads())?;
        if !tagger.left_out().is_empty() {
            tracing::info!(
                "{}: the types {} have no match here and are left out; --ner-labels can name one",
                tagger.folder().display(),
                tagger.left_out().join(", ")
            );
        }
        Ok(workers.with_tagger(tagger))
    }
}

/// The form of the samples on the command line.
pub fn parse_sample_format(name: &str) -> Result<samples::Format, String> {
    name.parse()
}

/// Reads files of samples, and tells what could not be used.
pub fn read_samples(paths: &[PathBuf], format: Option<samples::Format>) -> Result<Vec<Sample>> {
    for path in paths {
        named::there(path)?;
    }
    let mut all = Vec::new();
    for path in paths {
        let read = samples::read(path, format)?;
        for skipped in &read.skipped {
            tracing::info!("left out: {skipped}");
        }
        if !read.skipped.is_empty() {
            tracing::info!(
                "{}: {} samples read, {} left out",
                path.display(),
                read.samples.len(),
                read.skipped.len()
            );
        }
        all.extend(read.samples);
    }
    if all.is_empty() {
        return Err(
            crate::Error::Usage("the files of samples hold none that can be used".into()).into(),
        );
    }
    Ok(all)
}
