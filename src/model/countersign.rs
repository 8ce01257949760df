//! The network that ships: a small residual encoder and the pair head.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::convolve::convolve;
use super::{ConvNorm, ConvNormConfig, Residual, directions};
use crate::ink::FrameSize;

/// Sizes of [`Countersign`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountersignConfig {
    /// Channels of the first stage; the second has twice, the third four times as many.
    pub width: usize,
    /// Channels of the map that the pair head compares.
    pub map_channels: usize,
    /// Length of the embedding, as far as it is learned.
    pub embedding: usize,
    /// Pixels from one place of the first layer to the next, each way, 1 to 4: 2, or more for finer frames that cost
    /// as much.
    #[serde(skip_serializing_if = "is_two")]
    pub stem_stride: usize,
    /// In how many directions the line is measured, two further numbers of the embedding for each; 0 for none.
    #[serde(skip_serializing_if = "is_none")]
    pub directions: usize,
}

// what most manifests have need not stand in them
fn is_two(stride: &usize) -> bool {
    *stride == 2
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Default for CountersignConfig {
    fn default() -> Self {
        Self { width: 24, map_channels: 48, embedding: 128, stem_stride: 2, directions: 0 }
    }
}

/// Encoder (stem, residual stages at once, twice and four times the stem's stride, a projection to the map and an embedding) and
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
    directions: usize,
}

impl CountersignConfig {
    /// How many times smaller the map is than the frame, each way.
    fn stride(&self) -> usize {
        4 * self.stem_stride
    }

    /// An encoder of these sizes with fresh weights.
    pub(super) fn init(&self, with_map: bool, unit_length: bool, device: &Device) -> Countersign {
        let [narrow, middle, wide] = [self.width, 2 * self.width, 4 * self.width];
        Countersign {
            stem: ConvNormConfig::new([1, narrow], 2 * self.stem_stride + 1)
                .with_stride(self.stem_stride)
                .init(device),
            fine: Residual::init([narrow, narrow], 1, device),
            middle: Residual::init([narrow, middle], 2, device),
            coarse: Residual::init([middle, wide], 2, device),
            context: Residual::init([wide, wide], 1, device),
            project: with_map.then(|| Conv2dConfig::new([wide, self.map_channels], [1, 1]).init(device)),
            embed: LinearConfig::new(2 * wide, self.embedding).init(device),
            unit_length,
            directions: self.directions,
        }
    }

    /// The shape of one signature's map, `[C, h, w]`.
    pub fn map_shape(&self, frame: FrameSize) -> [usize; 3] {
        let cells = |pixels: u32| (pixels as usize).div_ceil(self.stride());
        [self.map_channels, cells(frame.height), cells(frame.width)]
    }
}

impl Countersign {
    /// Whether embeddings are scaled to length 1.
    pub(super) fn unit_length(&self) -> bool {
        self.unit_length
    }

    /// How many of the embedding's last numbers are measured, not learned.
    pub(super) fn measured(&self) -> usize {
        directions::numbers(self.directions)
    }

    /// Weights for pixels `to / from` times as fine: the stem's kernel resampled.
    pub(super) fn resampled(mut self, from: usize, to: usize) -> Self {
        self.stem = self.stem.resampled(from, to);
        self
    }

    /// # Shapes
    /// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
    /// - output: embedding `[B, D]`, of length 1 if so made but for what is measured, at its end; map `[B, C, h, w]`, `h` and `w` a
    ///   fourth of `H` and `W` over the stem's stride
    pub fn encode(&self, ink: Tensor<4>) -> (Tensor<2>, Option<Tensor<4>>) {
        let measured = (self.directions > 0).then(|| directions::measure(ink.clone(), self.directions));
        let x = self.stem.forward(ink);
        let x = self.fine.forward(x);
        let x = self.middle.forward(x);
        let x = self.coarse.forward(x);
        let x = self.context.forward(x);
        let embedding = self.embed.forward(mean_and_max(x.clone()));
        let embedding = if self.unit_length { normalise(embedding, 1) } else { embedding };
        let embedding = match measured {
            Some(measured) => Tensor::cat(vec![embedding, measured], 1),
            None => embedding,
        };
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
