use tch::{Kind, Tensor};

use super::Window;

/// Windows of similar length, padded to one length: the encoder's input.
#[derive(Debug)]
pub struct Batch {
    /// Vocabulary ids, `[rows, len]`, int64.
    pub(crate) ids: Tensor,
    /// Case shapes, `[rows, len]`, int64.
    pub(crate) shapes: Tensor,
    /// 1 where there is text, 0 where padding, `[rows, len]`, int8.
    pub(crate) mask: Tensor,
    len: usize,
}

/// Row lengths are multiples of this. Windows of one padded length make a batch, so a window's
/// result does not depend on which others share its batch.
const STEP: usize = 16;

impl Batch {
    /// The padded length of a window of `len` subwords.
    pub fn padded_len(len: usize) -> usize {
        len.checked_next_multiple_of(STEP).unwrap_or(usize::MAX)
    }

    /// The longest window that an encoder of so many `positions` reads, its padding included.
    pub fn longest_within(positions: usize) -> usize {
        positions / STEP * STEP
    }

    /// Pads `windows` with the id `padding`.
    pub fn new(windows: &[&Window], padding: u32) -> Self {
        let rows = windows.len();
        let longest = windows.iter().map(|w| w.ids.len()).max().unwrap_or(1);
        let len = Self::padded_len(longest);
        let mut ids = vec![i64::from(padding); rows * len];
        let mut shapes = vec![0i64; rows * len];
        let mut mask = vec![0i8; rows * len];
        for (row, window) in windows.iter().enumerate() {
            let at = row * len;
            for (k, (&id, &shape)) in window.ids.iter().zip(&window.shapes).enumerate() {
                ids[at + k] = i64::from(id);
                shapes[at + k] = i64::from(shape);
                mask[at + k] = 1;
            }
        }
        let shaped = |t: Tensor| t.view([rows as i64, len as i64]);
        Self {
            ids: shaped(Tensor::from_slice(&ids)),
            shapes: shaped(Tensor::from_slice(&shapes)),
            mask: shaped(Tensor::from_slice(&mask)),
            len,
        }
    }

    /// Padded length of the rows, in subwords.
    pub fn row_len(&self) -> usize {
        self.len
    }

    /// Index into the flattened batch of position `at` of row `row`.
    pub fn flat(&self, row: usize, at: usize) -> i64 {
        (row * self.len + at) as i64
    }
}

/// What the encoder made of a batch.
#[derive(Debug)]
pub struct Hidden {
    /// `[rows * len, width]`, in the precision of the forward pass.
    pub(crate) states: Tensor,
    /// Case shapes, flattened like the states.
    pub(crate) shapes: Tensor,
}

impl Hidden {
    /// The states at these flat positions, `[n, width]`.
    pub(crate) fn at(&self, positions: &[i64]) -> Tensor {
        self.states.index_select(0, &Tensor::from_slice(positions))
    }

    /// Number format of the states.
    pub(crate) fn kind(&self) -> Kind {
        self.states.kind()
    }
}
