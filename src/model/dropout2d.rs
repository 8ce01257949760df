//! Dropout of whole channels (Tompson et al. 2015), as PyTorch's `Dropout2d`.
//!
//! Neighbouring cells of a feature map say nearly the same, so dropping single cells (burn's
//! [`Dropout`]) hides little from the next convolution; a dropped channel is gone everywhere.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::Tensor;

/// Sets whole channels of each image to zero while training and scales the others by
/// `1 / (1 - probability)`; changes nothing otherwise.
#[derive(Module, Debug)]
pub struct Dropout2d {
    /// Draws one number per channel; also knows whether the module is frozen.
    channels: Dropout,
}

impl Dropout2d {
    /// Drops each channel with this probability.
    ///
    /// # Panics
    ///
    /// If `probability` is not in `[0, 1)`.
    pub fn new(probability: f64) -> Self {
        Self { channels: DropoutConfig::new(probability).init() }
    }

    /// Drops channels if the input lives on an autodiff device and the module is not frozen.
    ///
    /// # Shapes
    ///
    /// - input: `[B, C, H, W]`
    /// - output: `[B, C, H, W]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        // `Dropout` would return ones here; skip the multiplication as well.
        if !self.channels.training.is_enabled() || !input.device().is_autodiff() {
            return input;
        }
        let [batch, channels, _, _] = input.dims();
        let mask = self.channels.forward(Tensor::ones([batch, channels, 1, 1], &input.device()));
        input * mask
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn a_channel_is_dropped_whole_or_kept_whole() {
        let device = Device::flex().autodiff();
        let out = Dropout2d::new(0.3).forward(Tensor::ones([8, 64, 3, 5], &device));
        let values: Vec<f32> = out.into_data().try_to_vec().unwrap();
        let kept = values
            .chunks(15)
            .filter(|channel| {
                assert!(channel.iter().all(|v| *v == channel[0]));
                assert!(channel[0] == 0.0 || (channel[0] - 1.0 / 0.7).abs() < 1e-6);
                channel[0] > 0.0
            })
            .count();
        // 512 draws with probability 0.7: 358 +- 10; six standard deviations either way
        assert!((296..=420).contains(&kept), "{kept} of 512 channels kept");
    }

    #[test]
    fn nothing_is_dropped_outside_training() {
        let input = Tensor::<4>::ones([2, 8, 3, 3], &Device::flex());
        let out = Dropout2d::new(0.9).forward(input.clone());
        assert_eq!(out.into_data(), input.into_data());

        let input = Tensor::<4>::ones([2, 8, 3, 3], &Device::flex().autodiff());
        let frozen = Dropout2d::new(0.9).freeze();
        assert_eq!(frozen.forward(input.clone()).into_data(), input.into_data());
    }
}
