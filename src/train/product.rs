//! Convolution as a matrix product, for training on GPUs.
//!
//! burn 0.22.1 has fast convolutions for a GPU, and finds which by compiling and timing a dozen kernels for each
//! shape, forward and twice backward; without this search, which no feature here switches on, it computes one output a
//! thread, and the gradient of the weights by a convolution with an image as the kernel. Here each tap of the kernel is
//! a shifted view of the image, the views are stacked as columns (im2col), and what remains is a matrix product, for
//! which burn takes tensor cores without a search. Made of burn's own operations, which know their gradients. On
//! Vulkan in software our encoder trains twice as fast this way (1.7 and 2.1 times) on frames of 128 x 64. Stacking rows
//! first and columns then takes fewer views and was a seventh slower there.

use burn::backend::DispatchDevice;
use burn::tensor::{DType, Slice, Tensor};

/// Whether [`conv2d`] is the faster way for this input: `f32` on a GPU, with gradients.
pub fn serves(input: &Tensor<4>) -> bool {
    let device = input.device();
    device.is_autodiff() && input.dtype() == DType::F32 && on_gpu(device.without_autodiff().as_dispatch())
}

#[cfg(any(feature = "gpu", feature = "cuda"))]
fn on_gpu(device: &DispatchDevice) -> bool {
    matches!(device, DispatchDevice::Cube(_))
}

#[cfg(not(any(feature = "gpu", feature = "cuda")))]
fn on_gpu(_: &DispatchDevice) -> bool {
    false
}

/// Convolution without bias, groups or dilation.
///
/// # Shapes
///
/// - input: `[batch, channels_in, height, width]`
/// - weight: `[channels_out, channels_in, kernel_height, kernel_width]`
/// - output: `[batch, channels_out, height', width']`; `stride` and `padding` (zeros, on all four sides) hold for both
///   directions
///
/// The columns take `kernel_height * kernel_width / stride^2` times the memory of the input until the backward pass.
///
/// # Panics
///
/// If the shapes do not fit together, `stride` is zero or the kernel is larger than the padded image.
pub fn conv2d(input: Tensor<4>, weight: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    let [out, _, kernel_height, kernel_width] = weight.dims();
    let image = if padding > 0 { input.pad((padding, padding, padding, padding), 0.0) } else { input };
    let [batch, channels, high, wide] = image.dims();
    let (height, width) = ((high - kernel_height) / stride + 1, (wide - kernel_width) / stride + 1);
    let along = |from: usize, count: usize| {
        Slice::new(from as isize, Some((from + (count - 1) * stride + 1) as isize), stride as isize)
    };
    let taps = (0..kernel_height).flat_map(|row| (0..kernel_width).map(move |column| (row, column)));
    let taps = taps.map(|(row, column)| {
        image.clone().slice([Slice::full(), Slice::full(), along(row, height), along(column, width)])
    });
    let length = kernel_height * kernel_width * channels;
    let columns = Tensor::cat(taps.collect(), 1).reshape([batch, length, height * width]);
    // as the columns are: tap by tap, and the channels of each
    let weight = weight.permute([0, 2, 3, 1]).reshape([1, out, length]);
    weight.matmul(columns).reshape([batch, out, height, width])
}

#[cfg(test)]
mod tests {
    use burn::tensor::module::conv2d as stock;
    use burn::tensor::ops::ConvOptions;
    use burn::tensor::{Device, Distribution, Tolerance};

    use super::*;

    #[test]
    fn value_and_gradients_are_those_of_burns_convolution() {
        let device = Device::flex().autodiff();
        device.seed(1);
        for (kernel, stride, padding) in
            [([3, 3], 1, 1), ([3, 3], 2, 1), ([1, 1], 2, 0), ([5, 4], 1, 0), ([5, 5], 2, 2)]
        {
            let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Default, &device);
            let image = random([2, 3, 9, 12]).require_grad();
            let weight = random([4, 3, kernel[0], kernel[1]]).require_grad();
            let ours = conv2d(image.clone(), weight.clone(), stride, padding);
            let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
            let theirs = stock(image.clone(), weight.clone(), None, options);
            let charge = random(theirs.dims());
            let near = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
            ours.clone().into_data().assert_approx_eq::<f32>(&theirs.clone().into_data(), near);
            let [ours, theirs] = [ours, theirs].map(|out| (out * charge.clone()).sum().backward());
            for tensor in [&image, &weight] {
                let [ours, theirs] = [&ours, &theirs].map(|all| tensor.grad(all).unwrap().into_data());
                ours.assert_approx_eq::<f32>(&theirs, near);
            }
        }
    }

    #[test]
    fn the_cpu_has_a_faster_way() {
        assert!(!serves(&Tensor::<4>::zeros([1, 1, 2, 2], &Device::flex().autodiff())));
    }
}
