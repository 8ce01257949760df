//! The tutorial's network, layer by layer: a convolutional encoder after SigNet (Dey et al. 2017,
//! arXiv:1707.02131) that maps a signature to a point in the plane.
//!
//! Two signatures of the same hand lie close together; the score of a pair is their Euclidean
//! distance, and the contrastive loss (feature `train`) trains it. 34.2 million
//! parameters and 2.4 billion multiply-adds an image: it is here for fidelity and comparison.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use serde::{Deserialize, Serialize};

use super::convolve::convolve;
use super::dropout2d::Dropout2d;
use super::lrn::LocalResponseNorm;
use crate::error::{Error, Result};

/// Height and width in pixels of the only input that the linear layers fit.
pub const SIDE: usize = 105;

/// Length of the embedding.
pub const EMBEDDING: usize = 2;

/// Size, alpha, beta and k of the local response normalisation.
pub const NORM: (usize, f64, f64, f64) = (5, 1e-4, 0.75, 2.0);

/// Values of the last feature map, `[256, 11, 11]`.
const FLAT: usize = 256 * 11 * 11;

/// Settings of [`Signet`]. Its layers are fixed; only the dropout used while training may differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignetConfig {
    /// Probability that a channel is dropped after the second and the third block.
    pub channel_dropout: f64,
    /// Probability that a value is dropped after the first linear layer.
    pub dropout: f64,
}

impl Default for SignetConfig {
    fn default() -> Self {
        Self { channel_dropout: 0.3, dropout: 0.5 }
    }
}

impl SignetConfig {
    /// A network with random weights on `device`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidConfig`] if a probability is not in `[0, 1)`.
    pub fn init(&self, device: &Device) -> Result<Signet> {
        for probability in [self.channel_dropout, self.dropout] {
            // also false for NaN
            if !(0.0..1.0).contains(&probability) {
                return Err(Error::InvalidConfig(format!(
                    "a dropout probability is {probability}; give one from 0 to below 1"
                )));
            }
        }
        let conv = |channels, kernel, padding| {
            Conv2dConfig::new(channels, [kernel, kernel])
                .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
                .init(device)
        };
        let linear = |inputs, outputs| LinearConfig::new(inputs, outputs).init(device);
        let (size, alpha, beta, k) = NORM;
        Ok(Signet {
            conv1: conv([1, 96], 11, 0),
            conv2: conv([96, 256], 5, 2),
            conv3: conv([256, 384], 3, 1),
            conv4: conv([384, 256], 3, 1),
            fc1: linear(FLAT, 1024),
            fc2: linear(1024, 128),
            fc3: linear(128, EMBEDDING),
            norm: LocalResponseNorm::new(size, alpha, beta, k),
            pool: MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).init(),
            channel_dropout: Dropout2d::new(self.channel_dropout),
            dropout: DropoutConfig::new(self.dropout).init(),
        })
    }
}

/// The tutorial's encoder. Made by [`SignetConfig::init`].
///
/// Layers with weights are public, so that tests can set them and read what lies between.
#[derive(Module, Debug)]
pub struct Signet {
    /// 1 -> 96 channels, 11 x 11.
    pub conv1: Conv2d,
    /// 96 -> 256 channels, 5 x 5.
    pub conv2: Conv2d,
    /// 256 -> 384 channels, 3 x 3.
    pub conv3: Conv2d,
    /// 384 -> 256 channels, 3 x 3.
    pub conv4: Conv2d,
    /// 30976 -> 1024.
    pub fc1: Linear,
    /// 1024 -> 128.
    pub fc2: Linear,
    /// 128 -> 2.
    pub fc3: Linear,
    /// Used after the first and the second convolution.
    pub norm: LocalResponseNorm,
    pool: MaxPool2d,
    channel_dropout: Dropout2d,
    dropout: Dropout,
}

impl Signet {
    /// Embeds images of ink, 0 for paper to 1 for full ink.
    ///
    /// # Shapes
    ///
    /// - ink: `[B, 1, 105, 105]`
    /// - output: `[B, 2]`
    ///
    /// # Panics
    ///
    /// If the images are not [`SIDE`] pixels high and wide.
    pub fn forward(&self, ink: Tensor<4>) -> Tensor<2> {
        self.head(self.block3(self.block2(self.block1(ink))))
    }

    /// Convolution, normalisation, pooling.
    ///
    /// # Shapes
    ///
    /// - ink: `[B, 1, 105, 105]`
    /// - output: `[B, 96, 47, 47]`
    pub fn block1(&self, ink: Tensor<4>) -> Tensor<4> {
        let x = relu(convolve(&self.conv1, ink));
        self.pool.forward(self.norm.forward(x))
    }

    /// Convolution, normalisation, pooling, dropout.
    ///
    /// # Shapes
    ///
    /// - input: `[B, 96, 47, 47]`
    /// - output: `[B, 256, 23, 23]`
    pub fn block2(&self, input: Tensor<4>) -> Tensor<4> {
        let x = relu(convolve(&self.conv2, input));
        self.channel_dropout.forward(self.pool.forward(self.norm.forward(x)))
    }

    /// Two convolutions, pooling, dropout.
    ///
    /// # Shapes
    ///
    /// - input: `[B, 256, 23, 23]`
    /// - output: `[B, 256, 11, 11]`
    pub fn block3(&self, input: Tensor<4>) -> Tensor<4> {
        let x = relu(convolve(&self.conv3, input));
        let x = relu(convolve(&self.conv4, x));
        self.channel_dropout.forward(self.pool.forward(x))
    }

    /// The linear layers.
    ///
    /// # Shapes
    ///
    /// - input: `[B, 256, 11, 11]`
    /// - output: `[B, 2]`
    pub fn head(&self, input: Tensor<4>) -> Tensor<2> {
        let x = relu(self.fc1.forward(input.flatten::<2>(1, 3)));
        let x = relu(self.fc2.forward(self.dropout.forward(x)));
        self.fc3.forward(x)
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;

    #[test]
    fn has_the_parameters_of_the_tutorial() {
        // conv: 96*121+96, 256*96*25+256, 384*256*9+384, 256*384*9+256
        // linear: 30976*1024+1024, 1024*128+128, 128*2+2
        let signet = SignetConfig::default().init(&Device::flex()).unwrap();
        assert_eq!(signet.num_params(), 34_248_386);
    }

    #[test]
    fn a_probability_of_one_is_refused() {
        for config in [
            SignetConfig { dropout: 1.0, ..Default::default() },
            SignetConfig { channel_dropout: -0.1, ..Default::default() },
            SignetConfig { dropout: f64::NAN, ..Default::default() },
        ] {
            let error = config.init(&Device::flex()).unwrap_err();
            assert_eq!(error.code(), "invalid-config");
        }
    }

    #[cfg(feature = "train")]
    #[test]
    fn every_weight_gets_a_gradient() {
        let device = Device::flex().autodiff();
        let signet = SignetConfig::default().init(&device).unwrap();
        let ink =
            Tensor::<4>::random([1, 1, SIDE, SIDE], burn::tensor::Distribution::Uniform(0.0, 1.0), &device);
        let gradients = signet.forward(ink).sum().backward();
        for weight in [&signet.conv1, &signet.conv2, &signet.conv3, &signet.conv4] {
            let gradient = weight.weight.val().grad(&gradients).unwrap();
            assert!(gradient.abs().max().into_scalar::<f32>() > 0.0);
        }
        for weight in [&signet.fc1, &signet.fc2, &signet.fc3] {
            let gradient = weight.weight.val().grad(&gradients).unwrap();
            assert!(gradient.abs().max().into_scalar::<f32>() > 0.0);
        }
    }
}
