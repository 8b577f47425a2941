use tch::{Kind, Tensor, nn};

use super::{VariableScope, steady};

/// A layer normalisation (Ba et al. 2016).
#[derive(Debug)]
pub(super) struct Norm {
    pub weight: Tensor,
    pub bias: Tensor,
    /// What is added to a variance before the root is taken.
    pub epsilon: f64,
}

impl Norm {
    /// For states of that `width`.
    pub(super) fn new(scope: &VariableScope<'_>, width: i64, epsilon: f64) -> Self {
        let variable = |name, first| scope.variable(name, &[width], nn::Init::Const(first));
        Self {
            weight: variable("weight", 1.0),
            bias: variable("bias", 0.0),
            epsilon,
        }
    }
}

impl nn::Module for Norm {
    fn forward(&self, states: &Tensor) -> Tensor {
        states.layer_norm(
            self.weight.size(),
            Some(&self.weight),
            Some(&self.bias),
            self.epsilon,
            false,
        )
    }
}

/// What is added to attention scores, `[rows, 1, 1, len]`: a large negative number where the row
/// attended to is padding, by a `mask` `[rows, len]` that is 0 there and 1 elsewhere.
pub(super) fn padding_bias(mask: &Tensor, kind: Kind) -> Tensor {
    let padding: Tensor = (1.0 - mask.to_kind(Kind::Float)) * -10_000.0;
    padding.to_kind(kind).unsqueeze(1).unsqueeze(1)
}

/// One transformer layer as BERT and MPNet have it: self-attention, then two linear maps, each added
/// to its input and normalised (Vaswani et al. 2017, "Attention Is All You Need").
#[derive(Debug)]
pub(super) struct Layer {
    pub query: nn::Linear,
    pub key: nn::Linear,
    pub value: nn::Linear,
    pub output: nn::Linear,
    pub attention_norm: Norm,
    pub wide: nn::Linear,
    pub narrow: nn::Linear,
    pub norm: Norm,
}

/// What is dropped while a layer learns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropout {
    /// Share of the attention weights.
    pub attention: f64,
    /// Share of what is added to the states.
    pub hidden: f64,
}

impl Layer {
    /// The layer's states `[rows, len, width]` of those below it. `bias` is added to the attention
    /// scores and can be stretched to `[rows, heads, len, len]`. Dropout is on only if it is given.
    ///
    /// # Errors
    /// The tensor library refuses the computation.
    pub fn forward(
        &self,
        states: &Tensor,
        bias: &Tensor,
        heads: i64,
        dropout: Option<Dropout>,
    ) -> Result<Tensor, tch::TchError> {
        let (rows, len, width) = states.size3()?;
        let split = |linear: &nn::Linear| {
            let all = states.apply(linear);
            all.f_view([rows, len, heads, width / heads])?
                .f_transpose(1, 2)
        };
        let (query, key, value) = (split(&self.query)?, split(&self.key)?, split(&self.value)?);
        let attended = match dropout {
            // Without gradients the library has one kernel for all of it, which keeps no scores.
            None => Tensor::f_scaled_dot_product_attention(
                &query,
                &key,
                &value,
                Some(bias),
                0.0,
                false,
                None,
            )?,
            Some(dropout) => {
                let scale = ((width / heads) as f64).sqrt();
                ((query / scale).f_matmul(&key.transpose(2, 3))? + bias)
                    .softmax(-1, bias.kind())
                    .f_dropout(dropout.attention, true)?
                    .f_matmul(&value)?
            }
        };
        let hidden = |states: Tensor| match dropout {
            Some(dropout) => states.f_dropout(dropout.hidden, true),
            None => Ok(states),
        };
        let attended = attended.transpose(1, 2).f_reshape([rows, len, width])?;
        let states = (hidden(attended.apply(&self.output))? + states).apply(&self.attention_norm);
        let inner = steady(&states, &self.narrow, |states| {
            states.apply(&self.wide).gelu("none")
        });
        Ok((hidden(inner)? + states).apply(&self.norm))
    }
}
