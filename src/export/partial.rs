use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, in_words};

/// A file that is being written under a temporary name beside its final one, and vanishes unless it
/// is [kept](FinishedFile::keep). A run that dies leaves at most such a file, which the next run
/// into the same folder overwrites.
#[derive(Debug)]
pub struct PartialFile {
    file: File,
    paths: Paths,
}

#[derive(Debug)]
struct Paths {
    partial: PathBuf,
    last: PathBuf,
}

impl Drop for Paths {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.partial);
    }
}

/// A file that is wholly on disk, still under its temporary name.
#[derive(Debug)]
pub struct FinishedFile {
    paths: Paths,
}

impl PartialFile {
    /// Begins the file `name` of the folder `dir`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create(dir: &Path, name: &str) -> Result<Self> {
        let paths = Paths {
            partial: dir.join(format!(".{name}.partial")),
            last: dir.join(name),
        };
        match File::create(&paths.partial) {
            Ok(file) => Ok(Self { file, paths }),
            Err(e) => Err(cannot_write(&paths.last, &e)),
        }
    }

    /// The final path, for messages.
    pub fn path(&self) -> &Path {
        &self.paths.last
    }

    /// Puts everything on disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<FinishedFile> {
        self.file
            .sync_all()
            .map_err(|e| Error::io(self.path(), e))?;
        Ok(FinishedFile { paths: self.paths })
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl FinishedFile {
    /// Gives the file its final name, over an older file of that name.
    ///
    /// # Errors
    /// Something that is no file has the name.
    pub fn keep(self) -> Result<()> {
        fs::rename(&self.paths.partial, &self.paths.last)
            .map_err(|e| cannot_write(&self.paths.last, &e))
    }
}

/// That nothing can be written at `path`, and what to do about it.
pub fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::format(
        path,
        format!(
            "cannot be written ({}): choose another output folder with -o",
            in_words(error)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let last = dir.path().join("a.csv");
        fs::write(&last, "old").unwrap();

        let mut given_up = PartialFile::create(dir.path(), "a.csv").unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(fs::read(&last).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);

        let mut kept = PartialFile::create(dir.path(), "a.csv").unwrap();
        kept.write_all(b"new").unwrap();
        kept.finish().unwrap().keep().unwrap();
        assert_eq!(fs::read(&last).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a.csv")).unwrap();
        let file = PartialFile::create(dir.path(), "a.csv").unwrap();
        let message = file.finish().unwrap().keep().unwrap_err().to_string();
        assert!(message.contains("a.csv: cannot be written"), "{message}");
        assert!(message.contains("-o"), "{message}");
    }
}
