//! Measures a model: `cargo run --release --bin evaluate -- --model DIR --data DIR`, or with `--pairs FILE.csv` on any
//! list of pairs.

mod cohort;
mod cues;
mod episodes;
mod forgers;
mod identify;
mod pairs;
mod report;
mod robustness;
mod shortlist;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps the memory of one batch for the next; the system's allocator gives large tensors back, and the kernel clears
/// them anew.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure a model and write the report: metrics.json, a page and plots.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Folder of the model
    #[arg(long, default_value = "models/countersign")]
    model: PathBuf,
    #[command(flatten)]
    report: report::Arguments,
    #[command(flatten)]
    pairs: pairs::Arguments,
    /// Folder for the answer [default: report/ in the model's folder, with the writers' name unless they are the test
    /// writers; for a list of pairs, the list's path with the ending .report]
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    Cues(cues::Arguments),
    Robustness(robustness::Robustness),
    Cohort(cohort::Cohort),
    Episodes(episodes::Episodes),
    Forgers(forgers::Forgers),
    Identify(identify::Identify),
    Shortlist(shortlist::Shortlist),
}

fn main() -> ExitCode {
    let Arguments { command, model, report, pairs, out } = Arguments::parse();
    let result = match (command, pairs.list()) {
        (Some(Command::Cues(arguments)), _) => cues::run(&arguments),
        (Some(Command::Robustness(robustness)), _) => robustness.run(),
        (Some(Command::Cohort(cohort)), _) => cohort.run(),
        (Some(Command::Episodes(episodes)), _) => episodes.run(),
        (Some(Command::Forgers(forgers)), _) => forgers.run(),
        (Some(Command::Identify(identify)), _) => identify.run(),
        (Some(Command::Shortlist(shortlist)), _) => shortlist.run(),
        (None, Some(list)) => pairs.run(&model, list, out.as_deref()),
        (None, None) => report.run(&model, out.as_deref()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
