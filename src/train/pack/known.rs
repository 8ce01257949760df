//! A page that every version of this program draws alike, to see whether the ink pipeline still does.

use crate::error::Result;
use crate::ink::{self, Frame, FrameSize, Page};

/// How much two frames of the known page may differ, as the mean over all pixels, of 255. Machines round
/// differently; another pipeline differs by more.
const SAME: f64 = 0.25;

/// The known page through the ink pipeline.
///
/// # Errors
/// [`crate::Error::InvalidOption`] for a size that frames cannot have.
pub(super) fn frame(size: FrameSize) -> Result<Frame> {
    Ok(ink::prepare(&page()?, size)?.frame)
}

pub(super) fn is_same(a: &[u8], b: &[u8]) -> bool {
    let difference: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    a.len() == b.len() && difference as f64 <= SAME * a.len() as f64
}

/// Waves of a pen of changing width and darkness on shaded, noisy paper: something for each stage to do. Whole
/// numbers alone, so that no library's rounding shows.
fn page() -> Result<Page> {
    const WIDTH: u32 = 480;
    const HEIGHT: u32 = 200;
    /// Up and down between 0 and `height`.
    fn wave(x: u32, period: u32, height: u32) -> u32 {
        let half = period / 2;
        height * (x % period).abs_diff(half) / half
    }
    let grey = |x: u32, y: u32| {
        let paper = 240 - x / 12 - y / 20 - ((x * 7919) ^ (y * 104_729)) % 7;
        let strokes =
            [(30 + wave(x, 62, 90), 3), (60 + wave(x + 17, 97, 70), 2), (150 + wave(x, 240, 20), 4)];
        let inked =
            (40..440).contains(&x) && strokes.iter().any(|&(at, half)| y.abs_diff(at) <= half + x / 200);
        if inked { 40 + x / 10 } else { paper }
    };
    let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| grey(x, y) as u8));
    Page::new(WIDTH, HEIGHT, pixels.collect())
}
