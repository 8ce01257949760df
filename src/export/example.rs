//! Signatures and what the network says of them, to check the same network with on another runtime.

use burn::tensor::{Device, Tensor};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::error::{Error, Result};
use crate::golden;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::tensors;

/// A safetensors file of inputs and outputs of both ONNX files, under the names these have there: three
/// drawn signatures, encoded, and each compared with the first. Single precision.
///
/// # Errors
/// [`Error::DeviceFailed`] if the device does not compute.
pub async fn make(manifest: &Manifest, network: &Network, device: &Device) -> Result<Vec<u8>> {
    let ink: Vec<Tensor<4>> =
        golden::frames(manifest.input).iter().map(|frame| tensors::from_frame(frame, device)).collect();
    let first = vec![0; ink.len()];
    let ink = Tensor::cat(ink, 0);
    let features = network.encode(ink.clone());
    let compared = network.compare(&features, &features.select(&first));

    let mut parts = vec![
        part("ink", ink).await?,
        part("embedding", features.embedding).await?,
        part("score", compared.score).await?,
    ];
    if let Some(unmatched) = compared.unmatched {
        parts.push(part("map", features.map).await?);
        parts.push(part("unmatched", unmatched).await?);
    }
    let broken = |error: safetensors::SafeTensorError| Error::DeviceFailed(error.to_string());
    let views = parts.iter().map(|(name, shape, bytes)| {
        Ok((*name, TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(broken)?))
    });
    safetensors::serialize(views.collect::<Result<Vec<_>>>()?, None).map_err(broken)
}

/// Name, shape, bytes.
type Part = (&'static str, Vec<usize>, Vec<u8>);

async fn part<const D: usize>(name: &'static str, tensor: Tensor<D>) -> Result<Part> {
    let shape = tensor.dims().to_vec();
    let values = tensors::read(tensor).await?;
    Ok((name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
}
