//! The model backend: from text to hidden states. Subwords, windows and batches, the encoder, its
//! weights on disk. Only this folder, the two heads (`ner`, `relations`) and `train` know tensors.

mod batch;
mod bert;
mod encoder;
mod layer;
mod mpnet;
mod runtime;
mod sizes;
mod steady;
mod subwords;
mod tensor_file;
mod tokenizer_files;
mod variables;
mod weights;
mod weights_file;
mod window;

pub use batch::{Batch, Hidden};
pub use encoder::{Encoder, Phase};
pub use runtime::{
    Precision, TRIAL_THREAD, give_back_freed, leave, single_threaded_kernels, told_by, tried,
    tune_process,
};
pub use sizes::Sizes;
pub(crate) use steady::{recurring, steady};
pub use subwords::{SHAPES, SentenceTokens, SubwordTokenizer};
pub use tensor_file::{Storage, read_tensors, read_tensors_as_bf16, tensor_shapes, write_tensors};
pub use variables::VariableScope;
pub use weights::{SharedWeights, Weights, without_gradients};
pub use weights_file::{WEIGHTS, holds_weights, weights_file};
pub(crate) use window::overlapping;
pub use window::{Piece, Window, WindowLimits, windows};
