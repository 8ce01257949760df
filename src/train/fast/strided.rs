//! The input's gradient of a convolution with a stride, by direct convolutions.
//!
//! Pixels whose row and column leave the same remainders when divided by the stride are under the same
//! weights of a filter. For each pair of remainders, their gradient is a convolution without stride of
//! the output's gradient with those weights, turned by half a circle.

use rayon::prelude::*;

use super::direct::{CHANNELS, Taps, convolve_on};
use super::geometry::Geometry;
use super::layout::Layout;
use super::scratch::with_scratch;
use super::simd::Level;

/// The weights under the pixels of one remainder.
struct Phase {
    /// Remainders of row and column, counted from the first row and column of the padding.
    remainder: [usize; 2],
    offsets: Vec<usize>,
    weights: Vec<f32>,
}

/// The gradient of the input, `[batch, channels_in, height, width]`, from that of the output.
pub(super) fn input_gradient(level: Level, grad: &[f32], weight: &[f32], g: &Geometry) -> Vec<f32> {
    // weights of a filter that one pixel is under, each way, at most
    let reach = g.kernel[0].max(g.kernel[1]).div_ceil(g.stride);
    let shape = [g.channels_in, g.channels_out, reach, reach];
    let reversed = Geometry::new(g.output(), shape, 1, reach - 1);
    let (layout, images) = Layout::new(&reversed, g.batch);
    let phases = phases(weight, g, &layout, reach);

    let image_in = g.channels_in * g.pixels_in();
    let image_out = g.channels_out * g.pixels_out();
    let input_planes = g.channels_out * layout.input_plane;
    let scratch = input_planes + g.channels_in.next_multiple_of(CHANNELS) * layout.output_plane;
    // pixels under no weight keep the zero
    let mut output = vec![0.0; g.batch * image_in];
    let groups = grad.par_chunks((images * image_out).max(1));
    output.par_chunks_mut((images * image_in).max(1)).zip(groups).for_each(|(out, grad)| {
        with_scratch(scratch, |scratch| {
            let (planes, sums) = scratch.split_at_mut(input_planes);
            layout.spread_input(grad, [g.channels_out, g.out_height, g.out_width], planes);
            let positions = grad.len() / image_out * layout.image;
            for phase in &phases {
                let taps = Taps { offsets: &phase.offsets, weights: &phase.weights };
                // SAFETY: as in `direct::forward`; the offsets are some of the layout's.
                unsafe { convolve_on(level, &layout, positions, planes, taps, sums) };
                let size = [reversed.out_height, reversed.out_width];
                interleave(sums, size, &layout, g, phase.remainder, out);
            }
        });
    });
    output
}

fn phases(weight: &[f32], g: &Geometry, layout: &Layout, reach: usize) -> Vec<Phase> {
    let area = g.kernel[0] * g.kernel[1];
    let mut phases = Vec::new();
    for row in 0..g.stride.min(g.kernel[0]) {
        for column in 0..g.stride.min(g.kernel[1]) {
            // each weight with the place in the turned filter where the layout knows its offset
            let places: Vec<(usize, usize)> = (row..g.kernel[0])
                .step_by(g.stride)
                .enumerate()
                .flat_map(|(down, y)| {
                    (column..g.kernel[1]).step_by(g.stride).enumerate().map(move |(right, x)| {
                        (y * g.kernel[1] + x, (reach - 1 - down) * reach + reach - 1 - right)
                    })
                })
                .collect();
            let mut offsets = Vec::with_capacity(g.channels_out * places.len());
            for channel in 0..g.channels_out {
                offsets
                    .extend(places.iter().map(|(_, place)| layout.offsets[channel * reach * reach + place]));
            }
            let blocks = g.channels_in.div_ceil(CHANNELS);
            let mut weights = vec![0.0; blocks * offsets.len() * CHANNELS];
            for channel_in in 0..g.channels_in {
                let (block, lane) = (channel_in / CHANNELS, channel_in % CHANNELS);
                for channel_out in 0..g.channels_out {
                    let filter = (channel_out * g.channels_in + channel_in) * area;
                    for (index, (tap, _)) in places.iter().enumerate() {
                        let at = block * offsets.len() + channel_out * places.len() + index;
                        weights[at * CHANNELS + lane] = weight[filter + tap];
                    }
                }
            }
            phases.push(Phase { remainder: [row, column], offsets, weights });
        }
    }
    phases
}

/// Writes the pixels of one remainder, computed at positions of `[height, width]`, where they belong.
fn interleave(
    sums: &[f32],
    [height, width]: [usize; 2],
    layout: &Layout,
    g: &Geometry,
    [row, column]: [usize; 2],
    out: &mut [f32],
) {
    let first = g.padding.saturating_sub(column).div_ceil(g.stride);
    let start = first * g.stride + column - g.padding;
    for (index, pixels) in out.chunks_exact_mut(g.pixels_in()).enumerate() {
        let plane = index % g.channels_in * layout.output_plane + index / g.channels_in * layout.image;
        for y in g.padding.saturating_sub(row).div_ceil(g.stride)..height {
            let line = y * g.stride + row - g.padding;
            if line >= g.height || first >= width || start >= g.width {
                break;
            }
            let line = &mut pixels[line * g.width + start..(line + 1) * g.width];
            let from = &sums[plane + y * layout.row..][first..width];
            if g.stride == 2 {
                // pairs, which compilers turn into shuffles
                for (to, from) in line.chunks_mut(2).zip(from) {
                    to[0] = *from;
                }
            } else {
                for (to, from) in line.iter_mut().step_by(g.stride).zip(from) {
                    *to = *from;
                }
            }
        }
    }
}
