//! `train search`: settings that train best, looked for by many short runs.
//!
//! ```text
//! space    what may vary, and where the next trial goes: at random first, then by a tree-structured Parzen estimator
//! pruner   when a trial is not worth its next epoch
//! trial    one run of a folder of its own, and what it reached
//! report   ranked table, plot, and the best configuration
//! ```

mod plot;
mod pruner;
mod report;
mod space;
mod trial;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn_train::Interrupter;
use serde::{Deserialize, Serialize};

use super::config::{TrainConfig, require};
use super::corpus::Corpus;
use super::devices::Devices;
use super::run_folder;
use crate::error::{Error, Result};
use crate::files;
use crate::manifest;
pub use pruner::MedianRule;
pub use report::{markdown, ranked};
pub use space::{Parameter, Space};
pub use trial::{State, Trial};

/// Settings that belong to the search, not to what is searched.
const RESERVED: [&str; 6] = ["name", "epochs", "batches", "input", "synthetic", "fold"];
/// More trials than this are a mistake.
const MOST_TRIALS: usize = 10_000;

/// Is told a line for every epoch and trial, from any thread.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// A search, as a TOML file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Of its folder and of the configuration that it finds.
    pub name: String,
    /// The training configuration that the space changes; its path begins at the folder of this file.
    pub config: PathBuf,
    /// Settings over those of `config`, as `--set` takes them.
    #[serde(default)]
    pub set: Vec<String>,
    /// The same for trials alone, such as `epochs` and `batches`; the configuration that is found goes without.
    #[serde(default)]
    pub budget: Vec<String>,
    /// How many; a search that is resumed may have more.
    pub trials: usize,
    /// Of the choice of settings. Every trial trains with the seed of `config`.
    #[serde(default)]
    pub seed: u64,
    /// Trials at random before the estimator has seen enough.
    #[serde(default = "random_trials")]
    pub random_trials: usize,
    /// Ends bad trials early; left out, all get their epochs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pruner: Option<MedianRule>,
    pub space: Space,
}

fn random_trials() -> usize {
    8
}

impl Search {
    /// Reads and checks a TOML file. Each setting of the space is tried alone with its first choice or lowest value,
    /// which therefore has to fit the rest of the configuration.
    ///
    /// # Errors
    /// [`Error::File`] if a file cannot be read, [`Error::InvalidConfig`] if a setting is unknown or out of range.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
        let wrong = |error| Error::InvalidConfig(format!("{}: {error}", path.display()));
        let mut search: Self = toml::from_str(&text).map_err(wrong)?;
        search.config = path.parent().unwrap_or(Path::new("")).join(&search.config);
        search.check()?;
        Ok(search)
    }

    fn check(&self) -> Result<()> {
        // that of a model, with room for "-best"
        let fits = !self.name.is_empty() && manifest::is_name(&report::best_name(&self.name));
        require(fits, "name", "1 to 59 lower case letters, digits and hyphens")?;
        require((1..=MOST_TRIALS).contains(&self.trials), "trials", &format!("1 to {MOST_TRIALS}"))?;
        require(self.random_trials > 0, "random_trials", "at least 1")?;
        require(!self.space.0.is_empty(), "space", "at least one setting")?;
        if let Some(pruner) = &self.pruner {
            pruner.check()?;
        }
        // without the budget, as the configuration that is found will be
        self.configured(&[], false)?;
        for (path, parameter) in &self.space.0 {
            let top = path.split('.').next().unwrap_or_default();
            require(
                !RESERVED.contains(&top),
                &format!("space.{path}"),
                "another setting: this one is the search's",
            )?;
            parameter.check(path)?;
            if let Some(set) = path.strip_prefix("sampler.sets.") {
                let draws = self.configured(&[], true)?.sampler.reads(set);
                require(
                    draws,
                    &format!("space.{path}"),
                    "of a set with a share above 0 in `config`: it is read once",
                )?;
            }
            let setting = [format!("{path}={}", parameter.value(0.0))];
            self.configured(&setting, true)?;
            self.configured(&setting, false)?;
        }
        Ok(())
    }

    /// The configuration with these settings of the space, for a trial or to train in full.
    ///
    /// # Errors
    /// Those of [`TrainConfig::read_with`].
    pub fn configured(&self, settings: &[String], trial: bool) -> Result<TrainConfig> {
        let budget: &[String] = if trial { &self.budget } else { &[] };
        TrainConfig::read_with(&self.config, &[&self.set[..], budget, settings].concat())
    }
}

/// Runs the trials that are not done yet, in `folder`, and returns all of them; `None` after an interruption.
///
/// # Errors
/// [`Error::File`] if the folder holds a search that `resume` does not ask for, or one of other settings or data, or
/// cannot be written, and what a device that fails says: that is of no trial's making. Settings that cannot be trained are
/// a result, not an error.
pub fn run(
    search: &Search,
    corpus: &Corpus,
    folder: &Path,
    resume: bool,
    devices: &Devices,
    interrupter: &Interrupter,
    tell: &Tell,
) -> Result<Option<Vec<Trial>>> {
    let _lock = open(search, corpus, folder, resume)?;
    let mut trials: Vec<Trial> = Vec::new();
    for number in 1..=search.trials {
        let directory = folder.join(format!("trial-{number:03}"));
        let trial = match Trial::read(&directory)? {
            Some(done) => done,
            None => {
                let places = search.space.suggest(&trials, search.random_trials, search.seed, number);
                let settings = search.space.settings(&places);
                tell(&format!("trial {number}/{}: {}", search.trials, settings.join(", ")));
                let work = trial::Work { search, corpus, devices, interrupter, others: &trials, tell };
                let Some(trial) = work.run(number, places, &directory)? else { return Ok(None) };
                tell(&format!("  {trial}"));
                trial
            }
        };
        trials.push(trial);
        report::write(search, &trials, folder)?;
    }
    Ok(Some(trials))
}

/// Makes the folder, or checks that it holds this search, and locks it.
fn open(search: &Search, corpus: &Corpus, folder: &Path, resume: bool) -> Result<std::fs::File> {
    std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    let lock = run_folder::lock(&folder.join("lock"))?;
    let toml = |search: &Search| {
        toml::to_string_pretty(search).map_err(|error| Error::InvalidConfig(error.to_string()))
    };
    // the number of trials may grow; of the file that it changes, what it says counts, not where it is
    let base = search.configured(&[], true)?.to_toml()?;
    let same = Search { trials: 1, config: PathBuf::new(), ..search.clone() };
    let is = format!("{}\n# with\n{base}", toml(&same)?);
    let files = [("search.txt", is), ("data.txt", format!("{}\n", corpus.summary()))];
    for (name, content) in files {
        let path = folder.join(name);
        if !path.exists() {
            files::replace(&path, content.as_bytes())?;
            continue;
        }
        if !resume {
            let message =
                "holds a search already; continue it with --resume, or name another folder with --run";
            return Err(Error::file(folder, message));
        }
        if std::fs::read_to_string(&path).map_err(|error| Error::file(&path, error))? != content {
            let message =
                "the search was started with other settings or data; name another folder with --run";
            return Err(Error::file(&path, message));
        }
    }
    Ok(lock)
}

#[cfg(test)]
mod tests;
