use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::share::is_run;

/// Makes sure that a run may be written into the folder `output`: what a run writes must neither be
/// read as articles the next time nor come to lie among the files of somebody. So the folder is new,
/// empty, or that of a run, and holds none of the inputs itself. It may lie inside a folder that is
/// read, which passes over it.
///
/// # Errors
/// It is another folder, or no folder.
pub(super) fn check_place(inputs: &[PathBuf], output: &Path) -> Result<()> {
    let Ok(place) = output.canonicalize() else {
        return Ok(());
    };
    if !place.is_dir() {
        return Err(Error::Usage(format!(
            "{}: is a file; name a folder with -o",
            output.display()
        )));
    }
    for input in inputs {
        if input
            .canonicalize()
            .is_ok_and(|input| holds(&place, &input))
        {
            return Err(Error::Usage(format!(
                "{}: is to be read, and its folder to be written to; name another folder with -o, \
                 such as {}",
                input.display(),
                output.join("out").display()
            )));
        }
    }
    match foreign(&place)? {
        None => Ok(()),
        Some(name) => Err(Error::Usage(format!(
            "{}: is the folder of no run, and holds {name}; name a new folder with -o, such as {}",
            output.display(),
            output.join("out").display()
        ))),
    }
}

/// Whether an input is the folder or a file in it.
fn holds(folder: &Path, input: &Path) -> bool {
    input == folder || input.is_file() && input.parent() == Some(folder)
}

/// What a folder holds that is no folder of a run; hidden files, such as those of a file manager, do
/// not count.
fn foreign(folder: &Path) -> Result<Option<String>> {
    if is_run(folder) {
        return Ok(None);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|e| Error::io(folder, e))? {
        let entry = entry.map_err(|e| Error::io(folder, e))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    Ok(names
        .into_iter()
        .filter(|name| !name.starts_with('.'))
        .min())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }

    #[test]
    fn a_run_has_a_folder_of_its_own() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        for name in [
            "news/a.txt",
            "news/sub/b.txt",
            "mine/triples.csv",
            "run/triples.csv",
            "run/run.json",
            "run/notes.txt",
            "stopped/.dossier/settings.json",
            "stopped/notes.txt",
            "empty/.DS_Store",
        ] {
            put(&root.join(name));
        }
        let check = |inputs: &[&str], output: &str| {
            let inputs: Vec<PathBuf> = inputs.iter().map(|input| root.join(input)).collect();
            check_place(&inputs, &root.join(output)).map_err(|e| e.to_string())
        };
        for output in ["run", "stopped", "empty", "new"] {
            assert_eq!(check(&["news", "-"], output), Ok(()));
        }
        for (input, output) in [
            ("news", "news"),
            ("news/.", "news"),
            ("news/sub/..", "news"),
            ("news/a.txt", "news"),
            ("run/notes.txt", "run"),
            ("run", "run"),
        ] {
            let told = check(&["news/sub", input], output).unwrap_err();
            assert!(told.contains("is to be read"), "{input} {output}: {told}");
        }
        for (output, named) in [
            ("", "holds empty"),
            ("news/sub", "holds b.txt"),
            ("mine", "holds triples.csv"),
            ("mine/triples.csv", "is a file"),
        ] {
            let told = check(&["news"], output).unwrap_err();
            assert!(told.contains(named), "{output}: {told}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_the_same_folder() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().canonicalize().unwrap();
        put(&root.join("news/a.txt"));
        std::os::unix::fs::symlink(root.join("news"), root.join("link")).unwrap();
        let told = check_place(&[root.join("link")], &root.join("news")).unwrap_err();
        assert!(told.to_string().contains("is to be read"), "{told}");
    }
}
