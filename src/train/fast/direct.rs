//! Convolution without columns: laid-out planes are read at one offset per weight, see [`Layout`].

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m512};

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::geometry::{Geometry, PARTS};
use super::layout::Layout;
use super::scratch::with_scratch;
use super::simd::{Level, Vector};
use super::written;

/// Positions between two reductions of the weight gradient's sums, for the first-level cache.
const RUN: usize = 2048;

/// Output channels computed together.
pub(super) const CHANNELS: usize = 6;

/// Filters in blocks of [`CHANNELS`], tap after tap, filled up with zeros; and how far from an output position
/// each tap reads.
#[derive(Clone, Copy)]
pub(super) struct Taps<'a> {
    pub offsets: &'a [usize],
    pub weights: &'a [f32],
}

/// Output channels and taps in one block of the weight gradient, at most.
const PAIRS: [usize; 2] = [3, 9];

/// Whether this way is open to a convolution, and on what instruction set.
pub(super) fn level(g: &Geometry) -> Option<Level> {
    let [height, width] = g.kernel;
    // with stride 1 the gaps must hold all of the output
    let fits = g.stride > 1 || (g.padding < height && g.padding < width);
    if fits && !g.pointwise() { Level::best() } else { None }
}

/// The output, `[batch, channels_out, out_height, out_width]`.
pub(super) fn forward(level: Level, input: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    let [_, channels_in, height, width] = g.input();
    let [batch, channels_out, out_height, out_width] = g.output();
    let (layout, images) = Layout::new(g, batch);
    let blocks = channels_out.div_ceil(CHANNELS);
    let weights = interleaved(weight, channels_out, g.taps());
    let image_in = channels_in * height * width;
    let image_out = channels_out * out_height * out_width;
    let input_planes = layout.input_planes(channels_in) * layout.input_plane;
    let scratch = input_planes + blocks * CHANNELS * layout.output_plane;
    let convolve = |(out, input): (&mut [MaybeUninit<f32>], &[f32])| {
        with_scratch(scratch, |scratch| {
            let (planes, sums) = scratch.split_at_mut(input_planes);
            layout.spread_input(input, [channels_in, height, width], planes);
            let positions = input.len() / image_in * layout.image;
            let taps = Taps { offsets: &layout.offsets, weights: &weights };
            // SAFETY: the level is one that this processor has. Positions, rounded up to a whole tile,
            // are within an output plane, and with the largest offset within the input planes.
            unsafe { convolve_on(level, &layout, positions, planes, taps, sums) };
            layout.gather(sums, [channels_out, out_height, out_width], out);
        });
    };
    let groups = input.par_chunks((images * image_in).max(1));
    // SAFETY: input and output have the same number of images, of which every chunk is written.
    unsafe {
        written(batch * image_out, |output| {
            output.par_chunks_mut((images * image_out).max(1)).zip(groups).for_each(convolve);
        })
    }
}

/// The weights of [`Taps`].
fn interleaved(weight: &[f32], channels_out: usize, taps: usize) -> Vec<f32> {
    let blocks = channels_out.div_ceil(CHANNELS);
    let mut weights = vec![0.0; blocks * taps * CHANNELS];
    for (channel, filter) in weight.chunks_exact(taps.max(1)).enumerate() {
        let (block, lane) = (channel / CHANNELS, channel % CHANNELS);
        for (tap, value) in filter.iter().enumerate() {
            weights[(block * taps + tap) * CHANNELS + lane] = *value;
        }
    }
    weights
}

/// Computes output planes from laid-out input planes.
///
/// # Safety
///
/// The processor must have `level`. `planes` must hold `positions`, rounded up to a whole tile, from each
/// offset on, and `sums` as many in an output plane for each of the filters.
pub(super) unsafe fn convolve_on(
    level: Level,
    layout: &Layout,
    positions: usize,
    planes: &[f32],
    taps: Taps,
    sums: &mut [f32],
) {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    unsafe fn avx512(layout: &Layout, positions: usize, planes: &[f32], taps: Taps, sums: &mut [f32]) {
        unsafe { convolve::<__m512, 4>(layout, positions, planes, taps, sums) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(layout: &Layout, positions: usize, planes: &[f32], taps: Taps, sums: &mut [f32]) {
        unsafe { convolve::<__m256, 2>(layout, positions, planes, taps, sums) }
    }

    unsafe {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2(layout, positions, planes, taps, sums),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512(layout, positions, planes, taps, sums),
        }
    }
}

/// All output planes, a tile of `N` vectors of positions and [`CHANNELS`] planes at a time.
#[inline(always)]
unsafe fn convolve<V: Vector, const N: usize>(
    layout: &Layout,
    positions: usize,
    planes: &[f32],
    taps: Taps,
    sums: &mut [f32],
) {
    let tile = N * V::LANES;
    let block = taps.offsets.len() * CHANNELS;
    for start in (0..positions).step_by(tile) {
        for (index, weights) in taps.weights.chunks_exact(block).enumerate() {
            unsafe {
                let mut acc = [[V::zero(); N]; CHANNELS];
                let input = planes.as_ptr().add(start);
                for (offset, weights) in taps.offsets.iter().zip(weights.chunks_exact(CHANNELS)) {
                    let input = input.add(*offset);
                    let mut values = [V::zero(); N];
                    for (n, value) in values.iter_mut().enumerate() {
                        *value = V::load(input.add(n * V::LANES));
                    }
                    for (acc, weight) in acc.iter_mut().zip(weights) {
                        let weight = V::splat(*weight);
                        for (acc, value) in acc.iter_mut().zip(values) {
                            *acc = value.fused(weight, *acc);
                        }
                    }
                }
                for (channel, acc) in acc.into_iter().enumerate() {
                    let plane = (index * CHANNELS + channel) * layout.output_plane + start;
                    let out = sums.as_mut_ptr().add(plane);
                    for (n, acc) in acc.into_iter().enumerate() {
                        acc.store(out.add(n * V::LANES));
                    }
                }
            }
        }
    }
}

/// The gradient of the weight, `[channels_out, channels_in, kernel_height, kernel_width]`.
pub(super) fn weight_gradient(level: Level, input: &[f32], grad: &[f32], g: &Geometry) -> Vec<f32> {
    let [batch, channels_in, height, width] = g.input();
    let [_, channels_out, out_height, out_width] = g.output();
    let (image_in, image_out) = (channels_in * height * width, channels_out * out_height * out_width);
    let part = batch.div_ceil(PARTS).max(1);
    let (mut layout, images) = Layout::new(g, part);
    let taps = layout.offsets.len();
    // whole blocks: what is added here is not read
    layout.offsets.resize(taps.next_multiple_of(PAIRS[1]), 0);
    let planes_out = channels_out.next_multiple_of(PAIRS[0]);
    let input_planes = layout.input_planes(channels_in) * layout.input_plane;
    let scratch = input_planes + planes_out * layout.output_plane;
    let parts: Vec<Vec<f32>> = input
        .par_chunks((part * image_in).max(1))
        .zip(grad.par_chunks((part * image_out).max(1)))
        .map(|(input, grad)| {
            let mut sums = vec![0.0; planes_out * layout.offsets.len()];
            with_scratch(scratch, |scratch| {
                let (planes, grads) = scratch.split_at_mut(input_planes);
                for (input, grad) in input.chunks(images * image_in).zip(grad.chunks(images * image_out)) {
                    layout.spread_input(input, [channels_in, height, width], planes);
                    layout.spread_output(grad, [channels_out, out_height, out_width], grads);
                    let positions = input.len() / image_in * layout.image;
                    // SAFETY: as in `forward`.
                    unsafe {
                        match level {
                            #[cfg(target_arch = "x86_64")]
                            Level::Avx2 => correlate_avx2(&layout, positions, planes, grads, &mut sums),
                            #[cfg(target_arch = "x86_64")]
                            Level::Avx512 => correlate_avx512(&layout, positions, planes, grads, &mut sums),
                        }
                    }
                }
            });
            sums
        })
        .collect();
    let mut total = vec![0.0; channels_out * taps];
    for part in parts {
        for (total, part) in total.chunks_exact_mut(taps).zip(part.chunks_exact(layout.offsets.len())) {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
    }
    total
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn correlate_avx512(
    layout: &Layout,
    positions: usize,
    planes: &[f32],
    grads: &[f32],
    sums: &mut [f32],
) {
    unsafe { correlate::<__m512, 3, 9>(layout, positions, planes, grads, sums) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn correlate_avx2(layout: &Layout, positions: usize, planes: &[f32], grads: &[f32], sums: &mut [f32]) {
    unsafe { correlate::<__m256, 3, 3>(layout, positions, planes, grads, sums) }
}

/// Adds to every weight the products of the gradient and the pixel under that weight, for `C` output
/// channels and `T` taps at a time.
#[inline(always)]
unsafe fn correlate<V: Vector, const C: usize, const T: usize>(
    layout: &Layout,
    positions: usize,
    planes: &[f32],
    grads: &[f32],
    sums: &mut [f32],
) {
    let taps = layout.offsets.len();
    let positions = positions.next_multiple_of(V::LANES);
    for start in (0..positions).step_by(RUN) {
        let end = (start + RUN).min(positions);
        for (block, sums) in sums.chunks_exact_mut(C * taps).enumerate() {
            for (first, offsets) in layout.offsets.chunks_exact(T).enumerate() {
                unsafe {
                    let mut acc = [[V::zero(); T]; C];
                    let grads = grads.as_ptr().add(block * C * layout.output_plane);
                    let mut inputs = [planes.as_ptr(); T];
                    for (input, offset) in inputs.iter_mut().zip(offsets) {
                        *input = input.add(*offset);
                    }
                    for at in (start..end).step_by(V::LANES) {
                        let mut grad = [V::zero(); C];
                        for (channel, grad) in grad.iter_mut().enumerate() {
                            *grad = V::load(grads.add(channel * layout.output_plane + at));
                        }
                        for (tap, input) in inputs.iter().enumerate() {
                            let value = V::load(input.add(at));
                            for (acc, grad) in acc.iter_mut().zip(grad) {
                                acc[tap] = value.fused(grad, acc[tap]);
                            }
                        }
                    }
                    for (channel, acc) in acc.into_iter().enumerate() {
                        for (tap, acc) in acc.into_iter().enumerate() {
                            sums[channel * taps + first * T + tap] += acc.sum();
                        }
                    }
                }
            }
        }
    }
}
