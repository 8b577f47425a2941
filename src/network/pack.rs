use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{CARD, CONFIG, SCHEMA, TOKENIZER, WEIGHTS};
use crate::error::{Error, Result};
use crate::files::replace_together;
use crate::model::{Storage, read_tensors, write_tensors};

/// Writes a copy of a model with its weights stored otherwise into the folder `output`, over files of
/// the same names. What 8 bits lose is in the model's card; a copy of a copy cannot win it back.
///
/// # Errors
/// The model cannot be read, or the copy cannot be written.
pub fn pack(folder: &Path, output: &Path, storage: Storage) -> Result<()> {
    let tensors: BTreeMap<_, _> = read_tensors(&folder.join(WEIGHTS))?.into_iter().collect();
    std::fs::create_dir_all(output).map_err(|e| Error::io(output, e))?;
    replace_together(output, CONFIG, |new| {
        write_tensors(&new.join(WEIGHTS), &tensors, storage)?;
        for name in [CONFIG, SCHEMA, TOKENIZER, CARD] {
            let from = folder.join(name);
            if name != CARD || from.is_file() {
                let bytes = std::fs::read(&from).map_err(|e| Error::io(&from, e))?;
                std::fs::write(new.join(name), bytes)
                    .map_err(|e| Error::io(output.join(name), e))?;
            }
        }
        Ok(())
    })
}
