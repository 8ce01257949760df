//! Batch normalisation, forward and backward.

use burn::cubecl;
use burn::cubecl::prelude::*;

use super::{UNITS, total};

/// Mean and sum of squared deviations of each channel of each image, `[batch, channels, 2]`.
#[cube(launch)]
pub(in crate::train::gpu) fn moments(image: &[f32], moments: &mut [f32], pixels: usize) {
    let row = CUBE_POS_Y as usize * CUBE_COUNT_X as usize + CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let mut sum = 0.0f32;
    for pixel in range_stepped(unit, pixels, UNITS) {
        sum += image[row * pixels + pixel];
    }
    let mean = total(sum) / pixels as f32;
    let mut squares = 0.0f32;
    for pixel in range_stepped(unit, pixels, UNITS) {
        let off = image[row * pixels + pixel] - mean;
        squares += off * off;
    }
    let squares = total(squares);
    if unit == 0 {
        moments[2 * row] = mean;
        moments[2 * row + 1] = squares;
    }
}

/// Mean and variance of each channel from [`moments`] (Chan, Golub and LeVeque 1983); a unit has a channel.
#[cube(launch)]
pub(in crate::train::gpu) fn statistics(
    moments: &[f32],
    mean: &mut [f32],
    variance: &mut [f32],
    batch: usize,
    channels: usize,
    pixels: usize,
) {
    let channel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if channel >= channels {
        terminate!();
    }
    let mut sum = 0.0f32;
    for image in 0..batch {
        sum += moments[2 * (image * channels + channel)];
    }
    let middle = sum / batch as f32;
    let mut squares = 0.0f32;
    for image in 0..batch {
        let row = image * channels + channel;
        let off = moments[2 * row] - middle;
        squares += moments[2 * row + 1] + off * off * pixels as f32;
    }
    mean[channel] = middle;
    variance[channel] = squares / (batch as f32 * pixels as f32);
}

/// The normalised image, with `skip` added and rectified where asked for.
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers of one launch")]
pub(in crate::train::gpu) fn normalise(
    image: &[f32],
    mean: &[f32],
    variance: &[f32],
    gamma: &[f32],
    beta: &[f32],
    skip: &[f32],
    output: &mut [f32],
    pixels: usize,
    epsilon: f32,
    #[comptime] add: bool,
    #[comptime] relu: bool,
) {
    let pixel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if pixel >= pixels {
        terminate!();
    }
    let channel = CUBE_POS_Y as usize;
    let index = (CUBE_POS_Z as usize * CUBE_COUNT_Y as usize + channel) * pixels + pixel;
    let scale = gamma[channel] / (variance[channel] + epsilon).sqrt();
    let mut value = (image[index] - mean[channel]) * scale + beta[channel];
    if comptime![add] {
        value += skip[index];
    }
    if comptime![relu] {
        // lets a NaN through, so that a diverged run shows
        value = select(value < 0.0f32, 0.0f32, value);
    }
    output[index] = value;
}

/// Sums over each channel of each image, `[batch, channels, 2]`: of the gradient, and of the gradient times the normalised
/// value. With `relu` the gradient counts where `output` is above zero.
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers of one launch")]
pub(in crate::train::gpu) fn gradient_sums(
    image: &[f32],
    gradient: &[f32],
    output: &[f32],
    mean: &[f32],
    variance: &[f32],
    sums: &mut [f32],
    pixels: usize,
    epsilon: f32,
    #[comptime] relu: bool,
) {
    let channel = CUBE_POS_X as usize;
    let row = CUBE_POS_Y as usize * CUBE_COUNT_X as usize + channel;
    let unit = UNIT_POS as usize;
    let mut sum = 0.0f32;
    let mut product = 0.0f32;
    for pixel in range_stepped(unit, pixels, UNITS) {
        let index = row * pixels + pixel;
        let mut value = gradient[index];
        if comptime![relu] {
            value = select(output[index] > 0.0f32, value, 0.0f32);
        }
        sum += value;
        product += value * (image[index] - mean[channel]);
    }
    let sum = total(sum);
    let product = total(product);
    if unit == 0 {
        sums[2 * row] = sum;
        sums[2 * row + 1] = product / (variance[channel] + epsilon).sqrt();
    }
}

/// The gradients of gamma and beta from [`gradient_sums`]; a unit has a channel.
#[cube(launch)]
pub(in crate::train::gpu) fn sums_of_batch(
    sums: &[f32],
    gamma_gradient: &mut [f32],
    beta_gradient: &mut [f32],
    batch: usize,
    channels: usize,
) {
    let channel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if channel >= channels {
        terminate!();
    }
    let mut sum = 0.0f32;
    let mut product = 0.0f32;
    for image in 0..batch {
        let row = image * channels + channel;
        sum += sums[2 * row];
        product += sums[2 * row + 1];
    }
    beta_gradient[channel] = sum;
    gamma_gradient[channel] = product;
}

/// The gradients of the image and of what was added to it (Ioffe and Szegedy 2015, section 3).
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers of one launch")]
pub(in crate::train::gpu) fn image_gradient(
    image: &[f32],
    gradient: &[f32],
    output: &[f32],
    mean: &[f32],
    variance: &[f32],
    gamma: &[f32],
    gamma_gradient: &[f32],
    beta_gradient: &[f32],
    image_gradient: &mut [f32],
    skip_gradient: &mut [f32],
    pixels: usize,
    epsilon: f32,
    #[comptime] add: bool,
    #[comptime] relu: bool,
) {
    let pixel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if pixel >= pixels {
        terminate!();
    }
    let channel = CUBE_POS_Y as usize;
    let index = (CUBE_POS_Z as usize * CUBE_COUNT_Y as usize + channel) * pixels + pixel;
    let mut value = gradient[index];
    if comptime![relu] {
        value = select(output[index] > 0.0f32, value, 0.0f32);
    }
    if comptime![add] {
        skip_gradient[index] = value;
    }
    let count = CUBE_COUNT_Z as f32 * pixels as f32;
    let scale = 1.0f32 / (variance[channel] + epsilon).sqrt();
    let normed = (image[index] - mean[channel]) * scale;
    let mean_part = (beta_gradient[channel] + normed * gamma_gradient[channel]) / count;
    image_gradient[index] = gamma[channel] * scale * (value - mean_part);
}
