//! Where a command may write: nothing that is there is lost without the user's saying so.
//!
//! A command replaces the file that it would write without `-o`, which it made itself. Any other file
//! that is there is replaced only with `--replace`; the tables of a run, the files of a model and what
//! the command reads, never.

use std::path::{Component, Path, PathBuf};

use super::named;
use crate::error::{Error, Result};
use crate::network::{CARD, CONFIG, SCHEMA, TOKENIZER, WEIGHTS};
use crate::share::{RUN_FILES, is_run};

/// The files by which programs know a model.
const MODEL_FILES: [&str; 5] = [CONFIG, TOKENIZER, SCHEMA, WEIGHTS, CARD];

/// Makes sure that a command that `reads` some files may write the file `path`. The `usual` file is
/// the one that it writes without `-o`.
///
/// # Errors
/// It is a file that must stay, or one that is there and that nobody wants to replace.
pub fn may_write(
    path: &Path,
    reads: &[PathBuf],
    usual: Option<&Path>,
    replace: bool,
) -> Result<()> {
    named::new_file(path)?;
    let real = resolved(path);
    if let Some(kind) = kept(&real) {
        return Err(Error::Usage(format!(
            "{}: is {kind}, which is never written over; name another file",
            path.display()
        )));
    }
    if is_among(&real, reads) {
        return Err(Error::Usage(format!(
            "{}: is among what is read; name another file to write",
            path.display()
        )));
    }
    let empty = std::fs::metadata(&real).map_or(true, |file| !file.is_file() || file.len() == 0);
    if empty || replace || is_usual(&real, usual) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{}: is there already; --replace writes over it, or name another file",
        path.display()
    )))
}

/// Makes sure that a command that `reads` some files and folders may write its files into the folder
/// `path`. The `usual` folder is the one that it fills without `-o`.
///
/// # Errors
/// It is the folder of a run or a model, among what is read, or one that holds something and nobody
/// wants to replace.
pub fn may_fill(path: &Path, reads: &[PathBuf], usual: Option<&Path>, replace: bool) -> Result<()> {
    named::new_folder(path)?;
    let real = resolved(path);
    if is_run(&real) || is_model(&real) {
        return Err(Error::Usage(format!(
            "{}: is the folder of a run or a model, whose files would be written over; name another \
             folder with -o",
            path.display()
        )));
    }
    if is_among(&real, reads) {
        return Err(Error::Usage(format!(
            "{}: is among what is read; name another folder to write",
            path.display()
        )));
    }
    let mut inside = std::fs::read_dir(&real).into_iter().flatten();
    let empty = inside.next().is_none();
    if empty || replace || is_usual(&real, usual) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{}: holds files already; --replace writes over those of the same names, or name a new folder \
         with -o",
        path.display()
    )))
}

fn is_among(real: &Path, reads: &[PathBuf]) -> bool {
    reads.iter().any(|read| real.starts_with(resolved(read)))
}

fn is_usual(real: &Path, usual: Option<&Path>) -> bool {
    usual.is_some_and(|usual| resolved(usual) == real)
}

/// What kind of file it is, if it is never written over.
fn kept(real: &Path) -> Option<&'static str> {
    let (folder, name) = (real.parent()?, real.file_name()?);
    if is_run(folder) && RUN_FILES.iter().any(|file| name == *file) {
        return Some("a table of a run");
    }
    if is_model(folder) && MODEL_FILES.iter().any(|file| name == *file) {
        return Some("a file of a model");
    }
    None
}

fn is_model(folder: &Path) -> bool {
    [CONFIG, WEIGHTS]
        .iter()
        .all(|name| folder.join(name).is_file())
}

/// The path without links and detours, as far as it is there.
pub fn resolved(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut resolved = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
        if let Ok(there) = resolved.canonicalize() {
            resolved = there;
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        folder
    }

    const PLACE: [&str; 8] = [
        "run/run.json",
        "run/triples.csv",
        "run/report.html",
        "model/config.json",
        "model/model.safetensors",
        "gold/a.ann",
        "gold.jsonl",
        "mine.csv",
    ];

    #[test]
    fn tables_models_and_inputs_stay_even_with_replace() {
        let folder = folder_with(&PLACE);
        let at = |name: &str| folder.path().join(name);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("run"), at("link")).unwrap();
            std::os::unix::fs::symlink(at("gold.jsonl"), at("gold-link")).unwrap();
        }
        let reads = [at("gold.jsonl"), at("gold")];
        for (name, told) in [
            ("run/triples.csv", "a table of a run"),
            ("run/./../run/run.json", "a table of a run"),
            ("run/texts.jsonl", "a table of a run"),
            #[cfg(unix)]
            ("link/triples.csv", "a table of a run"),
            ("model/model.safetensors", "a file of a model"),
            ("model/MODEL_CARD.md", "a file of a model"),
            ("gold.jsonl", "is among what is read"),
            #[cfg(unix)]
            ("gold-link", "is among what is read"),
            ("gold/../gold/a.ann", "is among what is read"),
        ] {
            let refused = may_write(&at(name), &reads, None, true).unwrap_err();
            assert!(refused.to_string().contains(told), "{name}: {refused}");
        }
    }

    #[test]
    fn what_is_there_is_replaced_only_when_it_is_the_usual_or_so_wished() {
        let folder = folder_with(&PLACE);
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("empty.csv"), "").unwrap();
        let usual = at("run/report.html");
        let may =
            |name: &str, replace: bool| may_write(&at(name), &[], Some(&usual), replace).is_ok();
        for name in ["new.csv", "new/deep.csv", "empty.csv", "run/report.html"] {
            assert!(may(name, false), "{name}");
        }
        assert!(may("run/../run/report.html", false));
        assert!(!may("mine.csv", false) && may("mine.csv", true));
    }

    #[test]
    fn a_folder_is_filled_only_when_it_is_empty_or_the_usual_or_so_wished() {
        let folder = folder_with(&PLACE);
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("empty")).unwrap();
        let usual = at("gold");
        let may = |name: &str, usual: Option<&Path>, replace: bool| {
            may_fill(&at(name), &[], usual, replace).is_ok()
        };
        assert!(may("new", None, false) && may("empty", None, false));
        assert!(may("gold", Some(&usual), false) && may("gold", None, true));
        assert!(!may("gold", None, false));
        for kept in ["run", "run/.", "model"] {
            assert!(!may(kept, None, true), "{kept}");
        }
        for inside in ["gold", "gold/new", "new/../gold/."] {
            let refused = may_fill(&at(inside), &[at("gold")], None, true).unwrap_err();
            let told = "is among what is read";
            assert!(refused.to_string().contains(told), "{inside}: {refused}");
        }
    }
}
