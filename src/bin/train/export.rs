//! `train export`: a model in the formats of other programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use countersign::Result;
use countersign::export::interchange::{self, Formats};

/// Write a trained model as ONNX and safetensors files
#[derive(Args)]
pub struct Export {
    /// Folder of the model (manifest.json and weights)
    #[arg(long)]
    model: PathBuf,
    /// Folder for the files
    #[arg(long)]
    out: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::All)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// encoder.onnx, comparison.onnx, and known answers to check a runtime with
    Onnx,
    /// weights.safetensors, with the manifest as its metadata
    Safetensors,
    All,
}

impl Export {
    pub fn run(&self) -> Result<()> {
        let formats =
            Formats { onnx: self.format != Format::Safetensors, safetensors: self.format != Format::Onnx };
        for (path, bytes) in pollster::block_on(interchange::write(&self.model, &self.out, formats))? {
            println!("{} ({bytes} bytes)", path.display());
        }
        Ok(())
    }
}
