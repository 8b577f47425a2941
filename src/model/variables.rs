use std::ops::Div;
use std::sync::PoisonError;

use tch::{Device, Kind, Tensor, nn};

/// Where a part of a network makes its variables: a path into the model's
/// [`Weights`](super::Weights).
///
/// In weights that are outlined a variable has its shape, but no values, and takes no memory; it
/// gets them from a file or from another network.
#[derive(Debug, Clone)]
pub struct VariableScope<'w> {
    path: nn::Path<'w>,
    outline: Option<&'w nn::VarStore>,
}

impl<'w> VariableScope<'w> {
    pub(super) fn new(store: &'w nn::VarStore, outlined: bool) -> Self {
        Self {
            path: store.root(),
            outline: outlined.then_some(store),
        }
    }

    /// Whether variables are made without values.
    pub fn is_outlined(&self) -> bool {
        self.outline.is_some()
    }

    /// The path itself, for the layers of a library. Their variables have values, always.
    pub fn path(&self) -> &nn::Path<'w> {
        &self.path
    }

    /// The variable of that name, which is made with those first values if it is not there yet.
    pub fn variable(&self, name: &str, size: &[i64], first: nn::Init) -> Tensor {
        if let Some(known) = self.path.get(name) {
            return known;
        }
        let Some(store) = self.outline else {
            return self.path.var(name, size, first);
        };
        let outline = Tensor::zeros([0i64; 0], (Kind::Float, Device::Cpu)).expand(size, false);
        let variables = store.variables_.lock();
        variables
            .unwrap_or_else(PoisonError::into_inner)
            .named_variables
            .insert(self.path.path(name), outline.shallow_clone());
        outline
    }

    /// A linear map of `from` numbers to `to`.
    pub fn linear(&self, from: i64, to: i64, config: nn::LinearConfig) -> nn::Linear {
        if !self.is_outlined() && self.path.get("weight").is_none() {
            return nn::linear(&self.path, from, to, config);
        }
        let zero = nn::Init::Const(0.0);
        nn::Linear {
            ws: self.variable("weight", &[to, from], zero),
            bs: config.bias.then(|| self.variable("bias", &[to], zero)),
        }
    }
}

impl<'w, T: ToString> Div<T> for &VariableScope<'w> {
    type Output = VariableScope<'w>;

    fn div(self, name: T) -> VariableScope<'w> {
        VariableScope {
            path: &self.path / name.to_string(),
            outline: self.outline,
        }
    }
}

impl<'w, T: ToString> Div<T> for VariableScope<'w> {
    type Output = VariableScope<'w>;

    fn div(self, name: T) -> VariableScope<'w> {
        &self / name
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Weights;
    use std::collections::{BTreeMap, HashMap};
    use tch::{Tensor, nn};

    #[test]
    fn an_outline_has_the_shapes_of_what_fills_it() {
        let outlined = Weights::outlined();
        let scope = outlined.root();
        let linear = (&scope / "a" / 1).linear(3, 2, nn::LinearConfig::default());
        let shapes: BTreeMap<_, _> = outlined.variables().into_iter().collect();
        let shapes: Vec<_> = shapes.iter().map(|(n, t)| (n.as_str(), t.size())).collect();
        assert_eq!(shapes, [("a.1.bias", vec![2]), ("a.1.weight", vec![2, 3])]);
        let drawn = Weights::new();
        let other = (&drawn.root() / "a" / 1).linear(3, 2, nn::LinearConfig::default());
        let tensors: HashMap<String, Tensor> = drawn.variables().into_iter().collect();
        let path = std::path::Path::new("x");
        outlined.adopt(tensors, path).unwrap();
        assert!(linear.ws.equal(&other.ws) && linear.bs.unwrap().equal(&other.bs.unwrap()));
        let refused = outlined.adopt(HashMap::new(), path).unwrap_err();
        assert!(refused.to_string().contains("lacks 2 of the tensors"));
    }

    #[test]
    fn a_variable_is_made_once() {
        for weights in [Weights::new(), Weights::outlined()] {
            let scope = weights.root() / "b";
            let first = scope.variable("c", &[4], nn::Init::Const(1.0));
            let second = scope.variable("c", &[4], nn::Init::Const(2.0));
            assert!(first.equal(&second));
            assert_eq!(weights.variables().len(), 1);
        }
    }
}
