//! The scorer: pure functions over gold and predicted samples. Counts are added, never averaged.
//!
//! A sentence is turned into [`Counts`] by `mentions` and `relations`, these are added up by
//! document in `tally`, and a [`Report`] is made of the sums.

mod bootstrap;
mod calibration;
mod coreference;
mod counts;
mod display;
mod mentions;
mod relations;
mod report;
mod scope;
mod tally;

pub use calibration::{Bin, Calibration, calibration};
pub use coreference::{CoreferenceReport, LinkQuality, Quality, score_coreference};
pub use counts::Counts;
pub use relations::judge as judge_relations;
pub use report::{ClassFigures, Figures, MentionReport, RelationReport, Report, score};
pub use scope::Scope;
