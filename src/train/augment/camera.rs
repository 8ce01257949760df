//! The way from paper to file: a phone's camera and JPEG.
//!
//! Frames come out of the ink pipeline ([`crate::ink`]), which flattens the light, drops what is faint and
//! redraws every stroke with one pen. Doing all of that again takes far longer than a training step allows, so
//! the page is imagined at the frame's size and only what the pipeline would let through is kept
//! ([`let_through`]). What that is was measured on synthetic pages of 880 and 300 pixels, photographed in code
//! and then prepared, as root mean square difference of the frame from that of the clean page:
//!
//! | on the page | frame | here |
//! |---|---|---|
//! | half of the light missing on one side | 0.005 | nothing, without noise |
//! | noise of 6 % of the ink's depth, good light | 0.016, all at the edges of strokes | 0.01 |
//! | the same in poor light | grain on the paper in the darkest corner | the same |
//! | JPEG, quality 40 | 0.012 (880), 0.019 (300), at the edges of strokes | 0.008 |
//! | JPEG, quality 10 | 0.026 (880), 0.037 (300), at the edges of strokes | 0.024 |
//!
//! So shading by itself is no augmentation: it is one with the noise that it brings out.

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ExtendedColorType, ImageDecoder, ImageResult};
use rand::Rng;

use super::draw::Draw;

/// What the pipeline does not take for ink on bare paper, nor for paper within a stroke, as a share of the
/// ink's depth.
const FAINT: f32 = 0.2;
/// How much of the light is missing in the darkest corner of the worst photograph.
const SHADE: f32 = 0.7;
/// The share of it that falls off from one side to the other; the rest falls off with the distance from the
/// middle, as behind any lens.
const SLOPE: f32 = 0.6;
/// Standard deviation of the sensor's noise in the worst photograph, as a share of the brightest paper.
const NOISE: f32 = 0.08;
/// The pipeline takes for paper what four fifths of the pixels are darker than: this many deviations above
/// the mean of noisy paper. What is left of the shading after flattening is this bias, strongest in the shade.
const PAPER_BIAS: f32 = 0.84;
/// The side of a block in JPEG.
const BLOCK: usize = 8;

/// A phone's picture of the paper, flattened again: light that falls off to one side and to the corners, and
/// noise, which counts for more where there is less light. `strength` is 0 to 1.
pub(super) fn photograph(ink: &mut [f32], width: usize, strength: f32, draw: &mut Draw) {
    let height = ink.len() / width;
    let (sin, cos) = draw.place(0.0..=std::f32::consts::TAU).sin_cos();
    // the slope is 0 in the brightest corner and 1 in the darkest
    let (across, down) = (0.5 * cos / (cos.abs() + sin.abs()), 0.5 * sin / (cos.abs() + sin.abs()));
    let noise = NOISE * strength;
    let mut random = vec![0; 4 * ink.len()];
    draw.rng.fill_bytes(&mut random);
    let mut grains = random.as_chunks().0.iter().map(grain);
    for (y, row) in ink.chunks_exact_mut(width).enumerate() {
        // -1 to 1 across the frame
        let v = 2.0 * (y as f32 + 0.5) / height as f32 - 1.0;
        for ((x, value), grain) in row.iter_mut().enumerate().zip(&mut grains) {
            let u = 2.0 * (x as f32 + 0.5) / width as f32 - 1.0;
            let slope = 0.5 + u * across + v * down;
            let corner = 0.5 * (u * u + v * v);
            let light = 1.0 - SHADE * strength * (SLOPE * slope + (1.0 - SLOPE) * corner);
            let page = light * (1.0 - *value) + noise * grain;
            let paper = light + PAPER_BIAS * noise;
            *value = let_through(*value, 1.0 - page / paper);
        }
    }
}

/// Written as a grey JPEG and read again. `loss` is how many points of quality below 100.
pub(super) fn jpeg(ink: &mut [f32], width: usize, loss: f32, draw: &mut Draw) {
    let quality = (100.0 - loss).round().clamp(1.0, 100.0) as u8;
    // the picture begins anywhere within a block of its file
    let (left, top) = (draw.below(BLOCK), draw.below(BLOCK));
    let (columns, rows) = (width + BLOCK, ink.len() / width + BLOCK);
    let places = |row: usize| (top + row) * columns + left..(top + row) * columns + left + width;
    let mut page = vec![u8::MAX; columns * rows];
    for (row, ink) in ink.chunks_exact(width).enumerate() {
        let greys = ink.iter().map(|value| (255.0 * (1.0 - value)).round() as u8);
        page[places(row)].iter_mut().zip(greys).for_each(|(page, grey)| *page = grey);
    }
    // neither coder refuses a grey picture of at most 65,535 pixels a side, and a frame is far smaller
    if code(&mut page, columns, rows, quality).is_err() {
        return;
    }
    for (row, ink) in ink.chunks_exact_mut(width).enumerate() {
        for (value, grey) in ink.iter_mut().zip(&page[places(row)]) {
            *value = let_through(*value, 1.0 - f32::from(*grey) / 255.0);
        }
    }
}

fn code(page: &mut [u8], columns: usize, rows: usize, quality: u8) -> ImageResult<()> {
    let mut file = Vec::with_capacity(page.len());
    let encoder = &mut JpegEncoder::new_with_quality(&mut file, quality);
    encoder.encode(page, columns as u32, rows as u32, ExtendedColorType::L8)?;
    JpegDecoder::new(std::io::Cursor::new(file))?.read_image(page)
}

/// About normal, mean 0 and standard deviation 1: the sum of four random bytes, which is all that a pixel can cost.
pub(crate) fn grain(random: &[u8; 4]) -> f32 {
    let sum: u16 = random.iter().map(|byte| u16::from(*byte)).sum();
    // a byte has mean 127.5 and variance (256^2 - 1) / 12
    (f32::from(sum) - 4.0 * 127.5) / (4.0_f32 * 65535.0 / 12.0).sqrt()
}

/// Ink after a change, less what the ink pipeline would have dropped of the change: at the edge of a stroke the
/// slightest moves the edge, on paper and within the stroke only a strong one is seen.
fn let_through(before: f32, after: f32) -> f32 {
    let change = after - before;
    let dropped = FAINT * (1.0 - 2.0 * before).abs();
    (before + change.signum() * (change.abs() - dropped).max(0.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const WIDTH: usize = 96;

    /// A slanted stroke with a soft edge on paper, changed.
    fn bar(change: impl FnOnce(&mut [f32], &mut Draw)) -> Vec<f32> {
        let mut ink = vec![0.0; WIDTH * 64];
        for (row, line) in ink.chunks_exact_mut(WIDTH).enumerate().skip(20).take(24) {
            let middle = 42.0 + (row as f32 - 32.0) / 4.0;
            (0..).zip(line).for_each(|(x, ink)| *ink = (2.5 - (x as f32 - middle).abs()).clamp(0.0, 1.0));
        }
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        change(&mut ink, &mut Draw { rng: &mut rng, full: true });
        ink
    }

    #[test]
    fn what_is_faint_does_not_come_through() {
        assert_eq!(let_through(0.0, 0.1), 0.0);
        assert!((let_through(0.0, 0.5) - (0.5 - FAINT)).abs() < 1e-6);
        assert_eq!(let_through(1.0, 0.9), 1.0);
        // at the edge of a stroke everything counts
        assert!((let_through(0.5, 0.6) - 0.6).abs() < 1e-6);
        assert_eq!(let_through(0.5, 9.0), 1.0);
    }

    #[test]
    fn grain_lies_in_the_shade() {
        let ink = bar(|ink, draw| photograph(ink, WIDTH, 1.0, draw));
        // the quarters of the frame, without the bar
        let grain = |left: usize, top: usize| -> f32 {
            (top..top + 20).map(|y| ink[y * WIDTH + left..y * WIDTH + left + 38].iter().sum::<f32>()).sum()
        };
        let mut quarters = [grain(0, 0), grain(58, 0), grain(0, 44), grain(58, 44)];
        quarters.sort_by(f32::total_cmp);
        assert!(quarters[3] > 3.0 * quarters[0], "{quarters:?}");
        // the bar is still there
        assert!(ink[30 * WIDTH + 42] > 0.5);
    }

    #[test]
    fn a_better_photograph_has_less_grain() {
        let grain = |strength: f32| -> f32 {
            let clean = bar(|_, _| ());
            let ink = bar(|ink, draw| photograph(ink, WIDTH, strength, draw));
            ink.iter().zip(clean).map(|(a, b)| (a - b).abs()).sum()
        };
        assert!(grain(0.3) < 0.1 * grain(1.0), "{} {}", grain(0.3), grain(1.0));
    }

    #[test]
    fn jpeg_harms_edges_and_keeps_distant_paper() {
        let clean = bar(|_, _| ());
        let ink = bar(|ink, draw| jpeg(ink, WIDTH, 90.0, draw));
        let changed =
            |x: usize| (0..64).map(|y| (ink[y * WIDTH + x] - clean[y * WIDTH + x]).abs()).sum::<f32>();
        let near: f32 = (32..52).map(changed).sum();
        assert!(near > 1.0, "{near}");
        // a block reaches 7 pixels, its neighbour is another
        assert_eq!((0..24).chain(60..WIDTH).map(changed).sum::<f32>(), 0.0);
        // quality 100 rounds to whole greys and no more
        let best = bar(|ink, draw| jpeg(ink, WIDTH, 0.0, draw));
        assert!(best.iter().zip(&clean).all(|(a, b)| (a - b).abs() < 0.02));
    }
}
