//! Raw scores to log-likelihood ratios, and the error rates that each threshold on them has.
//!
//! A raw score only says "more" or "less". The log-likelihood ratio (LLR, natural logarithm) says how many
//! times more likely a score is if the writer is the same than if it is a skilled forgery. It is an affine
//! function of the raw score fitted by logistic regression with both classes weighing the same (Brümmer
//! and du Preez 2006, "Application-independent evaluation of speaker detection"): the prior drops out, and
//! what remains is a likelihood ratio, not a posterior.
//!
//! Everything here is fitted on validation writers, separately for each number of references.

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::verdict::Threshold;

/// Error rates that a table of thresholds lists where the data bears them out.
pub const RATES: [f64; 8] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

/// A rate is listed only if this many scores of either class lie beyond its threshold.
const LEAST_ERRORS: f64 = 5.0;

/// How raw scores are read, for each number of references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub method: Method,
    /// Ascending by `references`, from 1.
    pub counts: Vec<Count>,
}

/// The family of functions from raw score to LLR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// `offset + slope * raw`.
    Logistic,
}

/// The calibration for one number of references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub references: usize,
    pub offset: f64,
    pub slope: f64,
    /// Ascending by rate.
    pub thresholds: Vec<Threshold>,
}

impl Count {
    /// The log-likelihood ratio (natural logarithm) of a fused raw score.
    pub fn llr(&self, raw: f64) -> f64 {
        self.offset + self.slope * raw
    }
}

impl Calibration {
    /// The calibration for this many references: the largest listed number that is not above it. More
    /// references than were calibrated for are thus read too cautiously, never too boldly.
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

    /// # Errors
    /// [`Error::InvalidManifest`] if a number is out of bounds or the order is wrong.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str| Err(Error::InvalidManifest(format!("calibration: {what}")));
        if self.counts.is_empty() || self.counts.len() > crate::template::MOST_REFERENCES {
            return wrong("the number of reference counts is out of range");
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
            Threshold::check_table(&count.thresholds).map_err(Error::InvalidManifest)?;
        }
        Ok(())
    }
}

/// Fits offset, slope and thresholds for every number of references.
///
/// `genuine` and `forged` hold, for each number of references, the fused raw scores of genuine questioned
/// signatures and of skilled forgeries.
///
/// # Errors
/// [`Error::Training`] if a number of references is in one of the two only, if scores are not finite, too
/// few for any rate of [`RATES`], or do not rise with genuineness.
pub fn fit_tables(
    genuine: &BTreeMap<usize, Vec<f64>>,
    forged: &BTreeMap<usize, Vec<f64>>,
) -> Result<Calibration> {
    if !genuine.keys().eq(forged.keys()) {
        return Err(Error::Training(
            "calibration: genuine and forged scores differ in reference counts".into(),
        ));
    }
    let counts = genuine
        .iter()
        .zip(forged.values())
        .map(|((&references, genuine), forged)| {
            let (offset, slope) = fit(genuine, forged)?;
            let llr = |raw: &f64| offset + slope * raw;
            let thresholds = thresholds(genuine.iter().map(llr).collect(), forged.iter().map(llr).collect())?;
            Ok(Count { references, offset, slope, thresholds })
        })
        .collect::<Result<Vec<_>>>()?;
    let calibration = Calibration { method: Method::Logistic, counts };
    calibration.check().map_err(|error| Error::Training(error.to_string()))?;
    Ok(calibration)
}

/// Offset and slope of the LLR as a function of the raw score.
///
/// Newton's method on the balanced cross-entropy. Targets are moved off 0 and 1 as by Platt 1999
/// ("Probabilistic outputs for support vector machines"), so that perfectly separated scores have a finite
/// answer too.
///
/// # Errors
/// [`Error::Training`] if a class is empty, a score is not finite, all scores are equal, or genuine scores
/// are not the higher ones.
pub fn fit(genuine: &[f64], forged: &[f64]) -> Result<(f64, f64)> {
    let fail = |what: &str| Err(Error::Training(format!("calibration: {what}")));
    let all = || genuine.iter().chain(forged);
    if genuine.is_empty() || forged.is_empty() {
        return fail("there are no genuine or no forged scores");
    }
    if all().any(|score| !score.is_finite()) {
        return fail("a score is not a finite number");
    }
    // standardised, so that a step means the same for every network
    let count = (genuine.len() + forged.len()) as f64;
    let mean = all().sum::<f64>() / count;
    let deviation = (all().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
    if deviation < 1e-12 {
        return fail("all scores are equal");
    }
    let samples: Vec<Sample> = [(genuine, true), (forged, false)]
        .into_iter()
        .flat_map(|(scores, same)| {
            let number = scores.len() as f64;
            let target = if same { (number + 1.0) / (number + 2.0) } else { 1.0 / (number + 2.0) };
            scores.iter().map(move |score| Sample {
                z: (score - mean) / deviation,
                target,
                weight: 0.5 / number,
            })
        })
        .collect();
    let (offset, slope) = newton(&samples);
    if slope <= 0.0 {
        return fail("genuine scores are not higher than forged ones");
    }
    Ok((offset - slope * mean / deviation, slope / deviation))
}

/// One score in the regression.
struct Sample {
    z: f64,
    target: f64,
    weight: f64,
}

/// Minimises the weighted cross-entropy of `sigmoid(offset + slope * z)`; it is convex with one minimum.
fn newton(samples: &[Sample]) -> (f64, f64) {
    let loss = |offset: f64, slope: f64| -> f64 {
        samples
            .iter()
            .map(|s| {
                let logit = offset + slope * s.z;
                // ln(1 + e^logit) - target * logit, without overflow
                s.weight * (logit.max(0.0) + (-logit.abs()).exp().ln_1p() - s.target * logit)
            })
            .sum()
    };
    let (mut offset, mut slope) = (0.0, 0.0);
    let mut current = loss(offset, slope);
    for _ in 0..100 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
        for s in samples {
            let p = sigmoid(offset + slope * s.z);
            let (residual, curvature) = (s.weight * (p - s.target), s.weight * p * (1.0 - p));
            g0 += residual;
            g1 += residual * s.z;
            h00 += curvature;
            h01 += curvature * s.z;
            h11 += curvature * s.z * s.z;
        }
        let determinant = h00 * h11 - h01 * h01;
        let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        // halve until it is a descent: full steps can overshoot far from the minimum
        let mut scale = 1.0;
        let next = loop {
            let next = (offset - scale * step.0, slope - scale * step.1);
            let value = loss(next.0, next.1);
            if value <= current {
                break Some((next, value));
            }
            scale /= 2.0;
            if scale < 1e-10 {
                break None;
            }
        };
        let Some(((next_offset, next_slope), value)) = next else { break };
        let moved = (next_offset - offset).abs() + (next_slope - slope).abs();
        (offset, slope, current) = (next_offset, next_slope, value);
        if moved < 1e-10 {
            break;
        }
    }
    (offset, slope)
}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The thresholds at every rate that these LLRs bear out.
fn thresholds(mut genuine: Vec<f64>, mut forged: Vec<f64>) -> Result<Vec<Threshold>> {
    genuine.sort_by(f64::total_cmp);
    forged.sort_by(|a, b| b.total_cmp(a));
    let fewest = genuine.len().min(forged.len()) as f64;
    let table: Vec<Threshold> = RATES
        .iter()
        .filter(|&&rate| rate * fewest >= LEAST_ERRORS)
        .map(|&rate| {
            // so many may lie beyond; the next score must not, hence the neighbouring number
            let allowed = |scores: &[f64]| (rate * scores.len() as f64).floor() as usize;
            let accept_llr = forged[allowed(&forged)].next_up();
            let reject_llr = genuine[allowed(&genuine)].next_down().min(accept_llr);
            Threshold { rate, accept_llr, reject_llr }
        })
        .collect();
    if table.is_empty() {
        return Err(Error::Training(format!(
            "calibration: {fewest} scores of a class are too few for thresholds"
        )));
    }
    Ok(table)
}
