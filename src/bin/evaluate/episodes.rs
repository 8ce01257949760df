//! `evaluate episodes`: one-shot classification.

use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Args, ValueEnum};
use countersign::evaluate::episodes::{Categories, Protocol};
use countersign::evaluate::one_shot::{self, Row};
use countersign::train::corpus::{self, Part, Samples, Set};
use countersign::train::pack;
use countersign::train::progress::counter;
use countersign::{Error, Result, export};

/// How often the right one of N categories is found by K examples of each
#[derive(Args)]
pub struct Episodes {
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    /// Folder of any known layout, or CATEGORY/*.png, or a pack
    #[arg(long)]
    data: PathBuf,
    /// Which categories; those of the test are for the final report alone
    #[arg(long, value_enum, default_value = "validation")]
    writers: Writers,
    /// Categories to choose from; with commas, several numbers
    #[arg(long, value_delimiter = ',', default_value = "20,5")]
    ways: Vec<usize>,
    /// Examples of each category; with commas, several numbers
    #[arg(long, value_delimiter = ',', default_value = "1,5")]
    shots: Vec<usize>,
    /// Questioned images
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    trials: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// JSON file that gets the rows, such as models/one_shot.json; other rows in it are left
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Writers {
    Validation,
    Test,
    /// Those of training, too
    All,
}

impl Writers {
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Validation => &[Part::Validation],
            Self::Test => &[Part::Test],
            Self::All => &[Part::Train, Part::Validation, Part::Test],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Test => "test",
            Self::All => "all",
        }
    }
}

impl Episodes {
    pub fn run(&self) -> Result<()> {
        let device = Device::flex();
        let (manifest, network) = export::open(&self.model, &device)?;
        let samples = self.samples(manifest.input)?;
        samples.check_pictures()?;
        for (name, error) in &samples.unreadable {
            eprintln!("unreadable: {name}: {error}");
        }
        let sets: std::collections::BTreeSet<Set> = samples.samples.iter().map(|sample| sample.set).collect();
        println!("| data | model | ways | shots | trials | accuracy % | same or different % |");
        println!("|---|---|---|---|---|---|---|");
        let mut rows = Vec::new();
        for set in sets {
            let categories = Categories::of(samples.samples.clone(), set);
            for (&ways, &shots) in
                self.ways.iter().flat_map(|ways| self.shots.iter().map(move |shots| (ways, shots)))
            {
                let protocol = Protocol { ways, shots, trials: self.trials as usize, seed: self.seed };
                let count = counter("playing episodes");
                let outcome = categories.measure(&protocol, (&manifest, &network), &device, count)?;
                let (accuracy, verification) = (&outcome.accuracy, &outcome.verification);
                let row = Row {
                    data: format!("{set}-{}", self.writers.name()),
                    model: manifest.name.clone(),
                    ways,
                    shots,
                    trials: outcome.trials,
                    accuracy: accuracy.percent,
                    ci95: accuracy.ci95,
                };
                println!(
                    "| {} | {} | {ways} | {shots} | {} | {:.1} ({:.1} to {:.1}) | {:.1} ({:.1} to {:.1}) |",
                    row.data,
                    row.model,
                    row.trials,
                    row.accuracy,
                    row.ci95[0],
                    row.ci95[1],
                    verification.percent,
                    verification.ci95[0],
                    verification.ci95[1]
                );
                rows.push(row);
            }
        }
        match &self.out {
            Some(out) => one_shot::merge(out, &rows),
            None => Ok(()),
        }
    }

    fn samples(&self, input: countersign::ink::FrameSize) -> Result<Samples> {
        let parts = self.writers.parts();
        if pack::is_pack(&self.data) {
            return pack::read(&self.data, parts, input);
        }
        let mut entries = corpus::scan(&self.data)?;
        entries.retain(|entry| parts.contains(&entry.part));
        if entries.is_empty() {
            let message = format!("holds nothing of the part {}", self.writers.name());
            return Err(Error::file(&self.data, message));
        }
        Ok(Samples::read(&entries, input, counter("reading images")))
    }
}
