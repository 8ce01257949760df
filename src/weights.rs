//! The weights file: checked bytes to a network, and a network to bytes.
//!
//! The file is a burnpack. It comes from outside, so nothing of it is taken on trust: its size and hash
//! are those of the manifest, its index is small, and every tensor has the name, shape and precision that
//! the network asks for and finite values only. Parameters are set directly, without burn's records:
//! those would first fill each parameter with random numbers to learn its precision.

mod eight_bits;
#[cfg(all(test, feature = "cpu", not(target_family = "wasm")))]
mod tests;

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Bool, Bytes, DType, Device, Int, Tensor, TensorData, f16};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::manifest::{Manifest, Precision};
use crate::model::Network;

/// The index of a weights file is no longer; the largest here has 20 thousand bytes.
const MOST_INDEX: u32 = 1 << 20;

/// A network with the weights in `bytes`, which the manifest describes.
///
/// # Errors
/// [`Error::WeightsHash`] if these are not the bytes that the manifest means, [`Error::WeightsShape`] if
/// they are but do not fit the network.
pub fn load(manifest: &Manifest, bytes: Vec<u8>, device: &Device) -> Result<Network> {
    fill(manifest, tensors(manifest, bytes)?, device)
}

/// The tensors in `bytes`, which the manifest describes. Whether they fit the network is not known yet.
///
/// # Errors
/// [`Error::WeightsHash`] if these are not the bytes that the manifest means, [`Error::WeightsShape`] if
/// they are no burnpack.
pub(crate) fn tensors(manifest: &Manifest, bytes: Vec<u8>) -> Result<HashMap<String, Stored>> {
    check_bytes(manifest, &bytes)?;
    let tensors = read(bytes)?;
    match manifest.weights.dtype {
        Precision::I8 => eight_bits::unpack(tensors),
        Precision::F16 | Precision::F32 => Ok(tensors),
    }
}

/// The manifest's network with these tensors as its parameters.
///
/// # Errors
/// [`Error::WeightsShape`] if they do not fit the network.
pub(crate) fn fill(
    manifest: &Manifest,
    tensors: HashMap<String, Stored>,
    device: &Device,
) -> Result<Network> {
    let precision = manifest.weights.dtype.into();
    let mut filler = Filler { path: Vec::new(), tensors, precision, error: None };
    let network = manifest.network.init(device)?.map(&mut filler);
    match (filler.error, filler.tensors.keys().next()) {
        (Some(what), _) => Err(Error::WeightsShape(what)),
        (None, Some(name)) => Err(Error::WeightsShape(format!("the network has no tensor {name}"))),
        (None, None) => Ok(network),
    }
}

/// # Errors
/// [`Error::WeightsHash`] if length or sha256 differ from the manifest's.
fn check_bytes(manifest: &Manifest, bytes: &[u8]) -> Result<()> {
    let expected = &manifest.weights;
    if bytes.len() as u64 != expected.bytes {
        return Err(Error::WeightsHash(format!("{} bytes, not {}", bytes.len(), expected.bytes)));
    }
    if sha256(bytes) != expected.sha256 {
        return Err(Error::WeightsHash("their sha256 is another".into()));
    }
    Ok(())
}

/// Lower case hexadecimal digits of the SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The precision of the tensors that come out of a file.
impl From<Precision> for DType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F16 => Self::F16,
            // 8 bits are multiplied by their steps first
            Precision::F32 | Precision::I8 => Self::F32,
        }
    }
}

/// One tensor of the file, row-major and little-endian.
pub(crate) struct Stored {
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Bytes,
}

/// The tensors of a burnpack, by name.
fn read(bytes: Vec<u8>) -> Result<HashMap<String, Stored>> {
    // burnpack's header: magic (4 bytes), version (2), length of the index (4), little-endian
    let index = bytes.get(6..10).and_then(|field| field.try_into().ok()).map_or(0, u32::from_le_bytes);
    if index > MOST_INDEX {
        return Err(broken(&format!("its index has {index} bytes")));
    }
    let reader =
        burn_pack::Reader::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| broken(&error))?;
    let tensors = reader.into_tensors().map_err(|error| broken(&error))?;
    tensors
        .into_iter()
        .map(|tensor| {
            let (name, dtype, shape, _, bytes) = tensor.into_parts().map_err(|error| broken(&error))?;
            Ok((name, Stored { dtype, shape: shape.to_vec(), bytes }))
        })
        .collect()
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::WeightsShape(format!("not a burnpack: {error}"))
}

impl Stored {
    /// The values in single precision, or what is wrong with them.
    pub(crate) fn values(&self, precision: DType) -> Result<Vec<f32>, String> {
        if self.dtype != precision {
            return Err(format!("is stored as {:?}, not {precision:?}", self.dtype));
        }
        let values: Vec<f32> = match precision {
            DType::F16 => {
                self.bytes.as_chunks::<2>().0.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect()
            }
            _ => self.bytes.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect(),
        };
        if values.len() != self.shape.iter().product::<usize>() {
            return Err(format!("has {} values for a shape of {:?}", values.len(), self.shape));
        }
        if !values.iter().all(|value| value.is_finite()) {
            return Err("holds a value that is not finite".into());
        }
        Ok(values)
    }
}

/// Gives each parameter its tensor from the file; remembers the first one for which that fails.
struct Filler {
    path: Vec<String>,
    tensors: HashMap<String, Stored>,
    precision: DType,
    error: Option<String>,
}

impl Filler {
    fn take(&mut self, shape: &[usize]) -> Option<TensorData> {
        let name = self.path.join(".");
        let values = match self.tensors.remove(&name) {
            None => Err("is missing".into()),
            Some(stored) if stored.shape != shape => {
                Err(format!("has shape {:?}; the network asks for {shape:?}", stored.shape))
            }
            Some(stored) => stored.values(self.precision),
        };
        match values {
            Ok(values) => Some(TensorData::new(values, shape.to_vec())),
            Err(what) => {
                self.error.get_or_insert(format!("tensor {name} {what}"));
                None
            }
        }
    }

    fn refuse(&mut self) {
        let name = self.path.join(".");
        self.error.get_or_insert(format!("tensor {name} is not one of real numbers"));
    }
}

impl ModuleMapper for Filler {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape().to_vec();
        let Some(data) = self.take(&shape) else { return param };
        let tensor = Tensor::from_data(data, (&param.lazy_device(), DType::F32));
        let id = param.id;
        param.transform_for_load(tensor, id)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        self.refuse();
        param
    }

    fn map_bool<const D: usize>(&mut self, param: Param<Tensor<D, Bool>>) -> Param<Tensor<D, Bool>> {
        self.refuse();
        param
    }
}

/// A burnpack of the network's parameters in half precision.
///
/// # Errors
/// [`Error::WeightsShape`] if a parameter does not fit half precision, or the burnpack cannot be written.
pub fn to_bytes(network: Network) -> Result<Vec<u8>> {
    // brings running statistics up to date, which training gathers on the side
    #[cfg(feature = "train")]
    let network = network.valid();
    let mut halve = Halve { too_large: false };
    let network = network.map(&mut halve);
    if halve.too_large {
        return Err(Error::WeightsShape("a weight is not finite or beyond half precision".into()));
    }
    let bytes = network.into_record().into_bytes().map_err(|error| Error::WeightsShape(error.to_string()))?;
    Ok(bytes.to_vec())
}

/// A burnpack of the network's parameters as [`Precision::I8`] stands for.
///
/// # Errors
/// Those of [`to_bytes`].
pub fn to_eight_bits(network: Network) -> Result<Vec<u8>> {
    eight_bits::pack(read(to_bytes(network)?)?)
}

/// Casts parameters to half precision.
struct Halve {
    too_large: bool,
}

impl ModuleMapper for Halve {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let data = tensor.to_data().convert::<f32>();
            let fits = |value: &f32| f16::from_f32(*value).is_finite();
            self.too_large |= !data.as_slice::<f32>().is_ok_and(|values| values.iter().all(fits));
            tensor.cast(DType::F16)
        })
    }
}
