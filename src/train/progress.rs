//! Progress of long work. On a terminal, training shows burn-train's own display; elsewhere one line an epoch.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Instant;

use burn_train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn_train::metric::{MetricDefinition, MetricId, NumericEntry};
use burn_train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};

/// Counts on standard error, where that is a terminal: how many of how many are done.
pub fn counter(what: &str) -> impl Fn(usize, usize) + Sync + '_ {
    let shown = std::io::stderr().is_terminal();
    move |done, total| {
        // a write that fails leaves nothing to do about it
        if shown && (done % 50 == 0 || total < 1000 || done == total) {
            let end = if done == total { "\n" } else { "" };
            let _ = write!(std::io::stderr(), "\r{what} {done}/{total}{end}");
        }
    }
}

/// Prints the mean training loss and the validation metrics after each epoch.
pub struct EpochLines {
    names: BTreeMap<String, String>,
    train: BTreeMap<String, (f64, usize)>,
    valid: BTreeMap<String, f64>,
    epochs: usize,
    epoch: usize,
    started: Instant,
}

impl Default for EpochLines {
    fn default() -> Self {
        Self {
            names: BTreeMap::new(),
            train: BTreeMap::new(),
            valid: BTreeMap::new(),
            epochs: 0,
            epoch: 1,
            started: Instant::now(),
        }
    }
}

impl EpochLines {
    fn name(&self, id: &MetricId) -> String {
        self.names.get(&format!("{id:?}")).cloned().unwrap_or_default()
    }
}

impl MetricsRendererTraining for EpochLines {
    fn update_train(&mut self, state: MetricState) {
        if let MetricState::Numeric(entry, Some(NumericEntry::Value(value))) = state {
            let sum = self.train.entry(self.name(&entry.metric_id)).or_default();
            *sum = (sum.0 + value, sum.1 + 1);
        } else if let MetricState::Numeric(entry, Some(NumericEntry::Aggregated { aggregated_value, .. })) =
            state
        {
            self.train.insert(self.name(&entry.metric_id), (aggregated_value, 1));
        }
    }

    fn update_valid(&mut self, state: MetricState) {
        if let MetricState::Numeric(entry, Some(value)) = state {
            self.valid.insert(self.name(&entry.metric_id), value.current());
        }
    }
}

impl TrainingProgressLogger for EpochLines {
    fn start(&mut self, total_epochs: usize, starting_epoch: usize, _: Option<usize>, _: Option<&str>) {
        (self.epochs, self.epoch) = (total_epochs, starting_epoch);
        println!("training from epoch {starting_epoch} to {total_epochs}");
    }

    fn update_epoch(&mut self, epoch: usize) {
        let train = self
            .train
            .iter()
            .map(|(name, (sum, count))| format!("  train {name} {:.4}", sum / *count as f64));
        let valid = self.valid.iter().map(|(name, value)| format!("  {name} {value:.3}"));
        let line: String = train.chain(valid).collect();
        println!("epoch {epoch}/{}  {:.0} s{line}", self.epochs, self.started.elapsed().as_secs_f64());
        self.epoch = epoch + 1;
        self.train.clear();
        self.valid.clear();
    }

    fn start_split(&mut self, _: &str, _: usize) {}

    fn update_split(&mut self, _: usize) {}

    fn end_split(&mut self) {}

    fn end(&mut self) {}

    fn log_event_training(&mut self, _: String) {}
}

// one type serves training and evaluation in burn-train; only training is shown here
impl EvaluationProgressLogger for EpochLines {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

impl MetricsRendererEvaluation for EpochLines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl MetricsRenderer for EpochLines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, definition: MetricDefinition) {
        self.names.insert(format!("{:?}", definition.metric_id), definition.name.to_string());
    }
}
