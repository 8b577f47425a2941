//! What a newcomer mistypes or mistakes, and what the program says to it.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, dossier, model, repository};

/// What is not there, or a file for a folder, or a folder for a file, is wrong usage in all commands.
#[test]
fn wrong_paths_are_wrong_usage_everywhere() {
    let place = Workplace::new();
    let article = place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let article = article.to_str().unwrap();
    let samples = repository().join("data/samples.jsonl");
    let samples = samples.to_str().unwrap();
    let model = model();
    let model = model.to_str().unwrap();
    let below = format!("{article}/x");
    let below = below.as_str();
    for arguments in [
        &["extract", "nowhere", "-o", "out"][..],
        &["extract", "in", "-o", article],
        &["extract", "in", "-o", below],
        &["extract", "in", "-o", "out", "--aliases", "nowhere"],
        &["extract", "in", "-o", "out", "--aliases", "in"],
        &["extract", "in", "-o", "out", "--ner-model", "nowhere"],
        &["extract", "in", "-o", "out", "--ner-model", article],
        &["extract", "in", "-o", "out", "--model", article],
        &["extract", "in", "-o", "out", "--model", "in"],
        &[
            "train", "all", "--data", "nowhere", "-o", "m", "--base", model,
        ],
        &[
            "train", "all", "--data", samples, "-o", article, "--base", model,
        ],
        &[
            "train", "all", "--data", samples, "-o", below, "--base", model,
        ],
        &["train", "all", "--data", samples, "-o", "m", "--base", "in"],
        &[
            "train", "all", "--data", samples, "-o", "m", "--schema", "in",
        ],
        &[
            "train", "all", "--data", samples, "-o", "m", "--dev", "nowhere",
        ],
        &["eval", "--data", "in", "--model", model],
        &["train", "all", "--reviewed", "nowhere", "-o", "m"],
        &["train", "all", "--reviewed", "in", "-o", "m"],
        &["eval", "--data", "nowhere", "--model", model],
        &["eval", "--coref", "nowhere", "--model", model],
        &["eval", "--coref", "in", "--model", model],
        &[
            "eval",
            "--data",
            samples,
            "--predictions",
            "in",
            "--model",
            model,
        ],
        &[
            "eval",
            "--data",
            samples,
            "--predictions",
            below,
            "--model",
            model,
        ],
        &["eval", "--data", samples, "--model", "in"],
        &["model", "show", "nowhere"],
        &["model", "show", article],
        &["model", "show", "in"],
        &["model", "check", "nowhere"],
        &["model", "pack", "nowhere", "-o", "m"],
        &["model", "pack", model, "-o", article],
        &[
            "entities",
            "merge",
            "a",
            "b",
            "--type",
            "PER",
            "--aliases",
            "in",
        ],
        &[
            "entities",
            "split",
            "a",
            "--type",
            "PER",
            "--aliases",
            "nowhere/a.csv",
        ],
        &["export", "nowhere", "--format", "xlsx"],
        &["report", article],
        &["review", "in"],
        &["diff", "in", "nowhere"],
    ] {
        let done = dossier()
            .current_dir(place.path())
            .args(arguments)
            .assert()
            .code(2);
        let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert_eq!(told.lines().count(), 1, "{arguments:?}: {told}");
        assert!(!told.contains("os error"), "{arguments:?}: {told}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_mistyped_name_is_answered_with_the_one_that_was_meant() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    for (flags, meant) in [
        (&["--relations", "meets,acuses"][..], "accuses"),
        (&["--status", "asertd"], "asserted"),
        (&["--aliases", "in/b.txt"], "a.txt"),
    ] {
        place
            .extract(flags)
            .code(2)
            .stderr(contains(format!("(did you mean {meant}?)")));
    }
    dossier()
        .current_dir(place.path())
        .args(["extract", "in", "-o", "out", "--model"])
        .arg(repository().join("models/news-en-fats"))
        .assert()
        .code(2)
        .stderr(contains("(did you mean news-en-fast?)"));
}

/// A model takes seconds to load. One that cannot be loaded tells whether that was tried.
#[test]
fn paths_and_names_are_looked_at_before_the_model_is_loaded() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    let broken = place.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    for name in ["config.json", "schema.toml"] {
        std::fs::copy(model().join(name), broken.join(name)).unwrap();
    }
    let with = |inputs: &[&str], flags: &[&str]| {
        let mut command = dossier();
        command
            .current_dir(place.path())
            .args(["extract", "-o", "out", "--model", "broken"])
            .args(inputs)
            .args(flags);
        command.assert()
    };
    with(&["in"], &[]).code(1);
    with(&["in", "nowhere"], &[]).code(2);
    with(&["in"], &["--aliases", "nowhere"]).code(2);
    with(&["in"], &["--relations", "befriends"]).code(2);
}

#[test]
fn what_samples_can_be_named_by_is_told() {
    dossier()
        .args(["train", "relations", "-o", "x"])
        .assert()
        .code(2)
        .stderr(contains("--data").and(contains("--reviewed")));
}

#[test]
fn a_workbook_is_told_how_it_becomes_a_table() {
    let place = Workplace::new();
    let path = place.path().join("run.xlsx");
    std::fs::write(&path, b"PK\x03\x04\x14\0\x06\0\x08\0").unwrap();
    for flag in ["--reviewed", "--data"] {
        let mut command = dossier();
        command.args(["train", "relations", flag]).arg(&path);
        command
            .args(["--base".as_ref(), model().as_os_str()])
            .args(["-o".as_ref(), place.out().as_os_str()])
            .assert()
            .code(1)
            .stderr(contains("run.xlsx").and(contains("CSV UTF-8")));
    }
}

#[test]
fn a_model_is_shown_as_a_page_and_as_json() {
    let show = |flags: &[&str]| {
        let mut command = dossier();
        command.args(["model", "show"]).arg(model()).args(flags);
        let done = command.assert().success();
        String::from_utf8(done.get_output().stdout.clone()).unwrap()
    };
    let page = show(&[]);
    assert!(
        page.starts_with("news-en-fast\nReads English news"),
        "{page}"
    );
    for part in [
        "encoder ",
        " MB, weights in ",
        "entity types, 4: PER",
        "  accuses ",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let about: serde_json::Value = serde_json::from_str(&show(&["--json"])).unwrap();
    assert_eq!(about["name"], "news-en-fast");
    assert_eq!(about["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(about["entity_types"].as_array().unwrap().len(), 4);
    assert!(about["threshold"].is_number());
}

#[test]
fn what_may_be_wrong_in_a_table_of_aliases_is_told() {
    let place = Workplace::new();
    place.input("a.txt", "Ana met Bo.");
    let with = |text: &str| {
        std::fs::write(place.path().join("aliases.csv"), text).unwrap();
        place.extract(&["--aliases", "aliases.csv"])
    };
    with("alias,canonical,type\nA,B,PRE\n")
        .success()
        .stderr(contains("aliases.csv:2: \"PRE\"").and(contains("(did you mean PER?)")));
    with("alias,canonical,type\nA,B,PER\nB,A,PER\n")
        .code(1)
        .stderr(contains("aliases.csv:3: leads in a circle: B -> A -> B"));
}
