//! Words that refer to a name of their document without being one: `he`, `the group`.
//!
//! Two steps, because such words are read together with the names of a sentence but understood only
//! by those of the whole document: [`propose`] finds the words, by form alone; [`link`] then finds
//! the one entity that each means, and takes away those that could mean several or none. A noun
//! phrase is linked by rule, if there is only one name that it can mean (a sieve in the manner of Lee
//! et al. 2013, Computational Linguistics 39:4); a pronoun by a small model that ranks the people
//! before it, if one of them is probable enough. A wrong link is worse than none.

mod gender;
mod link;
mod pronoun;
mod propose;

pub use link::link;
pub use propose::{Proposed, propose};
