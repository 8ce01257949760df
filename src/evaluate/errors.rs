//! Equal error rates of a model by data set, with everything that a reader needs to judge them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::bootstrap;
use super::control::{self, PROBES};
use super::metrics::equal_error_rate;
use super::scores::WriterScores;
use crate::error::Result;
use crate::ink::FrameSize;
use crate::model::Network;
use crate::train::corpus::{Set, Writer};

/// Numbers of references that are scored.
pub const REFERENCES: [usize; 4] = [1, 2, 3, 5];
/// Random choices of the references, where there are several.
const DRAWS: u64 = 5;

/// Scores of all writers of a part of the split.
pub struct Scores(Vec<WriterScores>);

/// A rate in per cent with its 95 % interval by bootstrap over writers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    pub percent: f64,
    pub ci95: [f64; 2],
}

/// What a model reaches on one set, skilled forgeries only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetErrors {
    pub set: Set,
    pub writers: usize,
    /// One reference: genuine pairs and pairs of a forgery with a genuine signature.
    pub genuine_pairs: usize,
    pub forged_pairs: usize,
    /// Equal error rate by number of references.
    pub eer: BTreeMap<usize, Rate>,
    /// Name and AUC of the best single number of the questioned frame alone.
    pub no_reference: (String, f64),
}

impl Scores {
    /// Scores all pairs of every writer; `progress` is told how many writers are done.
    ///
    /// # Errors
    /// See [`WriterScores::compute`].
    pub fn compute(
        network: &Network,
        writers: &[Writer],
        size: FrameSize,
        device: &Device,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let scored = writers.iter().enumerate().map(|(done, writer)| {
            let scores = WriterScores::compute(network, writer, size, device);
            progress(done + 1, writers.len());
            scores
        });
        scored.collect::<Result<_>>().map(Self)
    }

    /// Of each writer.
    pub fn writers(&self) -> &[WriterScores] {
        &self.0
    }

    /// The table of errors; `writers` are those that were scored.
    pub fn errors(&self, writers: &[Writer]) -> Vec<SetErrors> {
        let sets: BTreeSet<Set> = self.0.iter().map(|writer| writer.set).collect();
        sets.into_iter().map(|set| self.errors_of(set, writers)).collect()
    }

    fn errors_of(&self, set: Set, writers: &[Writer]) -> SetErrors {
        let scored: Vec<&WriterScores> = self.0.iter().filter(|writer| writer.set == set).collect();
        let eer = REFERENCES.into_iter().filter_map(|references| {
            let by_writer: Vec<_> = scored.iter().map(|writer| by_references(writer, references)).collect();
            let pooled = |sample: &[&(Vec<f64>, Vec<f64>)]| {
                let genuine: Vec<f64> = sample.iter().flat_map(|(genuine, _)| genuine).copied().collect();
                let forged: Vec<f64> = sample.iter().flat_map(|(_, forged)| forged).copied().collect();
                equal_error_rate(&genuine, &forged).map(|rate| 100.0 * rate)
            };
            let percent = pooled(&by_writer.iter().collect::<Vec<_>>())?;
            Some((references, Rate { percent, ci95: bootstrap::interval(&by_writer, pooled)? }))
        });
        let pairs: Vec<_> = scored.iter().map(|writer| writer.all_pairs()).collect();
        SetErrors {
            set,
            writers: scored.len(),
            genuine_pairs: pairs.iter().map(|(genuine, _)| genuine.len()).sum(),
            forged_pairs: pairs.iter().map(|(_, forged)| forged.len()).sum(),
            eer: eer.collect(),
            no_reference: no_reference(writers.iter().filter(|writer| writer.set == set)),
        }
    }
}

/// Fused scores of genuine signatures and forgeries: all pairs for one reference, else several draws.
pub(super) fn by_references(writer: &WriterScores, references: usize) -> (Vec<f64>, Vec<f64>) {
    if references == 1 {
        return writer.all_pairs();
    }
    let (genuine, forged): (Vec<_>, Vec<_>) =
        (0..DRAWS).map(|seed| writer.with_references(references, seed)).unzip();
    (genuine.concat(), forged.concat())
}

/// How well one number of the frame alone tells forged from genuine.
fn no_reference<'a>(writers: impl Iterator<Item = &'a Writer>) -> (String, f64) {
    let (mut genuine, mut forged) = (Vec::new(), Vec::new());
    for writer in writers {
        genuine.extend(writer.genuine.iter().map(control::probe_frame));
        forged.extend(writer.forged.iter().map(control::probe_frame));
    }
    let best = PROBES.iter().enumerate().map(|(index, name)| {
        let of = |probes: &[control::Probe]| probes.iter().map(|probe| probe[index]).collect::<Vec<_>>();
        let auc = control::auc(&of(&genuine), &of(&forged));
        ((*name).to_string(), auc.max(1.0 - auc))
    });
    best.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// A Markdown table.
pub struct Table<'a>(pub &'a [SetErrors]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "| set | writers | pairs (genuine + forged) |")?;
        for references in REFERENCES {
            write!(f, " EER %, {references} reference{} |", if references == 1 { "" } else { "s" })?;
        }
        writeln!(f, " no-reference AUC |\n|---|---|---|{}---|", "---|".repeat(REFERENCES.len()))?;
        for SetErrors { set, writers, genuine_pairs, forged_pairs, eer, no_reference } in self.0 {
            write!(f, "| {set} | {writers} | {genuine_pairs} + {forged_pairs} |")?;
            for references in REFERENCES {
                match eer.get(&references) {
                    Some(Rate { percent, ci95: [low, high] }) => {
                        write!(f, " {percent:.1} ({low:.1} to {high:.1}) |")?
                    }
                    None => write!(f, " too few signatures |")?,
                }
            }
            writeln!(f, " {:.2} ({}) |", no_reference.1, no_reference.0)?;
        }
        Ok(())
    }
}
