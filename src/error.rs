//! The one error type of the library: every variant says what went wrong, where, and what to do.

use std::path::{Path, PathBuf};

/// Anything that stops a run. A document or sample that cannot be used is not an [`Error`]
/// but a value that is counted and reported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("{}: {}", path.display(), in_words(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is there but is not what it should be.
    #[error("{}: {message}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do about it.
        message: String,
    },
    /// A line of a sample or table file cannot be used.
    #[error("{}:{line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based line number.
        line: usize,
        /// What is wrong with the line.
        message: String,
    },
    /// A model folder cannot be used.
    #[error("model {}: {message}", path.display())]
    Model {
        /// The model folder or the file in it.
        path: PathBuf,
        /// What is wrong and what to do about it.
        message: String,
    },
    /// A setting or an argument makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The tensor library refused a computation.
    #[error("the tensor library failed while {doing}: {message}")]
    Tensor {
        /// What was being computed.
        doing: &'static str,
        /// The first line of the library's message.
        message: String,
    },
    /// The user asked to stop (Ctrl-C).
    #[error("stopped before the end")]
    Interrupted,
}

/// Shorthand for results of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the operating system said, in plain words, with what to do about it.
pub fn in_words(said: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let words = match said.kind() {
        ErrorKind::NotFound => "no such file or folder; check the name and the folder it is in",
        ErrorKind::PermissionDenied => {
            "the system does not allow it; change the permissions, or name another place"
        }
        ErrorKind::ReadOnlyFilesystem => "its disk can only be read from; name another place",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full; free some space, then repeat the command (extract and train: with \
             --resume)"
        }
        ErrorKind::IsADirectory => "is a folder; name a file",
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::AlreadyExists => "a file of this name is there already; name another place",
        _ => return without_number(&said.to_string()),
    };
    words.into()
}

/// The system's own words without their number in its tables: ` (os error 5)`.
fn without_number(said: &str) -> String {
    let number = said.split_once(" (os error ");
    let parts = number.and_then(|(before, rest)| Some((before, rest.split_once(')')?.1)));
    parts.map_or_else(|| said.into(), |(before, after)| format!("{before}{after}"))
}

impl Error {
    /// An [`Error::Io`] for `path`.
    pub fn io(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io {
            path: path.as_ref().to_path_buf(),
            source,
        }
    }

    /// An [`Error::Format`] for `path`.
    pub fn format(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Format {
            path: path.as_ref().to_path_buf(),
            message: message.into(),
        }
    }

    /// An [`Error::Line`] for a 1-based `line` of `path`.
    pub fn line(path: impl AsRef<Path>, line: usize, message: impl Into<String>) -> Self {
        Self::Line {
            path: path.as_ref().to_path_buf(),
            line,
            message: message.into(),
        }
    }

    /// An [`Error::Tensor`] with the first line of what the library said: behind it stand the places
    /// in its own code.
    pub fn tensor(doing: &'static str, said: impl std::fmt::Display) -> Self {
        let said = said.to_string();
        Self::Tensor {
            doing,
            message: said.lines().next().unwrap_or_default().to_owned(),
        }
    }

    /// An [`Error::Model`] for `path`.
    pub fn model(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Model {
            path: path.as_ref().to_path_buf(),
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_put_in_plain_words() {
        for (number, told) in [
            (2, "no such file or folder"),
            (5, "Input/output error"),
            (13, "does not allow it"),
            (17, "is there already"),
            (28, "free some space"),
        ] {
            let error = Error::io("a.txt", std::io::Error::from_raw_os_error(number));
            let said = error.to_string();
            assert!(said.starts_with("a.txt: ") && said.contains(told), "{said}");
            assert!(!said.contains("os error"), "{said}");
        }
        assert_eq!(without_number("no (os error 5) at \"x\""), "no at \"x\"");
    }

    #[test]
    fn the_frames_of_the_tensor_library_are_left_out() {
        let said =
            "sizes do not fit: 3 and 4\nException raised from infer_size at Utils.cpp:35\nframe #0";
        assert_eq!(
            Error::tensor("scoring tags", said).to_string(),
            "the tensor library failed while scoring tags: sizes do not fit: 3 and 4"
        );
        assert!(
            Error::tensor("scoring tags", "")
                .to_string()
                .ends_with(": ")
        );
    }
}
