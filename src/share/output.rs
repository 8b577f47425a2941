use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use crate::files::partial_in;

/// A file that is being written under a temporary name beside its final one, which it gets when it
/// is [finished](Self::finish) and vanishes otherwise.
#[derive(Debug)]
pub struct OutFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl OutFile {
    /// Begins a file. Its folder is made if need be.
    ///
    /// # Errors
    /// The folder cannot be written to, or the file's name is that of a folder or a device.
    pub fn create(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::Usage(format!(
                "{}: is a folder; name a file",
                path.display()
            )));
        }
        if path.exists() && !path.is_file() {
            return Err(Error::Usage(format!(
                "{}: is no regular file; name one",
                path.display()
            )));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder, e))?;
        let file = partial_in(folder).map_err(|e| Error::io(path, e))?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 16, file),
            path: path.to_path_buf(),
        })
    }

    /// The final path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes text.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn text(&mut self, text: &str) -> Result<()> {
        self.write_all(text.as_bytes())
            .map_err(|e| Error::io(&self.path, e))
    }

    /// Writes a value as one line of JSON.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn json_line(&mut self, value: &impl serde::Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.file, value)
            .map_err(io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|e| Error::io(&self.path, e))
    }

    /// Gives the file its name, over an older file, and returns it.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<PathBuf> {
        let Self { file, path } = self;
        let file = file
            .into_inner()
            .map_err(|e| Error::io(&path, e.into_error()))?;
        file.persist(&path).map_err(|e| Error::io(&path, e.error))?;
        Ok(path)
    }
}

impl Write for OutFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/a.txt");
        let mut half = OutFile::create(&path).unwrap();
        half.text("half").unwrap();
        drop(half);
        assert_eq!(
            std::fs::read_dir(dir.path().join("new")).unwrap().count(),
            0
        );
        let mut whole = OutFile::create(&path).unwrap();
        whole.text("whole").unwrap();
        assert_eq!(whole.finish().unwrap(), path);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "whole");
        assert!(OutFile::create(dir.path()).is_err());
        #[cfg(unix)]
        assert!(OutFile::create(Path::new("/dev/null")).is_err());
    }
}
