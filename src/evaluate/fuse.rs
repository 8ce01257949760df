//! Chooses how several references are fused, on validation writers.

use std::collections::BTreeMap;

use super::errors::{REFERENCES, Scores, by_references};
use super::metrics::cllr;
use crate::calibration;
use crate::error::{Error, Result};
use crate::fusion::{Centred, Fusion};

/// What is tried: three numbers for all writers and every number of references, so that there is little to overfit.
const WEIGHTS: [f64; 8] = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const SHRINKS: [f64; 6] = [0.0, 0.25, 0.5, 1.0, 2.0, 4.0];
const POWERS: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5];

/// The scores with the fusion of the lowest mean Cllr (logistic calibration, skilled forgeries) over all numbers of
/// references above one; with [`Fusion::Mean`] if nothing is better, or no writer has two signatures to spare. A fusion
/// under which genuine scores are not the higher ones, for a number of references for which their mean is, is none to
/// choose: it could not be calibrated.
///
/// # Errors
/// [`Error::Training`] if a score is not finite.
pub fn fitted(scores: Scores) -> Result<Scores> {
    let centred = POWERS.into_iter().flat_map(|power| {
        WEIGHTS
            .into_iter()
            .flat_map(move |weight| SHRINKS.map(|shrink| Fusion::Centred(Centred { weight, shrink, power })))
    });
    let mut scores = scores.with_fusion(Fusion::Mean);
    let of_mean = costs(&scores)?;
    let mut lowest = mean(&of_mean).unwrap_or(f64::INFINITY);
    let mut best = Fusion::Mean;
    for fusion in centred {
        scores = scores.with_fusion(fusion);
        let costs = costs(&scores)?;
        let fits = of_mean.keys().all(|references| costs.contains_key(references));
        if let Some(cost) = mean(&costs).filter(|cost| fits && *cost < lowest) {
            (lowest, best) = (cost, fusion);
        }
    }
    Ok(scores.with_fusion(best))
}

/// One line.
pub fn in_words(fusion: Fusion) -> String {
    match fusion {
        Fusion::Mean => "mean of the scores".into(),
        Fusion::Centred(Centred { weight, shrink, power }) => format!(
            "mean of odds to the power of {power} less the agreement of K references x {weight} (K - 1) / (K - 1 + \
             {shrink})"
        ),
    }
}

/// Cllr in bits for each number of references that can be fitted.
fn costs(scores: &Scores) -> Result<BTreeMap<usize, f64>> {
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
        let Ok((offset, slope)) = calibration::fit(&genuine, &forged) else { continue };
        let llrs = |raw: &[f64]| raw.iter().map(|raw| offset + slope * raw).collect::<Vec<_>>();
        if let Some(cost) = cllr(&llrs(&genuine), &llrs(&forged)) {
            costs.insert(references, cost);
        }
    }
    Ok(costs)
}

/// `None` where there is nothing to fit.
fn mean(costs: &BTreeMap<usize, f64>) -> Option<f64> {
    (!costs.is_empty()).then(|| costs.values().sum::<f64>() / costs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::scores::Hand;
    use super::super::scores::tests::made_up;
    use super::*;
    use crate::train::corpus::Set;

    fn cost(scores: &Scores) -> f64 {
        mean(&costs(scores).unwrap()).unwrap()
    }

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
        assert!(cost(&fused) < 0.7 * cost(&writers(1.5)));
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
        let fused = fitted(Scores::of((0..8).map(same).collect())).unwrap();
        let chosen = cost(&fused);
        let Fusion::Centred(centred) = fused.fusion() else { panic!("the mean") };
        let hardly = Fusion::Centred(Centred { weight: 0.3, shrink: 4.0, ..centred });
        let hardly = cost(&fused.with_fusion(hardly));
        assert!(chosen <= hardly && chosen > 0.9 * hardly, "{chosen} {hardly}");
    }

    #[test]
    fn writers_with_two_ways_of_signing_are_judged_by_the_references_most_alike() {
        let writer = |id: u16| {
            made_up((Set::Hindi, id), [12, 12, 0], |hand, questioned, reference| {
                let level = match hand {
                    Hand::Genuine if questioned % 2 == reference % 2 => 3.0,
                    Hand::Genuine => -3.0,
                    _ => 0.0,
                };
                level + 2.0 * noise(questioned + 40 * usize::from(id), reference)
            })
        };
        let fused = fitted(Scores::of((0..8).map(writer).collect())).unwrap();
        let Fusion::Centred(centred) = fused.fusion() else { panic!("the mean") };
        assert!(centred.power >= 1.0, "{centred:?}");
    }

    /// Centring helps writers with many signatures, and turns genuine and forged around where few have three: those alike
    /// have all of the high scores and nobody who imitates them.
    #[test]
    fn a_fusion_that_one_number_of_references_cannot_bear_is_not_chosen() {
        let many = |id: u16| {
            made_up((Set::Hindi, id), [11, 8, 0], |hand, questioned, reference| {
                let genuine = if hand == Hand::Genuine { 2.0 } else { 0.0 };
                genuine + 40.0 * f64::from(id) + 3.0 * noise(questioned + 40 * usize::from(id), reference)
            })
        };
        let alike = |id: u16| made_up((Set::Hindi, id), [3, 0, 0], |_, _, _| 300.0);
        let unlike = |id: u16| {
            let score = |hand: Hand| if hand == Hand::Genuine { 0.0 } else { 20.0 };
            made_up((Set::Hindi, id), [3, 4, 0], move |hand, _, _| score(hand))
        };
        let all = (0..4).map(many).chain((10..210).map(alike)).chain((210..410).map(unlike));
        let scores = Scores::of(all.collect());
        let numbers = |scores: &Scores| costs(scores).unwrap().into_keys().collect::<Vec<_>>();
        assert_eq!(numbers(&scores), [2, 3, 5, 10]);
        let whole = Fusion::Centred(Centred { weight: 1.0, shrink: 0.0, power: 0.0 });
        let scores = scores.with_fusion(whole);
        assert_eq!(numbers(&scores), [3, 5, 10], "less than there were");
        assert_eq!(numbers(&fitted(scores).unwrap()), [2, 3, 5, 10]);
    }

    #[test]
    fn writers_without_signatures_to_spare_keep_the_mean() {
        let writer = |id: u16| made_up((Set::Hindi, id), [2, 2, 0], |_, q, r| (q + r) as f64);
        let scores = fitted(Scores::of((0..4).map(writer).collect())).unwrap();
        assert_eq!(scores.fusion(), Fusion::Mean);
    }
}
