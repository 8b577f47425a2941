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
    let rows = review.rows();
    let (mut held, mut denied, mut untouched) = (Vec::new(), Vec::new(), Vec::new());
    for (n, row) in rows.iter().enumerate() {
        let mut instead = key(row);
        match n % 4 {
            0 => held.push(key(row)),
            1 => denied.push(key(row)),
            2 => {
                denied.push(key(row));
                instead[2] = other_relation(row.get("allowed"));
                held.push(instead);
            }
            _ => untouched.push(key(row)),
        }
    }
    let before = confidences(&read_table(&samples_run().join("triples.csv")));
    let triples = place.table("triples.csv");
    let after = confidences(&triples);
    for key in &held {
        assert_eq!(after.get(key).map(String::as_str), Some("1.000"), "{key:?}");
    }
    for key in denied.iter().filter(|key| !held.contains(key)) {
        assert!(!after.contains_key(key), "{key:?}");
    }
    let judged = |key: &[String; 4]| held.contains(key) || denied.contains(key);
    for key in untouched.iter().filter(|key| !judged(key)) {
        assert_eq!(after.get(key), before.get(key), "{key:?}");
    }
    // The other tables are of the same triples.
    let edges = place.table("edges.csv");
    let certain = edges
        .rows()
        .iter()
        .filter(|e| e.get("max_confidence") == "1.000")
        .count();
    assert!(certain > 0 && certain <= held.len());
    // Nobody is asked for a verdict twice.
    let asked = place.table("review.csv");
    let unsure = after.into_iter().filter(|(_, c)| c != "1.000");
    assert_eq!(confidences(&asked), unsure.collect());
    let run: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.out().join("run.json")).unwrap()).unwrap();
    let told = &run["totals"]["verdicts"];
    let count = |what: &str| told[what].as_u64().unwrap() as usize;
    assert_eq!(
        count("confirmed") + count("changed") + count("added"),
        held.len()
    );
    assert_eq!(count("not_found"), 0);
}

#[test]
fn filters_and_earlier_rounds_go_with_verdicts() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome on Monday.");
    let row = |verdict: &str, status: &str| {
        format!(
            "verdict,doc_id,relation,status,sentence,subject_mention,object_mention\n\
             {verdict},a.txt,meets,{status},Ana Lee met Bo Cho in Rome on Monday.,Ana Lee,Bo Cho\n"
        )
    };
    std::fs::write(place.path().join("first.csv"), row("wrong", "asserted")).unwrap();
    std::fs::write(place.path().join("second.csv"), row("ok", "negated")).unwrap();
    let meetings = |flags: &[&str]| {
        place.extract(flags).success();
        let triples = place.table("triples.csv");
        let of = |r: &Row| [r.get("status"), r.get("confidence")].map(str::to_string);
        let rows = triples.rows();
        let meets = rows.iter().filter(|r| r.get("relation") == "meets");
        meets.map(of).collect::<Vec<_>>()
    };
    let (first, second) = (["--verdicts", "first.csv"], ["--verdicts", "second.csv"]);
    assert!(meetings(&first).is_empty());
    let both = meetings(&[first, second].concat());
    assert_eq!(both, [["negated".to_string(), "1.000".to_string()]]);
    assert!(meetings(&[second, first].concat()).is_empty());
    assert!(meetings(&[&second[..], &["--status", "asserted"]].concat()).is_empty());
    assert_eq!(
        meetings(&[&second[..], &["--min-confidence", "1"]].concat()).len(),
        1
    );
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
        .stderr(contains("of names not found in these articles"));
}

#[test]
fn a_table_without_verdicts_is_refused_before_anything_is_read() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let path = samples_run().join("triples.csv");
    place
        .extract(&["--verdicts", path.to_str().unwrap()])
        .code(1)
        .stderr(contains("triples.csv: has no column"));
    assert!(!place.out().exists());
    place
        .extract(&["--verdicts", "nowhere.csv"])
        .code(2)
        .stderr(contains("nowhere.csv: no such file"));
}
