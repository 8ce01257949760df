//! `train prepare`: any corpus, packed into one file.

use std::path::PathBuf;

use countersign::ink::{FrameSize, Stage};
use countersign::train::corpus::{self, Part, Samples};
use countersign::train::progress::counter;
use countersign::train::{pack, synth};
use countersign::{Error, Result};

#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of signatures; without it, synthetic ones
    #[arg(long, conflicts_with_all = ["seed", "writers", "genuine", "forged", "spread", "clumsiness"])]
    data: Option<PathBuf>,
    /// File to write
    #[arg(long)]
    out: PathBuf,
    /// Width of the frames in pixels, as the configuration has it
    #[arg(long, default_value_t = 160)]
    width: u32,
    /// Height of the frames in pixels
    #[arg(long, default_value_t = 80)]
    height: u32,
    /// What is done to a page, as the configuration has it
    #[arg(long, value_enum, default_value_t)]
    stage: Stage,
    /// Pack the test writers too, for the final report
    #[arg(long)]
    with_test: bool,
    #[command(flatten)]
    synthetic: super::synth::Amount,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let out = &arguments.out;
    let size = FrameSize { width: arguments.width, height: arguments.height, stage: arguments.stage };
    let parts: &[Part] = match arguments.with_test {
        true => &[Part::Train, Part::Validation, Part::Test],
        false => &[Part::Train, Part::Validation],
    };
    let mut entries = match &arguments.data {
        Some(data) => corpus::scan(data)?,
        None => synth::corpus(arguments.synthetic.seed, &arguments.synthetic.config()?),
    };
    entries.retain(|entry| parts.contains(&entry.part));
    pack::check(out, entries.len(), size)?;

    let samples = Samples::read(&entries, size, counter("reading signatures"));
    // what every reader of the pack would refuse is not packed
    samples.check_pictures()?;
    if samples.samples.is_empty() {
        // says how many and why, which a pack of nothing could not
        return samples.gather().map(drop);
    }
    eprintln!("packing {} signatures", samples.samples.len());
    let canonical = |data: &PathBuf| data.canonicalize().map_err(|error| Error::file(data, error));
    let root = arguments.data.as_ref().map(canonical).transpose()?;
    let bytes = pack::write(out, &samples, parts, size, root.as_deref())?;
    let corpus = samples.gather()?;
    eprintln!("{}", corpus.summary());
    eprint!("{}", corpus.remarks());
    corpus.write_unreadable(&out.with_added_extension("unreadable.txt"))?;
    println!("{} holds {:.1} MB", out.display(), bytes as f64 / 1e6);
    Ok(())
}
