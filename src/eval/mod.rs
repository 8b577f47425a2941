//! The scorer: pure functions over gold and predicted samples. Counts are added, never averaged.

mod bootstrap;
mod counts;
mod mentions;
mod relations;
mod report;

pub use counts::Counts;
pub use report::{Figures, Report, score};
