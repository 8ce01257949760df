//! A model as two ONNX files, which onnxruntime and others read: `encoder.onnx`, applied to each signature,
//! and `comparison.onnx`, applied to each pair of what comes out.
//!
//! Weights stand in single precision under our own names. The batch may have any size. The files' metadata
//! hold the licence, the model's id, and what it takes to read scores: a questioned signature that leans is compared turned,
//! too, as `turning` says ([`crate::turn`]; null for never), the scores against all references become one as `fusion` says,
//! and `calibration` makes that a log-likelihood ratio, see [`crate::calibration`].

mod comparison;
mod encoder;
mod graph;
mod layers;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use graph::Graph;

use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::weights::{self, Stored};

/// The two files.
#[derive(Debug, Clone, PartialEq)]
pub struct Graphs {
    /// `ink [batch, 1, H, W]` to `embedding [batch, D]` and, where maps are compared, `map [batch, C, h, w]`.
    pub encoder: Vec<u8>,
    /// `questioned` and `reference`, the maps of the pairs (or embeddings, where those are compared), and, where slant
    /// and pressure count, `questioned_embedding` and `reference_embedding`, to `score [batch]` and, from the pair head,
    /// `unmatched [batch, h, w]`.
    pub comparison: Vec<u8>,
}

/// The graphs of the model with this manifest and these weights.
///
/// # Errors
/// [`Error::WeightsHash`] and [`Error::WeightsShape`] if the weights are not the manifest's or do not fit
/// its network.
pub fn graphs(manifest: &Manifest, weights: Vec<u8>) -> Result<Graphs> {
    let (encoder, comparison): (HashMap<_, _>, HashMap<_, _>) =
        weights::tensors(manifest, weights)?.into_iter().partition(|(name, _)| name.starts_with("encoder."));
    let doc =
        |of: &str| format!("{of} of the signature verifier {}. Licence: {}", manifest.name, manifest.licence);
    let graph = |weights: HashMap<String, Stored>| Graph::new(weights, manifest.weights.dtype.into());
    let metadata = metadata(manifest)?;

    let mut first = graph(encoder);
    encoder::build(&mut first, manifest)?;
    let encoder = first.encode("encoder", &doc("Encoder"), &metadata)?;
    let mut second = graph(comparison);
    comparison::build(&mut second, manifest)?;
    let comparison = second.encode("comparison", &doc("Comparison"), &metadata)?;
    Ok(Graphs { encoder, comparison })
}

/// What the manifest says of the model, as far as it concerns who runs it elsewhere.
fn metadata(manifest: &Manifest) -> Result<Vec<(&'static str, String)>> {
    fn json(value: &impl serde::Serialize) -> Result<String> {
        serde_json::to_string(value).map_err(|error| Error::InvalidManifest(error.to_string()))
    }
    Ok(vec![
        ("name", manifest.name.clone()),
        ("id", manifest.id().into()),
        ("licence", manifest.licence.clone()),
        ("input", json(&manifest.input)?),
        ("network", json(&manifest.network)?),
        ("turning", json(&manifest.turning)?),
        ("fusion", json(&manifest.fusion)?),
        ("calibration", json(&manifest.calibration)?),
        ("training", json(&manifest.training)?),
    ])
}
