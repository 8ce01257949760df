//! `train average`: the mean of the weights of several trainings.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use countersign::train::average::average;
use countersign::train::corpus::Set;
use countersign::{Error, Result, export, weights};

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
    /// Folder for the result, none of the models'
    #[arg(long)]
    out: PathBuf,
}

impl Average {
    pub fn run(&self) -> Result<()> {
        let out = self.out.canonicalize().ok();
        if out.is_some() && self.model.iter().any(|model| model.canonicalize().ok() == out) {
            return Err(Error::file(&self.out, "is one of the models to average; name another folder"));
        }
        let device = Device::flex();
        let (manifest, network) = average(&self.model, &device)?;
        // what the trainings left out is not calibrated on either
        let learned = |set: Set| manifest.training.sets.contains(&set.to_string());
        let corpus = calibrate::opened(&self.data, &manifest, learned)?;
        // calibrated in the precision in which it is stored, and written only when all of it is right
        let files = pollster::block_on(export::files(network, manifest))?;
        let network = weights::load(&files.manifest, files.weights, &device)?;
        let manifest = calibrate::fitted(files.manifest, &network, &corpus)?;
        pollster::block_on(export::save(network, manifest, &self.out))?;
        Ok(())
    }
}
