//! Measures: `cargo run --release --features train --bin evaluate -- cues --data DIR`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Parser, Subcommand};
use countersign::evaluate::control::{self, Cues, PROBES, Probe, Sample};
use countersign::ink::{self, FrameSize};
use countersign::train::corpus::{self, Entry, Kind};
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
        /// Folder that holds one or more of the known data sets
        #[arg(long)]
        data: PathBuf,
        /// Width of the frame in pixels
        #[arg(long, default_value_t = 160)]
        width: u32,
        /// Height of the frame in pixels
        #[arg(long, default_value_t = 80)]
        height: u32,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Cues { data, width, height } => cues(&data, FrameSize { width, height }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn cues(data: &Path, size: FrameSize) -> Result<()> {
    let entries = corpus::scan(data)?;
    let (done, shown) = (AtomicUsize::new(0), std::io::stderr().is_terminal());
    let probed: Vec<Result<Sample>> = entries
        .par_iter()
        .map(|entry| {
            let sample = sample(entry, size);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done % if shown { 50 } else { 1000 } == 0 || done == entries.len() {
                let end = if shown { "\r" } else { "\n" };
                let _ = write!(std::io::stderr(), "probing signatures {done}/{}{end}", entries.len());
            }
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
