//! `evaluate robustness`: the same signatures altered.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::Args;
use countersign::evaluate::alter::Alteration;
use countersign::evaluate::known;
use countersign::evaluate::robustness::{self, Condition, ErrorTable, VerdictTable};
use countersign::train::corpus::{self, Entry, Part};
use countersign::train::progress::counter;
use countersign::train::{pack, synth};
use countersign::{Error, Result, export, files};

use super::report::Chosen;

/// Equal error rates with the questioned page turned, shrunk, stored as JPEG, photographed, or of another pen
#[derive(Args)]
pub struct Robustness {
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Folder of signatures (no pack: pages are altered, not frames); without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Which writers; test writers are for the final report alone, development those of sets that the model never saw
    #[arg(long, value_enum, default_value = "validation")]
    writers: Chosen,
    /// Only pages altered like this, several with commas; each comes out as among all others
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Alteration>,
    /// File for the same figures as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

impl Robustness {
    pub fn run(&self) -> Result<()> {
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        self.json.as_deref().map_or(Ok(()), files::check_place)?;
        let (writers, _) = self.writers.part();
        let mut entries = self.entries(writers.parts())?;
        writers.retain(&manifest, &mut entries, |entry| entry.set)?;
        let count = counter("altering pages of writers");
        let conditions = Condition::only(&self.only);
        let rows = robustness::measure(&network, &manifest, &entries, &conditions, &device, count)?;
        let known =
            known::remarks(&manifest, entries.iter().map(|entry| (entry.set, entry.writer, entry.part)));
        println!("{}\n{}{known}", ErrorTable(&rows), VerdictTable(&rows));
        let Some(path) = &self.json else { return Ok(()) };
        let text = serde_json::to_string_pretty(&rows).map_err(|error| Error::file(path, error))?;
        std::fs::write(path, text + "\n").map_err(|error| Error::file(path, error))
    }

    fn entries(&self, parts: &[Part]) -> Result<Vec<Entry>> {
        let mut entries = match self.data.as_deref() {
            Some(data) if pack::is_pack(data) => {
                return Err(Error::file(
                    data,
                    "holds frames, but pages are altered; give the folder it was made of",
                ));
            }
            Some(data) => corpus::scan(data)?,
            None => synth::writers(1, 200, 12, 12),
        };
        entries.retain(|entry| parts.contains(&entry.part));
        Ok(entries)
    }
}
