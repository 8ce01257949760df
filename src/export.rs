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
pub fn read(directory: &Path) -> Result<(Manifest, Vec<u8>)> {
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

/// Replaces manifest and known answers in a folder that [`save`] wrote, for a network of the same weights that compares
/// otherwise.
///
/// # Errors
/// As [`save_manifest`], and [`Error::DeviceFailed`].
#[cfg(feature = "train")]
pub async fn save_beside_weights(network: &Network, manifest: &Manifest, directory: &Path) -> Result<()> {
    manifest.check()?;
    let golden = Golden::make(network, manifest.input, &Device::flex()).await?;
    let path = |name: &str| directory.join(name);
    files::replace_all([
        (&*path(&manifest.golden), json(&golden, false)?.as_bytes()),
        (&path(MANIFEST), json(manifest, true)?.as_bytes()),
    ])
}

/// JSON with a final line break; indented for people to read.
fn json(value: &impl serde::Serialize, indented: bool) -> Result<String> {
    let text = if indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    Ok(text.map_err(|error| Error::InvalidManifest(error.to_string()))? + "\n")
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;

    #[test]
    fn measuring_slant_and_pressure_leaves_what_is_learned_alone() {
        let tiny = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny");
        let folder = std::env::temp_dir().join(format!("countersign-{}-measuring", std::process::id()));
        let device = Device::flex();
        let (before, network) = open(&tiny, &device).unwrap();
        let before = pollster::block_on(save(network, before, &folder)).unwrap();
        let weigh = |weight: f32| {
            let (mut manifest, bytes) = read(&folder).unwrap();
            manifest.network = manifest.network.with_direction_weight(weight).unwrap();
            manifest.embedding = manifest.network.embedding();
            let network = weights::load(&manifest, bytes, &device).unwrap();
            pollster::block_on(save_beside_weights(&network, &manifest, &folder)).unwrap();
            // it repeats its known answers
            pollster::block_on(checker(&folder, Backend::Cpu)).unwrap();
            self::manifest(&folder).unwrap()
        };
        let measuring = weigh(1.5);
        assert_eq!(measuring.embedding, before.embedding + 16, "eight directions, two numbers of each");
        assert_eq!((&measuring.weights, weigh(0.0)), (&before.weights, before.clone()));
        for wrong in [-1.0, 11.0, f32::NAN] {
            let error = before.network.clone().with_direction_weight(wrong).unwrap_err();
            assert_eq!(error.code(), "invalid-config");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
