//! From mentions to the entities they name.
//!
//! A pure stage in two steps, because which entity a mention belongs to can depend on every other
//! mention of the run: [`Names`] sees the mentions of all documents once, then [`Names::resolve`]
//! gives [`Entities`], which tells the entity of each mention of a document. Whole documents are
//! handed over, not single mentions, so that a mention can be judged by its neighbours. Memory
//! grows with distinct names, never with mentions.
//!
//! Today an entity is a distinct canonical name with its type.

mod id;
mod name;
mod names;

pub use id::entity_id;
pub use name::{canonical_name, name_key};
pub use names::{Entities, Entity, Names};
