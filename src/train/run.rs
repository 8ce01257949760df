//! One training run: data, network, optimiser and checkpoints put together and started.

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
/// validate on, fewer batches than devices in a step, or the model to start from is of another network, and what
/// [`export::open`] says of that model; [`Error::Training`] if the loss is no number, burn-train stops with an error, or
/// a device fails. The last checkpoint is kept.
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
    let steps = devices.steps(config.batches)?;
    let device = devices.main();
    let folder = RunFolder::open(config, corpus, directory, resume)?;
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
    let judged = writers.iter().filter(|writer| !writer.forged.is_empty());
    let sets: std::collections::BTreeSet<Set> = judged.map(|writer| writer.set).collect();
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
        Some(TrainingError::Checkpoint(error)) => Err(Error::Training(format!(
            "a checkpoint cannot be written: {error}; make room, then continue with --resume: the one before \
             it is kept"
        ))),
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

/// The network that training starts from, and what it was trained on before.
fn first(config: &TrainConfig, device: &Device, progress: &Progress) -> Result<(Network, Option<Training>)> {
    let network = config.network.init(&device.clone().autodiff())?;
    let Some(start) = &config.start else { return Ok((network, None)) };
    let (manifest, trained) = export::open(start, &Device::flex())?;
    if manifest.network != config.network {
        return Err(Error::InvalidConfig(format!(
            "start: the model in {} is of another network; take over [network] from its {CONFIG}",
            start.display()
        )));
    }
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
mod tests {
    use burn::tensor::Distribution;
    use burn::tensor::Tensor;

    use super::*;
    use crate::ink::Stage;

    fn config(width: usize) -> TrainConfig {
        let text = format!(
            r#"
            name = "goes-on"
            start = "{}/tests/fixtures/tiny"
            epochs = 1
            batches = 1
            input = {{ width = 64, height = 32 }}
            [network]
            encoder = {{ kind = "countersign", width = {width}, map_channels = 8, embedding = 16 }}
            similarity = {{ kind = "pair-head", width = 8 }}
            "#,
            env!("CARGO_MANIFEST_DIR")
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn a_run_starts_from_the_weights_of_a_model() {
        let (config, device) = (config(4), Device::flex());
        let (network, before) = first(&config, &device, &Progress::lines()).unwrap();
        let (manifest, trained) = export::open(config.start.as_ref().unwrap(), &device).unwrap();
        assert_eq!(before, Some(manifest.training));
        // the model was made for larger frames
        assert_ne!(manifest.input, config.input);
        let ink = Tensor::random([2, 1, 32, 64], Distribution::Default, &device);
        let (got, expected) = (network.valid().encode(ink.clone()), trained.encode(ink));
        got.embedding.into_data().assert_eq(&expected.embedding.into_data(), true);
        got.map.into_data().assert_eq(&expected.map.into_data(), true);
    }

    #[test]
    fn a_run_from_weights_of_another_stage_says_so() {
        let told = |stage| {
            let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
            let all = heard.clone();
            let progress =
                Progress::Events(Arc::new(move |event| all.lock().unwrap().push(event.to_string())));
            let mut config = config(4);
            config.input.stage = stage;
            first(&config, &Device::flex(), &progress).unwrap();
            heard.lock().unwrap().join("")
        };
        assert_eq!(told(Stage::Ink), "");
        assert!(told(Stage::Grey).contains("stage ink, this run draws those of grey"));
    }

    #[test]
    fn a_run_does_not_start_from_another_network() {
        let error = first(&config(6), &Device::flex(), &Progress::lines()).unwrap_err();
        assert_eq!(error.code(), "invalid-config");
        assert!(error.to_string().contains("take over [network]"), "{error}");
    }
}
