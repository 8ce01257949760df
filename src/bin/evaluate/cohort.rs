//! `evaluate cohort`: the experiment on score normalisation.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Args, ValueEnum};
use countersign::comparer::Comparer;
use countersign::evaluate::cohort::{self, Table};
use countersign::ink::Frame;
use countersign::train::corpus::{self, Part, Writer};
use countersign::train::progress::counter;
use countersign::train::synth;
use countersign::{Result, export};

/// Error rates of validation writers with scores normalised by those against a cohort of other people
#[derive(Args)]
pub struct Cohort {
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Folder of signatures or a pack
    #[arg(long)]
    data: PathBuf,
    /// Who the others are
    #[arg(long, value_enum, default_value = "train")]
    of: Of,
    /// How many others, one signature of each
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(2..=256))]
    size: u16,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Of {
    /// Training writers, evenly from the list of all sets
    Train,
    /// Synthetic writers
    Synthetic,
}

impl Cohort {
    pub fn run(&self) -> Result<()> {
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        let size = usize::from(self.size);
        let count = counter("reading signatures");
        let mut corpus = corpus::open(&self.data, &[Part::Train, Part::Validation], manifest.input, count)?;
        // characters and faces are nobody's hand
        corpus.writers.retain(|writer| writer.set.is_signatures());
        let synthetic = match self.of {
            Of::Train => None,
            Of::Synthetic => {
                Some(corpus::load(&synth::writers(7, self.size, 1, 0), manifest.input, |_, _| ())?)
            }
        };
        let others: Vec<&Writer> = match &synthetic {
            Some(synthetic) => synthetic.writers.iter().collect(),
            None => corpus.part(Part::Train).collect(),
        };
        let first: Vec<&Frame> = others.iter().filter_map(|writer| writer.genuine.first()).collect();
        let take = size.min(first.len());
        let cohort: Vec<&Frame> = (0..take).map(|index| first[index * first.len() / take]).collect();
        let judged =
            corpus.part(Part::Validation).filter(|writer| writer.has_pairs() && !writer.forged.is_empty());
        let judged: Vec<Writer> = judged.cloned().collect();
        let count = counter("scoring writers");
        let comparer = pollster::block_on(Comparer::of(&manifest, &network, &device))?;
        let rows = cohort::measure(&comparer, &judged, &cohort, manifest.input, count)?;
        print!("{}", Table(&rows));
        Ok(())
    }
}
