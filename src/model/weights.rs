use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use tch::{Device, Tensor, nn};

use super::VariableScope;
use super::tensor_file::tensor_error;
use crate::error::{Error, Result};

/// A model's variables.
#[derive(Debug)]
pub struct Weights {
    store: nn::VarStore,
    outlined: bool,
}

impl Default for Weights {
    fn default() -> Self {
        Self::new()
    }
}

impl Weights {
    /// No variables yet; those to come have values.
    pub fn new() -> Self {
        Self {
            store: nn::VarStore::new(Device::Cpu),
            outlined: false,
        }
    }

    /// No variables yet; those to come have shapes alone, but for those of a library's own layers, until
    /// they are given the values of others ([`Self::adopt`], [`Self::share`]); for reading only. Drawing
    /// values that are not used takes longer than reading those that are.
    pub fn outlined() -> Self {
        Self {
            outlined: true,
            ..Self::new()
        }
    }

    /// Where the parts of the model make their variables.
    pub fn root(&self) -> VariableScope<'_> {
        VariableScope::new(&self.store, self.outlined)
    }

    /// All variables by name.
    pub fn variables(&self) -> BTreeMap<String, Tensor> {
        self.store.variables().into_iter().collect()
    }

    /// Copies `tensors` into the variables of the same names. Returns the variables that got none.
    ///
    /// # Errors
    /// A tensor has another shape than its variable.
    pub fn fill(&self, tensors: &HashMap<String, Tensor>, path: &Path) -> Result<Vec<String>> {
        debug_assert!(!self.outlined, "an outline cannot be copied into");
        let mut missing = Vec::new();
        for (name, mut variable) in self.variables() {
            let Some(tensor) = tensors.get(&name) else {
                missing.push(name);
                continue;
            };
            same_shape(&name, tensor, &variable, path)?;
            tch::no_grad(|| variable.f_copy_(tensor)).map_err(|e| tensor_error(&e, path))?;
        }
        Ok(missing)
    }

    /// Makes `tensors`, which were read from `path`, the variables of the same names, without copying
    /// them.
    ///
    /// # Errors
    /// A variable has no tensor, or one of another shape.
    pub fn adopt(&self, mut tensors: HashMap<String, Tensor>, path: &Path) -> Result<()> {
        let mut missing = Vec::new();
        for (name, mut variable) in self.variables() {
            let Some(tensor) = tensors.remove(&name) else {
                missing.push(name);
                continue;
            };
            same_shape(&name, &tensor, &variable, path)?;
            variable.set_data(&tensor);
        }
        let Some(first) = missing.first() else {
            return Ok(());
        };
        Err(Error::model(
            path,
            format!(
                "lacks {} of the tensors its configuration asks for, {first} among them",
                missing.len()
            ),
        ))
    }

    /// Copies of all variables by name.
    pub fn copies(&self) -> BTreeMap<String, Tensor> {
        let variables = self.store.variables().into_iter();
        variables
            .map(|(name, v)| (name, v.detach().copy()))
            .collect()
    }

    /// Converts the variables to bf16.
    pub fn to_bf16(&mut self) {
        self.store.bfloat16();
    }

    /// Hands the variables over, for any number of workers to share.
    pub fn into_shared(self) -> SharedWeights {
        SharedWeights(Mutex::new(self.variables()))
    }

    /// Lets the variables share the storage of `other`'s, so that a second worker needs no second
    /// copy of the weights.
    ///
    /// # Errors
    /// The two do not have the same variables.
    pub fn share(&mut self, other: &SharedWeights) -> Result<()> {
        let other = other
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for (name, mut variable) in self.variables() {
            let source = other
                .get(&name)
                .ok_or_else(|| Error::Usage(format!("no variable {name} to share")))?;
            variable.set_data(source);
        }
        Ok(())
    }

    /// Stops gradients for the variables whose name `frozen` accepts.
    pub fn freeze(&self, frozen: impl Fn(&str) -> bool) {
        for (name, variable) in self.variables() {
            if frozen(&name) {
                let _ = variable.set_requires_grad(false);
            }
        }
    }
}

/// Weights that workers on several threads take their variables' storage from.
#[derive(Debug)]
pub struct SharedWeights(Mutex<BTreeMap<String, Tensor>>);

/// Runs `compute` without keeping what a gradient would need.
pub fn without_gradients<T>(compute: impl FnOnce() -> T) -> T {
    tch::no_grad(compute)
}

fn same_shape(name: &str, tensor: &Tensor, variable: &Tensor, path: &Path) -> Result<()> {
    let (has, wanted) = (tensor.size(), variable.size());
    if has == wanted {
        return Ok(());
    }
    Err(Error::model(
        path,
        format!("{name} has the shape {has:?}; its configuration asks for {wanted:?}"),
    ))
}
