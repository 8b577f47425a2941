use std::path::{Path, PathBuf};

use super::graph::{Attribute, EDGE, Graph, NODE};
use super::xml::Xml;
use crate::error::Result;
use crate::share::output::OutFile;
use crate::share::run_dir::RunDir;

/// Writes the graph of entities and edges as GEXF. Nodes and edges exist from their first to their
/// last date, which Gephi's timeline shows; `weight` is the number of triples.
pub fn write(run: &RunDir, path: &Path) -> Result<Vec<PathBuf>> {
    let graph = Graph::read(run)?;
    let mut xml = Xml::begin(OutFile::create(path)?)?;
    xml.open(
        "gexf",
        &[("xmlns", "http://gexf.net/1.3"), ("version", "1.3")],
    )?;
    let kind = [
        ("defaultedgetype", "directed"),
        ("mode", "dynamic"),
        ("timeformat", "date"),
    ];
    xml.open("graph", &kind)?;
    attributes(&mut xml, "node", NODE)?;
    attributes(&mut xml, "edge", EDGE)?;
    xml.open("nodes", &[])?;
    for node in &graph.nodes {
        let dates = [node.first_date, node.last_date].map(|d| d.map(|d| d.to_string()));
        let mut about = vec![("id", node.entity_id.as_str()), ("label", &node.name)];
        about.extend(times(&dates));
        element(&mut xml, "node", &about, NODE, node)?;
    }
    xml.close()?;
    xml.open("edges", &[])?;
    for (n, edge) in graph.edges.iter().enumerate() {
        let (id, weight) = (n.to_string(), edge.triples.to_string());
        let dates = [edge.first_date, edge.last_date].map(|d| d.map(|d| d.to_string()));
        let mut about = vec![
            ("id", id.as_str()),
            ("source", &edge.subject_id),
            ("target", &edge.object_id),
            ("label", &edge.relation),
            ("weight", &weight),
        ];
        about.extend(times(&dates));
        element(&mut xml, "edge", &about, EDGE, edge)?;
    }
    Ok(vec![xml.finish()?])
}

fn times(dates: &[Option<String>; 2]) -> impl Iterator<Item = (&'static str, &str)> {
    let named = ["start", "end"].into_iter().zip(dates);
    named.filter_map(|(name, date)| Some((name, date.as_deref()?)))
}

fn attributes<T>(xml: &mut Xml, class: &str, attributes: &[Attribute<T>]) -> Result<()> {
    xml.open("attributes", &[("class", class), ("mode", "static")])?;
    for attribute in attributes {
        xml.empty(
            "attribute",
            &[
                ("id", attribute.name),
                ("title", attribute.name),
                ("type", attribute.kind),
            ],
        )?;
    }
    xml.close()
}

fn element<T>(
    xml: &mut Xml,
    name: &'static str,
    about: &[(&str, &str)],
    attributes: &[Attribute<T>],
    row: &T,
) -> Result<()> {
    xml.open(name, about)?;
    xml.open("attvalues", &[])?;
    for attribute in attributes {
        if let Some(value) = (attribute.of)(row) {
            xml.empty("attvalue", &[("for", attribute.name), ("value", &value)])?;
        }
    }
    xml.close()?;
    xml.close()
}
