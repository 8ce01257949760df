//! The contrastive loss of the tutorial (Hadsell, Chopra, LeCun 2006, equation 4, without its factor of
//! a half), which trains [`signet`].
//!
//! [`signet`]: crate::model::signet

use burn::tensor::Tensor;

/// Pulls pairs of the same hand together and pushes other pairs at least `margin` apart:
/// `mean((1 - y) d^2 + y max(0, margin - d)^2)`.
///
/// `distance` holds the Euclidean distance `d >= 0` of each pair, or its cosine distance `1 - cos`;
/// `different` holds its label `y`: 1 for a pair of different hands (a forgery beside a genuine signature),
/// 0 for the same hand. The margin of the tutorial is 2.
///
/// With that margin a distance of 0.5 costs 0.25 if the hand is the same and `(2 - 0.5)^2` = 2.25 if not.
///
/// # Shapes
///
/// - distance: `[B]`
/// - different: `[B]`
/// - output: `[1]`
pub fn contrastive(distance: Tensor<1>, different: Tensor<1>, margin: f64) -> Tensor<1> {
    let same = different.clone().neg().add_scalar(1.0);
    let short_of_margin = distance.clone().neg().add_scalar(margin).clamp_min(0.0);
    (same * distance.square() + different * short_of_margin.square()).mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    const MARGIN: f64 = 2.0;

    fn loss(distance: &[f32], different: &[f32], device: &Device) -> f32 {
        let distance = Tensor::from_data(distance, device);
        let different = Tensor::from_data(different, device);
        contrastive(distance, different, MARGIN).into_scalar()
    }

    #[test]
    fn worked_example() {
        // same hand at 0.5: 0.25; same at 3: 9 (no margin here);
        // different at 0.5: (2 - 0.5)^2 = 2.25; different at 3: beyond the margin, 0
        let value = loss(&[0.5, 3.0, 0.5, 3.0], &[0.0, 0.0, 1.0, 1.0], &Device::flex());
        assert!((value - (0.25 + 9.0 + 2.25 + 0.0) / 4.0).abs() < 1e-6, "{value}");
    }

    #[test]
    fn nothing_is_lost_when_the_hands_are_apart() {
        assert_eq!(loss(&[0.0, 2.0, 7.0], &[0.0, 1.0, 1.0], &Device::flex()), 0.0);
    }

    #[test]
    fn gradient_agrees_with_finite_differences() {
        // away from d = margin, where the second derivative jumps
        let distance = [0.1f32, 1.3, 2.6, 0.2, 1.1, 1.9, 2.4];
        let different = [0.0f32, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let device = Device::flex().autodiff();
        let tracked = Tensor::<1>::from_data(distance, &device).require_grad();
        let labels = Tensor::from_data(different, &device);
        let gradients = contrastive(tracked.clone(), labels, MARGIN).backward();
        let gradient: Vec<f32> = tracked.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();

        // the loss is quadratic between its kinks: central differences have no truncation error
        let step = 0.03125;
        for (index, analytic) in gradient.iter().enumerate() {
            let at = |offset: f32| {
                let mut moved = distance;
                moved[index] += offset;
                loss(&moved, &different, &Device::flex())
            };
            let numeric = (at(step) - at(-step)) / (2.0 * step);
            assert!((analytic - numeric).abs() < 1e-4, "{index}: {analytic} and {numeric}");
        }
    }
}
