//! How high strangers score: what it takes to name somebody out of many.
//!
//! Who is compared with one person is judged by the thresholds of [`super::Count`], which hold for skilled forgeries.
//! Who is compared with a whole gallery meets people who do not know of each other, but meets many of them: with N
//! independent comparisons that each go wrong at a rate q, a search for somebody who is not there names anybody at the
//! rate 1 - (1 - q)^N, the false-positive identification rate (FPIR, ISO/IEC 19795-1). So a search that may go wrong at
//! a rate of FPIR takes the threshold of q = 1 - (1 - FPIR)^(1 / N). Comparisons of one page are not independent: some
//! pages are like many people's. That makes errors come together, and the true rate the smaller one.
//!
//! The thresholds are quantiles of the LLRs that random forgeries (genuine signatures of other writers of the same set)
//! of validation writers reach, those of the set whose strangers are most alike. Below the lowest rate that the data
//! bears out, the LLR goes on rising as fast as over the last tenfold of rates that it does bear out, and no slower than
//! the logarithm of the rate falls. That is an extrapolation, which no data tries: if rates fall off faster than
//! exponentially, as they do where scores are nearly normal, it is on the safe side. Beyond the scores of validation
//! writers, too ([`super::Count::open_llr`]), or in a large gallery nobody could be named.

use serde::{Deserialize, Serialize};

/// Rates that a table lists where the data bears them out.
const RATES: [f64; 13] = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5];

/// A rate is listed only if this many scores lie beyond its LLR. With several references one stranger's signature may
/// be five of them, one in each draw of the references.
const LEAST_BEYOND: f64 = 5.0;

/// The LLRs of strangers against templates of so many references.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impostors {
    pub references: usize,
    /// Ascending by rate, to 0.5.
    pub quantiles: Vec<Quantile>,
}

/// At most the share `rate` of strangers reaches `llr`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantile {
    /// 0 to 0.5.
    pub rate: f64,
    pub llr: f64,
}

impl Impostors {
    /// The table of these LLRs; `None` if they are too few to bear out any rate.
    pub fn fit(references: usize, mut llrs: Vec<f64>) -> Option<Self> {
        llrs.sort_by(|a, b| b.total_cmp(a));
        let borne_out = RATES.iter().filter(|&rate| rate * llrs.len() as f64 >= LEAST_BEYOND);
        let quantiles: Vec<Quantile> = borne_out
            // so many may lie beyond; the next score must not, hence the neighbouring number
            .map(|&rate| Quantile { rate, llr: llrs[(rate * llrs.len() as f64) as usize].next_up() })
            .collect();
        (!quantiles.is_empty()).then_some(Self { references, quantiles })
    }

    /// The LLR that at most the share `rate`, 0 to 0.5, of strangers reaches: a row of the table, between two of them
    /// linear in the logarithm of the rate, below the first one as steep as the first tenfold of rates, or 1 if that is
    /// more.
    pub fn threshold(&self, rate: f64) -> f64 {
        let rows = &self.quantiles;
        let above = rows.partition_point(|row| row.rate < rate);
        match (above.checked_sub(1).map(|below| rows[below]), rows.get(above)) {
            (None, Some(first)) => first.llr + self.steepness(first) * (first.rate / rate).ln(),
            (Some(low), Some(high)) => {
                low.llr + (high.llr - low.llr) * (rate / low.rate).ln() / (high.rate / low.rate).ln()
            }
            (Some(last), None) => last.llr,
            // a checked table has a row
            (None, None) => f64::INFINITY,
        }
    }

    /// By how much the LLR rises where the logarithm of the rate falls by 1, over the lowest rates.
    fn steepness(&self, first: &Quantile) -> f64 {
        let tenfold = self.quantiles.iter().find(|row| row.rate >= 10.0 * first.rate);
        tenfold.map_or(1.0, |row| ((first.llr - row.llr) / (row.rate / first.rate).ln()).max(1.0))
    }
}

/// The rate of each comparison at which a search among so many people goes wrong at the rate `fpir`.
pub fn per_comparison(fpir: f64, people: usize) -> f64 {
    // 1 - (1 - fpir)^(1 / N) without cancellation
    -((-fpir).ln_1p() / people as f64).exp_m1()
}

/// Whether tables can be used. The error is a sentence.
pub(super) fn check_tables(tables: &[Impostors]) -> Result<(), String> {
    if tables.len() > crate::template::MOST_REFERENCES {
        return Err("there are too many tables of impostors".into());
    }
    if tables.first().is_some_and(|table| table.references != 1)
        || tables.windows(2).any(|pair| pair[0].references >= pair[1].references)
    {
        return Err("the impostors' reference counts do not ascend from 1".into());
    }
    for Impostors { quantiles, .. } in tables {
        let sensible = |row: &Quantile| row.rate > 0.0 && row.rate <= 0.5 && row.llr.abs() <= 1e4;
        let descends = |pair: &[Quantile]| pair[0].rate < pair[1].rate && pair[0].llr >= pair[1].llr;
        if !(1..=64).contains(&quantiles.len())
            || !quantiles.iter().all(sensible)
            || !quantiles.windows(2).all(descends)
        {
            return Err("the impostors' quantiles are out of range or out of order".into());
        }
    }
    Ok(())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn so_many_strangers_lie_beyond() {
        let llrs: Vec<f64> = (0..1000).map(f64::from).collect();
        let table = Impostors::fit(1, llrs.clone()).unwrap();
        assert_eq!((table.quantiles[0].rate, table.quantiles.len()), (0.005, 8));
        for rate in [0.005, 0.01, 0.1, 0.5] {
            let beyond = llrs.iter().filter(|&&llr| llr >= table.threshold(rate)).count();
            assert_eq!(beyond as f64, 1000.0 * rate, "{rate}");
        }
        assert_eq!(Impostors::fit(1, vec![0.0; 9]), None);
    }

    #[test]
    fn between_and_below_the_rows() {
        let row = |rate, llr| Quantile { rate, llr };
        let table = Impostors { references: 1, quantiles: vec![row(0.01, 3.0), row(0.04, 1.0)] };
        // 0.02 is half way from 0.01 to 0.04 in logarithms
        assert!((table.threshold(0.02) - 2.0).abs() < 1e-12);
        assert_eq!((table.threshold(0.01), table.threshold(0.04)), (3.0, 1.0));
        assert!((table.threshold(0.001) - 3.0 - 10f64.ln()).abs() < 1e-12);
        assert_eq!(table.threshold(0.3), 1.0);
        // a tenfold rate that costs 6, so that the next one costs as much; and one that costs less than its logarithm
        for (last, rise) in [(-3.0, 6.0), (2.0, 10_f64.ln())] {
            let table = Impostors { references: 1, quantiles: vec![row(0.01, 3.0), row(0.1, last)] };
            assert!((table.threshold(0.001) - 3.0 - rise).abs() < 1e-12);
        }
    }

    #[test]
    fn many_comparisons_have_a_small_rate_each() {
        assert!((per_comparison(0.01, 1) - 0.01).abs() < 1e-15);
        let each = per_comparison(0.1, 50);
        assert!((1.0 - (1.0 - each).powi(50) - 0.1).abs() < 1e-12);
        // the cancellation of 1 - (1 - 0.01)^(1e-9) would leave 7 digits
        assert!((per_comparison(0.01, 1_000_000_000) / 1.005_033_585_3e-11 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn tables_that_cannot_be_used() {
        let row = |rate, llr| Quantile { rate, llr };
        let table = |references| Impostors { references, quantiles: vec![row(0.01, 3.0), row(0.04, 1.0)] };
        assert_eq!(check_tables(&[]), Ok(()));
        assert_eq!(check_tables(&[table(1), table(5)]), Ok(()));
        assert!(check_tables(&[table(2)]).is_err() && check_tables(&[table(1), table(1)]).is_err());
        for quantiles in [
            vec![],
            vec![row(0.04, 1.0), row(0.01, 3.0)],
            vec![row(0.01, 1.0), row(0.04, 3.0)],
            vec![row(0.0, 1.0)],
            vec![row(0.6, 1.0)],
            vec![row(f64::NAN, 1.0)],
            vec![row(0.1, f64::INFINITY)],
        ] {
            assert!(check_tables(&[Impostors { references: 1, quantiles }]).is_err());
        }
    }
}
