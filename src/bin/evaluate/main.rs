//! Measures: `cargo run --release --bin evaluate -- cues --data DIR`.

mod cohort;
mod robustness;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::Device;
use clap::{Parser, Subcommand, ValueEnum};
use countersign::evaluate::control::{self, Cues, PROBES, Probe, Sample};
use countersign::evaluate::errors::{Scores, Table};
use countersign::export;
use countersign::ink::{self, FrameSize};
use countersign::train::corpus::{self, Entry, Kind, Part};
use countersign::train::progress::counter;
use countersign::train::synth;
use countersign::{Error, Result};
use rayon::prelude::*;

/// Measure the data and the models.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// How well one number of one image tells forged from genuine, before and after the ink pipeline
    Cues {
        /// Folder of signatures
        #[arg(long)]
        data: PathBuf,
        /// Width of the frame in pixels
        #[arg(long, default_value_t = 160)]
        width: u32,
        /// Height of the frame in pixels
        #[arg(long, default_value_t = 80)]
        height: u32,
    },
    /// Equal error rates of a model, skilled forgeries, by data set and number of references
    Errors {
        /// Folder of the model
        #[arg(long, default_value = "models/countersign")]
        model: PathBuf,
        /// Folder of signatures or a pack; without it, synthetic signatures
        #[arg(long)]
        data: Option<PathBuf>,
        /// Which writers; test writers are for the final report alone
        #[arg(long, value_enum, default_value = "validation")]
        writers: Writers,
        /// File for the same figures as JSON
        #[arg(long)]
        json: Option<PathBuf>,
    },
    Robustness(robustness::Robustness),
    Cohort(cohort::Cohort),
}

#[derive(Clone, Copy, ValueEnum)]
enum Writers {
    Validation,
    Test,
}

impl From<Writers> for Part {
    fn from(writers: Writers) -> Self {
        match writers {
            Writers::Validation => Self::Validation,
            Writers::Test => Self::Test,
        }
    }
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Cues { data, width, height } => cues(&data, FrameSize { width, height }),
        Command::Errors { model, data, writers, json } => {
            errors(&model, data.as_deref(), writers.into(), json.as_deref())
        }
        Command::Robustness(robustness) => robustness.run(),
        Command::Cohort(cohort) => cohort.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn errors(model: &Path, data: Option<&Path>, part: Part, json: Option<&Path>) -> Result<()> {
    let (manifest, network) = export::open(model, &Device::flex())?;
    let count = counter("reading signatures");
    let corpus = match data {
        Some(data) => corpus::open(data, &[part], manifest.input, count)?,
        None => {
            let mut entries = synth::writers(1, 200, 12, 12);
            entries.retain(|entry| entry.part == part);
            corpus::load(&entries, manifest.input, count)?
        }
    };
    eprint!("{}", corpus.remarks());
    let count = counter("scoring writers");
    let scores = Scores::compute(&network, &corpus.writers, manifest.input, &Device::flex(), count)?;
    let errors = scores.errors(&corpus.writers);
    print!("{}", Table(&errors));
    json.map_or(Ok(()), |path| write_json(path, &errors))
}

fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::file(path, error))?;
    std::fs::write(path, text + "\n").map_err(|error| Error::file(path, error))
}

fn cues(data: &Path, size: FrameSize) -> Result<()> {
    let entries = corpus::scan(data)?;
    let (done, count) = (AtomicUsize::new(0), counter("probing signatures"));
    let probed: Vec<Result<Sample>> = entries
        .par_iter()
        .map(|entry| {
            let sample = sample(entry, size);
            count(done.fetch_add(1, Ordering::Relaxed) + 1, entries.len());
            sample
        })
        .collect();
    let mut samples = Vec::with_capacity(probed.len());
    for (entry, sample) in entries.iter().zip(probed) {
        match sample {
            Ok(sample) => samples.push(sample),
            Err(error) => eprintln!("left out {entry}: {error}"),
        }
    }
    if samples.is_empty() {
        return Err(Error::Training("no signature could be probed".into()));
    }
    print_table(&control::cue_table(&samples));
    Ok(())
}

fn sample(entry: &Entry, size: FrameSize) -> Result<Sample> {
    let page = entry.page()?;
    let prepared = ink::prepare(&page, size)?;
    Ok(Sample {
        set: entry.set.to_string(),
        is_forged: entry.kind == Kind::SkilledForgery,
        page: control::probe_page(&page),
        frame: control::probe_frame(&prepared.frame),
    })
}

/// AUC of forged against genuine without any reference: 0.50 tells nothing, 1.00 everything.
fn print_table(table: &[Cues]) {
    print!("{:<10} {:<6} {:>7} {:>7}", "set", "", "genuine", "forged");
    PROBES.iter().for_each(|probe| print!("  {probe}"));
    println!("  best");
    for row in table {
        print_row(&row.set, "before", Some((row.genuine, row.forged)), &row.before);
        print_row("", "after", None, &row.after);
    }
}

fn print_row(set: &str, stage: &str, counts: Option<(usize, usize)>, probe: &Probe) {
    let (genuine, forged) = counts.map_or(Default::default(), |(g, f)| (g.to_string(), f.to_string()));
    print!("{set:<10} {stage:<6} {genuine:>7} {forged:>7}");
    PROBES.iter().zip(probe).for_each(|(name, auc)| print!("  {auc:>width$.2}", width = name.len()));
    let (best, auc) = Cues::worst(probe);
    println!("  {auc:.2} {}", PROBES[best]);
}
