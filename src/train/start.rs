use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use tch::Tensor;

use crate::annotation::{Label, Sample};
use crate::config::{EntityType, MODEL_VERSION, ModelConfig, RelationType, Schema};
use crate::error::{Error, Result};
use crate::model::{
    Encoder, SubwordTokenizer, WindowLimits, holds_weights, read_tensors, weights_file,
};
use crate::ner::TagSet;
use crate::network::{CONFIG, Network, SCHEMA, fits_tokenizer};

/// A network ready to be trained, with what it was started from.
pub(super) struct Start {
    pub config: ModelConfig,
    pub schema: Schema,
    pub tokenizer: SubwordTokenizer,
    pub network: Network,
    /// The schema of the dossier model it was started from; `None` for a bare encoder.
    pub base: Option<Schema>,
    /// Variables that new types or relations have made larger.
    pub grown: BTreeSet<String>,
}

/// Whether a folder is a dossier model rather than a bare encoder.
pub fn is_dossier(folder: &Path) -> bool {
    folder.join(SCHEMA).is_file() && ModelConfig::load(folder).is_ok()
}

/// Opens a folder to train from: a dossier model, or a BERT-type Hugging Face folder (then with the
/// given schema, and if `keep_layers` names any, with those of its layers only). Types and relations
/// of the samples that the schema lacks are added at its end; the heads keep what they knew of the
/// others.
pub(super) fn open(
    folder: &Path,
    schema: Option<Schema>,
    samples: &[Sample],
    keep_layers: &[usize],
) -> Result<Start> {
    let tokenizer = SubwordTokenizer::load(folder)?;
    let trained = is_dossier(folder);
    let (mut config, old) = if trained {
        let config = ModelConfig {
            // They are about other weights than those that are to come.
            relation_corrections: Vec::new(),
            ..ModelConfig::load(folder)?
        };
        (config, Schema::load(&folder.join(SCHEMA))?)
    } else {
        (
            fresh_config(folder, keep_layers)?,
            schema.unwrap_or_default(),
        )
    };
    let new = extended(&old, samples);
    new.check().map_err(|told| {
        Error::Usage(format!(
            "with what the samples are labelled with, {told}. Is another column read as the label?"
        ))
    })?;
    let path = weights_file(folder)?;
    let of_base = |e: Error| Error::model(folder, e.to_string());
    let sizes = Encoder::sizes(&config.encoder).map_err(of_base)?;
    fits_tokenizer(folder, &config, &tokenizer)?;
    holds_weights(&path, sizes.weights())?;
    let network = Network::new(&config, &new).map_err(of_base)?;
    if !trained {
        config.windows = windows_within(network.encoder.longest())
            .map_err(|message| Error::model(folder, message))?;
    }
    let mut tensors = read_tensors(&path)?;
    if trained && !keep_layers.is_empty() {
        return Err(Error::Usage(
            "layers can be left out of a bare encoder only, not of a trained model".into(),
        ));
    }
    let mut grown = BTreeSet::new();
    if trained {
        grown = grow(&mut tensors, &network, &old, &new);
    } else {
        tensors = tensors
            .into_iter()
            .filter_map(|(name, t)| {
                let name = kept(&network.encoder.variable_of(&name)?, keep_layers)?;
                Some((format!("encoder.{name}"), t))
            })
            .collect();
    }
    let missing = network.weights.fill(&tensors, &path)?;
    let lost = missing
        .iter()
        .find(|name| trained || name.starts_with("encoder.") && *name != "encoder.shapes.weight");
    if let Some(name) = lost {
        return Err(Error::model(&path, format!("has no tensor for {name}")));
    }
    Ok(Start {
        config,
        schema: new,
        tokenizer,
        network,
        base: trained.then_some(old),
        grown,
    })
}

/// The name of an encoder's variable after all layers but those to keep are left out; `None` for
/// one that is left out itself.
fn kept(name: &str, keep_layers: &[usize]) -> Option<String> {
    const LAYER: &str = ".encoder.layer.";
    let Some((before, rest)) = name.split_once(LAYER).filter(|_| !keep_layers.is_empty()) else {
        return Some(name.to_string());
    };
    let (layer, after) = rest.split_once('.')?;
    let layer: usize = layer.parse().ok()?;
    let place = keep_layers.iter().position(|&kept| kept == layer)?;
    Some(format!("{before}{LAYER}{place}.{after}"))
}

/// The usual windows, as far as an encoder of so many `positions` reads them.
fn windows_within(positions: usize) -> Result<[usize; 3], String> {
    const LEAST: usize = 16;
    if positions < LEAST {
        return Err(format!(
            "its encoder reads {positions} subwords; at least {LEAST} are needed"
        ));
    }
    Ok(windows_of(WindowLimits::default().within(positions)))
}

fn windows_of(limits: WindowLimits) -> [usize; 3] {
    [limits.shared, limits.alone, limits.overlap]
}

fn fresh_config(folder: &Path, keep_layers: &[usize]) -> Result<ModelConfig> {
    let path = folder.join(CONFIG);
    let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
    let mut encoder: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| Error::model(&path, e.to_string()))?;
    if !keep_layers.is_empty()
        && let Some(layers) = encoder.get_mut("num_hidden_layers")
    {
        let had = layers.as_u64().unwrap_or(0) as usize;
        if let Some(missing) = keep_layers.iter().find(|&&layer| layer >= had) {
            return Err(Error::Usage(format!(
                "the encoder has layers 0 to {}, and no layer {missing}",
                had.saturating_sub(1)
            )));
        }
        *layers = keep_layers.len().into();
    }
    Ok(ModelConfig {
        dossier: MODEL_VERSION,
        encoder,
        windows: windows_of(WindowLimits::default()),
        relation_threshold: 0.5,
        relation_thresholds: Default::default(),
        relation_temperature: 1.0,
        relation_corrections: Vec::new(),
        made_with: None,
        training: serde_json::Value::Null,
    })
}

/// The schema with the types and relations of the samples that it lacks.
fn extended(schema: &Schema, samples: &[Sample]) -> Schema {
    let mut new = schema.clone();
    let types: std::collections::BTreeSet<&Label> = samples
        .iter()
        .flat_map(|s| s.mentions.iter().filter_map(|m| m.label.as_ref()))
        .collect();
    for label in types {
        if new.entity_index(label.as_str()).is_none() {
            new.entities.push(EntityType {
                name: label.clone(),
                definition: "from your samples".into(),
            });
        }
    }
    let relations: std::collections::BTreeSet<&Label> = samples
        .iter()
        .flat_map(|s| s.relations.iter().map(|r| &r.label))
        .collect();
    for label in relations {
        if new.relation_index(label.as_str()).is_none() {
            new.relations.push(RelationType {
                name: label.clone(),
                definition: "from your samples".into(),
                subject: Vec::new(),
                object: Vec::new(),
                symmetric: false,
                plover: String::new(),
                cameo: String::new(),
            });
        }
    }
    new
}

/// Fits the tensors of a trained model to a network whose schema was extended at its end: what is
/// new keeps the network's fresh values.
fn grow(
    tensors: &mut HashMap<String, Tensor>,
    network: &Network,
    old: &Schema,
    new: &Schema,
) -> BTreeSet<String> {
    let mut grown = BTreeSet::new();
    if old == new {
        return grown;
    }
    let (tags, types) = (TagSet::of(old).len() as i64, old.entities.len() as i64);
    let relations = old.relations.len() as i64;
    for (name, variable) in network.weights.variables() {
        let Some(tensor) = tensors.get(&name) else {
            continue;
        };
        let of_types = name == "relations.types.weight";
        let before = match &name {
            _ if of_types => types + 1,
            name if name.starts_with("ner.") => tags,
            _ => relations,
        };
        let (had, has) = (tensor.size(), variable.size());
        let (Some((&rows, had)), Some((&now, has))) = (had.split_first(), has.split_first()) else {
            continue;
        };
        // What is of another shape than the old schema's is left to be refused.
        if rows != before || rows >= now || had != has {
            continue;
        }
        let fresh = variable.detach().copy();
        let same = if of_types {
            // Its last row stands for an unknown type and stays last.
            fresh
                .narrow(0, now - 1, 1)
                .copy_(&tensor.narrow(0, types, 1));
            types
        } else {
            rows
        };
        fresh.narrow(0, 0, same).copy_(&tensor.narrow(0, 0, same));
        grown.insert(name.clone());
        tensors.insert(name, fresh);
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tch::{Device, Kind};

    fn encoder(vocabulary: usize) -> serde_json::Value {
        json!({
            "model_type": "bert", "vocab_size": vocabulary, "hidden_size": 16,
            "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32,
            "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
            "max_position_embeddings": 64, "type_vocab_size": 2, "initializer_range": 0.02
        })
    }

    #[test]
    fn an_encoder_that_does_not_know_all_subwords_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nana\n");
        put("model.safetensors", "");
        let told = |vocabulary| {
            put(CONFIG, &encoder(vocabulary).to_string());
            open(dir.path(), None, &[], &[]).err().unwrap().to_string()
        };
        assert!(told(4).contains("do not belong together"));
        assert!(told(5).contains("damaged"));
    }

    #[test]
    fn tensors_of_no_shape_of_the_old_schema_do_not_grow() {
        let of = |text: &str| -> Schema { toml::from_str(text).unwrap() };
        let old = of("[[entity]]\nname='PER'\n[[relation]]\nname='meets'\n");
        let mut new = old.clone();
        new.entities.extend(of("[[entity]]\nname='ORG'\n").entities);
        new.relations
            .extend(of("[[relation]]\nname='hosts'\n").relations);
        let config: ModelConfig = serde_json::from_value(json!({
            "dossier": 1, "encoder": encoder(5), "windows": [32, 64, 16],
            "relation_threshold": 0.5, "relation_temperature": 1.0
        }))
        .unwrap();
        let network = Network::new(&config, &new).unwrap();
        let float = (Kind::Float, Device::Cpu);
        let mut tensors = HashMap::from([
            ("ner.output.bias".to_string(), Tensor::zeros([3], float)),
            (
                "ner.output.weight".to_string(),
                Tensor::zeros([2, 48], float),
            ),
            (
                "relations.output.bias".to_string(),
                Tensor::zeros([], float),
            ),
            (
                "relations.types.weight".to_string(),
                Tensor::zeros([1, 64], float),
            ),
            (
                "encoder.shapes.weight".to_string(),
                Tensor::zeros([9, 16], float),
            ),
        ]);
        let grown = grow(&mut tensors, &network, &old, &new);
        assert_eq!(grown, BTreeSet::from(["ner.output.bias".to_string()]));
        assert_eq!(tensors["ner.output.bias"].size(), [5]);
    }
}
