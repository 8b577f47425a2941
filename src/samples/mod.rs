//! Labelled samples from files: what training and evaluation read.
//!
//! Each format has its file, a line in [`Format`] and a rule in `detect`. All of them fill a
//! `Draft`, which puts mentions in text order and checks what refers to what. A sample that cannot
//! be used is named with its file and line, counted, and never silently dropped.

mod brat;
mod conll;
mod coreference;
mod decode;
mod detect;
mod doccano;
mod draft;
mod format;
mod json;
mod label_studio;
mod locate;
mod native;
mod passage;
mod reviewed;
mod spacy;
mod spert;
mod surface;
mod table;
mod verdict;

use std::path::{Path, PathBuf};

use crate::annotation::Sample;
use crate::error::{Error, Result};
use crate::files::no_text;

pub use coreference::read_coreferences;
pub use format::Format;
pub use native::write_native;

/// What was read from a file of samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Those that can be used, in file order.
    pub samples: Vec<Sample>,
    /// Those that cannot, in file order.
    pub skipped: Vec<Skipped>,
}

/// A sample, or a part of one, that cannot be used.
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

impl Samples {
    fn skip(&mut self, path: &Path, line: usize, message: impl Into<String>) {
        self.skipped.push(Skipped {
            path: path.to_path_buf(),
            line,
            message: message.into(),
        });
    }

    /// Takes in a sample made from a `line` of `path`, or what is wrong with it.
    fn add(&mut self, path: &Path, line: usize, made: Result<Sample, String>) {
        match made {
            Ok(sample) => self.samples.push(sample),
            Err(message) => self.skip(path, line, message),
        }
    }

    /// Like [`Self::add`], for annotators that label whole articles: long passages are cut.
    fn add_passage(&mut self, path: &Path, line: usize, made: Result<Sample, String>) {
        match made {
            Ok(sample) => {
                let (pieces, lost) = passage::cut(sample);
                self.samples.extend(pieces);
                for message in lost {
                    self.skip(path, line, message);
                }
            }
            Err(message) => self.skip(path, line, message),
        }
    }
}

/// Reads the text of a file of samples in the native form; `path` is what its lines are named by.
pub fn read_native(path: &Path, text: &str) -> Samples {
    native::read(path, text)
}

/// Reads a file of samples (for brat: a folder), in the format given or else found by its content.
///
/// # Errors
/// The file cannot be read, is of no format known here, or its text is in no readable encoding.
pub fn read(path: &Path, format: Option<Format>) -> Result<Samples> {
    if path.is_dir() {
        return match format {
            None | Some(Format::Brat) => brat::read(path),
            Some(other) => Err(Error::format(
                path,
                format!("is a folder; samples in the form {other} are a file"),
            )),
        };
    }
    if format == Some(Format::Brat) || path.extension().is_some_and(|e| e == "ann") {
        return brat::read(path);
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    if let Some(message) = no_text(&bytes) {
        return Err(Error::format(path, message));
    }
    let decoded = decode::decode(&bytes);
    let text = decoded.text.as_str();
    if text.trim().is_empty() {
        return Err(Error::format(path, "is empty"));
    }
    let format = match format {
        Some(format) => format,
        None => detect::detect(text).map_err(|message| Error::format(path, message))?,
    };
    if let Some(line) = decoded.guessed_from
        && !format.is_table()
    {
        return Err(Error::line(
            path,
            line,
            "is not UTF-8; save the file as UTF-8 and try again",
        ));
    }
    match format {
        Format::Native => Ok(native::read(path, text)),
        Format::Conll => Ok(conll::read(path, text)),
        Format::Reviewed => reviewed::read(path, text),
        Format::Csv => surface::read(path, text),
        Format::Doccano => Ok(doccano::read(path, text)),
        Format::LabelStudio => Ok(label_studio::read(path, text)),
        Format::Spacy => Ok(spacy::read(path, text)),
        Format::Spert => Ok(spert::read(path, text)),
        Format::Brat => brat::read(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_form_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "Just a few words\nabout nothing.\n").unwrap();
        let message = read(&path, None).unwrap_err().to_string();
        assert!(message.contains("notes.txt") && message.contains("--format"));
        std::fs::write(&path, " \n").unwrap();
        assert!(read(&path, None).unwrap_err().to_string().contains("empty"));
        assert!(read(folder.path(), Some(Format::Conll)).is_err());
    }

    #[test]
    fn a_spreadsheet_is_told_how_it_becomes_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review.xlsx");
        std::fs::write(&path, b"PK\x03\x04\x14\0\x06\0[Content_Types].xml").unwrap();
        for format in [None, Some(Format::Reviewed), Some(Format::Csv)] {
            let told = read(&path, format).unwrap_err().to_string();
            assert!(told.contains("review.xlsx: is a spreadsheet"), "{told}");
            assert!(told.contains("CSV UTF-8") && !told.contains('\n'), "{told}");
        }
    }

    #[test]
    fn only_tables_may_be_in_an_old_encoding() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.conll");
        std::fs::write(&path, b"Ana B-PER\nM\xfcller B-PER\n").unwrap();
        let message = read(&path, None).unwrap_err().to_string();
        assert!(message.contains(":2: ") && message.contains("UTF-8"));
        std::fs::write(
            &path,
            b"sentence;subject;relation;object\nAna met M\xfcller.;Ana;meets;M\xfcller\n",
        )
        .unwrap();
        assert_eq!(
            read(&path, None).unwrap().samples[0].text,
            "Ana met Müller."
        );
    }
}
