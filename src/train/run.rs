//! One training run: data, network, optimiser and checkpoints put together and started.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Device;
use burn_train::checkpoint::KeepLastNCheckpoints;
use burn_train::metric::LossMetric;
use burn_train::{Interrupter, Learner, SupervisedTraining};

use super::config::TrainConfig;
use super::corpus::{Corpus, Part, Set, Writer};
use super::metric::EqualErrorRate;
use super::progress::EpochLines;
use super::sampler::{TrainingBatches, ValidationBatches};
use super::siamese::Siamese;
use crate::error::{Error, Result};
use crate::model::Network;

/// Genuine signatures and forgeries of each validation writer that the display after an epoch uses.
const SHOWN_EACH: usize = 8;

/// How a run ended.
pub enum Outcome {
    /// All epochs are done.
    Finished(Box<Network>),
    /// Stopped on request; the last checkpoint is kept.
    Interrupted,
}

/// Trains in `directory`, which keeps the configuration and the last two checkpoints.
///
/// # Errors
/// [`Error::InvalidConfig`] if the folder holds a run that `resume` does not ask for or that another
/// configuration made, or if the corpus has no writers to train or validate on; [`Error::Training`] if
/// burn-train stops with an error.
pub fn train(
    config: &TrainConfig,
    corpus: &Corpus,
    directory: &Path,
    resume: bool,
    device: &Device,
    interrupter: Interrupter,
) -> Result<Outcome> {
    config.sampler.check_data(corpus.part(Part::Train))?;
    let finished = prepare(config, directory, resume)?;
    device.seed(config.seed);
    let model = Siamese {
        network: config.network.init(&device.clone().autodiff())?,
        objective: config.objective.clone(),
        sampler: config.sampler.clone(),
    };
    if finished == config.epochs {
        let record = read_record(&directory.join("checkpoint"), finished)?;
        return Ok(Outcome::Finished(Box::new(model.load_record(record).valid().network)));
    }

    let part = |part: Part| -> Result<Arc<Vec<Writer>>> {
        let writers: Vec<Writer> =
            corpus.writers.iter().filter(|writer| writer.part == part).cloned().collect();
        match writers.is_empty() {
            true => Err(Error::InvalidConfig(format!("the data has no {part:?} writers"))),
            false => Ok(Arc::new(writers)),
        }
    };
    let training = TrainingBatches {
        writers: part(Part::Train)?,
        size: config.input,
        batches: config.batches,
        sampler: config.sampler.clone(),
        augment: config.augment.clone(),
        seed: config.seed,
        epoch: Arc::new(AtomicU64::new(finished as u64)),
        device: device.clone(),
    };
    let writers = part(Part::Validation)?;
    let sets: std::collections::BTreeSet<Set> = writers.iter().map(|writer| writer.set).collect();
    let validation =
        ValidationBatches { writers, size: config.input, each: SHOWN_EACH, device: device.clone() };

    let mut session = SupervisedTraining::<Siamese>::new(directory, Arc::new(training), Arc::new(validation))
        .num_epochs(config.epochs)
        .with_interrupter(interrupter)
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepLastNCheckpoints::new(2))
        .metric_train_numeric(LossMetric::new())
        .metric_valid_numeric(LossMetric::new())
        .metric_valid_numeric(EqualErrorRate::new(None))
        .label(&config.name);
    for set in sets {
        session = session.metric_valid_numeric(EqualErrorRate::new(Some(set)));
    }
    if !std::io::stdout().is_terminal() {
        session = session.renderer(Box::new(EpochLines::default()));
    }
    if finished > 0 {
        session = session.checkpoint(finished);
    }

    let optimiser = config.optimiser.init();
    let scheduler = config.optimiser.schedule(config.epochs, config.batches)?;
    let result = session.launch(Learner::new(model, optimiser, scheduler));
    match (result.error, result.interrupted) {
        (Some(error), _) => Err(Error::Training(error.to_string())),
        (None, Some(_)) => Ok(Outcome::Interrupted),
        (None, None) => Ok(Outcome::Finished(Box::new(result.model.network))),
    }
}

/// Makes the folder or checks that it belongs to this run; returns how many epochs are done.
fn prepare(config: &TrainConfig, directory: &Path, resume: bool) -> Result<usize> {
    let path = directory.join("config.toml");
    let text = toml::to_string_pretty(config).map_err(|error| Error::InvalidConfig(error.to_string()))?;
    if path.exists() {
        if !resume {
            let message = "holds a run already; continue it with --resume, or name another folder with --run";
            return Err(Error::file(directory, message));
        }
        let earlier = std::fs::read_to_string(&path).map_err(|error| Error::file(&path, error))?;
        if earlier != text {
            return Err(Error::file(&path, "is of another configuration; name another folder with --run"));
        }
        return Ok(last_checkpoint(&directory.join("checkpoint")));
    }
    std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
    std::fs::write(&path, text).map_err(|error| Error::file(&path, error))?;
    Ok(0)
}

/// The newest epoch of which every part can be read, 0 if there is none. A part that was being written when
/// the machine stopped is passed over.
fn last_checkpoint(directory: &Path) -> usize {
    let epochs = std::fs::read_dir(directory).into_iter().flatten().flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_prefix("model-")?.strip_suffix(".bpk")?.parse::<usize>().ok()
    });
    let complete = |epoch: &usize| {
        let written = |part: &str| directory.join(format!("{part}-{epoch}.bpk")).exists();
        written("optim") && written("scheduler") && read_record(directory, *epoch).is_ok()
    };
    epochs.filter(complete).max().unwrap_or(0)
}

fn read_record(directory: &Path, epoch: usize) -> Result<ModuleRecord> {
    let path: PathBuf = directory.join(format!("model-{epoch}.bpk"));
    let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
    ModuleRecord::from_bytes(burn::tensor::Bytes::from_bytes_vec(bytes))
        .map_err(|error| Error::file(&path, error))
}
