//! Convolution as matrix products: images are unfolded into columns, a block of output rows at a time.
//!
//! All tensors are row-major, image after image. For one image the columns are a matrix with one row
//! per weight of a filter, `channels_in * kernel_height * kernel_width`, and one column per output pixel.
//! The filters times this matrix is the output, already in its final order.

use std::ops::Range;

use rayon::prelude::*;

use super::direct;
use super::geometry::{Geometry, PARTS};
use super::scratch::with_scratch;
use super::strided;

/// Numbers in the block of columns that is worked on at a time: about 256 KiB, so that it stays in the
/// second-level cache between being written and being multiplied.
const BLOCK: usize = 64 * 1024;

impl Geometry {
    /// The output rows in blocks whose columns fit into the cache.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let height = self.out_height;
        let rows = (BLOCK / (self.taps() * self.out_width).max(1)).clamp(1, height);
        // equal blocks rather than a thin last one
        let rows = height.div_ceil(height.div_ceil(rows));
        (0..height).step_by(rows).map(move |start| start..(start + rows).min(height))
    }

    /// Numbers of scratch memory for the largest block.
    fn scratch(&self) -> usize {
        let rows = self.blocks().map(|rows| rows.len()).max().unwrap_or(0);
        if self.pointwise() { 0 } else { rows * self.out_width * self.taps() }
    }
}

/// A matrix that is read: numbers and the distance between its rows and columns.
#[derive(Clone, Copy)]
struct View<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> View<'a> {
    fn new(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// `out = left * right`, or `out += left * right` with `add`; rows of `out` are `row_stride` apart.
fn multiply(out: &mut [f32], row_stride: usize, add: bool, left: View, right: View) {
    let (rows, columns, inner) = (left.rows, right.columns, left.columns);
    if rows == 0 || columns == 0 {
        return;
    }
    assert_eq!(inner, right.rows);
    let reach = |view: &View| match view.rows.min(view.columns) {
        0 => 0,
        _ => (view.rows - 1) * view.row_stride + (view.columns - 1) * view.column_stride + 1,
    };
    assert!(reach(&left) <= left.data.len() && reach(&right) <= right.data.len());
    assert!(columns <= row_stride && (rows - 1) * row_stride + columns <= out.len());
    // SAFETY: the assertions above keep every index within its slice, the rows of `out` do not overlap,
    // and `out` is borrowed mutably, so it is neither of the two factors.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            row_stride as isize,
            add,
            left.data.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Calls `each` with every row of the matrix of columns: its channel, the kernel position and its index.
fn for_each_tap(g: &Geometry, mut each: impl FnMut(usize, [usize; 2], usize)) {
    let mut index = 0;
    for channel in 0..g.channels_in {
        for y in 0..g.kernel[0] {
            for x in 0..g.kernel[1] {
                each(channel, [y, x], index);
                index += 1;
            }
        }
    }
}

/// Output positions in `0..out` whose input position `position * stride + offset - padding` lies in `0..size`.
fn inside(out: usize, size: usize, offset: usize, g: &Geometry) -> Range<usize> {
    let start = g.padding.saturating_sub(offset).div_ceil(g.stride).min(out);
    let end = (size + g.padding).saturating_sub(offset).div_ceil(g.stride).min(out);
    start..end.max(start)
}

/// Unfolds the output rows `rows` of one image into `columns`.
fn unfold(image: &[f32], g: &Geometry, rows: Range<usize>, columns: &mut [f32]) {
    let len = rows.len() * g.out_width;
    for_each_tap(g, |channel, [ky, kx], index| {
        let plane = &image[channel * g.pixels_in()..(channel + 1) * g.pixels_in()];
        let block = &mut columns[index * len..(index + 1) * len];
        let (valid_y, valid_x) = (inside(g.out_height, g.height, ky, g), inside(g.out_width, g.width, kx, g));
        for (y, line) in rows.clone().zip(block.chunks_exact_mut(g.out_width)) {
            if !valid_y.contains(&y) || valid_x.is_empty() {
                line.fill(0.0);
                continue;
            }
            line[..valid_x.start].fill(0.0);
            line[valid_x.end..].fill(0.0);
            let start = (y * g.stride + ky - g.padding) * g.width + valid_x.start * g.stride + kx - g.padding;
            let line = &mut line[valid_x.clone()];
            if g.stride == 1 {
                line.copy_from_slice(&plane[start..start + line.len()]);
            } else {
                for (to, from) in line.iter_mut().zip(plane[start..].iter().step_by(g.stride)) {
                    *to = *from;
                }
            }
        }
    });
}

/// The reverse of [`unfold`]: adds every column entry to the pixel that it came from.
fn fold(columns: &[f32], g: &Geometry, rows: Range<usize>, image: &mut [f32]) {
    let len = rows.len() * g.out_width;
    for_each_tap(g, |channel, [ky, kx], index| {
        let plane = &mut image[channel * g.pixels_in()..(channel + 1) * g.pixels_in()];
        let block = &columns[index * len..(index + 1) * len];
        let (valid_y, valid_x) = (inside(g.out_height, g.height, ky, g), inside(g.out_width, g.width, kx, g));
        for (y, line) in rows.clone().zip(block.chunks_exact(g.out_width)) {
            if !valid_y.contains(&y) || valid_x.is_empty() {
                continue;
            }
            let start = (y * g.stride + ky - g.padding) * g.width + valid_x.start * g.stride + kx - g.padding;
            for (to, from) in plane[start..].iter_mut().step_by(g.stride).zip(&line[valid_x.clone()]) {
                *to += *from;
            }
        }
    });
}

/// The output, `[batch, channels_out, out_height, out_width]`.
pub(super) fn forward(input: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    match direct::level(g) {
        Some(level) => direct::forward(level, input, weight, g),
        None => forward_unfolded(input, weight, g),
    }
}

/// [`forward`] for any geometry and processor.
pub(super) fn forward_unfolded(input: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    let (pixels, taps) = (g.pixels_out(), g.taps());
    let mut output = vec![0.0; g.batch * g.channels_out * pixels];
    let image_in = g.channels_in * g.pixels_in();
    let image_out = g.channels_out * pixels;
    let filters = View::new(weight, g.channels_out, taps, taps);
    output.par_chunks_mut(image_out.max(1)).zip(input.par_chunks(image_in.max(1))).for_each(
        |(out, image)| {
            if g.pointwise() {
                return multiply(out, pixels, false, filters, View::new(image, taps, pixels, pixels));
            }
            with_scratch(g.scratch(), |scratch| {
                for rows in g.blocks() {
                    let len = rows.len() * g.out_width;
                    let columns = &mut scratch[..taps * len];
                    unfold(image, g, rows.clone(), columns);
                    let out = &mut out[rows.start * g.out_width..];
                    multiply(out, pixels, false, filters, View::new(columns, taps, len, len));
                }
            });
        },
    );
    output
}

/// The gradient of the input, `[batch, channels_in, height, width]`, from that of the output.
pub(super) fn input_gradient(grad: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    let [kernel_height, kernel_width] = g.kernel;
    if g.stride == 1 && kernel_height == kernel_width && g.padding < kernel_height {
        // A convolution of the output's gradient with the filters turned by half a circle: it writes each
        // pixel once, where folding columns would add to it once per weight.
        let padding = kernel_height - 1 - g.padding;
        let turned = turned(weight, g);
        let shape = [g.channels_in, g.channels_out, kernel_height, kernel_width];
        return forward(grad, &turned, &Geometry::new(g.output(), shape, 1, padding));
    }
    match direct::level(g) {
        Some(level) if g.stride > 1 => strided::input_gradient(level, grad, weight, g),
        _ => input_gradient_folded(grad, weight, g),
    }
}

/// [`input_gradient`] for any geometry and processor.
pub(super) fn input_gradient_folded(grad: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    let (pixels, taps) = (g.pixels_out(), g.taps());
    let mut output = vec![0.0; g.batch * g.channels_in * g.pixels_in()];
    let image_in = g.channels_in * g.pixels_in();
    let image_out = g.channels_out * pixels;
    let filters = View::new(weight, g.channels_out, taps, taps).transposed();
    output.par_chunks_mut(image_in.max(1)).zip(grad.par_chunks(image_out.max(1))).for_each(|(out, grad)| {
        with_scratch(g.scratch(), |scratch| {
            for rows in g.blocks() {
                let len = rows.len() * g.out_width;
                let columns = &mut scratch[..taps * len];
                let grad = View::new(&grad[rows.start * g.out_width..], g.channels_out, len, pixels);
                multiply(columns, len, false, filters, grad);
                fold(columns, g, rows, out);
            }
        });
    });
    output
}

/// The filters turned by half a circle, `[channels_in, channels_out, kernel_height, kernel_width]`.
fn turned(weight: &[f32], g: &Geometry) -> Vec<f32> {
    let area = g.kernel[0] * g.kernel[1];
    let mut turned = Vec::with_capacity(weight.len());
    for channel_in in 0..g.channels_in {
        for channel_out in 0..g.channels_out {
            let start = (channel_out * g.channels_in + channel_in) * area;
            turned.extend(weight[start..start + area].iter().rev());
        }
    }
    turned
}

/// The gradient of the weight, `[channels_out, channels_in, kernel_height, kernel_width]`.
pub(super) fn weight_gradient(input: &[f32], grad: &[f32], g: &Geometry) -> Vec<f32> {
    match direct::level(g) {
        Some(level) => direct::weight_gradient(level, input, grad, g),
        None => weight_gradient_unfolded(input, grad, g),
    }
}

/// [`weight_gradient`] for any geometry and processor.
pub(super) fn weight_gradient_unfolded(input: &[f32], grad: &[f32], g: &Geometry) -> Vec<f32> {
    let (pixels, taps) = (g.pixels_out(), g.taps());
    let image_in = g.channels_in * g.pixels_in();
    let image_out = g.channels_out * pixels;
    let images = g.batch.div_ceil(PARTS).max(1);
    let parts: Vec<Vec<f32>> = input
        .par_chunks((images * image_in).max(1))
        .zip(grad.par_chunks((images * image_out).max(1)))
        .map(|(inputs, grads)| {
            let mut sum = vec![0.0; g.channels_out * taps];
            with_scratch(g.scratch(), |scratch| {
                for (image, grad) in inputs.chunks_exact(image_in).zip(grads.chunks_exact(image_out)) {
                    if g.pointwise() {
                        let columns = View::new(image, taps, pixels, pixels);
                        let grad = View::new(grad, g.channels_out, pixels, pixels);
                        multiply(&mut sum, taps, true, grad, columns.transposed());
                        continue;
                    }
                    for rows in g.blocks() {
                        let len = rows.len() * g.out_width;
                        let columns = &mut scratch[..taps * len];
                        unfold(image, g, rows.clone(), columns);
                        let grad = View::new(&grad[rows.start * g.out_width..], g.channels_out, len, pixels);
                        multiply(&mut sum, taps, true, grad, View::new(columns, taps, len, len).transposed());
                    }
                }
            });
            sum
        })
        .collect();
    let mut total = vec![0.0; g.channels_out * taps];
    for part in parts {
        for (total, part) in total.iter_mut().zip(part) {
            *total += part;
        }
    }
    total
}
