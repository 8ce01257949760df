//! The kernels, in CubeCL: compiled for whichever GPU runs them when they are first used.
//!
//! Images are `[batch, channels, height, width]` in row-major order. What has no name of its own is spread over units
//! by pixel (x), by row of a matrix or channel (y) and by image (z).

pub(super) mod adamw;
pub(super) mod columns;
pub(super) mod norm;

use burn::cubecl;
use burn::cubecl::prelude::*;

/// Units of a cube: few enough for every GPU, WebGPU's limit.
pub(super) const UNITS: usize = 256;

/// The sum of `value` over the units of a cube, for each of them.
#[cube]
fn total(value: f32) -> f32 {
    let mut shared = Shared::new_slice(UNITS);
    let unit = UNIT_POS as usize;
    shared[unit] = value;
    sync_cube();
    let mut half = UNITS.runtime() / 2;
    while half > 0 {
        if unit < half {
            let other = shared[unit + half];
            shared[unit] += other;
        }
        sync_cube();
        half /= 2;
    }
    let sum = shared[0];
    sync_cube();
    sum
}
