//! Images to columns and back, which leaves a matrix product of a convolution.

use burn::cubecl;
use burn::cubecl::prelude::*;

use super::UNITS;

/// The sizes of a convolution as the kernels need them.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(in crate::train::gpu) struct Sizes {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub kernel_height: usize,
    pub kernel_width: usize,
    pub out_height: usize,
    pub out_width: usize,
    pub stride: usize,
    pub padding: usize,
}

/// Columns of images (im2col): `[batch, taps, out_pixels]`, where a tap is a channel and a place in the kernel.
#[cube(launch)]
pub(in crate::train::gpu) fn unfold(image: &[f32], columns: &mut [f32], sizes: Sizes) {
    let pixels = sizes.out_height * sizes.out_width;
    let pixel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if pixel >= pixels {
        terminate!();
    }
    let tap = CUBE_POS_Y as usize;
    let kernel = sizes.kernel_height * sizes.kernel_width;
    let (channel, place) = (tap / kernel, tap % kernel);
    // shifted by the padding, so that nothing is negative
    let y = (pixel / sizes.out_width) * sizes.stride + place / sizes.kernel_width;
    let x = (pixel % sizes.out_width) * sizes.stride + place % sizes.kernel_width;
    let mut value = 0.0f32;
    if y >= sizes.padding
        && y < sizes.height + sizes.padding
        && x >= sizes.padding
        && x < sizes.width + sizes.padding
    {
        let plane = CUBE_POS_Z as usize * sizes.channels + channel;
        value = image[(plane * sizes.height + y - sizes.padding) * sizes.width + x - sizes.padding];
    }
    columns[(CUBE_POS_Z as usize * CUBE_COUNT_Y as usize + tap) * pixels + pixel] = value;
}

/// The reverse of [`unfold`]: each pixel gets the sum of the entries that it was copied to.
#[cube(launch)]
pub(in crate::train::gpu) fn fold(columns: &[f32], image: &mut [f32], sizes: Sizes) {
    let pixel = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    if pixel >= sizes.height * sizes.width {
        terminate!();
    }
    let out_pixels = sizes.out_height * sizes.out_width;
    let plane = CUBE_POS_Z as usize * sizes.channels + CUBE_POS_Y as usize;
    let y = pixel / sizes.width + sizes.padding;
    let x = pixel % sizes.width + sizes.padding;
    let mut sum = 0.0f32;
    for row in 0..sizes.kernel_height {
        if y >= row {
            let out_y = (y - row) / sizes.stride;
            if out_y * sizes.stride == y - row && out_y < sizes.out_height {
                for column in 0..sizes.kernel_width {
                    if x >= column {
                        let out_x = (x - column) / sizes.stride;
                        if out_x * sizes.stride == x - column && out_x < sizes.out_width {
                            let tap = (plane * sizes.kernel_height + row) * sizes.kernel_width + column;
                            sum += columns[tap * out_pixels + out_y * sizes.out_width + out_x];
                        }
                    }
                }
            }
        }
    }
    image[plane * sizes.height * sizes.width + pixel] = sum;
}
