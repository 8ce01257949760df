//! Trains a network: `cargo run --release --bin train -- --config FILE [--data DIR]`. What else a trainer needs are
//! its subcommands, one file each.

mod export;

use std::path::PathBuf;
use std::process::ExitCode;

use burn::tensor::Device;
use burn_train::Interrupter;
use clap::{Parser, Subcommand};
use countersign::evaluate::errors::Table;
use countersign::train::config::TrainConfig;
use countersign::train::corpus::{self, Part};
use countersign::train::progress::counter;
use countersign::train::release::release;
use countersign::train::run::{self, Outcome};
use countersign::train::synth;
use countersign::{Error, Result};

/// Train a signature verifier on a data folder or, without one, on synthetic signatures.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    training: Option<Training>,
}

#[derive(Subcommand)]
enum Command {
    Export(export::Export),
}

#[derive(clap::Args)]
struct Training {
    /// What to train: a TOML file (see configs/)
    #[arg(long)]
    config: PathBuf,
    /// Folder that holds one or more of the known data sets; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for checkpoints and logs [default: runs/NAME]
    #[arg(long)]
    run: Option<PathBuf>,
    /// Folder for the trained model [default: the run's folder, model/]
    #[arg(long)]
    export: Option<PathBuf>,
    /// Continue from the last checkpoint of the run
    #[arg(long)]
    resume: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.command, arguments.training) {
        (Some(Command::Export(export)), _) => export.run(),
        (None, Some(training)) => train(&training),
        // clap refuses a call without both
        (None, None) => Ok(()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn train(arguments: &Training) -> Result<()> {
    let config = TrainConfig::read(&arguments.config)?;
    let directory = arguments.run.clone().unwrap_or_else(|| PathBuf::from("runs").join(&config.name));
    let mut entries = match &arguments.data {
        Some(data) => corpus::scan(data)?,
        None => synth::writers(
            config.seed,
            config.synthetic.writers,
            config.synthetic.genuine,
            config.synthetic.forged,
        ),
    };
    // test writers are not even read
    entries.retain(|entry| entry.part != Part::Test);
    let corpus = corpus::load(&entries, config.input, counter("reading signatures"))?;
    eprintln!("{}", corpus.summary());

    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    ctrlc::set_handler(move || {
        eprintln!("\nstopping; the last checkpoint is kept");
        stop.stop(Some("Ctrl-C"));
    })
    .map_err(|error| Error::Training(error.to_string()))?;

    let device = Device::flex();
    match run::train(&config, &corpus, &directory, arguments.resume, &device, interrupter)? {
        Outcome::Interrupted => println!("stopped; continue with --resume"),
        Outcome::Finished(network) => {
            let export = arguments.export.clone().unwrap_or_else(|| directory.join("model"));
            let errors = release(*network, &config, &corpus, &device, &export)?;
            println!("validation writers, skilled forgeries:\n\n{}", Table(&errors));
            println!("the model is in {}", export.display());
        }
    }
    Ok(())
}
