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
}
