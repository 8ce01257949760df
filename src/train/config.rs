//! What one training run is: everything that a TOML file may set, with the shipped recipe as default.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::augment::AugmentConfig;
use super::corpus::Set;
use crate::error::{Error, Result};
use crate::ink::FrameSize;
use crate::model::NetworkConfig;

/// A training run. `seed`, data and this file together determine it, up to the order of float sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// Name of the run and of the model that it exports.
    pub name: String,
    /// Seed of weights, sampler, augmentation and synthetic corpus.
    #[serde(default = "one")]
    pub seed: u64,
    /// Passes over `batches`; a checkpoint and a validation after each.
    pub epochs: usize,
    /// Batches in an epoch.
    pub batches: usize,
    /// Size of the frames.
    pub input: FrameSize,
    pub network: NetworkConfig,
    #[serde(default)]
    pub objective: Objective,
    #[serde(default)]
    pub sampler: SamplerConfig,
    #[serde(default)]
    pub augment: AugmentConfig,
    #[serde(default)]
    pub optimiser: OptimiserConfig,
    #[serde(default)]
    pub synthetic: SyntheticConfig,
}

fn one() -> u64 {
    1
}

/// What the network is trained to do with the pairs of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Objective {
    /// Logistic loss on the pair head's score, plus a supervised contrastive loss on the embedding.
    Logistic {
        /// Targets are moved this far from 0 and 1.
        label_smoothing: f32,
        /// Share of the random forgeries in the weight of all forgeries.
        random_share: f32,
        /// Weight of the supervised contrastive loss.
        contrastive_weight: f32,
        /// Its temperature.
        temperature: f32,
    },
    /// The tutorial's contrastive loss on the Euclidean distance of embeddings.
    Contrastive { margin: f32 },
}

impl Default for Objective {
    fn default() -> Self {
        Self::Logistic {
            label_smoothing: 0.02,
            random_share: 0.25,
            contrastive_weight: 0.2,
            temperature: 0.1,
        }
    }
}

/// How a batch is drawn: writers, then genuine signatures and forgeries of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplerConfig {
    pub writers: usize,
    pub genuine: usize,
    pub forged: usize,
    /// Genuine-forged pairs of each writer in a batch; the hardest by embedding are taken.
    pub skilled_pairs: usize,
    /// Pairs of a genuine signature with the most similar one of another writer, for each writer.
    pub random_pairs: usize,
    /// Mirrors all signatures of a writer at once, which makes a new writer.
    pub mirror: bool,
    /// Relative frequency of each set; a set that is not named is drawn by its number of writers.
    pub sets: BTreeMap<Set, f64>,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self {
            writers: 10,
            genuine: 4,
            forged: 4,
            skilled_pairs: 8,
            random_pairs: 3,
            mirror: true,
            sets: BTreeMap::new(),
        }
    }
}

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

/// The built-in corpus, used where no data folder is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticConfig {
    pub writers: u16,
    pub genuine: u32,
    pub forged: u32,
}

impl Default for SyntheticConfig {
    fn default() -> Self {
        Self { writers: 200, genuine: 12, forged: 12 }
    }
}

impl TrainConfig {
    /// Reads and checks a TOML file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::InvalidConfig`] if a setting is unknown or out of range.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
        let config: Self = toml::from_str(&text)
            .map_err(|error| Error::InvalidConfig(format!("{}: {error}", path.display())))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let sampler = &self.sampler;
        let positive = [
            ("epochs", self.epochs),
            ("batches", self.batches),
            ("sampler.writers", sampler.writers),
            ("sampler.forged", sampler.forged),
        ];
        for (name, value) in positive {
            require(value > 0, name, "at least 1")?;
        }
        require(sampler.writers > 1, "sampler.writers", "at least 2, so that there are random forgeries")?;
        require(sampler.genuine > 1, "sampler.genuine", "at least 2, so that there are genuine pairs")?;
        let side = 16..=1024;
        require(side.contains(&self.input.width), "input.width", "16 to 1024")?;
        require(side.contains(&self.input.height), "input.height", "16 to 1024")?;
        if matches!(self.network, NetworkConfig::Signet(_)) {
            let fits = self.input == FrameSize { width: 105, height: 105 };
            require(fits, "input", "105 x 105 for signet")?;
        }
        let pair_head = matches!(self.network, NetworkConfig::Countersign(_));
        let logistic = matches!(self.objective, Objective::Logistic { .. });
        require(pair_head == logistic, "objective.kind", "logistic for countersign, contrastive for signet")?;
        let name_is_plain =
            !self.name.is_empty() && self.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        require(name_is_plain, "name", "letters, digits and hyphens")?;
        let optimiser = &self.optimiser;
        require((1e-8..1.0).contains(&optimiser.learning_rate), "optimiser.learning_rate", "1e-8 to 1")?;
        require((0.0..1.0).contains(&optimiser.warm_up), "optimiser.warm_up", "0 to below 1")?;
        require(optimiser.clip > 0.0, "optimiser.clip", "above 0")?;
        let weights_fit = sampler.sets.values().all(|weight| weight.is_finite() && *weight >= 0.0);
        require(weights_fit, "sampler.sets", "numbers of at least 0")?;
        self.augment.check()
    }
}

fn require(fits: bool, name: &str, range: &str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::InvalidConfig(format!("{name} must be {range}"))) }
}
