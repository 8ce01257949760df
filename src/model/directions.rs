//! How much of a signature's line runs in which direction: the slant of a hand, which each place of a map tells too
//! coarsely for a small change that all places share.

#[cfg(test)]
use burn::tensor::Device;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData};

/// Keeps the logarithm finite where two shares are the same, far below what two signatures by one hand differ in.
pub const LEAST: f32 = 1e-3;
/// Divergence that neither speaks for one hand nor against it: about what lies between genuine and forged.
pub const NEUTRAL: f32 = 0.02;
/// Keeps the quotients finite on bare paper.
pub const FLAT: f32 = 1e-6;

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

/// The share of the ink's edges that face each of `count` directions, each edge as much as it is steep: an edge at
/// an angle `d` to a direction counts for it by `cos(d)^8`.
///
/// # Shapes
/// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
/// - output: `[B, count]`, of sum 1; zeros for bare paper
pub fn shares(ink: Tensor<4>, count: usize) -> Tensor<2> {
    let [batch, _, height, width] = ink.dims();
    let kernels = Tensor::from_data(TensorData::new(kernels(count), [count, 1, 3, 3]), &ink.device());
    let edges = conv2d(ink, kernels, None, ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
    let square = edges.clone() * edges; // [B, count, H, W]
    // the squares of the derivatives in directions evenly spread over half a turn: half of count times the gradient's
    let steep = square.clone().sum_dim(1).mul_scalar(2.0 / count as f32).add_scalar(FLAT);
    let facing = square / steep.clone();
    let facing = facing.clone() * facing;
    let facing = facing.clone() * facing * steep.sqrt();
    let sums = facing.reshape([batch, count, height * width]).sum_dim(2).squeeze_dim::<2>(2);
    let all = sums.clone().sum_dim(1).add_scalar(FLAT);
    sums / all
}

/// How much the directions speak for one hand: minus the logarithm of the symmetric chi-square divergence of the
/// shares, 0 where that is about [`NEUTRAL`].
///
/// # Shapes
/// - `a`, `b`: `[B, count]`, of [`shares`]
/// - output: `[B]`
pub fn likeness(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let apart = a.clone() - b.clone();
    let divergence = (apart.clone() * apart / (a + b).add_scalar(FLAT)).sum_dim(1).squeeze_dim::<1>(1);
    divergence.add_scalar(LEAST).log().neg().add_scalar(NEUTRAL.ln())
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

    fn of(ink: Tensor<4>) -> Vec<f32> {
        shares(ink, 8).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_line_faces_across_itself() {
        let device = Device::flex();
        for step in 0..8 {
            let shares = of(line(step as f32 * 22.5, &device));
            assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{shares:?}");
            // an edge faces at a right angle to its line
            let most = (0..8).max_by(|&a, &b| shares[a].total_cmp(&shares[b]));
            assert_eq!(most, Some((step + 4) % 8), "{step}: {shares:?}");
        }
    }

    #[test]
    fn bare_paper_has_no_direction() {
        let paper = Tensor::zeros([1, 1, 20, 30], &Device::flex());
        assert!(of(paper).iter().all(|share| (0.0..1e-3).contains(share)));
    }

    #[test]
    fn the_more_the_slant_differs_the_less_alike() {
        let device = Device::flex();
        let upright = shares(line(70.0, &device), 8);
        let like = |degrees| {
            let other = shares(line(degrees, &device), 8);
            let there = likeness(upright.clone(), other.clone()).into_scalar::<f32>();
            let back = likeness(other, upright.clone()).into_scalar::<f32>();
            assert!((there - back).abs() < 1e-5);
            there
        };
        let likenesses = [70.0, 72.0, 76.0, 85.0, 100.0].map(like);
        assert!(likenesses.is_sorted_by(|a, b| a > b), "{likenesses:?}");
        assert!((likenesses[0] - (NEUTRAL / LEAST).ln()).abs() < 1e-4, "the same: {}", likenesses[0]);
        assert!(likenesses[4] < 0.0);
    }
}
