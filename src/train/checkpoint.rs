use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::judge::Score;
use super::optimizer::AdamW;
use super::options::TrainOptions;
use super::start::is_dossier;
use crate::error::{Error, Result};
use crate::files::remove_folder_if_there;
use crate::model::{Storage, read_tensors, write_tensors};
use crate::network::{CHECKPOINT, POSITION};

/// What a training run is made from: it goes on only with the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub options: TrainOptions,
    /// Fingerprint of the examples.
    pub data: u64,
    /// Hash of the base's folder; checkpoints of older versions do not tell.
    #[serde(default)]
    pub base: Option<String>,
    /// Fingerprint of what models are judged by; checkpoints of older versions do not tell.
    #[serde(default)]
    pub judged_by: Option<u64>,
}

impl Origin {
    /// What keeps a run from going on from the checkpoint of an `other` one. The base comes first: it
    /// decides what samples and settings become.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        fn differ<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
            a.is_some() && b.is_some() && a != b
        }
        if differ(&self.base, &other.base) {
            Some("from another base model")
        } else if self.data != other.data {
            Some("with other samples")
        } else if !self.options.teach_the_same(&other.options) {
            Some("with other settings")
        } else if differ(&self.judged_by, &other.judged_by) {
            Some("with other samples to judge by")
        } else {
            None
        }
    }
}

/// Where a training run stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    #[serde(flatten)]
    pub origin: Origin,
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

/// Whether the folder of a model to be holds a training run that was stopped.
fn holds_stopped_run(output: &Path) -> bool {
    output.join(CHECKPOINT).join(POSITION).is_file()
}

/// Makes sure that there is a training run to take up in the folder of a model to be.
///
/// # Errors
/// There is none.
pub fn find_stopped_run(output: &Path) -> Result<()> {
    if holds_stopped_run(output) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} holds no stopped run: start it without --resume",
        output.display()
    )))
}

/// Makes sure that a new training may write its model into the folder `output`: a new or empty one,
/// or with `replace` that of a model or of a stopped training. Hidden files do not count.
///
/// # Errors
/// There is something in it that would be written over, or lie beside the model.
pub fn check_place(output: &Path, replace: bool) -> Result<()> {
    let refused = |why: &str| Err(Error::Usage(format!("{}: {why}", output.display())));
    let stopped = holds_stopped_run(output);
    let model = is_dossier(output);
    match (stopped, model) {
        _ if replace && (stopped || model) => return Ok(()),
        (true, _) => {
            return refused(
                "a training was stopped in this folder; --resume goes on with it, --replace begins \
                 again without it",
            );
        }
        (_, true) => {
            return refused(
                "holds a model already; --replace puts the new one in its place, or name another \
                 folder with -o",
            );
        }
        _ => {}
    }
    let entries = match std::fs::read_dir(output) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::io(output, e)),
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    match names.filter(|name| !name.starts_with('.')).min() {
        None => Ok(()),
        Some(name) => refused(&format!(
            "holds {name}, which no model trained here has; name a new folder with -o"
        )),
    }
}

impl Checkpoint {
    /// Removes what a stopped training has left in the folder of a model to be.
    pub fn forget(output: &Path) -> Result<()> {
        let folder = output.join(CHECKPOINT);
        remove_folder_if_there(&folder).map_err(|e| Error::io(folder, e))
    }

    pub fn in_folder(output: &Path) -> Result<Self> {
        let folder = output.join(CHECKPOINT);
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
    /// There is none, or one of a run of another origin.
    pub fn load(&self, origin: &Origin, optimizer: &mut AdamW) -> Result<Position> {
        let output = self.folder.parent().unwrap_or(&self.folder);
        find_stopped_run(output)?;
        let mut position = self.position()?;
        if let Some(made) = origin.difference(&position.origin) {
            return Err(Error::format(
                &self.folder,
                format!(
                    "the checkpoint was made {made}; repeat the command it was made with, or begin again with --replace in place of --resume"
                ),
            ));
        }
        position.origin = origin.clone();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        Origin {
            options: TrainOptions::default(),
            data: u64::MAX,
            base: Some("ab12".into()),
            judged_by: Some(u64::MAX - 1),
        }
    }

    #[test]
    fn what_differs_is_named() {
        let told = |change: fn(&mut Origin)| {
            let mut other = origin();
            change(&mut other);
            origin().difference(&other)
        };
        assert_eq!(told(|_| ()), None);
        assert_eq!(told(|o| o.options.threads += 1), None);
        for (told, part) in [
            (told(|o| o.base = Some("cd34".into())), "base model"),
            (told(|o| o.data = 1), "other samples"),
            (told(|o| o.options.seed += 1), "settings"),
            (told(|o| o.judged_by = Some(1)), "samples to judge by"),
        ] {
            assert!(told.is_some_and(|told| told.contains(part)), "{part}");
        }
    }

    #[test]
    fn a_model_is_written_into_a_folder_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let put = |names: &[&str]| {
            let folder = tempfile::tempdir_in(dir.path()).unwrap().keep();
            for name in names {
                let path = folder.join(name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "x").unwrap();
            }
            folder
        };
        let said = |folder: &Path, replace| match check_place(folder, replace) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said(&dir.path().join("new"), false), "");
        for names in [&[][..], &[".DS_Store"], &[".checkpoint/step-1.safetensors"]] {
            assert_eq!(said(&put(names), false), "", "{names:?}");
        }
        for names in [
            &["notes.txt"][..],
            &["run.json", "triples.csv"],
            &["config.json"],
        ] {
            for replace in [false, true] {
                let said = said(&put(names), replace);
                assert!(said.contains("name a new folder"), "{names:?}: {said}");
            }
        }
        let stopped = put(&[".checkpoint/position.json", "notes.txt"]);
        let told = said(&stopped, false);
        assert!(told.contains("--resume") && told.contains("--replace"));
        assert_eq!(said(&stopped, true), "");
        Checkpoint::forget(&stopped).unwrap();
        Checkpoint::forget(&stopped).unwrap();
        assert!(!stopped.join(CHECKPOINT).exists() && stopped.join("notes.txt").exists());
    }

    #[test]
    fn positions_of_older_versions_are_read() {
        let position = Position {
            origin: origin(),
            step: 3,
            epoch: 1,
            in_epoch: 2,
            best: Some(61.25),
            best_epoch: 1,
            best_score: None,
        };
        let mut text = serde_json::to_value(&position).unwrap();
        let read: Position = serde_json::from_str(&text.to_string()).unwrap();
        assert_eq!(read, position);
        let fields = text.as_object_mut().unwrap();
        fields.remove("base").unwrap();
        fields.remove("judged_by").unwrap();
        let older: Position = serde_json::from_str(&text.to_string()).unwrap();
        assert_eq!(older.origin.base, None);
        assert_eq!(origin().difference(&older.origin), None);
    }
}
