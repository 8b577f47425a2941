//! A disk that fills up, and a run folder that goes away: a clear error, and finished work is kept.

use std::path::{Path, PathBuf};
use std::process::Command;

use predicates::str::contains;

use crate::support::{Workplace, files};

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
    place.extract(&["--quiet", "--resume"]).success();
    let resumed = files(&place.out());
    place.extract(&["--quiet"]).success();
    assert!(resumed == files(&place.out()));
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
    assert_eq!(program.wait_with_output().unwrap().status.code(), Some(1));
    assert!(!place.out().join("triples.csv").exists());
}
