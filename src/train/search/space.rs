//! The settings that a search varies. To the estimator a setting is a place: 0 to 1 from the lowest number to the
//! highest, or the number of a choice.

use std::collections::{BTreeMap, HashMap};

use optimizer::distribution::{CategoricalDistribution, Distribution, FloatDistribution};
use optimizer::parameter::{ParamId, ParamValue};
use optimizer::sampler::{CompletedTrial, Sampler, TpeSampler};
use serde::{Deserialize, Serialize};
use toml::Value;

use super::super::config::require;
use super::Trial;
use crate::error::Result;

/// Share of the trials that count as good (Bergstra et al. 2011, section 4, have 0.15 of hundreds of trials).
const GOOD: f64 = 0.25;
/// Every fourth trial stays random: the estimator has no prior, so that it would never leave what was good at first.
const SURPRISE: usize = 4;
/// Where the good values are all the same, the estimator takes 1 for their spread: a tenth of this range.
const WIDTH: f64 = 10.0;
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
    /// "Algorithms for hyper-parameter optimization"), setting by setting. Every [`SURPRISE`]th stays random.
    pub(super) fn suggest(
        &self,
        trials: &[Trial],
        random: usize,
        seed: u64,
        number: usize,
    ) -> BTreeMap<String, f64> {
        let known = if number.is_multiple_of(SURPRISE) { &[] } else { trials };
        let suggest = |(index, (path, parameter)): (u64, (&String, &Parameter))| {
            let sampler = TpeSampler::builder().gamma(GOOD).n_startup_trials(random).seed(seed ^ index << 32);
            // the only number that it can refuse is GOOD
            let place =
                sampler.build().map_or(0.0, |sampler| estimate(path, parameter, known, number, &sampler));
            // a number of so few digits is read from JSON as it was written, so that a resumed search suggests the same
            (path.clone(), (place * 1e6).floor() / 1e6)
        };
        (0..).zip(&self.0).map(suggest).collect()
    }
}

/// A place for one setting. The estimator sees this setting alone, for it takes settings with equal ranges for one
/// another, and sees every range as [`WIDTH`].
fn estimate(path: &str, parameter: &Parameter, trials: &[Trial], number: usize, sampler: &TpeSampler) -> f64 {
    let choices = match parameter {
        Parameter::Choice { values } => Some(values.len()),
        _ => None,
    };
    let distribution = match choices {
        Some(n_choices) => Distribution::Categorical(CategoricalDistribution { n_choices }),
        None => {
            Distribution::Float(FloatDistribution { low: 0.0, high: WIDTH, log_scale: false, step: None })
        }
    };
    let id = ParamId::new();
    let seen = |trial: &Trial| {
        let place = *trial.places.get(path)?;
        let value = match choices {
            Some(choices) => ParamValue::Categorical((place as usize).min(choices - 1)),
            None => ParamValue::Float(WIDTH * place),
        };
        // a failed trial is worse than all others
        let rate = trial.objective.unwrap_or(f64::INFINITY);
        let (values, ranges) = (HashMap::from([(id, value)]), HashMap::from([(id, distribution.clone())]));
        Some(CompletedTrial::new(trial.number as u64, values, ranges, HashMap::new(), rate))
    };
    let history: Vec<CompletedTrial> = trials.iter().filter_map(seen).collect();
    match sampler.sample(&distribution, number as u64, &history) {
        ParamValue::Float(value) => value / WIDTH,
        ParamValue::Categorical(index) => index as f64,
        ParamValue::Int(value) => value as f64,
    }
}
