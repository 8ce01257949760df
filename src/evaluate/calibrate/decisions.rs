//! What becomes of held-out writers' verdicts.

use std::collections::BTreeMap;

use serde::Serialize;

use super::RATE;
use crate::train::corpus::Set;
use crate::verdict::{Decision, Threshold};

/// Shares of verdicts, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decisions {
    /// Skilled forgeries called a match.
    pub false_match: f64,
    /// Genuine signatures called a mismatch.
    pub false_mismatch: f64,
    /// The same two of the sets that have the highest.
    pub highest: [f64; 2],
    /// Unsure, of genuine signatures and of forgeries.
    pub unsure: [f64; 2],
}

impl Decisions {
    /// Whether both errors are within [`RATE`] in every set.
    pub(super) fn keep_the_rate(&self) -> bool {
        self.highest.into_iter().all(|share| share <= RATE)
    }
}

/// Counts of decisions: match, unsure, mismatch, of genuine signatures and of forgeries.
type Counts = [[usize; 3]; 2];

/// Verdicts by set.
#[derive(Default)]
pub(super) struct Tally {
    counts: BTreeMap<Set, Counts>,
    /// A fold had no thresholds at the rate.
    incomplete: bool,
}

impl Tally {
    pub fn add(&mut self, set: Set, thresholds: Option<Threshold>, genuine: &[f64], forged: &[f64]) {
        let Some(thresholds) = thresholds else {
            self.incomplete = true;
            return;
        };
        for (counts, llrs) in self.counts.entry(set).or_default().iter_mut().zip([genuine, forged]) {
            for &llr in llrs {
                counts[match Decision::of(llr, &thresholds) {
                    Decision::Match => 0,
                    Decision::Unsure => 1,
                    Decision::Mismatch => 2,
                }] += 1;
            }
        }
    }

    /// `None` if a fold had no thresholds, or if there are no genuine signatures or no forgeries.
    pub fn decisions(&self) -> Option<Decisions> {
        let mut all = Counts::default();
        for (sum, count) in all.as_flattened_mut().iter_mut().zip(0..) {
            *sum = self.counts.values().map(|counts| counts.as_flattened()[count]).sum();
        }
        let [genuine, forged] = shares(&all);
        let of_sets = |share: fn([[f64; 3]; 2]) -> f64| {
            // NaN, of a set without such signatures, is no maximum
            self.counts.values().map(|counts| share(shares(counts))).fold(0.0, f64::max)
        };
        let complete = !self.incomplete && genuine[0].is_finite() && forged[0].is_finite();
        complete.then(|| Decisions {
            false_match: forged[0],
            false_mismatch: genuine[2],
            highest: [of_sets(|[_, forged]| forged[0]), of_sets(|[genuine, _]| genuine[2])],
            unsure: [genuine[1], forged[1]],
        })
    }
}

fn shares(counts: &Counts) -> [[f64; 3]; 2] {
    counts.map(|counts| {
        let all = counts.iter().sum::<usize>() as f64;
        counts.map(|count| count as f64 / all)
    })
}
