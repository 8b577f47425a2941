use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{CARD, CONFIG, SCHEMA, TOKENIZER, WEIGHTS};
use crate::error::{Error, Result};
use crate::model::{Storage, read_tensors, write_tensors};

/// Writes a copy of a model with its weights stored otherwise. What 8 bits lose is in the model's
/// card; a copy of a copy cannot win it back.
///
/// # Errors
/// The model cannot be read, the copy's folder is the model's own, or it cannot be written.
pub fn pack(folder: &Path, output: &Path, storage: Storage) -> Result<()> {
    std::fs::create_dir_all(output).map_err(|e| Error::io(output, e))?;
    let same = |a: &Path, b: &Path| a.canonicalize().ok() == b.canonicalize().ok();
    if same(folder, output) {
        return Err(Error::Usage(format!(
            "{} cannot be packed into itself: name another folder",
            folder.display()
        )));
    }
    let tensors: BTreeMap<_, _> = read_tensors(&folder.join(WEIGHTS))?.into_iter().collect();
    write_tensors(&output.join(WEIGHTS), &tensors, storage)?;
    for name in [CONFIG, SCHEMA, TOKENIZER, CARD] {
        let (from, to) = (folder.join(name), output.join(name));
        if name != CARD || from.is_file() {
            std::fs::copy(&from, &to).map_err(|e| Error::io(&from, e))?;
        }
    }
    Ok(())
}
