use std::path::Path;

use sha2::{Digest, Sha256};

use super::folder::{SCHEMA, TOKENIZER, WEIGHTS};
use crate::config::{MadeWith, ModelConfig, Schema};
use crate::error::{Error, Result};
use crate::model::{Encoder, SubwordTokenizer, WindowLimits, holds_weights};

/// The error, told of the model in `folder` if it does not say where it is.
pub(super) fn of_model(folder: &Path, error: Error) -> Error {
    match error {
        Error::Usage(message) => Error::model(folder, message),
        other => other,
    }
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
