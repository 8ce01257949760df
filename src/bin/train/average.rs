//! `train average`: the mean of the weights of several trainings.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use countersign::Result;
use countersign::export;
use countersign::train::average::average;

use crate::calibrate;

/// Average the weights of trainings that started from the same model, and calibrate the result
#[derive(Args)]
pub struct Average {
    /// Folder of a model, once for each; all must have started from the same weights
    #[arg(long, required = true)]
    model: Vec<PathBuf>,
    /// Folder of signatures or a pack, on whose validation writers the result is calibrated
    #[arg(long)]
    data: PathBuf,
    /// Folder for the result
    #[arg(long)]
    out: PathBuf,
}

impl Average {
    pub fn run(&self) -> Result<()> {
        let (manifest, network) = average(&self.model, &Device::flex())?;
        pollster::block_on(export::save(network, manifest, &self.out))?;
        calibrate::on(&self.out, &self.data)
    }
}
