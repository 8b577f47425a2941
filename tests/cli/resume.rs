use predicates::str::contains;

use crate::support::Workplace;

#[test]
fn without_a_stopped_run_there_is_nothing_to_resume() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let refused = "no stopped run: start it without --resume";
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains(refused));
    // A finished run is no stopped one.
    place.extract(&[]).success();
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains(refused));
}

/// Ctrl-C stops at a document boundary; going on gives what one run would have given.
#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on() {
    let place = Workplace::new();
    let sentence = "Ana Lee met Bo Cho in Rome.";
    for n in 0..3000 {
        place.input(&format!("{n:04}.txt"), sentence);
    }
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_dossier"))
        .current_dir(place.path())
        .args([
            "extract",
            "in",
            "-o",
            "out",
            "--threads",
            "1",
            "--quiet",
            "--model",
        ])
        .arg(crate::support::model())
        .spawn()
        .unwrap();
    let journal = place.out().join(".dossier/journal.jsonl");
    while std::fs::metadata(&journal).map_or(0, |m| m.len()) < 1000 {
        assert!(program.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &program.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    assert_eq!(program.wait().unwrap().code(), Some(1));
    let done = std::fs::read_to_string(&journal).unwrap().lines().count();
    assert!((1..3000).contains(&done), "{done} documents were done");
    assert!(!place.out().join("triples.csv").exists());
    place.extract(&["--resume"]).success();
    assert_eq!(place.table("documents.csv").rows().len(), 3000);
    assert!(!journal.exists());
}
