use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Configuration of a model.
pub const CONFIG: &str = "config.json";
/// Vocabulary and rules of its tokenizer.
pub const TOKENIZER: &str = "tokenizer.json";
/// Its entity types and relations.
pub const SCHEMA: &str = "schema.toml";
/// Its weights.
pub const WEIGHTS: &str = "model.safetensors";
/// What people should know of it.
pub const CARD: &str = "MODEL_CARD.md";

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
    let looked: Vec<String> = looked.iter().map(|p| p.display().to_string()).collect();
    Err(Error::Usage(format!(
        "no model found; name its folder with {flag} DIR (a folder with {CONFIG}, {TOKENIZER}, \
         {SCHEMA} and {WEIGHTS}). Looked for: {}",
        looked.join(", ")
    )))
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
    fn the_flag_that_was_used_is_named() {
        let told = |flag: &str| {
            let refused = find_model_by(flag, Some(Path::new("no-such-model")));
            refused.unwrap_err().to_string()
        };
        assert!(told("--base").contains("--base DIR"));
        assert!(!told("--base").contains("--model"));
        assert!(told("--model").contains("no-such-model"));
    }
}
