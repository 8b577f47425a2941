use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};

use super::Exit;
use super::place::may_fill;
use super::shared::{TaggerArgs, WeightFormat};
use crate::annotation::Label;
use crate::config::Schema;
use crate::network::{About, CONFIG, SCHEMA, check_folder, find_model, pack, unfinished};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dossier model show models/news-en-fast")]
pub struct ModelArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell what a model is, what it knows and how good it is
    #[command(after_help = "Example:\n  dossier model show models/news-en-fast")]
    Show {
        /// Model folder, or the name of a bundled model; the default model without it
        #[arg(value_name = "MODEL_DIR")]
        folder: Option<PathBuf>,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell whether all files of a model are there, whole, and fit each other
    ///
    /// Takes a model folder, or a folder of another token-classification model for --ner-model.
    #[command(after_help = "Example:\n  dossier model check models/news-en-fast")]
    Check {
        /// Model folder, or the name of a bundled model; the default model without it
        #[arg(value_name = "MODEL_DIR")]
        folder: Option<PathBuf>,
        /// Names of another model's types, as for --ner-model
        #[arg(long, value_name = "LIST")]
        ner_labels: Option<String>,
    },
    /// Copy a model with its weights written otherwise, such as to give it away at half the size
    #[command(
        after_help = "Example:\n  dossier model pack models/mine -o models/mine-small --weights int8"
    )]
    Pack {
        /// Model folder, or the name of a bundled model
        #[arg(value_name = "MODEL_DIR")]
        folder: PathBuf,
        /// Folder to write the copy to
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// Write over what is there
        #[arg(long)]
        replace: bool,
        /// How the weights are written: int8 (half of bf16), bf16 or fp32
        #[arg(long, value_name = "FORMAT", value_enum, default_value = "int8")]
        weights: WeightFormat,
    },
}

pub fn run(args: &ModelArgs) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    match &args.action {
        Action::Show { folder, json } => {
            let about = About::of(&shown(folder.as_deref())?)?;
            if *json {
                serde_json::to_writer_pretty(&mut out, &about)?;
                writeln!(out)?;
            } else {
                write!(out, "{about}")?;
            }
            Ok(Exit::Ok)
        }
        Action::Check { folder, ner_labels } => {
            let folder = found(folder.as_deref())?;
            let checked = if is_foreign(&folder) {
                check_foreign(&folder, ner_labels.as_deref())
            } else {
                match check_folder(&folder) {
                    wrong if wrong.is_empty() => Ok(String::new()),
                    wrong => Err(wrong.join("\n")),
                }
            };
            let (said, exit) = match checked {
                Ok(about) => (
                    format!(
                        "{}: {about}all files are there, whole, and fit each other",
                        folder.display()
                    ),
                    Exit::Ok,
                ),
                Err(wrong) => (wrong, Exit::Failed),
            };
            writeln!(out, "{said}")?;
            Ok(exit)
        }
        Action::Pack {
            folder,
            output,
            replace,
            weights,
        } => {
            let folder = found(Some(folder))?;
            may_fill(output, std::slice::from_ref(&folder), None, *replace)?;
            pack(&folder, output, (*weights).into())?;
            writeln!(out, "wrote {}", output.display())?;
            Ok(Exit::Ok)
        }
    }
}

/// A folder without a model cannot be shown.
fn shown(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(folder) if !folder.join(CONFIG).is_file() => Ok(find_model(given)?),
        other => found(other),
    }
}

/// A folder that is there is looked at even when it lacks the file by which models are found, unless
/// that is yet to be trained.
fn found(given: Option<&Path>) -> Result<PathBuf> {
    let folder = match given {
        Some(folder) if folder.is_dir() => folder.to_path_buf(),
        other => find_model(other)?,
    };
    match unfinished(&folder) {
        Some(told) if !folder.join(CONFIG).is_file() => Err(crate::Error::Usage(told).into()),
        Some(told) => {
            tracing::warn!("{told}");
            Ok(folder)
        }
        None => Ok(folder),
    }
}

/// Whether a folder holds a model in Hugging Face form and not one of ours.
fn is_foreign(folder: &Path) -> bool {
    let config = std::fs::read_to_string(folder.join(CONFIG)).unwrap_or_default();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap_or_default();
    config.get("dossier").is_none()
        && config.get("model_type").is_some()
        && !folder.join(SCHEMA).is_file()
}

/// What another model is, or what is wrong with it.
fn check_foreign(folder: &Path, labels: Option<&str>) -> Result<String, String> {
    // The types of the default model where there is one, else those that all bundled models have.
    let schema = find_model(None).and_then(|model| Schema::load(&model.join(SCHEMA)));
    let known: Vec<Label> = match &schema {
        Ok(schema) => schema.entities.iter().map(|e| e.name.clone()).collect(),
        Err(_) => ["PER", "ORG", "LOC", "MISC"].map(Label::from).to_vec(),
    };
    let tagger = TaggerArgs::new(folder, labels)
        .load(&schema.unwrap_or_default(), &known, 1)
        .map_err(|error| format!("{error:#}"))?;
    let finds: Vec<String> = tagger.finds().iter().map(ToString::to_string).collect();
    let left_out = match tagger.left_out() {
        [] => String::new(),
        names => format!("; left out: {}", names.join(", ")),
    };
    Ok(format!(
        "a {} model that finds {}{left_out}; ",
        tagger.kind(),
        finds.join(", ")
    ))
}
