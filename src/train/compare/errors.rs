//! Equal error rates of one row: one reference, all pairs, skilled forgeries, or random ones in sets without any.

use serde::{Deserialize, Serialize};

use super::super::corpus::{Set, Writer};
use crate::evaluate::bootstrap::{self, Rate};
use crate::evaluate::control::Control;
use crate::evaluate::errors::Scores;
use crate::evaluate::metrics::equal_error_rate;
use crate::evaluate::scores::Trials;

/// What a row reaches on one set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetErrors {
    pub set: Set,
    pub writers: usize,
    pub genuine_pairs: usize,
    pub forged_pairs: usize,
    /// Whether these forgeries are other writers' genuine signatures, as nobody of the set has any.
    #[serde(default, skip_serializing_if = "is_false")]
    pub random: bool,
    /// `None` if a class has no pairs.
    pub eer: Option<Rate>,
    /// Name and AUC of what tells most of the questioned frame alone.
    pub no_reference: (String, f64),
}

impl SetErrors {
    /// Of every set in `scores`, which are those of `writers`.
    pub(super) fn of(scores: &Scores, writers: &[Writer]) -> Vec<Self> {
        let mut sets: Vec<Set> = writers.iter().map(|writer| writer.set).collect();
        sets.sort_unstable();
        sets.dedup();
        sets.into_iter().map(|set| Self::of_set(set, scores, writers)).collect()
    }

    fn of_set(set: Set, scores: &Scores, writers: &[Writer]) -> Self {
        let trials: Vec<Trials> = scores.of_set(set).iter().map(|writer| writer.all_pairs()).collect();
        let random = trials.iter().all(|trials| trials.skilled.is_empty());
        let forged: fn(&Trials) -> &Vec<f64> = if random { |of| &of.random } else { |of| &of.skilled };
        let pooled = |sample: &[&Trials]| {
            let genuine: Vec<f64> = sample.iter().flat_map(|trials| &trials.genuine).copied().collect();
            let forged: Vec<f64> = sample.iter().flat_map(|trials| forged(trials)).copied().collect();
            equal_error_rate(&genuine, &forged).map(|rate| 100.0 * rate)
        };
        let percent = pooled(&trials.iter().collect::<Vec<_>>());
        let eer = percent.zip(bootstrap::interval(&trials, pooled));
        let people: Vec<&Writer> = writers.iter().filter(|writer| writer.set == set).collect();
        let (cue, auc) = Control::of(&people).highest();
        Self {
            set,
            writers: trials.len(),
            genuine_pairs: trials.iter().map(|trials| trials.genuine.len()).sum(),
            forged_pairs: trials.iter().map(|trials| forged(trials).len()).sum(),
            random,
            eer: eer.map(|(percent, ci95)| Rate { percent, ci95 }),
            no_reference: (cue.into(), auc),
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
