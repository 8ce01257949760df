//! One convolution, by the fastest way that there is for it.

use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

/// What `conv` makes of `input`. While training, a convolution without bias on burn-flex takes the operations of
/// `train::fast`, and any on a GPU those of `train::product`; elsewhere it is burn's own.
///
/// # Shapes
///
/// - input: `[B, C, H, W]`
/// - output: `[B, C', H', W']`
pub(super) fn convolve(conv: &Conv2d, input: Tensor<4>) -> Tensor<4> {
    #[cfg(all(feature = "train", not(target_family = "wasm")))]
    {
        use burn::nn::PaddingConfig2d;

        use crate::train::{fast, product};

        let padding = match conv.padding {
            PaddingConfig2d::Valid => Some(0),
            PaddingConfig2d::Explicit(padding, ..) => Some(padding),
            PaddingConfig2d::Same => None,
        };
        if let Some(padding) = padding {
            let (weight, stride) = (|| conv.weight.val(), conv.stride[0]);
            if conv.bias.is_none() && fast::serves(&input) {
                return fast::conv2d(input, weight(), stride, padding);
            }
            if product::serves(&input) {
                let output = product::conv2d(input, weight(), stride, padding);
                return match &conv.bias {
                    Some(bias) => output + bias.val().reshape([1, -1, 1, 1]),
                    None => output,
                };
            }
        }
    }
    conv.forward(input)
}
