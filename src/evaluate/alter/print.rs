//! What forms print where people sign: a line or a box.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::warped;
use crate::ink::Page;

/// How much darker than paper a printed line is.
const PRINT: f32 = 180.0;

/// A grey value under a line of some thickness whose middle is `off` pixels away.
fn printed(grey: u8, thick: f32, off: f32) -> u8 {
    f32::from(grey).min(255.0 - PRINT * (thick / 2.0 + 0.5 - off.abs()).clamp(0.0, 1.0)) as u8
}

pub(super) fn ruled(page: &Page, rng: &mut ChaCha8Rng) -> Page {
    let (w, h) = (page.width as f32, page.height as f32);
    let (down, slope) = (rng.random_range(0.6..0.85), rng.random_range(-0.02..0.02));
    let thick = (0.004 * w).max(1.5);
    let grey = (0..).zip(&page.grey).map(|(at, &grey): (u32, _)| {
        let (x, y) = ((at % page.width) as f32, (at / page.width) as f32);
        printed(grey, thick, y - down * h - slope * (x - w / 2.0))
    });
    Page { grey: grey.collect(), ..*page }
}

pub(super) fn boxed(page: &Page, rng: &mut ChaCha8Rng) -> Page {
    let (aside, above) = (page.width / 4, page.height / 3);
    let (width, height) = (page.width + 2 * aside, page.height + 2 * above);
    let (w, h) = (page.width as f32, page.height as f32);
    let sheet = warped(page, width, height, |x, y| (x - aside as f32, y - above as f32));
    let slope = rng.random_range(-0.01..0.01);
    let thick = (0.003 * width as f32).max(1.5);
    // the signature crosses the lower side
    let (half_width, top, bottom) = (0.68 * w, -0.1 * h, 0.97 * h);
    let grey = (0..).zip(&sheet.grey).map(|(at, &grey): (u32, _)| {
        let (x, y) = ((at % width) as f32 - aside as f32 - w / 2.0, (at / width) as f32 - above as f32);
        let (x, y) = (x + slope * (y - h / 2.0), y - slope * x);
        let (beside, beyond) = (x.abs() - half_width, (top - y).max(y - bottom));
        printed(grey, thick, beside.max(beyond))
    });
    Page { grey: grey.collect(), ..sheet }
}
