//! The triplet loss (Schroff, Kalenichenko, Philbin 2015, FaceNet, arXiv 1503.03832, equation 3) in the forms
//! of Hermans, Beyer, Leibe 2017 (arXiv 1703.07737).

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

use super::super::sampler::Label;
use super::{Mining, Triplets, floats};

/// Wants every anchor nearer to its positive than to its negative, by `margin`: each triplet costs
/// `max(0, margin + d(a, p) - d(a, n))` or, without a margin, the soft margin `ln(1 + e^(d(a, p) - d(a, n)))`.
///
/// The result is the mean over the triplets that `mining` chooses; of [`Mining::BatchAll`] over those that
/// cost anything, because most do not and would thin the others out (section 2 of Hermans et al.). Zero
/// where the batch has no triplet.
///
/// Distances are taken as they are, not squared as in FaceNet: Hermans et al. found that squares make
/// embeddings collapse. On embeddings of length 1 the cosine distance is half of FaceNet's squared one.
///
/// For an anchor at 0.5 from its positive and 0.4 from its negative, a margin of 0.2 gives 0.3, the soft
/// margin `ln(1 + e^0.1)` = 0.7444.
///
/// # Shapes
/// - `distances`: of every two signatures of the batch, `[B, B]`
/// - `labels`: `B`
/// - output: `[1]`
pub fn triplet(distances: Tensor<2>, labels: &[Label], mining: Mining, margin: Option<f32>) -> Tensor<1> {
    let known = floats(distances.clone().detach());
    let triplets = Triplets::mine(labels, &known, mining);
    let Some([positive, negative]) = triplets.distances(&distances) else {
        return distances.sum().mul_scalar(0.0);
    };
    let excess = positive - negative;
    let Some(margin) = margin else {
        // ln(1 + e^x) as -ln(sigmoid(-x)), which does not overflow
        return log_sigmoid(excess.neg()).neg().mean();
    };
    let costs = excess.add_scalar(margin).clamp_min(0.0);
    match mining {
        Mining::BatchHard => costs.mean(),
        Mining::BatchAll => {
            let costly = costs.clone().greater_scalar(0.0).float().sum().clamp_min(1.0);
            costs.sum() / costly
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::assert_gradient;
    use super::super::tests::labels;
    use super::*;
    use burn::tensor::Device;

    /// Two genuine signatures of writer 0, a forgery of them, a genuine signature of writer 1.
    fn batch() -> Vec<Label> {
        labels([(0, true), (0, true), (0, false), (1, true)])
    }

    /// Anchor 0: 0.5 to its positive, 0.4 to the forgery, 0.9 to the other writer; anchor 1: 0.5, 0.6, 0.55.
    #[rustfmt::skip]
    const DISTANCES: [f32; 16] = [
        0.0, 0.5, 0.4, 0.9,
        0.5, 0.0, 0.6, 0.55,
        0.4, 0.6, 0.0, 0.8,
        0.9, 0.55, 0.8, 0.0,
    ];

    fn of(mining: Mining, margin: Option<f32>) -> f32 {
        let distances = Tensor::<1>::from_floats(DISTANCES, &Device::flex()).reshape([4, 4]);
        triplet(distances, &batch(), mining, margin).into_scalar()
    }

    #[test]
    fn worked_example() {
        // hardest: 0.2 + 0.5 - 0.4 = 0.3 and 0.2 + 0.5 - 0.55 = 0.15
        assert!((of(Mining::BatchHard, Some(0.2)) - 0.225).abs() < 1e-6);
        // all: 0.3, nothing for 0.9, 0.1 and 0.15, averaged over the three that cost something
        assert!((of(Mining::BatchAll, Some(0.2)) - 0.55 / 3.0).abs() < 1e-6);
        // ln(1 + e^0.1) = 0.74440 and ln(1 + e^-0.05) = 0.66846
        assert!((of(Mining::BatchHard, None) - 0.70643).abs() < 1e-4);
        // and of the other two: ln(1 + e^-0.4) = 0.51302 and ln(1 + e^-0.1) = 0.64440
        assert!((of(Mining::BatchAll, None) - 0.64257).abs() < 1e-4);
    }

    #[test]
    fn large_distances_stay_finite_and_a_batch_without_triplets_costs_nothing() {
        let distances = Tensor::<1>::from_floats(DISTANCES, &Device::flex()).reshape([4, 4]) * 1e4;
        let loss: f32 = triplet(distances.clone(), &batch(), Mining::BatchHard, None).into_scalar();
        // 1000 for anchor 0, nothing for anchor 1
        assert!((loss - 500.0).abs() < 0.1, "{loss}");
        let alone = labels([(0, true), (1, false), (2, false), (3, false)]);
        assert_eq!(triplet(distances, &alone, Mining::BatchAll, None).into_scalar::<f32>(), 0.0);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        for mining in [Mining::BatchHard, Mining::BatchAll] {
            for margin in [None, Some(0.2)] {
                assert_gradient(DISTANCES, |flat: Tensor<1>| {
                    triplet(flat.reshape([4, 4]), &batch(), mining, margin)
                });
            }
        }
    }
}
