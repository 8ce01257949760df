//! Convolution: columns, and a matrix product for each image.

use burn::backend::Cube;
use burn::backend::ops::FloatTensorOps;
use burn::cubecl::prelude::*;
use burn_cubecl::kernel::matmul::{MatmulStrategy, matmul};
use burn_cubecl::ops::reshape;
use burn_cubecl::tensor::CubeTensor;

use super::super::fast::Geometry;
use super::empty;
use super::kernels::UNITS;
use super::kernels::columns::{self as kernels, SizesLaunch};

impl Geometry {
    fn sizes(&self) -> SizesLaunch {
        SizesLaunch::new(
            self.channels_in,
            self.height,
            self.width,
            self.kernel[0],
            self.kernel[1],
            self.out_height,
            self.out_width,
            self.stride,
            self.padding,
        )
    }
}

/// Cubes for kernels with a unit for each of `pixels`, in each of `rows` of each image.
pub(super) fn cubes(pixels: usize, rows: usize, batch: usize) -> (CubeCount, CubeDim) {
    let count = CubeCount::Static(pixels.div_ceil(UNITS) as u32, rows as u32, batch as u32);
    (count, CubeDim::new_1d(UNITS as u32))
}

/// `left * right` for each image of a batch, row-major without gaps, `[batch, rows, columns]`.
fn product(left: CubeTensor, right: CubeTensor) -> CubeTensor {
    let ([batches, rows, _], [batch, _, columns]) = (left.meta.shape().dims(), right.meta.shape().dims());
    let (output, dtype) = (empty(&right, [batch.max(batches), rows, columns]), right.dtype);
    matmul(left, right, Some(output), MatmulStrategy::default(), dtype)
        .expect("every device has a matrix product of f32")
}

/// `[batch, taps, out_pixels]` of `[batch, channels_in, height, width]`.
fn columns(input: CubeTensor, g: &Geometry) -> CubeTensor {
    let (taps, pixels) = (g.taps(), g.pixels_out());
    if g.pointwise() {
        return reshape(input, [g.batch, taps, pixels].into());
    }
    // the kernels count in 32 bits
    assert!(
        u32::try_from(g.batch * taps * pixels).is_ok(),
        "the columns of a batch are more than 2^32 numbers; make the batch smaller"
    );
    let columns = empty(&input, [g.batch, taps, pixels]);
    let client = input.client.clone();
    let (count, dim) = cubes(pixels, taps, g.batch);
    let (from, to) = (input.into_buffer_arg(), columns.clone().into_buffer_arg());
    kernels::unfold::launch(&client, count, dim, from, to, g.sizes());
    columns
}

/// The weight as a matrix, `[1, channels_out, taps]`.
fn filters(weight: CubeTensor, g: &Geometry) -> CubeTensor {
    reshape(weight, [1, g.channels_out, g.taps()].into())
}

/// The output, `[batch, channels_out, out_height, out_width]`, of tensors without gaps.
pub(super) fn forward(input: CubeTensor, weight: CubeTensor, g: &Geometry) -> CubeTensor {
    reshape(product(filters(weight, g), columns(input, g)), g.output().into())
}

/// The gradient of the input from that of the output.
pub(super) fn input_gradient(gradient: CubeTensor, weight: CubeTensor, g: &Geometry) -> CubeTensor {
    let gradient = reshape(gradient, [g.batch, g.channels_out, g.pixels_out()].into());
    let columns = product(Cube::float_transpose(filters(weight, g)), gradient);
    if g.pointwise() {
        return reshape(columns, g.input().into());
    }
    let input = empty(&columns, g.input());
    let client = columns.client.clone();
    let (count, dim) = cubes(g.pixels_in(), g.channels_in, g.batch);
    let (from, to) = (columns.into_buffer_arg(), input.clone().into_buffer_arg());
    kernels::fold::launch(&client, count, dim, from, to, g.sizes());
    input
}

/// The gradient of the weight: that of each image, added up.
pub(super) fn weight_gradient(input: CubeTensor, gradient: CubeTensor, g: &Geometry) -> CubeTensor {
    let gradient = reshape(gradient, [g.batch, g.channels_out, g.pixels_out()].into());
    let of_images = product(gradient, Cube::float_transpose(columns(input, g)));
    reshape(Cube::float_sum_dim(of_images, 0), g.weight().into())
}
