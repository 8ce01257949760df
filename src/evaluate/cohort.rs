//! Does it help to compare scores with those against strangers? An experiment on score normalisation.
//!
//! Some signatures are like everybody's, and a raw score against them means less. Normalisation sets a score beside
//! the mean and deviation of scores of the same signature against a cohort of other people's (z-norm: the reference's
//! cohort scores; t-norm: the questioned one's; s-norm: the mean of both; adaptive: only the nearest of the cohort.
//! Auckenthaler, Carey and Lloyd-Thomas 2000; Matejka et al. 2017). The pair head compares maps, so a cohort would
//! ship with the model as maps, 45 kB each.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use serde::Serialize;

use super::calibrate;
use super::encoded::Encoded;
use super::errors::by_references;
use super::metrics::equal_error_rate;
use super::scores::WriterScores;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize};
use crate::train::corpus::{Set, Writer};

/// Numbers of references in the table.
const REFERENCES: [usize; 2] = [1, 3];
/// How many of the cohort an adaptive norm takes.
const NEAREST: usize = 8;

/// One way to normalise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    None,
    Z,
    T,
    S,
    AdaptiveS,
}

impl Norm {
    pub const ALL: [Self; 5] = [Self::None, Self::Z, Self::T, Self::S, Self::AdaptiveS];

    /// A raw score with the cohort scores of both signatures.
    fn of(self, raw: f64, questioned: &Cohort, reference: &Cohort) -> f64 {
        let by = |(mean, deviation): (f64, f64)| (raw - mean) / deviation;
        match self {
            Self::None => raw,
            Self::Z => by(reference.all),
            Self::T => by(questioned.all),
            Self::S => 0.5 * (by(reference.all) + by(questioned.all)),
            Self::AdaptiveS => 0.5 * (by(reference.nearest) + by(questioned.nearest)),
        }
    }
}

/// Mean and deviation of one signature's scores against a cohort.
#[derive(Debug, Clone, Copy)]
struct Cohort {
    all: (f64, f64),
    /// Of the [`NEAREST`] highest.
    nearest: (f64, f64),
}

impl Cohort {
    fn of(mut scores: Vec<f64>) -> Self {
        scores.sort_by(|a, b| b.total_cmp(a));
        let moments = |scores: &[f64]| {
            let count = scores.len() as f64;
            let mean = scores.iter().sum::<f64>() / count;
            let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count;
            // a cohort that scores alike must not blow a score up
            (mean, variance.sqrt().max(1e-3))
        };
        Self { all: moments(&scores), nearest: moments(&scores[..NEAREST.min(scores.len())]) }
    }
}

/// A norm on all writers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub norm: Norm,
    /// Per cent, by set, for each number of references of the table.
    pub eer: Vec<(Set, Vec<f64>)>,
    /// In bits, of held-out writers, logistic calibration.
    pub cllr: Vec<f64>,
}

/// Measures every norm on `writers` with the `cohort`.
///
/// # Errors
/// [`Error::Training`] for an empty cohort or writers that are too few, [`Error::DeviceFailed`].
pub fn measure(
    comparer: &Comparer<'_>,
    writers: &[Writer],
    cohort: &[&Frame],
    size: FrameSize,
    progress: impl Fn(usize, usize),
) -> Result<Vec<Row>> {
    let scored = scored(comparer, writers, cohort, size, progress)?;
    Norm::ALL.into_iter().map(|norm| row(norm, &scored)).collect()
}

/// The scores of every writer, and the cohort scores of each of the writer's signatures.
fn scored(
    comparer: &Comparer<'_>,
    writers: &[Writer],
    cohort: &[&Frame],
    size: FrameSize,
    progress: impl Fn(usize, usize),
) -> Result<Vec<(WriterScores, Vec<Cohort>)>> {
    if cohort.is_empty() {
        return Err(Error::Training("there is nobody for a cohort".into()));
    }
    let strangers = Encoded::new(comparer, cohort.to_vec(), size)?;
    let mut scored = Vec::with_capacity(writers.len());
    for (done, writer) in writers.iter().enumerate() {
        let frames: Vec<&Frame> = writer.genuine.iter().chain(&writer.forged).collect();
        let own = frames.len();
        let encoded = Encoded::new(comparer, frames, size)?;
        let pairs: Vec<(usize, usize)> =
            (0..own).flat_map(|one| (0..cohort.len()).map(move |stranger| (one, stranger))).collect();
        let against = encoded.compare(comparer, &strangers, &pairs)?;
        let cohorts = against.chunks_exact(cohort.len()).map(|raw| Cohort::of(raw.to_vec())).collect();
        scored.push((WriterScores::compute(comparer, writer, &[], size)?, cohorts));
        progress(done + 1, writers.len());
    }
    Ok(scored)
}

fn row(norm: Norm, scored: &[(WriterScores, Vec<Cohort>)]) -> Result<Row> {
    let normalised: Vec<WriterScores> = scored
        .iter()
        .map(|(writer, cohorts)| writer.map(|q, r, raw| norm.of(raw, &cohorts[q], &cohorts[r])))
        .collect();
    let sets: BTreeSet<Set> = normalised.iter().map(|writer| writer.set).collect();
    let eer = |set: Set, references: usize| {
        let of_set = normalised.iter().filter(|writer| writer.set == set);
        let (genuine, forged): (Vec<_>, Vec<_>) =
            of_set.map(|writer| by_references(writer, references)).unzip();
        equal_error_rate(&genuine.concat(), &forged.concat()).map_or(f64::NAN, |rate| 100.0 * rate)
    };
    let eer = sets.into_iter().map(|set| (set, REFERENCES.iter().map(|&count| eer(set, count)).collect()));
    let cllr = calibrate::held_out_cllr(&normalised, &REFERENCES)
        .ok_or_else(|| Error::Training("the writers are too few to hold some out".into()))?;
    Ok(Row { norm, eer: eer.collect(), cllr })
}

/// A Markdown table.
pub struct Table<'a>(pub &'a [Row]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Some(first) = self.0.first() else { return Ok(()) };
        let counts = REFERENCES.map(|count| count.to_string()).join(" / ");
        write!(f, "| EER %, {counts} references |")?;
        first.eer.iter().try_for_each(|(set, _)| write!(f, " {set} |"))?;
        writeln!(f, " mean | Cllr, held-out writers |\n|---|{}---|---|", "---|".repeat(first.eer.len()))?;
        for Row { norm, eer, cllr } in self.0 {
            let name = match norm {
                Norm::None => "as they are",
                Norm::Z => "z-norm",
                Norm::T => "t-norm",
                Norm::S => "s-norm",
                Norm::AdaptiveS => "adaptive s-norm",
            };
            write!(f, "| {name} |")?;
            let cell = |rates: Vec<f64>| {
                rates.iter().map(|rate| format!("{rate:.1}")).collect::<Vec<_>>().join(" / ")
            };
            for (_, rates) in eer {
                write!(f, " {} |", cell(rates.clone()))?;
            }
            let mean =
                |index: usize| eer.iter().map(|(_, rates)| rates[index]).sum::<f64>() / eer.len() as f64;
            let cllr: Vec<String> = cllr.iter().map(|cllr| format!("{cllr:.3}")).collect();
            writeln!(f, " {} | {} |", cell((0..REFERENCES.len()).map(mean).collect()), cllr.join(" / "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::super::scores::Hand;
    use super::super::scores::tests::made_up;
    use super::*;
    use crate::manifest::tests::tiny;
    use crate::model::tests::random;
    use crate::train::corpus;
    use crate::train::synth;

    #[test]
    fn norms_by_hand() {
        // all: mean 2, deviation 2 (variance (4 + 4 + 4 + 4) / 4)
        let questioned = Cohort::of(vec![0.0, 4.0, 0.0, 4.0]);
        let reference = Cohort::of(vec![1.0, 1.0]);
        assert_eq!((questioned.all, reference.all), ((2.0, 2.0), (1.0, 1e-3)));
        assert_eq!(Norm::None.of(5.0, &questioned, &reference), 5.0);
        assert_eq!(Norm::T.of(5.0, &questioned, &reference), 1.5);
        assert!((Norm::Z.of(5.0, &questioned, &reference) - 4000.0).abs() < 1e-9);
        assert!((Norm::S.of(5.0, &questioned, &reference) - 2000.75).abs() < 1e-9);
        let mut scores = vec![-100.0; 20];
        scores.extend([7.0; NEAREST]);
        assert_eq!(Cohort::of(scores).nearest, (7.0, 1e-3));
    }

    #[test]
    fn every_norm_has_a_row() {
        // genuine signatures score higher; the cohort scores alike, so that no norm changes the order
        let writer = |id: u16| {
            let scores = made_up((Set::Hindi, id), [6, 6, 0], |hand, q, r| {
                f64::from(u8::from(hand == Hand::Genuine)) * 3.0
                    + ((q * 7 + r * 3 + usize::from(id)) % 5) as f64
            });
            (scores, (0..12).map(|_| Cohort::of(vec![0.0, 2.0])).collect::<Vec<_>>())
        };
        let scored: Vec<_> = (0..6).map(writer).collect();
        let rows: Vec<Row> = Norm::ALL.into_iter().map(|norm| row(norm, &scored).unwrap()).collect();
        assert_eq!(rows.iter().map(|row| row.norm).collect::<Vec<_>>(), Norm::ALL);
        for row in &rows {
            assert_eq!(row.eer, rows[0].eer, "mean 1 and deviation 1 for everybody");
            assert!(row.eer[0].1[0] > row.eer[0].1[1], "three references say more: {:?}", row.eer);
            assert!(row.cllr.iter().all(|cllr| (0.0..1.0).contains(cllr)), "{:?}", row.cllr);
        }
        assert_eq!(Table(&rows).to_string().lines().count(), 7);
        assert_eq!(row(Norm::Z, &scored[..1]).unwrap_err().code(), "training");
    }

    #[test]
    fn the_cohort_is_compared_with_everybody() {
        let (device, manifest) = (Device::flex(), tiny());
        let network = random(&manifest.network, 3, &device);
        let corpus = corpus::load(&synth::writers(1, 4, 6, 6), manifest.input, |_, _| ()).unwrap();
        let (cohort, writers) = corpus.writers.split_at(1);
        let cohort: Vec<&Frame> = cohort.iter().flat_map(|writer| &writer.genuine).collect();
        let comparer = pollster::block_on(Comparer::of(&manifest, &network, &device)).unwrap();
        let scored = scored(&comparer, writers, &cohort, manifest.input, |_, _| ()).unwrap();
        assert_eq!(scored.len(), writers.len());
        for ((scores, cohorts), writer) in scored.iter().zip(writers) {
            assert_eq!((scores.writer, cohorts.len()), (writer.id, 12));
            assert!(
                cohorts.iter().all(|cohort| cohort.all.0 < cohort.nearest.0 + 1e-9 && cohort.all.1 >= 1e-3)
            );
        }
        let nobody = measure(&comparer, writers, &[], manifest.input, |_, _| ()).unwrap_err();
        assert_eq!(nobody.code(), "training");
    }
}
