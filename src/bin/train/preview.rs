//! `train preview`: a contact sheet of augmented signatures.

use std::path::PathBuf;

use countersign::Result;
use countersign::train::config::TrainConfig;
use countersign::train::corpus;
use countersign::train::preview::{by_kind, by_writer, check_place, choose, sheet, write};
use countersign::train::progress::counter;
use countersign::train::synth;

/// Draw a contact sheet of augmented signatures
#[derive(clap::Args)]
pub struct Preview {
    /// The run: a TOML file (see configs/)
    #[arg(long)]
    config: PathBuf,
    /// A setting in place of the file's, by its path: --set augment.rotation=20
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Folder that holds one or more of the known data sets; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where to write the picture
    #[arg(long, default_value = "preview.png")]
    out: PathBuf,
    /// What a row shows: a writer as in training, or one kind of augmentation alone and in full strength
    #[arg(long, value_enum, default_value_t = By::Writer)]
    by: By,
    /// Rows of `--by writer`
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    writers: u16,
    /// Seed of the choice of writers and of the augmentation [default: the run's]
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum By {
    Writer,
    Kind,
}

impl Preview {
    pub fn run(&self) -> Result<()> {
        check_place(&self.out)?;
        let config = TrainConfig::read_with(&self.config, &self.set)?;
        let seed = self.seed.unwrap_or(config.seed);
        let count = if matches!(self.by, By::Kind) { 1 } else { self.writers.into() };
        let entries = match &self.data {
            Some(data) => corpus::scan(data)?,
            None => synth::corpus(config.seed, &config.synthetic),
        };
        let entries = choose(entries, count, seed);
        let corpus = corpus::load(&entries, config.input, counter("reading signatures"))?;
        for (name, error) in &corpus.unreadable {
            eprintln!("left out {name}: {error}");
        }
        let writers = corpus.writers;
        let rows = match self.by {
            By::Writer => by_writer(&writers, &config.sampler, &config.augment, seed),
            By::Kind => writers
                .iter()
                .flat_map(|writer| &writer.genuine)
                .next()
                .map_or_else(Vec::new, |frame| by_kind(frame, &config.augment, seed)),
        };
        write(&sheet(&rows, config.input), &self.out)?;
        println!("{} rows are in {}", rows.len(), self.out.display());
        Ok(())
    }
}
