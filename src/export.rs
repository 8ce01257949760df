//! A trained network to the three files that ship, and those to the formats of other programs.

#[cfg(feature = "train")]
mod example;
#[cfg(feature = "train")]
pub mod interchange;
#[cfg(feature = "train")]
pub mod onnx;
#[cfg(feature = "train")]
pub mod safetensors;

use std::path::Path;

use burn::tensor::Device;

use crate::checker::Checker;
use crate::device::{self, Backend};
use crate::error::{Error, Result};
use crate::files;
use crate::golden::Golden;
use crate::manifest::{Manifest, Precision, WeightsFile};
use crate::model::Network;
use crate::weights;

const MANIFEST: &str = "manifest.json";

/// The three files of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Files {
    /// With the weights' true size and hash.
    pub manifest: Manifest,
    pub weights: Vec<u8>,
    pub golden: Golden,
}

/// Stores the weights in 8 bits if the manifest asks for that, else in half precision, describes them in the manifest
/// (whose own entry on them is replaced) and computes the known answers from what was stored, on the CPU.
///
/// # Errors
/// [`Error::WeightsShape`] if the network's weights do not fit half precision or are not of the
/// manifest's network; [`Error::InvalidManifest`]; [`Error::DeviceFailed`].
pub async fn files(network: Network, mut manifest: Manifest) -> Result<Files> {
    let (dtype, weights) = match manifest.weights.dtype {
        Precision::I8 => (Precision::I8, weights::to_eight_bits(network)?),
        Precision::F16 | Precision::F32 => (Precision::F16, weights::to_bytes(network)?),
    };
    manifest.weights = WeightsFile {
        file: "weights.bpk".into(),
        bytes: weights.len() as u64,
        sha256: weights::sha256(&weights),
        dtype,
    };
    manifest.golden = "golden.json".into();
    manifest.check()?;
    let device = Device::flex();
    let stored = weights::load(&manifest, weights.clone(), &device)?;
    let golden = Golden::make(&stored, manifest.input, &device).await?;
    Ok(Files { manifest, weights, golden })
}

/// The network in a folder that [`save`] wrote.
///
/// # Errors
/// [`Error::File`], [`Error::InvalidManifest`], and those of [`weights::load`].
pub fn open(directory: &Path, device: &Device) -> Result<(Manifest, Network)> {
    let (manifest, bytes) = read(directory)?;
    let network = weights::load(&manifest, bytes, device)?;
    Ok((manifest, network))
}

/// The checked manifest of a model in a folder.
///
/// # Errors
/// [`Error::File`] and [`Error::InvalidManifest`].
pub fn manifest(directory: &Path) -> Result<Manifest> {
    let path = directory.join(MANIFEST);
    Manifest::parse(&std::fs::read_to_string(&path).map_err(|error| Error::file(&path, error))?)
}

/// A checker of the model in a folder that [`save`] wrote.
///
/// # Errors
/// [`Error::File`], and those of [`device::open`] and [`Checker::load`].
pub async fn checker(directory: &Path, backend: Backend) -> Result<Checker> {
    let text = |name: &str| {
        let path = directory.join(name);
        std::fs::read_to_string(&path).map_err(|error| Error::file(&path, error))
    };
    let (manifest, weights) = read(directory)?;
    let opened = device::open(backend).await?;
    Checker::load(&text(MANIFEST)?, weights, &text(&manifest.golden)?, opened).await
}

/// The checked manifest in a folder that [`save`] wrote, and the bytes of its weights as they are.
///
/// # Errors
/// [`Error::File`] and [`Error::InvalidManifest`].
fn read(directory: &Path) -> Result<(Manifest, Vec<u8>)> {
    let manifest = manifest(directory)?;
    let path = directory.join(&manifest.weights.file);
    let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
    Ok((manifest, bytes))
}

/// Writes [`files`](fn@files) into a folder, which is made if it is missing, and returns the manifest. A model that is
/// there already is replaced once all of the new one is on the disk, its manifest last.
///
/// # Errors
/// As [`files`](fn@files), and [`Error::File`].
pub async fn save(network: Network, manifest: Manifest, directory: &Path) -> Result<Manifest> {
    let files = files(network, manifest).await?;
    std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
    let path = |name: &str| directory.join(name);
    let (golden, manifest) = (json(&files.golden, false)?, json(&files.manifest, true)?);
    files::replace_all([
        (&*path(&files.manifest.weights.file), &*files.weights),
        (&path(&files.manifest.golden), golden.as_bytes()),
        (&path(MANIFEST), manifest.as_bytes()),
    ])?;
    Ok(files.manifest)
}

/// Replaces the manifest in a folder that [`save`] wrote, whole or not at all.
///
/// # Errors
/// [`Error::InvalidManifest`], [`Error::File`].
#[cfg(feature = "train")]
pub fn save_manifest(manifest: &Manifest, directory: &Path) -> Result<()> {
    manifest.check()?;
    files::replace(&directory.join(MANIFEST), json(manifest, true)?.as_bytes())
}

/// JSON with a final line break; indented for people to read.
fn json(value: &impl serde::Serialize, indented: bool) -> Result<String> {
    let text = if indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    Ok(text.map_err(|error| Error::InvalidManifest(error.to_string()))? + "\n")
}
