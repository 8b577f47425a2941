//! The paths on the command line: whether there is what the user names, and of the kind that the
//! command takes. What is wrong with them is wrong usage, and told before anything takes time.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};
use crate::text::did_you_mean;

/// Of a folder so many names are looked at for the one that was meant.
const LOOKED_AT: usize = 10_000;

/// Makes sure that `path` is there, as a file or a folder.
///
/// # Errors
/// It is not.
pub fn there(path: &Path) -> Result<()> {
    look(path, "file or folder").map(drop)
}

/// Makes sure that `path` is a file that is there, or what can be read as one, such as a pipe.
///
/// # Errors
/// It is not there, or a folder.
pub fn file(path: &Path) -> Result<()> {
    if look(path, "file")?.is_dir() {
        return refuse(path, "is a folder; name a file");
    }
    Ok(())
}

/// Makes sure that `path` is a folder that is there.
///
/// # Errors
/// It is not there, or a file.
pub fn folder(path: &Path) -> Result<()> {
    if look(path, "folder")?.is_dir() {
        return Ok(());
    }
    refuse(path, "is a file; name a folder")
}

/// Makes sure that a file can have this name.
///
/// # Errors
/// A folder or a device has it, or a part of the path is a file.
pub fn new_file(path: &Path) -> Result<()> {
    if path.is_dir() {
        return refuse(path, "is a folder; name a file");
    }
    if path.exists() && !path.is_file() {
        return refuse(path, "is no regular file; name one");
    }
    below_folders(path)
}

/// Makes sure that a folder can have this name, or has it.
///
/// # Errors
/// A file has it, or a part of the path is one.
pub fn new_folder(path: &Path) -> Result<()> {
    if path.exists() && !path.is_dir() {
        return refuse(path, "is a file; name a folder");
    }
    below_folders(path)
}

fn below_folders(path: &Path) -> Result<()> {
    let mut above = path.ancestors().skip(1);
    match above.find(|part| part.exists() && !part.is_dir()) {
        None => Ok(()),
        Some(part) => refuse(
            path,
            &format!(
                "{} is a file, not a folder; name another place",
                part.display()
            ),
        ),
    }
}

fn look(path: &Path, kind: &str) -> Result<Metadata> {
    std::fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
            Error::Usage(format!(
                "{}: no such {kind}{}; check the name and the folder it is in",
                path.display(),
                meant(path)
            ))
        }
        _ => Error::io(path, error),
    })
}

/// The name beside it that the user may have meant.
fn meant(path: &Path) -> String {
    let Some(name) = path.file_name() else {
        return String::new();
    };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let beside = std::fs::read_dir(folder.unwrap_or(Path::new(".")));
    let names: Vec<String> = beside
        .into_iter()
        .flatten()
        .take(LOOKED_AT)
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str))
}

fn refuse(path: &Path, why: &str) -> Result<()> {
    Err(Error::Usage(format!("{}: {why}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_or_of_the_wrong_kind_is_wrong_usage() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("review.csv"), "x").unwrap();
        let told = |outcome: Result<()>| match outcome {
            Err(Error::Usage(message)) => message,
            other => panic!("{other:?}"),
        };
        let (here, inside) = (at("review.csv"), at("review.csv/x"));
        assert!(file(&here).is_ok() && there(&here).is_ok() && folder(dir.path()).is_ok());
        assert!(new_file(&here).is_ok() && new_file(&at("new/a.csv")).is_ok());
        assert!(new_folder(dir.path()).is_ok() && new_folder(&at("new/out")).is_ok());
        for (outcome, part) in [
            (
                file(&at("reveiw.csv")),
                "no such file (did you mean review.csv?)",
            ),
            (there(&at("nowhere")), "no such file or folder; check"),
            (there(&inside), "no such file or folder; check"),
            (folder(&at("nowhere")), "no such folder; check"),
            (file(dir.path()), "is a folder; name a file"),
            (folder(&here), "is a file; name a folder"),
            (new_file(dir.path()), "is a folder; name a file"),
            #[cfg(unix)]
            (new_file(Path::new("/dev/null")), "is no regular file"),
            (new_folder(&here), "is a file; name a folder"),
            (new_file(&inside), "review.csv is a file, not a folder"),
            (new_folder(&inside), "review.csv is a file, not a folder"),
        ] {
            let told = told(outcome);
            assert!(told.contains(part), "{told}");
        }
    }
}
