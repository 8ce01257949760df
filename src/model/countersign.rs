//! The network that ships: a small residual encoder and the pair head.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::convolve::convolve;
use super::{ConvNorm, ConvNormConfig, Residual};
use crate::ink::FrameSize;

/// Sizes of [`Countersign`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountersignConfig {
    /// Channels of the first stage; the second has twice, the third four times as many.
    pub width: usize,
    /// Channels of the map that the pair head compares.
    pub map_channels: usize,
    /// Length of the embedding.
    pub embedding: usize,
}

impl Default for CountersignConfig {
    fn default() -> Self {
        Self { width: 24, map_channels: 48, embedding: 128 }
    }
}

/// Encoder (stem, residual stages at strides 2, 4 and 8, a projection to the map and an embedding) and
/// pair head. About 120 million multiply-adds for a frame of 160 x 80.
#[derive(Module, Debug)]
pub struct Countersign {
    stem: ConvNorm,
    fine: Residual,
    middle: Residual,
    coarse: Residual,
    context: Residual,
    /// To the map that the pair head compares; missing where embeddings are compared.
    project: Option<Conv2d>,
    embed: Linear,
    /// Whether embeddings are scaled to length 1.
    unit_length: bool,
}

impl CountersignConfig {
    /// How many times smaller the map is than the frame, each way.
    const STRIDE: usize = 8;

    /// An encoder of these sizes with fresh weights.
    pub(super) fn init(&self, with_map: bool, unit_length: bool, device: &Device) -> Countersign {
        let [narrow, middle, wide] = [self.width, 2 * self.width, 4 * self.width];
        Countersign {
            stem: ConvNormConfig::new([1, narrow], 5).with_stride(2).init(device),
            fine: Residual::init([narrow, narrow], 1, device),
            middle: Residual::init([narrow, middle], 2, device),
            coarse: Residual::init([middle, wide], 2, device),
            context: Residual::init([wide, wide], 1, device),
            project: with_map.then(|| Conv2dConfig::new([wide, self.map_channels], [1, 1]).init(device)),
            embed: LinearConfig::new(2 * wide, self.embedding).init(device),
            unit_length,
        }
    }

    /// The shape of one signature's map, `[C, h, w]`.
    pub fn map_shape(&self, frame: FrameSize) -> [usize; 3] {
        let cells = |pixels: u32| (pixels as usize).div_ceil(Self::STRIDE);
        [self.map_channels, cells(frame.height), cells(frame.width)]
    }
}

impl Countersign {
    /// Whether embeddings are scaled to length 1.
    pub(super) fn unit_length(&self) -> bool {
        self.unit_length
    }

    /// # Shapes
    /// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
    /// - output: embedding `[B, D]`, of length 1 if so made; map `[B, C, H/8, W/8]`
    pub fn encode(&self, ink: Tensor<4>) -> (Tensor<2>, Option<Tensor<4>>) {
        let x = self.stem.forward(ink);
        let x = self.fine.forward(x);
        let x = self.middle.forward(x);
        let x = self.coarse.forward(x);
        let x = self.context.forward(x);
        let embedding = self.embed.forward(mean_and_max(x.clone()));
        let embedding = if self.unit_length { normalise(embedding, 1) } else { embedding };
        (embedding, self.project.as_ref().map(|project| convolve(project, x)))
    }
}

/// Mean and maximum over all places.
///
/// # Shapes
/// - `x`: `[B, C, h, w]`
/// - output: `[B, 2 C]`
pub(super) fn mean_and_max(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch, channels, height * width]);
    let mean = x.clone().mean_dim(2).squeeze_dim(2);
    let max = x.max_dim(2).squeeze_dim(2);
    Tensor::cat(vec![mean, max], 1)
}

/// Scales vectors along `axis` to length 1 (a zero vector stays zero).
pub(super) fn normalise<const D: usize>(x: Tensor<D>, axis: usize) -> Tensor<D> {
    let length = (x.clone() * x.clone()).sum_dim(axis).add_scalar(1e-8).sqrt();
    x / length
}
