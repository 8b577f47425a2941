//! Words that refer to a name of their document without being one: `he`, `the group`.
//!
//! Two steps, because such words are read together with the names of a sentence but understood only
//! by those of the whole document: [`propose`] finds the words, by form alone; [`link`] then finds
//! the one entity that each means, and takes away those that could mean several or none. Three small
//! models rank the entities before a word, or rather nobody: one for `he` and `she` (`pronoun`), one
//! for `it` and `they` (`things`), one for noun phrases (`phrases`). A word is linked if one entity is
//! probable enough: a wrong link is worse than none. Whom `they` means is told by a rule (`sayers`).

mod gender;
mod link;
mod nouns;
mod phrases;
mod place;
mod portrait;
mod pronoun;
mod propose;
mod rank;
mod sayers;
mod scene;
mod things;
mod titles;
mod weights;

pub use link::link;
pub use propose::{Proposed, propose};
