//! Logistic loss on the score of a pair: cross-entropy on a pair logit, as in Koch, Zemel, Salakhutdinov 2015,
//! section 3.2. The penalty on weights that belongs to it there is [`weight_penalty`](super::weight_penalty).

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

/// `sum(weight * cross_entropy(sigmoid(score), same))` with targets moved by `smoothing` from 0 and 1.
///
/// For a score of 0 every term is `weight * ln 2`; for one of 2 and different hands `weight * 2.1269`.
///
/// # Shapes
/// - `score`, `same` (1 for the same hand, else 0), `weight`: `[P]`
/// - output: `[1]`
pub fn logistic(score: Tensor<1>, same: Tensor<1>, weight: Tensor<1>, smoothing: f32) -> Tensor<1> {
    let target = same.mul_scalar(1.0 - 2.0 * smoothing).add_scalar(smoothing);
    let positive = log_sigmoid(score.clone()) * target.clone();
    let negative = log_sigmoid(score.neg()) * target.neg().add_scalar(1.0);
    ((positive + negative).neg() * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::super::gradient_check::assert_gradient;
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn worked_example() {
        let device = Device::flex();
        let loss = logistic(
            Tensor::from_floats([0.0, 2.0], &device),
            Tensor::from_floats([1.0, 0.0], &device),
            Tensor::from_floats([0.5, 0.5], &device),
            0.0,
        );
        // 0.5 ln 2 + 0.5 ln(1 + e^2) = 0.34657 + 1.06346
        assert!((loss.into_scalar::<f32>() - 1.41003).abs() < 1e-4);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        assert_gradient([0.3, -1.2, 2.0, 0.1], |score: Tensor<1>| {
            let device = score.device();
            let same = Tensor::from_floats([1.0, 0.0, 1.0, 0.0], &device);
            let weight = Tensor::from_floats([0.25, 0.25, 0.3, 0.2], &device);
            logistic(score, same, weight, 0.02)
        });
    }
}
