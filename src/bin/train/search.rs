//! `train search`: looks for the settings that train best.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use countersign::Result;
use countersign::train::corpus::{self, Part};
use countersign::train::devices::{Devices, Sharing};
use countersign::train::progress::counter;
use countersign::train::search::{self, Search, Tell};

use super::INTERRUPTED;
use super::stop;

#[derive(clap::Args)]
pub struct Arguments {
    /// What is searched: a TOML file (see configs/search.toml)
    #[arg(long)]
    config: PathBuf,
    /// Folder of signatures or a pack; without it, synthetic signatures
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for the trials and what they find [default: runs/NAME]
    #[arg(long)]
    run: Option<PathBuf>,
    /// Where to compute, several with commas: cpu, wgpu[:N], cuda[:N], remote:HOST:PORT for all that is lent there
    #[arg(long, default_value = "cpu")]
    devices: String,
    /// How several devices share the work
    #[arg(long, value_enum, default_value_t)]
    sharing: Sharing,
    /// Continue a search that was stopped, or that gets more trials
    #[arg(long)]
    resume: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let search = Search::read(&arguments.config)?;
    let folder = arguments.run.clone().unwrap_or_else(|| PathBuf::from("runs").join(&search.name));
    let config = search.configured(&[], true)?;
    let devices = Devices::open(&arguments.devices, arguments.sharing)?;
    let corpus = corpus::for_training(arguments.data.as_deref(), &config, counter("reading signatures"))?;
    eprintln!("{}", corpus.summary());
    eprint!("{}{}", corpus.remarks(), config.sampler.remarks(corpus.part(Part::Train)));

    let interrupter = stop::on_ctrl_c()?;
    let tell: Tell = Arc::new(|line| println!("{line}"));
    let trials = search::run(&search, &corpus, &folder, arguments.resume, &devices, &interrupter, &tell)?;
    let Some(trials) = trials else {
        println!("interrupted; continue with --resume");
        return Ok(ExitCode::from(INTERRUPTED));
    };
    print!("\n{}", search::markdown(&search, &trials));
    println!("\ntable, plot and the best configuration are in {}", folder.display());
    Ok(ExitCode::SUCCESS)
}
