//! Batch normalisation over `[batch, channels, height, width]`, one channel at a time.
//!
//! A channel is a plane of pixels per image. Its planes are few enough to stay in the cache between the
//! passes for mean, variance and output, and channels are independent, so threads share them out.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::simd::on_best_level;
use super::written;

/// Running sums kept side by side, so that the compiler can add whole vectors at a time.
const LANES: usize = 16;

/// Parameters of a layer.
pub(super) struct Layer<'a> {
    pub gamma: &'a [f32],
    pub beta: &'a [f32],
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Whether a rectifier follows.
    pub relu: bool,
}

/// Mean and variance of a channel turned into `output = input * scale + shift`.
#[derive(Clone, Copy)]
struct Affine {
    mean: f32,
    inverse_deviation: f32,
    scale: f32,
    shift: f32,
}

impl Affine {
    fn new(layer: &Layer, channel: usize, mean: f32, variance: f32) -> Self {
        let inverse_deviation = 1.0 / (variance + layer.epsilon).sqrt();
        let scale = layer.gamma[channel] * inverse_deviation;
        Self { mean, inverse_deviation, scale, shift: layer.beta[channel] - mean * scale }
    }

    /// One expression for both passes, so that the rectifier's mask is found again exactly.
    #[inline(always)]
    fn apply(&self, value: f32) -> f32 {
        value * self.scale + self.shift
    }
}

/// Sums of two terms over two planes of the same length.
#[inline(always)]
fn sums(a: &[f32], b: &[f32], terms: impl Fn(f32, f32) -> (f32, f32)) -> (f64, f64) {
    let (mut first, mut second) = ([0.0f32; LANES], [0.0f32; LANES]);
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            let (x, y) = terms(a[lane], b[lane]);
            first[lane] += x;
            second[lane] += y;
        }
    }
    for (lane, (a, b)) in rest.enumerate() {
        let (x, y) = terms(*a, *b);
        first[lane] += x;
        second[lane] += y;
    }
    let total = |lanes: [f32; LANES]| lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    (total(first), total(second))
}

/// The planes of each channel, to be written by whoever owns the channel.
fn by_channel<T>(data: &mut [T], channels: usize, pixels: usize) -> Vec<Vec<&mut [T]>> {
    let mut planes: Vec<Vec<&mut [T]>> = (0..channels).map(|_| Vec::new()).collect();
    for (index, plane) in data.chunks_exact_mut(pixels.max(1)).enumerate() {
        planes[index % channels].push(plane);
    }
    planes
}

/// Planes of one channel of a tensor that is only read.
fn planes(data: &[f32], channel: usize, channels: usize, pixels: usize) -> Vec<&[f32]> {
    data.chunks_exact(pixels.max(1)).skip(channel).step_by(channels).collect()
}

/// Output, and mean and variance of each channel; `skip` is added before the rectifier.
pub(super) fn forward(
    input: &[f32],
    skip: Option<&[f32]>,
    [batch, channels, height, width]: [usize; 4],
    layer: &Layer,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let pixels = height * width;
    let count = (batch * pixels) as f64;
    assert!(
        layer.gamma.len() == channels && layer.beta.len() == channels,
        "gamma or beta has another length"
    );
    let mut statistics: Vec<(f32, f32)> = Vec::new();
    let fill = |output: &mut [MaybeUninit<f32>]| {
        by_channel(output, channels, pixels)
            .into_par_iter()
            .enumerate()
            .map(|(channel, out)| {
                let input = planes(input, channel, channels, pixels);
                let skip = skip.map(|skip| planes(skip, channel, channels, pixels));
                channel_forward(out, &input, skip.as_deref(), layer, channel, count)
            })
            .collect_into_vec(&mut statistics);
    };
    // SAFETY: every plane belongs to a channel, and all planes of each are written.
    let output = unsafe { written(input.len(), fill) };
    let (mean, variance) = statistics.into_iter().unzip();
    (output, mean, variance)
}

on_best_level! {
    /// Writes the output of one channel; returns its mean and variance.
    fn channel_forward(
        out: Vec<&mut [MaybeUninit<f32>]>,
        input: &[&[f32]],
        skip: Option<&[&[f32]]>,
        layer: &Layer,
        channel: usize,
        count: f64,
    ) -> (f32, f32) {
        // loops, as what an iterator calls would not be compiled for the instruction set
        let (mut sum, mut squares) = (0.0, 0.0);
        for x in input {
            sum += sums(x, x, |x, _| (x, 0.0)).0;
        }
        let mean = (sum / count) as f32;
        for x in input {
            squares += sums(x, x, |x, _| ((x - mean) * (x - mean), 0.0)).0;
        }
        let variance = (squares / count) as f32;
        let affine = Affine::new(layer, channel, mean, variance);
        for (plane, (out, x)) in out.into_iter().zip(input).enumerate() {
            match (skip, layer.relu) {
                (None, true) => write(out, x, x, |x, _| rectify(affine.apply(x))),
                (None, false) => write(out, x, x, |x, _| affine.apply(x)),
                (Some(skip), true) => write(out, x, skip[plane], |x, skip| rectify(affine.apply(x) + skip)),
                (Some(skip), false) => write(out, x, skip[plane], |x, skip| affine.apply(x) + skip),
            }
        }
        (mean, variance)
    }
}

#[inline(always)]
fn write(out: &mut [MaybeUninit<f32>], a: &[f32], b: &[f32], value: impl Fn(f32, f32) -> f32) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        out.write(value(*a, *b));
    }
}

/// Zero for what is below zero; unlike `f32::max` it lets a NaN through, so that a diverged run shows.
#[inline(always)]
fn rectify(value: f32) -> f32 {
    if value < 0.0 { 0.0 } else { value }
}

/// The gradient where the output of a rectifier is above zero, and zero elsewhere.
pub(super) fn rectified(grad: &[f32], output: &[f32]) -> Vec<f32> {
    /// Numbers per task.
    const CHUNK: usize = 64 * 1024;
    assert_eq!(grad.len(), output.len());
    let chunks = grad.par_chunks(CHUNK).zip(output.par_chunks(CHUNK));
    // SAFETY: all three are cut alike, and every chunk is written.
    unsafe {
        written(grad.len(), |masked| {
            masked.par_chunks_mut(CHUNK).zip(chunks).for_each(|(masked, (grad, output))| {
                write(masked, grad, output, |grad, output| if output > 0.0 { grad } else { 0.0 });
            });
        })
    }
}

/// Gradients of input, gamma and beta, from that of the output and the statistics of the forward pass.
pub(super) fn backward(
    input: &[f32],
    grad: &[f32],
    [batch, channels, height, width]: [usize; 4],
    layer: &Layer,
    (mean, variance): (&[f32], &[f32]),
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let pixels = height * width;
    let count = (batch * pixels) as f64;
    assert_eq!(grad.len(), input.len(), "gradient and input differ in shape");
    let mut parameters: Vec<(f32, f32)> = Vec::new();
    let fill = |output: &mut [MaybeUninit<f32>]| {
        by_channel(output, channels, pixels)
            .into_par_iter()
            .enumerate()
            .map(|(channel, out)| {
                let affine = Affine::new(layer, channel, mean[channel], variance[channel]);
                let input = planes(input, channel, channels, pixels);
                let grad = planes(grad, channel, channels, pixels);
                channel_backward(out, &input, &grad, affine, layer.relu, count)
            })
            .collect_into_vec(&mut parameters);
    };
    // SAFETY: as in `forward`.
    let output = unsafe { written(input.len(), fill) };
    let (gamma, beta) = parameters.into_iter().unzip();
    (output, gamma, beta)
}

on_best_level! {
    /// Writes the gradient of one channel's input; returns those of its gamma and beta.
    ///
    /// With `n` values, normalised values `h` and gradients `d` past the rectifier, the input's gradient
    /// is `scale * (d - sum(d) / n - h * sum(d * h) / n)`.
    fn channel_backward(
        out: Vec<&mut [MaybeUninit<f32>]>,
        input: &[&[f32]],
        grad: &[&[f32]],
        affine: Affine,
        relu: bool,
        count: f64,
    ) -> (f32, f32) {
        let pass = |x: f32, d: f32| if !relu || affine.apply(x) > 0.0 { d } else { 0.0 };
        let (mut beta, mut gamma) = (0.0, 0.0);
        for (x, d) in input.iter().zip(grad) {
            let terms = |x: f32, d: f32| {
                let d = pass(x, d);
                (d, d * (x - affine.mean))
            };
            let (level, slope) = sums(x, d, terms);
            beta += level;
            gamma += slope;
        }
        gamma *= f64::from(affine.inverse_deviation);
        let slope = (gamma / count) as f32 * affine.inverse_deviation;
        let level = (beta / count) as f32;
        for (out, (x, d)) in out.into_iter().zip(input.iter().zip(grad)) {
            write(out, x, d, |x, d| affine.scale * (pass(x, d) - level - (x - affine.mean) * slope));
        }
        (gamma as f32, beta as f32)
    }
}
