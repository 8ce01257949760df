//! What is compared: a TOML file, and the rows that follow from it.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::config::{TrainConfig, require};
use super::super::corpus::Set;
use crate::error::{Error, Result};

/// More rows than this are a mistake.
const MOST_ROWS: usize = 1000;

/// Networks, losses and optimisers, and how they are compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Every row is trained once for each.
    pub seeds: Vec<u64>,
    /// Training and validation writers come from these sets.
    pub sets: BTreeSet<Set>,
    /// Genuine signatures, and forgeries, of each validation writer that are scored.
    pub signatures: usize,
    #[serde(rename = "network")]
    pub networks: Vec<Contender>,
    #[serde(rename = "loss")]
    pub losses: Vec<Choice>,
    #[serde(rename = "optimiser")]
    pub optimisers: Vec<Choice>,
}

/// A network with its budget.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contender {
    pub name: String,
    /// A training configuration; its path begins at the folder of the comparison's file.
    pub config: PathBuf,
    /// Settings over those of `config`, as `--set` takes them: the budget above all.
    #[serde(default)]
    pub set: Vec<String>,
    /// The loss that the optimisers are tried with.
    pub loss: String,
    /// The optimiser that the losses are tried with.
    pub optimiser: String,
}

/// A loss or an optimiser.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub name: String,
    /// Settings, as `--set` takes them.
    pub set: Vec<String>,
    /// The networks that it is for; all, where it is not set.
    #[serde(default)]
    pub networks: Option<BTreeSet<String>>,
}

impl Choice {
    fn is_for(&self, network: &str) -> bool {
        self.networks.as_ref().is_none_or(|networks| networks.contains(network))
    }
}

/// One training: a network, a loss, an optimiser and a seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub network: String,
    pub loss: String,
    pub optimiser: String,
    /// With the row's seed.
    pub config: TrainConfig,
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { network, loss, optimiser, config } = self;
        write!(f, "{network}, {loss}, {optimiser}, seed {}", config.seed)
    }
}

impl Comparison {
    /// # Errors
    /// [`Error::File`] if the file cannot be read, [`Error::InvalidConfig`] if a setting is unknown or out of range.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
        let comparison: Self = toml::from_str(&text)
            .map_err(|error| Error::InvalidConfig(format!("{}: {error}", path.display())))?;
        comparison.check()?;
        Ok(comparison)
    }

    fn check(&self) -> Result<()> {
        require(!self.seeds.is_empty(), "seeds", "at least one number")?;
        require(!self.sets.is_empty(), "sets", "at least one name")?;
        require(self.signatures > 1, "signatures", "at least 2")?;
        let different = |names: Vec<&String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
        let networks = self.networks.iter().map(|network| &network.name).collect();
        require(different(networks), "network.name", "different")?;
        for network in &self.networks {
            for (choices, own, kind) in
                [(&self.losses, &network.loss, "loss"), (&self.optimisers, &network.optimiser, "optimiser")]
            {
                let names: Vec<&String> = choices
                    .iter()
                    .filter(|choice| choice.is_for(&network.name))
                    .map(|choice| &choice.name)
                    .collect();
                let known = names.contains(&own);
                // the same name is for two networks, or a row would be there twice
                require(different(names), &format!("{kind}.name"), "different for a network")?;
                require(
                    known,
                    &format!("network.{kind}"),
                    &format!("the name of a {kind} that is for the network"),
                )?;
            }
        }
        let most = self.seeds.len() * self.networks.len() * (self.losses.len() + self.optimisers.len());
        require(most <= MOST_ROWS, "rows", &format!("{MOST_ROWS} at most"))
    }

    /// Every network with every loss and its own optimiser, and with its own loss and every other optimiser; all of
    /// that for the first seed, then for the next: a comparison that was stopped has something of each row.
    ///
    /// # Errors
    /// Those of [`TrainConfig::read_with`], which name the row.
    pub fn rows(&self, folder: &Path) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for seed in &self.seeds {
            for network in &self.networks {
                for (loss, optimiser) in self.choices(network) {
                    let settings = [
                        network.set.clone(),
                        loss.set.clone(),
                        optimiser.set.clone(),
                        vec![format!("seed={seed}"), "name=comparison".into()],
                    ];
                    let config = TrainConfig::read_with(&folder.join(&network.config), &settings.concat());
                    let named = |error| match error {
                        Error::InvalidConfig(message) => Error::InvalidConfig(format!(
                            "{}, {}, {}: {message}",
                            network.name, loss.name, optimiser.name
                        )),
                        error => error,
                    };
                    let config = config.and_then(unread).map_err(named)?;
                    rows.push(Row {
                        network: network.name.clone(),
                        loss: loss.name.clone(),
                        optimiser: optimiser.name.clone(),
                        config,
                    });
                }
            }
        }
        Ok(rows)
    }

    fn choices(&self, network: &Contender) -> Vec<(&Choice, &Choice)> {
        let losses = || self.losses.iter().filter(|loss| loss.is_for(&network.name));
        let optimisers = || self.optimisers.iter().filter(|optimiser| optimiser.is_for(&network.name));
        let own_optimiser = optimisers().filter(|optimiser| optimiser.name == network.optimiser);
        let own_loss = losses().filter(|loss| loss.name == network.loss);
        let others = move |loss| {
            let others = optimisers().filter(|optimiser| optimiser.name != network.optimiser);
            others.map(move |optimiser| (loss, optimiser))
        };
        let each_loss = own_optimiser.flat_map(|optimiser| losses().map(move |loss| (loss, optimiser)));
        each_loss.chain(own_loss.flat_map(others)).collect()
    }
}

/// Refuses what a row would not heed: it begins with random weights and validates once, on the split's own writers.
fn unread(config: TrainConfig) -> Result<TrainConfig> {
    let given = [
        (config.start.is_some(), "start"),
        (config.fold != 0, "fold"),
        (config.early_stopping.is_some(), "early_stopping"),
    ];
    match given.into_iter().find(|(given, _)| *given) {
        Some((_, name)) => {
            let message = format!("a comparison has no use for {name}; take it out of the configuration");
            Err(Error::InvalidConfig(message))
        }
        None => Ok(config),
    }
}

/// Tells whether two rows are of the same settings and data.
pub(super) fn hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
