//! `evaluate episodes`: one-shot classification.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::tensor::Device;
use clap::{Args, ValueEnum};
use countersign::evaluate::bootstrap::Rate;
use countersign::evaluate::episodes::{self, Categories, Episode, Protocol, lake};
use countersign::evaluate::known;
use countersign::evaluate::one_shot::{self, Row};
use countersign::train::corpus::{self, Kind, Part, Sample, Samples, Set};
use countersign::train::pack;
use countersign::train::progress::counter;
use countersign::{Error, Result, export, files};

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
    /// The twenty published runs of Lake et al. in place of drawn episodes: Omniglot's test alphabets, 20 ways, one shot,
    /// 400 questioned images
    #[arg(long, conflicts_with_all = ["writers", "ways", "shots", "trials", "seed"])]
    lake: bool,
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
        if let Some(out) = &self.out {
            // what is there and is no table, or has no place, is not found out after the work
            files::check_place(out)?;
            one_shot::read(out)?;
        }
        let samples = self.samples(manifest.input)?;
        samples.check_pictures()?;
        for one in &samples.unreadable {
            eprintln!("unreadable: {}: {}", one.name, one.error);
        }
        let examined = samples.samples.iter().filter(|sample| sample.kind == Kind::Genuine);
        let remarks =
            known::remarks(&manifest, examined.map(|sample| (sample.set, sample.writer, sample.part)));
        let mut of_sets: BTreeMap<Set, Vec<Sample>> = BTreeMap::new();
        for sample in samples.samples {
            of_sets.entry(sample.set).or_default().push(sample);
        }
        let sets: Vec<(Set, Categories)> =
            of_sets.into_iter().map(|(set, samples)| (set, Categories::of(samples, set))).collect();
        // a set that is too small is found before any other is played
        let drawn = sets.iter().map(|(set, categories)| Ok((*set, self.episodes(categories)?)));
        let drawn = drawn.collect::<Result<Vec<_>>>()?;
        let part = if self.lake { "lake" } else { self.writers.name() };
        println!("| data | model | ways | shots | trials | accuracy % | same or different % |");
        println!("|---|---|---|---|---|---|---|");
        let mut rows = Vec::new();
        for (set, rows_of_set) in drawn {
            for episodes in rows_of_set {
                let (ways, shots) = episodes.first().map_or((0, 0), |one| (one.ways(), one.shots()));
                let count = counter("playing episodes");
                let outcome = episodes::play(&episodes, (&manifest, &network), &device, count)?;
                let row = Row {
                    data: one_shot::data_name(set, Some(&self.data), part),
                    model: manifest.name.clone(),
                    ways,
                    shots,
                    trials: outcome.trials,
                    accuracy: outcome.accuracy.percent,
                    ci95: outcome.accuracy.ci95,
                };
                print(&row, &outcome.verification);
                rows.push(row);
            }
        }
        print!("{remarks}");
        match &self.out {
            Some(out) => one_shot::merge(out, &rows),
            None => Ok(()),
        }
    }

    /// Those of each row.
    fn episodes<'a>(&self, categories: &'a Categories) -> Result<Vec<Vec<Episode<'a>>>> {
        if self.lake {
            return Ok(vec![lake::runs(categories)?]);
        }
        let rows = self.ways.iter().flat_map(|ways| self.shots.iter().map(move |shots| (*ways, *shots)));
        rows.map(|(ways, shots)| {
            categories.draw(&Protocol { ways, shots, trials: self.trials as usize, seed: self.seed })
        })
        .collect()
    }

    fn samples(&self, input: countersign::ink::FrameSize) -> Result<Samples> {
        let writers = if self.lake { Writers::Test } else { self.writers };
        let parts = writers.parts();
        if pack::is_pack(&self.data) {
            return pack::read(&self.data, parts, input);
        }
        let mut entries = corpus::scan(&self.data)?;
        entries.retain(|entry| parts.contains(&entry.part));
        if entries.is_empty() {
            let hint = if self.lake { "" } else { "; --writers all takes every part" };
            let message = format!("holds nothing of the part {}{hint}", writers.name());
            return Err(Error::file(&self.data, message));
        }
        Ok(Samples::read(&entries, input, counter("reading images")))
    }
}

fn print(row: &Row, verification: &Rate) {
    let percent = |mean: f64, [low, high]: [f64; 2]| format!("{mean:.1} ({low:.1} to {high:.1})");
    println!(
        "| {} | {} | {} | {} | {} | {} | {} |",
        row.data,
        row.model,
        row.ways,
        row.shots,
        row.trials,
        percent(row.accuracy, row.ci95),
        percent(verification.percent, verification.ci95)
    );
}
