//! `train compare`: networks, losses and optimisers on the same signatures.

use std::path::PathBuf;
use std::process::ExitCode;

use countersign::train::compare::{self, Places};
use countersign::train::devices::{Devices, Sharing};
use countersign::{Error, Result};

use super::INTERRUPTED;
use super::stop;

#[derive(clap::Args)]
pub struct Arguments {
    /// What is compared: a TOML file
    #[arg(long, default_value = "configs/compare.toml")]
    config: PathBuf,
    /// Folder of signatures, or a pack; packs can be given more than once, one for each size of frames.
    /// Without it, synthetic signatures
    #[arg(long)]
    data: Vec<PathBuf>,
    /// Folder for the results: the same command goes on from what is finished there
    #[arg(long, default_value = "runs/compare")]
    run: PathBuf,
    /// Also score the trained model in this folder
    #[arg(long, value_name = "FOLDER")]
    model: Vec<PathBuf>,
    /// Where to compute: cpu, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The table, as Markdown
    #[arg(long, default_value = "models/COMPARISON.md")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Arguments { config, data, run, model, device, out } = arguments;
    let devices = Devices::open(device, Sharing::default())?;
    if devices.count() > 1 {
        return Err(Error::InvalidConfig("a comparison takes one device, for its times".into()));
    }
    let (comparison, rows) = compare::read(config)?;
    let places = Places {
        config: config.clone(),
        data: data.clone(),
        run: run.clone(),
        models: model.clone(),
        table: out.clone(),
    };
    let interrupter = stop::on_ctrl_c()?;
    let tell = |line: &str| println!("{line}");
    let finished = compare::run(&comparison, &rows, &places, devices.main(), &interrupter, &tell)?;
    if !finished {
        println!("interrupted; the same command goes on");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    println!("the table is in {}", out.display());
    Ok(ExitCode::SUCCESS)
}
