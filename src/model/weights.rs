use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Device, Kind, Tensor, nn};

use crate::error::{Error, Result};

/// A model's variables.
#[derive(Debug)]
pub struct Weights {
    store: nn::VarStore,
}

impl Default for Weights {
    fn default() -> Self {
        Self::new()
    }
}

impl Weights {
    /// No variables yet.
    pub fn new() -> Self {
        Self {
            store: nn::VarStore::new(Device::Cpu),
        }
    }

    /// Where the parts of the model make their variables.
    pub fn root(&self) -> nn::Path<'_> {
        self.store.root()
    }

    /// All variables by name.
    pub fn variables(&self) -> BTreeMap<String, Tensor> {
        self.store.variables().into_iter().collect()
    }

    /// Copies `tensors` into the variables of the same names. Returns the variables that got none.
    ///
    /// # Errors
    /// A tensor has another shape than its variable or holds a value that is not finite.
    pub fn fill(&self, tensors: &HashMap<String, Tensor>, path: &Path) -> Result<Vec<String>> {
        let mut missing = Vec::new();
        for (name, mut variable) in self.variables() {
            let Some(tensor) = tensors.get(&name) else {
                missing.push(name);
                continue;
            };
            if tensor.size() != variable.size() {
                return Err(Error::model(
                    path,
                    format!(
                        "{name} has the shape {:?}; its configuration asks for {:?}",
                        tensor.size(),
                        variable.size()
                    ),
                ));
            }
            tch::no_grad(|| variable.f_copy_(tensor)).map_err(|e| tensor_error(&e, path))?;
        }
        Ok(missing)
    }

    /// Converts the variables to bf16. Only for reading; training stays in fp32.
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

fn tensor_error(error: &tch::TchError, path: &Path) -> Error {
    let message = error.to_string();
    Error::model(path, message.lines().next().unwrap_or_default())
}

/// Reads all floating-point tensors of a `.safetensors` file, or of rust-bert's `.ot`, as fp32.
///
/// # Errors
/// The file is missing, damaged, or holds values that are not finite.
pub fn read_tensors(path: &Path) -> Result<HashMap<String, Tensor>> {
    if path.extension().is_some_and(|e| e == "ot") {
        let named = Tensor::load_multi(path).map_err(|e| tensor_error(&e, path))?;
        return named
            .into_iter()
            .map(|(name, t)| Ok((name, finite(t.to_kind(Kind::Float), path)?)))
            .collect();
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|e| Error::model(path, format!("damaged or cut short: {e}")))?;
    let mut tensors = HashMap::new();
    for (name, view) in file.iter() {
        let kind = match view.dtype() {
            Dtype::BF16 => Kind::BFloat16,
            Dtype::F16 => Kind::Half,
            Dtype::F32 => Kind::Float,
            Dtype::F64 => Kind::Double,
            _ => continue,
        };
        let size: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
        let tensor = Tensor::f_from_data_size(view.data(), &size, kind)
            .map_err(|e| tensor_error(&e, path))?;
        let tensor = finite(tensor.to_kind(Kind::Float), path)
            .map_err(|_| Error::model(path, format!("{name} holds values that are not finite")))?;
        tensors.insert(name.to_string(), tensor);
    }
    Ok(tensors)
}

fn finite(tensor: Tensor, path: &Path) -> Result<Tensor> {
    if bool::try_from(tensor.isfinite().all()).unwrap_or(false) {
        Ok(tensor)
    } else {
        Err(Error::model(path, "holds values that are not finite"))
    }
}

/// Writes tensors as `.safetensors`, in bf16 or fp32, through a temporary name.
///
/// # Errors
/// The file cannot be written.
pub fn write_tensors(path: &Path, tensors: &BTreeMap<String, Tensor>, bf16: bool) -> Result<()> {
    let (kind, dtype) = if bf16 {
        (Kind::BFloat16, Dtype::BF16)
    } else {
        (Kind::Float, Dtype::F32)
    };
    let mut data = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = tensor.detach().to_kind(kind).contiguous();
        let shape: Vec<usize> = tensor.size().iter().map(|&n| n as usize).collect();
        let mut bytes = vec![0; tensor.numel() * if bf16 { 2 } else { 4 }];
        tensor
            .f_copy_data_u8(&mut bytes, tensor.numel())
            .map_err(|e| tensor_error(&e, path))?;
        data.push((name.clone(), shape, bytes));
    }
    let views = data
        .iter()
        .map(|(name, shape, bytes)| {
            TensorView::new(dtype, shape.clone(), bytes)
                .map(|view| (name.clone(), view))
                .map_err(|e| Error::model(path, e.to_string()))
        })
        .collect::<Result<Vec<_>>>()?;
    let bytes =
        safetensors::serialize(views, None).map_err(|e| Error::model(path, e.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| Error::io(folder, e))?;
    std::io::Write::write_all(&mut file, &bytes).map_err(|e| Error::io(path, e))?;
    file.persist(path).map_err(|e| Error::io(path, e.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_survive_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let values = Tensor::from_slice(&[1.0f32, -2.5, 0.1]).view([3, 1]);
        let tensors = BTreeMap::from([("a.b".to_string(), values)]);
        write_tensors(&path, &tensors, false).unwrap();
        let read = read_tensors(&path).unwrap();
        assert_eq!(
            Vec::<f32>::try_from(read["a.b"].view([-1])).unwrap(),
            [1.0, -2.5, 0.1]
        );
        write_tensors(&path, &tensors, true).unwrap();
        let read = Vec::<f32>::try_from(read_tensors(&path).unwrap()["a.b"].view([-1])).unwrap();
        assert!((read[2] - 0.1).abs() < 1e-3);
    }

    #[test]
    fn damaged_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let nan = BTreeMap::from([("x".to_string(), Tensor::from_slice(&[f32::NAN]))]);
        write_tensors(&path, &nan, false).unwrap();
        assert!(
            read_tensors(&path)
                .unwrap_err()
                .to_string()
                .contains("not finite")
        );
        std::fs::write(&path, [255u8; 40]).unwrap();
        assert!(
            read_tensors(&path)
                .unwrap_err()
                .to_string()
                .contains("damaged")
        );
    }
}
