//! What a model reaches on one set: error rates and evidence for each number of references, skilled and random
//! forgeries apart, with 95 % intervals by bootstrap over writers.
//!
//! Rates are in per cent; AUC, Cllr (bits) and Brier score are not.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::bootstrap;
use super::control::Control;
use super::metrics::{Ranking, bits, brier};
use super::scores::{Trials, WriterScores};
use crate::calibration::Calibration;
use crate::error::Result;
use crate::train::corpus::Writer;
use crate::verdict::Threshold;

/// Numbers of references that are reported.
pub const REFERENCES: [usize; 4] = [1, 3, 5, 10];

/// False acceptance rates whose thresholds are reported besides LLR 0.
pub const TARGETS: [f64; 2] = [0.01, 0.001];

/// What a model reaches on one set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetFigures {
    pub writers: usize,
    /// Images.
    pub genuine: usize,
    /// Images.
    pub forged: usize,
    /// By number of references; as JSON `refs_1`, `refs_3` and so on. Numbers for which there are too few genuine
    /// signatures are missing.
    #[serde(flatten, serialize_with = "by_references")]
    pub refs: BTreeMap<usize, ByHand>,
    /// The highest AUC of [`SetFigures::no_reference`].
    pub no_reference_auc: f64,
    pub no_reference: Control,
}

/// The same genuine signatures against either kind of forgery; `None` where there are none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ByHand {
    pub skilled: Option<Figures>,
    pub random: Option<Figures>,
}

/// Figures of pooled pairs. The 95 % intervals are by bootstrap over writers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Writers with a pair.
    pub writers: usize,
    pub pairs: usize,
    pub genuine_pairs: usize,
    pub forged_pairs: usize,
    /// At this set's own threshold.
    pub eer: f64,
    pub eer_ci95: Option<[f64; 2]>,
    /// The mean over writers of the EER at each one's own threshold; `None` if no writer has both classes.
    pub writer_eer: Option<f64>,
    pub writer_eer_ci95: Option<[f64; 2]>,
    /// At LLR 0 of the calibration, the threshold that was chosen on validation writers.
    pub far: f64,
    pub far_ci95: Option<[f64; 2]>,
    /// At the same threshold.
    pub frr: f64,
    pub frr_ci95: Option<[f64; 2]>,
    pub auc: f64,
    pub auc_ci95: Option<[f64; 2]>,
    pub cllr: f64,
    pub cllr_ci95: Option<[f64; 2]>,
    pub min_cllr: f64,
    pub min_cllr_ci95: Option<[f64; 2]>,
    pub brier: f64,
    /// In the order of [`TARGETS`].
    pub targets: Vec<AtTarget>,
}

/// The rates where a FAR was aimed at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtTarget {
    /// The FAR that was aimed at, per cent.
    pub target: f64,
    /// At the threshold for it that was chosen on validation writers; `None` if they were too few for one.
    pub validation: Option<Reached>,
    /// The FRR at the best threshold for these very pairs: nobody knows it beforehand.
    pub best_frr: f64,
}

/// Both rates at a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reached {
    pub llr: f64,
    pub far: f64,
    pub frr: f64,
}

impl SetFigures {
    /// `scored` and `writers` are the same people of one set; scores are read by `calibration`.
    ///
    /// # Errors
    /// Those of [`Calibration::for_references`].
    pub fn new(
        scored: &[&WriterScores],
        writers: &[&Writer],
        calibration: &Calibration,
        no_reference: Control,
    ) -> Result<Self> {
        let mut refs = BTreeMap::new();
        for references in REFERENCES {
            let count = calibration.for_references(references)?;
            let trials: Vec<Trials> = scored.iter().map(|writer| writer.trials(references)).collect();
            let against = |forged: fn(&Trials) -> &Vec<f64>| {
                let pairs = trials.iter().map(|trials| (trials.genuine.clone(), forged(trials).clone()));
                Figures::new(pairs, |raw| (count.llr(raw), count.open_llr(raw)), &count.thresholds)
            };
            let found = ByHand { skilled: against(|of| &of.skilled), random: against(|of| &of.random) };
            if found.skilled.is_some() || found.random.is_some() {
                refs.insert(references, found);
            }
        }
        Ok(Self {
            writers: writers.len(),
            genuine: writers.iter().map(|writer| writer.genuine.len()).sum(),
            forged: writers.iter().map(|writer| writer.forged.len()).sum(),
            refs,
            no_reference_auc: no_reference.highest().1,
            no_reference,
        })
    }

    /// Against skilled forgeries.
    pub fn skilled(&self, references: usize) -> Option<&Figures> {
        self.refs.get(&references)?.skilled.as_ref()
    }

    /// Against random forgeries.
    pub fn random(&self, references: usize) -> Option<&Figures> {
        self.refs.get(&references)?.random.as_ref()
    }
}

impl Figures {
    /// Of each writer's fused raw scores, genuine and forged, each of which `read` gives an LLR and what is compared with
    /// thresholds ([`Count::open_llr`](crate::calibration::Count::open_llr)); `None` unless there are both.
    pub fn new(
        pairs: impl Iterator<Item = (Vec<f64>, Vec<f64>)>,
        read: impl Fn(f64) -> (f64, f64),
        thresholds: &[Threshold],
    ) -> Option<Self> {
        let llr = |raw: f64| read(raw).0;
        let writers: Vec<OneWriter> = pairs
            .filter(|(genuine, forged)| !genuine.is_empty() || !forged.is_empty())
            .map(|(genuine, forged)| OneWriter::new(genuine, forged, llr))
            .collect();
        let [eer, writer_eer, far, frr, auc, cllr, min_cllr] =
            statistics(&writers.iter().collect::<Vec<_>>());
        let [eer_ci95, writer_eer_ci95, far_ci95, frr_ci95, auc_ci95, cllr_ci95, min_cllr_ci95] =
            bootstrap::intervals(&writers, statistics);
        let genuine: Vec<f64> = writers.iter().flat_map(|writer| &writer.genuine).copied().collect();
        let forged: Vec<f64> = writers.iter().flat_map(|writer| &writer.forged).copied().collect();
        let ranking = Ranking::new(&genuine, &forged)?;
        let llrs = |raw: &[f64]| -> Vec<f64> { raw.iter().map(|&raw| llr(raw)).collect() };
        let reached = |threshold: f64| Reached {
            llr: threshold,
            far: percent(&forged, |raw| read(raw).1 >= threshold),
            frr: percent(&genuine, |raw| read(raw).1 < threshold),
        };
        let target = |&rate: &f64| {
            let row = Threshold::at(Some(rate), thresholds).ok();
            AtTarget {
                target: 100.0 * rate,
                validation: row.map(|row| reached(row.accept_llr)),
                best_frr: 100.0 * ranking.frr_at(rate),
            }
        };
        Some(Self {
            writers: writers.len(),
            pairs: genuine.len() + forged.len(),
            genuine_pairs: genuine.len(),
            forged_pairs: forged.len(),
            eer: eer?,
            eer_ci95,
            writer_eer,
            writer_eer_ci95,
            far: far?,
            far_ci95,
            frr: frr?,
            frr_ci95,
            auc: auc?,
            auc_ci95,
            cllr: cllr?,
            cllr_ci95,
            min_cllr: min_cllr?,
            min_cllr_ci95,
            brier: brier(&llrs(&genuine), &llrs(&forged))?,
            targets: TARGETS.iter().map(target).collect(),
        })
    }

    /// Without intervals, where writers are not known.
    pub fn without_intervals(self) -> Self {
        Self {
            eer_ci95: None,
            writer_eer: None,
            writer_eer_ci95: None,
            far_ci95: None,
            frr_ci95: None,
            auc_ci95: None,
            cllr_ci95: None,
            min_cllr_ci95: None,
            ..self
        }
    }
}

fn percent(scores: &[f64], wrong: impl Fn(f64) -> bool) -> f64 {
    100.0 * scores.iter().filter(|&&score| wrong(score)).count() as f64 / scores.len() as f64
}

/// The equal error rate of one writer in per cent, one reference, skilled forgeries; `None` without either class.
pub fn writer_eer(writer: &WriterScores) -> Option<f64> {
    let trials = writer.all_pairs();
    Ranking::new(&trials.genuine, &trials.skilled).map(|ranking| 100.0 * ranking.equal_error_rate())
}

/// What a bootstrap needs of a writer, summed up once.
struct OneWriter {
    /// Raw scores, ascending.
    genuine: Vec<f64>,
    forged: Vec<f64>,
    /// Per cent.
    eer: Option<f64>,
    /// Errors at LLR 0, of either class.
    wrong: [f64; 2],
    /// Sum of [`bits`], of either class.
    bits: [f64; 2],
}

impl OneWriter {
    fn new(mut genuine: Vec<f64>, mut forged: Vec<f64>, llr: impl Fn(f64) -> f64) -> Self {
        genuine.sort_by(f64::total_cmp);
        forged.sort_by(f64::total_cmp);
        let eer = Ranking::new(&genuine, &forged).map(|ranking| 100.0 * ranking.equal_error_rate());
        let accepted = |scores: &[f64]| scores.iter().filter(|&&raw| llr(raw) >= 0.0).count() as f64;
        let cost = |scores: &[f64], is_genuine| -> f64 {
            scores.iter().map(|&raw| bits(llr(raw), is_genuine)).sum()
        };
        Self {
            eer,
            wrong: [genuine.len() as f64 - accepted(&genuine), accepted(&forged)],
            bits: [cost(&genuine, true), cost(&forged, false)],
            genuine,
            forged,
        }
    }
}

/// EER, mean EER of writers, FAR, FRR, AUC, Cllr and minCllr of the pooled pairs of these writers.
fn statistics(sample: &[&OneWriter]) -> [Option<f64>; 7] {
    let genuine: Vec<f64> = sample.iter().flat_map(|writer| &writer.genuine).copied().collect();
    let forged: Vec<f64> = sample.iter().flat_map(|writer| &writer.forged).copied().collect();
    let Some(ranking) = Ranking::new(&genuine, &forged) else { return [None; 7] };
    let rates: Vec<f64> = sample.iter().filter_map(|writer| writer.eer).collect();
    let mean = (!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64);
    let sum = |of: fn(&OneWriter) -> f64| sample.iter().map(|writer| of(writer)).sum::<f64>();
    let (own, others) = (genuine.len() as f64, forged.len() as f64);
    [
        Some(100.0 * ranking.equal_error_rate()),
        mean,
        Some(100.0 * sum(|writer| writer.wrong[1]) / others),
        Some(100.0 * sum(|writer| writer.wrong[0]) / own),
        Some(ranking.auc()),
        Some(0.5 * (sum(|writer| writer.bits[0]) / own + sum(|writer| writer.bits[1]) / others)),
        Some(ranking.min_cllr()),
    ]
}

fn by_references<S: Serializer>(refs: &BTreeMap<usize, ByHand>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(refs.iter().map(|(references, found)| (format!("refs_{references}"), found)))
}
