use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The file of a model's weights.
pub const WEIGHTS: &str = "model.safetensors";

/// Files of weights that are pickles: whoever loads one runs whatever program stands in it.
const PICKLES: [&str; 2] = ["pytorch_model.bin", "rust_model.ot"];

/// The file of the weights in a folder in Hugging Face form.
///
/// # Errors
/// There is none that is read here.
pub fn weights_file(folder: &Path) -> Result<PathBuf> {
    let path = folder.join(WEIGHTS);
    if path.is_file() {
        return Ok(path);
    }
    let pickle = PICKLES.iter().find(|name| folder.join(name).is_file());
    let told = match pickle {
        Some(name) => format!(
            "has its weights only as {name}, which is not loaded, since such a file can run any \
             program; provide {WEIGHTS} (Python's transformers writes it with save_pretrained)"
        ),
        None => format!("has no weights: there is no {WEIGHTS}"),
    };
    Err(Error::model(folder, told))
}

/// So few weights are made room for whatever their file holds, so that it can be told what of it
/// differs.
const FEW_WEIGHTS: u64 = 16_000_000;
const MILLION: u64 = 1_000_000;

/// Makes sure that a file can hold so many weights, each of which takes a byte at least: a network that
/// is far too big for its file would fill the memory before that is seen.
///
/// # Errors
/// It cannot, or is missing.
pub fn holds_weights(path: &Path, weights: u64) -> Result<()> {
    if !path.is_file() {
        return Err(Error::model(path, "the file is missing"));
    }
    let file = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if weights > file.len().max(FEW_WEIGHTS) {
        return Err(Error::model(
            path,
            format!(
                "has {:.1} MB, too few for the {} million weights that its configuration asks for: it \
                 is cut short, or belongs to another model",
                file.len() as f64 / MILLION as f64,
                weights / MILLION
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pickles_are_not_taken_for_weights() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(dir.path().join(name), "x").unwrap();
        let told = || weights_file(dir.path()).unwrap_err().to_string();
        assert!(told().ends_with("there is no model.safetensors"));
        for name in PICKLES.iter().rev() {
            put(name);
            let told = told();
            assert!(
                told.contains(name) && told.contains("provide model.safetensors"),
                "{told}"
            );
        }
        put(WEIGHTS);
        assert_eq!(weights_file(dir.path()).unwrap(), dir.path().join(WEIGHTS));
    }

    #[test]
    fn a_file_is_too_small_for_far_more_weights() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(WEIGHTS);
        assert!(holds_weights(&path, 1).is_err());
        std::fs::write(&path, "x").unwrap();
        assert!(holds_weights(&path, FEW_WEIGHTS).is_ok());
        let told = holds_weights(&path, FEW_WEIGHTS + MILLION).unwrap_err();
        assert!(told.to_string().contains("17 million weights"), "{told}");
    }
}
