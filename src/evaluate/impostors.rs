//! How high strangers score ([`Impostors`]), from random forgeries of validation writers.
//!
//! In some sets strangers are more alike than in others, and nobody knows beforehand which set a gallery resembles. So
//! each rate takes the threshold of the set that asks for the highest one: a rate is then kept in every set, not only
//! in all of them together.

use std::collections::BTreeMap;

use serde::Serialize;

use super::errors::REFERENCES;
use super::scores::WriterScores;
use crate::calibration::Calibration;
use crate::calibration::impostors::Impostors;
use crate::error::Result;
use crate::train::corpus::Set;

/// Rates at which the tables are tried on held-out writers.
pub const TRIED: [f64; 2] = [0.01, 0.001];

/// A table on writers on whom it was not fitted: every writer's strangers are judged by the table of all others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strangers {
    pub references: usize,
    /// Comparisons that the table was fitted on.
    pub comparisons: usize,
    /// For each of [`TRIED`]: the LLR ([`Count::open_llr`](crate::calibration::Count::open_llr), as a search has it) that no more strangers reach, and the share of held-out writers' who do.
    pub tried: [(f64, f64); 2],
}

/// A table for each number of references, where the strangers are enough, and how it holds, where they are enough
/// without a writer too.
///
/// # Errors
/// Those of [`Calibration::for_references`].
pub(super) fn tables(
    writers: &[WriterScores],
    calibration: &Calibration,
) -> Result<(Vec<Impostors>, Vec<Strangers>)> {
    let (mut tables, mut measured) = (Vec::new(), Vec::new());
    for references in REFERENCES {
        let count = calibration.for_references(references)?;
        let llrs: Vec<(Set, Vec<f64>)> = writers
            .iter()
            .map(|writer| (writer.set, count.open_llrs(&writer.trials(references).random)))
            .collect();
        // tables ascend from one reference
        let Some(table) = strictest(references, llrs.iter()) else { break };
        let (mut judged, mut beyond) = (0, [0; 2]);
        for (out, (_, own)) in llrs.iter().enumerate() {
            let others = llrs.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, writer)| writer);
            // whose others are too few for a table is not judged
            let Some(table) = strictest(references, others) else { continue };
            judged += own.len();
            for (beyond, rate) in beyond.iter_mut().zip(TRIED) {
                let threshold = table.threshold(rate);
                *beyond += own.iter().filter(|llr| **llr >= threshold).count();
            }
        }
        if judged > 0 {
            let comparisons = llrs.iter().map(|(_, llrs)| llrs.len()).sum::<usize>();
            let tried = [0, 1].map(|at| (table.threshold(TRIED[at]), beyond[at] as f64 / judged as f64));
            measured.push(Strangers { references, comparisons, tried });
        }
        tables.push(table);
    }
    Ok((tables, measured))
}

/// For each rate that all sets together bear out, the threshold of the set that asks for the highest; `None` if they
/// bear out none.
fn strictest<'a>(references: usize, writers: impl Iterator<Item = &'a (Set, Vec<f64>)>) -> Option<Impostors> {
    let mut sets: BTreeMap<Set, Vec<f64>> = BTreeMap::new();
    for (set, llrs) in writers {
        sets.entry(*set).or_default().extend(llrs);
    }
    let mut table = Impostors::fit(references, sets.values().flatten().copied().collect())?;
    for own in sets.into_values().filter_map(|llrs| Impostors::fit(references, llrs)) {
        for row in &mut table.quantiles {
            row.llr = row.llr.max(own.threshold(row.rate));
        }
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::super::scores::Hand;
    use super::super::scores::tests::made_up;
    use super::*;
    use crate::manifest::tests::tiny;

    #[test]
    fn a_rate_is_kept_in_the_set_whose_strangers_are_most_alike() {
        let even = |count: usize, most: f64| (0..count).map(move |at| most * at as f64 / count as f64);
        let writers: Vec<(Set, Vec<f64>)> = [(Set::Hindi, 8, 1.0), (Set::Dutch, 2, 3.0)]
            .into_iter()
            .flat_map(|(set, writers, most)| (0..writers).map(move |_| (set, even(1000, most).collect())))
            .collect();
        let table = strictest(1, writers.iter()).unwrap();
        // together, 1 % of 10,000 would be 5 % of the two Dutch writers'
        for rate in [0.01, 0.1] {
            assert!((table.threshold(rate) - 3.0 * (1.0 - rate)).abs() < 0.01, "{rate}");
        }
    }

    #[test]
    fn a_table_is_of_random_forgeries_alone() {
        // strangers score 0 to 1, genuine and forged signatures far above
        let writer = |id: u16| {
            made_up((Set::Hindi, id), [12, 4, 200], |hand, q, r| match hand {
                Hand::Random => ((q * 131 + r * 31 + usize::from(id) * 7) % 1000) as f64 / 1000.0,
                _ => 50.0,
            })
        };
        let writers: Vec<WriterScores> = (0..6).map(writer).collect();
        let (tables, measured) = tables(&writers, &tiny().calibration).unwrap();
        assert_eq!(tables.iter().map(|table| table.references).collect::<Vec<_>>(), REFERENCES);
        assert_eq!(measured[0].comparisons, 6 * 12 * 200);
        let [(llr, share), _] = measured[0].tried;
        assert!((llr - 0.99).abs() < 0.01 && (share - 0.01).abs() < 0.01, "{llr} {share}");
        // the mean of ten lies closer
        assert!(tables[4].threshold(0.01) < 0.9);
        // only who meets few strangers leaves enough to others for a table
        let lopsided = [(1, 12, 200, 0.0), (2, 4, 1, 9.0)].map(|(id, genuine, strangers, score)| {
            made_up((Set::Hindi, id), [genuine, 4, strangers], move |_, _, _| score)
        });
        let (_, measured) = super::tables(&lopsided, &tiny().calibration).unwrap();
        assert_eq!(measured[0].tried.map(|(_, share)| share), [1.0; 2], "a share of those who are judged");
        let (tables, measured) = super::tables(&lopsided[..1], &tiny().calibration).unwrap();
        assert!(tables.len() == REFERENCES.len() && measured.is_empty(), "nobody is judged");
        let few = made_up((Set::Hindi, 1), [12, 4, 0], |_, _, _| 0.0);
        assert_eq!(super::tables(&[few], &tiny().calibration).unwrap().0, []);
    }
}
