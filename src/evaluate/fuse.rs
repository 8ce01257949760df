//! Chooses how several references are fused, on validation writers.

use std::collections::BTreeMap;

use super::errors::{REFERENCES, Scores, by_references};
use super::metrics::cllr;
use crate::calibration;
use crate::error::{Error, Result};
use crate::fusion::{Centred, Fusion};

/// What is tried: two numbers for all writers and every number of references, so that there is little to overfit.
const WEIGHTS: [f64; 8] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const SHRINKS: [f64; 6] = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0];

/// The scores with the fusion of the lowest mean Cllr (logistic calibration, skilled forgeries) over all numbers of
/// references above one; with [`Fusion::Mean`] if nothing is better, or no writer has two signatures to spare.
///
/// # Errors
/// [`Error::Training`] if a score is not finite.
pub fn fitted(scores: Scores) -> Result<Scores> {
    let centred = WEIGHTS
        .into_iter()
        .flat_map(|weight| SHRINKS.map(|shrink| Fusion::Centred(Centred { weight, shrink })));
    let mut scores = scores.with_fusion(Fusion::Mean);
    let Some(mut lowest) = cost(&scores)? else { return Ok(scores) };
    let mut best = Fusion::Mean;
    for fusion in centred {
        scores = scores.with_fusion(fusion);
        if let Some(cost) = cost(&scores)?.filter(|cost| *cost < lowest) {
            (lowest, best) = (cost, fusion);
        }
    }
    Ok(scores.with_fusion(best))
}

/// One line.
pub fn in_words(fusion: Fusion) -> String {
    match fusion {
        Fusion::Mean => "mean of the scores".into(),
        Fusion::Centred(Centred { weight, shrink }) => {
            format!("mean less the agreement of K references x {weight} (K - 1) / (K - 1 + {shrink})")
        }
    }
}

/// Mean Cllr in bits; `None` where there is nothing to fit.
fn cost(scores: &Scores) -> Result<Option<f64>> {
    let mut costs = BTreeMap::new();
    for references in REFERENCES.into_iter().filter(|&references| references > 1) {
        let (mut genuine, mut forged) = (Vec::new(), Vec::new());
        for writer in scores.writers() {
            let (own, others) = by_references(writer, references);
            genuine.extend(own);
            forged.extend(others);
        }
        if genuine.iter().chain(&forged).any(|score| !score.is_finite()) {
            return Err(Error::Training("a score is not a finite number".into()));
        }
        // a fusion under which genuine scores are not the higher ones is none to choose
        let Ok((offset, slope)) = calibration::fit(&genuine, &forged) else { continue };
        let llrs = |raw: &[f64]| raw.iter().map(|raw| offset + slope * raw).collect::<Vec<_>>();
        if let Some(cost) = cllr(&llrs(&genuine), &llrs(&forged)) {
            costs.insert(references, cost);
        }
    }
    Ok((!costs.is_empty()).then(|| costs.values().sum::<f64>() / costs.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::super::scores::Hand;
    use super::super::scores::tests::made_up;
    use super::*;
    use crate::train::corpus::Set;

    /// A number between -0.5 and 0.5 that two numbers determine.
    fn noise(a: usize, b: usize) -> f64 {
        ((a * 7919 + b * 104_729) % 1000) as f64 / 1000.0 - 0.5
    }

    /// Writers whose scores all lie `spread` apart from each other's.
    fn writers(spread: f64) -> Scores {
        let writer = |id: u16| {
            made_up((Set::Hindi, id), [12, 12, 0], |hand, questioned, reference| {
                let genuine = if hand == Hand::Genuine { 2.0 } else { 0.0 };
                genuine + spread * f64::from(id) + 3.0 * noise(questioned + 40 * usize::from(id), reference)
            })
        };
        Scores::of((0..8).map(writer).collect())
    }

    #[test]
    fn writers_of_different_steadiness_are_centred() {
        let fused = fitted(writers(1.5)).unwrap();
        let Fusion::Centred(centred) = fused.fusion() else { panic!("the mean") };
        assert!(centred.weight >= 0.8, "{centred:?}");
        let before = cost(&writers(1.5)).unwrap().unwrap();
        assert!(cost(&fused).unwrap().unwrap() < 0.7 * before);
    }

    #[test]
    fn nothing_is_taken_off_where_the_references_say_nothing() {
        // the agreement of the references is the same for all writers
        let same = |id: u16| {
            made_up((Set::Hindi, id), [12, 12, 0], |hand, questioned, reference| match hand {
                Hand::Genuine => 2.0 + 0.1 * noise(questioned, reference),
                _ => 3.9 * noise(questioned + 31 * usize::from(id), reference),
            })
        };
        let scores = Scores::of((0..8).map(same).collect());
        let mean = cost(&scores).unwrap().unwrap();
        let chosen = cost(&fitted(scores).unwrap()).unwrap().unwrap();
        assert!(chosen <= mean && chosen > 0.9 * mean, "{chosen} {mean}");
    }

    #[test]
    fn writers_without_signatures_to_spare_keep_the_mean() {
        let writer = |id: u16| made_up((Set::Hindi, id), [2, 2, 0], |_, q, r| (q + r) as f64);
        let scores = fitted(Scores::of((0..4).map(writer).collect())).unwrap();
        assert_eq!(scores.fusion(), Fusion::Mean);
    }
}
