//! Random changes of a frame that leave the writer the same: geometry, stroke thickness, ink depth.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::config::AugmentConfig;
use crate::ink::Frame;

/// One augmented copy of `frame` as ink 0 to 1, row by row. `mirror` flips it left to right and upside
/// down; it is the caller's, because it must be the same for all signatures of a writer.
pub fn augment(frame: &Frame, config: &AugmentConfig, mirror: [bool; 2], rng: &mut ChaCha8Rng) -> Vec<f32> {
    let mut ink = warp(frame, &Affine::random(frame, config, mirror, rng));
    thicken(&mut ink, frame.width as usize, spread(rng, config.thickness));
    let exponent = spread(rng, config.gamma).exp();
    for value in &mut ink {
        *value = value.powf(exponent);
    }
    ink
}

/// The frame unchanged, as ink 0 to 1, row by row.
pub fn plain(frame: &Frame) -> Vec<f32> {
    frame.density.iter().map(|&density| f32::from(density) / 255.0).collect()
}

/// Uniform in `-most..=most`.
fn spread(rng: &mut ChaCha8Rng, most: f32) -> f32 {
    most * rng.random_range(-1.0f32..=1.0)
}

/// Where a pixel of the result is read: `x' = a x + b y + c`, `y' = d x + e y + f`.
struct Affine([f32; 6]);

impl Affine {
    fn random(frame: &Frame, config: &AugmentConfig, mirror: [bool; 2], rng: &mut ChaCha8Rng) -> Self {
        let angle = spread(rng, config.rotation).to_radians();
        let size = spread(rng, config.scale).exp();
        let stretch = spread(rng, config.stretch).exp();
        let shear = spread(rng, config.shear);
        let (sin, cos) = angle.sin_cos();
        let flip = |mirrored: bool| if mirrored { -1.0 } else { 1.0 };
        let (across, down) = (size * stretch * flip(mirror[0]), size / stretch * flip(mirror[1]));
        let [a, b] = [cos * across, (shear * cos - sin) * down];
        let [d, e] = [sin * across, (shear * sin + cos) * down];
        // about the centre, then shifted
        let (x, y) = ((frame.width as f32 - 1.0) / 2.0, (frame.height as f32 - 1.0) / 2.0);
        let shift = config.shift * frame.height as f32;
        let (right, below) = (x + spread(rng, shift), y + spread(rng, shift));
        Self([a, b, right - a * x - b * y, d, e, below - d * x - e * y])
    }
}

/// Bilinear resampling; outside the frame is paper.
fn warp(frame: &Frame, Affine([a, b, c, d, e, f]): &Affine) -> Vec<f32> {
    let (width, height) = (frame.width as i32, frame.height as i32);
    let at = |x: i32, y: i32| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        if inside { f32::from(frame.density[(y * width + x) as usize]) } else { 0.0 }
    };
    let mut ink = Vec::with_capacity(frame.density.len());
    for row in 0..height {
        for column in 0..width {
            let (column, row) = (column as f32, row as f32);
            let (x, y) = (a * column + b * row + c, d * column + e * row + f);
            let (left, top) = (x.floor(), y.floor());
            let (right, below) = (x - left, y - top);
            let (left, top) = (left as i32, top as i32);
            let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
            let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
            ink.push((upper * (1.0 - below) + lower * below) / 255.0);
        }
    }
    ink
}

/// Blends towards the darkest (`amount` above 0) or lightest (below 0) of each pixel and its four neighbours.
fn thicken(ink: &mut [f32], width: usize, amount: f32) {
    let before = ink.to_vec();
    let height = before.len() / width;
    let pick = if amount > 0.0 { f32::max } else { f32::min };
    for (index, value) in ink.iter_mut().enumerate() {
        let (row, column) = (index / width, index % width);
        let neighbours = [
            (row > 0).then(|| before[index - width]),
            (row + 1 < height).then(|| before[index + width]),
            (column > 0).then(|| before[index - 1]),
            (column + 1 < width).then(|| before[index + 1]),
        ];
        let extreme = neighbours.into_iter().flatten().fold(*value, pick);
        *value += amount.abs() * (extreme - *value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    const OFF: AugmentConfig = AugmentConfig {
        rotation: 0.0,
        scale: 0.0,
        stretch: 0.0,
        shear: 0.0,
        shift: 0.0,
        thickness: 0.0,
        gamma: 0.0,
    };

    fn dot() -> Frame {
        let mut density = vec![0; 20 * 10];
        density[3 * 20 + 4] = 255;
        Frame { width: 20, height: 10, density }
    }

    fn darkest(ink: &[f32]) -> usize {
        (0..ink.len()).max_by(|&a, &b| ink[a].total_cmp(&ink[b])).unwrap()
    }

    #[test]
    fn nothing_switched_on_changes_nothing() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let ink = augment(&dot(), &OFF, [false; 2], &mut rng);
        for (a, b) in ink.iter().zip(plain(&dot())) {
            assert!((a - b).abs() < 1e-4);
        }
    }

    #[test]
    fn mirrors_flip_each_axis() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(darkest(&augment(&dot(), &OFF, [true, false], &mut rng)), 3 * 20 + 15);
        assert_eq!(darkest(&augment(&dot(), &OFF, [false, true], &mut rng)), 6 * 20 + 4);
    }

    #[test]
    fn thickness_adds_and_removes_ink() {
        let sum = |amount: f32| {
            let mut ink = plain(&dot());
            thicken(&mut ink, 20, amount);
            ink.iter().sum::<f32>()
        };
        assert!((sum(0.5) - 3.0).abs() < 1e-4); // four neighbours at a half
        assert!((sum(-0.5) - 0.5).abs() < 1e-4);
    }

    #[test]
    fn strong_settings_stay_within_range() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..50 {
            let ink = augment(&dot(), &AugmentConfig::default(), [false; 2], &mut rng);
            assert!(ink.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}
