//! `train quantise`: a model in 8 bits, and what that costs.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use countersign::comparer::Comparer;
use countersign::evaluate::calibrate::concerns;
use countersign::evaluate::errors::Scores;
use countersign::evaluate::report::Table;
use countersign::export;
use countersign::manifest::Precision;
use countersign::train::corpus::Corpus;
use countersign::train::progress::counter;
use countersign::{Error, Result};

use crate::calibrate;

/// Store a model's weights in 8 bits, and compare error rates on the validation writers
#[derive(Args)]
pub struct Quantise {
    /// Folder of the model
    #[arg(long)]
    model: PathBuf,
    /// Folder of signatures or a pack
    #[arg(long)]
    data: PathBuf,
    /// Folder for the model in 8 bits
    #[arg(long)]
    out: PathBuf,
}

impl Quantise {
    pub fn run(&self) -> Result<()> {
        let (mut manifest, network) = export::open(&self.model, &Device::flex())?;
        if self.out.exists() {
            return Err(Error::file(&self.out, "is there already; name another folder"));
        }
        let before = manifest.weights.bytes;
        manifest.weights.dtype = Precision::I8;
        let corpus = calibrate::opened(&self.data, &manifest, |set| concerns(&manifest.training, set))?;
        eprint!("{}", corpus.remarks());
        let manifest = pollster::block_on(export::save(network, manifest, &self.out))?;
        println!("{}: {} bytes of weights, {before} before\n", self.out.display(), manifest.weights.bytes);
        for (what, folder) in [("before", &self.model), ("in 8 bits", &self.out)] {
            println!("{what}:\n\n{}", table(folder, &corpus)?);
        }
        Ok(())
    }
}

/// Error rates of a model on the validation writers.
fn table(folder: &Path, corpus: &Corpus) -> Result<String> {
    let device = Device::flex();
    let (manifest, network) = export::open(folder, &device)?;
    let count = counter("scoring writers");
    let comparer = pollster::block_on(Comparer::of(&manifest, &network, &device))?;
    let scores = Scores::compute(&comparer, &corpus.writers, manifest.input, count)?;
    let figures = scores.with_fusion(manifest.fusion).figures(&corpus.writers, &manifest.calibration)?;
    Ok(Table::of(&figures).to_string())
}
