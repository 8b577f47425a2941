use std::path::{Path, PathBuf};

use super::graph::{Attribute, EDGE, Graph, NODE};
use super::xml::Xml;
use crate::error::Result;
use crate::share::output::OutFile;
use crate::share::run_dir::RunDir;

/// Writes the graph of entities and edges as GraphML, directed and with parallel edges; `weight`
/// is the number of triples.
pub fn write(run: &RunDir, path: &Path) -> Result<Vec<PathBuf>> {
    let graph = Graph::read(run)?;
    let mut xml = Xml::begin(OutFile::create(path)?)?;
    xml.open(
        "graphml",
        &[("xmlns", "http://graphml.graphdrawing.org/xmlns")],
    )?;
    keys(&mut xml, "node", NODE)?;
    keys(&mut xml, "edge", EDGE)?;
    let weight = [
        ("id", "edge_weight"),
        ("for", "edge"),
        ("attr.name", "weight"),
        ("attr.type", "double"),
    ];
    xml.empty("key", &weight)?;
    xml.open("graph", &[("id", "dossier"), ("edgedefault", "directed")])?;
    for node in &graph.nodes {
        xml.open("node", &[("id", &node.entity_id)])?;
        data(&mut xml, "node", NODE, node)?;
        xml.close()?;
    }
    for (n, edge) in graph.edges.iter().enumerate() {
        let id = format!("e{}", n + 1);
        let ends = [
            ("id", id.as_str()),
            ("source", &edge.subject_id),
            ("target", &edge.object_id),
        ];
        xml.open("edge", &ends)?;
        data(&mut xml, "edge", EDGE, edge)?;
        xml.text("data", &[("key", "edge_weight")], &edge.triples.to_string())?;
        xml.close()?;
    }
    Ok(vec![xml.finish()?])
}

fn keys<T>(xml: &mut Xml, kind: &str, attributes: &[Attribute<T>]) -> Result<()> {
    for attribute in attributes {
        let id = format!("{kind}_{}", attribute.name);
        xml.empty(
            "key",
            &[
                ("id", &id),
                ("for", kind),
                ("attr.name", attribute.name),
                ("attr.type", attribute.kind),
            ],
        )?;
    }
    Ok(())
}

fn data<T>(xml: &mut Xml, kind: &str, attributes: &[Attribute<T>], row: &T) -> Result<()> {
    for attribute in attributes {
        if let Some(value) = (attribute.of)(row) {
            let key = format!("{kind}_{}", attribute.name);
            xml.text("data", &[("key", &key)], &value)?;
        }
    }
    Ok(())
}
