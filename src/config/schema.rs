use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::annotation::Label;
use crate::error::{Error, Result};
use crate::files::in_one_line;
use crate::text::did_you_mean;

/// A kind of entity the model knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityType {
    /// Short name, such as `PER`.
    pub name: Label,
    /// What it covers, for people.
    #[serde(default)]
    pub definition: String,
}

/// A kind of relation the model knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationType {
    /// Short name, such as `accuses`.
    pub name: Label,
    /// What it covers, for people.
    #[serde(default)]
    pub definition: String,
    /// Entity types its subject may have; empty: any.
    #[serde(default)]
    pub subject: Vec<Label>,
    /// Entity types its object may have; empty: any.
    #[serde(default)]
    pub object: Vec<Label>,
    /// Whether subject and object can change places.
    #[serde(default)]
    pub symmetric: bool,
    /// Root category of the PLOVER ontology; empty for facts.
    #[serde(default)]
    pub plover: String,
    /// Codes of the CAMEO family, as text; empty for facts.
    #[serde(default)]
    pub cameo: String,
}

/// The entity types and relations of a model, read from its `schema.toml`. The order of the lists
/// is the order of the model's outputs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Entity types.
    #[serde(default, rename = "entity")]
    pub entities: Vec<EntityType>,
    /// Relations.
    #[serde(default, rename = "relation")]
    pub relations: Vec<RelationType>,
    /// For mentions that another model finds: what its entity types are here; empty: left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ner_labels: BTreeMap<String, String>,
}

/// A model keeps a table of which relation may join which types.
const MOST_TYPES: usize = 256;
const MOST_RELATIONS: usize = 1000;

impl Schema {
    /// Reads a `schema.toml`.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML of this form, or names something twice.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
        let schema: Self = toml::from_str(&text).map_err(|e| {
            // Its own way of telling it takes five lines.
            let before = e
                .span()
                .and_then(|at| text.get(..at.start))
                .unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::line(path, line, in_one_line(e.message()))
        })?;
        schema.check().map_err(|m| Error::format(path, m))?;
        Ok(schema)
    }

    /// The schema of the bundled models: what is known of a relation where no model is at hand.
    ///
    /// # Errors
    /// Never, as a test makes sure.
    pub fn bundled() -> Result<Self> {
        toml::from_str(include_str!("../../data/schema.toml"))
            .map_err(|e| Error::format("data/schema.toml", e.to_string()))
    }

    /// The schema as TOML.
    ///
    /// # Errors
    /// Never for a schema that was loaded.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|e| Error::Usage(format!("schema: {e}")))
    }

    /// Makes sure that names are unique, not empty and not too many, and that relations join types
    /// that are here.
    ///
    /// # Errors
    /// One of it is not so: says what, for people.
    pub fn check(&self) -> Result<(), String> {
        for (number, most, what) in [
            (self.entities.len(), MOST_TYPES, "entity types"),
            (self.relations.len(), MOST_RELATIONS, "relations"),
        ] {
            if number > most {
                return Err(format!(
                    "there are {number} {what}; a model can tell apart {most} at most"
                ));
            }
        }
        let mut entities: Vec<&str> = self.entities.iter().map(|e| e.name.as_str()).collect();
        let mut relations: Vec<&str> = self.relations.iter().map(|r| r.name.as_str()).collect();
        for names in [&mut entities, &mut relations] {
            names.sort_unstable();
            if let Some(pair) = names.windows(2).find(|w| w[0] == w[1]) {
                return Err(format!("{:?} is listed twice", pair[0]));
            }
            if names.iter().any(|n| n.trim().is_empty()) {
                return Err("a name is empty".into());
            }
        }
        for relation in &self.relations {
            for label in relation.subject.iter().chain(&relation.object) {
                if entities.binary_search(&label.as_str()).is_err() {
                    return Err(format!(
                        "relation {} joins {label:?}, which is no entity type here",
                        relation.name
                    ));
                }
            }
        }
        Ok(())
    }

    /// Refuses names that are no relations of this schema.
    ///
    /// # Errors
    /// There is one; the message has the relations that there are.
    pub fn check_relations<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Result<()> {
        match names.into_iter().find(|n| self.relation(n).is_none()) {
            None => Ok(()),
            Some(unknown) => {
                let known: Vec<&str> = self.relations.iter().map(|r| r.name.as_str()).collect();
                let hint = did_you_mean(unknown, known.iter().copied());
                Err(Error::Usage(format!(
                    "the model knows no relation {unknown:?}{hint}; it knows {}",
                    known.join(", ")
                )))
            }
        }
    }

    /// Position of an entity type.
    pub fn entity_index(&self, name: &str) -> Option<usize> {
        self.entities.iter().position(|e| e.name == name)
    }

    /// Position of a relation.
    pub fn relation_index(&self, name: &str) -> Option<usize> {
        self.relations.iter().position(|r| r.name == name)
    }

    /// The relation of that name.
    pub fn relation(&self, name: &str) -> Option<&RelationType> {
        self.relations.iter().find(|r| r.name == name)
    }

    /// Whether the relation's subject and object can change places; `false` for unknown ones.
    pub fn is_symmetric(&self, name: &str) -> bool {
        self.relation(name).is_some_and(|r| r.symmetric)
    }
}

impl RelationType {
    /// Whether the relation may join mentions of these types.
    pub fn may_join(&self, subject: &Label, object: &Label) -> bool {
        (self.subject.is_empty() || self.subject.contains(subject))
            && (self.object.is_empty() || self.object.contains(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Schema, String> {
        let schema: Schema = toml::from_str(text).map_err(|e| e.to_string())?;
        schema.check().map(|()| schema)
    }

    #[test]
    fn a_relation_cannot_join_an_unknown_type() {
        let text =
            "[[entity]]\nname='PER'\n[[relation]]\nname='leads'\nsubject=['PER']\nobject=['ORG']\n";
        assert!(parse(text).unwrap_err().contains("\"ORG\""));
    }

    #[test]
    fn types_limit_what_a_relation_joins() {
        let text = "[[entity]]\nname='PER'\n[[entity]]\nname='ORG'\n[[relation]]\nname='leads'\nsubject=['PER']\n";
        let schema = parse(text).unwrap();
        let leads = schema.relation("leads").unwrap();
        assert!(leads.may_join(&"PER".into(), &"ORG".into()));
        assert!(!leads.may_join(&"ORG".into(), &"PER".into()));
    }

    #[test]
    fn an_unknown_relation_is_told_with_the_one_that_was_meant() {
        let schema = parse("[[relation]]\nname='meets'\n[[relation]]\nname='accuses'\n").unwrap();
        assert!(schema.check_relations(["meets"]).is_ok());
        let refused = schema.check_relations(["meets", "acuses"]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the model knows no relation \"acuses\" (did you mean accuses?); it knows meets, accuses"
        );
    }

    #[test]
    fn what_is_no_schema_is_told_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema.toml");
        for (text, part) in [
            ("[[entity]\nname=", "schema.toml:1: "),
            ("[[entity]]\nname='PER'\nnmae='x'\n", "nmae"),
        ] {
            std::fs::write(&path, text).unwrap();
            let told = Schema::load(&path).unwrap_err().to_string();
            assert!(told.contains(part), "{told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }

    #[test]
    fn there_are_not_too_many_names() {
        let relations = |number: usize| {
            let one = |n| format!("[[relation]]\nname='r{n}'\n");
            parse(&(0..number).map(one).collect::<String>())
        };
        assert!(relations(MOST_RELATIONS).is_ok());
        let told = relations(MOST_RELATIONS + 1).unwrap_err();
        assert!(told.contains("1001 relations"), "{told}");
    }

    #[test]
    fn names_are_unique() {
        assert!(parse("[[entity]]\nname='PER'\n[[entity]]\nname='PER'\n").is_err());
    }
}
