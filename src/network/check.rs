use std::collections::BTreeMap;
use std::path::Path;

use super::fits::{fits_encoder, fits_made_with, fits_tokenizer, fits_weights, of_model};
use super::folder::{SCHEMA, WEIGHTS};
use super::model::Network;
use crate::config::{ModelConfig, Schema};
use crate::error::Result;
use crate::model::{SubwordTokenizer, read_tensors, tensor_shapes};

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

fn wanted_shapes(
    folder: &Path,
    config: &ModelConfig,
    schema: &Schema,
) -> Result<BTreeMap<String, Vec<i64>>> {
    fits_weights(folder, config, schema)?;
    let network = Network::outlined(config, schema)?;
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
