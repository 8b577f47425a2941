use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::text::did_you_mean;

/// Configuration of a model.
pub const CONFIG: &str = "config.json";
/// Vocabulary and rules of its tokenizer.
pub const TOKENIZER: &str = "tokenizer.json";
/// Its entity types and relations.
pub const SCHEMA: &str = "schema.toml";
/// Its weights.
pub use crate::model::WEIGHTS;
/// What people should know of it.
pub const CARD: &str = "MODEL_CARD.md";

/// The hidden folder in a model's folder that holds a training until it ends.
pub const CHECKPOINT: &str = ".checkpoint";
/// Where that training stands: a file in [`CHECKPOINT`].
pub const POSITION: &str = "position.json";

const DEFAULTS: [&str; 2] = ["news-en", "news-en-fast"];

/// The model folder to use: the one given (a path, or the name of a bundled one), else the first
/// bundled one found in `models/` of the working folder, beside the program, or above it.
///
/// # Errors
/// There is none; the message lists where it was looked for.
pub fn find_model(given: Option<&Path>) -> Result<PathBuf> {
    find_model_by("--model", given)
}

/// Like [`find_model`], for a folder that the user names with another `flag`.
///
/// # Errors
/// There is none; the message names the flag and lists where it was looked for.
pub fn find_model_by(flag: &str, given: Option<&Path>) -> Result<PathBuf> {
    let mut looked = Vec::new();
    let names: Vec<&Path> = match given {
        Some(path) if path.join(CONFIG).is_file() => return Ok(path.to_path_buf()),
        Some(path) => {
            looked.push(path.to_path_buf());
            vec![path]
        }
        None => DEFAULTS.iter().map(Path::new).collect(),
    };
    for root in roots() {
        for name in &names {
            let folder = root.join("models").join(name);
            if folder.join(CONFIG).is_file() {
                return Ok(folder);
            }
            looked.push(folder);
        }
    }
    if given.is_some()
        && let Some(told) = looked.iter().find_map(|folder| unfinished(folder))
    {
        return Err(Error::Usage(told));
    }
    let looked: Vec<String> = looked.iter().map(|p| p.display().to_string()).collect();
    Err(Error::Usage(format!(
        "{}; name a model's folder with {flag} DIR (a folder with {CONFIG}, {TOKENIZER}, {SCHEMA} \
         and {WEIGHTS}). Looked for: {}",
        given.map_or_else(|| "no model found".into(), missing),
        looked.join(", ")
    )))
}

/// What is wrong with a model that the user names.
fn missing(given: &Path) -> String {
    if given.is_file() {
        return format!("{}: is a file", given.display());
    }
    if given.is_dir() {
        return format!("{}: is no model, as it has no {CONFIG}", given.display());
    }
    let name = given.file_name().unwrap_or(given.as_os_str());
    let beside = given.parent().map(Path::to_path_buf);
    let models = roots().into_iter().map(|root| root.join("models"));
    let known: Vec<String> = models.chain(beside).flat_map(|f| names_in(&f)).collect();
    let hint = did_you_mean(&name.to_string_lossy(), known.iter().map(String::as_str));
    format!("no model is called {}{hint}", given.display())
}

/// The models in a folder, by name.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().join(CONFIG).is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// What is to be known of a folder whose training has not come to its end, in a line; `None` for any
/// other folder.
pub fn unfinished(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Position {
        epoch: usize,
        best_epoch: usize,
    }
    let text = std::fs::read(folder.join(CHECKPOINT).join(POSITION)).ok()?;
    let position = serde_json::from_slice(&text).unwrap_or(Position {
        epoch: 0,
        best_epoch: 0,
    });
    let model = match position.best_epoch {
        0 if folder.join(CONFIG).is_file() => "the model in it is the one from before".to_owned(),
        0 => "there is no model in it yet".to_owned(),
        best => format!("the model in it is the best so far (epoch {best}) and can be used"),
    };
    Some(format!(
        "{}: the training in this folder is not finished (epochs done: {}); {model}. The command that \
         it was started with goes on with --resume",
        folder.display(),
        position.epoch
    ))
}

fn roots() -> Vec<PathBuf> {
    let mut roots = vec![PathBuf::from(".")];
    if let Ok(program) = std::env::current_exe() {
        let program = program.canonicalize().unwrap_or(program);
        roots.extend(program.ancestors().skip(1).take(4).map(Path::to_path_buf));
    }
    roots
}

/// SHA-256 over the files of a model that decide its results, as hexadecimal digits.
///
/// # Errors
/// A file cannot be read.
pub fn folder_hash(folder: &Path) -> Result<String> {
    hash_of([CONFIG, TOKENIZER, SCHEMA, WEIGHTS].map(|name| folder.join(name)))
}

/// SHA-256 over all files of a folder, such as that of another model, as hexadecimal digits.
///
/// # Errors
/// The folder or a file in it cannot be read.
pub fn whole_folder_hash(folder: &Path) -> Result<String> {
    let in_folder = |e: std::io::Error| Error::io(folder, e);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(in_folder)? {
        let path = entry.map_err(in_folder)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    hash_of(files)
}

fn hash_of(files: impl IntoIterator<Item = PathBuf>) -> Result<String> {
    let mut hash = Sha256::new();
    for path in files {
        let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_that_is_not_finished_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        assert_eq!(unfinished(folder), None);
        let position = folder.join(CHECKPOINT).join(POSITION);
        std::fs::create_dir(folder.join(CHECKPOINT)).unwrap();
        assert_eq!(unfinished(folder), None);
        let put = |best| {
            let text = format!("{{\"step\":9,\"epoch\":2,\"best_epoch\":{best}}}");
            std::fs::write(&position, text).unwrap();
        };
        put(0);
        let refused = find_model(Some(folder)).unwrap_err().to_string();
        assert!(refused.contains("no model in it yet") && refused.contains("--resume"));
        std::fs::write(folder.join(CONFIG), "{}").unwrap();
        assert_eq!(find_model(Some(folder)).unwrap(), folder);
        assert!(unfinished(folder).unwrap().contains("from before"));
        put(1);
        let told = unfinished(folder).unwrap();
        assert!(told.contains("epochs done: 2") && told.contains("epoch 1) and can be used"));
    }

    #[test]
    fn the_flag_that_was_used_is_named() {
        let told = |flag: &str| {
            let refused = find_model_by(flag, Some(Path::new("no-such-model")));
            refused.unwrap_err().to_string()
        };
        assert!(told("--base").contains("--base DIR"));
        assert!(!told("--base").contains("--model"));
        assert!(told("--model").contains("no model is called no-such-model;"));
    }

    #[test]
    fn a_mistyped_model_is_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("my-model");
        std::fs::create_dir(&model).unwrap();
        std::fs::write(model.join(CONFIG), "{}").unwrap();
        let told = |name: &str| {
            let refused = find_model(Some(&folder.path().join(name)));
            refused.unwrap_err().to_string()
        };
        assert!(told("my-modle").contains("my-modle (did you mean my-model?);"));
        assert!(told("").contains(": is no model, as it has no config.json;"));
        assert!(told("my-model/config.json").contains("config.json: is a file;"));
    }
}
