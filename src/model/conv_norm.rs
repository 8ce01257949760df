//! Convolution followed by batch normalisation, the layer that our encoder is made of.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

use super::convolve::convolve;

/// Settings of a [`ConvNorm`].
#[derive(Config, Debug)]
pub struct ConvNormConfig {
    /// Channels in and out.
    pub channels: [usize; 2],
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Step of the kernel in both directions.
    #[config(default = 1)]
    pub stride: usize,
    /// Whether a rectifier follows the normalisation.
    #[config(default = true)]
    pub relu: bool,
}

/// A 2-D convolution without bias, batch normalisation and, if so configured, a rectifier.
///
/// The image is padded with `kernel / 2` zeros on each side, so an odd kernel with stride 1 keeps its size.
/// While training the layer runs on faster operations (`train::layers`), with the same results; everywhere else it is burn's own [`Conv2d`] and [`BatchNorm`], whose records it also has.
#[derive(Module, Debug)]
pub struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
    relu: bool,
}

impl ConvNormConfig {
    /// A new layer; weights are drawn from a normal distribution scaled to the filter's size (He et al. 2015).
    pub fn init(&self, device: &Device) -> ConvNorm {
        let [channels_in, channels_out] = self.channels;
        let padding = self.kernel / 2;
        ConvNorm {
            conv: Conv2dConfig::new([channels_in, channels_out], [self.kernel; 2])
                .with_stride([self.stride; 2])
                .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                .with_bias(false)
                .with_initializer(Initializer::KaimingNormal {
                    gain: std::f64::consts::SQRT_2,
                    fan_out_only: true,
                })
                .init(device),
            norm: BatchNormConfig::new(channels_out).init(device),
            relu: self.relu,
        }
    }
}

/// Weights by which each of the `2 to + 1` rows of a finer kernel is made of the `2 from + 1` rows of a coarser one
/// that covers the same: linear between neighbours, and as many times less as there are more of them.
fn kernel_resampling(from: usize, to: usize) -> Vec<Vec<f32>> {
    let scale = from as f32 / to as f32;
    let row = |fine: usize| {
        let at = fine as f32 * scale;
        (0..=2 * from).map(|coarse| (1.0 - (at - coarse as f32).abs()).max(0.0) * scale).collect()
    };
    (0..=2 * to).map(row).collect()
}

impl ConvNorm {
    /// This layer for an image whose pixels are `to / from` times as fine, with a kernel of `2 to + 1` in place of
    /// `2 from + 1`: it covers as much of the picture, and its answer to a smooth one is the same.
    pub(super) fn resampled(mut self, from: usize, to: usize) -> Self {
        let weight = self.conv.weight.val();
        let steps: Vec<f32> = kernel_resampling(from, to).into_iter().flatten().collect();
        let steps =
            Tensor::<2>::from_data(TensorData::new(steps, [2 * to + 1, 2 * from + 1]), &weight.device());
        let steps = steps.unsqueeze::<4>();
        let weight = steps.clone().matmul(weight).matmul(steps.swap_dims(2, 3));
        self.conv.weight = Param::from_tensor(weight);
        self
    }

    /// From `[batch, channels_in, height, width]` to `[batch, channels_out, height', width']`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.normalise(convolve(&self.conv, input), None)
    }

    /// Like [`forward`](Self::forward), with `skip`, a tensor of the output's shape, added before the
    /// rectifier: the end of a residual block.
    pub fn forward_add(&self, input: Tensor<4>, skip: Tensor<4>) -> Tensor<4> {
        self.normalise(convolve(&self.conv, input), Some(skip))
    }

    fn normalise(&self, input: Tensor<4>, skip: Option<Tensor<4>>) -> Tensor<4> {
        #[cfg(all(feature = "train", not(target_family = "wasm")))]
        if self.norm.training.is_enabled()
            && let Some(output) = self.normalise_fast(&input, skip.clone())
        {
            return output;
        }
        let mut output = self.norm.forward(input);
        if let Some(skip) = skip {
            output = output + skip;
        }
        if self.relu { relu(output) } else { output }
    }

    /// Normalises with the statistics of the batch and moves the running ones as [`BatchNorm`] does.
    #[cfg(all(feature = "train", not(target_family = "wasm")))]
    fn normalise_fast(&self, input: &Tensor<4>, skip: Option<Tensor<4>>) -> Option<Tensor<4>> {
        let BatchNorm { gamma, beta, running_mean, running_var, momentum, epsilon, .. } = &self.norm;
        let device = input.device();
        let result =
            crate::train::layers::batch_norm(input, [gamma.val(), beta.val()], skip, *epsilon, self.relu)?;
        for (running, batch) in [(running_mean, result.mean), (running_var, result.variance)] {
            let old = running.value_sync().to_device(&device);
            let new = old.mul_scalar(1.0 - momentum).add(batch.detach().mul_scalar(*momentum));
            running.update(new.detach());
        }
        Some(result.output)
    }
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    #[test]
    fn training_agrees_with_burns_own_layers() {
        let device = Device::flex().autodiff();
        for (relu_after, added) in [(true, false), (false, false), (true, true)] {
            let fast = ConvNormConfig::new([2, 5], 3).with_stride(2).with_relu(relu_after).init(&device);
            let stock: (Conv2d, BatchNorm) = (fast.conv.clone(), BatchNormConfig::new(5).init(&device));
            let x = Tensor::<4>::random([4, 2, 9, 12], Distribution::Default, &device);
            let skip = Tensor::<4>::random([4, 5, 5, 6], Distribution::Default, &device);
            let expected = stock.1.forward(stock.0.forward(x.clone()));
            let (got, expected) = match added {
                true => (fast.forward_add(x, skip.clone()), expected + skip),
                false => (fast.forward(x), expected),
            };
            let expected = if relu_after { relu(expected) } else { expected };
            let near = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
            got.into_data().assert_approx_eq::<f32>(&expected.into_data(), near);
            for (got, expected) in [
                (&fast.norm.running_mean, &stock.1.running_mean),
                (&fast.norm.running_var, &stock.1.running_var),
            ] {
                let (got, expected) = (got.value_sync().into_data(), expected.value_sync().into_data());
                got.assert_approx_eq::<f32>(&expected, near);
            }
        }
    }

    #[test]
    fn inference_uses_the_running_statistics() {
        let layer = ConvNormConfig::new([1, 3], 5).init(&Device::flex().autodiff());
        let device = Device::flex();
        let layer = layer.valid();
        let x = Tensor::<4>::random([2, 1, 8, 8], Distribution::Default, &device);
        let expected = relu(layer.norm.forward(layer.conv.forward(x.clone())));
        layer.forward(x).into_data().assert_eq(&expected.into_data(), true);
    }
}
