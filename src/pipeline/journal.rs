use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::blocks::Entry;
use crate::corpus::Item;
use crate::error::{Error, Result};
use crate::export::{Record, Records};
use crate::files::{remove_if_there, write_whole};

/// The annotated documents of a run on disk, a JSON line each in input order, in a hidden folder of
/// the run directory until the run is complete.
#[derive(Debug)]
pub(super) struct JournalFile {
    folder: PathBuf,
    out: BufWriter<File>,
    /// Documents in it.
    pub done: usize,
    /// Hash over the ids, sources and texts of the documents in it.
    seen: Sha256,
    /// Locked until it is closed, which the system does for a run that is killed.
    _lock: File,
}

const FOLDER: &str = ".dossier";
const RECORDS: &str = "journal.jsonl";
const SETTINGS: &str = "settings.json";
const LOCK: &str = "lock";

impl JournalFile {
    /// Begins a journal, or with `resume` takes up the one that is there. As long as it lives, no
    /// other run may write into the folder.
    ///
    /// # Errors
    /// The folder cannot be written, or another run writes into it; or there is nothing to resume,
    /// or it was begun with other settings.
    pub fn open(output: &Path, settings: &str, resume: bool) -> Result<Self> {
        if resume {
            Self::take_up(output, settings)
        } else {
            Self::begin(output, settings)
        }
    }

    fn begin(output: &Path, settings: &str) -> Result<Self> {
        let folder = output.join(FOLDER);
        for folder in [output, &folder] {
            std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        }
        let lock = lock(output)?;
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
            seen: Sha256::new(),
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
                "cannot resume in {}: {}. Use the same command, or start anew without --resume",
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
        mark(
            &mut self.seen,
            [&record.doc_id, &record.source_file, &record.text],
        );
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
        Fingerprint(self.seen.clone())
    }

    /// Removes it; the run directory is complete.
    pub fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).map_err(|e| Error::io(&self.folder, e))
    }
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

/// A hash over ids, sources and texts of documents, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    pub fn add(&mut self, entry: &Entry) {
        let parts: [&str; 3] = match &entry.item {
            Item::Document(document)
                if document.text.trim().is_empty() || entry.repeats.is_some() =>
            {
                [&document.id, &document.source_file, ""]
            }
            Item::Document(document) => [&document.id, &document.source_file, &document.text],
            Item::Failed(failure) => [&failure.id, &failure.source_file, ""],
        };
        mark(&mut self.0, parts);
    }

    pub fn same(self, other: Self) -> bool {
        self.0.finalize() == other.0.finalize()
    }
}

fn mark(hash: &mut Sha256, parts: [&str; 3]) {
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
}

/// Number of records that are whole, the bytes they take, and their hash.
fn complete_lines(file: &File, path: &Path) -> Result<(usize, u64, Sha256)> {
    let mut reader = BufReader::new(file);
    let (mut done, mut bytes, mut seen) = (0, 0, Sha256::new());
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
        mark(
            &mut seen,
            [&record.doc_id, &record.source_file, &record.text],
        );
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

    #[test]
    fn one_run_at_a_time_writes_into_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        let first = JournalFile::open(&output, "{}", false).unwrap();
        for resume in [false, true] {
            let refused = JournalFile::open(&output, "{}", resume).unwrap_err();
            assert!(matches!(&refused, Error::Usage(_)), "{refused}");
            assert!(refused.to_string().contains("another run"), "{refused}");
        }
        drop(first);
        let again = JournalFile::open(&output, "{}", true).unwrap();
        again.remove().unwrap();
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 0);
        JournalFile::open(&output, "{}", false).unwrap();
    }

    #[test]
    fn where_there_is_nothing_to_resume_nothing_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        JournalFile::open(&output, "{}", true).unwrap_err();
        assert!(!output.exists());
        std::fs::create_dir(&output).unwrap();
        JournalFile::open(&output, "{}", true).unwrap_err();
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 0);
    }

    #[test]
    fn a_run_that_ended_before_its_journal_began_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path();
        drop(JournalFile::open(output, "{}", false).unwrap());
        std::fs::remove_file(output.join(FOLDER).join(RECORDS)).unwrap();
        let journal = JournalFile::open(output, "{}", true).unwrap();
        assert_eq!(journal.done, 0);
    }

    #[test]
    fn a_new_run_that_ends_at_once_leaves_no_older_journal() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path();
        drop(JournalFile::open(output, "{}", false).unwrap());
        let records = output.join(FOLDER).join(RECORDS);
        // What cannot be removed ends the run before its settings are written.
        std::fs::remove_file(&records).unwrap();
        std::fs::create_dir(&records).unwrap();
        JournalFile::open(output, "{\"raw\":true}", false).unwrap_err();
        let refused = JournalFile::open(output, "{\"raw\":true}", true).unwrap_err();
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
