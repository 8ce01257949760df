//! Fits what the manifest says of scores on validation writers, and measures how well it holds for others.
//!
//! A function that bends more fits the scores that it was fitted on better, always. So the two of
//! [`Method`] are compared on writers that they were not fitted on: writers are dealt into folds, each fold is
//! read by functions and thresholds of all other folds, and the method with the lower Cllr is taken, fitted
//! again on everybody.
//!
//! Writers differ more than signatures of one writer do, so a threshold that holds an error rate on the writers that it
//! was set on does not quite hold it on others. Thresholds are set more strictly, for each number of references, until
//! held-out writers stay within the rate: that is how wide the band of "unsure" has to be.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::errors::{RANDOM_FORGERIES, REFERENCES, Scores, by_references};
use super::impostors::{self, Strangers};
use super::metrics::cllr;
use super::scores::WriterScores;
use super::templates::{self, Templates};
use crate::calibration::{self, Calibration, Count, LEAST_SCORES, Method};
use crate::error::{Error, Result};
use crate::manifest::Training;
use crate::train::corpus::{Set, Writer};
use crate::verdict::{Decision, Threshold};

/// Writers are dealt into so many folds, one by one.
const FOLDS: usize = 10;
/// The rate at which a verdict's thresholds are tried on held-out writers.
const RATE: f64 = 0.01;

/// Shares of a rate that thresholds may use up on the writers that they are set on; the first that holds is taken.
const STRICTNESS: [f64; 8] = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

/// A calibration, and how it did on writers that it was not fitted on.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// For each number of references that has enough scores without a fold; empty if the writers are too few.
    pub held_out: Vec<HeldOut>,
    /// For each number of references in a template; empty if the templates are too few.
    pub templates: Vec<Templates>,
    /// For each number of references; empty without strangers.
    pub strangers: Vec<Strangers>,
}

/// Both methods on held-out writers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldOut {
    pub references: usize,
    /// The share of a rate that thresholds use up on the writers that they were set on.
    pub strictness: f64,
    /// In bits.
    pub cllr: BTreeMap<Method, f64>,
    /// At a rate of 1 %, where the scores bear one out.
    pub decisions: BTreeMap<Method, Decisions>,
}

/// Shares of verdicts, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decisions {
    /// Skilled forgeries called a match.
    pub false_match: f64,
    /// Genuine signatures called a mismatch.
    pub false_mismatch: f64,
    /// Unsure, of genuine signatures and of forgeries.
    pub unsure: [f64; 2],
}

/// Fused raw scores by number of references.
type Table = BTreeMap<usize, Vec<f64>>;
/// Of one writer: genuine signatures and forgeries.
type Tables = (Table, Table);

/// Whether the signatures of these validation writers can bear thresholds at all: a run asks before it trains. That
/// there are none is not its concern.
///
/// # Errors
/// [`Error::InvalidConfig`] with how many pairs there are and how many are needed.
pub fn check_enough<'a>(writers: impl Iterator<Item = &'a Writer>) -> Result<()> {
    let (mut genuine, mut forged, mut signatures) = (0, 0, 0);
    for writer in writers {
        let own = writer.genuine.len();
        genuine += own * own.saturating_sub(1) / 2;
        forged += own * writer.forged.len();
        signatures += own;
    }
    // without forgeries other writers' signatures stand in for them, and writers may be categories
    if forged == 0 && signatures > 0 && genuine.min(signatures * RANDOM_FORGERIES) < LEAST_SCORES {
        return Err(Error::InvalidConfig(format!(
            "the validation writers or categories have {genuine} pairs of two genuine images; thresholds need \
             {LEAST_SCORES} of each kind of pair, as two categories of 6 images have: give more images of each, or more \
             categories"
        )));
    }
    if forged > 0 && genuine.min(forged) < LEAST_SCORES {
        return Err(Error::InvalidConfig(format!(
            "the validation writers have {genuine} pairs of genuine signatures and {forged} of a forgery and a genuine \
             one; thresholds need {LEAST_SCORES} of each: give more writers, or more signatures of each"
        )));
    }
    Ok(())
}

/// Whether a set's writers say anything of a model's scores: characters say nothing of signatures, and signatures
/// nothing of what a model of other things says.
pub fn concerns(training: &Training, set: Set) -> bool {
    let learned = |set: Set| training.sets.contains(&set.to_string());
    if Set::ALL.into_iter().filter(|&set| learned(set)).all(Set::is_signatures) {
        set.is_signatures()
    } else {
        learned(set)
    }
}

/// Fits the calibration to the scores of all sets together, by the method that does better on held-out writers.
///
/// # Errors
/// See [`calibration::fit_tables`].
pub fn calibrate(scores: &Scores) -> Result<Calibrated> {
    let writers: Vec<Tables> = scores.writers().iter().map(tables).collect();
    let splits = splits(&writers);
    let mut held_out = self::held_out(&splits, 1.0);
    let method = better(&held_out);
    held_out.iter_mut().for_each(|row| tighten(row, method, &splits));
    let (genuine, forged) = together(writers.iter());
    let strictness = |references| {
        held_out.iter().find(|row| row.references == references).map_or(1.0, |row| row.strictness)
    };
    let mut calibration = calibration::fit_tables(method, &genuine, &forged, strictness)?;
    let (consistency, templates) = templates::limits(scores.writers(), &calibration)?;
    calibration.consistency = consistency;
    let (impostors, strangers) = impostors::tables(scores.writers(), &calibration)?;
    calibration.impostors = impostors;
    let sets: BTreeSet<Set> = scores.writers().iter().map(|writer| writer.set).collect();
    calibration.sets = sets.into_iter().map(|set| set.to_string()).collect();
    Ok(Calibrated { calibration, held_out, templates, strangers })
}

/// The method with the lower mean Cllr; the simpler one without held-out writers.
fn better(held_out: &[HeldOut]) -> Method {
    let sum = |method| held_out.iter().map(|row| row.cllr[&method]).sum::<f64>();
    if sum(Method::Pav) < sum(Method::Logistic) { Method::Pav } else { Method::Logistic }
}

/// Replaces a row by that of the first strictness at which `method` keeps the rate, else of the strictest for which the
/// scores are enough.
fn tighten(row: &mut HeldOut, method: Method, splits: &[(Tables, Tables)]) {
    for share in STRICTNESS {
        let Some(tighter) = held_out_row(splits, row.references, share) else { return };
        let Some(shares) = tighter.decisions.get(&method).copied() else { return };
        *row = tighter;
        if shares.keep_the_rate() {
            return;
        }
    }
}

impl Decisions {
    /// Whether both errors are within [`RATE`].
    fn keep_the_rate(&self) -> bool {
        self.false_match.max(self.false_mismatch) <= RATE
    }
}

fn tables(writer: &WriterScores) -> Tables {
    let mut tables = Tables::default();
    for references in REFERENCES {
        let (genuine, forged) = by_references(writer, references);
        tables.0.insert(references, genuine);
        tables.1.insert(references, forged);
    }
    tables
}

fn together<'a>(writers: impl Iterator<Item = &'a Tables>) -> Tables {
    let mut all = Tables::default();
    for (genuine, forged) in writers {
        for (all, one) in [(&mut all.0, genuine), (&mut all.1, forged)] {
            for (&references, scores) in one {
                all.entry(references).or_default().extend(scores);
            }
        }
    }
    all
}

/// For each fold what lies outside and inside of it; none for fewer than two writers.
fn splits(writers: &[Tables]) -> Vec<(Tables, Tables)> {
    let folds = FOLDS.min(writers.len());
    if folds < 2 {
        return Vec::new();
    }
    let of_fold = |fold: usize, inside: bool| {
        let chosen = writers.iter().enumerate().filter(move |(at, _)| (at % folds == fold) == inside);
        together(chosen.map(|(_, writer)| writer))
    };
    (0..folds).map(|fold| (of_fold(fold, false), of_fold(fold, true))).collect()
}

/// Cllr of logistic calibration on held-out writers for each of `references`, all among [`REFERENCES`]; `None` if too
/// few writers have scores to fit on without a fold.
pub(super) fn held_out_cllr(writers: &[WriterScores], references: &[usize]) -> Option<Vec<f64>> {
    let rows = held_out(&splits(&writers.iter().map(tables).collect::<Vec<_>>()), 1.0);
    let of = |count: &usize| {
        rows.iter().find(|row| row.references == *count).map(|row| row.cllr[&Method::Logistic])
    };
    references.iter().map(of).collect()
}

/// For each number of references for which enough writers have scores to fit on without a fold.
fn held_out(splits: &[(Tables, Tables)], strictness: f64) -> Vec<HeldOut> {
    REFERENCES.into_iter().filter_map(|references| held_out_row(splits, references, strictness)).collect()
}

/// Of one number of references; `None` if too few writers have scores to fit on without a fold.
fn held_out_row(splits: &[(Tables, Tables)], references: usize, strictness: f64) -> Option<HeldOut> {
    let mut row = HeldOut { references, strictness, cllr: BTreeMap::new(), decisions: BTreeMap::new() };
    for method in Method::ALL {
        let (mut genuine, mut forged) = (Vec::new(), Vec::new());
        let mut decisions = Tally::default();
        for (fitted_on, read) in splits {
            let of = |tables: &Tables| (tables.0[&references].clone(), tables.1[&references].clone());
            let (own, others) = of(fitted_on);
            let count = Count::with_thresholds(method, references, &own, &others, strictness).ok()?;
            let (own, others) = of(read);
            let thresholds = Threshold::at(Some(RATE), &count.thresholds).ok();
            decisions.add(thresholds, &count.open_llrs(&own), &count.open_llrs(&others));
            genuine.extend(count.llrs(&own));
            forged.extend(count.llrs(&others));
        }
        row.cllr.insert(method, cllr(&genuine, &forged)?);
        row.decisions.extend(decisions.shares().map(|shares| (method, shares)));
    }
    Some(row)
}

/// Counts of decisions: match, unsure, mismatch, of genuine signatures and of forgeries.
#[derive(Default)]
struct Tally {
    counts: [[usize; 3]; 2],
    /// A fold had no thresholds at the rate.
    incomplete: bool,
}

impl Tally {
    fn add(&mut self, thresholds: Option<Threshold>, genuine: &[f64], forged: &[f64]) {
        let Some(thresholds) = thresholds else {
            self.incomplete = true;
            return;
        };
        for (counts, llrs) in self.counts.iter_mut().zip([genuine, forged]) {
            for &llr in llrs {
                counts[match Decision::of(llr, &thresholds) {
                    Decision::Match => 0,
                    Decision::Unsure => 1,
                    Decision::Mismatch => 2,
                }] += 1;
            }
        }
    }

    fn shares(&self) -> Option<Decisions> {
        let [genuine, forged] = self.counts.map(|counts| {
            let all = counts.iter().sum::<usize>() as f64;
            counts.map(|count| count as f64 / all)
        });
        let complete = !self.incomplete && genuine[0].is_finite() && forged[0].is_finite();
        complete.then_some(Decisions {
            false_match: forged[0],
            false_mismatch: genuine[2],
            unsure: [genuine[1], forged[1]],
        })
    }
}

#[cfg(test)]
mod tests;
