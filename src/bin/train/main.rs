//! Trains a network: `cargo run --release --bin train -- --config FILE [--data DIR]`. What else a trainer needs are
//! its subcommands, one file each.

mod average;
mod calibrate;
mod compare;
mod export;
mod prepare;
mod preview;
mod quantise;
mod search;
mod serve;
mod stop;
mod synth;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;
use burn_train::Interrupter;
use clap::{Parser, Subcommand};
use countersign::evaluate::calibrate::check_enough;
use countersign::train::config::TrainConfig;
use countersign::train::corpus::{self, Part};
use countersign::train::devices::{Devices, Sharing};
use countersign::train::progress::{Event, Progress, counter};
use countersign::train::release::{release, validate};
use countersign::train::run::{self, Outcome};
use countersign::{Error, Result};

/// Keeps the memory of one batch for the next; the system's allocator gives large tensors back, and the kernel clears
/// them anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    Average(average::Average),
    Calibrate(calibrate::Calibrate),
    /// Compare networks, losses and optimisers under one small fixed budget
    Compare(compare::Arguments),
    Export(export::Export),
    /// Pack a corpus into one file that --data takes in place of the folder
    Prepare(prepare::Arguments),
    Preview(preview::Preview),
    Quantise(quantise::Quantise),
    /// Look for the settings that train best, by many short runs
    Search(search::Arguments),
    Serve(serve::Serve),
    /// Write synthetic signatures as files
    Synth(synth::Arguments),
}

#[derive(clap::Args)]
struct Training {
    /// What to train: a TOML file (see configs/ and models/NAME/train.toml)
    #[arg(long)]
    config: PathBuf,
    /// A setting in place of the file's, by its path: --set optimiser.learning_rate=1e-3
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Folder of signatures (a wrong one is told the known layouts) or a pack; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for checkpoints and logs [default: runs/NAME]
    #[arg(long)]
    run: Option<PathBuf>,
    /// Folder for the trained model [default: the run's folder, model/]
    #[arg(long)]
    export: Option<PathBuf>,
    /// Where to compute, several with commas: cpu, wgpu[:N], cuda[:N], remote:HOST:PORT for all that is lent there
    #[arg(long, default_value = "cpu")]
    devices: String,
    /// How several devices share the work
    #[arg(long, value_enum, default_value_t)]
    sharing: Sharing,
    /// Continue from the last checkpoint of the run
    #[arg(long)]
    resume: bool,
    /// Tell the progress as lines of JSON on standard output
    #[arg(long)]
    json: bool,
}

/// What shells report for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.command, arguments.training) {
        (Some(command), _) => {
            let done = |()| ExitCode::SUCCESS;
            match command {
                Command::Average(average) => average.run().map(done),
                Command::Calibrate(calibrate) => calibrate.run().map(done),
                Command::Compare(arguments) => compare::run(&arguments),
                Command::Export(export) => export.run().map(done),
                Command::Prepare(arguments) => prepare::run(&arguments).map(done),
                Command::Preview(preview) => preview.run().map(done),
                Command::Quantise(quantise) => quantise.run().map(done),
                Command::Search(arguments) => search::run(&arguments),
                Command::Serve(serve) => serve.run().map(done),
                Command::Synth(arguments) => synth::run(&arguments).map(done),
            }
        }
        (None, Some(training)) => {
            let progress = if training.json { Progress::json() } else { Progress::for_people() };
            train(&training, &progress).inspect_err(|error| {
                progress.tell(&Event::Error { code: error.code(), message: &error.to_string() });
            })
        }
        // clap refuses a call without both
        (None, None) => Ok(ExitCode::SUCCESS),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn train(arguments: &Training, progress: &Progress) -> Result<ExitCode> {
    let config = TrainConfig::read_with(&arguments.config, &arguments.set)?;
    let directory = arguments.run.clone().unwrap_or_else(|| PathBuf::from("runs").join(&config.name));
    let devices = Devices::open(&arguments.devices, arguments.sharing)?;
    let corpus = corpus::for_training(arguments.data.as_deref(), &config, counter("reading signatures"))?;
    eprintln!("{}", corpus.summary());
    eprint!("{}{}", corpus.remarks(), config.sampler.remarks(corpus.part(Part::Train)));
    check_enough(corpus.part(Part::Validation))?;

    let interrupter = Interrupter::new();
    let training = Arc::new(AtomicBool::new(true));
    let (stop, waits) = (interrupter.clone(), training.clone());
    ctrlc::set_handler(move || {
        // to leave burn-train's display at once would leave the terminal as the display needs it
        let again = stop.should_stop() && !std::io::stdout().is_terminal();
        if again || !waits.load(Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        eprintln!("\nstopping after this batch; the last checkpoint is kept");
        stop.stop(None);
    })
    .map_err(|error| Error::Training(error.to_string()))?;

    let outcome = run::train(&config, &corpus, &directory, arguments.resume, &devices, interrupter, progress);
    training.store(false, Ordering::Relaxed);
    let Outcome::Finished(trained) = outcome? else { return Ok(ExitCode::from(INTERRUPTED)) };
    let export = arguments.export.clone().unwrap_or_else(|| directory.join("model"));
    let epoch = trained.epoch;
    let validated = validate(&trained.network, &config, &corpus, &Device::flex())?;
    let validation = &validated.figures;
    if config.fold > 0 {
        progress.tell(&Event::Fold { fold: config.fold, epoch, validation });
    } else {
        release(*trained, &validated, &config, &corpus, &export)?;
        progress.tell(&Event::Model { folder: &export, epoch, validation });
    }
    Ok(ExitCode::SUCCESS)
}
