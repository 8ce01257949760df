//! What a run has reached, epoch by epoch, as its folder keeps it: `metrics.json`, `metrics.csv`, `curves.svg`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::config::TrainConfig;
use super::curves;
use crate::error::{Error, Result};
use crate::files;

/// The name of the file that a run is resumed from, inside its folder.
const METRICS: &str = "metrics.json";

/// One finished epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: usize,
    /// Time of training and validation, seconds.
    pub seconds: f64,
    /// Mean of the batches.
    pub train_loss: f64,
    /// Mean of the validation writers.
    pub validation_loss: f64,
    /// Mean of `eer_by_set`; none if there is nothing to judge.
    pub eer: Option<f64>,
    /// Equal error rate by set, per cent, against one reference: of skilled forgeries, and of signatures of strangers
    /// where a writer has no forgeries ([`super::sampler::ValidationBatches`]).
    pub eer_by_set: BTreeMap<String, f64>,
}

/// All finished epochs of a run, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// For readers of the file; see [`History::best`].
    best_epoch: Option<usize>,
    pub epochs: Vec<EpochRecord>,
}

impl History {
    /// The first `finished` epochs of the run in `directory`: what came later is trained again.
    ///
    /// # Errors
    /// [`Error::File`] if the file is there but cannot be read.
    pub(super) fn read(directory: &Path, finished: usize) -> Result<Self> {
        let path = directory.join(METRICS);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
        let mut history: Self = serde_json::from_slice(&text).map_err(|error| Error::file(&path, error))?;
        history.epochs.retain(|record| record.epoch <= finished);
        Ok(history)
    }

    pub(super) fn push(&mut self, record: EpochRecord) {
        self.epochs.push(record);
        self.best_epoch = self.best();
    }

    /// The epoch with the lowest mean equal error rate, the lower validation loss among equal ones.
    pub fn best(&self) -> Option<usize> {
        self.best_until(usize::MAX)
    }

    /// As [`best`](Self::best), among the epochs up to this one.
    pub(super) fn best_until(&self, last: usize) -> Option<usize> {
        let rank = |record: &EpochRecord| (record.eer.unwrap_or(f64::INFINITY), record.validation_loss);
        let better = |a: &&EpochRecord, b: &&EpochRecord| {
            let ((eer_a, loss_a), (eer_b, loss_b)) = (rank(a), rank(b));
            eer_a.total_cmp(&eer_b).then(loss_a.total_cmp(&loss_b))
        };
        let known = self.epochs.iter().filter(|record| record.epoch <= last);
        known.min_by(better).map(|record| record.epoch)
    }

    /// Whether nothing is left to train once `epoch` is done.
    pub(super) fn is_over(&self, epoch: usize, config: &TrainConfig) -> bool {
        let waited = self.best().map_or(0, |best| epoch.saturating_sub(best));
        epoch >= config.epochs || config.early_stopping.is_some_and(|patience| waited >= patience)
    }

    /// Writes the three files.
    ///
    /// # Errors
    /// [`Error::File`] if one cannot be written; the earlier ones of that name are then still whole.
    pub(super) fn write(&self, name: &str, directory: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).map_err(|error| Error::Training(error.to_string()))?;
        files::replace(&directory.join(METRICS), json.as_bytes())?;
        files::replace(&directory.join("metrics.csv"), self.csv().as_bytes())?;
        files::replace(&directory.join("curves.svg"), curves::svg(name, self)?.as_bytes())
    }

    /// Names of the validation sets.
    pub(super) fn sets(&self) -> Vec<&str> {
        let all = self.epochs.iter().flat_map(|record| record.eer_by_set.keys().map(String::as_str));
        all.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// A line an epoch below a line of names; what is not known is empty.
    fn csv(&self) -> String {
        let sets = self.sets();
        let mut text = "epoch,seconds,train_loss,validation_loss,eer".to_string();
        sets.iter().for_each(|set| text.extend([",eer_", set]));
        let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        for record in &self.epochs {
            let EpochRecord { epoch, seconds, train_loss, validation_loss, eer, .. } = record;
            // writing to a string cannot fail
            let _ = write!(text, "\n{epoch},{seconds:.1},{train_loss},{validation_loss},{}", number(*eer));
            for set in &sets {
                let _ = write!(text, ",{}", number(record.eer_by_set.get(*set).copied()));
            }
        }
        text + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rates: &[(Option<f64>, f64)]) -> History {
        let mut history = History::default();
        for (index, &(eer, validation_loss)) in rates.iter().enumerate() {
            history.push(EpochRecord {
                epoch: index + 1,
                seconds: 1.25,
                train_loss: 0.5,
                validation_loss,
                eer,
                eer_by_set: eer.map(|eer| ("hindi".to_string(), eer)).into_iter().collect(),
            });
        }
        history
    }

    #[test]
    fn the_best_epoch_has_the_lowest_rate_then_the_lowest_loss() {
        assert_eq!(History::default().best(), None);
        assert_eq!(history(&[(Some(9.0), 0.1), (Some(7.0), 0.9), (Some(8.0), 0.2)]).best(), Some(2));
        assert_eq!(history(&[(Some(7.0), 0.3), (Some(7.0), 0.2), (Some(7.0), 0.2)]).best(), Some(2));
        assert_eq!(history(&[(None, 0.3), (None, 0.2)]).best(), Some(2), "without a rate, the loss");
    }

    #[test]
    fn a_run_is_over_after_its_epochs_or_without_progress() {
        let text = "name = \"x\"\nepochs = 9\nbatches = 1\nearly_stopping = 2\ninput = {width = 32, height = 32}\n\
                    network = {encoder = {kind = \"countersign\"}, similarity = {kind = \"cosine\"}}";
        let mut config: TrainConfig = toml::from_str(text).expect("a configuration");
        let history = history(&[(Some(9.0), 0.1), (Some(7.0), 0.1), (Some(8.0), 0.1), (Some(7.5), 0.1)]);
        assert!(!history.is_over(3, &config) && history.is_over(4, &config));
        config.early_stopping = None;
        assert!(!history.is_over(4, &config) && history.is_over(9, &config));
    }

    #[test]
    fn the_files_hold_the_same_numbers() {
        let folder = std::env::temp_dir().join(format!("countersign-{}-history", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let history = history(&[(Some(12.5), 0.7), (None, 0.6)]);
        history.write("test", &folder).expect("files");
        assert_eq!(History::read(&folder, 2).expect("a history"), history);
        assert_eq!(History::read(&folder, 1).expect("a history").epochs, history.epochs[..1]);
        let csv = std::fs::read_to_string(folder.join("metrics.csv")).expect("a table");
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "epoch,seconds,train_loss,validation_loss,eer,eer_hindi");
        assert_eq!(lines[1..], ["1,1.2,0.5,0.7,12.5,12.5", "2,1.2,0.5,0.6,,"]);
        std::fs::write(folder.join(METRICS), "{").expect("a file to write");
        assert_eq!(History::read(&folder, 2).expect_err("torn").code(), "file");
        std::fs::remove_dir_all(folder).expect("a folder to remove");
    }
}
