//! How weights move: the rule, and what is done to gradients and weights besides.

mod adamw;
#[cfg(test)]
mod tests;

use burn::optim::decay::WeightDecayConfig;
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, ModuleOptimizer, RmsPropConfig, SgdConfig};
use serde::{Deserialize, Serialize};

use self::adamw::ClippedAdamW;
use super::config::require;
use super::schedule::Schedule;
use crate::error::Result;

/// The optimiser, with `w` a weight, `g` its gradient and `lr` the learning rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptimiserConfig {
    // takes the keys that the others leave and refuses those that it does not know
    #[serde(flatten)]
    pub rule: Rule,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Shrinks weights: under AdamW by `lr * weight_decay` of themselves, else by adding `weight_decay * w`
    /// to `g`. Unlike [`weight_penalty`](super::loss::weight_penalty) it also holds for biases.
    #[serde(default)]
    pub weight_decay: f32,
    /// Limits `g`, before any weight decay; left out, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// How the learning rate goes on from step to step.
    #[serde(default)]
    pub schedule: Schedule,
}

/// Largest gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clip {
    /// The norm of the gradient of each parameter (a layer's weights, say), not of all together.
    Norm(f32),
    /// Each number of a gradient, up and down.
    Value(f32),
}

impl Clip {
    fn stock(self) -> GradientClippingConfig {
        match self {
            Self::Norm(most) => GradientClippingConfig::Norm(most),
            Self::Value(most) => GradientClippingConfig::Value(most),
        }
    }
}

/// How a gradient moves a weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Rule {
    Sgd(Sgd),
    Rmsprop(RmsProp),
    Adam(Adam),
    /// [`Adam`] with decoupled weight decay (Loshchilov, Hutter 2019, arXiv 1711.05101).
    #[serde(rename = "adamw")]
    AdamW(Adam),
}

/// Mini-batch gradient descent (Sutskever et al. 2013): `v = momentum * v + g`, `w -= lr * v`; by Nesterov's
/// rule `w -= lr * (momentum * v + g)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    pub momentum: f64,
    pub nesterov: bool,
}

/// RMSprop (Tieleman, Hinton 2012, lecture 6.5): `s = alpha * s + (1 - alpha) * g^2`,
/// `v = momentum * v + g / (sqrt(s) + epsilon)`, `w -= lr * v`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    pub alpha: f32,
    pub epsilon: f32,
    pub momentum: f32,
    /// Divides by the standard deviation of gradients, not by their root mean square (Graves 2013).
    pub centered: bool,
}

/// Adam (Kingma, Ba 2015, algorithm 1): `m = beta_1 * m + (1 - beta_1) * g`,
/// `s = beta_2 * s + (1 - beta_2) * g^2`, `w -= lr * m' / (sqrt(s') + epsilon)` where in step `t`
/// `m' = m / (1 - beta_1^t)` and `s' = s / (1 - beta_2^t)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    pub beta_1: f32,
    pub beta_2: f32,
    pub epsilon: f32,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { alpha: 0.99, epsilon: 1e-8, momentum: 0.0, centered: false }
    }
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 }
    }
}

impl Default for OptimiserConfig {
    fn default() -> Self {
        Self {
            rule: Rule::AdamW(Adam::default()),
            learning_rate: 2e-3,
            weight_decay: 0.02,
            clip: Some(Clip::Norm(1.0)),
            schedule: Schedule::OneCycle { warm_up: 0.15 },
        }
    }
}

impl OptimiserConfig {
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if a number is out of range.
    pub(super) fn check(&self) -> Result<()> {
        require((1e-8..1.0).contains(&self.learning_rate), "optimiser.learning_rate", "1e-8 to 1")?;
        require((0.0..1.0).contains(&self.weight_decay), "optimiser.weight_decay", "0 to below 1")?;
        if let Some(Clip::Norm(most) | Clip::Value(most)) = self.clip {
            require(most.is_finite() && most > 0.0, "optimiser.clip", "above 0")?;
        }
        self.rule.check()?;
        self.schedule.check()
    }

    /// The optimiser, with no state yet.
    pub fn init(&self) -> ModuleOptimizer {
        let clip = self.clip.map(|clip| clip.stock());
        let decay = (self.weight_decay > 0.0).then(|| WeightDecayConfig::new(self.weight_decay));
        match &self.rule {
            Rule::Sgd(Sgd { momentum, nesterov }) => SgdConfig::new()
                .with_momentum((*momentum > 0.0).then(|| {
                    MomentumConfig::new()
                        .with_momentum(*momentum)
                        .with_dampening(0.0)
                        .with_nesterov(*nesterov)
                }))
                .with_weight_decay(decay)
                .with_gradient_clipping(clip)
                .init(),
            Rule::Rmsprop(RmsProp { alpha, epsilon, momentum, centered }) => RmsPropConfig::new()
                .with_alpha(*alpha)
                .with_epsilon(*epsilon)
                .with_momentum(*momentum)
                .with_centered(*centered)
                .with_weight_decay(decay)
                .with_grad_clipping(clip)
                .init(),
            Rule::Adam(Adam { beta_1, beta_2, epsilon }) => AdamConfig::new()
                .with_beta_1(*beta_1)
                .with_beta_2(*beta_2)
                .with_epsilon(*epsilon)
                .with_weight_decay(decay)
                .with_grad_clipping(clip)
                .init(),
            Rule::AdamW(adam) => {
                let (adam, weight_decay, clip) = (adam.clone(), self.weight_decay, self.clip);
                ClippedAdamW { adam, weight_decay, clip }.into()
            }
        }
    }

    /// The learning rate of every step of a run.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if burn refuses a number.
    pub(super) fn schedule(&self, epochs: usize, batches: usize) -> Result<ModuleLrScheduler> {
        self.schedule.init(self.learning_rate, epochs, batches)
    }
}

impl Rule {
    fn check(&self) -> Result<()> {
        let share = |value: f64, name: &str| {
            require((0.0..1.0).contains(&value), &format!("optimiser.{name}"), "0 to below 1")
        };
        let small =
            |epsilon: f32| require((1e-12..=1.0).contains(&epsilon), "optimiser.epsilon", "1e-12 to 1");
        match self {
            Self::Sgd(Sgd { momentum, nesterov }) => {
                share(*momentum, "momentum")?;
                require(!nesterov || *momentum > 0.0, "optimiser.momentum", "above 0 for nesterov")
            }
            Self::Rmsprop(RmsProp { alpha, epsilon, momentum, .. }) => {
                share(f64::from(*alpha), "alpha")?;
                share(f64::from(*momentum), "momentum")?;
                small(*epsilon)
            }
            Self::Adam(Adam { beta_1, beta_2, epsilon }) | Self::AdamW(Adam { beta_1, beta_2, epsilon }) => {
                share(f64::from(*beta_1), "beta_1")?;
                share(f64::from(*beta_2), "beta_2")?;
                small(*epsilon)
            }
        }
    }
}
