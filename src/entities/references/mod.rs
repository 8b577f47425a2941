//! Words that refer to a name of their document without being one: `he`, `the group`.
//!
//! Two steps, because such words are read together with the names of a sentence but understood only
//! by those of the whole document: [`propose`] finds the words, by form alone; [`link`] then finds
//! the one entity that each can mean, and takes away those that could mean several or none. It is a
//! sieve in the manner of Lee et al. (2013, Computational Linguistics 39:4) with none of the passes
//! that buy recall with precision: a wrong link is worse than none.

mod gender;
mod link;
mod propose;

pub use link::link;
pub use propose::{Proposed, propose};
