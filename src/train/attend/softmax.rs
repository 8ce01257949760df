//! The attention's loops over rows and maps, forward and backward.

use super::matrix::{dot, highest, sum};
use crate::train::fast::simd::on_best_level;

/// Added to the square of a length before its root is taken, as [`normalise`](crate::model) does.
const TINY: f32 = 1e-8;

/// What turns similarities into logits: `sharpness * similarity - locality * displacement`.
#[derive(Clone, Copy)]
pub(super) struct Factors<'a> {
    pub displacement: &'a [f32],
    pub sharpness: f32,
    pub locality: f32,
}

on_best_level! {
    /// Scales the columns of a map to length 1; `norms` receives the reciprocals of their lengths.
    pub(super) fn normalise(map: &[f32], norms: &mut [f32], unit: &mut [f32]) {
        let places = norms.len();
        norms.fill(TINY);
        for row in map.chunks_exact(places) {
            for (norm, value) in norms.iter_mut().zip(row) {
                *norm += value * value;
            }
        }
        for norm in norms.iter_mut() {
            *norm = 1.0 / norm.sqrt();
        }
        for (unit, row) in unit.chunks_exact_mut(places).zip(map.chunks_exact(places)) {
            for ((unit, value), norm) in unit.iter_mut().zip(row).zip(norms.iter()) {
                *unit = value * norm;
            }
        }
    }
}

on_best_level! {
    /// Adds to `of_map` what the gradient `of_unit` of [`normalise`]'s output means for its input:
    /// `(d - u (u . d)) / length` for each column. `along` is working memory of one row.
    pub(super) fn normalise_backward(
        unit: &[f32],
        norms: &[f32],
        of_unit: &[f32],
        along: &mut [f32],
        of_map: &mut [f32],
    ) {
        let places = norms.len();
        along.fill(0.0);
        for (unit, of) in unit.chunks_exact(places).zip(of_unit.chunks_exact(places)) {
            for ((along, unit), of) in along.iter_mut().zip(unit).zip(of) {
                *along += unit * of;
            }
        }
        let rows = unit.chunks_exact(places).zip(of_unit.chunks_exact(places));
        for (of_map, (unit, of)) in of_map.chunks_exact_mut(places).zip(rows) {
            let factors = along.iter().zip(norms);
            for (((of_map, unit), of), (along, norm)) in of_map.iter_mut().zip(unit).zip(of).zip(factors) {
                *of_map += (of - unit * along) * norm;
            }
        }
    }
}

on_best_level! {
    /// The softmax of the logits by rows, and of each row the mean of the similarities under it.
    pub(super) fn forward(
        similarity: &[f32],
        factors: &Factors,
        attention: &mut [f32],
        matched: &mut [f32],
    ) {
        let n = matched.len();
        for (row, matched) in matched.iter_mut().enumerate() {
            let cells = row * n..(row + 1) * n;
            let (similarity, displacement) = (&similarity[cells.clone()], &factors.displacement[cells.clone()]);
            let out = &mut attention[cells];
            for ((out, s), d) in out.iter_mut().zip(similarity).zip(displacement) {
                *out = factors.sharpness * s - factors.locality * d;
            }
            let highest = highest(out);
            for out in out.iter_mut() {
                *out = exponential(*out - highest);
            }
            let scale = 1.0 / sum(out);
            for out in out.iter_mut() {
                *out *= scale;
            }
            *matched = dot(out, similarity);
        }
    }
}

on_best_level! {
    /// Turns `of`, the gradient of the attention, into that of the similarities; returns those of sharpness
    /// and locality. `of_matched` is the gradient of [`forward`]'s means.
    pub(super) fn backward(
        similarity: &[f32],
        factors: &Factors,
        attention: &[f32],
        of_matched: &[f32],
        of: &mut [f32],
    ) -> [f64; 2] {
        let n = of_matched.len();
        let (mut sharpness, mut locality) = (0.0f64, 0.0f64);
        for (row, of_matched) in of_matched.iter().enumerate() {
            let cells = row * n..(row + 1) * n;
            let (similarity, displacement) = (&similarity[cells.clone()], &factors.displacement[cells.clone()]);
            let (attention, of) = (&attention[cells.clone()], &mut of[cells]);
            for (of, s) in of.iter_mut().zip(similarity) {
                *of += of_matched * s;
            }
            let mean = dot(attention, of);
            for (of, p) in of.iter_mut().zip(attention) {
                *of = p * (*of - mean); // of the logits
            }
            sharpness += f64::from(dot(of, similarity));
            locality -= f64::from(dot(of, displacement));
            for (of, p) in of.iter_mut().zip(attention) {
                *of = p * of_matched + factors.sharpness * *of;
            }
        }
        [sharpness, locality]
    }
}

on_best_level! {
    /// `|from - found|` and `from * found`.
    pub(super) fn compare(from: &[f32], found: &[f32], difference: &mut [f32], both: &mut [f32]) {
        for (((difference, both), a), f) in difference.iter_mut().zip(both).zip(from).zip(found) {
            *difference = (a - f).abs();
            *both = a * f;
        }
    }
}

on_best_level! {
    /// The gradients of [`compare`]'s input from those of its output: adds to `of_from`, writes `of_found`.
    pub(super) fn compare_backward(inputs: [&[f32]; 4], of_from: &mut [f32], of_found: &mut [f32]) {
        let [from, found, of_difference, of_both] = inputs;
        let out = of_from.iter_mut().zip(of_found);
        let inputs = from.iter().zip(found).zip(of_difference.iter().zip(of_both));
        for ((of_from, of_found), ((a, f), (difference, both))) in out.zip(inputs) {
            let towards = if a > f { *difference } else { -difference };
            // where the two are equal neither direction is right, and zero is the mean of both
            let towards = if a == f { 0.0 } else { towards };
            *of_from += towards + f * both;
            *of_found = a * both - towards;
        }
    }
}

/// Below this, e^x counts as zero beside the 1 of the highest: single precision ends long before. A little
/// more would become subnormal when multiplied, and processors are a hundred times slower at that.
const NOTHING: f32 = -50.0;

/// e^x for x of at most 0, to within 3 units in the last place, in a form that compilers vectorise:
/// 2^n times a polynomial on half a unit of the exponent each side (Cephes, expf). 0 below [`NOTHING`].
#[inline(always)]
fn exponential(x: f32) -> f32 {
    let scale = if x < NOTHING { 0.0 } else { 1.0 };
    let x = x.max(NOTHING);
    // adding 1.5 * 2^23 rounds to a whole number without a call, and leaves it in the lowest bits
    const ROUND: f32 = 12_582_912.0;
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let power = f32::from_bits(rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    let n = rounded - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_2e-4f32;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let p = p * r * r + r + 1.0;
    scale * p * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_is_close() {
        for step in 0..8_000 {
            let x = -step as f32 / 100.0;
            let expected = if x < NOTHING { 0.0 } else { f64::from(x).exp() };
            assert!((f64::from(exponential(x)) - expected).abs() <= 5e-7 * expected, "{x}");
        }
    }
}
