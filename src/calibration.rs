//! Raw scores to log-likelihood ratios, and the error rates that each threshold on them has.
//!
//! A raw score only says "more" or "less". The log-likelihood ratio (LLR, natural logarithm) says how many
//! times more likely a score is if the writer is the same than if it is a skilled forgery. It is an affine
//! function of the raw score fitted by logistic regression with both classes weighing the same (Brümmer
//! and du Preez 2006, "Application-independent evaluation of speaker detection"), or any rising function
//! ([`isotonic`]): the prior drops out, and what remains is a likelihood ratio, not a posterior.
//!
//! Everything here is fitted on validation writers, separately for each number of references. Which of the
//! two functions it is was decided on writers that neither was fitted on (`evaluate::calibrate`).

pub mod impostors;
pub mod isotonic;
mod logistic;
#[cfg(all(test, not(target_family = "wasm")))]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::consistency::Consistency;
use crate::error::{Error, Result};
use crate::manifest::{MOST_SET_NAME, MOST_SETS};
use crate::verdict::Threshold;
use impostors::Impostors;
use isotonic::Knot;
pub use logistic::{fit, sigmoid};

/// Error rates that a table of thresholds lists where the data bears them out.
pub const RATES: [f64; 8] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

/// A rate is listed only if this many scores of either class lie beyond its threshold. With several references a
/// signature has a score in each of five draws of them, so that one alone may bear out a rate.
const LEAST_ERRORS: f64 = 5.0;

/// The rate that needs the fewest scores.
const LARGEST: f64 = RATES[RATES.len() - 1];

/// Scores of either class below which there is no threshold at all.
pub const LEAST_SCORES: usize = (LEAST_ERRORS / LARGEST) as usize;

/// Whether `fewest` scores, of the class with fewer, are enough for a threshold at `rate`.
fn bears_out(rate: f64, fewest: usize, strictness: f64) -> bool {
    strictness * rate * fewest as f64 >= LEAST_ERRORS
}

/// How raw scores are read, for each number of references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub method: Method,
    /// Names of the sets whose writers it was fitted on, where that was written down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<String>,
    /// Ascending by `references`, from 1.
    pub counts: Vec<Count>,
    /// How like each other the references of a template must be; any are taken without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
    /// How strangers score, ascending by `references`; nobody can be told to be "none of these" without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub impostors: Vec<Impostors>,
}

/// The family of functions from raw score to LLR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// `offset + slope * raw`.
    Logistic,
    /// The knots of [`isotonic::fit`] (pool adjacent violators).
    Pav,
}

impl Method {
    pub const ALL: [Self; 2] = [Self::Logistic, Self::Pav];
}

/// The calibration for one number of references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub references: usize,
    /// The logistic regression, fitted whatever the method is.
    pub offset: f64,
    pub slope: f64,
    /// Of [`Method::Pav`], in place of the line; else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub knots: Vec<Knot>,
    /// Ascending by rate.
    pub thresholds: Vec<Threshold>,
}

impl Count {
    /// Fits the function from raw score to LLR; the thresholds are left empty.
    ///
    /// # Errors
    /// See [`fit`].
    pub fn fit(method: Method, references: usize, genuine: &[f64], forged: &[f64]) -> Result<Self> {
        let (offset, slope) = fit(genuine, forged)?;
        let knots = match method {
            Method::Logistic => Vec::new(),
            Method::Pav => isotonic::fit(genuine, forged),
        };
        Ok(Self { references, offset, slope, knots, thresholds: Vec::new() })
    }

    /// Fits function and thresholds. `strictness`, 0 to 1, is the share of a rate that these scores may use up,
    /// so that writers on whom nothing was fitted stay within it.
    ///
    /// # Errors
    /// As [`Count::fit`], and [`Error::Training`] if the scores are too few for any rate of [`RATES`].
    pub fn with_thresholds(
        method: Method,
        references: usize,
        genuine: &[f64],
        forged: &[f64],
        strictness: f64,
    ) -> Result<Self> {
        let count = Self::fit(method, references, genuine, forged)?;
        let thresholds = thresholds(count.open_llrs(genuine), count.open_llrs(forged), strictness)?;
        Ok(Self { thresholds, ..count })
    }

    /// The log-likelihood ratio (natural logarithm) of a fused raw score.
    pub fn llr(&self, raw: f64) -> f64 {
        isotonic::interpolate(&self.knots, raw).unwrap_or(self.offset + self.slope * raw)
    }

    /// As [`Self::llr`], but beyond the outermost knots it goes on as the logistic regression does. It says which of two
    /// scores is the higher where the data do not bear out how much evidence either is. Decisions are made by it: that no
    /// more than so many scores lie beyond a threshold is known there, too.
    pub fn open_llr(&self, raw: f64) -> f64 {
        let beyond = |end: &Knot| (raw - end.0) * self.slope;
        let above = self.knots.last().map_or(0.0, |last| beyond(last).max(0.0));
        let below = self.knots.first().map_or(0.0, |first| beyond(first).min(0.0));
        self.llr(raw) + above + below
    }

    /// [`Self::llr`] of the score of this [`Self::open_llr`].
    pub fn borne_out(&self, open_llr: f64) -> f64 {
        match (self.knots.first(), self.knots.last()) {
            (Some(first), Some(last)) => open_llr.clamp(first.1, last.1),
            _ => open_llr,
        }
    }

    /// [`Self::llr`] of each score.
    pub fn llrs(&self, raw: &[f64]) -> Vec<f64> {
        raw.iter().map(|&raw| self.llr(raw)).collect()
    }

    /// [`Self::open_llr`] of each score.
    pub fn open_llrs(&self, raw: &[f64]) -> Vec<f64> {
        raw.iter().map(|&raw| self.open_llr(raw)).collect()
    }
}

impl Calibration {
    /// The calibration for this many references: the largest listed number that is not above it. Fused scores of more
    /// references lie further apart, so that more than were calibrated for are mostly read too cautiously.
    ///
    /// # Errors
    /// [`Error::ReferenceCount`] if no listed number is small enough.
    pub fn for_references(&self, references: usize) -> Result<&Count> {
        self.counts.iter().rev().find(|count| count.references <= references).ok_or(Error::ReferenceCount {
            given: references,
            least: self.counts.first().map_or(1, |count| count.references),
            most: crate::template::MOST_REFERENCES,
        })
    }

    /// How strangers score against this many references, of the largest listed number that is not above it.
    ///
    /// # Errors
    /// [`Error::NoImpostors`] if the model does not say.
    pub fn impostors(&self, references: usize) -> Result<&Impostors> {
        self.impostors.iter().rev().find(|table| table.references <= references).ok_or(Error::NoImpostors)
    }

    /// # Errors
    /// [`Error::InvalidManifest`] if a number is out of bounds or the order is wrong.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::InvalidManifest(format!("calibration: {what}")));
        if self.counts.is_empty() || self.counts.len() > crate::template::MOST_REFERENCES {
            return wrong("the number of reference counts is out of range");
        }
        if self.sets.len() > MOST_SETS || self.sets.iter().any(|set| set.len() > MOST_SET_NAME) {
            return wrong("too many sets, or one with a long name");
        }
        if self.counts[0].references != 1 {
            return wrong("the first reference count is not 1");
        }
        if self.counts.windows(2).any(|pair| pair[0].references >= pair[1].references) {
            return wrong("reference counts do not ascend");
        }
        for count in &self.counts {
            // also refuses NaN
            if !(count.offset.abs() <= 1e4 && count.slope > 0.0 && count.slope <= 1e4) {
                return wrong("an offset or slope is out of range");
            }
            if count.knots.is_empty() != (self.method == Method::Logistic) {
                return wrong("knots and method do not fit each other");
            }
            isotonic::check(&count.knots).or_else(|what| wrong(&what))?;
            Threshold::check_table(&count.thresholds).map_err(Error::InvalidManifest)?;
        }
        impostors::check_tables(&self.impostors).or_else(|what| wrong(&what))?;
        self.consistency
            .as_ref()
            .map_or(Ok(()), |consistency| consistency.check().or_else(|what| wrong(&what)))
    }
}

/// Fits function and thresholds for every number of references.
///
/// `genuine` and `forged` hold, for each number of references, the fused raw scores of genuine questioned
/// signatures and of skilled forgeries. A number above one that has too few of them is left out. For
/// `strictness`, which may differ by it, see [`Count::with_thresholds`].
///
/// # Errors
/// [`Error::Training`] if a number of references is in one of the two only, if scores are not finite, for one
/// reference too few for any rate of [`RATES`], or do not rise with genuineness.
pub fn fit_tables(
    method: Method,
    genuine: &BTreeMap<usize, Vec<f64>>,
    forged: &BTreeMap<usize, Vec<f64>>,
    strictness: impl Fn(usize) -> f64,
) -> Result<Calibration> {
    if !genuine.keys().eq(forged.keys()) {
        return Err(Error::Training(
            "calibration: genuine and forged scores differ in reference counts".into(),
        ));
    }
    let counts = genuine
        .iter()
        .zip(forged.values())
        // not every set of data has writers with so many signatures; more references are then read as fewer
        .filter(|((references, genuine), forged)| {
            **references == 1 || bears_out(LARGEST, genuine.len().min(forged.len()), strictness(**references))
        })
        .map(|((&references, genuine), forged)| {
            Count::with_thresholds(method, references, genuine, forged, strictness(references))
        })
        .collect::<Result<Vec<_>>>()?;
    let calibration =
        Calibration { method, sets: Vec::new(), counts, consistency: None, impostors: Vec::new() };
    calibration.check().map_err(|error| Error::Training(error.to_string()))?;
    Ok(calibration)
}

/// The thresholds at every rate that these LLRs bear out.
fn thresholds(mut genuine: Vec<f64>, mut forged: Vec<f64>, strictness: f64) -> Result<Vec<Threshold>> {
    genuine.sort_by(f64::total_cmp);
    forged.sort_by(|a, b| b.total_cmp(a));
    let fewest = genuine.len().min(forged.len());
    let table: Vec<Threshold> = RATES
        .iter()
        .filter(|&&rate| bears_out(rate, fewest, strictness))
        .map(|&rate| {
            // so many may lie beyond; the next score must not, hence the neighbouring number
            let allowed = |scores: &[f64]| (strictness * rate * scores.len() as f64).floor() as usize;
            let accept_llr = forged[allowed(&forged)].next_up();
            let reject_llr = genuine[allowed(&genuine)].next_down().min(accept_llr);
            Threshold { rate, accept_llr, reject_llr }
        })
        .collect();
    if table.is_empty() {
        return Err(Error::Training(format!(
            "calibration: {fewest} scores of a class are too few for thresholds, which need {LEAST_SCORES} or more"
        )));
    }
    Ok(table)
}
