//! `train calibrate`: a model's calibration fitted anew, its weights left as they are.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::Args;
use countersign::comparer::Comparer;
use countersign::evaluate::calibrate::{calibrate, concerns};
use countersign::evaluate::errors::Scores;
use countersign::evaluate::fuse;
use countersign::ink::FrameSize;
use countersign::manifest::Manifest;
use countersign::model::Network;
use countersign::train::corpus::{self, Corpus, Part, Set};
use countersign::train::progress::counter;
use countersign::train::synth;
use countersign::turn::Turning;
use countersign::{Error, Result, export, weights};

use crate::synth::Amount;

/// Fit a model's calibration, thresholds and limits on validation writers
///
/// Weights stay as they are, and templates made with them can be read. Of other turning (--turn) the agreement that is
/// stored in a template would be another, and of another --direction-weight the embedding: enrol anew then.
#[derive(Args)]
pub struct Calibrate {
    /// Folder of the model, whose manifest is replaced
    #[arg(long)]
    model: PathBuf,
    /// Folder of signatures or a pack
    #[arg(long, required_unless_present = "synthetic")]
    #[arg(conflicts_with_all = ["seed", "writers", "genuine", "forged", "spread", "clumsiness"])]
    data: Option<PathBuf>,
    /// In place of data, people who do not exist: of --writers only those of the validation part are made
    #[arg(long, conflicts_with = "data")]
    synthetic: bool,
    /// What is done about questioned signatures that lean: compare them also turned by so many degrees; 0: nothing.
    /// Left out, it stays as it is
    #[arg(long, value_name = "DEGREES")]
    turn: Option<f32>,
    /// How much slant and pressure of the line, which are measured and not learned, count beside what the network says,
    /// up to 10; 0: not measured. Left out, it stays as it is
    #[arg(long, value_name = "WEIGHT")]
    direction_weight: Option<f32>,
    /// Only print what would be written
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    amount: Amount,
}

impl Calibrate {
    pub fn run(&self) -> Result<()> {
        match &self.data {
            Some(data) => self.fit(|model| opened(data, model, |set| concerns(&model.training, set))),
            None => self.fit(|model| made(&self.amount, model.input)),
        }
    }

    fn fit(&self, corpus: impl FnOnce(&Manifest) -> Result<Corpus>) -> Result<()> {
        let (mut manifest, weights) = export::read(&self.model)?;
        if let Some(weight) = self.direction_weight {
            manifest.network = manifest.network.with_direction_weight(weight)?;
            manifest.embedding = manifest.network.embedding();
        }
        let network = weights::load(&manifest, weights, &Device::flex())?;
        if let Some(degrees) = self.turn {
            manifest.turning = (degrees != 0.0).then(|| Turning::by(degrees));
            let turning =
                manifest.turning.map_or(Ok(()), |turning| turning.check(&manifest.network, manifest.input));
            turning.map_err(Error::InvalidOption)?;
        }
        let corpus = corpus(&manifest)?;
        let manifest = fitted(manifest, &network, &corpus)?;
        if self.dry_run {
            Ok(())
        } else if self.direction_weight.is_some() {
            pollster::block_on(export::save_beside_weights(&network, &manifest, &self.model))
        } else {
            export::save_manifest(&manifest, &self.model)
        }
    }
}

/// The validation writers of the `wanted` sets of `data`.
pub fn opened(data: &Path, model: &Manifest, wanted: impl Fn(Set) -> bool) -> Result<Corpus> {
    let count = counter("reading signatures");
    let mut corpus = corpus::open(data, &[Part::Validation], model.input, count)?;
    corpus.writers.retain(|writer| wanted(writer.set));
    if corpus.writers.is_empty() {
        let learned = model.training.sets.join(", ");
        let message =
            format!("the data has no validation writer for {}, which learned from {learned}", model.name);
        return Err(Error::InvalidConfig(message));
    }
    Ok(corpus)
}

fn made(amount: &Amount, size: FrameSize) -> Result<Corpus> {
    let mut entries = synth::corpus(amount.seed, &amount.config()?);
    entries.retain(|entry| entry.part == Part::Validation);
    corpus::load(&entries, size, counter("making signatures"))
}

/// The manifest with fusion and calibration fitted to the writers of a corpus; prints how well they hold.
pub fn fitted(mut manifest: Manifest, network: &Network, corpus: &Corpus) -> Result<Manifest> {
    eprint!("{}", corpus.remarks());
    let count = counter("scoring writers");
    let device = Device::flex();
    let comparer = pollster::block_on(Comparer::of(&manifest, network, &device))?;
    let scores = Scores::with_strangers(&comparer, &corpus.writers, manifest.input, count)?;
    let scores = fuse::fitted(scores)?;
    let calibrated = calibrate(&scores)?;
    println!("Sets: {}\n", calibrated.calibration.sets.join(", "));
    println!("Fusion: {}\n", fuse::in_words(scores.fusion()));
    print!("{calibrated}");
    manifest.fusion = scores.fusion();
    manifest.calibration = calibrated.calibration;
    Ok(manifest)
}
