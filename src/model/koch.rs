//! The network of Koch, Zemel and Salakhutdinov, "Siamese Neural Networks for One-shot Image Recognition" (ICML Deep
//! Learning Workshop, 2015), figure 4: the encoder of the tutorial's one-shot reference. With the similarity
//! `weighted-l1` and a logistic loss with `l2` it is the whole of the paper.
//!
//! 38.9 million parameters and 0.9 billion multiply-adds an image, nearly all parameters in the one linear layer.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::convolve::convolve;

/// Height and width in pixels of the only input that the linear layer fits.
pub const SIDE: usize = 105;

/// Length of the embedding.
pub const EMBEDDING: usize = 4096;

/// Values of the last feature map, `[256, 6, 6]`.
const FLAT: usize = 256 * 6 * 6;

/// Settings of [`Koch`]: none, its layers are those of the paper.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KochConfig {}

impl KochConfig {
    /// A network with random weights on `device`: He et al. 2015 (arXiv 1502.01852), biases of the convolutions 0. With
    /// the normal ones of the paper, of standard deviation 0.2 for 9216 inputs, every sigmoid begins saturated; with
    /// burn's usual ones, a sixth of the square in each layer, all embeddings begin alike (`models/ONE_SHOT.md` has what
    /// that costs).
    pub fn init(&self, device: &Device) -> Koch {
        let he = Initializer::KaimingUniform { gain: 2f64.sqrt(), fan_out_only: false };
        let conv = |channels: [usize; 2], kernel: usize| Conv2d {
            bias: Some(Initializer::Zeros.init([channels[1]], device)),
            ..Conv2dConfig::new(channels, [kernel, kernel]).with_initializer(he.clone()).init(device)
        };
        Koch {
            conv1: conv([1, 64], 10),
            conv2: conv([64, 128], 7),
            conv3: conv([128, 128], 4),
            conv4: conv([128, 256], 4),
            fc: LinearConfig::new(FLAT, EMBEDDING).with_initializer(he.clone()).init(device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        }
    }
}

/// Koch's encoder. Made by [`KochConfig::init`].
#[derive(Module, Debug)]
pub struct Koch {
    /// 1 -> 64 channels, 10 x 10.
    conv1: Conv2d,
    /// 64 -> 128 channels, 7 x 7.
    conv2: Conv2d,
    /// 128 -> 128 channels, 4 x 4.
    conv3: Conv2d,
    /// 128 -> 256 channels, 4 x 4.
    conv4: Conv2d,
    /// 9216 -> 4096.
    fc: Linear,
    pool: MaxPool2d,
}

impl Koch {
    /// Embeds images, 0 for paper to 1 for ink. Every number of an embedding lies in 0 to 1.
    ///
    /// # Shapes
    /// - `ink`: `[B, 1, 105, 105]`
    /// - output: `[B, 4096]`
    ///
    /// # Panics
    /// If the images are not [`SIDE`] pixels high and wide.
    pub fn forward(&self, ink: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(convolve(&self.conv1, ink))); // [B, 64, 48, 48]
        let x = self.pool.forward(relu(convolve(&self.conv2, x))); // [B, 128, 21, 21]
        let x = self.pool.forward(relu(convolve(&self.conv3, x))); // [B, 128, 9, 9]
        let x = relu(convolve(&self.conv4, x)); // [B, 256, 6, 6]
        sigmoid(self.fc.forward(x.flatten::<2>(1, 3)))
    }
}

#[cfg(all(test, feature = "cpu", not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn has_the_parameters_of_the_paper() {
        // 64*100+64, 128*64*49+128, 128*128*16+128, 256*128*16+256, 9216*4096+4096
        let koch = KochConfig {}.init(&Device::flex());
        assert_eq!(koch.num_params(), 6464 + 401_536 + 262_272 + 524_544 + 37_752_832);
    }

    #[test]
    fn embeds_between_0_and_1_and_tells_images_apart() {
        let device = Device::flex();
        let koch = KochConfig {}.init(&device);
        let ink =
            Tensor::<4>::random([2, 1, SIDE, SIDE], burn::tensor::Distribution::Uniform(0.0, 1.0), &device);
        let embedding = koch.forward(ink);
        assert_eq!(embedding.dims(), [2, EMBEDDING]);
        let values: Vec<f32> = embedding.into_data().try_to_vec().unwrap();
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
        assert!(values[..EMBEDDING] != values[EMBEDDING..]);
    }
}
