//! A residual block (He et al. 2016, arXiv 1512.03385, figure 2): two 3x3 convolutions and a shortcut.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{ConvNorm, ConvNormConfig};

/// `relu(norm(conv(relu(norm(conv(x))))) + shortcut(x))`.
#[derive(Module, Debug)]
pub struct Residual {
    first: ConvNorm,
    second: ConvNorm,
    /// A strided 1x1 convolution where the shape changes, else the identity.
    shortcut: Option<ConvNorm>,
}

impl Residual {
    /// A block from `channels[0]` to `channels[1]` channels that divides height and width by `stride`.
    pub fn init(channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let [from, to] = channels;
        Self {
            first: ConvNormConfig::new([from, to], 3).with_stride(stride).init(device),
            second: ConvNormConfig::new([to, to], 3).init(device),
            shortcut: (stride != 1 || from != to).then(|| {
                ConvNormConfig::new([from, to], 1).with_stride(stride).with_relu(false).init(device)
            }),
        }
    }

    /// # Shapes
    /// - `x`: `[B, channels[0], H, W]`
    /// - output: `[B, channels[1], ceil(H / stride), ceil(W / stride)]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let out = self.first.forward(x.clone());
        let shortcut = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        self.second.forward_add(out, shortcut)
    }
}
