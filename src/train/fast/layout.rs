//! Where pixels lie while the direct convolution reads them.
//!
//! Planes have gaps of zeros, `padding` numbers after each row and `padding` rows after each image, which
//! also serve the row and the image that follow. The input of an output position then lies at the same
//! distance for every position, so that whole vectors of neighbours are computed at once and rows need no
//! special ends. What is computed inside the gaps is thrown away.

use std::mem::MaybeUninit;

use super::geometry::Geometry;

/// Numbers of laid-out planes that are worked on at a time: about 750 KiB, for the second-level cache.
const GROUP: usize = 192 * 1024;

/// Positions computed together, at most.
pub(super) const TILE: usize = 64;

/// How the planes of a group of images are laid out.
///
/// With a stride, the pixels of a channel are dealt out to one plane for each remainder of their row and
/// column, so that what a weight reads next to itself is again the next number of a plane.
pub(super) struct Layout {
    stride: usize,
    padding: usize,
    /// Remainders of rows and columns that any weight reads.
    phases: [usize; 2],
    /// From one row to the next, and from one image to the next.
    pub(super) row: usize,
    pub(super) image: usize,
    /// Length of a plane of input, and of a plane of output positions.
    pub(super) input_plane: usize,
    pub(super) output_plane: usize,
    /// Distance from an output position to the pixel under each weight of a filter.
    pub(super) offsets: Vec<usize>,
}

impl Layout {
    /// For as many images as fit into the cache, up to `most`; also gives their number.
    pub(super) fn new(g: &Geometry, most: usize) -> (Self, usize) {
        let (stride, padding) = (g.stride, g.padding);
        // with stride 1, the zeros after a row are also those before the next
        let spaced =
            |size: usize| if stride == 1 { size + padding } else { (size + 2 * padding).div_ceil(stride) };
        let row = spaced(g.width);
        let image = row * spaced(g.height);
        let phases = g.kernel.map(|size| size.min(stride));
        let numbers = image * (g.channels_in * phases[0] * phases[1] + g.channels_out);
        let images = (GROUP / numbers.max(1)).clamp(1, most.max(1));
        let reach = (g.kernel[0] - 1) / stride * row + (g.kernel[1] - 1) / stride;
        let output_plane = (images * image).next_multiple_of(TILE);
        // the last tile reaches past the last image by what its weights do
        let input_plane = (output_plane + reach).next_multiple_of(16);
        let mut offsets = Vec::with_capacity(g.taps());
        for channel in 0..g.channels_in {
            for y in 0..g.kernel[0] {
                for x in 0..g.kernel[1] {
                    let plane = (channel * phases[0] + y % stride) * phases[1] + x % stride;
                    offsets.push(plane * input_plane + y / stride * row + x / stride);
                }
            }
        }
        (Self { stride, padding, phases, row, image, input_plane, output_plane, offsets }, images)
    }

    pub(super) fn input_planes(&self, channels: usize) -> usize {
        channels * self.phases[0] * self.phases[1]
    }

    /// Lays out input images, `[images, channels, height, width]`.
    pub(super) fn spread_input(&self, from: &[f32], [channels, height, width]: [usize; 3], to: &mut [f32]) {
        let (stride, [rows, columns]) = (self.stride, self.phases);
        to.fill(0.0);
        for (index, pixels) in from.chunks_exact(height * width).enumerate() {
            for (y, line) in pixels.chunks_exact(width).enumerate() {
                let y = y + self.padding;
                if y % stride >= rows {
                    continue;
                }
                let plane = (index % channels * rows + y % stride) * columns;
                let start = plane * self.input_plane + index / channels * self.image + y / stride * self.row;
                if stride == 1 {
                    let start = start + self.padding;
                    to[start..start + width].copy_from_slice(line);
                    continue;
                }
                for phase in 0..columns {
                    // the first pixel of the line that belongs to this phase
                    let first = (phase + stride - self.padding % stride) % stride;
                    let start = start + phase * self.input_plane + (first + self.padding) / stride;
                    let line = &line[first.min(width)..];
                    let to = &mut to[start..start + line.len().div_ceil(stride)];
                    if stride == 2 {
                        // pairs, which compilers turn into shuffles
                        for (to, from) in to.iter_mut().zip(line.chunks(2)) {
                            *to = from[0];
                        }
                    } else {
                        for (to, from) in to.iter_mut().zip(line.iter().step_by(stride)) {
                            *to = *from;
                        }
                    }
                }
            }
        }
    }

    /// Lays out gradients of output images, `[images, channels, height, width]`.
    pub(super) fn spread_output(&self, from: &[f32], [channels, height, width]: [usize; 3], to: &mut [f32]) {
        to.fill(0.0);
        for (index, pixels) in from.chunks_exact(height * width).enumerate() {
            let start = index % channels * self.output_plane + index / channels * self.image;
            for (y, line) in pixels.chunks_exact(width).enumerate() {
                let start = start + y * self.row;
                to[start..start + width].copy_from_slice(line);
            }
        }
    }

    /// The reverse of [`spread_output`](Self::spread_output): writes all of `to`.
    pub(super) fn gather(
        &self,
        from: &[f32],
        [channels, height, width]: [usize; 3],
        to: &mut [MaybeUninit<f32>],
    ) {
        for (index, pixels) in to.chunks_exact_mut(height * width).enumerate() {
            let start = index % channels * self.output_plane + index / channels * self.image;
            for (y, line) in pixels.chunks_exact_mut(width).enumerate() {
                let start = start + y * self.row;
                line.write_copy_of_slice(&from[start..start + width]);
            }
        }
    }
}
