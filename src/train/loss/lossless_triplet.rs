//! The "lossless" triplet loss (Marc-Olivier Arsenault 2018, "Lossless Triplet loss", Towards Data Science).

use burn::tensor::Tensor;

use super::super::sampler::Label;
use super::{Mining, Triplets, floats};

/// Keeps the logarithms finite where two embeddings are the same or as far apart as can be.
const EPSILON: f64 = 1e-8;

/// A triplet loss that goes on pulling and pushing where [`triplet`](super::triplet) has reached its margin:
/// `-ln(1 - d(a, p)^2 / N + e) - ln(1 - (N - d(a, n)^2) / N + e)`, with `e` = 1e-8, averaged over the
/// triplets that `mining` chooses. Zero where the batch has no triplet.
///
/// Embeddings of `dimensions` = N numbers go through a sigmoid first, so that squared distances lie in 0 to
/// N ([`SigmoidEuclidean`] does it). The article's scale beta is N, as it recommends.
///
/// With N = 2, a squared distance of 0.5 to the positive costs `-ln 0.75` = 0.2877, one of 0.4 to the
/// negative `-ln 0.2` = 1.6094.
///
/// # Shapes
/// - `distances`: of every two signatures of the batch, not squared, `[B, B]`
/// - `labels`: `B`
/// - output: `[1]`
///
/// [`SigmoidEuclidean`]: crate::model::SimilarityConfig::SigmoidEuclidean
pub fn lossless_triplet(
    distances: Tensor<2>,
    labels: &[Label],
    mining: Mining,
    dimensions: usize,
) -> Tensor<1> {
    let known = floats(distances.clone().detach());
    let triplets = Triplets::mine(labels, &known, mining);
    let Some([positive, negative]) = triplets.distances(&distances) else {
        return distances.sum().mul_scalar(0.0);
    };
    // in single precision 1 + e is 1: what is left of N comes first, then e
    let share = |distance: Tensor<1>| distance.square().div_scalar(dimensions as f64);
    let cost = |left: Tensor<1>| left.clamp_min(0.0).add_scalar(EPSILON).log().neg();
    (cost(share(positive).neg().add_scalar(1.0)) + cost(share(negative))).mean()
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::assert_gradient;
    use super::super::tests::labels;
    use super::*;
    use burn::tensor::Device;

    /// Genuine, genuine, forged.
    fn batch() -> Vec<Label> {
        labels([(0, true), (0, true), (0, false)])
    }

    fn of(squared: [f32; 9], mining: Mining) -> f32 {
        let squared = Tensor::<1>::from_floats(squared, &Device::flex()).reshape([3, 3]);
        lossless_triplet(squared.sqrt(), &batch(), mining, 2).into_scalar()
    }

    #[test]
    fn worked_example() {
        let squared = [0.0, 0.5, 0.4, 0.5, 0.0, 2.0, 0.4, 2.0, 0.0];
        // -ln 0.75 - ln 0.2 = 1.89712 for anchor 0; -ln 0.75 - ln 1 = 0.28768 for anchor 1
        for mining in [Mining::BatchHard, Mining::BatchAll] {
            let loss = of(squared, mining);
            assert!((loss - 1.09240).abs() < 1e-4, "{loss}");
        }
    }

    #[test]
    fn the_worst_case_is_finite() {
        // in four dimensions, positives as far apart as can be and negatives the same: twice -ln 1e-8 = 18.42
        let distances = [0.0, 2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let distances = Tensor::<1>::from_floats(distances, &Device::flex()).reshape([3, 3]);
        let loss: f32 = lossless_triplet(distances, &batch(), Mining::BatchHard, 4).into_scalar();
        assert!((loss - 36.84).abs() < 0.01, "{loss}");
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        let distances = [0.1, 0.7, 0.6, 0.8, 0.1, 1.2, 0.6, 1.1, 0.1];
        for mining in [Mining::BatchHard, Mining::BatchAll] {
            assert_gradient(distances, |flat: Tensor<1>| {
                lossless_triplet(flat.reshape([3, 3]), &batch(), mining, 2)
            });
        }
    }
}
