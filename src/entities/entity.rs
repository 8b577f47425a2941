use crate::annotation::Label;

/// Someone or something that mentions name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Depends on type and canonical name only; see [`entity_id`](super::entity_id).
    pub id: String,
    /// A table's name for it, else the most frequent spelling of its own name; of equally frequent
    /// ones the first in the alphabet that is not all in capitals. An article that is part of it
    /// (`The Herald`) is shown, and is not part of the canonical name.
    pub name: String,
    /// Entity type, such as `PER`.
    pub label: Label,
    /// ISO 3166-1 alpha-3, where one is known.
    pub country: Option<String>,
    /// What else it is called, by frequency, then by alphabet.
    pub aliases: Vec<String>,
    /// How often the run mentions it.
    pub mentions: u64,
    /// Its item in Wikidata, where that is a fact.
    pub wikidata: Option<&'static str>,
}
