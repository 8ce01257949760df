//! `evaluate forgers`: whether the forgers that a set's file names tell are hands of their own.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use countersign::comparer::Comparer;
use countersign::evaluate::forgers::{self, Shared, Table};
use countersign::train::corpus::{self, Part};
use countersign::train::pack;
use countersign::train::progress::counter;
use countersign::{Result, export};

/// How well a model tells the imitations by one forger from those by another of the same signature
#[derive(Args)]
pub struct Forgers {
    /// Folder of the model; one that has not seen the data is the better witness
    #[arg(long, default_value = "models/synthetic")]
    model: PathBuf,
    /// Folder of signatures or a pack; of test writers only the files' names are read
    #[arg(long)]
    data: PathBuf,
}

impl Forgers {
    pub fn run(&self) -> Result<()> {
        // a pack has no test writers' names
        if !pack::is_pack(&self.data) {
            for Shared { part, forgers, known } in forgers::shared(&corpus::scan(&self.data)?) {
                println!(
                    "dutch: of {forgers} forgers of {part} writers, {known} imitated training writers too"
                );
            }
        }
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        let count = counter("reading signatures");
        let corpus = corpus::open(&self.data, &[Part::Train, Part::Validation], manifest.input, count)?;
        let rows = forgers::measure(
            &pollster::block_on(Comparer::of(&manifest, &network, &device))?,
            &corpus.writers,
            manifest.input,
            counter("comparing forgeries"),
        )?;
        print!("{}", Table(&rows));
        Ok(())
    }
}
