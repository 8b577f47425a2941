//! What the flags of extract leave out and change.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::{Workplace, repository, samples_run};
use crate::table::{Row, Table, read_table};

/// What makes a triple that triple, whatever its number.
fn key(row: &Row) -> Vec<String> {
    [
        "doc_id",
        "sentence_id",
        "subject_start",
        "relation",
        "object_start",
        "status",
        "subject_id",
        "object_id",
    ]
    .map(|column| row.get(column).to_string())
    .to_vec()
}

fn keys(table: &Table, wanted: impl Fn(&Row) -> bool) -> BTreeSet<Vec<String>> {
    table
        .rows()
        .iter()
        .filter(|row| wanted(row))
        .map(key)
        .collect()
}

/// The triples of the samples, extracted with these flags.
fn extracted(flags: &[&str]) -> Table {
    let place = Workplace::new();
    let samples = repository().join("data/samples");
    place
        .command(&[samples.to_str().unwrap()], flags)
        .assert()
        .success();
    place.table("triples.csv")
}

fn unfiltered() -> Table {
    read_table(&samples_run().join("triples.csv"))
}

#[test]
fn relations() {
    let all = unfiltered();
    let common = most_common(&all, "relation");
    let some = extracted(&["--relations", &format!("{common},concedes_to")]);
    let wanted = |row: &Row| [common.as_str(), "concedes_to"].contains(&row.get("relation"));
    assert_eq!(keys(&some, |_| true), keys(&all, wanted));
    assert!(!some.rows().is_empty());
}

#[test]
fn statuses() {
    let all = unfiltered();
    let some = extracted(&["--status", "asserted,claimed"]);
    let wanted = |row: &Row| ["asserted", "claimed"].contains(&row.get("status"));
    assert_eq!(keys(&some, |_| true), keys(&all, wanted));
    assert!(!some.rows().is_empty());
}

#[test]
fn confidence() {
    let confidence = |row: &Row| row.get("confidence").parse::<f64>().unwrap();
    let all = unfiltered();
    let rows = all.rows();
    assert!(!rows.is_empty());
    let highest = rows.iter().map(&confidence).fold(0.0, f64::max);
    let bound = format!("{:.2}", highest - 0.02);
    let some = extracted(&["--min-confidence", &bound]);
    assert!(!some.rows().is_empty() && some.rows().len() <= rows.len());
    for row in some.rows() {
        assert!(confidence(&row) >= bound.parse::<f64>().unwrap() - 0.0005);
    }
}

fn most_common(table: &Table, column: &str) -> String {
    let rows = table.rows();
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for row in &rows {
        *counts.entry(row.get(column)).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.expect("the model finds no triples").0.to_string()
}

fn formula() -> Workplace {
    let place = Workplace::new();
    place.input(
        "a.csv",
        "id,title,text\n@1,=1+1,Ana Lee met Bo Cho in Rome.\n",
    );
    place
}

/// Spreadsheet programs run what starts with = + - @; a leading apostrophe makes it text.
#[test]
fn formulas_are_guarded() {
    let place = formula();
    place.extract(&[]).success();
    let documents = place.table("documents.csv");
    let row = documents.row("title", "'=1+1");
    assert_eq!(row.get("doc_id"), "'@1");
    // What programs read is never guarded.
    assert_eq!(place.texts()[0].0, "@1");
}

#[test]
fn raw_leaves_formulas() {
    let place = formula();
    place.extract(&["--raw"]).success();
    place.table("documents.csv").row("title", "=1+1");
}

#[test]
fn excel_gets_a_byte_order_mark() {
    let marked = |path: &Path| std::fs::read(path).unwrap().starts_with(b"\xef\xbb\xbf");
    let place = formula();
    place.extract(&["--excel"]).success();
    let tables = ["documents", "triples", "mentions", "entities", "edges"];
    for name in tables {
        assert!(marked(&place.out().join(format!("{name}.csv"))), "{name}");
    }
    assert!(!marked(&place.out().join("texts.jsonl")));
    place.extract(&[]).success();
    for name in tables {
        assert!(!marked(&place.out().join(format!("{name}.csv"))), "{name}");
    }
}

#[test]
fn texts_can_be_left_out() {
    let place = formula();
    place.extract(&["--no-texts"]).success();
    assert!(!place.out().join("texts.jsonl").exists());
}

#[test]
fn repeated_articles_are_told_and_passed_over() {
    let place = Workplace::new();
    let article = "Ana Lee met Bo Cho in Rome on Monday. ".repeat(9);
    place.input("a.txt", &article);
    place.input("b.txt", article.replace(". ", ".\n"));
    place.input("c.txt", "Ana Lee left Rome.");
    place.extract(&[]).success();
    let both = place.table("triples.csv").rows().len();
    place.extract(&["--dedup"]).success();
    let status = |row: &Row| {
        (
            row.get("status").to_string(),
            row.get("duplicate_of").to_string(),
        )
    };
    let told: Vec<_> = place
        .table("documents.csv")
        .rows()
        .iter()
        .map(status)
        .collect();
    let ok = || ("ok".to_string(), String::new());
    assert_eq!(told, [ok(), ("duplicate".into(), "a.txt".into()), ok()]);
    let once = place.table("triples.csv").rows().len();
    assert!(once < both, "{once} of {both}");
}
