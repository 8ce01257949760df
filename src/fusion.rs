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
    /// The mean, less a part of how well the references agree among themselves.
    Centred(Centred),
}

/// Some hands vary more than others, and what is a low score for a steady hand is a usual one for a free hand.
/// The references show it: their scores among themselves are scores of genuine signatures of this very writer.
/// From the mean score of the questioned signature the part `weight (K - 1) / (K - 1 + shrink)` of the mean of
/// those is taken off. The part grows with the number of references K, for the mean of few scores says little
/// (the shrinkage of a mean towards that of all writers, Efron and Morris 1975).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centred {
    /// 0 to 1.
    pub weight: f64,
    /// At least 0.
    pub shrink: f64,
}

impl Fusion {
    /// The one score of at least one raw score; `None` for none. `agreement` is that of the references.
    pub fn fuse(self, scores: &[f64], agreement: f64) -> Option<f64> {
        let mean = mean(scores)?;
        Some(match self {
            Self::Mean => mean,
            Self::Centred(centred) => mean - centred.part(scores.len()) * agreement,
        })
    }

    /// Whether the numbers can be used. The error is a sentence.
    pub fn check(self) -> Result<(), String> {
        match self {
            Self::Centred(Centred { weight, shrink })
                if !((0.0..=1.0).contains(&weight) && (0.0..=1e3).contains(&shrink)) =>
            {
                Err("weight or shrink of the fusion is out of range".into())
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

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const CENTRED: Fusion = Fusion::Centred(Centred { weight: 0.8, shrink: 1.0 });

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
    fn one_reference_is_taken_as_it_is() {
        let sharp = Fusion::Centred(Centred { weight: 1.0, shrink: 0.0 });
        for fusion in [Fusion::Mean, CENTRED, sharp] {
            assert_eq!(fusion.fuse(&[2.5], agreement(&[])), Some(2.5));
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(CENTRED.check().is_ok() && Fusion::Mean.check().is_ok());
        for (weight, shrink) in [(1.5, 1.0), (f64::NAN, 1.0), (0.5, -1.0), (0.5, f64::INFINITY)] {
            assert!(Fusion::Centred(Centred { weight, shrink }).check().is_err(), "{weight} {shrink}");
        }
    }

    #[test]
    fn as_json() {
        let json = r#"{"centred":{"weight":0.8,"shrink":1.0}}"#;
        assert_eq!(serde_json::from_str::<Fusion>(json).unwrap(), CENTRED);
        assert_eq!(serde_json::from_str::<Fusion>("\"mean\"").unwrap(), Fusion::Mean);
        assert!(serde_json::from_str::<Fusion>(r#"{"centred":{"weight":0.8}}"#).is_err());
    }
}
