use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::folder::{SCHEMA, TOKENIZER, WEIGHTS};
use super::model::Network;
use crate::config::{MadeWith, ModelConfig, Schema};
use crate::error::{Error, Result};
use crate::model::{
    Encoder, SubwordTokenizer, WindowLimits, holds_weights, read_tensors, tensor_shapes,
};

/// Looks a dossier model folder through: one line for each thing that is wrong with it; none when
/// all is well. Goes on after the first, so that a user sees all at once.
pub fn check_folder(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    if !folder.is_dir() {
        return vec![format!("{}: no such folder", folder.display())];
    }
    let config = noted(ModelConfig::load(folder), &mut wrong);
    let schema = noted(Schema::load(&folder.join(SCHEMA)), &mut wrong);
    let tokenizer = noted(SubwordTokenizer::load(folder), &mut wrong);
    let weights = folder.join(WEIGHTS);
    let tensors = noted(read_tensors(&weights), &mut wrong);
    if let (Some(config), Some(tokenizer)) = (&config, &tokenizer) {
        noted(fits_tokenizer(folder, config, tokenizer), &mut wrong);
    }
    if let (Some(config), Some(schema)) = (&config, &schema) {
        noted(fits_made_with(folder, config, schema), &mut wrong);
    }
    let (Some(config), Some(schema), Some(tensors)) = (config, schema, tensors) else {
        return wrong;
    };
    let shapes: BTreeMap<String, Vec<i64>> = tensor_shapes(&tensors);
    if let Some(message) = foreign_labels(&schema, &shapes) {
        wrong.push(format!("{}: {message}", folder.join(SCHEMA).display()));
        return wrong;
    }
    match wanted_shapes(folder, &config, &schema) {
        Ok(wanted) => wrong.extend(differences(&wanted, &shapes, &weights)),
        Err(error) => wrong.push(of_model(folder, error).to_string()),
    }
    wrong
}

fn noted<T>(result: Result<T>, wrong: &mut Vec<String>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            wrong.push(one_line(&error.to_string()));
            None
        }
    }
}

/// A message of several lines (parsers draw pictures) as one: its first and its last line.
fn one_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|l| !l.is_empty());
    let first = lines.next().unwrap_or_default().to_string();
    match lines.next_back() {
        Some(last) => format!("{first}: {last}"),
        None => first,
    }
}

/// The error, told of the model in `folder` if it does not say where it is.
pub(super) fn of_model(folder: &Path, error: Error) -> Error {
    match error {
        Error::Usage(message) => Error::model(folder, message),
        other => other,
    }
}

fn wanted_shapes(
    folder: &Path,
    config: &ModelConfig,
    schema: &Schema,
) -> Result<BTreeMap<String, Vec<i64>>> {
    fits_weights(folder, config, schema)?;
    let network = Network::new(config, schema)?;
    fits_encoder(config, &network.encoder)?;
    Ok(tensor_shapes(&network.weights.variables()))
}

fn differences(
    wanted: &BTreeMap<String, Vec<i64>>,
    found: &BTreeMap<String, Vec<i64>>,
    path: &Path,
) -> Vec<String> {
    const SHOWN: usize = 5;
    let mut missing = Vec::new();
    let mut lines = Vec::new();
    for (name, shape) in wanted {
        match found.get(name) {
            None => missing.push(name.as_str()),
            Some(has) if has != shape => lines.push(format!(
                "{}: {name} has the shape {has:?}, the configuration asks for {shape:?}",
                path.display()
            )),
            Some(_) => {}
        }
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!(
            "{}: {more} more tensors have other shapes than the configuration asks for",
            path.display()
        ));
    }
    if !missing.is_empty() {
        lines.push(format!(
            "{}: lacks {} of {} tensors: {}{}",
            path.display(),
            missing.len(),
            wanted.len(),
            missing[..missing.len().min(3)].join(", "),
            if missing.len() > 3 { ", ..." } else { "" }
        ));
    }
    lines
}

/// Whether the heads in the weights are of another list of types and relations.
fn foreign_labels(schema: &Schema, shapes: &BTreeMap<String, Vec<i64>>) -> Option<String> {
    let rows = |name: &str| shapes.get(name)?.first().copied();
    let (types, relations) = (schema.entities.len(), schema.relations.len());
    let tags = rows("ner.output.weight")?;
    let outputs = rows("relations.output.weight")?;
    if tags != 1 + 2 * types as i64 {
        return Some(format!(
            "lists {types} entity types, the weights know {}: it belongs to another model",
            (tags - 1) / 2
        ));
    }
    (outputs != relations as i64).then(|| {
        format!(
            "lists {relations} relations, the weights know {outputs}: it belongs to another model"
        )
    })
}

/// Whether the file of a model's weights can hold those that it is to have.
pub(super) fn fits_weights(folder: &Path, config: &ModelConfig, schema: &Schema) -> Result<()> {
    let sizes = Encoder::sizes(&config.encoder)?;
    // So many rows of that width the last layers of the heads have at least.
    let outputs = 2 * (schema.entities.len() + schema.relations.len()) as u64;
    let of_heads = sizes.width.saturating_mul(outputs);
    holds_weights(
        &folder.join(WEIGHTS),
        sizes.weights().saturating_add(of_heads),
    )
}

/// Whether an encoder reads rows as long as a model's windows make them.
pub(super) fn fits_encoder(config: &ModelConfig, encoder: &Encoder) -> Result<()> {
    let (row, positions) = (WindowLimits::of(config).longest_row(), encoder.longest());
    if row > positions {
        return Err(Error::Usage(format!(
            "its windows make rows of {row} subwords, its encoder reads {positions}"
        )));
    }
    Ok(())
}

/// Whether a tokenizer's ids are those of the encoder.
pub(crate) fn fits_tokenizer(
    folder: &Path,
    config: &ModelConfig,
    tokenizer: &SubwordTokenizer,
) -> Result<()> {
    let number = |key: &str| config.encoder.get(key).and_then(serde_json::Value::as_u64);
    let (known, subwords) = (
        number("vocab_size").unwrap_or(0) as usize,
        tokenizer.vocabulary_size(),
    );
    if subwords > known {
        return Err(Error::model(
            folder,
            format!(
                "its tokenizer knows {subwords} subwords, its encoder {known}: they do not belong together"
            ),
        ));
    }
    let padding = u64::from(tokenizer.special().2);
    match number("pad_token_id") {
        Some(wanted) if wanted != padding => Err(Error::model(
            folder,
            format!(
                "its tokenizer fills up with the id {padding}, its encoder with {wanted}: they do not belong together"
            ),
        )),
        _ => Ok(()),
    }
}

/// Whether tokenizer and names are those that the weights were trained with.
pub(super) fn fits_made_with(folder: &Path, config: &ModelConfig, schema: &Schema) -> Result<()> {
    let Some(made) = &config.made_with else {
        return Ok(());
    };
    let now = made_with(folder, schema)?;
    if now.tokenizer != made.tokenizer {
        return Err(Error::model(
            folder.join(TOKENIZER),
            "is not the tokenizer that the weights were trained with",
        ));
    }
    for (what, now, made) in [
        ("entity type", &now.entities, &made.entities),
        ("relation", &now.relations, &made.relations),
    ] {
        if now.len() != made.len() {
            return Err(Error::model(
                folder.join(SCHEMA),
                format!(
                    "lists {} names of a kind ({what}) of which the weights know {}: it belongs to another model",
                    now.len(),
                    made.len()
                ),
            ));
        }
        if let Some((now, made)) = now.iter().zip(made).find(|(a, b)| a != b) {
            return Err(Error::model(
                folder.join(SCHEMA),
                format!(
                    "lists the {what} {now} where the weights have {made}: it belongs to another model"
                ),
            ));
        }
    }
    Ok(())
}

/// What a model in this folder with this schema is made with.
///
/// # Errors
/// Its tokenizer cannot be read.
pub fn made_with(folder: &Path, schema: &Schema) -> Result<MadeWith> {
    let path = folder.join(TOKENIZER);
    let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
    let digits = Sha256::digest(&bytes);
    Ok(MadeWith {
        tokenizer: digits.iter().map(|b| format!("{b:02x}")).collect(),
        entities: schema.entities.iter().map(|e| e.name.clone()).collect(),
        relations: schema.relations.iter().map(|r| r.name.clone()).collect(),
    })
}
