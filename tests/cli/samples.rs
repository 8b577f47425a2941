//! The run over data/samples: what it holds whatever the model has learnt.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::support::samples_run;
use crate::table::{Table, read_table};

fn table(name: &str) -> Table {
    read_table(&samples_run().join(name))
}

/// Their subject and object may change places: an edge has the smaller id first.
const SYMMETRIC: [&str; 4] = ["agrees_with", "cooperates_with", "meets", "related_to"];

#[test]
fn columns() {
    let headers: BTreeMap<&str, String> = [
        "documents.csv",
        "edges.csv",
        "entities.csv",
        "mentions.csv",
        "triples.csv",
    ]
    .into_iter()
    .map(|name| (name, table(name).header.join(" ")))
    .collect();
    insta::assert_json_snapshot!(headers);
}

#[test]
fn documents() {
    let documents = table("documents.csv");
    let columns = [
        "doc_id",
        "date",
        "words",
        "words_read",
        "sentences",
        "status",
        "message",
        "title",
    ];
    let rows: Vec<String> = documents
        .rows()
        .iter()
        .map(|row| columns.map(|column| row.get(column)).join(" | "))
        .collect();
    insta::assert_json_snapshot!(rows);
}

#[test]
fn tables_agree_with_each_other() {
    let (mentions, triples) = (table("mentions.csv"), table("triples.csv"));
    let (entities, edges) = (table("entities.csv"), table("edges.csv"));
    assert!(!triples.rows().is_empty(), "the model finds no triples");
    for row in table("documents.csv").rows() {
        let of_it = |table: &Table| {
            table
                .rows()
                .iter()
                .filter(|r| r.get("doc_id") == row.get("doc_id"))
                .count()
        };
        assert_eq!(row.number("mentions"), of_it(&mentions));
        assert_eq!(row.number("triples"), of_it(&triples));
    }
    let mut of_entity: HashMap<&str, usize> = HashMap::new();
    for mention in mentions.rows() {
        *of_entity.entry(mention.get("entity_id")).or_default() += 1;
    }
    for entity in entities.rows() {
        let count = of_entity.remove(entity.get("entity_id"));
        assert_eq!(Some(entity.number("mentions")), count);
    }
    assert!(of_entity.is_empty(), "mentions of no entity: {of_entity:?}");
    let mut of_edge: HashMap<[&str; 4], usize> = HashMap::new();
    for row in triples.rows() {
        let mut edge = ["subject_id", "relation", "object_id", "status"].map(|c| row.get(c));
        if SYMMETRIC.contains(&edge[1]) && edge[0] > edge[2] {
            edge.swap(0, 2);
        }
        *of_edge.entry(edge).or_default() += 1;
    }
    for row in edges.rows() {
        let edge = ["subject_id", "relation", "object_id", "status"].map(|c| row.get(c));
        assert_eq!(Some(row.number("triples")), of_edge.remove(&edge));
    }
    assert!(of_edge.is_empty(), "triples of no edge: {of_edge:?}");
}

#[test]
fn a_triple_stands_in_its_sentence() {
    for row in table("triples.csv").rows() {
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let sentence = row.get("sentence");
        for column in ["subject_mention", "object_mention", "trigger"] {
            let part = squeeze(row.get(column).trim_start_matches('\''));
            assert!(
                sentence.contains(&part),
                "{column} {part:?} of {sentence:?}"
            );
        }
        assert!(!sentence.contains(['\n', '\r']));
        assert_ne!(row.get("subject_start"), row.get("object_start"));
        let confidence: f64 = row.get("confidence").parse().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
        assert!(["asserted", "claimed", "negated", "possible"].contains(&row.get("status")));
    }
}

#[test]
fn ids_are_unique() {
    for (name, column) in [
        ("documents.csv", "doc_id"),
        ("entities.csv", "entity_id"),
        ("mentions.csv", "mention_id"),
        ("triples.csv", "triple_id"),
    ] {
        let table = table(name);
        let ids: BTreeSet<&str> = table.rows().iter().map(|row| row.get(column)).collect();
        assert_eq!(ids.len(), table.rows().len(), "{name}");
    }
}

/// Types of entities and relations are those of the model's schema, joined as it allows.
#[test]
fn triples_obey_the_schema() {
    let schema =
        dossier::config::Schema::load(&crate::support::model().join("schema.toml")).unwrap();
    for row in table("triples.csv").rows() {
        assert!(
            schema.relation(row.get("relation")).is_some(),
            "{}",
            row.get("relation")
        );
    }
}

#[test]
fn page_debris_gives_no_mention() {
    let texts = std::fs::read_to_string(samples_run().join("texts.jsonl")).unwrap();
    for debris in [
        "Leave a Reply",
        "Subscribe to our newsletter",
        "We use cookies",
        "Sign in",
    ] {
        assert!(!texts.contains(debris), "{debris}");
    }
}

#[test]
fn the_run_is_described() {
    let run = std::fs::read_to_string(samples_run().join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    assert_eq!(run["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run["model"]["name"], "news-en-fast");
    assert_eq!(run["model"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(run["totals"]["documents"]["failed"], 0);
    assert_eq!(run["totals"]["triples"], table("triples.csv").rows().len());
    assert_eq!(
        run["totals"]["entities"],
        table("entities.csv").rows().len()
    );
    assert!(run["seconds_by_stage"]["write"].is_number());
}
