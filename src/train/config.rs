//! What one training run is: everything that a TOML file may set, with usable defaults; what ships is `models/countersign/train.toml`.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::augment::AugmentConfig;
use super::objective::Objective;
use super::optimiser::OptimiserConfig;
use super::overrides;
use super::sampler::SamplerConfig;
use super::synth::Manner;
use crate::error::{Error, Result};
use crate::ink::{FrameSize, Stage, frame};
use crate::manifest::{self, MOST_PLACES, MOST_WEIGHTS};
use crate::model::NetworkConfig;
use crate::turn::Turning;

/// A training run. `seed`, data and this file together determine it, up to the order of float sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// Name of the run and of the model that it exports: lower case letters, digits and hyphens.
    pub name: String,
    /// Seed of weights, sampler, augmentation and synthetic corpus.
    #[serde(default = "one")]
    pub seed: u64,
    /// Folder of a trained model from whose weights the run starts, a model of the same network; it may take
    /// frames of another size. Its path begins where the program was started. Left out, the run starts from random
    /// weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PathBuf>,
    /// Cross-validation. Fold 0 is the split as it is. Fold k sets aside other writers in place of the validation
    /// writers: as many training writers of each set, the k-th so many from the last; the validation writers train.
    /// Such a run compares recipes; it ends with its error rates and writes no model, which would have learned from the
    /// writers that choose thresholds everywhere else. It may not `start` from a model that learned from one of these
    /// sets, for that one knows the writers of a fold.
    #[serde(default, skip_serializing_if = "is_split")]
    pub fold: usize,
    /// Passes over `batches`; a checkpoint and a validation after each.
    pub epochs: usize,
    /// Batches in an epoch.
    pub batches: usize,
    /// Training ends when this many epochs have brought no better validation; never, where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<usize>,
    #[serde(default)]
    pub keep: Keep,
    /// Size of the frames.
    pub input: FrameSize,
    pub network: NetworkConfig,
    /// What the model that comes out does about questioned signatures that lean; left out, nothing. Training itself
    /// turns none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turning: Option<Turning>,
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

/// No file of weights has more bytes besides the weights.
const TENSOR_TABLE: u64 = 64 << 10;

fn one() -> u64 {
    1
}

fn is_split(fold: &usize) -> bool {
    *fold == 0
}

/// Which epoch's weights a run results in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The lowest mean equal error rate on the validation writers; the lower validation loss among equal ones.
    #[default]
    Best,
    Last,
}

/// The built-in corpus, used where no data folder is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyntheticConfig {
    pub writers: u16,
    pub genuine: u32,
    pub forged: u32,
    /// How much the signatures of one writer differ: a factor, 1 as the generator was made, 0.1 to 4.
    pub spread: f64,
    /// Each forger errs by a factor between 1, which is with care, and this one, at most 10.
    pub clumsiness: f64,
}

impl Default for SyntheticConfig {
    fn default() -> Self {
        Self { writers: 200, genuine: 12, forged: 12, spread: 1.0, clumsiness: 1.0 }
    }
}

impl SyntheticConfig {
    /// # Errors
    /// [`Error::InvalidConfig`] if a number is out of its range.
    pub fn check(&self) -> Result<()> {
        require((1..=1000).contains(&self.genuine), "synthetic.genuine", "1 to 1000")?;
        require(self.forged <= 1000, "synthetic.forged", "0 to 1000")?;
        require((0.1..=4.0).contains(&self.spread), "synthetic.spread", "0.1 to 4")?;
        require((1.0..=10.0).contains(&self.clumsiness), "synthetic.clumsiness", "1 to 10")
    }

    /// In whole hundredths.
    pub(super) fn manner(&self) -> Manner {
        let hundredths = |factor: f64| (100.0 * factor).round() as u16;
        Manner { spread: hundredths(self.spread), clumsiness: hundredths(self.clumsiness) }
    }
}

impl TrainConfig {
    /// Reads and checks a TOML file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::InvalidConfig`] if a setting is unknown or out of range.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_with(path, &[])
    }

    /// As [`read`](Self::read), with settings `KEY=VALUE` in place of those of the file.
    ///
    /// # Errors
    /// As `read`, and [`Error::InvalidConfig`] for a setting that is not of this form.
    pub fn read_with(path: &Path, settings: &[String]) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
        let wrong = |error| Error::InvalidConfig(format!("{}: {error}", path.display()));
        // without the detour through a table, errors show the line of the file
        let config: Self = if settings.is_empty() {
            toml::from_str(&text).map_err(wrong)?
        } else {
            let mut table = toml::from_str(&text).map_err(wrong)?;
            settings.iter().try_for_each(|setting| overrides::set(&mut table, setting))?;
            let with = format!("{} with --set {}", path.display(), settings.join(" --set "));
            table.try_into().map_err(|error| Error::InvalidConfig(format!("{with}: {error}")))?
        };
        config.check()?;
        Ok(config)
    }

    /// Every setting, defaults too, as the TOML that [`read`](Self::read) takes.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a number does not fit TOML.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| Error::InvalidConfig(error.to_string()))
    }

    fn check(&self) -> Result<()> {
        require(self.epochs > 0, "epochs", "at least 1")?;
        require(self.batches > 0, "batches", "at least 1")?;
        require(self.early_stopping != Some(0), "early_stopping", "at least 1")?;
        self.check_model()?;
        self.objective.check(&self.network, &self.sampler)?;
        self.augment.check()?;
        let shows_pressure = self.input.stage == Stage::Pressure;
        require(
            self.augment.pressure == 0.0 || shows_pressure,
            "augment.pressure",
            "0 unless input.stage is \"pressure\"",
        )?;
        self.optimiser.check()?;
        self.synthetic.check()?;
        self.sampler.check()
    }

    /// What a manifest would refuse is refused before hours of training, not after.
    fn check_model(&self) -> Result<()> {
        require(manifest::is_name(&self.name), "name", "1 to 64 lower case letters, digits and hyphens")?;
        frame::check(self.input).map_err(|error| Error::InvalidConfig(format!("input asks for {error}")))?;
        self.network.check(self.input).map_err(Error::InvalidConfig)?;
        let turning = self.turning.map_or(Ok(()), |turning| turning.check(&self.network, self.input));
        turning.map_err(Error::InvalidConfig)?;
        let [_, rows, columns] = self.network.map_shape(self.input);
        let fewer = format!("smaller: its map of {rows} x {columns} places has more than {MOST_PLACES}");
        require(rows * columns <= MOST_PLACES, "input", &fewer)?;
        // in half precision, beside the names and shapes of the tensors; the network is drawn when it is first used
        let bytes = 2 * self.network.init(&Device::flex())?.num_params() as u64 + TENSOR_TABLE;
        let smaller = format!("smaller: its weights take {bytes} bytes, more than {MOST_WEIGHTS}");
        require(bytes <= MOST_WEIGHTS, "network", &smaller)
    }
}

/// # Errors
/// [`Error::InvalidConfig`] with the setting's name and its range, unless the setting `fits`.
pub(super) fn require(fits: bool, name: &str, range: &str) -> Result<()> {
    if fits { Ok(()) } else { Err(Error::InvalidConfig(format!("{name} must be {range}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_would_refuse_is_refused_before_training() {
        let coarse = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/coarse.toml");
        let read = |settings: &[&str]| {
            let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
            TrainConfig::read_with(&coarse, &settings)
        };
        let longest = format!("name={}", "a".repeat(64));
        assert!(read(&[&longest]).is_ok());
        for (wrong, named) in [
            (&["name=My-Model"][..], "lower case"),
            (&[&format!("{longest}a")], "1 to 64"),
            (&["input.width=513"], "16 to 512"),
            (&["input.width=512", "input.height=512"], "64 x 64 places"),
            (&["network.encoder.width=512"], "more than 100663296"),
            (&["turning.degrees=0"], "1 to 45"),
        ] {
            let error = read(wrong).unwrap_err();
            assert_eq!(error.code(), "invalid-config");
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
