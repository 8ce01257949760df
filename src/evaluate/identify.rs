//! Whose is it? One questioned signature against all writers of a set.
//!
//! - **Closed set**: every writer of the set is enrolled with some genuine signatures; every other genuine signature is
//!   questioned. The rank-k identification rate is the share whose writer is among the first k candidates (true-positive
//!   identification rate without a threshold, ISO/IEC 19795-1).
//! - **Open set**: a random half of the writers is enrolled. The detection and identification rate (DIR, also TPIR) at a
//!   false-positive identification rate (FPIR) is the share of the enrolled writers' signatures whose writer comes first
//!   with an LLR that no more than FPIR of the others' signatures reach with anybody (Phillips, Grother and Micheals 2011,
//!   "Evaluation methods in face recognition"). Beside it stands what the model's own tables give, which were fitted on
//!   validation writers: for these they flatter.
//!
//! Everything is done for [`DRAWS`] random choices; intervals are by bootstrap over the writers who are asked about.

mod matrix;
mod table;
#[cfg(test)]
mod tests;
mod trials;

use std::collections::BTreeMap;

use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::bootstrap::{Rate, interval};
use super::known;
use super::one_shot::Row;
use crate::comparer::Comparer;
use crate::error::Result;
use crate::ink::Frame;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::corpus::{Set, Writer};
use matrix::{Matrix, Reader};
pub use table::Tables;
use trials::{Closed, Open};
pub use trials::{DRAWS, FPIR};

/// Numbers of references.
pub const SHOTS: [usize; 2] = [1, 5];
/// How many people a shortlist keeps, for its recall.
pub const KEPT: [usize; 4] = [1, 2, 5, 10];

/// One set and one number of references.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    pub set: Set,
    pub references: usize,
    /// Writers to choose from.
    pub writers: usize,
    /// Questions to the closed set.
    pub trials: usize,
    /// The writer comes first.
    pub rank1: Rate,
    /// The writer is among the first five.
    pub rank5: Rate,
    /// The share of the first candidates that a shortlist of so many people by embedding holds, in per cent.
    pub recall: Vec<(usize, f64)>,
    /// At each of [`FPIR`]; none if nobody was asked about on one of the two sides.
    pub open: Vec<OpenSet>,
}

/// Half of the writers is not enrolled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenSet {
    pub fpir: f64,
    /// With the threshold that keeps the rate here, in per cent.
    pub dir: Rate,
    /// With the model's own threshold: DIR and FPIR in per cent.
    pub by_model: Option<[Rate; 2]>,
}

/// Measures every set among `writers`, so many genuine `signatures` of each writer at most (always the same ones);
/// `progress` is told which set, and how many of how many pairs are done.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] for a set of more signatures than can be compared in a reasonable time, before any is;
/// [`crate::Error::DeviceFailed`] if scores cannot be read back or are not numbers.
pub fn measure(
    (manifest, network): (&Manifest, &Network),
    writers: &[Writer],
    signatures: usize,
    device: &Device,
    progress: impl Fn(Set, usize, usize),
) -> Result<Vec<Found>> {
    let comparer = pollster::block_on(Comparer::of(manifest, network, device))?;
    let mut sets: BTreeMap<Set, Vec<Writer>> = BTreeMap::new();
    for writer in writers {
        sets.entry(writer.set).or_default().push(some(writer, signatures));
    }
    // before hours of comparing the sets before it
    sets.iter().try_for_each(|(set, of_set)| matrix::check(*set, of_set))?;
    let mut all = Vec::new();
    for (set, of_set) in &sets {
        let of_set: Vec<&Writer> = of_set.iter().collect();
        let told = |done, total| progress(*set, done, total);
        let matrix = Matrix::compute(&comparer, &of_set, manifest.input, told)?;
        for references in SHOTS {
            all.extend(found(&matrix, &Reader::new(manifest, references)?));
        }
    }
    Ok(all)
}

/// A writer with some of the genuine signatures, drawn at random, and no forgeries.
fn some(writer: &Writer, signatures: usize) -> Writer {
    let mut genuine: Vec<&Frame> = writer.genuine.iter().collect();
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(writer.id));
    let (drawn, _) = genuine.partial_shuffle(&mut rng, signatures);
    let genuine = drawn.iter().map(|&frame| frame.clone()).collect();
    Writer { genuine, forged: Vec::new(), forgers: Vec::new(), ..*writer }
}

/// The closed-set results as rows of `one_shot.json`; `data` names the writers of each set.
pub fn rows(found: &[Found], data: impl Fn(Set) -> String, model: &str) -> Vec<Row> {
    let row = |one: &Found| Row {
        data: data(one.set),
        model: model.into(),
        ways: one.writers,
        shots: one.references,
        trials: one.trials,
        accuracy: one.rank1.percent,
        ci95: one.rank1.ci95,
    };
    found.iter().map(row).collect()
}

/// What a reader has to know of those of `writers` whose sets are in `found`, as [`known::remarks`] has it.
pub fn remarks(found: &[Found], writers: &[Writer], manifest: &Manifest) -> String {
    let measured = writers.iter().filter(|writer| found.iter().any(|one| one.set == writer.set));
    known::remarks(manifest, measured.map(|writer| (writer.set, writer.id, writer.part)))
}

/// `None` if fewer than two writers have signatures to spare.
fn found(matrix: &Matrix, reader: &Reader<'_>) -> Option<Found> {
    let closed: Vec<Closed> =
        trials::closed(matrix, reader).into_iter().filter(|writer| writer.questioned > 0).collect();
    if closed.len() < 2 {
        return None;
    }
    let within = |ranks: usize| {
        rate(&closed, |writers| {
            let right = |writer: &&Closed| writer.ranks.iter().filter(|&&rank| rank < ranks).count();
            share(writers.iter().map(right).sum(), writers.iter().map(|writer| writer.questioned).sum())
        })
    };
    let trials = closed.iter().map(|writer| writer.questioned).sum();
    let held = |kept: usize| closed.iter().flat_map(|one| &one.places).filter(|&&place| place < kept).count();
    // who is never asked is no sample of anything
    let asked = |writer: &Open| !(writer.mated.is_empty() && writer.non_mated.is_empty());
    let open: Vec<Open> = trials::open(matrix, reader).into_iter().filter(asked).collect();
    Some(Found {
        set: matrix.set,
        references: reader.references,
        writers: closed.len(),
        trials,
        rank1: within(1)?,
        rank5: within(5)?,
        recall: KEPT.iter().map(|&kept| (kept, 100.0 * held(kept) as f64 / trials as f64)).collect(),
        open: FPIR.iter().enumerate().filter_map(|(at, &fpir)| open_set(&open, at, fpir)).collect(),
    })
}

/// The rate at number `at` of [`FPIR`].
fn open_set(writers: &[Open], at: usize, fpir: f64) -> Option<OpenSet> {
    let mated = |sample: &[&Open]| sample.iter().map(|writer| writer.mated.len()).sum::<usize>();
    let others = |sample: &[&Open]| sample.iter().map(|writer| writer.non_mated.len()).sum::<usize>();
    let accepted = |sample: &[&Open], kind: usize| -> Option<usize> {
        sample.iter().map(|writer| writer.accepted.map(|accepted| accepted[at][kind])).sum()
    };
    let dir = rate(writers, |sample| {
        let mut strangers: Vec<f64> = sample.iter().flat_map(|writer| &writer.non_mated).copied().collect();
        strangers.sort_unstable_by(|a, b| b.total_cmp(a));
        let threshold = strangers.get((fpir * strangers.len() as f64) as usize)?.next_up();
        let right = |&&(llr, right): &&(f64, bool)| right && llr >= threshold;
        let found = sample.iter().flat_map(|writer| &writer.mated).filter(right).count();
        share(found, mated(sample))
    })?;
    let by_model = [
        rate(writers, |sample| share(accepted(sample, 0)?, mated(sample))),
        rate(writers, |sample| share(accepted(sample, 1)?, others(sample))),
    ];
    let [dir_by_model, fpir_by_model] = by_model;
    Some(OpenSet { fpir, dir, by_model: dir_by_model.zip(fpir_by_model).map(|(dir, fpir)| [dir, fpir]) })
}

/// A share in per cent; `None` of nothing.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

fn rate<T: Sync>(writers: &[T], statistic: impl Fn(&[&T]) -> Option<f64> + Sync) -> Option<Rate> {
    let percent = statistic(&writers.iter().collect::<Vec<_>>())?;
    Some(Rate { percent, ci95: interval(writers, statistic)? })
}
