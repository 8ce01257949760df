//! One step of AdamW.

use burn::cubecl;
use burn::cubecl::prelude::*;

use super::{UNITS, total};

/// The sum of squares of what each cube sees of `values`; the cubes share them.
#[cube(launch)]
pub(in crate::train::gpu) fn squares(values: &[f32], sums: &mut [f32], count: usize) {
    let mut sum = 0.0f32;
    let start = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    for index in range_stepped(start, count, CUBE_COUNT_X as usize * UNITS) {
        sum += values[index] * values[index];
    }
    let sum = total(sum);
    if UNIT_POS == 0 {
        sums[CUBE_POS_X as usize] = sum;
    }
}

/// The numbers of one step of AdamW.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(in crate::train::gpu) struct Step {
    /// Learning rate.
    pub rate: f32,
    /// What the weight is multiplied by.
    pub keep: f32,
    pub beta_1: f32,
    pub beta_2: f32,
    /// `1 - beta_1^t` and `1 - beta_2^t`.
    pub bias_1: f32,
    pub bias_2: f32,
    pub epsilon: f32,
    /// Largest norm of the gradient.
    pub most: f32,
}

/// One step of AdamW for each weight, in place; with `clip` the gradient is first shortened to `step.most`, its squares in
/// `sums`, at most [`UNITS`] of them.
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers of one launch")]
pub(in crate::train::gpu) fn adamw(
    weight: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    sums: &[f32],
    count: usize,
    parts: usize,
    step: Step,
    #[comptime] clip: bool,
) {
    let mut shorter = 1.0f32;
    if comptime![clip] {
        let mut part = 0.0f32;
        if (UNIT_POS as usize) < parts {
            part = sums[UNIT_POS as usize];
        }
        shorter = min(step.most / (total(part).sqrt() + f32::MIN_POSITIVE), 1.0f32);
    }
    let start = CUBE_POS_X as usize * UNITS + UNIT_POS as usize;
    for index in range_stepped(start, count, CUBE_COUNT_X as usize * UNITS) {
        let value = gradient[index] * shorter;
        let mean = step.beta_1 * first[index] + (1.0f32 - step.beta_1) * value;
        let square = step.beta_2 * second[index] + (1.0f32 - step.beta_2) * value * value;
        first[index] = mean;
        second[index] = square;
        let delta = mean / step.bias_1 / ((square / step.bias_2).sqrt() + step.epsilon);
        weight[index] = step.keep * weight[index] - step.rate * delta;
    }
}
