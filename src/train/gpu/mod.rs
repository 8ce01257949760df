//! Convolution and batch normalisation for training on GPUs.
//!
//! burn 0.22.1 has fast convolutions for a GPU, and finds which by compiling and timing a dozen kernels for each
//! shape, forward and twice backward; without this search, which no feature here switches on, it computes one output a
//! thread, and the gradient of the weights by a convolution with an image as the kernel. Batch normalisation it composes
//! of some forty operations. Handing those to the device costs more than computing them. So here a convolution is one
//! kernel that unfolds the image into columns and one of burn's matrix products, which takes tensor cores without a search;
//! a normalisation, with its rectifier, is three kernels, and as many backward.
//!
//! An extension of burn's backend for CubeCL (CUDA, Vulkan, Metal, WebGPU), with backward passes written by hand.

pub mod adamw;
mod backward;
mod conv;
mod kernels;
mod norm;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Cube, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Tensor};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::fast::{Geometry, Normed};

/// Whether [`conv2d`] and [`batch_norm`] can take this input: `f32` on a GPU, with gradients.
pub fn serves<const D: usize>(input: &Tensor<D>) -> bool {
    input.device().is_autodiff() && computes(input)
}

/// Whether this is a tensor of `f32` on a GPU.
pub fn computes<const D: usize>(tensor: &Tensor<D>) -> bool {
    let device = tensor.device().without_autodiff();
    tensor.dtype() == DType::F32 && matches!(device.as_dispatch(), DispatchDevice::Cube(_))
}

/// As [`fast::conv2d`](super::fast::conv2d). While it runs, the columns take `kernel_height * kernel_width / stride^2` times
/// the memory of the input.
///
/// # Panics
///
/// If the shapes do not fit together, `stride` is zero, the kernel is larger than the padded image, the columns are 2^32
/// numbers or more, or the input is not one that [`serves`] accepts.
pub fn conv2d(input: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::gpu_conv2d(
        input.into_dispatch(),
        weight.into_dispatch(),
        stride,
        padding,
    ))
}

/// As [`fast::batch_norm`](super::fast::batch_norm).
///
/// # Panics
///
/// If the shapes do not fit together, or the input is not one that [`serves`] accepts.
pub fn batch_norm(
    input: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    skip: Option<Tensor<4>>,
    epsilon: f64,
    relu: bool,
) -> Normed {
    let (input, gamma, beta) = (input.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch());
    let (output, mean, variance) = match skip {
        Some(skip) => Dispatch::gpu_batch_norm_add(input, gamma, beta, skip.into_dispatch(), epsilon, relu),
        None => Dispatch::gpu_batch_norm(input, gamma, beta, epsilon, relu),
    };
    Normed {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// The two operations as burn's dispatch sees them; call [`conv2d`] and [`batch_norm`] instead.
#[backend_extension(Cube, Autodiff)]
pub trait GpuOps: Backend {
    /// See [`conv2d`].
    fn gpu_conv2d(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self>;

    /// See [`batch_norm`]: output, mean, variance.
    fn gpu_batch_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// See [`batch_norm`], with a tensor to add: output, mean, variance.
    fn gpu_batch_norm_add(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        skip: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

impl GpuOps for Cube {
    fn gpu_conv2d(input: CubeTensor, weight: CubeTensor, stride: usize, padding: usize) -> CubeTensor {
        let geometry = Geometry::new(dims(&input), dims(&weight), stride, padding);
        conv::forward(into_contiguous(input), into_contiguous(weight), &geometry)
    }

    fn gpu_batch_norm(
        input: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        epsilon: f64,
        relu: bool,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        norm::forward(input, gamma, beta, None, &norm::Layer { epsilon: epsilon as f32, relu })
    }

    fn gpu_batch_norm_add(
        input: CubeTensor,
        gamma: CubeTensor,
        beta: CubeTensor,
        skip: CubeTensor,
        epsilon: f64,
        relu: bool,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        norm::forward(input, gamma, beta, Some(skip), &norm::Layer { epsilon: epsilon as f32, relu })
    }
}

fn dims(tensor: &CubeTensor) -> [usize; 4] {
    tensor.meta.shape().dims()
}

/// A tensor to be written, row-major without gaps, on the device of `like`.
fn empty<const D: usize>(like: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), shape.into(), like.dtype)
}
