//! The settings that a search varies. To the estimator a setting is a place: 0 to 1 from the lowest number to the
//! highest, or the number of a choice.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use toml::Value;
use tpe::TpeOptimizer;

use super::super::config::require;
use super::Trial;
use crate::error::Result;

/// Decimals after the first digit of a number: more are noise in a configuration.
const DECIMALS: usize = 2;

/// Settings by their path, as `--set` takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space(pub BTreeMap<String, Parameter>);

/// What a setting may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Parameter {
    /// A number; with `log`, all ratios are equally likely, not all differences.
    Float {
        low: f64,
        high: f64,
        #[serde(default)]
        log: bool,
    },
    /// A whole number, `low` and `high` included.
    Integer {
        low: i64,
        high: i64,
        #[serde(default)]
        log: bool,
    },
    /// One of several values, of any kind that the setting takes.
    Choice { values: Vec<Value> },
}

impl Parameter {
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if there is nothing to choose from.
    pub(super) fn check(&self, path: &str) -> Result<()> {
        let name = format!("space.{path}");
        match self {
            Self::Float { low, high, log } => {
                require(
                    low.is_finite() && high.is_finite() && low < high,
                    &name,
                    "from low to a higher high",
                )?;
                require(!log || *low > 0.0, &name, "above 0 to be logarithmic")
            }
            Self::Integer { low, high, log } => {
                // as numbers of double precision they have to stay different
                let exact = low.unsigned_abs().max(high.unsigned_abs()) < 1 << 50;
                require(low < high && exact, &name, "from low to a higher high")?;
                require(!log || *low > 0, &name, "above 0 to be logarithmic")
            }
            Self::Choice { values } => require(values.len() > 1, &name, "at least two values"),
        }
    }

    /// Where places end; they begin at 0.
    pub fn end(&self) -> f64 {
        match self {
            Self::Choice { values } => values.len() as f64,
            _ => 1.0,
        }
    }

    /// The setting at a place, as TOML.
    pub fn value(&self, place: f64) -> Value {
        let between = |low: f64, high: f64, log: bool| match log {
            true => (low.ln() + place * (high.ln() - low.ln())).exp(),
            false => low + place * (high - low),
        };
        match self {
            Self::Float { low, high, log } => {
                let exact = between(*low, *high, *log).clamp(*low, *high);
                Value::Float(
                    format!("{exact:.DECIMALS$e}").parse::<f64>().unwrap_or(exact).clamp(*low, *high),
                )
            }
            Self::Integer { low, high, log } => {
                let floor = between(*low as f64, *high as f64 + 1.0, *log).floor() as i64;
                Value::Integer(floor.clamp(*low, *high))
            }
            Self::Choice { values } => values[(place as usize).min(values.len() - 1)].clone(),
        }
    }
}

impl Space {
    /// `PATH=VALUE` for each setting at these places.
    pub fn settings(&self, places: &BTreeMap<String, f64>) -> Vec<String> {
        let each = self.0.iter().zip(places.values());
        each.map(|((path, parameter), &place)| format!("{path}={}", parameter.value(place))).collect()
    }

    /// Places for trial `number`, which follow from the seed and from what the trials before it reached: at random
    /// until `random` of them are done, then where good trials are dense and others are not (Bergstra et al. 2011,
    /// "Algorithms for hyper-parameter optimization"), setting by setting.
    pub(super) fn suggest(
        &self,
        trials: &[Trial],
        random: usize,
        seed: u64,
        number: usize,
    ) -> BTreeMap<String, f64> {
        let suggest = |(index, (path, parameter)): (u64, (&String, &Parameter))| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            // trials are at most 10,000, see `Search::check`
            rng.set_stream(index << 32 | number as u64);
            let estimated = (trials.len() >= random).then(|| estimate(path, parameter, trials, &mut rng));
            let place = estimated.flatten().unwrap_or_else(|| parameter.end() * rng.random::<f64>());
            // a number of so few digits is read from JSON as it was written, so that a resumed search suggests the same
            (path.clone(), (place * 1e6).floor() / 1e6)
        };
        (0..).zip(&self.0).map(suggest).collect()
    }
}

/// A place for one setting; `None` if the estimator refuses a number, which it does for none that [`Space`] made.
fn estimate(path: &str, parameter: &Parameter, trials: &[Trial], rng: &mut ChaCha8Rng) -> Option<f64> {
    let estimator = match parameter {
        Parameter::Choice { .. } => tpe::histogram_estimator(),
        _ => tpe::parzen_estimator(),
    };
    let mut optimiser = TpeOptimizer::new(estimator, tpe::range(0.0, parameter.end()).ok()?);
    for trial in trials {
        let Some(&place) = trial.places.get(path) else { continue };
        // a failed trial is worse than all others
        optimiser.tell(place, trial.objective.unwrap_or(f64::INFINITY)).ok()?;
    }
    optimiser.ask(rng).ok()
}
