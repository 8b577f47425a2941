use std::collections::HashMap;
use std::path::{Path, PathBuf};

use isocountry::CountryCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::share::output::OutFile;
use crate::share::rows::{Document, Edge, Entity};
use crate::share::run_dir::RunDir;

/// Writes FollowTheMoney entities, one a line: people, organisations and places, the articles, and
/// a link for each edge with its best sentence and, as proof, the article it stands in.
pub fn write(run: &RunDir, path: &Path) -> Result<Vec<PathBuf>> {
    let mut file = OutFile::create(path)?;
    let mut schemata: HashMap<String, &'static str> = HashMap::new();
    run.table("entities")?.each(&mut |e: Entity| {
        let schema = schema_of(&e.label);
        schemata.insert(e.entity_id.clone(), schema);
        file.json_line(&entity(&e, schema))
    })?;
    run.table("documents")?
        .each(&mut |d: Document| file.json_line(&document(&d)))?;
    run.table("edges")?.each(&mut |e: Edge| {
        let ends = [&e.subject_id, &e.object_id].map(|id| schemata.get(id).copied());
        file.json_line(&link(&e, ends))
    })?;
    Ok(vec![file.finish()?])
}

/// Places are addresses there; what is no person, organisation or place has no better class than
/// that of everything that may act.
fn schema_of(label: &str) -> &'static str {
    match label {
        "PER" => "Person",
        "ORG" => "Organization",
        "LOC" => "Address",
        _ => "LegalEntity",
    }
}

fn entity(e: &Entity, schema: &str) -> Value {
    let mut properties = json!({ "name": [e.name] });
    let aliases: Vec<&str> = e.aliases().collect();
    set(&mut properties, "alias", &aliases);
    set(&mut properties, "country", &[country(&e.country)]);
    if schema == "Address" {
        set(&mut properties, "full", &[&e.name]);
    }
    json!({ "id": valid_id(&e.entity_id), "schema": schema, "properties": properties })
}

fn document(d: &Document) -> Value {
    let name = d.source_file.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut properties = json!({ "fileName": [name] });
    set(&mut properties, "title", &[&d.title]);
    set(&mut properties, "notes", &[&d.source_file]);
    set(&mut properties, "publishedAt", &[&day(d.date)]);
    json!({ "id": document_id(&d.doc_id), "schema": "Article", "properties": properties })
}

/// The schema and the properties for subject and object: the fitting one where it is sure that the
/// two ends may have it, or a link of unnamed kind.
fn link(e: &Edge, ends: [Option<&str>; 2]) -> Value {
    // The fitting schemata have no way to say that something is denied, planned or only claimed.
    let ends = if e.status == "asserted" {
        ends
    } else {
        [None, None]
    };
    let (schema, subject, object) = match (e.relation.as_str(), ends) {
        ("leads", [Some("Person"), Some("Organization")]) => {
            ("Directorship", "director", "organization")
        }
        ("works_for", [Some("Person"), Some("Organization")]) => {
            ("Employment", "employee", "employer")
        }
        ("member_of", [Some("Person" | "Organization"), Some("Organization")]) => {
            ("Membership", "member", "organization")
        }
        ("related_to", [Some("Person"), Some("Person")]) => ("Family", "person", "relative"),
        _ => ("UnknownLink", "subject", "object"),
    };
    let named = if schema == "Family" {
        "relationship"
    } else {
        "role"
    };
    let mut properties = json!({
        subject: [valid_id(&e.subject_id)],
        object: [valid_id(&e.object_id)],
        named: [e.relation],
        "proof": [document_id(&e.best_doc_id)],
        "description": [format!("triples: {}, documents: {}", e.triples, e.documents)],
    });
    if schema != "Family" {
        set(&mut properties, "status", &[&e.status]);
    }
    set(&mut properties, "summary", &[&e.best_sentence]);
    set(
        &mut properties,
        "date",
        &[&day(e.first_date), &day(e.last_date)],
    );
    let key = [&e.subject_id, &e.relation, &e.object_id, &e.status].map(String::as_str);
    json!({ "id": hashed("link", &key.join("\n")), "schema": schema, "properties": properties })
}

/// The two-letter code, in small letters, that country codes are there; Kosovo's is not in ISO 3166,
/// but is known there.
fn country(alpha3: &str) -> String {
    match CountryCode::for_alpha3_caseless(alpha3) {
        Ok(country) => country.alpha2().to_lowercase(),
        Err(_) if alpha3 == "XKX" => "xk".to_owned(),
        Err(_) => String::new(),
    }
}

/// Sets a property to the values that are not empty, each once.
fn set(properties: &mut Value, name: &str, values: &[impl AsRef<str>]) {
    let mut kept: Vec<&str> = values
        .iter()
        .map(AsRef::as_ref)
        .filter(|v| !v.is_empty())
        .collect();
    kept.dedup();
    if !kept.is_empty() {
        properties[name] = json!(kept);
    }
}

fn document_id(doc_id: &str) -> String {
    hashed("document", doc_id)
}

/// Ids are letters, digits, `-` and `.` there: what is not gets an id of its own.
fn valid_id(id: &str) -> String {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !id.is_empty() && id.chars().all(valid) && !id.starts_with('-') && !id.ends_with('-') {
        id.to_owned()
    } else {
        hashed("entity", id)
    }
}

fn hashed(kind: &str, key: &str) -> String {
    let mut id = format!("{kind}-");
    for byte in Sha256::digest(key.as_bytes()).iter().take(12) {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

fn day(date: Option<jiff::civil::Date>) -> String {
    date.map_or_else(String::new, |d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_two_letters_there() {
        assert_eq!(["ALB", "XKX", "", "???"].map(country), ["al", "xk", "", ""]);
    }

    #[test]
    fn only_what_is_asserted_gets_a_schema_of_its_own() {
        let edge = |status: &str| Edge {
            subject_id: "PER-a".into(),
            subject: "A".into(),
            relation: "leads".into(),
            object_id: "ORG_b".into(),
            object: "B".into(),
            status: status.into(),
            triples: 1,
            documents: 1,
            first_date: None,
            last_date: None,
            max_confidence: 0.9,
            best_sentence: String::new(),
            best_doc_id: "a b.txt".into(),
        };
        let ends = [Some("Person"), Some("Organization")];
        assert_eq!(link(&edge("asserted"), ends)["schema"], "Directorship");
        assert_eq!(link(&edge("negated"), ends)["schema"], "UnknownLink");
        // Ids have no `_` there.
        assert_eq!(valid_id("PER-a"), "PER-a");
        assert!(valid_id("ORG_b").starts_with("entity-"));
    }
}
