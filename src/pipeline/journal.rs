use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::fingerprint::Fingerprint;
use crate::error::{Error, Result};
use crate::export::{Record, Records};
use crate::files::{remove_if_there, write_whole};
use crate::share::UNFINISHED;

/// The annotated documents of a run on disk, a JSON line each in input order, in a hidden folder of
/// the run directory until the run is complete.
#[derive(Debug)]
pub(super) struct JournalFile {
    folder: PathBuf,
    out: BufWriter<File>,
    /// Documents in it.
    pub done: usize,
    seen: Fingerprint,
    /// Locked until it is closed, which the system does for a run that is killed.
    _lock: File,
}

/// What to do where a run was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// Begin only where there is none that has got anywhere.
    #[default]
    New,
    /// Go on with it.
    Resume,
    /// Begin again; what it has done is lost.
    Restart,
}

const FOLDER: &str = UNFINISHED;
const RECORDS: &str = "journal.jsonl";
const SETTINGS: &str = "settings.json";
const LOCK: &str = "lock";

impl JournalFile {
    /// Begins a journal, or takes up the one that is there. As long as it lives, no other run may
    /// write into the folder. `all` is the number of documents of the run, where it is known.
    ///
    /// # Errors
    /// The folder cannot be written, or another run writes into it; or there is nothing to resume,
    /// or it was begun with other settings; or a stopped run is there and nobody said what is to
    /// become of it.
    pub fn open(output: &Path, settings: &str, begin: Begin, all: Option<usize>) -> Result<Self> {
        match begin {
            Begin::Resume => Self::take_up(output, settings),
            Begin::New | Begin::Restart => Self::begin(output, settings, begin, all),
        }
    }

    fn begin(output: &Path, settings: &str, begin: Begin, all: Option<usize>) -> Result<Self> {
        let folder = output.join(FOLDER);
        for folder in [output, &folder] {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        let lock = lock(output)?;
        if begin == Begin::New {
            refuse_stopped(output, settings, all)?;
        }
        // In this order, whenever it ends: where there are settings, the journal is of their run.
        remove(&folder.join(SETTINGS))?;
        let path = folder.join(RECORDS);
        remove(&path)?;
        write_whole(&folder.join(SETTINGS), settings.as_bytes())?;
        let file = File::create(&path).map_err(|e| Error::io(&path, e))?;
        Ok(Self {
            folder,
            out: BufWriter::new(file),
            done: 0,
            seen: Fingerprint::default(),
            _lock: lock,
        })
    }

    fn take_up(output: &Path, settings: &str) -> Result<Self> {
        let nothing = || {
            Error::Usage(format!(
                "{} holds no stopped run: start it without --resume",
                output.display()
            ))
        };
        let folder = output.join(FOLDER);
        let settings_path = folder.join(SETTINGS);
        if !settings_path.is_file() {
            return Err(nothing());
        }
        let lock = lock(output)?;
        let before = std::fs::read_to_string(&settings_path).map_err(|_| nothing())?;
        if before != settings {
            return Err(Error::Usage(format!(
                "cannot resume in {}: {}. Use the same command, or begin again with --restart in place of --resume",
                output.display(),
                difference(&before, settings)
            )));
        }
        let path = folder.join(RECORDS);
        // A run that ended right after it wrote its settings has none yet.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Error::io(&path, e))?;
        let (done, whole, seen) = complete_lines(&file, &path)?;
        // A line that was cut off is written again.
        file.set_len(whole).map_err(|e| Error::io(&path, e))?;
        file.seek(std::io::SeekFrom::End(0))
            .map_err(|e| Error::io(&path, e))?;
        Ok(Self {
            folder,
            out: BufWriter::new(file),
            done,
            seen,
            _lock: lock,
        })
    }

    /// Adds a document.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        let path = self.folder.join(RECORDS);
        serde_json::to_writer(&mut self.out, record)
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|e| Error::io(&path, e))?;
        self.seen.add_record(record);
        self.done += 1;
        Ok(())
    }

    /// Brings what was added to disk.
    pub fn flush(&mut self) -> Result<()> {
        self.out
            .flush()
            .map_err(|e| Error::io(self.folder.join(RECORDS), e))
    }

    /// A fingerprint of the documents in it, to be compared with the inputs'.
    pub fn fingerprint(&self) -> Fingerprint {
        self.seen.clone()
    }

    /// Removes it; the run directory is complete.
    pub fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).map_err(|e| Error::io(&self.folder, e))
    }
}

/// Makes sure that no run was stopped in the folder `output` that has got anywhere.
fn refuse_stopped(output: &Path, settings: &str, all: Option<usize>) -> Result<()> {
    let folder = output.join(FOLDER);
    let Ok(before) = std::fs::read_to_string(folder.join(SETTINGS)) else {
        return Ok(());
    };
    let path = folder.join(RECORDS);
    let Ok(file) = File::open(&path) else {
        return Ok(());
    };
    let (done, ..) = complete_lines(&file, &path)?;
    if done == 0 {
        return Ok(());
    }
    let of = match all {
        Some(all) if before == settings && done <= all => format!(" of {all}"),
        _ => String::new(),
    };
    Err(Error::Usage(format!(
        "{}: the run in this folder was stopped after {done}{of} documents; --resume goes on with \
         it, --restart begins again without them",
        output.display()
    )))
}

/// Keeps other runs out of the folder `output`.
fn lock(output: &Path) -> Result<File> {
    let path = output.join(FOLDER).join(LOCK);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| Error::io(&path, e))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Error::Usage(format!(
            "{}: another run is writing into this folder. Wait until it ends, or name another \
             folder with -o",
            output.display()
        ))),
        // Some network folders know no locks; they can be written to all the same.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(file),
    }
}

fn remove(path: &Path) -> Result<()> {
    remove_if_there(path).map_err(|e| Error::io(path, e))
}

/// Number of records that are whole, the bytes they take, and their hash.
fn complete_lines(file: &File, path: &Path) -> Result<(usize, u64, Fingerprint)> {
    let mut reader = BufReader::new(file);
    let (mut done, mut bytes, mut seen) = (0, 0, Fingerprint::default());
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = reader
            .read_until(b'\n', &mut line)
            .map_err(|e| Error::io(path, e))?;
        if n == 0 || !line.ends_with(b"\n") {
            return Ok((done, bytes, seen));
        }
        let Ok(record) = serde_json::from_slice::<Record>(&line) else {
            return Ok((done, bytes, seen));
        };
        seen.add_record(&record);
        done += 1;
        bytes += n as u64;
    }
}

/// The first setting, by name, in which two runs differ.
fn difference(before: &str, now: &str) -> String {
    let parse = |text: &str| {
        serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).unwrap_or_default()
    };
    let (before, now) = (parse(before), parse(now));
    let told = |value: Option<&serde_json::Value>| match value {
        None | Some(serde_json::Value::Null) => "nothing".to_owned(),
        Some(value) => value.to_string(),
    };
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names
        .into_iter()
        .map(|name| (name, told(before.get(name)), told(now.get(name))))
        .find(|(_, before, now)| before != now)
        .map_or("the run was begun otherwise".into(), |(name, was, is)| {
            format!("{name} was {was}, and is now {is}")
        })
}

impl Records for JournalFile {
    fn each(&self, visit: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        let path = self.folder.join(RECORDS);
        let file = File::open(&path).map_err(|e| Error::io(&path, e))?;
        for (n, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|e| Error::io(&path, e))?;
            let record = serde_json::from_str(&line)
                .map_err(|e| Error::line(&path, n + 1, e.to_string()))?;
            visit(record)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(output: &Path, settings: &str, begin: Begin) -> Result<JournalFile> {
        JournalFile::open(output, settings, begin, None)
    }

    fn record() -> Record {
        Record {
            doc_id: "a".into(),
            source_file: "a.txt".into(),
            title: None,
            date: None,
            status: crate::export::DocumentStatus::Ok,
            duplicate_of: None,
            message: String::new(),
            words: 1,
            words_read: 1,
            text: "Ana.".into(),
            annotations: Default::default(),
        }
    }

    #[test]
    fn one_run_at_a_time_writes_into_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        let first = open(&output, "{}", Begin::New).unwrap();
        for begin in [Begin::New, Begin::Resume, Begin::Restart] {
            let refused = open(&output, "{}", begin).unwrap_err();
            assert!(matches!(&refused, Error::Usage(_)), "{refused}");
            assert!(refused.to_string().contains("another run"), "{refused}");
        }
        drop(first);
        let again = open(&output, "{}", Begin::Resume).unwrap();
        again.remove().unwrap();
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 0);
        open(&output, "{}", Begin::New).unwrap();
    }

    #[test]
    fn what_a_stopped_run_has_done_is_given_up_only_when_asked() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path();
        drop(open(output, "{}", Begin::New).unwrap());
        // It had got nowhere.
        drop(open(output, "{}", Begin::New).unwrap());
        let path = output.join(FOLDER).join(RECORDS);
        let record = serde_json::to_string(&record()).unwrap();
        std::fs::write(&path, format!("{record}\n{record}\n{{\"cut")).unwrap();
        for (settings, all, told) in [
            ("{}", Some(7), "after 2 of 7 documents"),
            ("{}", None, "after 2 documents"),
            ("{\"raw\":true}", Some(7), "after 2 documents"),
        ] {
            let refused = JournalFile::open(output, settings, Begin::New, all).unwrap_err();
            assert!(matches!(&refused, Error::Usage(_)), "{refused}");
            let said = refused.to_string();
            assert!(said.contains(told) && said.contains("--restart"), "{said}");
        }
        let resumed = open(output, "{}", Begin::Resume).unwrap();
        assert_eq!(resumed.done, 2);
        drop(resumed);
        assert_eq!(open(output, "{}", Begin::Restart).unwrap().done, 0);
    }

    #[test]
    fn where_there_is_nothing_to_resume_nothing_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        open(&output, "{}", Begin::Resume).unwrap_err();
        assert!(!output.exists());
        std::fs::create_dir(&output).unwrap();
        open(&output, "{}", Begin::Resume).unwrap_err();
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 0);
    }

    #[test]
    fn a_run_that_ended_before_its_journal_began_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path();
        drop(open(output, "{}", Begin::New).unwrap());
        std::fs::remove_file(output.join(FOLDER).join(RECORDS)).unwrap();
        let journal = open(output, "{}", Begin::Resume).unwrap();
        assert_eq!(journal.done, 0);
    }

    #[test]
    fn a_new_run_that_ends_at_once_leaves_no_older_journal() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path();
        drop(open(output, "{}", Begin::New).unwrap());
        let records = output.join(FOLDER).join(RECORDS);
        // What cannot be removed ends the run before its settings are written.
        std::fs::remove_file(&records).unwrap();
        std::fs::create_dir(&records).unwrap();
        open(output, "{\"raw\":true}", Begin::Restart).unwrap_err();
        let refused = open(output, "{\"raw\":true}", Begin::Resume).unwrap_err();
        assert!(refused.to_string().contains("no stopped run"), "{refused}");
    }

    #[test]
    fn the_setting_that_differs_is_named() {
        let before = r#"{"aliases":"names.csv","min_confidence":null,"raw":false}"#;
        for (now, told) in [
            (
                r#"{"aliases":"names.csv","min_confidence":0.9,"raw":true}"#,
                "min_confidence was nothing, and is now 0.9",
            ),
            (
                r#"{"aliases":"names.csv","min_confidence":null,"raw":true}"#,
                "raw was false, and is now true",
            ),
            (
                r#"{"min_confidence":null,"raw":false}"#,
                r#"aliases was "names.csv", and is now nothing"#,
            ),
            (
                r#"{"aliases":"names.csv","excel":true,"min_confidence":null,"raw":false}"#,
                "excel was nothing, and is now true",
            ),
        ] {
            assert_eq!(difference(before, now), told);
        }
        assert_eq!(difference("", "{}"), "the run was begun otherwise");
    }
}
