//! A new writer made of a known one: all of its signatures, and the forgeries of them, are turned, stretched, sheared
//! and bent in the same way, so that what tells them apart stays.
//!
//! The few writers of a public set are the narrowest part of what a network can learn from; this is the mirroring of
//! writers, carried further.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::draw::Draw;
use super::{AugmentConfig, affine, elastic};
use crate::ink::Frame;
use crate::ink::frame::margin;

/// How smooth the bend is ([`AugmentConfig::elastic_smoothness`]): whole letters move, not parts of them.
const SMOOTHNESS: f32 = 0.3;
/// The density from which a pixel counts as ink; a stroke drawn lightly is pale.
const INK: u8 = 48;

/// Which new writer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Persona {
    /// Left to right, upside down.
    pub mirror: [bool; 2],
    /// Of everything else.
    pub seed: u64,
}

/// Where the frame of the new writer reads that of the known one.
pub(super) struct NewWriter {
    /// `[a, b, d, e]` of `x' = a x + b y`, `y' = d x + e y`.
    linear: [f32; 4],
    offset: [f32; 2],
    bend: Vec<[f32; 2]>,
    width: usize,
    height: usize,
}

impl NewWriter {
    /// `None` where all of it is switched off.
    ///
    /// The ink fills the frame afterwards as the ink pipeline would have it: every image is fitted by itself.
    pub fn of(frame: &Frame, config: &AugmentConfig, persona: Persona, full: bool) -> Option<Self> {
        let AugmentConfig { writer_rotation, writer_stretch, writer_shear, writer_elastic, .. } = *config;
        if !config.makes_writers() {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(persona.seed);
        let mut draw = Draw { rng: &mut rng, full };
        let angle = draw.around(writer_rotation).to_radians();
        let stretch = draw.around(writer_stretch).exp();
        let linear = affine::linear(angle, [stretch, 1.0 / stretch], [draw.around(writer_shear), 0.0]);
        let bend = elastic::field(frame, writer_elastic, SMOOTHNESS, &mut draw);
        let (width, height) = (frame.width as usize, frame.height as usize);
        let (linear, offset) = fit(frame, linear);
        Some(Self { linear, offset, bend, width, height })
    }

    pub fn read(&self, x: f32, y: f32) -> (f32, f32) {
        let (column, row) = (x.round().max(0.0) as usize, y.round().max(0.0) as usize);
        // beyond the frame the bend goes on as at its rim
        let at = row.min(self.height - 1) * self.width + column.min(self.width - 1);
        let [dx, dy] = self.bend.get(at).copied().unwrap_or_default();
        let [right, down] = apply(self.linear, [x, y]);
        (right + self.offset[0] + dx, down + self.offset[1] + dy)
    }
}

/// `linear` scaled, and moved by an offset, so that the ink is centred and as large as the frame allows.
fn fit(frame: &Frame, linear: [f32; 4]) -> ([f32; 4], [f32; 2]) {
    let [a, b, d, e] = linear;
    let determinant = a * e - b * d;
    let inverse = [e / determinant, -b / determinant, -d / determinant, a / determinant];
    let centre = [(frame.width as f32 - 1.0) / 2.0, (frame.height as f32 - 1.0) / 2.0];
    // where ink comes to lie, from the centre and before it is scaled
    let width = frame.width as usize;
    let ink = (0..frame.density.len()).filter(|at| frame.density[*at] >= INK);
    let moved =
        ink.map(|at| apply(inverse, [(at % width) as f32 - centre[0], (at / width) as f32 - centre[1]]));
    let bounds = moved.fold(None, |bounds: Option<[[f32; 2]; 2]>, [x, y]| {
        let [[left, top], [right, bottom]] = bounds.unwrap_or([[x, y]; 2]);
        Some([[left.min(x), top.min(y)], [right.max(x), bottom.max(y)]])
    });
    let [[left, top], [right, bottom]] = bounds.unwrap_or([[-centre[0], -centre[1]], centre]);
    let room = |side: u32| side as f32 - 2.0 * margin(frame.width);
    let scale = (room(frame.width) / (right - left + 1.0)).min(room(frame.height) / (bottom - top + 1.0));
    let linear = linear.map(|factor| factor / scale);
    let middle = [(left + right) / 2.0 * scale, (top + bottom) / 2.0 * scale];
    // the centre of the new frame reads the middle of the ink
    let [x, y] = apply(linear, [middle[0] - centre[0], middle[1] - centre[1]]);
    (linear, [x + centre[0], y + centre[1]])
}

fn apply([a, b, d, e]: [f32; 4], [x, y]: [f32; 2]) -> [f32; 2] {
    [a * x + b * y, d * x + e * y]
}

#[cfg(test)]
mod tests {
    use super::super::{augment, plain};
    use super::*;

    /// A frame with two bars that fill it, and a dot between them.
    fn frame(dot: usize) -> Frame {
        let (width, height) = (100, 50);
        let mut density = vec![0; width * height];
        for row in [6, 7, 42, 43] {
            density[row * width + 4..row * width + 96].fill(255);
        }
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            density[(25 + y) * width + dot + x] = 255;
        }
        Frame { width: width as u32, height: height as u32, density }
    }

    fn config() -> AugmentConfig {
        AugmentConfig {
            writer_rotation: 10.0,
            writer_stretch: 0.3,
            writer_shear: 0.3,
            writer_elastic: 0.04,
            ..AugmentConfig::off()
        }
    }

    fn of(frame: &Frame, seed: u64) -> Vec<f32> {
        let persona = Persona { seed, ..Persona::default() };
        augment(frame, &config(), persona, &mut ChaCha8Rng::seed_from_u64(1))
    }

    #[test]
    fn the_new_writer_fills_the_frame_and_is_not_cut() {
        for seed in 0..30 {
            let (before, after) = (plain(&frame(70)), of(&frame(70), seed));
            let sum = |ink: &[f32]| ink.iter().sum::<f32>();
            assert!(sum(&after) > 0.25 * sum(&before), "seed {seed}: {}", sum(&after) / sum(&before));
            let columns = |ink: &[f32]| {
                let inked: Vec<usize> =
                    (0..ink.len()).filter(|at| ink[*at] > 0.3).map(|at| at % 100).collect();
                (*inked.iter().min().unwrap(), *inked.iter().max().unwrap())
            };
            let (left, right) = columns(&after);
            assert!(left >= 1 && right <= 98, "seed {seed}: {left} {right}");
            // as wide as the frame allows, or as high
            let rows: Vec<usize> =
                (0..after.len()).filter(|at| after[*at] > 0.3).map(|at| at / 100).collect();
            let high = rows.iter().max().unwrap() - rows.iter().min().unwrap();
            assert!(right - left > 80 || high > 34, "seed {seed}: {left} {right} {high}");
        }
    }

    #[test]
    fn signatures_of_a_writer_are_changed_alike_and_stay_different() {
        let difference = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>();
        let (one, other) = (frame(70), frame(64));
        let between = difference(&of(&one, 3), &of(&other, 3));
        let writers = difference(&of(&one, 3), &of(&one, 4));
        // only the dot is elsewhere: 8 pixels of ink
        assert!((1.0..14.0).contains(&between), "{between}");
        assert!(writers > 4.0 * between, "{writers} {between}");
    }

    #[test]
    fn a_blank_frame_stays_blank() {
        let blank = Frame { width: 40, height: 20, density: vec![0; 800] };
        assert!(of(&blank, 1).iter().all(|ink| *ink == 0.0));
    }
}
