//! Labelled samples from files: what training and evaluation read.
//!
//! Each format has its file; [`read`] tells them apart by content. A sample that cannot be used is
//! named with its file and line, counted, and never silently dropped.

mod conll;
mod native;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::annotation::Sample;
use crate::error::{Error, Result};

pub use native::write_native;

/// What was read from a file of samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Those that can be used, in file order.
    pub samples: Vec<Sample>,
    /// Those that cannot.
    pub skipped: Vec<Skipped>,
}

/// A sample that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its file.
    pub path: PathBuf,
    /// Its 1-based line.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// A form of labelled samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// dossier's own JSON lines.
    Native,
    /// CoNLL columns.
    Conll,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "native" => Ok(Self::Native),
            "conll" => Ok(Self::Conll),
            _ => Err(format!(
                "no sample format is called {name:?}: native or conll"
            )),
        }
    }
}

/// Reads a file of samples, in the format given or else found by its content.
///
/// # Errors
/// The file cannot be read or is of no format known here.
pub fn read(path: &Path, format: Option<Format>) -> Result<Samples> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::format(path, "is not UTF-8; save it as UTF-8 and try again"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let format = match format.or_else(|| detect(text)) {
        Some(format) => format,
        None => {
            return Err(Error::format(
                path,
                "holds no samples in a form known here (JSON lines with \"text\" and \"entities\", \
                 or CoNLL columns); --format names one",
            ));
        }
    };
    Ok(match format {
        Format::Native => native::read(path, text),
        Format::Conll => conll::read(path, text),
    })
}

fn detect(text: &str) -> Option<Format> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if first.trim_start().starts_with('{') {
        return Some(Format::Native);
    }
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("-DOCSTART-"))
        .take(50)
        .all(|line| conll::is_row(line))
        .then_some(Format::Conll)
}
