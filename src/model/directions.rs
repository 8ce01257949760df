//! What shows of a hand in the line as a whole, direction by direction: how much of it runs there, which is the slant,
//! and how wide it is there, which is the pressure. The places of a map tell a small change that all of them share too
//! coarsely.

#[cfg(test)]
use burn::tensor::Device;
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, TensorData};

/// Keeps the logarithms finite where two signatures are the same, far below what two by one hand differ in.
pub const LEAST: f32 = 1e-3;
/// Differences in slant and in pressure that speak neither for one hand nor against it: about what lies between genuine
/// and forged.
pub const NEUTRAL: [f32; 2] = [0.02, 0.015];
/// Keeps quotients finite on bare paper.
pub const FLAT: f32 = 1e-6;
/// Edges, in pixels of full steepness, that say little yet of how dark a direction is.
pub const FEW: f32 = 0.1;

/// How many numbers [`measure`] gives for so many directions.
pub fn numbers(count: usize) -> usize {
    2 * count
}

/// The derivative of a picture in each of `count` directions over half a turn, as kernels of 3 x 3 (Sobel's operator,
/// steered: Freeman and Adelson 1991), one after the other, row by row.
pub fn kernels(count: usize) -> Vec<f32> {
    let smooth = [1.0, 2.0, 1.0_f32];
    let slope = [-1.0, 0.0, 1.0_f32];
    let directions = (0..count).map(|at| std::f32::consts::PI * at as f32 / count as f32);
    let kernel = |angle: f32| {
        let (along, across) = (angle.cos() / 8.0, angle.sin() / 8.0);
        (0..9).map(move |place| {
            let (y, x) = (place / 3, place % 3);
            along * smooth[y] * slope[x] + across * slope[y] * smooth[x]
        })
    };
    directions.flat_map(kernel).collect()
}

/// Of each of `count` directions, first the share of the ink's edges that face it, then how dark the ink at these edges is
/// against the mean of all directions. Each edge counts as much as it is steep: one at an angle `d` to a direction counts
/// for it by `cos(d)^8`. Where all strokes are as dark, the second tells nothing.
///
/// # Shapes
/// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
/// - output: `[B, 2 count]`, of sum 1 and of mean 1; zeros for bare paper
pub fn measure(ink: Tensor<4>, count: usize) -> Tensor<2> {
    let [batch, _, height, width] = ink.dims();
    let kernels = Tensor::from_data(TensorData::new(kernels(count), [count, 1, 3, 3]), &ink.device());
    let near = max_pool2d(ink.clone(), MaxPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]));
    let edges = conv2d(ink, kernels, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
    let square = edges.clone() * edges; // [B, count, H, W]
    // the squares of the derivatives in directions evenly spread over half a turn: half of count times the gradient's
    let steep = square.clone().sum_dim(1).mul_scalar(2.0 / count as f32).add_scalar(FLAT);
    let facing = square / steep.clone();
    let facing = facing.clone() * facing;
    let facing = facing.clone() * facing * steep.sqrt();
    let sum = |x: Tensor<4>| x.reshape([batch, count, height * width]).sum_dim(2).squeeze_dim::<2>(2);
    let edges = sum(facing.clone());
    let dark = sum(facing * near) / edges.clone().add_scalar(FEW);
    let mean = dark.clone().mean_dim(1).add_scalar(FLAT);
    let all = edges.clone().sum_dim(1).add_scalar(FLAT);
    Tensor::cat(vec![edges / all, dark / mean], 1)
}

/// How much slant and pressure speak for one hand: minus the logarithms of the symmetric chi-square divergence of the
/// shares and of the squared distance of the darknesses, 0 where these are about [`NEUTRAL`].
///
/// # Shapes
/// - `a`, `b`: `[B, 2 count]`, of [`measure`]
/// - output: `[B]`
pub fn likeness(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let [_, numbers] = a.dims();
    let apart = a.clone() - b.clone();
    let apart = apart.clone() * apart; // [B, 2 count]
    let half = |x: &Tensor<2>, at: usize| x.clone().narrow(1, at * numbers / 2, numbers / 2);
    let slant = half(&apart, 0) / (half(&a, 0) + half(&b, 0)).add_scalar(FLAT);
    let pressure = half(&apart, 1);
    let [slant, pressure] =
        [slant, pressure].map(|apart| apart.sum_dim(1).squeeze_dim::<1>(1).add_scalar(LEAST).log().neg());
    (slant + pressure).add_scalar(NEUTRAL[0].ln() + NEUTRAL[1].ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One straight line through the middle of a frame, at `degrees` to the level.
    fn line(degrees: f32, device: &Device) -> Tensor<4> {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let ink = (0..40 * 40).map(|place| {
            let (y, x) = ((place / 40) as f32 - 19.5, (place % 40) as f32 - 19.5);
            let (across, along) = ((y * cosine - x * sine).abs(), (y * sine + x * cosine).abs());
            if along < 15.0 { (2.0 - across).clamp(0.0, 1.0) } else { 0.0 }
        });
        Tensor::from_data(TensorData::new(ink.collect(), [1, 1, 40, 40]), device)
    }

    /// Shares and darknesses of eight directions.
    fn of(ink: Tensor<4>) -> [Vec<f32>; 2] {
        let numbers: Vec<f32> = measure(ink, 8).into_data().try_to_vec().unwrap();
        [numbers[..8].to_vec(), numbers[8..].to_vec()]
    }

    fn most(numbers: &[f32]) -> Option<usize> {
        (0..numbers.len()).max_by(|&a, &b| numbers[a].total_cmp(&numbers[b]))
    }

    #[test]
    fn a_line_faces_across_itself() {
        let device = Device::flex();
        for step in 0..8 {
            let [shares, _] = of(line(step as f32 * 22.5, &device));
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{shares:?}");
            // an edge faces at a right angle to its line
            assert_eq!(most(&shares), Some((step + 4) % 8), "{step}: {shares:?}");
        }
    }

    #[test]
    fn the_darker_line_presses_more() {
        let device = Device::flex();
        for [level, upright] in [[1.0, 0.6], [0.6, 1.0]] {
            let cross = (line(0.0, &device) * level).max_pair(line(90.0, &device) * upright);
            let [_, dark] = of(cross);
            assert!((dark.iter().sum::<f32>() - 8.0).abs() < 1e-3, "{dark:?}");
            // the level line's edges face up and down
            let expected = if level > upright { 4 } else { 0 };
            assert_eq!(most(&dark), Some(expected), "{dark:?}");
            assert!(dark[expected] > 1.2 * dark[4 - expected], "{dark:?}");
            // however dark the whole is
            let paler = (line(0.0, &device) * level).max_pair(line(90.0, &device) * upright) * 0.5;
            for (pale, dark) in of(paler)[1].iter().zip(&dark) {
                assert!((pale - dark).abs() < 0.02, "{pale} {dark}");
            }
        }
    }

    #[test]
    fn bare_paper_tells_nothing() {
        let paper = Tensor::zeros([1, 1, 20, 30], &Device::flex());
        assert!(of(paper).iter().flatten().all(|number| (0.0..1e-3).contains(number)));
    }

    #[test]
    fn the_more_the_slant_or_the_pressure_differs_the_less_alike() {
        let device = Device::flex();
        let like = |one: &Tensor<4>, other: Tensor<4>| {
            let [one, other] = [one.clone(), other].map(|ink| measure(ink, 8));
            let there = likeness(one.clone(), other.clone()).into_scalar::<f32>();
            let back = likeness(other, one).into_scalar::<f32>();
            assert!((there - back).abs() < 1e-5);
            there
        };
        let slanted = |degrees| line(degrees, &device);
        let slants = [70.0, 72.0, 76.0, 85.0, 100.0].map(|degrees| like(&slanted(70.0), slanted(degrees)));
        assert!(slants.is_sorted_by(|a, b| a > b), "{slants:?}");
        let same = (NEUTRAL[0] / LEAST).ln() + (NEUTRAL[1] / LEAST).ln();
        assert!((slants[0] - same).abs() < 1e-4, "the same: {}", slants[0]);
        assert!(slants[4] < 0.0);

        let pressed = |level: f32| (line(0.0, &device) * level).max_pair(line(90.0, &device));
        let pressures = [1.0, 0.9, 0.7, 0.4].map(|level| like(&pressed(1.0), pressed(level)));
        assert!(pressures.is_sorted_by(|a, b| a > b), "{pressures:?}");
    }
}
