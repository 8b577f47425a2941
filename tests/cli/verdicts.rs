//! What a person said of triples goes before what the model says.

use std::collections::BTreeMap;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, dossier, repository, samples_run};
use crate::table::{Row, Table, read_table};

/// Makes a review of the run over the samples and fills its verdicts: of its rows in turn ok, wrong,
/// another relation, and nothing.
fn judged(path: &Path) -> Table {
    dossier()
        .args(["review", "-n", "24", "--quiet", "-o"])
        .arg(path)
        .arg(samples_run())
        .assert()
        .success();
    let review = read_table(path);
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_path(path)
        .unwrap();
    writer.write_record(&review.header).unwrap();
    for (n, row) in review.rows().iter().enumerate() {
        let cells = review.header.iter().map(|column| match column.as_str() {
            "verdict" => verdict(n, row),
            column => row.get(column).to_string(),
        });
        writer.write_record(cells).unwrap();
    }
    writer.flush().unwrap();
    review
}

fn verdict(n: usize, row: &Row) -> String {
    match n % 4 {
        0 => "ok".into(),
        1 => "Wrong".into(),
        2 => other_relation(row.get("allowed")),
        _ => String::new(),
    }
}

fn other_relation(allowed: &str) -> String {
    let (_, list) = allowed.split_once("one of: ").unwrap();
    list.split(' ').next().unwrap().to_string()
}

/// Document, subject, relation, object.
fn key(row: &Row) -> [String; 4] {
    ["doc_id", "subject_start", "relation", "object_start"].map(|c| row.get(c).to_string())
}

fn confidences(triples: &Table) -> BTreeMap<[String; 4], String> {
    let rows = triples.rows();
    let of = |row: &Row| (key(row), row.get("confidence").to_string());
    rows.iter().map(of).collect()
}

#[test]
fn triples_that_were_judged_are_as_the_person_said() {
    let place = Workplace::new();
    let path = place.path().join("review.csv");
    let review = judged(&path);
    let samples = repository().join("data/samples");
    place
        .command(
            &[samples.to_str().unwrap()],
            &["--verdicts", path.to_str().unwrap(), "--review", "999"],
        )
        .assert()
        .success()
        .stderr(contains("by your verdicts: "))
        .stderr(contains("not found").not());
    let mut expected = confidences(&read_table(&samples_run().join("triples.csv")));
    for (n, row) in review.rows().iter().enumerate() {
        let mut key = key(row);
        match n % 4 {
            3 => continue,
            0 => {}
            _ => assert!(expected.remove(&key).is_some()),
        }
        if n % 4 == 2 {
            key[2] = other_relation(row.get("allowed"));
        }
        if n % 4 != 1 {
            expected.insert(key, "1.000".into());
        }
    }
    let triples = place.table("triples.csv");
    assert_eq!(confidences(&triples), expected);
    let edges = place.table("edges.csv");
    let edges: usize = edges.rows().iter().map(|e| e.number("triples")).sum();
    assert_eq!(edges, triples.rows().len());
    // Nobody is asked for a verdict twice.
    let asked = place.table("review.csv");
    let unsure = expected.into_iter().filter(|(_, c)| c != "1.000");
    assert_eq!(confidences(&asked), unsure.collect());
}

#[test]
fn verdicts_on_other_articles_are_told() {
    let place = Workplace::new();
    let path = place.path().join("review.csv");
    judged(&path);
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place
        .extract(&["--verdicts", path.to_str().unwrap()])
        .success()
        .stderr(contains("of names that you judged not found"));
}

#[test]
fn a_table_without_verdicts_is_refused_before_anything_is_read() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let path = samples_run().join("triples.csv");
    place
        .extract(&["--verdicts", path.to_str().unwrap()])
        .failure()
        .stderr(contains("verdict"));
    assert!(!place.out().exists());
    place
        .extract(&["--verdicts", "nowhere.csv"])
        .code(2)
        .stderr(contains("nowhere.csv: no such file"));
}
