use tch::{Kind, Tensor, nn};

/// From so many inputs on, a product in bf16 is summed up in another order when it has few rows.
const WIDE: i64 = 1024;
/// Fewest rows, and what their number is a multiple of, for which the order is always the same.
const FEWEST: i64 = 256;
const STEP: i64 = 64;

/// A linear map of what `widened` makes of an input `[.., width]`, row by row. The result for a row does
/// not depend on how many others there are.
///
/// oneDNN's kernels for AMX divide long sums by the number of rows, so that a sentence would get
/// other confidences in another batch (seen in the third decimal, with oneDNN 3.4). Rows of zeros are
/// added up to a number at which they do not: to the input, which is not as wide.
pub(crate) fn steady(
    input: &Tensor,
    linear: &nn::Linear,
    widened: impl Fn(&Tensor) -> Tensor,
) -> Tensor {
    with_rows(input, enough, |rows| widened(rows).apply(linear))
}

/// A linear map of `[.., inputs]` for a number of rows that is another one nearly every time, such as
/// that of a batch's pairs. oneDNN compiles a kernel for each number, which takes longer than the
/// product: rows of zeros are added up to one of a few numbers. They are such that the result is steady.
pub(crate) fn recurring(input: &Tensor, linear: &nn::Linear) -> Tensor {
    let inputs = input.size().last().copied().unwrap_or(0);
    let wanted = if inputs < WIDE {
        coarse
    } else {
        |rows| enough(coarse(rows))
    };
    with_rows(input, wanted, |rows| rows.apply(linear))
}

fn with_rows(input: &Tensor, wanted: fn(i64) -> i64, map: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let mut shape = input.size();
    let Some(width) = shape.pop() else {
        return map(input);
    };
    let rows = shape.iter().product();
    let filled = wanted(rows);
    if filled == rows || input.kind() != Kind::BFloat16 {
        return map(input);
    }
    let more = input
        .reshape([rows, width])
        .constant_pad_nd([0, 0, 0, filled - rows]);
    shape.push(-1);
    map(&more).narrow(0, 0, rows).reshape(shape)
}

fn enough(rows: i64) -> i64 {
    let steps = (rows.max(FEWEST) + STEP - 1) / STEP;
    steps * STEP
}

/// A power of two, or one and a half of one, from 64 on.
fn coarse(rows: i64) -> i64 {
    let mut power = STEP;
    loop {
        match rows {
            _ if rows <= power => return power,
            _ if rows <= power + power / 2 => return power + power / 2,
            _ => power *= 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Weights;

    #[test]
    fn rows_are_filled_up() {
        assert_eq!([1, 256, 257, 320].map(enough), [256, 256, 320, 320]);
        assert_eq!(
            [1, 64, 65, 97, 129, 400].map(coarse),
            [64, 64, 96, 128, 192, 512]
        );
        let wide = (250..5000).map(coarse).filter(|rows| rows % STEP != 0);
        assert_eq!(wide.count(), 0);
    }

    /// Bit by bit on processors with AMX, where it failed before; elsewhere it never did.
    #[test]
    fn a_row_is_the_same_among_few_and_many() {
        let weights = Weights::new();
        let linear = (weights.root() / "wide").linear(3904, 96, nn::LinearConfig::default());
        let linear = nn::Linear {
            ws: linear.ws.to_kind(Kind::BFloat16),
            bs: linear.bs.map(|bias| bias.to_kind(Kind::BFloat16)),
        };
        let numbers = Tensor::arange(300 * 3904, (Kind::Double, tch::Device::Cpu));
        let input = (numbers * 0.7).sin().to_kind(Kind::BFloat16);
        let input = input.view([300, 3904]);
        tch::no_grad(|| {
            let many = recurring(&input, &linear);
            assert_eq!(many.size(), [300, 96]);
            for rows in [1, 7, 16, 144, 208, 256] {
                let few = input.narrow(0, 0, rows);
                let same = steady(&few, &linear, Tensor::shallow_clone);
                for few in [same, recurring(&few, &linear)] {
                    assert!(few.equal(&many.narrow(0, 0, rows)), "{rows} rows");
                }
            }
            let of_rows = recurring(&input.view([3, 100, 3904]), &linear);
            assert!(of_rows.view([300, 96]).equal(&many));
        });
    }
}
