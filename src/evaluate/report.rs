//! The report of a model: everything that is measured, as `metrics.json`, a page and plots.
//!
//! [`protocol`] says how each figure comes about, in the words that the page and the JSON repeat.

mod folder;
mod measure;
mod page;
pub mod protocol;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use super::figures::SetFigures;
use super::plot::charts::Drawn;
use super::scores::Trials;
use crate::error::{Error, Result};
use crate::manifest::Manifest;
use crate::train::corpus::{Corpus, Part, Row, Set};
pub use folder::write;
pub use measure::{corpus, measure};
use protocol::Protocol;
pub use table::Table;

/// The format of `metrics.json`.
const FORMAT: u32 = 1;
/// Which writers are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Writers {
    Validation,
    Test,
    /// Training and validation writers of the sets that the model did not learn from: many, and no test writer is
    /// spent on them.
    Development,
    All,
}

impl Writers {
    /// The parts of the split that they are.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Self::Validation => &[Part::Validation],
            Self::Test => &[Part::Test],
            Self::Development => &[Part::Train, Part::Validation],
            Self::All => &[Part::Train, Part::Validation, Part::Test],
        }
    }

    /// Drops what is of sets that they have nobody of: those that this model learned from, if they are
    /// [`Writers::Development`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if nothing is left.
    pub fn retain<T>(self, manifest: &Manifest, all: &mut Vec<T>, set: impl Fn(&T) -> Set) -> Result<()> {
        all.retain(|one| self != Self::Development || !manifest.learned_from(&set(one).to_string()));
        if self == Self::Development && all.is_empty() {
            return Err(Error::InvalidConfig(
                "the model learned from every set that is measured; leave one out with --set sampler.sets.SET=0".into(),
            ));
        }
        Ok(())
    }
}

/// `metrics.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    format: u32,
    /// The program that measured.
    made_by: String,
    /// Name and identity of the model.
    pub model: String,
    /// Sets that the model learned from.
    trained_on: Vec<String>,
    pub writers: Writers,
    protocols: Vec<Protocol>,
    pub sets: BTreeMap<Set, SetReport>,
    /// Protocol (e); `None` unless test writers of the Dutch set were measured.
    pub sigcomp2011: Option<Official>,
    /// Protocol (d): each set by a model that never saw any of it.
    pub left_out: BTreeMap<Set, LeftOut>,
    #[serde(skip)]
    drawings: Vec<Drawing>,
}

/// One set.
#[derive(Debug, Serialize)]
pub struct SetReport {
    #[serde(flatten)]
    pub figures: SetFigures,
    /// Whether the model learned from other writers of this set.
    pub known_set: bool,
    /// Writers measured here whom the network, fusion or calibration learned from: their figures prove nothing.
    pub known_writers: usize,
    pub acquisition: Acquisition,
    /// Equal error rate of each writer, one reference, skilled forgeries, per cent; in no particular order of people.
    pub writer_eer: Vec<Option<f64>>,
    pub mistaken: Vec<Mistaken>,
}

/// Images before any comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Acquisition {
    /// Pixel for pixel the same as an earlier one of the writer; dropped.
    pub repeats: usize,
    /// That the ink pipeline refused.
    pub refused: usize,
    /// The failure-to-acquire rate of ISO/IEC 19795-1 in per cent: refused images among those that are no repeats.
    pub fta: f64,
}

/// A pair on the wrong side of LLR 0. Writers and images are counted from 1 in the order of this run; the numbers
/// name nobody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistaken {
    pub writer: usize,
    /// Genuine and rejected, or forged and accepted.
    pub genuine: bool,
    /// Among the writer's images of that kind.
    pub questioned: usize,
    pub reference: usize,
    pub llr: f64,
}

/// Protocol (e).
#[derive(Debug, Serialize)]
pub struct Official {
    /// Numbers of the set's official test writers who were measured.
    pub numbers: Vec<u16>,
    #[serde(flatten)]
    pub figures: SetFigures,
}

/// Protocol (d).
#[derive(Debug, Serialize)]
pub struct LeftOut {
    pub model: String,
    trained_on: Vec<String>,
    #[serde(flatten)]
    pub figures: SetFigures,
}

/// What the plots need besides the figures.
#[derive(Debug)]
struct Drawing {
    set: Set,
    llrs: Trials,
}

impl Acquisition {
    fn of(corpus: &Corpus, set: Set) -> Self {
        let summary = corpus.summary();
        let rows: Vec<&Row> =
            summary.rows.iter().filter(|((of, _), _)| *of == set).map(|(_, row)| row).collect();
        let sum = |of: fn(&Row) -> usize| rows.iter().map(|row| of(row)).sum::<usize>();
        let refused = sum(|row| row.unreadable);
        let all = refused + sum(|row| row.genuine) + sum(|row| row.forged);
        let fta = if all == 0 { 0.0 } else { 100.0 * refused as f64 / all as f64 };
        Self { repeats: sum(|row| row.repeats), refused, fta }
    }
}

impl Report {
    /// What the plots show.
    fn drawn(&self) -> Vec<Drawn<'_>> {
        let drawn = self.drawings.iter().filter_map(|drawing| {
            let SetReport { figures, writer_eer, .. } = self.sets.get(&drawing.set)?;
            Some(Drawn { set: drawing.set, llrs: &drawing.llrs, figures, writer_eer })
        });
        drawn.collect()
    }
}
