//! What a configuration says about batches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::config::require;
use super::super::corpus::{Set, Writer};
use crate::error::{Error, Result};

/// How a batch is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplerConfig {
    // takes the keys that the others leave and refuses those that it does not know
    #[serde(flatten)]
    pub kind: Kind,
    /// Mirrors all signatures of a writer at once, which makes a new writer.
    #[serde(default)]
    pub mirror: bool,
    /// Relative frequency of each set; a set that is not named is drawn by its number of writers, which is much more than
    /// shares of one: name all sets or none. A set with 0 is left out of the run altogether, of its validation and
    /// calibration too.
    #[serde(default)]
    pub sets: BTreeMap<Set, f64>,
}

/// What a batch consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    Writers(Writers),
    Pairs(RandomPairs),
}

/// Different writers, some genuine signatures and forgeries of each. Of a writer with fewer, all are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Writers {
    pub writers: usize,
    pub genuine: usize,
    pub forged: usize,
    /// Genuine-forged pairs of each writer.
    pub skilled_pairs: usize,
    /// Pairs of a genuine signature with one of another writer: for each writer, at most one for each of its genuine
    /// signatures; of a writer without forgeries that many for each of them.
    pub random_pairs: usize,
    /// Which pairs those are.
    pub mining: PairMining,
    /// Share of batches whose writers all stand side by side in the numbering of one set, 0 to 1. Omniglot numbers its
    /// characters by alphabet: those are the ones that are hard to tell apart.
    pub neighbours: f64,
    /// Share of a batch's writers whose place one of their forgers takes, 0 to 1: the imitations by that forger stand as
    /// genuine, the writer's own signatures and the other forgers' imitations as forgeries of them. Hands that imitate
    /// are hands too, and so a hesitant line does not give a forgery away. A writer of whose forgers none is known to
    /// have made two or more stays.
    pub forgers: f64,
    /// Share of a batch's writers who are spliced with another of their set, 0 to 1: the left part of the one's
    /// signatures and the right part of the other's, forgeries likewise, are a writer whom nobody has seen.
    pub spliced: f64,
}

/// Which of the pairs of a batch are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairMining {
    /// Those whose embeddings are nearest.
    #[default]
    Hardest,
    Random,
}

/// The tutorial's batches: half of the pairs are two genuine signatures of a writer, half a genuine signature
/// and a forgery of it. Of a writer without forgeries it is a random forgery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomPairs {
    /// Number of pairs.
    pub batch: usize,
    /// Share of random forgeries (another writer's genuine signature) among the forgeries.
    pub random_forgeries: f64,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self { kind: Kind::Writers(Writers::default()), mirror: true, sets: BTreeMap::new() }
    }
}

impl Default for Writers {
    fn default() -> Self {
        Self {
            writers: 10,
            genuine: 4,
            forged: 4,
            skilled_pairs: 8,
            random_pairs: 3,
            mining: PairMining::Hardest,
            neighbours: 0.0,
            forgers: 0.0,
            spliced: 0.0,
        }
    }
}

impl Default for RandomPairs {
    fn default() -> Self {
        Self { batch: 32, random_forgeries: 0.0 }
    }
}

impl SamplerConfig {
    /// The settings of batches of writers; `None` for batches of pairs.
    pub fn writers(&self) -> Option<&Writers> {
        match &self.kind {
            Kind::Writers(writers) => Some(writers),
            Kind::Pairs(_) => None,
        }
    }

    /// How often a set of so many writers is drawn, relative to the others.
    pub(super) fn weight(&self, set: Set, writers: usize) -> f64 {
        self.sets.get(&set).copied().unwrap_or(writers as f64)
    }

    /// Whether synthetic writers are asked for by name, beside those of a data folder.
    pub(in crate::train) fn adds_synthetic(&self) -> bool {
        self.sets.get(&Set::Synthetic).is_some_and(|share| *share > 0.0)
    }

    /// Whether writers of a set are drawn at all.
    pub(in crate::train) fn draws(&self, set: Set) -> bool {
        self.weight(set, 1) > 0.0
    }

    /// Whether a corpus that was read for this configuration has writers of the set of this name, if there are any.
    pub(in crate::train) fn reads(&self, set: &str) -> bool {
        match Set::ALL.into_iter().find(|known| known.to_string() == set) {
            Some(Set::Synthetic) => self.adds_synthetic(),
            Some(set) => self.draws(set),
            None => false,
        }
    }

    /// What a user should know of `sets` before training, a line each: which sets take the draws from those that are
    /// named. Empty if all is well.
    pub fn remarks<'a>(&self, writers: impl Iterator<Item = &'a Writer>) -> String {
        let mut counts: BTreeMap<Set, usize> = BTreeMap::new();
        writers.for_each(|writer| *counts.entry(writer.set).or_default() += 1);
        let of = |named: bool| counts.iter().filter(move |(set, _)| self.sets.contains_key(set) == named);
        if of(true).next().is_none() {
            return String::new();
        }
        let total: f64 = counts.iter().map(|(&set, &writers)| self.weight(set, writers)).sum();
        let remark = |(set, writers): (&Set, &usize)| {
            format!(
                "sampler.sets does not name {set}, which is drawn by its number of writers ({writers}), {:.0} % of all: give \
                 it a share too, or 0 to leave it out\n",
                100.0 * *writers as f64 / total
            )
        };
        of(false).map(remark).collect()
    }

    /// # Errors
    /// [`Error::InvalidConfig`] if a number is out of range.
    pub(in crate::train) fn check(&self) -> Result<()> {
        match &self.kind {
            Kind::Writers(kind) => {
                require(
                    kind.writers > 1,
                    "sampler.writers",
                    "at least 2, so that there are random forgeries",
                )?;
                require((0.0..=1.0).contains(&kind.neighbours), "sampler.neighbours", "0 to 1")?;
                require((0.0..=1.0).contains(&kind.forgers), "sampler.forgers", "0 to 1")?;
                require((0.0..=1.0).contains(&kind.spliced), "sampler.spliced", "0 to 1")?;
                require(kind.genuine > 1, "sampler.genuine", "at least 2, so that there are genuine pairs")?;
            }
            Kind::Pairs(kind) => {
                require(kind.batch > 1, "sampler.batch", "at least 2, one pair of each kind")?;
                require((0.0..=1.0).contains(&kind.random_forgeries), "sampler.random_forgeries", "0 to 1")?;
            }
        }
        let weights_fit = self.sets.values().all(|weight| weight.is_finite() && *weight >= 0.0);
        require(weights_fit, "sampler.sets", "numbers of at least 0")
    }

    /// Tells whether batches can be drawn from these writers.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `sets` leaves none of them, or there are no pairs. A set that is named but not
    /// there does not count: one recipe serves every selection of data.
    pub(in crate::train) fn check_data<'a>(&self, writers: impl Iterator<Item = &'a Writer>) -> Result<()> {
        let writers: Vec<&Writer> = writers.collect();
        if writers.is_empty() {
            return Err(Error::InvalidConfig("the data has no training writers".into()));
        }
        let drawn: Vec<&Writer> = writers.into_iter().filter(|writer| self.draws(writer.set)).collect();
        require(!drawn.is_empty(), "sampler.sets", "above 0 for one of the sets that the data has")?;
        let fits = drawn.iter().any(|writer| writer.genuine.len() > 1);
        let forged = drawn.len() > 1 || drawn.iter().any(|writer| !writer.forged.is_empty());
        match (fits, forged) {
            (false, _) => Err(Error::InvalidConfig(
                "no training writer has two genuine signatures; give more of them".into(),
            )),
            (_, false) => Err(Error::InvalidConfig(
                "the only training writer has no forgeries; give some, or more writers".into(),
            )),
            _ => Ok(()),
        }
    }
}
