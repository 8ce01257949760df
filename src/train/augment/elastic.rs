//! Elastic distortion: a smooth random displacement of every pixel, as the same hand's next attempt bends
//! a stroke a little elsewhere.
//!
//! Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks Applied to Visual
//! Document Analysis" (ICDAR 2003), section 2: uniform random displacements, convolved with a Gaussian.
//! The convolution is done here by cubic B-splines on a coarse grid, whose kernel comes close to a Gaussian of
//! standard deviation `step / sqrt(3)`: twenty times quicker, and no displacement can exceed the strength.

use super::draw::Draw;
use crate::ink::Frame;

/// The largest strength, as a share of the smoothness: below it no stroke folds back on itself.
///
/// A spline between -1 and 1 changes by at most 2 a grid step. The map `x + u(x)` cannot fold while the
/// four derivatives of `u` are all below 1/2: `2 strength / (sqrt(3) smoothness) < 1/2`.
pub(super) const MOST_OF_SMOOTHNESS: f32 = 0.43;

/// How far each pixel moves to the right and down, row by row, in pixels; empty where this is switched off.
pub(super) fn field(frame: &Frame, strength: f32, smoothness: f32, draw: &mut Draw) -> Vec<[f32; 2]> {
    if strength == 0.0 {
        return Vec::new();
    }
    let (width, height) = (frame.width as usize, frame.height as usize);
    let most = draw.upto(strength) * height as f32;
    let step = 3.0_f32.sqrt() * smoothness * height as f32;
    // a spline reaches one grid point back and two ahead
    let points = |side: usize| ((side - 1) as f32 / step) as usize + 4;
    let (columns, rows) = (points(width), points(height));
    let grid: Vec<[f32; 2]> =
        (0..columns * rows).map(|_| [most * draw.place(-1.0..=1.0), most * draw.place(-1.0..=1.0)]).collect();

    let across: Vec<(usize, [f32; 4])> = (0..width).map(|x| spline(x as f32 / step)).collect();
    let lines: Vec<[f32; 2]> = grid
        .chunks_exact(columns)
        .flat_map(|line| across.iter().map(|(at, weights)| mix(weights, |k| line[at + k])))
        .collect();
    let mut field = Vec::with_capacity(width * height);
    for y in 0..height {
        let (at, weights) = spline(y as f32 / step);
        let near = &lines[at * width..(at + 4) * width];
        field.extend((0..width).map(|x| mix(&weights, |k| near[k * width + x])));
    }
    field
}

/// The first of the four grid points around a place and their weights, which sum to 1.
fn spline(place: f32) -> (usize, [f32; 4]) {
    let first = place.floor();
    let t = place - first;
    let s = 1.0 - t;
    let inner = |t: f32| (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0;
    (first as usize, [s * s * s / 6.0, inner(t), inner(s), t * t * t / 6.0])
}

fn mix(weights: &[f32; 4], value: impl Fn(usize) -> [f32; 2]) -> [f32; 2] {
    let mut sum = [0.0; 2];
    for (k, weight) in weights.iter().enumerate() {
        let [x, y] = value(k);
        sum = [sum[0] + weight * x, sum[1] + weight * y];
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const SIDE: usize = 64;

    /// The field of a square frame, in full strength.
    fn drawn(elastic: f32, elastic_smoothness: f32, seed: u64) -> Vec<[f32; 2]> {
        let frame = Frame { width: SIDE as u32, height: SIDE as u32, density: vec![0; SIDE * SIDE] };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        field(&frame, elastic, elastic_smoothness, &mut Draw { rng: &mut rng, full: true })
    }

    #[test]
    fn weights_of_a_spline_sum_to_one() {
        for place in [0.0, 0.3, 0.5, 2.99] {
            let (at, weights) = spline(place);
            assert_eq!(at, place as usize);
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn no_displacement_exceeds_the_strength_and_no_stroke_folds() {
        for seed in 0..20 {
            let (smoothness, elastic) = (0.08, 0.08 * MOST_OF_SMOOTHNESS);
            let field = drawn(elastic, smoothness, seed);
            assert_eq!(field.len(), SIDE * SIDE);
            let most = elastic * SIDE as f32;
            assert!(field.iter().flatten().all(|move_| move_.abs() <= most + 1e-4));
            assert!(field.iter().flatten().any(|move_| move_.abs() > 0.3 * most));
            // the area that a pixel covers stays positive
            for y in 0..SIDE - 1 {
                for x in 0..SIDE - 1 {
                    let [here, right, below] = [0, 1, SIDE].map(|to| field[y * SIDE + x + to]);
                    let [a, b] = [1.0 + right[0] - here[0], right[1] - here[1]];
                    let [c, d] = [below[0] - here[0], 1.0 + below[1] - here[1]];
                    assert!(a * d - b * c > 0.0);
                }
            }
        }
    }

    #[test]
    fn a_smoother_field_changes_less_from_pixel_to_pixel() {
        let rough = |smoothness: f32| {
            let field = drawn(0.02, smoothness, 1);
            field.windows(2).map(|pair| (pair[1][0] - pair[0][0]).abs()).sum::<f32>()
        };
        assert!(rough(0.3) < 0.5 * rough(0.06), "{} {}", rough(0.3), rough(0.06));
    }
}
