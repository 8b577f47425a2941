use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Device, Kind, Tensor};

use crate::error::{Error, Result};
use crate::files::write_whole;

/// How weights are written to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// 32-bit floating point: exact.
    Fp32,
    /// bfloat16: half the size.
    #[default]
    Bf16,
    /// A quarter of the size: matrices as 8-bit integers with one fp32 scale a row (symmetric,
    /// the largest absolute value of the row being 127), everything else in fp32.
    Int8,
}

/// The scales of an 8-bit matrix are in a tensor of its name and this ending.
const SCALE: &str = ".scale";

/// Reads all tensors of a `.safetensors` file (see [`Storage`]) as fp32.
///
/// # Errors
/// The file is missing, damaged, or holds values that are not finite.
pub fn read_tensors(path: &Path) -> Result<HashMap<String, Tensor>> {
    read_tensors_as(Kind::Float, path)
}

/// Like [`read_tensors`], as bf16, of which no more than one tensor is there in fp32 at a time.
///
/// # Errors
/// As [`read_tensors`].
pub fn read_tensors_as_bf16(path: &Path) -> Result<HashMap<String, Tensor>> {
    read_tensors_as(Kind::BFloat16, path)
}

fn read_tensors_as(wanted: Kind, path: &Path) -> Result<HashMap<String, Tensor>> {
    if !path.is_file() {
        return Err(Error::model(path, "the file is missing"));
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    let file = SafeTensors::deserialize(&bytes)
        .map_err(|e| Error::model(path, format!("damaged or cut short: {e}")))?;
    let views: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
    let scale_of = |name: &str| views.get(&format!("{name}{SCALE}"));
    let is_scale = |name: &str| {
        let of = name.strip_suffix(SCALE).and_then(|name| views.get(name));
        of.is_some_and(|view| view.dtype() == Dtype::I8)
    };
    let mut tensors = HashMap::new();
    for (name, view) in &views {
        if is_scale(name) {
            continue;
        }
        let Some(mut tensor) = tensor_of(view, path)? else {
            continue;
        };
        if tensor.kind() == Kind::Int8 {
            let scale = scale_of(name)
                .map(|view| tensor_of(view, path))
                .transpose()?;
            tensor = scaled(&tensor, scale.flatten().as_ref(), wanted)
                .map_err(|e| tensor_error(&e, path))?
                .ok_or_else(|| {
                    Error::model(path, format!("has no fitting scales for the 8-bit {name}"))
                })?;
        }
        let tensor = tensor
            .f_to_kind(wanted)
            .map_err(|e| tensor_error(&e, path))?;
        if !is_finite(&tensor).map_err(|e| tensor_error(&e, path))? {
            return Err(Error::model(
                path,
                format!("{name} holds values that are not finite"),
            ));
        }
        tensors.insert(name.clone(), tensor);
    }
    Ok(tensors)
}

/// The tensor as it is stored; `None` for one of a kind that weights are not stored in.
fn tensor_of(view: &TensorView<'_>, path: &Path) -> Result<Option<Tensor>> {
    let kind = match view.dtype() {
        Dtype::BF16 => Kind::BFloat16,
        Dtype::F16 => Kind::Half,
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        Dtype::I8 => Kind::Int8,
        _ => return Ok(None),
    };
    let size: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
    let tensor = Tensor::f_from_data_size(view.data(), &size, kind);
    tensor.map(Some).map_err(|e| tensor_error(&e, path))
}

/// An 8-bit matrix with its rows multiplied by their scales, in fp32, and rounded to the kind that is
/// `wanted`; `None` if the scales do not fit it.
fn scaled(
    matrix: &Tensor,
    scale: Option<&Tensor>,
    wanted: Kind,
) -> std::result::Result<Option<Tensor>, tch::TchError> {
    let rows = matrix.size().first().copied();
    let fits = |scale: &&Tensor| {
        scale.kind() == Kind::Float && matrix.dim() == 2 && Some(scale.numel() as i64) == rows
    };
    let Some(scale) = scale.filter(fits) else {
        return Ok(None);
    };
    let scale = scale.f_view([-1, 1])?;
    let out = Tensor::f_empty(matrix.size(), (wanted, Device::Cpu))?;
    matrix.f_mul_out(&out, &scale).map(Some)
}

fn is_finite(tensor: &Tensor) -> std::result::Result<bool, tch::TchError> {
    // A sum is not finite if a term is not, and takes a fraction of the time.
    let sum = f64::try_from(tensor.f_sum(Kind::Float)?)?;
    Ok(sum.is_finite() || bool::try_from(tensor.f_isfinite()?.f_all()?)?)
}

/// The shapes of tensors, by name.
pub fn tensor_shapes<'t>(
    tensors: impl IntoIterator<Item = (&'t String, &'t Tensor)>,
) -> BTreeMap<String, Vec<i64>> {
    let shapes = tensors.into_iter();
    shapes.map(|(name, t)| (name.clone(), t.size())).collect()
}

/// Writes tensors as `.safetensors` through a temporary name.
///
/// # Errors
/// The file cannot be written.
pub fn write_tensors(
    path: &Path,
    tensors: &BTreeMap<String, Tensor>,
    storage: Storage,
) -> Result<()> {
    let mut data = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = tensor.detach().to_kind(Kind::Float);
        match storage {
            Storage::Fp32 => data.push(raw(name, tensor, Dtype::F32, path)?),
            Storage::Bf16 => data.push(raw(name, tensor, Dtype::BF16, path)?),
            // A row without values has no largest one.
            Storage::Int8 if tensor.dim() == 2 && tensor.numel() > 0 => {
                let (matrix, scale) = quantized(&tensor);
                data.push(raw(name, matrix, Dtype::I8, path)?);
                data.push(raw(&format!("{name}{SCALE}"), scale, Dtype::F32, path)?);
            }
            Storage::Int8 => data.push(raw(name, tensor, Dtype::F32, path)?),
        }
    }
    let views = data
        .iter()
        .map(|raw| {
            TensorView::new(raw.dtype, raw.shape.clone(), &raw.bytes)
                .map(|view| (raw.name.clone(), view))
                .map_err(|e| Error::model(path, e.to_string()))
        })
        .collect::<Result<Vec<_>>>()?;
    let bytes =
        safetensors::serialize(views, None).map_err(|e| Error::model(path, e.to_string()))?;
    write_whole(path, &bytes)
}

/// Each row divided by its scale and rounded, and the scales `[rows]`.
fn quantized(matrix: &Tensor) -> (Tensor, Tensor) {
    let scale = (matrix.abs().amax(1, true) / 127.0).clamp_min(1e-12);
    let rounded = (matrix / &scale).round().clamp(-127.0, 127.0);
    (rounded.to_kind(Kind::Int8), scale.view([-1]))
}

/// A tensor's bytes as they stand in a file.
struct Raw {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

fn raw(name: &str, tensor: Tensor, dtype: Dtype, path: &Path) -> Result<Raw> {
    let (kind, size) = match dtype {
        Dtype::BF16 => (Kind::BFloat16, 2),
        Dtype::I8 => (Kind::Int8, 1),
        _ => (Kind::Float, 4),
    };
    let tensor = tensor.to_kind(kind).contiguous();
    let mut bytes = vec![0; tensor.numel() * size];
    tensor
        .f_copy_data_u8(&mut bytes, tensor.numel())
        .map_err(|e| tensor_error(&e, path))?;
    Ok(Raw {
        name: name.to_string(),
        dtype,
        shape: tensor.size().iter().map(|&n| n as usize).collect(),
        bytes,
    })
}

/// The first line of what the tensor library says of the model at `path`.
pub(super) fn tensor_error(error: &tch::TchError, path: &Path) -> Error {
    let message = error.to_string();
    Error::model(path, message.lines().next().unwrap_or_default())
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
        write_tensors(&path, &tensors, Storage::Fp32).unwrap();
        let read = read_tensors(&path).unwrap();
        assert_eq!(
            Vec::<f32>::try_from(read["a.b"].view([-1])).unwrap(),
            [1.0, -2.5, 0.1]
        );
        write_tensors(&path, &tensors, Storage::Bf16).unwrap();
        let read = Vec::<f32>::try_from(read_tensors(&path).unwrap()["a.b"].view([-1])).unwrap();
        assert!((read[2] - 0.1).abs() < 1e-3);
    }

    #[test]
    fn eight_bits_keep_each_row_to_its_scale() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let matrix = Tensor::from_slice(&[1.0f32, -0.5, 0.003, 100.0, 0.0, 0.0, -70.0, 2.0, 1.0])
            .view([3, 3]);
        let bias = Tensor::from_slice(&[0.123_456f32]);
        let tensors = BTreeMap::from([("m".to_string(), matrix), ("b".to_string(), bias)]);
        write_tensors(&path, &tensors, Storage::Int8).unwrap();
        let read = read_tensors(&path).unwrap();
        assert_eq!(read.len(), 2);
        let values = |name: &str| Vec::<f32>::try_from(read[name].view([-1])).unwrap();
        assert_eq!(values("b"), [0.123_456]);
        let wanted = [1.0, -0.5, 0.003, 100.0, 0.0, 0.0, -70.0, 2.0, 1.0];
        for (n, (got, wanted)) in values("m").into_iter().zip(wanted).enumerate() {
            let half_a_step = [1.0, 100.0, 70.0][n / 3] / 127.0 / 2.0 + 1e-5;
            assert!((got - wanted).abs() <= half_a_step, "{got} for {wanted}");
        }
    }

    #[test]
    fn bf16_is_fp32_rounded_whatever_the_file_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let numbers = Tensor::arange(35, (Kind::Float, Device::Cpu));
        let tensors = BTreeMap::from([
            ("m".to_string(), (numbers.view([5, 7]) * 0.37).sin()),
            (
                "n".to_string(),
                Tensor::zeros([0, 3], (Kind::Float, Device::Cpu)),
            ),
            ("o".to_string(), Tensor::from(0.1f32)),
        ]);
        for storage in [Storage::Fp32, Storage::Bf16, Storage::Int8] {
            write_tensors(&path, &tensors, storage).unwrap();
            let (exact, rounded) = (read_tensors(&path), read_tensors_as_bf16(&path));
            let (exact, rounded) = (exact.unwrap(), rounded.unwrap());
            assert_eq!(exact.len(), rounded.len());
            for (name, tensor) in exact {
                let wanted = tensor.to_kind(Kind::BFloat16);
                assert!(wanted.equal(&rounded[&name]), "{storage:?} {name}");
            }
        }
    }

    #[test]
    fn large_values_are_finite_and_what_scales_make_infinite_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let large = BTreeMap::from([("x".to_string(), Tensor::from_slice(&[2e38f32; 4]))]);
        write_tensors(&path, &large, Storage::Fp32).unwrap();
        assert!(read_tensors(&path).is_ok() && read_tensors_as_bf16(&path).is_ok());
        let bytes = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let put = |rows: Vec<usize>, matrix: &[u8], scales: &[f32]| {
            let scales: Vec<u8> = bytes(scales);
            let views = [
                ("m", TensorView::new(Dtype::I8, rows, matrix).unwrap()),
                (
                    "m.scale",
                    TensorView::new(Dtype::F32, vec![scales.len() / 4], &scales).unwrap(),
                ),
            ];
            let file = safetensors::serialize(views, None).unwrap();
            std::fs::write(&path, file).unwrap();
            [read_tensors(&path), read_tensors_as_bf16(&path)]
                .map(|read| read.map(|_| ()).map_err(|e| e.to_string()))
        };
        assert_eq!(put(vec![1, 2], &[127, 1], &[1.0]), [Ok(()), Ok(())]);
        for scale in [f32::NAN, f32::INFINITY, 3e38] {
            for told in put(vec![1, 2], &[127, 1], &[scale]) {
                assert!(told.unwrap_err().contains("not finite"));
            }
        }
        for (rows, matrix, scales) in [
            (vec![], &[1u8][..], &[1.0f32][..]),
            (vec![2], &[1, 2], &[1.0, 1.0]),
            (vec![1, 2], &[1, 2], &[1.0, 1.0]),
        ] {
            for told in put(rows.clone(), matrix, scales) {
                assert!(told.unwrap_err().contains("no fitting scales"));
            }
        }
    }

    #[test]
    fn a_matrix_without_values_can_be_stored_in_any_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let none = |size: [i64; 2]| Tensor::zeros(size, (Kind::Float, Device::Cpu));
        let tensors = BTreeMap::from([
            ("m".to_string(), none([3, 0])),
            ("n".to_string(), none([0, 3])),
        ]);
        for storage in [Storage::Fp32, Storage::Bf16, Storage::Int8] {
            write_tensors(&path, &tensors, storage).unwrap();
            let read = read_tensors(&path).unwrap();
            assert_eq!(read["m"].size(), [3, 0]);
            assert_eq!(read["n"].size(), [0, 3]);
        }
    }

    #[test]
    fn damaged_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let nan = BTreeMap::from([("x".to_string(), Tensor::from_slice(&[f32::NAN]))]);
        write_tensors(&path, &nan, Storage::Fp32).unwrap();
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
