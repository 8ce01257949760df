//! Watches a run while burn-train drives it: keeps its history, stops it at a loss that is no number, and decides
//! which checkpoints stay. burn-train's own strategies forget everything when a run is resumed, and its own log of
//! metrics panics where a file cannot be written; these do neither.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use burn_train::checkpoint::{CheckpointingAction, CheckpointingStrategy};
use burn_train::logger::MetricLogger;
use burn_train::metric::store::{Aggregate, EpochSummary, EventStoreClient, MetricsUpdate, Split};
use burn_train::metric::{MetricDefinition, MetricId, NumericEntry};
use burn_train::{EarlyStoppingStrategy, Interrupter};

use super::config::TrainConfig;
use super::history::{EpochRecord, History};
use super::metric::{EER, LOSS};
use super::progress::{Event, Progress};
use crate::error::{Error, Result};

/// Time between two steps that are told.
const STEP_INTERVAL: Duration = Duration::from_secs(2);

/// The state of a run, shared by all that watch it.
#[derive(Clone)]
pub(super) struct Watch {
    history: Arc<Mutex<History>>,
    fault: Arc<Mutex<Option<Error>>>,
    interrupter: Interrupter,
}

impl Watch {
    pub fn new(history: History, interrupter: Interrupter) -> Self {
        Self { history: Arc::new(Mutex::new(history)), fault: Arc::default(), interrupter }
    }

    pub fn history(&self) -> MutexGuard<'_, History> {
        lock(&self.history)
    }

    /// What went wrong, if this watch found it.
    pub fn fault(&self) -> Option<Error> {
        lock(&self.fault).clone()
    }

    /// Ends the run; the first error is kept, the others follow from it.
    fn fail(&self, error: Error) {
        lock(&self.fault).get_or_insert(error);
        self.interrupter.stop(None);
    }
}

/// A thread that panicked leaves the value as it was, which is what is wanted.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Told of every metric by burn-train.
pub(super) struct Recorder {
    pub watch: Watch,
    pub name: String,
    pub directory: PathBuf,
    pub epochs: usize,
    /// Batches in an epoch.
    pub steps: usize,
    pub progress: Progress,
    names: HashMap<MetricId, String>,
    /// Means of the epoch under way, by split and metric.
    means: BTreeMap<(String, String), f64>,
    /// Of the split under way.
    step: usize,
    told: Option<Instant>,
    started: Instant,
}

impl Recorder {
    pub fn new(watch: Watch, config: &TrainConfig, directory: PathBuf, progress: Progress) -> Self {
        Self {
            watch,
            name: config.name.clone(),
            directory,
            epochs: config.epochs,
            steps: config.batches,
            progress,
            names: HashMap::new(),
            means: BTreeMap::new(),
            step: 0,
            told: None,
            started: Instant::now(),
        }
    }

    fn step(&mut self, epoch: usize, split: &Split, loss: f64) {
        self.step += 1;
        if !loss.is_finite() {
            let during = if *split == Split::Train { "step" } else { "validation batch" };
            let kept = match self.watch.history().epochs.last() {
                Some(record) => format!("the checkpoint of epoch {} is kept", record.epoch),
                None => "no epoch was finished".into(),
            };
            self.watch.fail(Error::Diverged(format!(
                "the loss is {loss} in epoch {epoch}, {during} {}; {kept}; lower optimiser.learning_rate or \
                 optimiser.clip and start another run",
                self.step
            )));
        }
        if *split == Split::Train {
            let due = self.told.is_none_or(|told| told.elapsed() >= STEP_INTERVAL);
            if due || self.step == 1 {
                self.told = Some(Instant::now());
                self.progress.tell(&Event::Step { epoch, step: self.step, steps: self.steps, loss });
            }
        }
    }

    fn finish(&mut self, epoch: usize) -> Result<()> {
        let mean = |split: Split, name: &str| {
            self.means.get(&(split.to_string(), name.to_string())).map(|&mean| rounded(mean))
        };
        let loss = |split: Split| {
            mean(split, LOSS).ok_or_else(|| Error::Training(format!("epoch {epoch} had no batches")))
        };
        let prefix = format!("{EER} ");
        let by_set = self.means.iter().filter_map(|((_, name), &rate)| {
            Some((name.strip_prefix(&prefix)?.to_string(), rounded(rate)))
                .filter(|(_, rate)| rate.is_finite())
        });
        let record = EpochRecord {
            epoch,
            seconds: rounded(self.started.elapsed().as_secs_f64()),
            train_loss: loss(Split::Train)?,
            validation_loss: loss(Split::Valid)?,
            eer: mean(Split::Valid, EER).filter(|rate| rate.is_finite()),
            eer_by_set: by_set.collect(),
        };
        let mut history = self.watch.history();
        history.push(record.clone());
        history.write(&self.name, &self.directory)?;
        let best = history.best() == Some(epoch);
        // who is told may ask for the history
        drop(history);
        self.progress.tell(&Event::Epoch { record: &record, epochs: self.epochs, best });
        Ok(())
    }
}

/// Six decimals: a number of so few digits is read from JSON as it was written, which resuming relies on.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

impl MetricLogger for Recorder {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        if self.progress.asks_to_stop() {
            self.watch.interrupter.stop(None);
        }
        for metric in update.entries_numeric {
            let name = self.names.get(&metric.entry.metric_id).cloned().unwrap_or_default();
            match metric.numeric_entry {
                Some(NumericEntry::Final(mean)) => {
                    self.means.insert((split.to_string(), name), mean);
                }
                Some(value) if name == LOSS => self.step(epoch, split, value.current()),
                _ => {}
            }
        }
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.step = 0;
        // a split that was broken off says nothing
        if summary.split == Split::Valid && !self.watch.interrupter.should_stop() {
            if let Err(error) = self.finish(summary.epoch_number) {
                self.watch.fail(error);
            }
            self.means.clear();
            self.started = Instant::now();
        }
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.names.insert(definition.metric_id, definition.name.to_string());
    }

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        // the strategies below ask the history
        Ok(Vec::new())
    }
}

/// Keeps the checkpoints of the last two epochs and of the best.
pub(super) struct KeepBest {
    watch: Watch,
    kept: BTreeSet<usize>,
}

impl KeepBest {
    /// `kept` are the epochs whose checkpoints are there already.
    pub fn new(watch: Watch, kept: Vec<usize>) -> Self {
        Self { watch, kept: kept.into_iter().collect() }
    }
}

impl CheckpointingStrategy for KeepBest {
    fn checkpointing(&mut self, epoch: usize, store: &EventStoreClient) -> Vec<CheckpointingAction> {
        // answered by the thread that the recorder works on, once it has seen all of this epoch
        store.find_metric(LOSS, epoch, Aggregate::Mean, &Split::Valid);
        if self.watch.interrupter.should_stop() {
            return Vec::new();
        }
        let history = self.watch.history();
        // the best so far stays until the next checkpoint, for this one may fail
        let best = [history.best(), history.best_until(epoch - 1)];
        let stays = |&kept: &usize| kept + 1 >= epoch || best.contains(&Some(kept));
        let (stay, leave): (BTreeSet<_>, BTreeSet<_>) = self.kept.iter().copied().partition(stays);
        self.kept = stay;
        self.kept.insert(epoch);
        // saved first, so that there is never less than one
        let delete = leave.into_iter().map(CheckpointingAction::Delete);
        std::iter::once(CheckpointingAction::Save).chain(delete).collect()
    }
}

/// Ends training when the best epoch is too long ago.
#[derive(Clone)]
pub(super) struct Patience {
    pub watch: Watch,
    pub config: TrainConfig,
}

impl EarlyStoppingStrategy for Patience {
    fn should_stop(&mut self, epoch: usize, _: &EventStoreClient) -> bool {
        self.watch.history().is_over(epoch, &self.config)
    }
}
