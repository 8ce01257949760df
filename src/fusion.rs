//! Several references, one score.

use serde::{Deserialize, Serialize};

/// How the raw scores of a questioned signature against each reference become one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fusion {
    /// The arithmetic mean. Raw scores of the pair head are logits, so this is the geometric mean of
    /// odds: one odd reference cannot decide alone. How much more several references say than one is
    /// left to [`crate::calibration`], which is fitted for each number of references.
    Mean,
    /// A mean that may favour the references most alike, less a part of how well the references agree among
    /// themselves.
    Centred(Centred),
}

/// Some hands vary more than others, and what is a low score for a steady hand is a usual one for a free hand.
/// The references show it: their scores among themselves are scores of genuine signatures of this very writer.
/// From the mean score of the questioned signature the part `weight (K - 1) / (K - 1 + shrink)` of the mean of
/// those is taken off. The part grows with the number of references K, for the mean of few scores says little
/// (the shrinkage of a mean towards that of all writers, Efron and Morris 1975).
///
/// Nobody signs quite like all of their own signatures, so the references that are most like the questioned one say
/// the most. The mean is therefore the generalised (power) mean of odds of exponent `power`, `ln(mean(exp(power x
/// score))) / power`: with 0 the geometric mean of odds, which is the arithmetic one of scores; with 1 the arithmetic
/// mean of odds; further up it nears the highest score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centred {
    /// 0 to 1.
    pub weight: f64,
    /// At least 0.
    pub shrink: f64,
    /// 0 to 16.
    #[serde(default)]
    pub power: f64,
}

/// With ten references and scores a few apart, the highest is all that is left.
const MOST_POWER: f64 = 16.0;

impl Fusion {
    /// The one score of at least one raw score; `None` for none. `agreement` is that of the references.
    pub fn fuse(self, scores: &[f64], agreement: f64) -> Option<f64> {
        Some(match self {
            Self::Mean => mean(scores)?,
            Self::Centred(centred) => {
                power_mean(scores, centred.power)? - centred.part(scores.len()) * agreement
            }
        })
    }

    /// Whether the numbers can be used. The error is a sentence.
    pub fn check(self) -> Result<(), String> {
        match self {
            Self::Centred(Centred { weight, shrink, power })
                if !((0.0..=1.0).contains(&weight)
                    && (0.0..=1e3).contains(&shrink)
                    && (0.0..=MOST_POWER).contains(&power)) =>
            {
                Err("weight, shrink or power of the fusion is out of range".into())
            }
            _ => Ok(()),
        }
    }
}

impl Centred {
    fn part(self, references: usize) -> f64 {
        match references.saturating_sub(1) as f64 {
            // one reference says nothing of how its writer varies
            0.0 => 0.0,
            others => self.weight * others / (others + self.shrink),
        }
    }
}

/// How well references agree: the mean raw score of every two of them; 0 for a single one.
pub fn agreement(among: &[f64]) -> f64 {
    mean(among).unwrap_or(0.0)
}

fn mean(scores: &[f64]) -> Option<f64> {
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}

/// `ln(mean(exp(power x score))) / power`, and its limit, the mean, for 0.
fn power_mean(scores: &[f64], power: f64) -> Option<f64> {
    if power == 0.0 {
        return mean(scores);
    }
    // of differences to the highest, so that no power of e is out of range
    let highest = scores.iter().copied().reduce(f64::max)?;
    let shares: Vec<f64> = scores.iter().map(|score| (power * (score - highest)).exp()).collect();
    mean(&shares).map(|mean| highest + mean.ln() / power)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const CENTRED: Fusion = Fusion::Centred(Centred { weight: 0.8, shrink: 1.0, power: 0.0 });

    #[test]
    fn mean_of_scores() {
        assert_eq!(Fusion::Mean.fuse(&[1.0, 2.0, 6.0], 9.0), Some(3.0));
        assert_eq!(Fusion::Mean.fuse(&[-4.5], 0.0), Some(-4.5));
        assert_eq!(Fusion::Mean.fuse(&[], 0.0), None);
    }

    #[test]
    fn what_the_writer_usually_scores_is_taken_off() {
        // two references: 0.8 * 1 / 2 of the agreement; five: 0.8 * 4 / 5
        assert_eq!(CENTRED.fuse(&[1.0, 3.0], 5.0), Some(0.0));
        assert!((CENTRED.fuse(&[2.0; 5], 5.0).unwrap() + 1.2).abs() < 1e-12);
        assert_eq!(agreement(&[4.0, 6.0, 5.0]), 5.0);
    }

    #[test]
    fn references_most_alike_count_most() {
        let fused = |power: f64, scores: &[f64]| {
            Fusion::Centred(Centred { weight: 0.0, shrink: 0.0, power }).fuse(scores, 0.0).unwrap()
        };
        // odds of 1 and 3 have the means 2 and sqrt 3
        let scores = [0.0, 3.0_f64.ln()];
        assert!((fused(1.0, &scores) - 2.0_f64.ln()).abs() < 1e-12);
        assert!((fused(0.0, &scores) - 0.5 * 3.0_f64.ln()).abs() < 1e-12);
        assert!((fused(1e-6, &scores) - fused(0.0, &scores)).abs() < 1e-6);
        let far = fused(MOST_POWER, &[-1e6, 5.0, 1e6]);
        assert!((far - 1e6).abs() < 0.1, "{far}");
    }

    #[test]
    fn one_reference_is_taken_as_it_is() {
        let sharp = Fusion::Centred(Centred { weight: 1.0, shrink: 0.0, power: 2.0 });
        for fusion in [Fusion::Mean, CENTRED, sharp] {
            assert_eq!(fusion.fuse(&[2.5], agreement(&[])), Some(2.5));
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(CENTRED.check().is_ok() && Fusion::Mean.check().is_ok());
        for (weight, shrink, power) in [
            (1.5, 1.0, 0.0),
            (f64::NAN, 1.0, 0.0),
            (0.5, -1.0, 0.0),
            (0.5, f64::INFINITY, 0.0),
            (0.5, 1.0, -0.1),
            (0.5, 1.0, f64::NAN),
        ] {
            let fusion = Fusion::Centred(Centred { weight, shrink, power });
            assert!(fusion.check().is_err(), "{weight} {shrink} {power}");
        }
    }

    #[test]
    fn as_json() {
        // the fusion of models from before there was a power
        let json = r#"{"centred":{"weight":0.8,"shrink":1.0}}"#;
        assert_eq!(serde_json::from_str::<Fusion>(json).unwrap(), CENTRED);
        assert_eq!(serde_json::from_str::<Fusion>("\"mean\"").unwrap(), Fusion::Mean);
        assert!(serde_json::from_str::<Fusion>(r#"{"centred":{"weight":0.8}}"#).is_err());
    }
}
