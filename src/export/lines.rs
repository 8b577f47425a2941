use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::partial::{FinishedFile, PartialFile};
use crate::error::{Error, Result};

/// A file of JSON values, one a line, that is being written.
#[derive(Debug)]
pub struct Lines {
    file: BufWriter<PartialFile>,
}

impl Lines {
    /// Begins the file `name` of the folder `dir`.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create(dir: &Path, name: &str) -> Result<Self> {
        Ok(Self {
            file: BufWriter::new(PartialFile::create(dir, name)?),
        })
    }

    /// Appends a value.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.file, value)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(|e| Error::io(self.file.get_ref().path(), e))
    }

    /// Puts everything on disk.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<FinishedFile> {
        let path = self.file.get_ref().path().to_path_buf();
        self.file
            .into_inner()
            .map_err(|e| Error::io(path, e.into_error()))?
            .finish()
    }
}
