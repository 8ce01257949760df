//! Geometry: turn, size, stretch, shear, shift, mirror and the elastic field, in one resampling.

use super::draw::Draw;
use super::new_writer::{NewWriter, Persona};
use super::{AugmentConfig, elastic};
use crate::ink::Frame;

/// The frame moved, as ink 0 to 1, row by row.
pub(super) fn warp(frame: &Frame, config: &AugmentConfig, persona: Persona, draw: &mut Draw) -> Vec<f32> {
    let affine = Affine::draw(frame, config, persona.mirror, draw);
    let displacement = elastic::field(frame, config.elastic, config.elastic_smoothness, draw);
    let writer = NewWriter::of(frame, config, persona, draw.full);
    resample(frame, &affine, &displacement, writer.as_ref())
}

/// Where a pixel of the result is read: `x' = a x + b y + c`, `y' = d x + e y + f`.
struct Affine([f32; 6]);

impl Affine {
    fn draw(frame: &Frame, config: &AugmentConfig, mirror: [bool; 2], draw: &mut Draw) -> Self {
        let share = config.affine_share;
        let angle = draw.sometimes(share, config.rotation).to_radians();
        let size = draw.sometimes(share, config.scale).exp();
        let stretch = draw.sometimes(share, config.stretch).exp();
        let shear = draw.sometimes(share, config.shear);
        // the later ones: what is off draws nothing, so that the rest comes out as before they existed
        let mut later = |most: f32| if most > 0.0 { draw.sometimes(share, most) } else { 0.0 };
        let (width, height) = (later(config.width).exp(), later(config.height).exp());
        let shear = [shear, later(config.shear_down)];
        let flip = |mirrored: bool| if mirrored { -1.0 } else { 1.0 };
        let across = size * stretch * width * flip(mirror[0]);
        let down = size / stretch * height * flip(mirror[1]);
        let [a, b, d, e] = linear(angle, [across, down], shear);
        // about the centre, then shifted
        let (x, y) = ((frame.width as f32 - 1.0) / 2.0, (frame.height as f32 - 1.0) / 2.0);
        let shift = config.shift * frame.height as f32;
        let (right, below) = (x + draw.sometimes(share, shift), y + draw.sometimes(share, shift));
        Self([a, b, right - a * x - b * y, d, e, below - d * x - e * y])
    }
}

/// `[a, b, d, e]` of a turn by `angle` (radians) after a shear along the rows and along the columns, after a change of
/// width and height.
pub(super) fn linear(angle: f32, [across, down]: [f32; 2], [shear, shear_down]: [f32; 2]) -> [f32; 4] {
    let (sin, cos) = angle.sin_cos();
    [
        (cos - shear_down * sin) * across,
        (shear * cos - sin) * down,
        (sin + shear_down * cos) * across,
        (shear * sin + cos) * down,
    ]
}

/// Bilinear resampling; outside the frame is paper. `displacement` adds to where each pixel is read and
/// may be empty.
fn resample(
    frame: &Frame,
    Affine([a, b, c, d, e, f]): &Affine,
    displacement: &[[f32; 2]],
    writer: Option<&NewWriter>,
) -> Vec<f32> {
    let (width, height) = (frame.width as i32, frame.height as i32);
    let at = |x: i32, y: i32| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        if inside { f32::from(frame.density[(y * width + x) as usize]) } else { 0.0 }
    };
    let mut ink = Vec::with_capacity(frame.density.len());
    // `floor` is a call on processors without SSE 4.1
    let floor = |place: f32| place as i32 - i32::from(place < place as i32 as f32);
    for row in 0..height {
        for column in 0..width {
            let [dx, dy] = displacement.get(ink.len()).copied().unwrap_or_default();
            let (column, row) = (column as f32, row as f32);
            let (x, y) = (a * column + b * row + c + dx, d * column + e * row + f + dy);
            let (x, y) = writer.map_or((x, y), |writer| writer.read(x, y));
            let (left, top) = (floor(x), floor(y));
            let (right, below) = (x - left as f32, y - top as f32);
            let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
            let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
            ink.push((upper * (1.0 - below) + lower * below) / 255.0);
        }
    }
    ink
}

#[cfg(test)]
mod tests {
    use super::super::augment;
    use super::super::tests::{darkest, dot};
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn mirrors_flip_each_axis() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut flipped = |mirror| {
            let persona = Persona { mirror, seed: 0 };
            darkest(&augment(&dot(), &AugmentConfig::off(), persona, &mut rng))
        };
        assert_eq!(flipped([true, false]), 3 * 20 + 15);
        assert_eq!(flipped([false, true]), 6 * 20 + 4);
    }

    /// Two pixels of ink, eight apart, at full strength.
    fn moved(to: (usize, usize), config: AugmentConfig) -> Vec<f32> {
        let mut density = vec![0; 21 * 21];
        density[10 * 21 + 10] = 255;
        density[to.0 * 21 + to.1] = 255;
        let frame = Frame { width: 21, height: 21, density };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        warp(&frame, &config, Persona::default(), &mut Draw { rng: &mut rng, full: true })
    }

    #[test]
    fn a_shear_down_moves_columns_and_a_height_moves_rows() {
        let sheared = moved((10, 18), AugmentConfig { shear_down: 0.5, ..AugmentConfig::off() });
        assert!(sheared[10 * 21 + 10] > 0.99);
        assert!([6, 14].iter().any(|row| sheared[row * 21 + 18] > 0.99), "four rows up or down");
        let across = moved((10, 18), AugmentConfig { height: 0.5, ..AugmentConfig::off() });
        assert!(across[10 * 21 + 18] > 0.99, "the width stays");
        let down = moved((18, 10), AugmentConfig { height: 0.5, ..AugmentConfig::off() });
        assert!(down[18 * 21 + 10] < 0.5);
    }

    #[test]
    fn each_change_happens_as_often_as_it_should() {
        let config = AugmentConfig { width: 0.2, affine_share: 0.25, ..AugmentConfig::off() };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut draw = Draw { rng: &mut rng, full: false };
        let frame = dot();
        let changed = (0..1000).filter(|_| Affine::draw(&frame, &config, [false; 2], &mut draw).0[0] != 1.0);
        assert!((200..300).contains(&changed.count()));
    }

    #[test]
    fn a_turn_keeps_the_centre_and_carries_the_rest() {
        let mut density = vec![0; 21 * 21];
        density[10 * 21 + 10] = 255;
        density[10 * 21 + 18] = 255;
        let frame = Frame { width: 21, height: 21, density };
        let config = AugmentConfig { rotation: 45.0, ..AugmentConfig::off() };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let ink = warp(&frame, &config, Persona::default(), &mut Draw { rng: &mut rng, full: true });
        assert!(ink[10 * 21 + 10] > 0.99);
        // 8 pixels to the right are 5.66 to the right and as much up or down
        let diagonal = [4, 5, 15, 16].map(|row: usize| ink[row * 21 + 15] + ink[row * 21 + 16]);
        assert!(diagonal.iter().sum::<f32>() > 0.5);
        assert!(ink[10 * 21 + 18] < 0.01);
    }
}
