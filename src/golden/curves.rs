//! Curves drawn with whole numbers, the same on every device to the last bit.

use crate::ink::{Frame, FrameSize};

/// The space that curves are drawn in, stretched over the frame.
const SPACE: [i64; 2] = [1000, 500];

/// A quadratic Bézier curve: start, control and end point, x 0..=1000, y 0..=500.
pub type Curve = [u16; 6];

/// Whether a curve stays in that space.
pub fn in_space(curve: &Curve) -> bool {
    curve.as_chunks::<2>().0.iter().all(|[x, y]| i64::from(*x) <= SPACE[0] && i64::from(*y) <= SPACE[1])
}

/// Two hands, the first of them twice.
pub const SIGNATURES: [&[Curve]; 3] = [
    &[
        [60, 380, 140, 20, 220, 360],
        [220, 360, 300, 180, 330, 350],
        [330, 350, 420, 90, 450, 340],
        [450, 340, 560, 420, 640, 160],
        [640, 160, 700, 470, 930, 240],
        [120, 430, 520, 370, 900, 410],
    ],
    &[
        [70, 390, 150, 40, 230, 350],
        [230, 350, 310, 190, 350, 340],
        [350, 340, 430, 70, 470, 350],
        [470, 350, 570, 430, 630, 180],
        [630, 180, 720, 450, 940, 260],
        [110, 440, 500, 390, 910, 400],
    ],
    &[
        [100, 100, 40, 300, 180, 400],
        [180, 400, 320, 420, 300, 200],
        [300, 200, 380, 60, 460, 300],
        [500, 120, 520, 300, 510, 440],
        [420, 200, 620, 180, 760, 210],
        [760, 210, 640, 400, 900, 380],
    ],
];

/// Draws curves with a round pen two pixels wide and soft at the rim, in whole numbers throughout.
pub fn draw(curves: &[Curve], size: FrameSize) -> Frame {
    /// Steps along a curve, and parts of a pixel.
    const STEPS: i64 = 64;
    const PART: i64 = 16;
    let sides = [i64::from(size.width), i64::from(size.height)];
    let mut density = vec![0u8; (size.width * size.height) as usize];
    for curve in curves {
        for t in 0..=STEPS {
            let weights = [(STEPS - t) * (STEPS - t), 2 * t * (STEPS - t), t * t];
            let [x, y] = [0, 1].map(|axis| {
                let at: i64 = (0..3).map(|p| weights[p] * i64::from(curve[2 * p + axis])).sum();
                at * (sides[axis] - 1) * PART / (SPACE[axis] * STEPS * STEPS)
            });
            for row in (y / PART - 2).max(0)..(y / PART + 3).min(sides[1]) {
                for column in (x / PART - 2).max(0)..(x / PART + 3).min(sides[0]) {
                    let (dx, dy) = (column * PART - x, row * PART - y);
                    // full ink within one pixel of the pen's centre, none from two
                    let ink = (4 * PART * PART - dx * dx - dy * dy) * 255 / (3 * PART * PART);
                    let cell = &mut density[(row * sides[0] + column) as usize];
                    *cell = (*cell).max(ink.clamp(0, 255) as u8);
                }
            }
        }
    }
    Frame { width: size.width, height: size.height, density }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const SIZE: FrameSize = FrameSize::ink(160, 80);

    #[test]
    fn drawn_with_whole_numbers() {
        // along the top edge; 161 pixels have a middle that the pen stops at
        let frame = draw(&[[0, 0, 500, 0, 1000, 0]], FrameSize::ink(161, 80));
        let at = |y: usize| frame.density[y * 161 + 80];
        assert_eq!([at(0), at(1), at(2), at(3)], [255, 255, 0, 0]);
    }

    #[test]
    fn signatures_have_ink_at_every_size() {
        for size in [SIZE, FrameSize::ink(105, 105), FrameSize::ink(16, 512)] {
            for curves in SIGNATURES {
                let frame = draw(curves, size);
                let inked = frame.density.iter().filter(|&&d| d > 127).count();
                assert!(inked * 100 > frame.density.len(), "{inked} of {}", frame.density.len());
            }
        }
    }
}
