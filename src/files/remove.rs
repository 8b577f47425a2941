use std::io::{ErrorKind, Result};
use std::path::Path;

/// Removes a file; that there is none is no error.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove_if_there(path: &Path) -> Result<()> {
    unless_missing(std::fs::remove_file(path))
}

/// Removes a folder and all that is in it; that there is none is no error.
///
/// # Errors
/// It is there and cannot be removed, or is a file.
pub fn remove_folder_if_there(path: &Path) -> Result<()> {
    unless_missing(std::fs::remove_dir_all(path))
}

fn unless_missing(removed: Result<()>) -> Result<()> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_meant_is_removed_and_nothing_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let (file, folder) = (dir.path().join("a.csv"), dir.path().join("folder"));
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        std::fs::write(&file, "").unwrap();
        assert!(remove_if_there(&folder).is_err() && remove_folder_if_there(&file).is_err());
        for _ in 0..2 {
            remove_if_there(&file).unwrap();
            remove_folder_if_there(&folder).unwrap();
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
