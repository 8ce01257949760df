//! How weights move: the optimiser, and its learning rate from step to step.

use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::lr_scheduler::LrSchedulerConfig;
use burn::optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::optim::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::optim::{AdamWConfig, ModuleOptimizer};
use serde::{Deserialize, Serialize};

use super::config::require;
use crate::error::{Error, Result};

/// The optimiser: AdamW, a linear warm-up and a cosine to zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimiserConfig {
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Share of all steps in which it rises.
    pub warm_up: f64,
    pub weight_decay: f32,
    /// Largest norm of each parameter's gradient.
    pub clip: f32,
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        Self { learning_rate: 2e-3, warm_up: 0.15, weight_decay: 0.02, clip: 1.0 }
    }
}

impl OptimiserConfig {
    /// # Errors
    /// [`Error::InvalidConfig`] if a number is out of range.
    pub(super) fn check(&self) -> Result<()> {
        require((1e-8..1.0).contains(&self.learning_rate), "optimiser.learning_rate", "1e-8 to 1")?;
        require((0.0..1.0).contains(&self.warm_up), "optimiser.warm_up", "0 to below 1")?;
        require(self.clip > 0.0, "optimiser.clip", "above 0")
    }

    /// The optimiser, with no state yet.
    pub(super) fn init(&self) -> ModuleOptimizer {
        AdamWConfig::new()
            .with_epsilon(1e-8)
            .with_weight_decay(self.weight_decay)
            .with_grad_clipping(Some(GradientClippingConfig::Norm(self.clip)))
            .init()
    }

    /// A linear rise to the highest learning rate, then a cosine to zero.
    pub(super) fn schedule(&self, steps: usize) -> Result<ModuleLrScheduler> {
        let highest = self.learning_rate;
        let rising = ((steps as f64 * self.warm_up) as usize).clamp(1, steps.saturating_sub(1).max(1));
        let falling = (steps - rising).max(1);
        SequentialLrSchedulerConfig::new(
            vec![
                LrSchedulerConfig::Linear(LinearLrSchedulerConfig::new(highest / 25.0, highest, rising)),
                LrSchedulerConfig::Cosine(CosineAnnealingLrSchedulerConfig::new(highest, falling)),
            ],
            vec![rising],
        )
        .init()
        .map_err(Error::InvalidConfig)
    }
}
