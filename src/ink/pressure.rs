//! How hard the pen was pressed, as far as paper tells: how wide each stroke is against the others of the signature.
//!
//! Relative, because how wide a stroke is altogether tells which pen and which scanner were used. Examiners call this
//! line quality: whoever imitates a shape draws it slowly, and presses more evenly than whoever signs.

use std::f32::consts::FRAC_1_SQRT_2;

use image::{ImageBuffer, Luma, imageops};

/// Standard deviation of the window along the line in which a stroke's width is taken, as a share of the frame's width.
const WINDOW: f32 = 1.0 / 96.0;
/// The darkness of a stroke as wide as the signature's median, of 1.
pub(crate) const MEDIAN: f32 = 0.6;
/// The least darkness: a hairline is ink all the same.
const FAINTEST: f32 = 0.25;

/// The darkness, 1 to 255, of every pixel of the strokes' middle `line`, and 0 elsewhere. `ink` is the same picture
/// from 0 to 1.
pub(super) fn darkness(ink: Vec<f32>, line: &[bool], width: usize) -> Vec<u8> {
    let mut darkness = vec![0; line.len()];
    let (Some(area), Some(length)) = (nearby(ink, width), nearby(lengths(line, width), width)) else {
        return darkness;
    };
    let on_line = || (0..line.len()).filter(|at| line[*at]);
    // ink in the window by length of line in it: right where strokes cross, too
    let wide = |at: usize| area[at] / length[at].max(f32::MIN_POSITIVE);
    let mut sorted: Vec<f32> = on_line().map(wide).collect();
    sorted.sort_by(f32::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(1.0);
    for at in on_line() {
        darkness[at] = (255.0 * (MEDIAN * wide(at) / median).clamp(FAINTEST, 1.0)) as u8;
    }
    darkness
}

/// How much of the line's length each pixel stands for: half the way to each neighbour on it, which is longer at a
/// slant. Of the greatest there can be, for the blur keeps no value above 1. The outermost pixels must be empty.
fn lengths(line: &[bool], width: usize) -> Vec<f32> {
    let most = 4.0 * (0.5 + FRAC_1_SQRT_2);
    let line = without_stairs(line, width);
    let mut lengths = vec![0.0; line.len()];
    for at in (0..line.len()).filter(|at| line[*at]) {
        let on = |places: [usize; 4]| places.iter().filter(|place| line[**place]).count() as f32;
        let straight = on([at - width, at - 1, at + 1, at + width]);
        let slanted = on([at - width - 1, at - width + 1, at + width - 1, at + width + 1]);
        lengths[at] = (0.5 * straight + FRAC_1_SQRT_2 * slanted) / most;
    }
    lengths
}

/// The line without the corners of its stairs, which thinning leaves of a slanted stroke and which are twice as many
/// pixels as the way is long (Holt et al. 1987).
fn without_stairs(line: &[bool], width: usize) -> Vec<bool> {
    let mut line = line.to_vec();
    for at in (0..line.len()).filter(|at| line[*at]).collect::<Vec<_>>() {
        let [north, south, west, east] = [at - width, at + width, at - 1, at + 1].map(|place| line[place]);
        let corner = |vertical: usize, other: bool, across: usize, beyond: bool| {
            let between = vertical + across - at;
            let opposite = 2 * at - between;
            line[vertical] && line[across] && !line[between] && !line[opposite] && !(other && beyond)
        };
        let (up, down) = (at - width, at + width);
        if corner(up, south, at + 1, west)
            || corner(up, south, at - 1, east)
            || corner(down, north, at + 1, west)
            || corner(down, north, at - 1, east)
        {
            line[at] = false;
        }
    }
    line
}

/// The mean of the values around each, weighed by a Gaussian or nearly.
fn nearby(values: Vec<f32>, width: usize) -> Option<Vec<f32>> {
    let height = values.len() / width;
    let picture = ImageBuffer::<Luma<f32>, _>::from_raw(width as u32, height as u32, values)?;
    Some(imageops::fast_blur(&picture, WINDOW * width as f32).into_raw())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::strokes::{self, Point};
    use super::super::{FrameSize, Stage, prepare};

    /// How dark the line is in each eighth of a wave that is written from left to right with this pressure: the
    /// median of the darkest value in every column.
    fn along(pressure: fn(f32) -> f32) -> Vec<u8> {
        let point = |step: u16| {
            let x = f32::from(step) / 400.0;
            Point { x, y: 0.05 * (25.0 * x).sin(), t: 0.0, pressure: pressure(x) }
        };
        let page = strokes::page(&[(0..=400).map(point).collect()]).unwrap();
        let size = FrameSize { width: 160, height: 80, stage: Stage::Pressure };
        let frame = prepare(&page, size).unwrap().frame;
        let darkest = |column: usize| frame.density.chunks(160).map(move |row| row[column]).max();
        // the frame has an empty margin
        let eighth = |part: usize| {
            let mut columns: Vec<u8> = (8 + 18 * part..26 + 18 * part).filter_map(darkest).collect();
            columns.sort_unstable();
            columns[columns.len() / 2]
        };
        (0..8).map(eighth).collect()
    }

    #[test]
    fn hard_strokes_are_dark_and_light_ones_pale() {
        let rising = along(|x| x);
        assert!(rising.windows(2).all(|pair| pair[0] < pair[1]), "{rising:?}");
        assert!(rising[0] < 130 && rising[7] > 180, "{rising:?}");
        let mut falling = along(|x| 1.0 - x);
        falling.reverse();
        assert!(rising.iter().zip(&falling).all(|(a, b)| a.abs_diff(*b) < 16), "{rising:?} {falling:?}");
    }

    #[test]
    fn slanted_strokes_are_as_dark_as_level_ones() {
        let darkness = |slope: f32| {
            let point = |x: f32| Point { x, y: slope * x, t: 0.0, pressure: 0.5 };
            let level = |x: f32| Point { x, y: -0.25 * slope.signum(), t: 0.0, pressure: 0.5 };
            // a level stroke beside it, for the median
            let strokes = [vec![point(0.0), point(1.0)], vec![level(0.0), level(1.5)]];
            let page = strokes::page(&strokes).unwrap();
            let size = FrameSize { width: 160, height: 80, stage: Stage::Pressure };
            let frame = prepare(&page, size).unwrap().frame;
            let rows = frame.density.chunks(160).skip(36).take(12);
            let mut darkest: Vec<u8> = rows.filter_map(|row| row.iter().copied().max()).collect();
            darkest.sort_unstable();
            darkest[darkest.len() / 2]
        };
        // a seventh paler at most
        for slope in [-0.5, -1.0, 0.5, 1.0] {
            assert!(darkness(slope).abs_diff(153) < 22, "{slope}: {}", darkness(slope));
        }
    }

    #[test]
    fn how_thick_the_pen_is_leaves_no_trace() {
        for even in [along(|_| 0.0), along(|_| 1.0)] {
            assert!(even.iter().all(|v| v.abs_diff(153) < 16), "{even:?}");
        }
    }
}
