//! Whether imitations by one forger are more alike than those by several: the evidence for the numbers that
//! `layouts::forger` reads out of file names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::bootstrap::{Rate, interval};
use super::metrics::Ranking;
use super::scores::{Pair, WriterScores};
use crate::comparer::Comparer;
use crate::error::Result;
use crate::ink::FrameSize;
use crate::train::corpus::{Entry, Part, Set, Writer};
use crate::train::layouts::forger;

/// How well a model that knows nothing of forgers tells one forger's imitations from another's.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub set: Set,
    /// Writers of whose forgers two are known.
    pub writers: usize,
    /// Forgers of all writers.
    pub forgers: usize,
    /// Area under the ROC curve in per cent, the mean over writers: 50 if the numbers mean nothing.
    pub auc: Rate,
    /// The same with the imitations of each writer dealt out to its forgers at random.
    pub shuffled: Rate,
}

/// Of the forgers of one part's writers, how many imitated writers of the training part, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    pub part: Part,
    pub forgers: usize,
    pub known: usize,
}

/// How far the split by writer is one by forger: it is not, for whoever imitates many writers. SigComp2011 alone numbers
/// its forgers throughout; of CEDAR, SVC2004 and BHSig260 nobody can say it.
pub fn shared(entries: &[Entry]) -> Vec<Shared> {
    let mut parts: BTreeMap<Part, BTreeSet<u16>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.set == Set::Dutch) {
        parts.entry(entry.part).or_default().extend(forger(entry));
    }
    let taught = parts.remove(&Part::Train).unwrap_or_default();
    let shared = parts.into_iter().filter(|(_, forgers)| !forgers.is_empty());
    let known = |(part, forgers): (Part, BTreeSet<u16>)| Shared {
        part,
        forgers: forgers.len(),
        known: forgers.intersection(&taught).count(),
    };
    shared.map(known).collect()
}

/// One row for each set that tells of forgers.
///
/// # Errors
/// [`Error::DeviceFailed`](crate::Error::DeviceFailed) if scores cannot be read.
pub fn measure(
    comparer: &Comparer<'_>,
    writers: &[Writer],
    size: FrameSize,
    progress: impl Fn(usize, usize),
) -> Result<Vec<Row>> {
    let known: Vec<&Writer> =
        writers.iter().filter(|writer| hands(&writer.forgers).is_some_and(|hands| hands.len() > 1)).collect();
    let mut sets: BTreeMap<Set, Vec<Judged>> = BTreeMap::new();
    for (done, writer) in known.iter().enumerate() {
        // every imitation against every other
        let all =
            Writer { genuine: writer.forged.clone(), forged: Vec::new(), forgers: Vec::new(), ..**writer };
        let scores = WriterScores::compute(comparer, &all, &[], size)?;
        let mut dealt = writer.forgers.clone();
        dealt.shuffle(&mut ChaCha8Rng::seed_from_u64(u64::from(writer.id)));
        let forgers = hands(&writer.forgers).map_or(0, |hands| hands.len());
        if let (Some(auc), Some(shuffled)) = (auc(&scores, &writer.forgers), auc(&scores, &dealt)) {
            sets.entry(writer.set).or_default().push(Judged { forgers, auc, shuffled });
        }
        progress(done + 1, known.len());
    }
    Ok(sets.into_iter().filter_map(|(set, judged)| row(set, &judged)).collect())
}

/// One writer.
struct Judged {
    forgers: usize,
    auc: f64,
    shuffled: f64,
}

/// How many imitations each forger made; `None` if one is unknown.
fn hands(forgers: &[Option<u16>]) -> Option<BTreeMap<u16, usize>> {
    let mut hands = BTreeMap::new();
    for forger in forgers {
        *hands.entry((*forger)?).or_default() += 1;
    }
    Some(hands)
}

/// Of pairs by one forger against pairs by two, in per cent; `None` if there are none of a kind.
fn auc(scores: &WriterScores, forgers: &[Option<u16>]) -> Option<f64> {
    let (one, two): (Vec<_>, Vec<_>) =
        scores.pairs().partition(|pair| forgers[pair.questioned] == forgers[pair.reference]);
    let values = |pairs: Vec<Pair>| pairs.iter().map(|pair| pair.score).collect::<Vec<f64>>();
    Some(100.0 * Ranking::new(&values(one), &values(two))?.auc())
}

fn row(set: Set, judged: &[Judged]) -> Option<Row> {
    let rate = |of: fn(&Judged) -> f64| {
        let mean =
            |sample: &[&Judged]| Some(sample.iter().map(|one| of(one)).sum::<f64>() / sample.len() as f64);
        let percent = mean(&judged.iter().collect::<Vec<_>>())?;
        Some(Rate { percent, ci95: interval(judged, mean)? })
    };
    Some(Row {
        set,
        writers: judged.len(),
        forgers: judged.iter().map(|one| one.forgers).sum(),
        auc: rate(|one| one.auc)?,
        shuffled: rate(|one| one.shuffled)?,
    })
}

/// As a table.
pub struct Table<'a>(pub &'a [Row]);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10} {:>7} {:>7}  {:<22} AUC % shuffled", "set", "writers", "forgers", "AUC %")?;
        for Row { set, writers, forgers, auc, shuffled } in self.0 {
            let rate =
                |rate: &Rate| format!("{:.1} ({:.1} to {:.1})", rate.percent, rate.ci95[0], rate.ci95[1]);
            writeln!(
                f,
                "{:<10} {writers:>7} {forgers:>7}  {:<22} {}",
                set.to_string(),
                rate(auc),
                rate(shuffled)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::corpus::{EntrySource, Kind};

    #[test]
    fn hands_are_counted_unless_one_is_unknown() {
        assert_eq!(hands(&[Some(1), Some(3), Some(1)]), Some(BTreeMap::from([(1, 2), (3, 1)])));
        assert_eq!(hands(&[Some(1), None]), None);
    }

    #[test]
    fn forgers_of_training_writers_are_known() {
        let entry = |part, writer: u16, forger: &str| Entry {
            set: Set::Dutch,
            writer,
            part,
            kind: Kind::SkilledForgery,
            source: EntrySource::Image(format!("{writer:03}_forg/{forger}{writer:03}_01.png").into()),
        };
        let entries = [
            entry(Part::Train, 1, "0101"),
            entry(Part::Train, 2, "0102"),
            entry(Part::Validation, 41, "0102"),
            entry(Part::Test, 49, "0101"),
            entry(Part::Test, 50, "0207"),
            entry(Part::Test, 51, "0101"),
            Entry { kind: Kind::Genuine, ..entry(Part::Test, 51, "0300") },
        ];
        let expected = [(Part::Validation, 1, 1), (Part::Test, 2, 1)].map(|(part, forgers, known)| Shared {
            part,
            forgers,
            known,
        });
        assert_eq!(shared(&entries), expected);
        assert_eq!(shared(&[]), []);
    }

    #[test]
    fn a_row_is_the_mean_over_writers() {
        let judged = [(3, 90.0, 40.0), (2, 70.0, 60.0)];
        let judged = judged.map(|(forgers, auc, shuffled)| Judged { forgers, auc, shuffled });
        let row = row(Set::Cedar, &judged).unwrap();
        assert_eq!((row.writers, row.forgers, row.auc.percent, row.shuffled.percent), (2, 5, 80.0, 50.0));
        assert_eq!(row.auc.ci95, [70.0, 90.0]);
    }
}
