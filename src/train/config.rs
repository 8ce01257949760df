//! What one training run is: everything that a TOML file may set, with the shipped recipe as default.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::objective::Objective;
use super::optimiser::OptimiserConfig;
use super::sampler::SamplerConfig;
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

/// Strengths of the augmentations; 0 switches one off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AugmentConfig {
    /// Largest rotation, degrees.
    pub rotation: f32,
    /// Largest relative change of size.
    pub scale: f32,
    /// Largest relative change of width against height.
    pub stretch: f32,
    /// Largest horizontal shear, pixels a pixel.
    pub shear: f32,
    /// Largest shift, as a share of the frame's height.
    pub shift: f32,
    /// Largest blend towards a stroke one pixel thicker or thinner each side.
    pub thickness: f32,
    /// Largest natural logarithm of the exponent on ink.
    pub gamma: f32,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            rotation: 7.0,
            scale: 0.08,
            stretch: 0.08,
            shear: 0.12,
            shift: 0.05,
            thickness: 0.7,
            gamma: 0.3,
        }
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
        require(self.epochs > 0, "epochs", "at least 1")?;
        require(self.batches > 0, "batches", "at least 1")?;
        let side = 16..=1024;
        require(side.contains(&self.input.width), "input.width", "16 to 1024")?;
        require(side.contains(&self.input.height), "input.height", "16 to 1024")?;
        self.network.check(self.input).map_err(Error::InvalidConfig)?;
        self.objective.check(&self.network, &self.sampler)?;
        let name_is_plain =
            !self.name.is_empty() && self.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        require(name_is_plain, "name", "letters, digits and hyphens")?;
        self.optimiser.check()?;
        self.sampler.check()
    }
}

/// # Errors
/// [`Error::InvalidConfig`] with the setting's name and its range, unless the setting `fits`.
pub(super) fn require(fits: bool, name: &str, range: &str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::InvalidConfig(format!("{name} must be {range}"))) }
}
