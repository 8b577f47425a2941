//! What comes out of a run directory, by the program itself. `scripts/check-exports` reads the formats
//! with the libraries they are made for.

mod run;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use dossier::annotation::Coverage;

fn dossier(args: &[&str], folder: &Path) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("dossier").unwrap();
    command.args(args).current_dir(folder).assert()
}

fn folder_with_run() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run::write(&folder.path().join("run"));
    folder
}

#[test]
fn each_format_is_written_where_the_help_says() {
    let folder = folder_with_run();
    for format in dossier::share::FORMATS {
        dossier(&["export", "run", "--format", format.name], folder.path()).success();
        let output = folder.path().join("run").join(format.default_output);
        assert!(output.exists(), "{}", output.display());
        assert_eq!(output.is_dir(), format.default_output.ends_with('/'));
    }
    dossier(
        &["export", "run", "--format", "gexf", "-o", "new/g.gexf"],
        folder.path(),
    )
    .success();
    assert!(folder.path().join("new/g.gexf").is_file());
}

#[test]
fn a_workbook_begins_with_the_review_if_there_is_one() {
    let folder = folder_with_run();
    let sheets = || {
        let export = ["export", "run", "--format", "xlsx", "--replace"];
        dossier(&export, folder.path()).success();
        let bytes = fs::read(folder.path().join("run/run.xlsx")).unwrap();
        assert_eq!(&bytes[..2], b"PK");
        bytes.len()
    };
    let without = sheets();
    dossier(&["review", "run"], folder.path()).success();
    assert!(sheets() > without);
}

#[test]
fn json_lines_have_typed_values_and_no_guard() {
    let folder = folder_with_run();
    dossier(
        &["export", "run", "--format", "jsonl", "-o", "j"],
        folder.path(),
    )
    .success();
    let text = fs::read_to_string(folder.path().join("j/triples.jsonl")).unwrap();
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["title"], "=Iran <b>&amp; Oman</b>");
    assert_eq!(rows[0]["confidence"], 0.9);
    assert_eq!(rows[0]["date"], "2024-02-29");
    assert_eq!(rows[0]["subject_start"], 0);
    assert_eq!(rows[0]["trigger_start"], serde_json::Value::Null);
    assert_eq!(rows[2]["subject_mention"], "=Ana");
}

#[test]
fn rdf_asserts_only_what_the_articles_assert() {
    let folder = folder_with_run();
    dossier(
        &["export", "run", "--format", "ntriples", "-o", "r.nt"],
        folder.path(),
    )
    .success();
    let text = fs::read_to_string(folder.path().join("r.nt")).unwrap();
    assert!(
        text.lines()
            .all(|l| l.starts_with('<') && l.ends_with(" ."))
    );
    let direct: Vec<&str> = text
        .lines()
        .filter(|l| l.contains("> <urn:dossier:relation:"))
        .filter(|l| !l.contains("#predicate>"))
        .collect();
    assert_eq!(direct.len(), 1, "{direct:?}");
    assert!(direct[0].contains("relation:meets>"));
}

#[test]
fn a_page_holds_hostile_text_only_as_data() {
    let folder = folder_with_run();
    dossier(&["report", "run", "-o", "p.html"], folder.path()).success();
    let page = fs::read_to_string(folder.path().join("p.html")).unwrap();
    assert!(!page.contains("</script>Bank"));
    assert!(page.contains(r"\u003c/script>Bank"));
    let data = page
        .split_once("id=\"data\">")
        .unwrap()
        .1
        .split_once("</script>")
        .unwrap()
        .0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["triples"].as_array().unwrap().len(), 3);
    assert_eq!(data["totals"]["failed"], 1);
}

/// What a spreadsheet program makes of a review: the rows with the verdicts filled in.
fn reviewed(folder: &Path, separator: u8) -> String {
    let text = fs::read_to_string(folder.join("run/review.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut out = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let header = rows.headers().unwrap().clone();
    assert_eq!(header.get(0), Some("verdict"));
    out.write_record(&header).unwrap();
    let relation = header.iter().position(|c| c == "relation").unwrap();
    for row in rows.records() {
        let row = row.unwrap();
        assert_eq!(row.get(0), Some(""));
        let verdict = match &row[relation] {
            "meets" => "ok",
            "accuses" => "criticizes",
            _ => "wrong",
        };
        out.write_record([verdict].into_iter().chain(row.iter().skip(1)))
            .unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

#[test]
fn verdicts_come_back_from_every_kind_of_spreadsheet() {
    let folder = folder_with_run();
    dossier(&["review", "run", "-n", "10"], folder.path()).success();
    let semicolons = reviewed(folder.path(), b';');
    let commas = reviewed(folder.path(), b',');
    let (windows, _, lossy) = encoding_rs::WINDOWS_1252.encode(&semicolons);
    assert!(!lossy);
    let files: [(&str, Vec<u8>); 4] = [
        ("commas", commas.clone().into_bytes()),
        ("mark", format!("\u{feff}{commas}").into_bytes()),
        ("semicolons", semicolons.clone().into_bytes()),
        ("windows", windows.into_owned()),
    ];
    for (name, bytes) in files {
        let path = folder.path().join(format!("{name}.csv"));
        fs::write(&path, bytes).unwrap();
        let read = dossier::samples::read(&path, None).unwrap();
        assert!(read.skipped.is_empty(), "{name}: {:?}", read.skipped);
        let mut told: Vec<(String, &str, String, bool)> = Vec::new();
        for sample in &read.samples {
            assert_eq!(sample.relation_coverage, Coverage::Listed);
            let words = |m: usize| sample.mentions[m].span.of(&sample.text).to_owned();
            for r in &sample.relations {
                told.push((words(r.subject), r.label.as_str(), words(r.object), r.holds));
            }
        }
        told.sort();
        let wanted = [
            ("=Ana", "leads", "</script>Bank", false),
            ("Iran", "meets", "Oman", true),
            ("Müller & Söhne", "accuses", "Iran", false),
            ("Müller & Söhne", "criticizes", "Iran", true),
        ];
        let wanted = wanted.map(|(s, r, o, holds)| (s.to_owned(), r, o.to_owned(), holds));
        assert_eq!(told, wanted, "{name}");
    }
}

#[test]
fn verdicts_are_not_written_over() {
    let folder = folder_with_run();
    let review = folder.path().join("run/review.csv");
    dossier(&["review", "run", "-n", "2"], folder.path()).success();
    dossier(&["review", "run", "-n", "1"], folder.path()).success();
    fs::write(&review, reviewed(folder.path(), b';')).unwrap();
    let refused = dossier(&["review", "run"], folder.path()).code(2);
    let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(
        told.contains("has verdicts") && told.contains("--replace"),
        "{told}"
    );
    dossier(&["review", "run", "--replace"], folder.path()).success();
}

#[test]
fn the_difference_of_two_runs_is_a_table_and_a_summary() {
    let folder = folder_with_run();
    run::write(&folder.path().join("new"));
    let same = dossier(&["diff", "run", "new"], folder.path()).success();
    assert_eq!(
        same.get_output()
            .stdout
            .iter()
            .filter(|b| **b == b'\n')
            .count(),
        1
    );
    let triples = folder.path().join("new/triples.csv");
    let text = fs::read_to_string(&triples).unwrap();
    let kept: Vec<String> = text
        .lines()
        .filter(|l| !l.contains(",leads,"))
        .map(|l| l.replace(",claimed,", ",asserted,"))
        .collect();
    fs::write(&triples, kept.join("\n")).unwrap();
    let told = dossier(&["diff", "run", "new", "-o", "d.csv"], folder.path()).success();
    let summary = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(
        summary.contains("1 the same, 0 gained, 1 lost, 1 changed"),
        "{summary}"
    );
    let table = fs::read_to_string(folder.path().join("d.csv")).unwrap();
    assert!(
        table.lines().any(|l| l.starts_with("lost,,both,")),
        "{table}"
    );
    assert!(
        table.lines().any(|l| l.starts_with("changed,status,both,")),
        "{table}"
    );
}

#[test]
fn a_folder_that_is_no_run_is_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["export", ".", "--format", "xlsx"][..],
        &["export", "none", "--format", "ftm"],
        &["report", "."],
        &["review", "."],
        &["diff", ".", "."],
    ] {
        let refused = dossier(args, folder.path()).code(2);
        let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(told.contains("dossier extract"), "{told}");
    }
}

#[test]
fn a_run_that_did_not_end_is_refused_with_advice() {
    let folder = folder_with_run();
    run::write(&folder.path().join("whole"));
    fs::remove_file(folder.path().join("run/run.json")).unwrap();
    for args in [
        &["export", "run", "--format", "xlsx"][..],
        &["report", "run"],
        &["review", "run"],
        &["diff", "whole", "run"],
    ] {
        let refused = dossier(args, folder.path()).code(2);
        let told = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(
            told.contains("no run.json") && told.contains("--resume"),
            "{told}"
        );
    }
}
