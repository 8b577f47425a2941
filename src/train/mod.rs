//! Training and retraining: from labelled samples to the weights of the joint model.

mod checkpoint;
mod data;
mod loss;
mod optimizer;
mod options;
mod plan;
mod start;
mod trainer;

pub use options::{Task, TrainOptions};
pub use trainer::{Progress, Score, Trained, train};
