use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::annotation::Label;
use crate::error::{Error, Result};

/// A model folder's `config.json`: everything about a model that is neither weights, vocabulary nor
/// schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// Version of this file's form.
    pub dossier: u32,
    /// The encoder's own Hugging Face configuration.
    pub encoder: serde_json::Value,
    /// Most subwords that neighbouring sentences may fill together, most for a sentence alone, and
    /// the overlap of the windows of a still longer one.
    pub windows: [usize; 3],
    /// Confidence from which a relation is reported.
    pub relation_threshold: f32,
    /// The same for single relations, where it is another. That from which a calibrated score is best
    /// reported is half the F1 that can be reached (Lipton, Elkan and Naryanaswamy 2014): for a
    /// relation of which little was learnt it is lower than for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relation_thresholds: BTreeMap<Label, f32>,
    /// What the relation logits are divided by so that confidence means precision.
    pub relation_temperature: f64,
    /// What reviewers meant by relations, where the weights mean something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relation_corrections: Vec<Correction>,
    /// What the weights belong with, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_with: Option<MadeWith>,
    /// The settings it was trained with, for people.
    #[serde(default)]
    pub training: serde_json::Value,
}

/// What is added to a relation's logit, after the temperature, as far as another relation is likely (or
/// itself), or always.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// Name of the relation.
    pub relation: Label,
    /// The relation by whose probability the addend is multiplied; without one, it is always added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Label>,
    /// The addend, in logits.
    pub add: f32,
}

/// For people: which relation comes more or less often, and where.
impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let often = if self.add > 0.0 { "more" } else { "less" };
        write!(f, "{}: {often} often", self.relation)?;
        match &self.given {
            None => {}
            Some(given) if *given == self.relation => {
                f.write_str(", most of all where the model is sure of it")?;
            }
            Some(given) => write!(f, " where the model thinks of {given}")?,
        }
        write!(f, " ({:+.2})", self.add)
    }
}

/// What a model's weights were trained with, so that a file of another model is noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MadeWith {
    /// SHA-256 of its `tokenizer.json`, as hexadecimal digits.
    pub tokenizer: String,
    /// Names of the entity types, in the order of the outputs.
    pub entities: Vec<Label>,
    /// Names of the relations, in the order of the outputs.
    pub relations: Vec<Label>,
}

/// The version of `config.json` written and read here.
pub const MODEL_VERSION: u32 = 1;

impl ModelConfig {
    /// Reads `config.json` from a model folder.
    ///
    /// # Errors
    /// The file is missing, damaged, or of a later version.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        if folder.is_dir() && !path.is_file() {
            return Err(Error::model(&path, "the file is missing"));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
        let config: Self = serde_json::from_str(&text).map_err(|e| {
            Error::model(
                &path,
                format!("is not a dossier model's configuration: {e}"),
            )
        })?;
        if config.dossier != MODEL_VERSION {
            return Err(Error::model(
                &path,
                format!(
                    "is of version {}; this program reads version {MODEL_VERSION}",
                    config.dossier
                ),
            ));
        }
        if config.windows[0] < 16 || config.windows[1] < 16 {
            return Err(Error::model(
                &path,
                "its windows hold fewer than 16 subwords",
            ));
        }
        if !(config.relation_temperature.is_finite() && config.relation_temperature > 0.0) {
            return Err(Error::model(
                &path,
                "its relation_temperature is not positive",
            ));
        }
        const LARGEST: f32 = 100.0;
        let mut corrections = config.relation_corrections.iter();
        if let Some(correction) = corrections.find(|c| !(-LARGEST..=LARGEST).contains(&c.add)) {
            return Err(Error::model(
                &path,
                format!("its correction of {} is too large", correction.relation),
            ));
        }
        Ok(config)
    }

    /// Confidence from which that relation is reported.
    pub fn threshold_of(&self, relation: &Label) -> f32 {
        self.relation_thresholds
            .get(relation)
            .copied()
            .unwrap_or(self.relation_threshold)
    }
}
