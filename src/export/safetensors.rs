//! Weights as a safetensors file, which PyTorch and most other frameworks read.
//!
//! Tensors keep our names, shapes and precision (a linear layer is `[in, out]`); the manifest is the
//! file's metadata, so that one file is a whole model.

use std::collections::HashMap;

use burn::tensor::{Bytes, DType, Device};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::error::{Error, Result};
use crate::manifest::{MOST_WEIGHTS, Manifest};
use crate::model::Network;
use crate::weights::{self, Stored};

/// Under which key the metadata holds the manifest.
const MANIFEST: &str = "manifest";

/// A safetensors file of the model with this manifest and these weights.
///
/// # Errors
/// [`Error::WeightsHash`] and [`Error::WeightsShape`] if the weights are not the manifest's or no weights.
pub fn write(manifest: &Manifest, weights: Vec<u8>) -> Result<Vec<u8>> {
    let tensors = weights::tensors(manifest, weights)?;
    let views = tensors.iter().map(|(name, stored)| {
        let dtype = match stored.dtype {
            DType::F16 => Dtype::F16,
            DType::F32 => Dtype::F32,
            other => return Err(Error::WeightsShape(format!("tensor {name} is stored as {other:?}"))),
        };
        let view = TensorView::new(dtype, stored.shape.clone(), &stored.bytes)
            .map_err(|error| Error::WeightsShape(format!("tensor {name}: {error}")))?;
        Ok((name, view))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    let manifest =
        serde_json::to_string(manifest).map_err(|error| Error::InvalidManifest(error.to_string()))?;
    safetensors::serialize(views, Some(HashMap::from([(MANIFEST.into(), manifest)]))).map_err(|e| broken(&e))
}

/// The model in a file that [`write()`] made. The manifest's hash is that of the weights it was made from.
///
/// # Errors
/// [`Error::WeightsShape`] if this is no such file, is too large or its tensors do not fit the network;
/// [`Error::InvalidManifest`].
pub fn read(bytes: &[u8], device: &Device) -> Result<(Manifest, Network)> {
    // room for the index beside the largest weights
    if bytes.len() as u64 > MOST_WEIGHTS + (1 << 20) {
        return Err(broken(&format!("{} bytes", bytes.len())));
    }
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| broken(&error))?;
    let manifest = header.metadata().as_ref().and_then(|metadata| metadata.get(MANIFEST));
    let manifest = Manifest::parse(manifest.ok_or_else(|| broken(&"it has no manifest"))?)?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| broken(&error))?;
    let stored = |(name, view): (String, TensorView)| {
        let dtype = match view.dtype() {
            Dtype::F16 => DType::F16,
            Dtype::F32 => DType::F32,
            other => return Err(Error::WeightsShape(format!("tensor {name} is stored as {other:?}"))),
        };
        let bytes = Bytes::from_bytes_vec(view.data().to_vec());
        Ok((name, Stored { dtype, shape: view.shape().to_vec(), bytes }))
    };
    let tensors = file.tensors().into_iter().map(stored).collect::<Result<_>>()?;
    let network = weights::fill(&manifest, tensors, device)?;
    Ok((manifest, network))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::WeightsShape(format!("not a model's safetensors file: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{self, Files};
    use crate::manifest::tests::tiny;
    use crate::model::tests::random;

    fn model() -> Files {
        let device = Device::flex();
        pollster::block_on(export::files(random(&tiny().network, 5, &device), tiny())).unwrap()
    }

    fn code(bytes: &[u8]) -> &'static str {
        read(bytes, &Device::flex()).map_or_else(|error| error.code(), |_| "loaded")
    }

    #[test]
    fn read_back_it_is_the_same_network() {
        let Files { manifest, weights, .. } = model();
        let (read_manifest, network) =
            read(&write(&manifest, weights.clone()).unwrap(), &Device::flex()).unwrap();
        assert_eq!(read_manifest, manifest);
        // every tensor, to the last bit
        let again = weights::to_bytes(network).unwrap();
        let described = |bytes: &[u8]| {
            let sha256 = weights::sha256(bytes);
            let file = crate::manifest::WeightsFile {
                bytes: bytes.len() as u64,
                sha256,
                ..manifest.weights.clone()
            };
            weights::tensors(&Manifest { weights: file, ..manifest.clone() }, bytes.to_vec()).unwrap()
        };
        let (first, second) = (described(&weights), described(&again));
        assert_eq!(first.len(), second.len());
        for (name, stored) in first {
            assert_eq!(stored.shape, second[&name].shape, "{name}");
            assert_eq!(stored.bytes, second[&name].bytes, "{name}");
        }
    }

    /// The file after a change of its index, of the same length.
    fn changed(from: &str, to: &str) -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        let Files { manifest, weights, .. } = model();
        let mut bytes = write(&manifest, weights).unwrap();
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let whole = changed("{", "{");
        assert_eq!(code(&whole), "loaded");
        for bytes in [&whole[..whole.len() - 1], &whole[..8], b"", b"PK\x03\x04 some archive", &[0xff; 100]] {
            assert_eq!(code(bytes), "weights-shape");
        }
        assert_eq!(code(&changed("\"manifest\"", "\"manifold\"")), "weights-shape");
        assert_eq!(
            code(&changed("encoder.Countersign.stem.conv", "encoder.Countersign.stem.cone")),
            "weights-shape"
        );
        // two bytes a number, but other numbers than the manifest says
        assert_eq!(code(&changed("\"F16\"", "\"I16\"")), "weights-shape");
        assert_eq!(code(&changed("pair-head", "pair_head")), "invalid-manifest");
    }
}
