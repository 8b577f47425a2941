//! Nothing that a user has is written over, or mixed with what the program writes, unasked.

use std::path::Path;
use std::process::Command;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, dossier, model, repository};

/// A folder with a finished run of one article.
fn with_run() -> Workplace {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place.extract(&["--quiet"]).success();
    place
}

/// The program with these arguments, in the folder.
fn run(place: &Workplace, arguments: &str) -> assert_cmd::assert::Assert {
    let mut command = dossier();
    command.current_dir(place.path());
    command.args(arguments.split(' ')).assert()
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn a_run_has_a_folder_of_its_own() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    std::fs::create_dir(place.out()).unwrap();
    let mine = place.out().join("entities.csv");
    std::fs::write(&mine, "mine").unwrap();
    place
        .extract(&[])
        .code(2)
        .stderr(contains("holds entities.csv").and(contains("out/out")));
    assert_eq!(read(&mine), b"mine");
    assert_eq!(std::fs::read_dir(place.out()).unwrap().count(), 1);
}

#[test]
fn what_people_put_into_a_run_stays_and_is_told_when_it_is_of_an_earlier_run() {
    let place = with_run();
    let kept = ["notes.txt", "report.html", "run.xlsx", "review.csv"];
    for name in kept {
        std::fs::write(place.out().join(name), "verdict\nok\n").unwrap();
    }
    place.extract(&[]).success().stderr(
        contains("report.html, review.csv, run.xlsx in out were made from an earlier run")
            .and(contains("notes.txt").not()),
    );
    for name in kept {
        assert_eq!(read(&place.out().join(name)), b"verdict\nok\n", "{name}");
    }
    // It has verdicts, and would be written anew.
    place.extract(&["--review", "5"]).code(2);
    std::fs::remove_file(place.out().join("review.csv")).unwrap();
    place
        .extract(&["--review", "5"])
        .success()
        .stderr(contains("report.html, run.xlsx in out were made"));
}

#[test]
fn the_tables_of_a_run_are_never_written_over() {
    let place = with_run();
    for name in ["triples.csv", "entities.csv", "run.json", "texts.jsonl"] {
        let before = read(&place.out().join(name));
        for command in [
            "review out",
            "report out",
            "diff out out",
            "export out --format gexf",
        ] {
            for output in [format!("out/{name}"), format!("in/../out/./{name}")] {
                run(&place, &format!("{command} --replace -o {output}"))
                    .code(2)
                    .stderr(contains("a table of a run"));
            }
        }
        assert_eq!(read(&place.out().join(name)), before, "{name}");
    }
    run(&place, "export out --format neo4j --replace -o out").code(2);
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_asked() {
    let place = with_run();
    let mine = place.path().join("mine");
    for command in [
        "review out",
        "report out",
        "diff out out",
        "export out --format ftm",
        "export out --format xlsx",
    ] {
        std::fs::write(&mine, "mine").unwrap();
        run(&place, &format!("{command} -o mine"))
            .code(2)
            .stderr(contains("mine: is there already").and(contains("--replace")));
        assert_eq!(read(&mine), b"mine", "{command}");
        run(&place, &format!("{command} -o mine --replace")).success();
        assert_ne!(read(&mine), b"mine", "{command}");
    }
    // Their own files under the usual names need no asking, but for what may have verdicts.
    for command in ["review out", "report out", "export out --format gexf"] {
        run(&place, command).success();
        run(&place, command).success();
    }
    run(&place, "export out --format xlsx").success();
    run(&place, "export out --format xlsx")
        .code(2)
        .stderr(contains("may hold verdicts"));
    run(&place, "export out --format xlsx --replace").success();
}

#[test]
fn predictions_are_not_written_over_samples() {
    let place = Workplace::new();
    let samples = std::fs::read_to_string(repository().join("data/samples.jsonl")).unwrap();
    let two: Vec<&str> = samples.lines().take(2).collect();
    let gold = place.path().join("gold.jsonl");
    let other = place.path().join("other.jsonl");
    for path in [&gold, &other] {
        std::fs::write(path, two.join("\n")).unwrap();
    }
    let before = read(&gold);
    let eval = |flags: &str| {
        let mut command = dossier();
        command.current_dir(place.path());
        command.args(["eval", "--data", "gold.jsonl", "--threads", "1", "--model"]);
        command.arg(model()).args(flags.split(' ')).assert()
    };
    eval("--replace --predictions ./gold.jsonl")
        .code(2)
        .stderr(contains("among what is read"));
    eval("--predictions other.jsonl")
        .code(2)
        .stderr(contains("--replace"));
    assert!(read(&gold) == before && read(&other) == before);
    #[cfg(unix)]
    eval("--replace --predictions /dev/null")
        .code(2)
        .stderr(contains("no regular file"));
    eval("--replace --predictions other.jsonl").success();
    assert_ne!(read(&other), before);
}

#[test]
fn a_model_is_packed_only_where_nothing_is_lost() {
    let place = with_run();
    let pack = |flags: &str| {
        let mut command = dossier();
        command.current_dir(place.path()).args(["model", "pack"]);
        command.arg(model()).args(flags.split(' ')).assert()
    };
    let before = read(&place.out().join("triples.csv"));
    for output in ["out", "in/../out/."] {
        pack(&format!("--replace -o {output}"))
            .code(2)
            .stderr(contains("folder of a run or a model"));
    }
    assert_eq!(read(&place.out().join("triples.csv")), before);
    let mine = place.path().join("mine");
    std::fs::create_dir(&mine).unwrap();
    for name in ["config.json", "notes.txt"] {
        std::fs::write(mine.join(name), "mine").unwrap();
    }
    pack("-o mine")
        .code(2)
        .stderr(contains("mine: holds files already").and(contains("--replace")));
    assert_eq!(read(&mine.join("config.json")), b"mine");
    pack("-o mine --replace").success();
    assert_eq!(read(&mine.join("notes.txt")), b"mine");
    assert_eq!(std::fs::read_dir(&mine).unwrap().count(), 6);
    run(&place, "model check mine").success();
    // Now it is a model, which is never written over, nor into.
    let weights = read(&mine.join("model.safetensors"));
    pack("-o mine --replace --weights fp32").code(2);
    run(&place, "model pack mine -o mine --replace").code(2);
    run(&place, "model pack mine -o mine/new")
        .code(2)
        .stderr(contains("among what is read"));
    assert!(read(&mine.join("model.safetensors")) == weights && !mine.join("new").exists());
}

/// A run that was killed after some documents keeps them until somebody gives them up.
#[test]
fn a_stopped_run_is_not_begun_again_unasked() {
    let place = Workplace::new();
    for n in 0..2000 {
        place.input(&format!("{n:04}.txt"), "Ana Lee met Bo Cho in Rome.");
    }
    let (program, journal) = crate::resume::begun(&place);
    let mut program = program;
    program.kill().unwrap();
    program.wait().unwrap();
    let before = read(&journal);
    place.extract(&[]).code(2).stderr(
        contains("was stopped after")
            .and(contains("of 2000 documents"))
            .and(contains("--resume").and(contains("--restart"))),
    );
    assert!(read(&journal) == before);
    place.extract(&["--restart", "--quiet"]).success();
    assert_eq!(place.table("documents.csv").rows().len(), 2000);
}

/// A model folder without links to it, as a stopped training leaves it after some epochs.
#[cfg(unix)]
fn unfinished_model(place: &Workplace, with_model: bool, best_epoch: usize) {
    let folder = place.path().join("mine");
    std::fs::create_dir_all(folder.join(".checkpoint")).unwrap();
    let position = format!("{{\"step\":9,\"epoch\":2,\"best_epoch\":{best_epoch}}}");
    std::fs::write(folder.join(".checkpoint/position.json"), position).unwrap();
    if with_model {
        let made = Command::new("sh")
            .args(["-c", "ln -s \"$0\"/* mine/"])
            .arg(model())
            .current_dir(place.path())
            .status();
        assert!(made.unwrap().success());
    }
}

#[cfg(unix)]
#[test]
fn a_stopped_training_is_told_from_a_model() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let commands = [
        "extract in -o out --threads 1 --model mine",
        "model show mine",
        "model check mine",
    ];
    unfinished_model(&place, false, 0);
    for command in commands {
        run(&place, command)
            .code(2)
            .stderr(contains("is not finished").and(contains("--resume")));
    }
    unfinished_model(&place, true, 1);
    for command in commands {
        run(&place, command).success().stderr(
            contains("is not finished")
                .and(contains("epoch 1) and can be used"))
                .and(contains("--resume")),
        );
    }
}
