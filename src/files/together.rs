use std::fs;
use std::io;
use std::path::Path;

use tempfile::Builder;

use super::remove_if_there;
use crate::error::{Error, Result};

/// Writes files that belong together: `write` puts them into a folder of temporary name, and when all
/// are whole they get their names in `folder`. The older file `last` goes before any other is
/// replaced and the new one comes after all, so that a folder with `last` never mixes old and new,
/// whenever the program is killed. Each keeps the permissions of an older file of its name.
///
/// # Errors
/// `write` fails, in which case `folder` is as it was, or a file cannot be replaced.
pub fn replace_together(
    folder: &Path,
    last: &str,
    write: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let mut builder = Builder::new();
    builder.prefix(".dossier-").suffix(".partial");
    let new = builder
        .tempdir_in(folder)
        .map_err(|e| Error::io(folder, e))?;
    write(new.path())?;
    replace_all(new.path(), folder, last).map_err(|e| Error::io(folder, e))
}

fn replace_all(new: &Path, folder: &Path, last: &str) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(new)? {
        let name = entry?.file_name();
        if let Ok(old) = fs::metadata(folder.join(&name)) {
            fs::set_permissions(new.join(&name), old.permissions())?;
        }
        names.push(name);
    }
    names.sort_by_key(|name| *name == *last);
    remove_if_there(&folder.join(last))?;
    for name in names {
        fs::rename(new.join(&name), folder.join(&name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["a.json", "config.json", "weights"];

    fn put(folder: &Path, content: &str) -> Result<()> {
        for name in NAMES {
            fs::write(folder.join(name), content).map_err(|e| Error::io(folder, e))?;
        }
        Ok(())
    }

    fn read(folder: &Path) -> Vec<(String, String)> {
        let mut read: Vec<(String, String)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        read.sort();
        read
    }

    fn all(content: &str) -> Vec<(String, String)> {
        NAMES.map(|name| (name.into(), content.into())).into()
    }

    #[test]
    fn all_are_replaced_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        for content in ["old", "new"] {
            replace_together(dir.path(), "config.json", |new| put(new, content)).unwrap();
            assert_eq!(read(dir.path()), all(content));
        }
    }

    #[test]
    fn what_cannot_be_written_to_its_end_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "old").unwrap();
        let failed = replace_together(dir.path(), "config.json", |new| {
            put(new, "new")?;
            Err(Error::Usage("the disk is full".into()))
        });
        assert!(failed.is_err());
        assert_eq!(read(dir.path()), all("old"));
    }

    /// The replacement stops half way, since a folder is in the place of a file.
    #[test]
    fn old_and_new_are_never_together_with_the_last_file() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "old").unwrap();
        fs::remove_file(dir.path().join("weights")).unwrap();
        fs::create_dir(dir.path().join("weights")).unwrap();
        assert!(replace_together(dir.path(), "config.json", |new| put(new, "new")).is_err());
        assert!(!dir.path().join("config.json").exists());
    }
}
