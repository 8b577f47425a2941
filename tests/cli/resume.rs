use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::support::{Workplace, files, model, repository};

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

/// `dossier extract in -o out` in the folder with a model and more flags.
fn extract_by(model: &Path, place: &Workplace, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command
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
        .arg(model)
        .args(flags);
    command
}

/// Begins such a run, and does not wait.
fn start(place: &Workplace, flags: &[&str]) -> Child {
    extract_by(&model(), place, flags)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

/// Begins a run and waits until it has done some documents. Also the journal in which they stand.
pub fn begun(place: &Workplace) -> (Child, PathBuf) {
    let mut program = start(place, &[]);
    let journal = place.out().join(".dossier/journal.jsonl");
    wait_for(&mut program, &journal, 1000);
    (program, journal)
}

/// Waits until the program has written so many bytes into its journal.
pub fn wait_for(program: &mut Child, journal: &Path, bytes: u64) {
    while std::fs::metadata(journal).map_or(0, |m| m.len()) < bytes {
        assert!(program.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Ctrl-C, and what a system says when it shuts down, stop at a document boundary; going on gives
/// what one run would have given.
#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on() {
    const DOCUMENTS: usize = 6000;
    let place = Workplace::new();
    // So many that each part of the run leaves some to the next: blocks of 512 are read ahead.
    for n in 0..DOCUMENTS {
        place.input(&format!("{n:04}.txt"), "Bo Cho left.");
    }
    let mut before = 0;
    let (mut program, journal) = begun(&place);
    for (signal, flags) in [("-INT", &["--resume"][..]), ("-TERM", &[])] {
        let stopped = Command::new("kill")
            .args([signal, &program.id().to_string()])
            .status();
        assert!(stopped.unwrap().success());
        assert_eq!(program.wait().unwrap().code(), Some(1));
        let records = std::fs::read_to_string(&journal).unwrap();
        let done = records.lines().count();
        assert!(
            (before + 1..DOCUMENTS).contains(&done),
            "{done} documents were done"
        );
        assert!(!place.out().join("triples.csv").exists());
        if !flags.is_empty() {
            before = done;
            program = start(&place, flags);
            wait_for(&mut program, &journal, records.len() as u64 + 1);
        }
    }
    place.extract(&["--quiet", "--resume"]).success();
    assert_eq!(place.table("documents.csv").rows().len(), DOCUMENTS);
    assert!(!journal.exists());
    let resumed = files(&place.out());
    place.extract(&["--quiet"]).success();
    assert!(resumed == files(&place.out()));
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
/// with nothing left lying about. `DOSSIER_KILLS=50` for a longer series, `DOSSIER_SEED=N` for that
/// of an earlier one.
#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let number = |name: &str| std::env::var(name).ok().map(|n| n.parse::<u64>().unwrap());
    let kills = number("DOSSIER_KILLS").unwrap_or(6);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let mut seed = number("DOSSIER_SEED").unwrap_or(u64::from(now.unwrap().subsec_nanos()));
    eprintln!("DOSSIER_SEED={seed}");
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
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(whole.mul_f64((seed >> 40) as f64 / (1u64 << 24) as f64));
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

/// The small model with another description, which makes it another model.
fn other_model(place: &Workplace) -> PathBuf {
    let folder = place.path().join("model");
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(model()).unwrap() {
        let file = entry.unwrap().path();
        std::fs::copy(&file, folder.join(file.file_name().unwrap())).unwrap();
    }
    let schema = folder.join("schema.toml");
    let text = std::fs::read_to_string(&schema).unwrap();
    std::fs::write(schema, format!("# Another.\n{text}")).unwrap();
    folder
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
    let with_other = extract_by(&other_model(&place), &place, &["--resume"]);
    assert_cmd::Command::from_std(with_other)
        .assert()
        .code(2)
        .stderr(contains("model was \"").and(contains("and is now \"")));
    place
        .command(&["in", "in/00-handball-final.txt"], &["--resume"])
        .assert()
        .code(2)
        .stderr(contains("inputs was [\"in\"], and is now"));
    let first = place.path().join("in/00-handball-final.txt");
    let text = std::fs::read(&first).unwrap();
    std::fs::remove_file(&first).unwrap();
    place
        .extract(&["--resume"])
        .code(2)
        .stderr(contains("the inputs are not those"));
    std::fs::write(&first, text).unwrap();
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
        .arg(model())
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
