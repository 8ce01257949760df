//! When a trial is not worth its next epoch.

use serde::{Deserialize, Serialize};

use super::super::config::require;
use super::Trial;
use crate::error::Result;

/// The median rule (Golovin et al. 2017, "Google Vizier", section 3.2, with the best instead of the average): a trial
/// ends when the best that it has reached is worse than what half of the earlier trials had reached by that epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianRule {
    /// Epochs that every trial gets.
    pub warm_up: usize,
    /// Trials that must have got as far.
    pub trials: usize,
}

impl MedianRule {
    pub(super) fn check(&self) -> Result<()> {
        require(self.warm_up > 0, "pruner.warm_up", "at least 1 epoch")?;
        require(self.trials > 0, "pruner.trials", "at least 1")
    }

    /// Whether a trial with these rates, epoch by epoch, should end.
    pub(super) fn ends(&self, rates: &[f64], others: &[Trial]) -> bool {
        let epoch = rates.len();
        let mut reached: Vec<f64> = others
            .iter()
            .filter(|trial| trial.rates.len() >= epoch)
            .map(|trial| best(&trial.rates[..epoch]))
            .collect();
        if epoch < self.warm_up || reached.len() < self.trials {
            return false;
        }
        reached.sort_by(f64::total_cmp);
        // of an even number the better of the two in the middle: half of the trials are at least as good
        best(rates) > reached[(reached.len() - 1) / 2]
    }
}

fn best(rates: &[f64]) -> f64 {
    rates.iter().copied().fold(f64::INFINITY, f64::min)
}
