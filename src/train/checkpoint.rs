use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::judge::Score;
use super::optimizer::AdamW;
use super::options::TrainOptions;
use crate::error::{Error, Result};
use crate::model::{Storage, read_tensors, write_tensors};

/// Where a training run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    pub options: TrainOptions,
    /// Fingerprint of the examples.
    pub data: u64,
    pub step: usize,
    pub epoch: usize,
    /// Steps done of the epoch.
    pub in_epoch: usize,
    pub best: Option<f64>,
    /// The epoch whose model was written; 0: none yet.
    pub best_epoch: usize,
    /// Its score.
    #[serde(default)]
    pub best_score: Option<Score>,
}

/// The folder of a run's checkpoint, inside the folder of the model to be.
#[derive(Debug)]
pub(super) struct Checkpoint {
    folder: PathBuf,
}

const FOLDER: &str = ".checkpoint";
const POSITION: &str = "position.json";

/// Makes sure that there is a training run to take up in the folder of a model to be.
///
/// # Errors
/// There is none.
pub fn find_stopped_run(output: &Path) -> Result<()> {
    if output.join(FOLDER).join(POSITION).is_file() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} holds no stopped run: start it without --resume",
        output.display()
    )))
}

impl Checkpoint {
    pub fn in_folder(output: &Path) -> Result<Self> {
        let folder = output.join(FOLDER);
        std::fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
        Ok(Self { folder })
    }

    /// Writes the state; the position, written last, is what makes it count.
    pub fn save(&self, position: &Position, optimizer: &AdamW) -> Result<()> {
        let slot = format!("step-{}", position.step);
        let old = self.slot();
        write_tensors(
            &self.folder.join(format!("{slot}.safetensors")),
            &optimizer.state(),
            Storage::Fp32,
        )?;
        let text = serde_json::to_string(position)
            .map_err(|e| Error::format(&self.folder, e.to_string()))?;
        let path = self.folder.join(POSITION);
        let temporary = self.folder.join("position.json.tmp");
        std::fs::write(&temporary, text).map_err(|e| Error::io(&temporary, e))?;
        std::fs::rename(&temporary, &path).map_err(|e| Error::io(&path, e))?;
        if let Some(old) = old.filter(|o| *o != position.step) {
            let _ = std::fs::remove_file(self.folder.join(format!("step-{old}.safetensors")));
        }
        Ok(())
    }

    fn slot(&self) -> Option<usize> {
        self.position().ok().map(|p| p.step)
    }

    fn position(&self) -> Result<Position> {
        let path = self.folder.join(POSITION);
        let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
        serde_json::from_str(&text).map_err(|e| Error::format(&path, e.to_string()))
    }

    /// Takes the state up again.
    ///
    /// # Errors
    /// There is none, or one of other data or options.
    pub fn load(
        &self,
        options: &TrainOptions,
        data: u64,
        optimizer: &mut AdamW,
    ) -> Result<Position> {
        let output = self.folder.parent().unwrap_or(&self.folder);
        find_stopped_run(output)?;
        let position = self.position()?;
        if position.data != data || !position.options.teach_the_same(options) {
            let what = if position.data == data {
                "settings"
            } else {
                "samples"
            };
            return Err(Error::format(
                &self.folder,
                format!(
                    "the checkpoint was made with other {what}; repeat the command it was made with, or start anew without --resume"
                ),
            ));
        }
        let path = self
            .folder
            .join(format!("step-{}.safetensors", position.step));
        let tensors = read_tensors(&path)?;
        optimizer.restore(&tensors, position.step)?;
        Ok(position)
    }

    /// Removes the checkpoint of a run that is finished.
    pub fn remove(self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
