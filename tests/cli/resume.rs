use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use predicates::str::contains;

use crate::support::{Workplace, files, repository};

#[test]
fn without_a_stopped_run_there_is_nothing_to_resume() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let refused = "no stopped run: start it without --resume";
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains(refused));
    assert!(!place.out().exists());
    // A finished run is no stopped one.
    place.extract(&[]).success();
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains(refused));
    assert!(!place.out().join(".dossier").exists());
}

#[test]
fn a_run_that_failed_fast_goes_on_with_the_mended_file() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    place.input("b.json", "{\"text\": ");
    place.input("c.txt", "Bo Cho left Rome.");
    for flags in [&["--fail-fast"][..], &["--fail-fast", "--resume"]] {
        place.extract(flags).code(1).stderr(contains("b.json"));
    }
    place.input("b.json", "{\"text\": \"Ana Lee left Rome.\"}");
    place.extract(&["--fail-fast", "--resume"]).success();
    let documents = place.table("documents.csv");
    let all_read = documents.rows().iter().all(|row| row.get("status") == "ok");
    assert!(all_read && documents.rows().len() == 3);
}

/// Begins `dossier extract in -o out` in the folder, and does not wait.
fn start(place: &Workplace, flags: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_dossier"))
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
        .args(flags)
        .spawn()
        .unwrap()
}

/// Begins a run and waits until it has done some documents. Also the journal in which they stand.
pub fn begun(place: &Workplace) -> (Child, PathBuf) {
    let mut program = start(place, &[]);
    let journal = place.out().join(".dossier/journal.jsonl");
    while std::fs::metadata(&journal).map_or(0, |m| m.len()) < 1000 {
        assert!(program.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(5));
    }
    (program, journal)
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
    let (mut program, journal) = begun(&place);
    let interrupted = Command::new("kill")
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

/// A folder of articles that take some seconds to read.
fn articles() -> Workplace {
    let place = Workplace::new();
    for n in 0..5 {
        for entry in std::fs::read_dir(repository().join("data/samples")).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{n:02}-{}", path.file_name().unwrap().to_string_lossy());
            place.input(&name, std::fs::read(&path).unwrap());
        }
    }
    place
}

/// However often a run is killed, and whenever: going on ends in the bytes of an undisturbed run,
/// with nothing left lying about. `DOSSIER_KILLS=50` for a longer series.
#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let kills = std::env::var("DOSSIER_KILLS").map_or(6, |n| n.parse().unwrap());
    let place = articles();
    let begun = std::time::Instant::now();
    place.extract(&["--quiet"]).success();
    let whole = begun.elapsed();
    let undisturbed = files(&place.out());
    let mut killed = 0;
    while killed < kills {
        std::fs::remove_dir_all(place.out()).unwrap();
        let mut flags: &[&str] = &[];
        loop {
            let mut program = start(&place, flags);
            // Moments spread over the whole run, also its first and last tenth.
            let share = f64::from(killed % 11 + 1) / 10.0 * 0.618 % 1.0 + 0.02;
            std::thread::sleep(whole.mul_f64(share));
            if let Some(status) = program.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                break;
            }
            program.kill().unwrap();
            program.wait().unwrap();
            killed += 1;
            if place.out().join(".dossier/settings.json").exists() {
                flags = &["--resume"];
            }
            if killed >= kills {
                place.extract(flags).success();
                break;
            }
        }
        let after = files(&place.out());
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
            files.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&after), names(&undisturbed));
        for (name, bytes) in &undisturbed {
            assert!(after[name] == *bytes, "{name} differs after {killed} kills");
        }
    }
}

#[test]
fn a_run_over_other_texts_or_with_other_settings_is_not_taken_up() {
    let place = articles();
    let (mut program, _) = begun(&place);
    program.kill().unwrap();
    program.wait().unwrap();
    for (flags, told) in [
        (
            &["--min-confidence", "0.9"][..],
            "min_confidence was nothing, and is now 0.9",
        ),
        (&["--dedup"], "dedup was false, and is now true"),
        (
            &["--max-file-mb", "7"],
            "max_file_mb was 16384, and is now 7",
        ),
        (
            &["--text-field", "story"],
            r#"text_field was nothing, and is now "story""#,
        ),
        (
            &["--format-hint", "txt"],
            r#"format_hint was nothing, and is now "txt""#,
        ),
    ] {
        place
            .extract(&[&["--resume"][..], flags].concat())
            .code(2)
            .stderr(contains(told));
    }
    place.input("00-handball-final.txt", "Another article by the same name.");
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains("the inputs are not those"));
}

/// Begins a run that waits for somebody to write into standard input.
fn waiting(place: &Workplace) -> Child {
    let journal = place.out().join(".dossier/journal.jsonl");
    // Of a run that was killed, which this one begins anew.
    let _ = std::fs::remove_file(&journal);
    let mut program = Command::new(env!("CARGO_BIN_EXE_dossier"))
        .current_dir(place.path())
        .args(["extract", "-", "-o", "out", "--model"])
        .arg(crate::support::model())
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !journal.exists() {
        assert!(program.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(20));
    }
    program
}

/// A run is kept out of the folder of another, which neither notices nor leaves a lock behind.
#[test]
fn one_run_at_a_time_writes_into_a_folder() {
    let place = Workplace::new();
    place.input("a.txt", "Ana Lee met Bo Cho in Rome.");
    let mut killed = waiting(&place);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let mut first = waiting(&place);
    for flags in [&[][..], &["--resume"]] {
        place
            .extract(flags)
            .code(2)
            .stderr(contains("out: another run"));
    }
    let mut input = first.stdin.take().unwrap();
    let articles = "{\"text\":\"Ana Lee left Rome.\"}\n".repeat(2);
    std::io::Write::write_all(&mut input, articles.as_bytes()).unwrap();
    drop(input);
    assert!(first.wait().unwrap().success());
    assert_eq!(place.table("documents.csv").rows().len(), 2);
    assert!(!place.out().join(".dossier").exists());
    place.extract(&[]).success();
}

/// Ctrl-C also ends a run that waits for standard input.
#[cfg(unix)]
#[test]
fn waiting_for_standard_input_can_be_stopped() {
    let place = Workplace::new();
    let mut program = waiting(&place);
    let id = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let begun = std::time::Instant::now();
    while program.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it waits on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(program.wait().unwrap().code(), Some(1));
}
