//! The pen: how thick and how dark the stroke is, where it skips, how sharp its edge is.

use image::{ImageBuffer, Luma, imageops};

use super::draw::Draw;
use crate::ink::pressure::MEDIAN;

/// Radius of a gap at a frame height of 80, in pixels: from a pen's width to half a letter.
const GAP: std::ops::RangeInclusive<f32> = 1.0..=3.0;
const GAP_HEIGHT: f32 = 80.0;
/// How much of the ink is missing within a gap: some pens skip, some only fade.
const GAP_DEPTH: std::ops::RangeInclusive<f32> = 0.6..=1.0;
/// A Gaussian narrower than this, in pixels, changes nothing that 8 bits could tell.
const LEAST_BLUR: f32 = 0.1;

/// Another pen: how far each stroke's darkness is from the median is raised to a power. 0 leaves one darkness.
pub(super) fn press(ink: &mut [f32], width: usize, exponent: f32) {
    // the darkness of the stroke that a pixel of its edge belongs to; a stroke is less than two pixels wide
    let darkness = with_neighbours(&with_neighbours(ink, width, f32::max), width, f32::max);
    for (value, darkness) in ink.iter_mut().zip(darkness).filter(|(value, _)| **value > 0.0) {
        *value = (*value * (darkness / MEDIAN).powf(exponent - 1.0)).min(1.0);
    }
}

/// Blends towards the darkest (`amount` above 0) or lightest (below 0) of each pixel and its four neighbours.
pub(super) fn thicken(ink: &mut [f32], width: usize, amount: f32) {
    if amount == 0.0 {
        return;
    }
    let extreme = if amount > 0.0 {
        with_neighbours(ink, width, f32::max)
    } else {
        with_neighbours(ink, width, f32::min)
    };
    for (value, extreme) in ink.iter_mut().zip(extreme) {
        *value += amount.abs() * (extreme - *value);
    }
}

/// The pick of each pixel and its four neighbours.
fn with_neighbours(ink: &[f32], width: usize, pick: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let mut picked = ink.to_vec();
    let mut among = |step: usize, run: usize| {
        for (picked, ink) in picked.chunks_mut(run).zip(ink.chunks(run)) {
            let further = ink.len() - step;
            picked[..further].iter_mut().zip(&ink[step..]).for_each(|(p, v)| *p = pick(*p, *v));
            picked[step..].iter_mut().zip(&ink[..further]).for_each(|(p, v)| *p = pick(*p, *v));
        }
    };
    among(1, width);
    among(width, ink.len());
    picked
}

/// Raises ink to a power: below 1 it gets darker, above 1 paler.
pub(super) fn darken(ink: &mut [f32], exponent: f32) {
    // 0 to any power is 0, and most of a frame is paper
    ink.iter_mut().filter(|value| **value > 0.0).for_each(|value| *value = value.powf(exponent));
}

/// Takes ink away in small round places on the strokes, as a pen that lifts or runs dry, until about `share` of
/// all ink is gone.
pub(super) fn skip(ink: &mut [f32], width: usize, share: f32, draw: &mut Draw) {
    let strokes: Vec<usize> = (0..ink.len()).filter(|at| ink[*at] > 0.5).collect();
    let mut left = share * ink.iter().sum::<f32>();
    let height = ink.len() / width;
    // a place may be drawn twice and then gives nothing: as many tries as places are enough
    for _ in 0..strokes.len() {
        let at = strokes[draw.below(strokes.len())];
        let radius = draw.place(GAP) * height as f32 / GAP_HEIGHT;
        let depth = draw.place(GAP_DEPTH);
        let (x, y) = (at % width, at / width);
        let reach = radius as usize + 1;
        for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
            for column in x.saturating_sub(reach)..(x + reach + 1).min(width) {
                let distance = (column.abs_diff(x) as f32).hypot(row.abs_diff(y) as f32);
                // one pixel of soft edge
                let lost = depth * (radius + 0.5 - distance).clamp(0.0, 1.0) * ink[row * width + column];
                ink[row * width + column] -= lost;
                left -= lost;
            }
        }
        if left <= 0.0 {
            return;
        }
    }
}

/// A Gaussian of the given standard deviation in pixels: a lens out of focus.
pub(super) fn blur(ink: Vec<f32>, width: usize, deviation: f32) -> Vec<f32> {
    if deviation < LEAST_BLUR {
        return ink;
    }
    let height = ink.len() / width;
    // the buffer fits: an empty picture has no strokes to blur
    let Some(sharp) = ImageBuffer::<Luma<f32>, _>::from_raw(width as u32, height as u32, ink) else {
        return Vec::new();
    };
    imageops::blur(&sharp, deviation).into_raw()
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::super::tests::dot;
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn another_pen_shows_pressure_less_or_more() {
        // two level lines with an edge each, one drawn hard and one lightly
        let mut ink = vec![0.0; 20 * 20];
        for (row, value) in [(4, 0.9), (5, 0.45), (14, 0.3), (15, 0.15)] {
            ink[row * 20..(row + 1) * 20].fill(value);
        }
        let pressed = |exponent: f32| {
            let mut ink = ink.clone();
            press(&mut ink, 20, exponent);
            [4, 5, 14, 15, 10].map(|row| (100.0 * ink[row * 20 + 9]).round())
        };
        assert_eq!(pressed(1.0), [90.0, 45.0, 30.0, 15.0, 0.0]);
        assert_eq!(pressed(0.0), [60.0, 30.0, 60.0, 30.0, 0.0], "the edges keep their share");
        assert_eq!(pressed(2.0), [100.0, 67.0, 15.0, 8.0, 0.0], "never beyond black");
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
    fn darken_moves_grey_and_keeps_paper_and_ink() {
        let mut ink = [0.0, 0.25, 1.0];
        darken(&mut ink, 0.5);
        assert_eq!(ink, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn gaps_lie_on_strokes_and_take_their_share() {
        // a level line of 100 pixels by 2
        let mut ink = vec![0.0; 100 * 40];
        ink[20 * 100..22 * 100].fill(1.0);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        skip(&mut ink, 100, 0.25, &mut Draw { rng: &mut rng, full: true });
        let left: f32 = ink.iter().sum();
        assert!((130.0..=150.0).contains(&left), "{left}");
        // more than one gap: the line starts again
        let starts =
            ink[20 * 100..21 * 100].windows(2).filter(|pair| pair[0] < 0.5 && pair[1] >= 0.5).count();
        assert!(starts > 2, "{starts}");
    }

    #[test]
    fn blur_spreads_ink_as_a_gaussian_does() {
        let mut ink = vec![0.0; 41 * 41];
        ink[20 * 41 + 20] = 1.0;
        assert_eq!(blur(ink.clone(), 41, 0.0), ink);
        let soft = blur(ink, 41, 1.5);
        assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        // exp(-d^2 / (2 sigma^2)) at a distance of 2
        let fall = soft[20 * 41 + 22] / soft[20 * 41 + 20];
        assert!((fall - (-4.0_f32 / 4.5).exp()).abs() < 0.01, "{fall}");
    }
}
