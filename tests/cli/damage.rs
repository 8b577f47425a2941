//! Inputs that cannot be read: the run goes on, each has its row, and the exit code tells.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, gzip};

/// A folder with one good article among many bad inputs.
fn damaged() -> Workplace {
    let place = Workplace::new();
    place.input("good.txt", "Ana Lee met Bo Cho in Rome.");
    place.input("empty.txt", "");
    place.input("broken.pdf", "%PDF-1.4 nothing more");
    place.input("broken.json", "{\"text\": ");
    place.input(
        "lines.jsonl",
        "{\"text\":\"Ana Lee left Rome.\"}\n{broken\n",
    );
    place.input("columns.csv", "a,b\n1,2\n");
    place.input("photo.jpg", [0xff, 0xd8, 0xff, 0xe0]);
    let whole = gzip("Bo Cho stayed in Rome. ".repeat(500).as_bytes());
    place.input("cut.txt.gz", &whole[..whole.len() / 2]);
    place
}

#[test]
fn every_bad_input_has_its_row_and_its_reason() {
    let place = damaged();
    place
        .extract(&[])
        .code(3)
        .stderr(contains("failed").and(contains("documents.csv")));
    let documents = place.table("documents.csv");
    for (id, status, reason) in [
        ("good.txt", "ok", ""),
        ("empty.txt", "empty", "no text"),
        ("broken.pdf", "failed", "damaged"),
        ("broken.json", "failed", "no JSON"),
        ("lines.jsonl:1", "ok", ""),
        ("lines.jsonl:2", "failed", "no JSON"),
        ("columns.csv", "failed", "--text-field"),
        ("photo.jpg", "failed", ".jpg"),
        ("cut.txt", "failed", "cannot be read"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), status, "{id}");
        assert!(
            row.get("message").contains(reason),
            "{id}: {}",
            row.get("message")
        );
    }
    assert_eq!(documents.rows().len(), 9);
}

#[test]
fn fail_fast_ends_at_the_first_bad_input() {
    damaged()
        .extract(&["--fail-fast"])
        .code(1)
        .stderr(contains("broken.json"));
}

#[test]
fn lines_and_rows_have_a_limit() {
    let place = Workplace::new();
    let good = "{\"text\":\"Ana Lee left Rome.\"}\n";
    let long = "x".repeat(2 << 20);
    place.input("lines.jsonl", format!("{{\"text\":\"{long}\"}}\n{good}"));
    place.input(
        "rows.csv",
        format!("id,text\n1,Ana Lee left Rome.\n2,\"{long}\n"),
    );
    place.extract(&["--max-article-mb", "1"]).code(3);
    let documents = place.table("documents.csv");
    for (id, status) in [
        ("lines.jsonl:1", "failed"),
        ("lines.jsonl:2", "ok"),
        ("1", "ok"),
        ("rows.csv:3", "failed"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), status, "{id}");
        let limited = row.get("message").contains("--max-article-mb");
        assert_eq!(limited, status == "failed", "{id}");
    }
    assert_eq!(documents.rows().len(), 4);
}

#[cfg(unix)]
#[test]
fn links_to_nothing_in_circles_and_pipes_are_no_trap() {
    let place = Workplace::new();
    let article = place.input("sub/a.txt", "Ana Lee met Bo Cho in Rome.");
    let folder = article.parent().unwrap();
    std::os::unix::fs::symlink(place.path().join("in"), folder.join("circle")).unwrap();
    std::os::unix::fs::symlink("nothing", folder.join("dangling.txt")).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("pipe.txt"))
        .status();
    assert!(made.unwrap().success());
    place.extract(&[]).code(3);
    let documents = place.table("documents.csv");
    assert_eq!(documents.row("doc_id", "sub/a.txt").get("status"), "ok");
    for (id, reason) in [
        ("sub/dangling.txt", "a link to nothing"),
        ("sub/pipe.txt", "neither a file nor a folder"),
    ] {
        let row = documents.row("doc_id", id);
        assert_eq!(row.get("status"), "failed");
        assert!(row.get("message").contains(reason), "{id}");
    }
    assert_eq!(documents.rows().len(), 3);
}

#[test]
fn a_folder_without_articles_gives_empty_tables() {
    let place = Workplace::new();
    place.input(".hidden.txt", "Ana Lee met Bo Cho.");
    place.extract(&[]).success();
    for name in ["documents", "triples", "mentions", "entities", "edges"] {
        let table = place.table(&format!("{name}.csv"));
        assert!(table.header.len() > 5 && table.rows().is_empty(), "{name}");
    }
}
