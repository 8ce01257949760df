//! Convolution by the Fourier transform, for the large kernels of Koch's network and the tutorial's.
//!
//! A transformed output is the product of the transforms of image and kernel, so that a kernel costs the same however
//! large it is (Mathieu, Henaff, LeCun 2014, "Fast Training of Convolutional Networks through FFTs", arXiv 1312.5851).
//! Images are small here and channels many: every transform is a product with a matrix of cosines and sines, so no side
//! need be a power of two, and burn differentiates it all.

use std::f64::consts::TAU;

use burn::tensor::{Device, Tensor, TensorData};

/// Whether [`conv2d`] is faster than one product for each weight of a kernel. Of 3 x 3 it is not; of few channels and
/// large images the transforms cost more than they save.
pub fn pays([_, channels, height, width]: [usize; 4], weight: [usize; 4], stride: usize) -> bool {
    let [outputs, _, kernel_height, kernel_width] = weight;
    stride == 1
        && kernel_height.min(kernel_width) >= 4
        && channels.min(outputs) >= 32
        && height.max(width) <= 64
}

/// Convolution with stride 1 and without bias.
///
/// # Shapes
///
/// - input: `[batch, channels_in, height, width]`
/// - weight: `[channels_out, channels_in, kernel_height, kernel_width]`
/// - output: `[batch, channels_out, height', width']`
///
/// # Panics
///
/// If the shapes do not fit together or the kernel is larger than the padded image.
pub fn conv2d(input: Tensor<4>, weight: Tensor<4>, padding: usize) -> Tensor<4> {
    let device = input.device();
    let [batch, channels, height, width] = input.dims();
    let [outputs, _, kernel_height, kernel_width] = weight.dims();
    let rows = Side { length: height + 2 * padding, kernel: kernel_height };
    let columns = Side { length: width + 2 * padding, kernel: kernel_width };
    let (all, half) = (rows.length, columns.half());

    let transform = |images: Tensor<4>, padding: usize, turn: f64| {
        let [first, second, height, width] = images.dims();
        let many = first * second;
        let images = images.reshape([many, height, width]).permute([1, 2, 0]); // [H, W, N]
        let across = columns.of_real(width, padding, turn, &device).matmul(images); // [H, 2 half, N]
        let across =
            across.reshape([height, half, 2 * many]).swap_dims(0, 1).reshape([half, 2 * height, many]);
        let both = rows.of_complex(height, padding, turn, &device).matmul(across); // [half, 2 all, N]
        both.reshape([half * all, 2, first, second])
    };
    let image = transform(input, padding, -1.0).reshape([half * all, 2 * batch, channels]);
    // the conjugate: what networks call a convolution is a correlation
    let kernel = transform(weight.swap_dims(0, 1), 0, 1.0); // [half all, 2, C, C']

    let many = batch * outputs;
    let times = |part: usize, angle: f64| {
        let product = image.clone().matmul(kernel.clone().narrow(1, part, 1).squeeze_dim(1));
        rows.back(angle, &device).matmul(product.reshape([half, 2 * all, many])) // [half, 2 H', N']
    };
    // the kernel's imaginary part counts i times, a quarter turn
    let down = times(0, 0.0) + times(1, TAU / 4.0);
    let (height, width) = (rows.output(), columns.output());
    let down = down.reshape([half, height, 2 * many]).swap_dims(0, 1).reshape([height, 2 * half, many]);
    let whole = columns.back_to_real(&device).matmul(down); // [H', W', N']
    whole.reshape([height * width, many]).transpose().reshape([batch, outputs, height, width])
}

/// One side of the images.
struct Side {
    /// With the padding.
    length: usize,
    kernel: usize,
}

/// Matrices, each with a leading dimension of 1. Real and imaginary parts alternate in rows and columns of complex numbers.
impl Side {
    /// Places where the kernel fits in.
    fn output(&self) -> usize {
        self.length - self.kernel + 1
    }

    /// Frequencies of real numbers, the others being mirror images.
    fn half(&self) -> usize {
        self.length / 2 + 1
    }

    fn angle(&self, frequency: usize, place: usize) -> f64 {
        TAU * ((frequency * place) % self.length) as f64 / self.length as f64
    }

    /// Transforms `count` real numbers, the first of which lies at `offset`: `[2 half, count]`.
    fn of_real(&self, count: usize, offset: usize, turn: f64, device: &Device) -> Tensor<3> {
        matrix([2 * self.half(), count], device, |row, place| {
            rotation(turn * self.angle(row / 2, place + offset), row % 2, 0)
        })
    }

    /// Transforms `count` complex numbers, the first of which lies at `offset`: `[2 length, 2 count]`.
    fn of_complex(&self, count: usize, offset: usize, turn: f64, device: &Device) -> Tensor<3> {
        matrix([2 * self.length, 2 * count], device, |row, column| {
            rotation(turn * self.angle(row / 2, column / 2 + offset), row % 2, column % 2)
        })
    }

    /// Back to complex numbers at the places where the kernel fits in, all turned by `angle`: `[2 output, 2 length]`.
    fn back(&self, angle: f64, device: &Device) -> Tensor<3> {
        matrix([2 * self.output(), 2 * self.length], device, |row, column| {
            let angle = self.angle(column / 2, row / 2) + angle;
            rotation(angle, row % 2, column % 2) / self.length as f64
        })
    }

    /// Back to real numbers at the places where the kernel fits in: `[output, 2 half]`.
    fn back_to_real(&self, device: &Device) -> Tensor<3> {
        matrix([self.output(), 2 * self.half()], device, |place, column| {
            let frequency = column / 2;
            let mirrored = if frequency == 0 || 2 * frequency == self.length { 1.0 } else { 2.0 };
            mirrored * rotation(self.angle(frequency, place), 0, column % 2) / self.length as f64
        })
    }
}

/// An element of the matrix that multiplies a complex number, real part first, by `e^(i angle)`.
fn rotation(angle: f64, row: usize, column: usize) -> f64 {
    match (row, column) {
        (0, 0) | (1, 1) => angle.cos(),
        (0, _) => -angle.sin(),
        _ => angle.sin(),
    }
}

fn matrix([rows, columns]: [usize; 2], device: &Device, value: impl Fn(usize, usize) -> f64) -> Tensor<3> {
    let values: Vec<f32> = (0..rows * columns).map(|at| value(at / columns, at % columns) as f32).collect();
    Tensor::from_data(TensorData::new(values, [1, rows, columns]), device)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Distribution, Tolerance};

    use super::*;
    use crate::train::fast;

    /// Output and both gradients, even and odd sides, with and without padding.
    #[test]
    fn agrees_with_one_product_for_each_weight() {
        let device = Device::flex().autodiff();
        let random = |shape: [usize; 4]| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        for (input, weight, padding) in [
            ([2, 3, 12, 15], [4, 3, 7, 5], 0),
            ([3, 2, 9, 8], [5, 2, 5, 5], 2),
            ([1, 4, 7, 7], [2, 4, 7, 4], 0),
            ([2, 2, 4, 6], [3, 2, 6, 4], 1),
        ] {
            let (input, weight) = (random(input).require_grad(), random(weight).require_grad());
            let stock = fast::conv2d(input.clone(), weight.clone(), 1, padding);
            let ours = conv2d(input.clone(), weight.clone(), padding);
            let upstream = random(stock.dims());
            let results = |output: Tensor<4>| {
                let gradients = (output.clone() * upstream.clone()).sum().backward();
                [output.inner(), input.grad(&gradients).unwrap(), weight.grad(&gradients).unwrap()]
            };
            for (ours, stock) in results(ours).into_iter().zip(results(stock)) {
                ours.into_data().assert_approx_eq::<f32>(&stock.into_data(), Tolerance::absolute(1e-4));
            }
        }
    }

    #[test]
    fn pays_for_large_kernels_of_many_channels() {
        assert!(pays([80, 64, 48, 48], [128, 64, 7, 7], 1)); // Koch's second
        assert!(pays([32, 96, 47, 47], [256, 96, 5, 5], 1)); // the tutorial's second
        assert!(!pays([80, 1, 105, 105], [64, 1, 10, 10], 1));
        assert!(!pays([32, 256, 23, 23], [384, 256, 3, 3], 1));
        assert!(!pays([32, 64, 48, 48], [64, 64, 5, 5], 2));
    }
}
