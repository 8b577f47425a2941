use std::process::Stdio;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, dossier, model, repository};

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &[][..],
        &["extrac"],
        &["extract"],
        &["extract", "data/samples"],
        &["extract", "data/samples", "-o", "x", "--no-such-flag"],
        &["extract", "data/samples", "-o", "x", "--threads", "0"],
        &["extract", "data/samples", "-o", "x", "--threads", "many"],
        &[
            "extract",
            "data/samples",
            "-o",
            "x",
            "--min-confidence",
            "2",
        ],
        &["extract", "data/samples", "-o", "x", "--status", "rumoured"],
        &[
            "extract",
            "data/samples",
            "-o",
            "x",
            "--format-hint",
            "docx",
        ],
        &["extract", "data/samples", "-o", "x", "--precision", "fp8"],
        &[
            "train",
            "everything",
            "--data",
            "data/samples.jsonl",
            "-o",
            "x",
        ],
        &["eval"],
    ] {
        dossier().args(arguments).assert().code(2);
    }
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    place
        .extract(&["--relations", "meets,befriends"])
        .code(2)
        .stderr(contains("befriends").and(contains("meets")));
    place
        .command(&["in", "nowhere"], &[])
        .assert()
        .code(2)
        .stderr(contains("nowhere: no such file or folder"));
    assert!(!place.out().exists());
}

#[test]
fn a_missing_model_is_told_with_what_a_model_is() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    dossier()
        .current_dir(place.path())
        .args(["extract", "in", "-o", "out", "--model", "no-such-model"])
        .assert()
        .code(2)
        .stderr(contains("no-such-model").and(contains("model.safetensors")));
}

/// Whoever reads the output may stop reading, like `head`; that is no failure.
#[test]
fn a_broken_pipe_is_exit_code_0() {
    for flags in [&["--json"][..], &[]] {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"))
            .current_dir(repository())
            .args(["eval", "--threads", "1", "--gold-mentions", "--model"])
            .arg(model())
            .args(["--data", "data/samples.jsonl"])
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(program.stdout.take());
        let done = program.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{flags:?}: {told}");
    }
}

#[test]
fn nobody_need_listen_to_the_messages() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"))
        .current_dir(place.path())
        .args(["extract", "in", "-o", "out", "--threads", "1", "--model"])
        .arg(model())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stderr.take());
    assert_eq!(program.wait().unwrap().code(), Some(0));
    assert!(place.out().join("triples.csv").is_file());
}

#[test]
fn quiet_says_nothing() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    place.extract(&["--quiet"]).success().stdout("").stderr("");
}

#[test]
fn the_summary_tells_where_the_spreadsheet_is() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    place
        .extract(&[])
        .success()
        .stdout("")
        .stderr(contains("documents: 1 read").and(contains("out/triples.csv")));
}

#[test]
fn a_folder_is_not_read_and_written_at_once() {
    let place = Workplace::new();
    let article = place.input("a.txt", "Ana met Bo.");
    let into = |input: &str, output: &str| {
        let mut command = dossier();
        command
            .current_dir(place.path())
            .args(["extract", input, "-o", output, "--model"])
            .arg(model());
        command.assert()
    };
    for input in ["in", "in/", "in/../in/.", article.to_str().unwrap()] {
        into(input, "in")
            .code(2)
            .stderr(contains("name another folder with -o"));
    }
    let left = std::fs::read_dir(place.path().join("in")).unwrap().count();
    assert_eq!(left, 1);
}

#[test]
fn what_an_earlier_run_wrote_is_no_article() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let into = |output: &str| {
        let mut command = dossier();
        command
            .current_dir(place.path())
            .args(["extract", "in", "-o", output, "--model"])
            .arg(model());
        command.assert()
    };
    into("in/first").success();
    into("in/second")
        .success()
        .stderr(contains("passed over").and(contains("in/first")));
    let documents = std::fs::read_to_string(place.path().join("in/second/documents.csv")).unwrap();
    assert_eq!(documents.lines().count(), 2, "{documents}");
}

/// Where names of files may be any bytes.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_are_read() {
    use std::os::unix::ffi::OsStrExt;
    let place = Workplace::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(place.path().join(name), "Ana Lee met Bo Cho in Rome.").unwrap();
    place.command(&[], &[]).arg(name).assert().success();
    let run = std::fs::read_to_string(place.out().join("run.json")).unwrap();
    assert!(run.contains("caf\u{fffd}.txt"), "{run}");
}

#[test]
fn a_table_that_cannot_be_read_has_no_verdicts() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place.extract(&[]).success();
    let path = place.out().join("triples.csv");
    for content in [&b""[..], &[0xff, 0xfe, 0, 1]] {
        std::fs::write(&path, content).unwrap();
        place.extract(&[]).success();
        assert!(std::fs::read(&path).unwrap().starts_with(b"triple_id"));
    }
    // Below a header with verdicts there may be some.
    std::fs::write(&path, b"verdict,relation\n,meets\n,\xff\n").unwrap();
    place.extract(&[]).code(1).stderr(contains("not UTF-8"));
}

#[test]
fn a_table_with_verdicts_is_not_written_over() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place.extract(&[]).success();
    let path = place.out().join("triples.csv");
    let judged = "verdict,relation\nok,meets\n";
    std::fs::write(&path, judged).unwrap();
    place
        .extract(&[])
        .code(2)
        .stderr(contains("has verdicts").and(contains("-o")));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), judged);
}
