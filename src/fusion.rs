//! Several references, one score.

use serde::{Deserialize, Serialize};

/// How the raw scores of a questioned signature against each reference become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fusion {
    /// The arithmetic mean. Raw scores of the pair head are logits, so this is the geometric mean of
    /// odds: one odd reference cannot decide alone. How much more several references say than one is
    /// left to [`crate::calibration`], which is fitted for each number of references.
    Mean,
}

impl Fusion {
    /// The one score of at least one raw score; `None` for none.
    pub fn fuse(self, scores: &[f64]) -> Option<f64> {
        match self {
            Self::Mean => (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn mean_of_scores() {
        assert_eq!(Fusion::Mean.fuse(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(Fusion::Mean.fuse(&[-4.5]), Some(-4.5));
        assert_eq!(Fusion::Mean.fuse(&[]), None);
    }
}
