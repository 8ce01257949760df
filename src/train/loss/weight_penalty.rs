//! The penalty that makes cross-entropy "regularised" (Koch, Zemel, Salakhutdinov 2015, section 3.2).

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// The sum of the squares of all weights of a network: convolutions and linear layers, not biases, nor scales
/// and shifts of normalisations (those have one dimension, weights have more). `None` without any.
///
/// Added to the loss with a factor `l2`, its gradient `2 l2 w` passes through the optimiser like any other
/// gradient. SGD thus shrinks a weight by `2 l2 lr` of itself in each step. RMSprop and Adam divide gradients
/// by their usual size, and this part with them, so that weights with large gradients are hardly penalised.
/// The decoupled weight decay of AdamW (Loshchilov, Hutter 2019, arXiv 1711.05101) is applied past that
/// division and shrinks all weights, biases and scales by the same share.
///
/// A linear layer with the weights 1, -2 and 3 and any bias has 1 + 4 + 9 = 14.
///
/// # Shapes
/// - output: `[1]`
pub fn weight_penalty<M: Module>(network: &M) -> Option<Tensor<1>> {
    let mut sum = Sum(None);
    network.visit(&mut sum);
    sum.0
}

struct Sum(Option<Tensor<1>>);

impl ModuleVisitor for Sum {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if D > 1 {
            let squares = param.val().square().sum();
            self.0 = Some(match self.0.take() {
                Some(sum) => sum + squares,
                None => squares,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{BatchNormConfig, Linear, LinearConfig};
    use burn::tensor::Device;

    fn layer(weights: [f32; 3], device: &Device) -> Linear {
        let mut layer = LinearConfig::new(3, 1).init(device);
        let weights = Tensor::<1>::from_floats(weights, device).reshape([3, 1]);
        layer.weight = Param::from_tensor(weights);
        layer
    }

    fn of(weights: [f32; 3]) -> f32 {
        weight_penalty(&layer(weights, &Device::flex())).unwrap().into_scalar()
    }

    #[test]
    fn worked_example() {
        assert_eq!(of([1.0, -2.0, 3.0]), 14.0);
    }

    #[test]
    fn a_normalisation_has_no_weights() {
        assert!(weight_penalty(&BatchNormConfig::new(4).init(&Device::flex())).is_none());
    }

    #[test]
    fn gradient_agrees_with_finite_differences_and_spares_the_bias() {
        let point = [1.0, -2.0, 3.0];
        let layer = layer(point, &Device::flex().autodiff());
        let gradients = weight_penalty(&layer).unwrap().backward();
        let gradient: Vec<f32> =
            layer.weight.val().grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
        for (index, &computed) in gradient.iter().enumerate() {
            let at = |offset: f32| {
                let mut moved = point;
                moved[index] += offset;
                of(moved)
            };
            let expected = (at(0.125) - at(-0.125)) / 0.25;
            assert!((computed - expected).abs() < 1e-3, "{index}: {computed} is not {expected}");
        }
        assert!(layer.bias.unwrap().val().grad(&gradients).is_none());
    }
}
