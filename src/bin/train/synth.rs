//! `train synth`: the synthetic corpus as files.

use std::path::PathBuf;

use clap::ValueEnum;
use countersign::Result;
use countersign::train::config::SyntheticConfig;
use countersign::train::progress::counter;
use countersign::train::synth::files::{self, Format};

#[derive(clap::Args)]
pub struct Arguments {
    /// Folder to write; it must be empty or missing
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    amount: Amount,
    /// Pen recordings in SVC2004's text format, or images
    #[arg(long, value_enum, default_value = "svc2004")]
    format: Written,
}

/// How much is made, and from which seed.
#[derive(clap::Args)]
pub struct Amount {
    /// The same seed gives the same signatures
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// People who do not exist
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    writers: u16,
    /// Genuine signatures of each
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1000))]
    genuine: u32,
    /// Skilled forgeries of each
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=1000))]
    forged: u32,
    /// How much the signatures of one writer differ, a factor from 0.1 to 4
    #[arg(long, default_value_t = 1.0)]
    spread: f64,
    /// The most by which a forger errs beyond a careful one, a factor from 1 to 10
    #[arg(long, default_value_t = 1.0)]
    clumsiness: f64,
}

impl Amount {
    /// # Errors
    /// [`countersign::Error::InvalidConfig`] if a factor is out of its range.
    pub fn config(&self) -> Result<SyntheticConfig> {
        let &Self { writers, genuine, forged, spread, clumsiness, .. } = self;
        let config = SyntheticConfig { writers, genuine, forged, spread, clumsiness };
        config.check()?;
        Ok(config)
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Written {
    Svc2004,
    Images,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { out, amount, format } = arguments;
    let format = match format {
        Written::Svc2004 => Format::Svc2004,
        Written::Images => Format::Images,
    };
    files::write(out, amount.seed, &amount.config()?, format, counter("writing writers"))?;
    println!("{} holds {} writers; read it with --data", out.display(), amount.writers);
    Ok(())
}
