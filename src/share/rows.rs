use jiff::civil::Date;
use serde::Deserialize;

/// A row of `triples.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Triple {
    pub triple_id: String,
    pub doc_id: String,
    pub source_file: String,
    pub title: String,
    pub date: Option<Date>,
    pub sentence_id: String,
    pub subject: String,
    pub subject_type: String,
    pub subject_id: String,
    pub relation: String,
    pub object: String,
    pub object_type: String,
    pub object_id: String,
    pub trigger: String,
    pub status: String,
    pub attributed_to: String,
    pub confidence: f64,
    pub subject_mention: String,
    pub object_mention: String,
    pub sentence: String,
    /// Offsets are code points into the document's text.
    pub subject_start: usize,
    pub subject_end: usize,
    pub object_start: usize,
    pub object_end: usize,
    pub trigger_start: Option<usize>,
    pub trigger_end: Option<usize>,
}

/// A row of `edges.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Edge {
    pub subject_id: String,
    pub subject: String,
    pub relation: String,
    pub object_id: String,
    pub object: String,
    pub status: String,
    pub triples: u64,
    pub documents: u64,
    pub first_date: Option<Date>,
    pub last_date: Option<Date>,
    pub max_confidence: f64,
    pub best_sentence: String,
    pub best_doc_id: String,
}

/// A row of `entities.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entity {
    pub entity_id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub label: String,
    /// ISO 3166-1 alpha-3, or empty.
    pub country: String,
    /// Joined by `; `.
    pub aliases: String,
    pub mentions: u64,
    pub documents: u64,
    pub first_date: Option<Date>,
    pub last_date: Option<Date>,
}

/// A row of `documents.csv`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Document {
    pub doc_id: String,
    pub source_file: String,
    pub title: String,
    pub date: Option<Date>,
    pub words: u64,
    pub sentences: u64,
    pub mentions: u64,
    pub triples: u64,
    pub status: String,
    pub message: String,
}

impl Entity {
    /// The other spellings, one by one.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        split_aliases(&self.aliases)
    }
}

/// The spellings of a cell of the column `aliases`.
pub fn split_aliases(cell: &str) -> impl Iterator<Item = &str> {
    cell.split("; ").map(str::trim).filter(|a| !a.is_empty())
}
