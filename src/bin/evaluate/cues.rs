//! `evaluate cues`: what one number of one image gives away.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::evaluate::control::{self, Cues, PROBES, Probe, Sample};
use countersign::ink::{self, FrameSize, Stage};
use countersign::train::corpus::{self, Entry, Kind};
use countersign::train::progress::counter;
use countersign::{Error, Result};
use rayon::prelude::*;

/// How well one number of one image tells forged from genuine, before and after the ink pipeline
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of signatures
    #[arg(long)]
    data: PathBuf,
    /// Width of the frame in pixels
    #[arg(long, default_value_t = 160)]
    width: u32,
    /// Height of the frame in pixels
    #[arg(long, default_value_t = 80)]
    height: u32,
    /// What is done to a page
    #[arg(long, value_enum, default_value_t)]
    stage: Stage,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let size = FrameSize { width: arguments.width, height: arguments.height, stage: arguments.stage };
    let entries = corpus::scan(&arguments.data)?;
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
