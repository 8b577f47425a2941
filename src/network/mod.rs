//! The joint model assembled: encoder, tag head and relation head, loaded from a model folder, and
//! the way from a text's sentences to its annotations.

mod assemble;
mod check;
mod describe;
mod fits;
mod folder;
mod model;
mod pack;
mod prepared;
mod read;
mod workers;

pub use check::check_folder;
pub use describe::{About, AboutEncoder};
pub(crate) use fits::fits_tokenizer;
pub use fits::made_with;
pub use folder::{
    CARD, CHECKPOINT, CONFIG, POSITION, SCHEMA, TOKENIZER, WEIGHTS, find_model, find_model_by,
    folder_hash, unfinished, whole_folder_hash,
};
pub use model::{Model, Network};
pub use pack::pack;
pub use prepared::{GivenMention, Prepared, batches};
pub use read::{PieceReading, WindowReading};
pub use workers::{Predicted, Task, WORKER_THREAD, Workers};
