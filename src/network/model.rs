use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fits::{fits_encoder, fits_made_with, fits_tokenizer, fits_weights, of_model};
use super::folder::{SCHEMA, WEIGHTS};
use crate::annotation::Label;
use crate::config::{ModelConfig, Schema};
use crate::error::{Error, Result};
use crate::model::{
    Encoder, Precision, SharedWeights, SubwordTokenizer, Weights, WindowLimits, read_tensors,
    read_tensors_as_bf16, tried,
};
use crate::ner::{TagHead, TagSet};
use crate::relations::{RelationHead, Selection};

/// A model folder, loaded: what all workers share.
#[derive(Debug)]
pub struct Model {
    /// Where it came from.
    pub folder: PathBuf,
    /// Its configuration.
    pub config: ModelConfig,
    /// Its entity types and relations.
    pub schema: Schema,
    pub(super) tokenizer: SubwordTokenizer,
    pub(super) tags: TagSet,
    pub(super) selection: Selection,
    /// The least confidence of a relation between names that are not sure themselves.
    pub(super) least: f32,
    weights: SharedWeights,
    bf16: bool,
}

/// One worker's copy of the network. Its weights share their storage with the [`Model`]'s.
#[derive(Debug)]
pub struct Network {
    pub(crate) weights: Weights,
    /// The encoder, shared by all heads.
    pub encoder: Encoder,
    pub(crate) tags: TagHead,
    pub(crate) relations: RelationHead,
}

impl Network {
    /// A network of that shape, with fresh weights, to be taught.
    ///
    /// # Errors
    /// The configuration describes no encoder known here, or one that cannot be built.
    pub fn new(config: &ModelConfig, schema: &Schema) -> Result<Self> {
        Self::built(Weights::new(), config, schema)
    }

    /// A network of that shape, for reading, which has yet to be given weights.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(crate) fn outlined(config: &ModelConfig, schema: &Schema) -> Result<Self> {
        Self::built(Weights::outlined(), config, schema)
    }

    /// On a thread of its own: what the libraries do with a shape that they did not foresee is to
    /// panic.
    fn built(weights: Weights, config: &ModelConfig, schema: &Schema) -> Result<Self> {
        tried(|| Self::with(weights, config, schema)).unwrap_or_else(|message| {
            Err(Error::Usage(format!(
                "its network cannot be built: {message}"
            )))
        })
    }

    /// Like [`Self::outlined`], on this thread, for a shape of which a network has been built.
    ///
    /// # Errors
    /// Never for such a shape.
    pub(crate) fn one_more(config: &ModelConfig, schema: &Schema) -> Result<Self> {
        Self::with(Weights::outlined(), config, schema)
    }

    fn with(weights: Weights, config: &ModelConfig, schema: &Schema) -> Result<Self> {
        let tags = TagSet::of(schema);
        let root = weights.root();
        let encoder = Encoder::new(&(&root / "encoder"), &config.encoder)?;
        let width = encoder.width();
        let heads = TagHead::new(&(&root / "ner"), width, tags.len());
        let relations = RelationHead::new(
            &(&root / "relations"),
            width,
            schema.entities.len(),
            schema.relations.len(),
        );
        drop(root);
        Ok(Self {
            weights,
            encoder,
            tags: heads,
            relations,
        })
    }

    /// Its variables by name.
    pub fn variables(&self) -> BTreeMap<String, tch::Tensor> {
        self.weights.variables()
    }
}

fn selection(
    schema: &Schema,
    config: &ModelConfig,
    threshold: impl Fn(&Label) -> f32,
) -> Selection {
    Selection::new(schema, threshold, &config.relation_corrections)
}

impl Model {
    /// Loads a model folder.
    ///
    /// # Errors
    /// A file is missing, damaged or does not fit the others.
    pub fn load(folder: &Path, precision: Precision) -> Result<Self> {
        let config = ModelConfig::load(folder)?;
        let schema = Schema::load(&folder.join(SCHEMA))?;
        let tokenizer = SubwordTokenizer::load(folder)?;
        let in_folder = |error: Error| of_model(folder, error);
        fits_weights(folder, &config, &schema).map_err(in_folder)?;
        let network = Network::outlined(&config, &schema).map_err(in_folder)?;
        fits_tokenizer(folder, &config, &tokenizer)?;
        fits_made_with(folder, &config, &schema)?;
        fits_encoder(&config, &network.encoder).map_err(in_folder)?;
        let bf16 = precision.is_bf16();
        let path = folder.join(WEIGHTS);
        let tensors = if bf16 {
            read_tensors_as_bf16(&path)?
        } else {
            read_tensors(&path)?
        };
        network.weights.adopt(tensors, &path)?;
        Ok(Self::assembled(
            folder,
            config,
            schema,
            tokenizer,
            network.weights.into_shared(),
            bf16,
        ))
    }

    /// A model of parts that are at hand, such as one that is being trained; `bf16` tells the
    /// number format of the weights.
    pub fn assembled(
        folder: &Path,
        config: ModelConfig,
        schema: Schema,
        tokenizer: SubwordTokenizer,
        weights: SharedWeights,
        bf16: bool,
    ) -> Self {
        Self {
            folder: folder.to_path_buf(),
            tags: TagSet::of(&schema),
            selection: selection(&schema, &config, |relation| config.threshold_of(relation)),
            least: 0.0,
            weights,
            config,
            schema,
            tokenizer,
            bf16,
        }
    }

    /// Reports relations from this confidence up instead of the model's own threshold. That one is
    /// for the relation by itself, its names being given; a confidence also counts how sure the
    /// names are, and nothing below this one is reported.
    pub fn set_threshold(&mut self, threshold: f32) {
        self.selection = selection(&self.schema, &self.config, |_| threshold);
        self.least = threshold;
    }

    /// Goes by the thresholds and corrections of a configuration that differs from its own in nothing
    /// else.
    pub fn set_outputs_of(&mut self, config: ModelConfig) {
        self.selection = selection(&self.schema, &config, |relation| {
            config.threshold_of(relation)
        });
        self.least = 0.0;
        self.config = config;
    }

    /// Whether it runs in bf16.
    pub fn is_bf16(&self) -> bool {
        self.bf16
    }

    /// A network for one worker thread.
    ///
    /// # Errors
    /// Never for a model that was loaded.
    pub fn network(&self) -> Result<Network> {
        let mut network = Network::one_more(&self.config, &self.schema)?;
        network.weights.share(&self.weights)?;
        Ok(network)
    }

    pub(super) fn limits(&self) -> WindowLimits {
        WindowLimits::of(&self.config)
    }

    /// The tags of its entity types.
    pub fn tags(&self) -> &TagSet {
        &self.tags
    }

    /// Its tokenizer.
    pub fn tokenizer(&self) -> &SubwordTokenizer {
        &self.tokenizer
    }
}
