//! Relation extraction: every ordered pair of mentions of a sentence is scored for every relation
//! from the same encoder pass that found the mentions; then status, trigger and source of those
//! that hold.

mod head;
mod pairs;
mod select;
mod states;

pub(crate) use head::PairStates;
pub use head::{Found, RelationHead};
pub use pairs::{Group, Pair, PairMention, Pairs};
pub use select::{FARTHEST, LEAST_LIKELY, Selected, Selection};
