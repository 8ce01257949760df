//! `evaluate identify`: whose is it, closed and open sets.

use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::Device;
use clap::Args;
use countersign::evaluate::identify::{self, Tables};
use countersign::evaluate::{one_shot, report};
use countersign::train::progress::counter;
use countersign::{Result, export, files};

use super::report::Chosen;

/// Rank-1 and rank-5 identification rates of each set, and detection rates where half of the writers are strangers
#[derive(Args)]
pub struct Identify {
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Folder of signatures or a pack; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Which writers; nothing is chosen by what test writers give
    #[arg(long, value_enum, default_value = "validation")]
    writers: Chosen,
    /// How many genuine signatures of a writer at most, drawn at random; all pairs of a set are compared
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..))]
    signatures: u32,
    /// File that the rank-1 rates are merged into, among those of other data, models and tasks
    #[arg(long, default_value = "models/one_shot.json")]
    json: PathBuf,
}

impl Identify {
    pub fn run(&self) -> Result<()> {
        let started = Instant::now();
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        // what is there and is no table, or has no place, is not found out after the work
        files::check_place(&self.json)?;
        one_shot::read(&self.json)?;
        let (writers, part) = self.writers.part();
        let mut corpus =
            report::corpus(self.data.as_deref(), writers, manifest.input, counter("reading signatures"))?;
        eprint!("{}", corpus.remarks());
        writers.retain(&manifest, &mut corpus.writers, |writer| writer.set)?;
        let progress = counter("comparing pairs");
        let found = identify::measure(
            (&manifest, &network),
            &corpus.writers,
            self.signatures as usize,
            &device,
            |_, done, total| {
                progress(done, total);
            },
        )?;
        print!("{}{}", Tables(&found), identify::remarks(&found, &corpus.writers, &manifest));
        let data = |set| one_shot::data_name(set, self.data.as_deref(), part);
        one_shot::merge(&self.json, &identify::rows(&found, data, &manifest.name))?;
        eprintln!("{:.0} s; rank-1 rates are in {}", started.elapsed().as_secs_f64(), self.json.display());
        Ok(())
    }
}
