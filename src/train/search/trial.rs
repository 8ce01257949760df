//! One trial: a run in a folder of its own, and what it reached.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use burn_train::Interrupter;
use serde::{Deserialize, Serialize};

use super::super::config::TrainConfig;
use super::super::corpus::Corpus;
use super::super::devices::Devices;
use super::super::history::{EpochRecord, History};
use super::super::progress::{Event, Progress};
use super::super::recorder::rounded;
use super::super::run::{self, Outcome};
use super::super::run_folder;
use super::{Search, Tell};
use crate::error::{Error, Result};
use crate::files;

const FILE: &str = "trial.json";

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// With all its epochs, or with early stopping.
    Finished,
    /// By the pruner.
    Pruned,
    /// By its settings: they are refused, or the loss is no number.
    Failed,
}

/// What a trial reached, as `trial.json` keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// From 1.
    pub number: usize,
    /// By path: where in its range each setting is.
    pub places: BTreeMap<String, f64>,
    /// `PATH=VALUE`, in the order of the paths.
    pub settings: Vec<String>,
    pub state: State,
    /// The lowest mean equal error rate of the validation sets, per cent ([`EpochRecord::eer`]); `None` after an error.
    pub objective: Option<f64>,
    /// The epoch that reached it.
    pub epoch: Option<usize>,
    /// Mean equal error rate after each epoch.
    pub rates: Vec<f64>,
    /// The best epoch's rate of each set.
    pub by_set: BTreeMap<String, f64>,
    /// Time of its epochs.
    pub seconds: f64,
    /// Why it failed.
    pub error: Option<String>,
}

impl Trial {
    /// The finished trial in a folder, if there is one.
    ///
    /// # Errors
    /// [`Error::File`] if its file cannot be read.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
        serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::file(&path, error))
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
        let json = serde_json::to_string_pretty(self).map_err(|error| Error::file(&path, error))?;
        files::replace(&path, json.as_bytes())
    }
}

impl Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.objective, &self.error) {
            (_, Some(error)) => write!(f, "failed: {error}"),
            (Some(rate), None) => {
                let pruned = if self.state == State::Pruned { ", pruned" } else { "" };
                write!(f, "EER {rate:.2} % after {} epochs{pruned}", self.rates.len())
            }
            (None, None) => write!(f, "no rate"),
        }
    }
}

/// What a trial needs.
pub(super) struct Work<'a> {
    pub search: &'a Search,
    pub corpus: &'a Corpus,
    pub devices: &'a Devices,
    pub interrupter: &'a Interrupter,
    /// The trials before this one.
    pub others: &'a [Trial],
    pub tell: &'a Tell,
}

impl Work<'_> {
    /// Trains in `folder`, from its last checkpoint if it has one, and writes what was reached; `None` after an
    /// interruption.
    ///
    /// # Errors
    /// What is not the settings' doing, such as a full disk or a device that fails, is wrong for all trials; the next call
    /// goes on with this one.
    pub fn run(&self, number: usize, places: BTreeMap<String, f64>, folder: &Path) -> Result<Option<Trial>> {
        let settings = self.search.space.settings(&places);
        let named = [&settings[..], &[format!("name=trial-{number:03}")]].concat();
        let pruned = Arc::new(AtomicBool::new(false));
        // settings that only a trial's budget allows are of no use, and could not be written as the best
        let config = self.search.configured(&settings, false).and(self.search.configured(&named, true));
        let outcome = config.and_then(|config| self.train(&config, folder, &pruned));
        let pruned = pruned.load(Ordering::Relaxed);
        let error = match outcome {
            Ok(Outcome::Interrupted) if !pruned => return Ok(None),
            Ok(_) => None,
            Err(error @ (Error::InvalidConfig(_) | Error::Diverged(_))) => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        let state = match (&error, pruned) {
            (Some(_), _) => State::Failed,
            (None, true) => State::Pruned,
            (None, false) => State::Finished,
        };
        let history = History::read(folder, usize::MAX)?;
        let best = history.best().and_then(|best| history.epochs.iter().find(|record| record.epoch == best));
        let best = best.filter(|_| error.is_none());
        let trial = Trial {
            number,
            places,
            settings,
            state,
            objective: best.and_then(|record| record.eer),
            epoch: best.map(|record| record.epoch),
            rates: rates(&history),
            by_set: best.map(|record| record.eer_by_set.clone()).unwrap_or_default(),
            seconds: rounded(history.epochs.iter().map(|record| record.seconds).sum()),
            error,
        };
        trial.write(folder)?;
        Ok(Some(trial))
    }

    fn train(&self, config: &TrainConfig, folder: &Path, pruned: &Arc<AtomicBool>) -> Result<Outcome> {
        // of its own: an error or the pruner stops this trial, not the search
        let stop = Interrupter::new();
        let resume = folder.join(run_folder::CONFIG).exists();
        let (halt, asked, flag) = (stop.clone(), self.interrupter.clone(), pruned.clone());
        let (rule, others, place) = (self.search.pruner.clone(), self.others.to_vec(), folder.to_path_buf());
        let tell = self.tell.clone();
        let progress = Progress::Events(Arc::new(move |event| {
            if let Event::Epoch { record, epochs, .. } = event {
                tell(&told(record));
                // it was written before this is told
                let history = History::read(&place, record.epoch).map(|history| rates(&history));
                let ends = |rates: Vec<f64>| rule.as_ref().is_some_and(|rule| rule.ends(&rates, &others));
                if record.epoch < *epochs && history.is_ok_and(ends) {
                    flag.store(true, Ordering::Relaxed);
                    halt.stop(None);
                }
            }
            if asked.should_stop() {
                halt.stop(None);
            }
        }));
        run::train(config, self.corpus, folder, resume, self.devices, stop, &progress)
    }
}

fn told(record: &EpochRecord) -> String {
    let rate = record.eer.map_or_else(|| "no rate".into(), |rate| format!("EER {rate:.2} %"));
    format!("  epoch {}: {rate}, {:.0} s", record.epoch, record.seconds)
}

fn rates(history: &History) -> Vec<f64> {
    history.epochs.iter().filter_map(|record| record.eer).collect()
}
