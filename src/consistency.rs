//! Whether the references of a template are of one hand: a template that holds somebody else's signature
//! would accept that person afterwards.
//!
//! Each reference is compared with all others as if it were questioned. The LLR of the one that stands most
//! apart must not fall below what nearly all templates of genuine signatures keep, by validation writers.

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::error::{Error, Result};
use crate::fusion::{self, Fusion};
use crate::template::MOST_REFERENCES;

/// How like each other the references of a template must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    /// At most so many templates of genuine signatures are refused.
    pub rate: f64,
    /// Ascending by `references`, from 2.
    pub least: Vec<Least>,
}

/// The limit for one number of references.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Least {
    pub references: usize,
    /// The least LLR of the reference that stands most apart, against all others.
    pub llr: f64,
}

impl Consistency {
    /// Whether the limits can be used. The error is a sentence.
    pub fn check(&self) -> Result<(), String> {
        let ascend = self.least.windows(2).all(|pair| pair[0].references < pair[1].references);
        let in_range = |least: &Least| {
            // also refuses NaN
            (2..=MOST_REFERENCES).contains(&least.references) && least.llr.abs() <= 1e4
        };
        if self.rate > 0.0 && self.rate <= 0.5 && ascend && self.least.iter().all(in_range) {
            Ok(())
        } else {
            Err("the limits on references are out of range or out of order".into())
        }
    }

    /// The limit for so many references: that of the largest number measured that is not above it; none below all.
    pub fn at(&self, references: usize) -> Option<f64> {
        self.least.iter().rev().find(|least| least.references <= references).map(|least| least.llr)
    }
}

/// The one of `members` (two at least) that is least like the others together, and its LLR. `score` gives the raw
/// score of two members.
///
/// # Errors
/// [`Error::ReferenceCount`] for fewer than two members.
pub fn most_apart(
    members: &[usize],
    score: impl Fn(usize, usize) -> f64,
    fusion: Fusion,
    calibration: &Calibration,
) -> Result<(usize, f64)> {
    let too_few = || Error::ReferenceCount { given: members.len(), least: 2, most: MOST_REFERENCES };
    let others = calibration.for_references(members.len().saturating_sub(1)).map_err(|_| too_few())?;
    let against_others = members.iter().filter_map(|&one| {
        let scores: Vec<f64> =
            members.iter().filter(|&&other| other != one).map(|&other| score(one, other)).collect();
        // of the others among themselves
        let among = members
            .iter()
            .enumerate()
            .filter(|(_, a)| **a != one)
            .flat_map(|(at, &a)| members[..at].iter().filter(move |b| **b != one).map(move |&b| (a, b)));
        let agreement = fusion::agreement(&among.map(|(a, b)| score(a, b)).collect::<Vec<_>>());
        fusion.fuse(&scores, agreement).map(|fused| (one, others.llr(fused)))
    });
    against_others.min_by(|a, b| a.1.total_cmp(&b.1)).ok_or_else(too_few)
}

/// Refuses references of which one is too unlike the others.
///
/// `score` gives the raw score of two of the `count` references, by their indices.
///
/// # Errors
/// [`Error::ReferencesDisagree`]; it names the odd one out, counted from 1, if the others agree without it.
pub fn require(
    count: usize,
    score: impl Fn(usize, usize) -> f64,
    fusion: Fusion,
    calibration: &Calibration,
) -> Result<()> {
    let Some(consistency) = &calibration.consistency else { return Ok(()) };
    let agree = |members: &[usize]| -> Result<Option<usize>> {
        let Some(least) = consistency.at(members.len()) else { return Ok(None) };
        let (odd, llr) = most_apart(members, &score, fusion, calibration)?;
        Ok((llr < least).then_some(odd))
    };
    let all: Vec<usize> = (0..count).collect();
    let Some(odd) = agree(&all)? else { return Ok(()) };
    let others: Vec<usize> = all.into_iter().filter(|&index| index != odd).collect();
    let named = others.len() > 1 && agree(&others)?.is_none();
    Err(Error::ReferencesDisagree { odd: named.then_some(odd + 1), rate: consistency.rate })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::manifest::tests::tiny;

    /// LLRs are raw scores here; two references must reach -1, three 0.
    fn calibration() -> Calibration {
        let least = vec![Least { references: 2, llr: -1.0 }, Least { references: 3, llr: 0.0 }];
        Calibration { consistency: Some(Consistency { rate: 0.01, least }), ..tiny().calibration }
    }

    fn judge(count: usize, score: impl Fn(usize, usize) -> f64) -> Result<()> {
        require(count, score, Fusion::Mean, &calibration())
    }

    /// The reference with this index is unlike all others.
    fn odd(odd: usize) -> impl Fn(usize, usize) -> f64 {
        move |a, b| if a == odd || b == odd { -4.0 } else { 5.0 }
    }

    #[test]
    fn those_of_one_hand_are_taken() {
        for count in 1..=4 {
            assert_eq!(judge(count, |_, _| 3.0), Ok(()));
        }
    }

    #[test]
    fn the_odd_one_is_named() {
        for index in 0..3 {
            let error = judge(3, odd(index)).unwrap_err();
            assert_eq!(error, Error::ReferencesDisagree { odd: Some(index + 1), rate: 0.01 });
            assert!(error.to_string().contains(&format!("reference {}", index + 1)), "{error}");
        }
    }

    #[test]
    fn nobody_is_named_where_nobody_agrees() {
        let nobody = Err(Error::ReferencesDisagree { odd: None, rate: 0.01 });
        assert_eq!(judge(2, odd(0)), nobody);
        assert_eq!(judge(3, |_, _| -2.0), nobody);
    }

    #[test]
    fn without_limits_any_are_taken() {
        // one was not measured here; of four, the limit is that of three
        assert_eq!(judge(1, odd(0)), Ok(()));
        assert_eq!(judge(4, odd(1)).unwrap_err().code(), "references-disagree");
        let free = Calibration { consistency: None, ..calibration() };
        assert_eq!(require(3, odd(1), Fusion::Mean, &free), Ok(()));
        assert!(most_apart(&[0], odd(0), Fusion::Mean, &free).is_err());
    }

    #[test]
    fn limits_out_of_order_are_refused() {
        let good = calibration().consistency.unwrap();
        assert_eq!(good.check(), Ok(()));
        let spoilt: [fn(&mut Consistency); 4] = [
            |c| c.rate = 0.0,
            |c| c.least.reverse(),
            |c| c.least[0].references = 1,
            |c| c.least[0].llr = f64::NAN,
        ];
        for spoil in spoilt {
            let mut consistency = good.clone();
            spoil(&mut consistency);
            assert!(consistency.check().is_err(), "{consistency:?}");
        }
    }
}
