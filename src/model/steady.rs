use tch::{Kind, Tensor, nn};

/// From so many inputs on, a product in bf16 is summed up in another order when it has few rows.
const WIDE: i64 = 1024;
/// Fewest rows, and what their number is a multiple of, for which the order is always the same.
const FEWEST: i64 = 256;
const STEP: i64 = 64;

/// A linear map of `[.., inputs]` whose result for a row does not depend on how many others there are.
///
/// oneDNN's kernels for AMX divide long sums by the number of rows, so that a sentence would get
/// other confidences in another batch (seen in the third decimal, with oneDNN 3.4). Rows of zeros are
/// added up to a number at which they do not.
pub(crate) fn steady(input: &Tensor, linear: &nn::Linear) -> Tensor {
    let size = input.size();
    let inputs = size.last().copied().unwrap_or(0);
    if inputs < WIDE || input.kind() != Kind::BFloat16 {
        return input.apply(linear);
    }
    let rows = size.iter().rev().skip(1).product();
    let filled = rows_for(rows);
    if filled == rows {
        return input.apply(linear);
    }
    let more = input
        .reshape([rows, inputs])
        .constant_pad_nd([0, 0, 0, filled - rows]);
    let mut shape = size;
    if let Some(last) = shape.last_mut() {
        *last = -1;
    }
    more.apply(linear).narrow(0, 0, rows).reshape(shape)
}

fn rows_for(rows: i64) -> i64 {
    let steps = (rows.max(FEWEST) + STEP - 1) / STEP;
    steps * STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Weights;

    #[test]
    fn rows_are_filled_up() {
        assert_eq!([1, 256, 257, 320].map(rows_for), [256, 256, 320, 320]);
    }

    /// Bit by bit on processors with AMX, where it failed before; elsewhere it never did.
    #[test]
    fn a_row_is_the_same_among_few_and_many() {
        let weights = Weights::new();
        let linear = nn::linear(
            weights.root() / "wide",
            3904,
            96,
            nn::LinearConfig::default(),
        );
        let linear = nn::Linear {
            ws: linear.ws.to_kind(Kind::BFloat16),
            bs: linear.bs.map(|bias| bias.to_kind(Kind::BFloat16)),
        };
        let numbers = Tensor::arange(300 * 3904, (Kind::Double, tch::Device::Cpu));
        let input = (numbers * 0.7).sin().to_kind(Kind::BFloat16);
        let input = input.view([300, 3904]);
        tch::no_grad(|| {
            let many = steady(&input, &linear);
            assert_eq!(many.size(), [300, 96]);
            for rows in [1, 7, 16, 144, 208, 256] {
                let few = steady(&input.narrow(0, 0, rows), &linear);
                assert!(few.equal(&many.narrow(0, 0, rows)), "{rows} rows");
            }
            let of_rows = steady(&input.view([3, 100, 3904]), &linear);
            assert!(of_rows.view([300, 96]).equal(&many));
        });
    }
}
