use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tch::Tensor;

use crate::error::{Error, Result};
use crate::model::{Sizes, SubwordTokenizer, holds_weights, read_tensors, weights_file};

pub(super) fn read_config(folder: &Path) -> Result<Value> {
    let path = folder.join("config.json");
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
    serde_json::from_str(&text).map_err(|e| Error::model(&path, format!("is no JSON: {e}")))
}

/// Names of the outputs, from `id2label`.
pub(super) fn output_names(config: &Value) -> Result<Vec<String>, String> {
    let named = config["id2label"].as_object().ok_or(
        "config.json has no id2label: it is no model that finds entities (token classification)",
    )?;
    (0..named.len())
        .map(|n| {
            let name = named.get(&n.to_string()).and_then(Value::as_str);
            name.map(String::from)
                .ok_or_else(|| format!("id2label in config.json has no name for output {n}"))
        })
        .collect()
}

/// Sizes that no network can have, or that would fill the memory. Gives how many weights there are at
/// least; 0 where the architecture shares or splits them.
pub(super) fn check_sizes(config: &Value) -> Result<u64, String> {
    const SIZES: [&str; 12] = [
        "vocab_size",
        "hidden_size",
        "embedding_size",
        "dim",
        "hidden_dim",
        "num_hidden_layers",
        "n_layers",
        "num_attention_heads",
        "n_heads",
        "intermediate_size",
        "max_position_embeddings",
        "type_vocab_size",
    ];
    for key in SIZES {
        let least = i64::from(key != "type_vocab_size");
        match config.get(key) {
            None => {}
            Some(value)
                if value
                    .as_i64()
                    .is_some_and(|n| (least..1 << 20).contains(&n)) => {}
            Some(value) => return Err(format!("config.json has {key} {value}")),
        }
    }
    let size = |keys: &[&str]| {
        let size = keys.iter().find_map(|&key| config[key].as_u64());
        size.unwrap_or(1)
    };
    let sizes = Sizes {
        vocabulary: size(&["vocab_size"]),
        positions: size(&["max_position_embeddings"]),
        segments: size(&["type_vocab_size"]),
        width: size(&["hidden_size", "dim"]),
        inner: size(&["intermediate_size", "hidden_dim"]),
        layers: size(&["num_hidden_layers", "n_layers"]),
    };
    sizes
        .check()
        .map_err(|asks| format!("config.json {asks}"))?;
    // ALBERT's layers are one; the tables of it, of ELECTRA and of MobileBERT are narrower.
    let is_plain = config["embedding_size"].is_null() && config["model_type"] != "albert";
    Ok(if is_plain { sizes.weights() } else { 0 })
}

pub(super) fn check_vocabulary(tokenizer: &SubwordTokenizer, config: &Value) -> Result<(), String> {
    let known = config["vocab_size"].as_u64().unwrap_or(0) as usize;
    let most = tokenizer.vocabulary_size();
    if most > known {
        return Err(format!(
            "its tokenizer knows {most} subwords, its network {known}: they do not belong together"
        ));
    }
    Ok(())
}

/// The weights by the names they have today, and the file they come from.
pub(super) fn read_weights(
    folder: &Path,
    at_least: u64,
) -> Result<(PathBuf, HashMap<String, Tensor>)> {
    let path = weights_file(folder)?;
    holds_weights(&path, at_least)?;
    let tensors = read_tensors(&path)?.into_iter();
    let tensors = tensors.map(|(name, t)| (modern(&name), t)).collect();
    Ok((path, tensors))
}

/// The name that older checkpoints' tensors have today.
fn modern(name: &str) -> String {
    name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn odd_configurations_are_refused_before_anything_is_built() {
        assert!(output_names(&json!({})).unwrap_err().contains("id2label"));
        let gap = json!({"id2label": {"0": "O", "2": "B-PER"}});
        assert!(output_names(&gap).unwrap_err().contains("output 1"));
        assert!(check_sizes(&json!({"hidden_size": -4})).is_err());
        assert!(check_sizes(&json!({"hidden_size": 16, "vocab_size": "many"})).is_err());
        let huge = json!({"hidden_size": 500_000, "num_hidden_layers": 900, "vocab_size": 9});
        assert!(check_sizes(&huge).unwrap_err().contains("million"));
        let mut plain = json!({"hidden_size": 100, "num_hidden_layers": 2, "vocab_size": 9});
        assert_eq!(
            check_sizes(&plain),
            Ok(11 * 100 + 2 * (4 * 100 * 100 + 2 * 100))
        );
        plain["model_type"] = json!("albert");
        assert_eq!(check_sizes(&plain), Ok(0));
    }
}
