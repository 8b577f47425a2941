use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::error::Result;
use crate::share::output::OutFile;
use crate::share::rows::{Document, Edge, Entity, Triple};
use crate::share::run_dir::RunDir;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const DCTERMS: &str = "http://purl.org/dc/terms/";
const SCHEMA: &str = "https://schema.org/";
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Writes RDF. Entities, relations and documents are resources; what the articles assert is a plain
/// statement of two entities; and every triple, whatever its status, is an `rdf:Statement` with its
/// status, confidence, sentence and document, so that what was denied or only claimed is never
/// mixed with what was asserted.
pub fn write(run: &RunDir, path: &Path) -> Result<Vec<PathBuf>> {
    let mut file = OutFile::create(path)?;
    run.table("entities")?
        .each(&mut |e: Entity| file.text(&entity(&e)))?;
    run.table("documents")?
        .each(&mut |d: Document| file.text(&document(&d)))?;
    run.table("edges")?.each(&mut |e: Edge| {
        if e.status != "asserted" {
            return Ok(());
        }
        let mut lines = Lines::of(resource("entity", &e.subject_id));
        lines.say(
            &resource("relation", &e.relation),
            &resource("entity", &e.object_id),
        );
        file.text(&lines.text)
    })?;
    run.table("triples")?
        .each(&mut |t: Triple| file.text(&statement(&t)))?;
    Ok(vec![file.finish()?])
}

fn entity(e: &Entity) -> String {
    let mut lines = Lines::of(resource("entity", &e.entity_id));
    let class = match e.label.as_str() {
        "PER" => "Person",
        "ORG" => "Organization",
        "LOC" => "Place",
        _ => "Thing",
    };
    lines.say(&iri(RDF, "type"), &iri(SCHEMA, class));
    lines.say(&iri(RDFS, "label"), &literal(&e.name));
    for alias in e.aliases() {
        lines.say(&iri(SKOS, "altLabel"), &literal(alias));
    }
    lines.say(&own("type"), &literal(&e.label));
    lines.text(&own("country"), &e.country);
    lines.say(&own("mentions"), &typed(e.mentions, "integer"));
    lines.text
}

fn document(d: &Document) -> String {
    let mut lines = Lines::of(resource("document", &d.doc_id));
    lines.say(&iri(RDF, "type"), &iri(SCHEMA, "Article"));
    lines.text(&iri(DCTERMS, "title"), &d.title);
    lines.say(&iri(DCTERMS, "identifier"), &literal(&d.doc_id));
    lines.text(&iri(DCTERMS, "source"), &d.source_file);
    lines.date(&iri(DCTERMS, "date"), d.date);
    lines.text
}

fn statement(t: &Triple) -> String {
    let mut lines = Lines::of(resource("triple", &t.triple_id));
    lines.say(&iri(RDF, "type"), &iri(RDF, "Statement"));
    lines.say(&iri(RDF, "subject"), &resource("entity", &t.subject_id));
    lines.say(&iri(RDF, "predicate"), &resource("relation", &t.relation));
    lines.say(&iri(RDF, "object"), &resource("entity", &t.object_id));
    lines.say(&own("status"), &literal(&t.status));
    lines.say(&own("confidence"), &typed(t.confidence, "decimal"));
    lines.text(&own("attributedTo"), &t.attributed_to);
    lines.text(&own("trigger"), &t.trigger);
    lines.text(&own("sentence"), &t.sentence);
    lines.say(&iri(DCTERMS, "source"), &resource("document", &t.doc_id));
    lines.date(&iri(DCTERMS, "date"), t.date);
    lines.text
}

/// Statements about one resource.
struct Lines {
    subject: String,
    text: String,
}

impl Lines {
    fn of(subject: String) -> Self {
        Self {
            subject,
            text: String::new(),
        }
    }

    fn say(&mut self, predicate: &str, object: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{} {predicate} {object} .", self.subject);
    }

    fn text(&mut self, predicate: &str, text: &str) {
        if !text.is_empty() {
            self.say(predicate, &literal(text));
        }
    }

    fn date(&mut self, predicate: &str, date: Option<Date>) {
        if let Some(date) = date {
            self.say(predicate, &typed(date, "date"));
        }
    }
}

fn iri(space: &str, name: &str) -> String {
    format!("<{space}{name}>")
}

fn own(name: &str) -> String {
    iri("urn:dossier:vocabulary:", name)
}

/// The IRI of something of this run; what may not stand in an IRI is percent-encoded.
fn resource(kind: &str, id: &str) -> String {
    let mut iri = format!("<urn:dossier:{kind}:");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            iri.push(char::from(byte));
        } else {
            let _ = write!(iri, "%{byte:02X}");
        }
    }
    iri.push('>');
    iri
}

fn typed(value: impl std::fmt::Display, datatype: &str) -> String {
    format!("\"{value}\"^^<{XSD}{datatype}>")
}

fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_it_stays_on_its_line() {
        assert_eq!(
            literal("a \"b\" \\ \n\t\u{1}é"),
            r#""a \"b\" \\ \n\u0009\u0001é""#
        );
        assert_eq!(
            resource("document", "a b/é>.txt#t1"),
            "<urn:dossier:document:a%20b%2F%C3%A9%3E.txt%23t1>"
        );
    }
}
