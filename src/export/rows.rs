//! The tables' rows. A struct's fields are its table's columns, in their order.

use jiff::civil::Date;
use serde::Serialize;

use super::cell::{Cell, Confidence};

/// A relation between two mentions, in `triples.csv`.
#[derive(Debug, Default, Serialize)]
pub struct TripleRow<'t> {
    /// Document id, `#t`, and the triple's number in the document, from 1.
    pub triple_id: Cell<'t>,
    pub doc_id: Cell<'t>,
    pub source_file: Cell<'t>,
    pub title: Cell<'t>,
    pub date: Option<Date>,
    /// Document id, `#s`, and the sentence's number in the document, from 1.
    pub sentence_id: Cell<'t>,
    /// The subject's entity, by name.
    pub subject: Cell<'t>,
    pub subject_type: Cell<'t>,
    pub subject_id: Cell<'t>,
    pub relation: Cell<'t>,
    /// The object's entity, by name.
    pub object: Cell<'t>,
    pub object_type: Cell<'t>,
    pub object_id: Cell<'t>,
    /// The words that express the relation.
    pub trigger: Cell<'t>,
    pub status: Cell<'t>,
    /// The mention that the sentence names as the source of a claimed relation.
    pub attributed_to: Cell<'t>,
    pub confidence: Confidence,
    /// The mention's own words, with line breaks as spaces.
    pub subject_mention: Cell<'t>,
    pub object_mention: Cell<'t>,
    /// The sentence, in one line.
    pub sentence: Cell<'t>,
    /// Offsets are code points into the document's text, from 0, the end exclusive.
    pub subject_start: usize,
    pub subject_end: usize,
    pub object_start: usize,
    pub object_end: usize,
    pub trigger_start: Option<usize>,
    pub trigger_end: Option<usize>,
    pub plover: Cell<'t>,
    pub cameo: Cell<'t>,
    /// How the mentions lead to their entities; see [`crate::entities::Via`].
    pub subject_via: Cell<'t>,
    pub object_via: Cell<'t>,
}

/// All triples of two entities with one relation and status, in `edges.csv`.
#[derive(Debug, Default, Serialize)]
pub struct EdgeRow<'t> {
    pub subject_id: Cell<'t>,
    pub subject: Cell<'t>,
    pub relation: Cell<'t>,
    pub object_id: Cell<'t>,
    pub object: Cell<'t>,
    pub status: Cell<'t>,
    pub triples: u64,
    pub documents: u64,
    pub first_date: Option<Date>,
    pub last_date: Option<Date>,
    pub max_confidence: Confidence,
    /// The sentence of the most confident triple; of equals, the first.
    pub best_sentence: Cell<'t>,
    pub best_triple_id: Cell<'t>,
    pub best_doc_id: Cell<'t>,
}

/// A named thing, in `entities.csv`.
#[derive(Debug, Default, Serialize)]
pub struct EntityRow<'t> {
    pub entity_id: Cell<'t>,
    pub name: Cell<'t>,
    #[serde(rename = "type")]
    pub label: Cell<'t>,
    /// ISO 3166-1 alpha-3; empty where none is known.
    pub country: Cell<'t>,
    /// Other spellings, joined by `; `.
    pub aliases: Cell<'t>,
    pub mentions: u64,
    pub documents: u64,
    pub first_date: Option<Date>,
    pub last_date: Option<Date>,
    /// Item in Wikidata, such as `Q222`; empty where none is known for a fact.
    pub wikidata: Cell<'t>,
}

/// One occurrence of a name, in `mentions.csv`.
#[derive(Debug, Default, Serialize)]
pub struct MentionRow<'t> {
    /// Document id, `#m`, and the mention's number in the document, from 1.
    pub mention_id: Cell<'t>,
    pub doc_id: Cell<'t>,
    pub sentence_id: Cell<'t>,
    pub entity_id: Cell<'t>,
    /// The mention's own words, with line breaks as spaces.
    pub text: Cell<'t>,
    /// The type that the model gave this mention; its entity's can be another.
    #[serde(rename = "type")]
    pub label: Cell<'t>,
    pub start: usize,
    pub end: usize,
    pub confidence: Confidence,
    /// How it leads to its entity; see [`crate::entities::Via`].
    pub via: Cell<'t>,
}

/// Two entities that could be one, in `entities_review.csv`, for a person to decide.
#[derive(Debug, Default, Serialize)]
pub struct ReviewRow<'t> {
    /// Of the two, the entity with more mentions.
    pub entity_id: Cell<'t>,
    pub name: Cell<'t>,
    #[serde(rename = "type")]
    pub label: Cell<'t>,
    pub mentions: u64,
    pub other_id: Cell<'t>,
    pub other_name: Cell<'t>,
    pub other_mentions: u64,
    /// How alike the names are, 0 to 1.
    pub similarity: Confidence,
    /// What the names differ in: spelling, given name, middle name, generation; or type, where one name
    /// stands under two types, the second of which `other_id` begins with.
    pub reason: Cell<'t>,
}

/// An input, in `documents.csv`.
#[derive(Debug, Default, Serialize)]
pub struct DocumentRow<'t> {
    pub doc_id: Cell<'t>,
    pub source_file: Cell<'t>,
    pub title: Cell<'t>,
    pub date: Option<Date>,
    pub words: usize,
    pub words_read: usize,
    pub sentences: usize,
    pub mentions: usize,
    pub triples: usize,
    pub status: Cell<'t>,
    pub duplicate_of: Cell<'t>,
    pub message: Cell<'t>,
}

/// A document's text, in `texts.jsonl`: what the offsets point into, never guarded.
#[derive(Debug, Serialize)]
pub struct TextLine<'t> {
    pub doc_id: &'t str,
    pub title: Option<&'t str>,
    pub text: &'t str,
}
