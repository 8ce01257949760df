//! `train calibrate`: a model's calibration fitted anew, its weights left as they are.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use countersign::evaluate::calibrate::calibrate;
use countersign::evaluate::errors::Scores;
use countersign::evaluate::fuse;
use countersign::train::corpus::{self, Part};
use countersign::train::progress::counter;
use countersign::{Result, export};

/// Fit a model's calibration, thresholds and limits on the validation writers of a folder
///
/// Weights stay as they are, and so do templates made with them.
#[derive(Args)]
pub struct Calibrate {
    /// Folder of the model, whose manifest is replaced
    #[arg(long)]
    model: PathBuf,
    /// Folder of signatures or a pack
    #[arg(long)]
    data: PathBuf,
    /// Only print what would be written
    #[arg(long)]
    dry_run: bool,
}

impl Calibrate {
    /// Of the model in a folder, on the validation writers of `data`.
    pub fn of(model: &Path, data: &Path) -> Self {
        Self { model: model.into(), data: data.into(), dry_run: false }
    }

    pub fn run(&self) -> Result<()> {
        let device = Device::flex();
        let (mut manifest, network) = export::open(&self.model, &device)?;
        let count = counter("reading signatures");
        let corpus = corpus::open(&self.data, &[Part::Validation], manifest.input, count)?;
        eprint!("{}", corpus.remarks());
        let count = counter("scoring writers");
        let scores = Scores::with_strangers(&network, &corpus.writers, manifest.input, &device, count)?;
        let scores = fuse::fitted(scores)?;
        let calibrated = calibrate(&scores)?;
        println!("Fusion: {}\n", fuse::in_words(scores.fusion()));
        print!("{calibrated}");
        if self.dry_run {
            return Ok(());
        }
        manifest.fusion = scores.fusion();
        manifest.calibration = calibrated.calibration;
        export::save_manifest(&manifest, &self.model)
    }
}
