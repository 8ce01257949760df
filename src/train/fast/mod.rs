//! Faster convolution and batch normalisation for training on the CPU.
//!
//! burn-flex computes the weight gradient of a convolution and the training form of batch
//! normalisation by way of large copies, which costs half of a training step. The two operations here
//! give the same numbers from one matrix product per image and from one pass per channel. They are an
//! extension of the burn-flex backend, with backward passes written by hand, and serve `f32` tensors
//! on a training device only: [`serves`] says when. Everything else is left to burn.
//!
//! Results do not depend on the number of threads: sums over a batch are formed in a fixed order.

mod backward;
mod conv;
mod direct;
mod geometry;
mod layout;
mod norm;
pub(in crate::train) mod scratch;
pub(in crate::train) mod simd;
mod strided;
#[cfg(test)]
mod tests;

use std::mem::MaybeUninit;

use burn::backend::flex::{Flex, FlexTensor};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};

pub(super) use geometry::Geometry;

/// Output of [`batch_norm`].
pub struct Normed {
    /// The normalised tensor, `[batch, channels, height, width]`.
    pub output: Tensor<4>,
    /// Mean of each channel over the batch, `[channels]`; no gradient flows through it.
    pub mean: Tensor<1>,
    /// Variance of each channel over the batch, not corrected for its size, `[channels]`.
    pub variance: Tensor<1>,
}

/// Whether [`conv2d`] and [`batch_norm`] can take this input: `f32` on burn-flex, with gradients.
pub fn serves<const D: usize>(input: &Tensor<D>) -> bool {
    input.device().is_autodiff() && on_flex(input)
}

/// Whether these are `f32` numbers on burn-flex, with gradients or without.
pub(super) fn on_flex<const D: usize>(input: &Tensor<D>) -> bool {
    input.dtype() == DType::F32
        && matches!(input.device().without_autodiff().as_dispatch(), DispatchDevice::Flex(_))
}

/// Convolution without bias, groups or dilation.
///
/// `input` is `[batch, channels_in, height, width]`, `weight` is
/// `[channels_out, channels_in, kernel_height, kernel_width]`; `stride` and `padding` (zeros, on all four
/// sides) hold for both directions. Differentiable in both tensors.
///
/// # Panics
///
/// If the shapes do not fit together, `stride` is zero, the kernel is larger than the padded image, or
/// the input is not one that [`serves`] accepts.
pub fn conv2d(input: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::fast_conv2d(
        input.into_dispatch(),
        weight.into_dispatch(),
        stride,
        padding,
    ))
}

/// Batch normalisation with the statistics of the batch, and a rectifier after it if `relu` is set.
///
/// `input` is `[batch, channels, height, width]`; `gamma` and `beta` are `[channels]`. With `skip`, a tensor
/// of the input's shape, its values are added before the rectifier. Differentiable in all four.
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
        Some(skip) => Dispatch::fast_batch_norm_add(input, gamma, beta, skip.into_dispatch(), epsilon, relu),
        None => Dispatch::fast_batch_norm(input, gamma, beta, epsilon, relu),
    };
    Normed {
        output: Tensor::from_dispatch(output),
        mean: Tensor::from_dispatch(mean),
        variance: Tensor::from_dispatch(variance),
    }
}

/// The two operations as burn's dispatch sees them; call [`conv2d`] and [`batch_norm`] instead.
#[backend_extension(Flex, Autodiff)]
pub trait FastOps: Backend {
    /// See [`conv2d`].
    fn fast_conv2d(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self>;

    /// See [`batch_norm`]: output, mean, variance.
    fn fast_batch_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// See [`batch_norm`], with a tensor to add: output, mean, variance.
    fn fast_batch_norm_add(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        skip: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// A tensor whose numbers lie in row-major order, so that [`numbers`] can read them.
pub(in crate::train) fn packed(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() { tensor } else { tensor.to_contiguous() }
}

/// The numbers of a [`packed`] tensor.
pub(in crate::train) fn numbers(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("a packed f32 tensor")
}

pub(in crate::train) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// Numbers that `fill` writes, without filling them with zeros first.
///
/// # Safety
///
/// `fill` must write all of the `len` numbers that it is given.
unsafe fn written(len: usize, fill: impl FnOnce(&mut [MaybeUninit<f32>])) -> Vec<f32> {
    let mut numbers = Vec::with_capacity(len);
    fill(&mut numbers.spare_capacity_mut()[..len]);
    // SAFETY: the capacity is there, and all of it up to `len` has been written.
    unsafe { numbers.set_len(len) };
    numbers
}

pub(in crate::train) fn dims(tensor: &FlexTensor) -> [usize; 4] {
    tensor.layout().shape().dims()
}

impl FastOps for Flex {
    fn fast_conv2d(input: FlexTensor, weight: FlexTensor, stride: usize, padding: usize) -> FlexTensor {
        let geometry = Geometry::new(dims(&input), dims(&weight), stride, padding);
        let (input, weight) = (packed(input), packed(weight));
        tensor(conv::forward(numbers(&input), numbers(&weight), &geometry), geometry.output())
    }

    fn fast_batch_norm(
        input: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        relu: bool,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        normalise(&packed(input), &packed(gamma), &packed(beta), None, epsilon, relu)
    }

    fn fast_batch_norm_add(
        input: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        skip: FlexTensor,
        epsilon: f64,
        relu: bool,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        normalise(&packed(input), &packed(gamma), &packed(beta), Some(&packed(skip)), epsilon, relu)
    }
}

fn normalise(
    input: &FlexTensor,
    gamma: &FlexTensor,
    beta: &FlexTensor,
    skip: Option<&FlexTensor>,
    epsilon: f64,
    relu: bool,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let shape @ [_, channels, _, _] = dims(input);
    if let Some(skip) = skip {
        assert_eq!(shape, dims(skip), "the tensor to add has another shape");
    }
    let layer = norm::Layer { gamma: numbers(gamma), beta: numbers(beta), epsilon: epsilon as f32, relu };
    let (output, mean, variance) = norm::forward(numbers(input), skip.map(numbers), shape, &layer);
    (tensor(output, shape), tensor(mean, [channels]), tensor(variance, [channels]))
}
