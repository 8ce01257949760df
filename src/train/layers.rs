//! The layers that training spends its time in, by the fastest way that a device has: `fourier` and `fast` on
//! the CPU, `gpu` on a GPU.

use burn::tensor::Tensor;

use super::fast::{self, Normed};
use super::fourier;
#[cfg(any(feature = "gpu", feature = "cuda"))]
use super::gpu;

/// Convolution as [`fast::conv2d`] describes it; `None` where burn's own has to do: in another precision, or
/// without gradients, unless the Fourier transform is for it.
///
/// # Shapes
///
/// - input: `[batch, channels_in, height, width]`
/// - weight: `[channels_out, channels_in, kernel_height, kernel_width]`
/// - output: `[batch, channels_out, height', width']`
///
/// # Panics
///
/// If the shapes do not fit together, `stride` is zero or the kernel is larger than the padded image.
pub fn conv2d(input: &Tensor<4>, weight: &Tensor<4>, stride: usize, padding: usize) -> Option<Tensor<4>> {
    if fast::on_flex(input) && fourier::pays(input.dims(), weight.dims(), stride) {
        return Some(fourier::conv2d(input.clone(), weight.clone(), padding));
    }
    if fast::serves(input) {
        return Some(fast::conv2d(input.clone(), weight.clone(), stride, padding));
    }
    #[cfg(any(feature = "gpu", feature = "cuda"))]
    if gpu::serves(input) {
        return Some(gpu::conv2d(input.clone(), weight.clone(), stride, padding));
    }
    None
}

/// Batch normalisation as [`fast::batch_norm`] describes it; `None` where burn's own has to do, as for [`conv2d`].
///
/// # Shapes
///
/// - input, `skip` and output: `[batch, channels, height, width]`
/// - `gamma`, `beta`: `[channels]`
///
/// # Panics
///
/// If the shapes do not fit together.
pub fn batch_norm(
    input: &Tensor<4>,
    [gamma, beta]: [Tensor<1>; 2],
    skip: Option<Tensor<4>>,
    epsilon: f64,
    relu: bool,
) -> Option<Normed> {
    if fast::serves(input) {
        return Some(fast::batch_norm(input.clone(), gamma, beta, skip, epsilon, relu));
    }
    #[cfg(any(feature = "gpu", feature = "cuda"))]
    if gpu::serves(input) {
        return Some(gpu::batch_norm(input.clone(), gamma, beta, skip, epsilon, relu));
    }
    None
}
