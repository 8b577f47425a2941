//! What can be set: the schema of entity types and relations, and a model's configuration.

mod model;
mod schema;

pub use model::{Correction, MODEL_VERSION, MadeWith, ModelConfig};
pub use schema::{EntityType, RelationType, Schema};
