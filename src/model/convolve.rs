//! One convolution, by the fastest way that there is for it.

use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

/// What `conv` makes of `input`. While training it takes the operations of `train::layers`; elsewhere it is
/// burn's own.
///
/// # Shapes
///
/// - input: `[B, C, H, W]`
/// - output: `[B, C', H', W']`
pub(super) fn convolve(conv: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(all(feature = "train", not(target_family = "wasm")))]
    {
        use burn::nn::PaddingConfig2d;

        use crate::train::layers;

        let padding = match conv.padding {
            PaddingConfig2d::Valid => Some(0),
            PaddingConfig2d::Explicit(padding, ..) => Some(padding),
            PaddingConfig2d::Same => None,
        };
        let output =
            padding.and_then(|padding| layers::conv2d(&input, &conv.weight.val(), conv.stride[0], padding));
        if let Some(output) = output {
            return match &conv.bias {
                Some(bias) => output + bias.val().reshape([1, -1, 1, 1]),
                None => output,
            };
        }
    }
    conv.forward(input)
}

#[cfg(all(test, feature = "train", not(target_family = "wasm")))]
mod tests {
    use burn::nn::PaddingConfig2d;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution};

    use super::*;

    /// The layers of Koch's network and of the tutorial's have a bias, ours none; their kernels are large.
    #[test]
    fn a_bias_is_added_and_learned() {
        let device = Device::flex().autodiff();
        let random = |shape| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        for (kernel, padding) in [(10, PaddingConfig2d::Valid), (5, PaddingConfig2d::Explicit(2, 2, 2, 2))] {
            let conv = Conv2dConfig::new([2, 3], [kernel, kernel]).with_padding(padding).init(&device);
            let input = random([2, 2, 14, 17]);
            let (ours, stock) = (convolve(&conv, input.clone()), conv.forward(input));
            ours.clone().into_data().assert_approx_eq::<f32>(&stock.clone().into_data(), Default::default());
            let upstream = random(stock.dims());
            let bias = conv.bias.as_ref().unwrap().val();
            let gradient =
                |output: Tensor<4>| bias.grad(&(output * upstream.clone()).sum().backward()).unwrap();
            let (ours, stock) = (gradient(ours), gradient(stock));
            assert!(stock.clone().abs().min().into_scalar::<f32>() > 0.0);
            ours.into_data().assert_approx_eq::<f32>(&stock.into_data(), Default::default());
        }
    }
}
