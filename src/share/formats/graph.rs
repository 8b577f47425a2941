//! What graph files hold: the entities that have an edge, and the edges.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::share::rows::{Edge, Entity};
use crate::share::run_dir::RunDir;

/// A property of nodes or edges.
pub struct Attribute<T> {
    pub name: &'static str,
    /// Its type, by the name that GraphML and GEXF share.
    pub kind: &'static str,
    /// Its value; none where it is not known.
    pub of: fn(&T) -> Option<String>,
}

#[rustfmt::skip]
pub const NODE: &[Attribute<Entity>] = &[
    Attribute { name: "name", kind: "string", of: |e| text(&e.name) },
    Attribute { name: "type", kind: "string", of: |e| text(&e.label) },
    Attribute { name: "country", kind: "string", of: |e| text(&e.country) },
    Attribute { name: "aliases", kind: "string", of: |e| text(&e.aliases) },
    Attribute { name: "mentions", kind: "long", of: |e| text(e.mentions) },
    Attribute { name: "documents", kind: "long", of: |e| text(e.documents) },
    Attribute { name: "first_date", kind: "string", of: |e| e.first_date.and_then(text) },
    Attribute { name: "last_date", kind: "string", of: |e| e.last_date.and_then(text) },
];

#[rustfmt::skip]
pub const EDGE: &[Attribute<Edge>] = &[
    Attribute { name: "relation", kind: "string", of: |e| text(&e.relation) },
    Attribute { name: "status", kind: "string", of: |e| text(&e.status) },
    Attribute { name: "triples", kind: "long", of: |e| text(e.triples) },
    Attribute { name: "documents", kind: "long", of: |e| text(e.documents) },
    Attribute { name: "first_date", kind: "string", of: |e| e.first_date.and_then(text) },
    Attribute { name: "last_date", kind: "string", of: |e| e.last_date.and_then(text) },
    Attribute { name: "max_confidence", kind: "double", of: |e| text(e.max_confidence) },
    Attribute { name: "best_sentence", kind: "string", of: |e| text(&e.best_sentence) },
];

fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string()).filter(|t| !t.is_empty())
}

/// Entities with an edge, and edges.
pub struct Graph {
    pub nodes: Vec<Entity>,
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Reads a run's graph.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub fn read(run: &RunDir) -> Result<Self> {
        let edges = run.edges()?;
        let mut joined: BTreeSet<&str> = edges
            .iter()
            .flat_map(|e| [e.subject_id.as_str(), e.object_id.as_str()])
            .collect();
        let mut nodes = Vec::new();
        run.table("entities")?.each(&mut |entity: Entity| {
            if joined.remove(entity.entity_id.as_str()) {
                nodes.push(entity);
            }
            Ok(())
        })?;
        // Rows that somebody took out of entities.csv: the edges still name them.
        let named = edges.iter().flat_map(|e| {
            [
                (e.subject_id.as_str(), &e.subject),
                (e.object_id.as_str(), &e.object),
            ]
        });
        for (id, name) in named {
            if joined.remove(id) {
                nodes.push(Entity {
                    entity_id: id.to_owned(),
                    name: name.clone(),
                    label: String::new(),
                    country: String::new(),
                    aliases: String::new(),
                    mentions: 0,
                    documents: 0,
                    first_date: None,
                    last_date: None,
                });
            }
        }
        Ok(Self { nodes, edges })
    }
}
