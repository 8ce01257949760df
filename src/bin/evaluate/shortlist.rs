//! `evaluate shortlist`: what a search among very many people loses, and how long it takes.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use countersign::evaluate::{known, report, shortlist};
use countersign::ink::Frame;
use countersign::train::corpus;
use countersign::train::progress::counter;
use countersign::train::synth;
use countersign::{Result, export};

use super::report::Chosen;

/// People to time the search among.
const TIMED: usize = 100_000;

/// Whether the nearest people by embedding hold whom a comparison with everybody would name
#[derive(Args)]
pub struct Shortlist {
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Folder of signatures or a pack; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Whose signatures are questioned
    #[arg(long, value_enum, default_value = "validation")]
    writers: Chosen,
    /// How many synthetic people are in the gallery besides
    #[arg(long, default_value_t = 1000)]
    people: u16,
}

impl Shortlist {
    pub fn run(&self) -> Result<()> {
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        let (writers, _) = self.writers.part();
        let mut corpus =
            report::corpus(self.data.as_deref(), writers, manifest.input, counter("reading signatures"))?;
        writers.retain(&manifest, &mut corpus.writers, |writer| writer.set)?;
        // other hands than those of the default corpus
        let people = synth::writers(20_011, self.people, 1, 0);
        let strangers = corpus::load(&people, manifest.input, counter("writing strangers"))?;
        let strangers: Vec<&Frame> = strangers.writers.iter().flat_map(|writer| &writer.genuine).collect();
        let count = counter("answering questions");
        let found = shortlist::measure((&manifest, &network), &corpus.writers, &strangers, &device, count)?;
        let questioned = corpus.writers.iter().filter(|writer| shortlist::is_asked(writer));
        println!(
            "{found}{}",
            known::remarks(&manifest, questioned.map(|writer| (writer.set, writer.id, writer.part)))
        );
        let time = shortlist::time(TIMED, manifest.embedding);
        let megabytes = TIMED * manifest.embedding * 4 / 1_000_000;
        println!(
            "Among {TIMED} people: {:.1} ms and {megabytes} MB for embeddings of {}.",
            1000.0 * time.as_secs_f64(),
            manifest.embedding
        );
        Ok(())
    }
}
