//! A disk that fills up, and a run folder that goes away: a clear error, and finished work is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use predicates::str::contains;

use crate::support::{Workplace, as_plain_user, dossier, files, model, repository};

/// A small disk of its own. Unmounted when it goes out of scope.
struct Disk(PathBuf);

impl Disk {
    /// `None` where this user may not mount one.
    fn mounted(at: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let made = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .output();
        made.is_ok_and(|m| m.status.success())
            .then(|| Self(at.to_path_buf()))
    }

    fn grow(&self, size: &str) {
        let grown = Command::new("mount")
            .args(["-o", &format!("remount,size={size}")])
            .arg(&self.0)
            .status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_the_run_goes_on_when_there_is_room() {
    let place = Workplace::new();
    let sentence = "Ana Lee met Bo Cho in Rome. Bo Cho accused Ana Lee of spying.\n\n";
    for n in 0..400 {
        place.input(&format!("{n:03}.txt"), sentence.repeat(4));
    }
    let Some(disk) = Disk::mounted(&place.out(), "256k") else {
        eprintln!("passed over: no small disk can be mounted here");
        return;
    };
    place
        .extract(&["--quiet"])
        .code(1)
        .stderr(contains("free some space"));
    assert!(!place.out().join("triples.csv").exists());
    disk.grow("32m");
    resumes_to_the_same_bytes(&place);
}

/// Finishes the stopped run of this place, and begins it anew: both write the same.
fn resumes_to_the_same_bytes(place: &Workplace) {
    place.extract(&["--quiet", "--resume"]).success();
    let resumed = files(&place.out());
    place.extract(&["--quiet"]).success();
    assert!(resumed == files(&place.out()));
}

#[cfg(target_os = "linux")]
#[test]
fn predictions_without_room_leave_no_half_file() {
    let place = Workplace::new();
    let small = place.path().join("small");
    let Some(_disk) = Disk::mounted(&small, "4k") else {
        eprintln!("passed over: no small disk can be mounted here");
        return;
    };
    let samples = std::fs::read_to_string(repository().join("data/samples.jsonl")).unwrap();
    let some: Vec<&str> = samples.lines().take(200).collect();
    let gold = place.path().join("gold.jsonl");
    std::fs::write(&gold, some.join("\n")).unwrap();
    let mut command = dossier();
    command.args(["eval", "--threads", "1", "--model"]);
    command.arg(model()).arg("--data").arg(gold);
    command.arg("--predictions").arg(small.join("a.jsonl"));
    command.assert().code(1).stderr(contains("free some space"));
    assert_eq!(std::fs::read_dir(&small).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_run_folder_that_is_removed_is_told() {
    let place = Workplace::new();
    for n in 0..2000 {
        place.input(&format!("{n:04}.txt"), "Ana Lee met Bo Cho in Rome.");
    }
    let (program, journal) = crate::resume::begun(&place);
    std::fs::remove_dir_all(place.out()).unwrap();
    assert!(!journal.exists());
    let ended = program.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        said.contains("out") && said.contains("check the name and the folder"),
        "{said}"
    );
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(!place.out().join("triples.csv").exists());
}

/// The disk has room for what was read, and none for the tables.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_at_the_end_costs_no_finished_work() {
    let place = Workplace::new();
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
    for n in 0..1500 {
        place.input(&format!("{n:04}.txt"), "Ana Lee met Bo Cho.");
    }
    let (mut program, journal) = crate::resume::begun(&place);
    let mut records = 0;
    while program.try_wait().unwrap().is_none() {
        records = length(&journal).max(records);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let undisturbed = files(&place.out());
    let tables: usize = undisturbed.values().map(Vec::len).sum();
    std::fs::remove_dir_all(place.out()).unwrap();
    let Some(disk) = Disk::mounted(&place.out(), "16m") else {
        eprintln!("passed over: no small disk can be mounted here");
        return;
    };
    // Another file takes all but room for the journal and half of the tables.
    let left = (16 << 20) - records as usize - tables / 2;
    std::fs::write(place.out().join(".other"), vec![0; left]).unwrap();
    place
        .extract(&["--quiet"])
        .code(1)
        .stderr(contains("free some space"));
    assert!(!place.out().join("triples.csv").exists());
    let whole = std::fs::read_to_string(&journal).unwrap();
    assert_eq!(whole.lines().count(), 1500);
    std::fs::remove_file(place.out().join(".other")).unwrap();
    place.extract(&["--quiet", "--resume"]).success();
    assert!(undisturbed == files(&place.out()));
    drop(disk);
}

/// Whoever may write into the run folder no longer is told, and loses nothing.
#[cfg(unix)]
#[test]
fn a_run_folder_that_is_made_read_only_is_told_and_the_run_goes_on() {
    use std::os::unix::fs::PermissionsExt;
    let place = Workplace::new();
    for n in 0..2000 {
        place.input(&format!("{n:04}.txt"), "Ana Lee met Bo Cho in Rome.");
    }
    let Some(mut program) = as_plain_user(&place, &["in"]) else {
        eprintln!("passed over: the program cannot be run as a user whom permissions bind");
        return;
    };
    let hidden = place.out().join(".dossier");
    crate::resume::wait_for(&mut program, &hidden.join("journal.jsonl"), 1000);
    let allow = |mode| {
        for folder in [&hidden, &place.out()] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    let ended = program.wait_with_output().unwrap();
    allow(0o755);
    assert_eq!(ended.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("change the permissions"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(!place.out().join("triples.csv").exists());
    resumes_to_the_same_bytes(&place);
}

/// Articles that go away have their rows, and so has a file of articles that another program cuts short
/// or writes to; all else is read.
#[cfg(unix)]
#[test]
fn inputs_that_are_removed_or_changed_are_told() {
    let place = Workplace::new();
    // Blocks of 512 are read ahead, five of them at most.
    for n in 0..3500 {
        place.input(&format!("a/{n}.txt"), "Rome.");
    }
    let line = format!(
        "{{\"text\":\"Rome.\",\"other\":\"{}\"}}\n",
        "x".repeat(1000)
    );
    let lines = place.input("b.jsonl", line.repeat(4000));
    let (mut program, journal) = crate::resume::begun(&place);
    for n in 990..1000 {
        std::fs::remove_file(place.path().join(format!("in/a/{n}.txt"))).unwrap();
    }
    // The last articles of the file are there no more when they should be read.
    while !std::fs::read_to_string(&journal)
        .unwrap_or_default()
        .contains("b.jsonl:1\"")
    {
        assert!(program.try_wait().unwrap().is_none(), "it ended too soon");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let file = std::fs::OpenOptions::new().write(true).open(lines).unwrap();
    file.set_len(line.len() as u64 * 3999).unwrap();
    drop(file);
    assert_eq!(program.wait_with_output().unwrap().status.code(), Some(3));
    let documents = place.table("documents.csv");
    for n in 990..1000 {
        let row = documents.row("doc_id", &format!("a/{n}.txt"));
        assert_eq!(row.get("status"), "failed");
        assert!(row.get("message").contains("cannot be read"));
    }
    let row = documents.row("doc_id", "b.jsonl");
    assert!(row.get("message").contains("changed while it was read"));
    let read = documents.rows();
    let read = read.iter().filter(|row| row.get("status") == "ok").count();
    assert!((3490 + 3999..=3490 + 4000).contains(&read), "{read}");
}
