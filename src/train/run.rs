//! One training run: data, network, optimiser and checkpoints put together and started.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use burn::module::Module;
use burn::tensor::Device;
use burn_train::metric::LossMetric;
use burn_train::{Interrupter, Learner, SupervisedTraining, TrainingError};

use super::config::{Keep, TrainConfig};
use super::corpus::{Corpus, Part, Set, Writer};
use super::devices::Devices;
use super::history::History;
use super::metric::EqualErrorRate;
use super::progress::{End, Event, Progress};
use super::recorder::{KeepBest, Patience, Recorder, Watch};
use super::run_folder::{CONFIG, RunFolder};
use super::sampler::{TrainingBatches, ValidationBatches};
use super::siamese::Siamese;
use crate::error::{Error, Result};
use crate::export;
use crate::manifest::Training;
use crate::model::Network;

/// Genuine signatures and forgeries of each validation writer that the display after an epoch uses.
const SHOWN_EACH: usize = 8;

/// How a run ended.
pub enum Outcome {
    /// All epochs are done, or early stopping ended them.
    Finished(Box<Trained>),
    /// Stopped on request; the last checkpoint is kept.
    Interrupted,
}

/// What a run results in.
pub struct Trained {
    pub network: Network,
    /// The epoch whose weights these are, from 1.
    pub epoch: usize,
    /// What the model that the run started from had been trained on.
    pub before: Option<Training>,
}

/// Trains on `devices` in `directory`, which keeps `train.toml`, `data.txt`, the list of unreadable signatures if
/// there are any, the [`History`] of the run, and checkpoints of the last two epochs and of the best. A run that
/// is resumed gives the same weights, bit for bit, as one that was never stopped, on one CPU device.
///
/// # Errors
/// [`Error::File`] if the folder holds a run that `resume` does not ask for, or one of another configuration
/// or on other data, or cannot be written; [`Error::InvalidConfig`] if the corpus has no writers to train or
/// validate on, fewer batches than devices in a step, or the model to start from is of another network or knows the
/// writers of a fold, and what [`export::open`] says of that model; [`Error::Diverged`] if the loss is no number;
/// [`Error::Training`] if burn-train stops with an error, or a device fails. The last checkpoint is kept.
pub fn train(
    config: &TrainConfig,
    corpus: &Corpus,
    directory: &Path,
    resume: bool,
    devices: &Devices,
    interrupter: Interrupter,
    progress: &Progress,
) -> Result<Outcome> {
    config.sampler.check_data(corpus.part(Part::Train))?;
    check_fold(config, corpus)?;
    let steps = devices.steps(config.batches)?;
    let device = devices.main();
    let folder = RunFolder::open(config, corpus, devices.count(), directory, resume)?;
    let finished = folder.finished;
    let history = History::read(directory, finished)?;
    device.seed(config.seed);
    let (network, before) = first(config, device, progress)?;
    let model = Siamese {
        network,
        objective: config.objective.clone(),
        sampler: config.sampler.clone(),
        share: devices.share(),
    };
    if history.is_over(finished, config) {
        return result(model.valid(), before, &folder, &history, config, progress);
    }

    corpus.write_unreadable(&directory.join("unreadable.txt"))?;
    let part = |part: Part| -> Result<Arc<Vec<Writer>>> {
        let writers: Vec<Writer> = corpus.part(part).filter(|writer| writer.has_pairs()).cloned().collect();
        match writers.is_empty() {
            true => Err(Error::InvalidConfig(format!("the data has no {part:?} writers"))),
            false => Ok(Arc::new(writers)),
        }
    };
    let training = TrainingBatches {
        writers: part(Part::Train)?,
        size: config.input,
        first: 0,
        batches: config.batches,
        sampler: config.sampler.clone(),
        augment: config.augment.clone(),
        seed: config.seed,
        epoch: Arc::new(AtomicU64::new(finished as u64)),
        device: device.clone(),
    };
    let writers = part(Part::Validation)?;
    let sets: BTreeSet<Set> = writers.iter().map(|writer| writer.set).collect();
    let validation =
        ValidationBatches { writers, size: config.input, each: SHOWN_EACH, device: device.clone() };

    let checkpoint = (finished > 0).then_some(finished);
    let watch = Watch::new(history, interrupter.clone());
    let recorder = Recorder::new(watch.clone(), config, directory.to_path_buf(), progress.clone());
    let mut session = SupervisedTraining::<Siamese>::new(directory, Arc::new(training), Arc::new(validation))
        .with_training_strategy(devices.strategy().into())
        .num_epochs(config.epochs)
        .with_interrupter(interrupter.clone())
        .with_default_checkpointers()
        .with_checkpointing_strategy(KeepBest::new(watch.clone(), folder.epochs()))
        .early_stopping(Patience { watch: watch.clone(), config: config.clone() })
        .with_metric_logger(recorder)
        // its log file cannot be opened in a folder that is full without a panic
        .with_application_logger(None)
        .metric_train_numeric(LossMetric::new())
        .metric_valid_numeric(LossMetric::new())
        .metric_valid_numeric(EqualErrorRate::new(None))
        .renderer(progress.renderer(checkpoint))
        .label(&config.name);
    for set in sets {
        session = session.metric_valid_numeric(EqualErrorRate::new(Some(set)));
    }
    if let Some(checkpoint) = checkpoint {
        session = session.checkpoint(checkpoint);
    }

    let optimiser = config.optimiser.init();
    let scheduler = config.optimiser.schedule(config.epochs, steps)?;
    let (epochs, batches) = (config.epochs, config.batches);
    progress.tell(&Event::Start { name: &config.name, run: directory, epoch: finished + 1, epochs, batches });
    let learner = Learner::new(model, optimiser, scheduler);
    let ended = catch_unwind(AssertUnwindSafe(|| session.launch(learner))).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason is given");
        failed(said)
    })?;
    // closes the display, so that what is printed from here on stays
    drop(ended.renderer);
    if let Some(fault) = watch.fault() {
        return Err(fault);
    }
    match ended.error.as_deref() {
        // of the disk, not of the settings
        Some(TrainingError::Checkpoint(error)) => Err(Error::file(
            directory.join("checkpoint"),
            format!(
                "a checkpoint cannot be written: {error}; make room, then continue with --resume: the one before \
                 it is kept"
            ),
        )),
        Some(error) => Err(failed(&error.to_string())),
        None if interrupter.should_stop() => {
            let history = watch.history();
            let epoch = history.epochs.last().map_or(0, |record| record.epoch);
            progress.tell(&Event::End { outcome: End::Interrupted, epoch, best: history.best() });
            Ok(Outcome::Interrupted)
        }
        None => result(ended.model, before, &folder, &watch.history(), config, progress),
    }
}

/// A fold sets writers aside who train everywhere else: a model that learned from their set knows them.
fn check_fold(config: &TrainConfig, corpus: &Corpus) -> Result<()> {
    let Some(start) = config.start.as_ref().filter(|_| config.fold > 0) else { return Ok(()) };
    let known = export::manifest(start)?.training.sets;
    let aside: BTreeSet<String> =
        corpus.part(Part::Validation).map(|writer| writer.set.to_string()).collect();
    match aside.into_iter().find(|set| known.contains(set)) {
        None => Ok(()),
        Some(set) => Err(Error::InvalidConfig(format!(
            "fold sets writers of {set} aside, and the model in {} has learned from writers of {set}, from these too \
             perhaps; start from a model of other sets, or leave out fold or start",
            start.display()
        ))),
    }
}

/// The network that training starts from, and what it was trained on before.
fn first(config: &TrainConfig, device: &Device, progress: &Progress) -> Result<(Network, Option<Training>)> {
    let network = config.network.init(&device.clone().autodiff())?;
    let Some(start) = &config.start else { return Ok((network, None)) };
    let (manifest, trained) = export::open(start, &Device::flex()).map_err(|error| match error {
        Error::File { path, message } => {
            Error::File { path, message: format!("{message} (start: train the run before this one first)") }
        }
        error => error,
    })?;
    let trained = trained.adapted(&manifest.network, &config.network).ok_or_else(|| {
        Error::InvalidConfig(format!(
            "start: the model in {} is of another network; take over [network] from its {CONFIG}",
            start.display()
        ))
    })?;
    if manifest.input.stage != config.input.stage {
        progress.tell(&Event::Stage { trained: manifest.input.stage, asked: config.input.stage });
    }
    Ok((network.load_record(trained.into_record()), Some(manifest.training)))
}

/// What ended a run from outside, most likely a device.
fn failed(reason: &str) -> Error {
    Error::Training(format!(
        "{reason}; see that the devices answer, then continue with --resume: the last checkpoint is kept"
    ))
}

/// `model` with the weights of the epoch that the configuration asks for.
fn result(
    model: Siamese,
    before: Option<Training>,
    folder: &RunFolder,
    history: &History,
    config: &TrainConfig,
    progress: &Progress,
) -> Result<Outcome> {
    let last = history.epochs.last().map_or(folder.finished, |record| record.epoch);
    let best = history.best();
    let outcome = if last < config.epochs { End::EarlyStopping } else { End::Finished };
    progress.tell(&Event::End { outcome, epoch: last, best });
    let epoch = match config.keep {
        Keep::Best => best.unwrap_or(last),
        Keep::Last => last,
    };
    // wherever it was trained: calibration and known answers are the CPU's
    let network = model.load_record(folder.weights(epoch)?).network.to_device(&Device::flex());
    Ok(Outcome::Finished(Box::new(Trained { network, epoch, before })))
}

#[cfg(test)]
mod tests;
