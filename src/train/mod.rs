//! Training and retraining: from labelled samples to the weights of the joint model.

mod checkpoint;
mod correct;
mod corrections;
mod data;
mod hold_out;
mod judge;
mod lesson;
mod loss;
mod names;
mod optimizer;
mod options;
mod pace;
mod plan;
mod recipe;
mod replay;
mod start;
mod trainer;

pub use checkpoint::{check_place, find_stopped_run};
pub use correct::{Corrected, correct};
pub use data::Dropped;
pub use hold_out::hold_out;
pub use judge::{Judge, Kept, Score};
pub use options::{Task, TrainOptions};
pub use pace::Progress;
pub use recipe::{MAY_LOSE, Material, usual_options};
pub use start::is_dossier;
pub use trainer::{Lessons, Trained, train};

/// Padded subwords in a batch, where a model is asked and not trained.
const BATCH_TOKENS: usize = 2048;
