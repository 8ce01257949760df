//! A model's folder to files of other programs' formats.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::{example, onnx, safetensors};
use crate::error::{Error, Result};
use crate::weights;

/// Which files to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formats {
    /// `encoder.onnx`, `comparison.onnx` and `example.safetensors`, known answers to check a runtime with.
    pub onnx: bool,
    /// `weights.safetensors`.
    pub safetensors: bool,
}

/// Writes the model in the folder `model` in these formats to the folder `out`, which is made if it is
/// missing, and returns the files and their sizes.
///
/// # Errors
/// [`Error::File`], and those of a model that does not load.
pub async fn write(model: &Path, out: &Path, formats: Formats) -> Result<Vec<(PathBuf, usize)>> {
    let (manifest, bytes) = super::read(model)?;
    // also tells whether the weights fit
    let device = Device::flex();
    let network = weights::load(&manifest, bytes.clone(), &device)?;
    std::fs::create_dir_all(out).map_err(|error| Error::file(out, error))?;
    let mut written = Vec::new();
    let mut save = |name: &str, content: &[u8]| {
        let path = out.join(name);
        std::fs::write(&path, content).map_err(|error| Error::file(&path, error))?;
        written.push((path, content.len()));
        Ok(())
    };
    if formats.safetensors {
        save("weights.safetensors", &safetensors::write(&manifest, bytes.clone())?)?;
    }
    if formats.onnx {
        let graphs = onnx::graphs(&manifest, bytes)?;
        save("encoder.onnx", &graphs.encoder)?;
        save("comparison.onnx", &graphs.comparison)?;
        save("example.safetensors", &example::make(&manifest, &network, &device).await?)?;
    }
    Ok(written)
}
