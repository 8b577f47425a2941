//! From mentions to the entities they name.
//!
//! A pure stage in two steps, because which entity a mention belongs to can depend on every other
//! mention of the run: [`Names`] sees the mentions of all documents once, then [`Names::resolve`]
//! gives [`Entities`], which tells the entity of each mention of a document. Whole documents are
//! handed over, not single mentions, so that a mention is judged by its neighbours. Memory grows
//! with distinct names, never with mentions.
//!
//! An entity is told by its type and canonical name, and so is its id: neither depends on the order
//! of documents. In a document (`document`) the user's aliases come first, then countries and
//! their capitals, bodies with their owners, people, acronyms and short forms; what a document
//! leaves open is settled by the run (`settle`). Whoever is not sure keeps a name by itself, and
//! likely pairs are listed for people (`review`); what is the same beyond doubt is joined (`variants`).
//!
//! Pronouns and noun phrases are found and linked to names beforehand (`references`).

mod alias;
mod alias_chain;
mod alias_table;
mod aliases;
mod article;
mod bodies;
mod capital;
mod countries;
mod document;
mod entity;
#[cfg(test)]
mod example;
mod generations;
mod groups;
mod id;
mod likeness;
mod name;
mod names;
mod organisation;
mod page;
mod people;
mod person;
mod reading;
mod references;
mod review;
mod senses;
mod settle;
mod states;
mod surface;
mod variants;
mod via;
mod wikidata;

pub use alias::Alias;
pub use alias_chain::unknown_type;
pub use aliases::{Aliases, Split};
pub use entity::Entity;
pub use id::entity_id;
pub use likeness::THRESHOLD;
pub use name::{canonical_name, entity_key, name_key};
pub use names::{Entities, Found, Names};
pub use references::{Proposed, link, propose};
pub use review::Candidate;
pub use via::Via;
