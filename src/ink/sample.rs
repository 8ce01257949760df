//! Pages made in code, for tests.

use super::strokes::{Point, Stroke};
use super::{Page, strokes};

/// A scribble of loops with a dotted i, as a pen would report it.
pub(crate) fn scribble() -> Vec<Stroke> {
    let at = |x: f32, y: f32| Point { x, y, t: 0.0, pressure: 0.5 };
    let loops = (0..200).map(|i| {
        let t = i as f32 / 8.0;
        at(20.0 * t + 30.0 * t.sin(), 60.0 * (1.3 * t).cos())
    });
    vec![
        loops.collect(),
        vec![at(20.0, 100.0), at(250.0, 110.0), at(480.0, 85.0)],
        vec![at(150.0, -85.0), at(153.0, -85.0)],
    ]
}

/// [`scribble`] on a white page of 880 pixels.
pub(crate) fn page() -> Page {
    strokes::page(&scribble()).unwrap()
}

/// `page` with each grey value changed by a function of x, y and itself.
pub(crate) fn changed(page: &Page, change: impl Fn(u32, u32, f32) -> f32) -> Page {
    let grey = page.grey.iter().enumerate().map(|(at, grey)| {
        let (x, y) = (at as u32 % page.width, at as u32 / page.width);
        change(x, y, f32::from(*grey)).round().clamp(0.0, 255.0) as u8
    });
    Page::new(page.width, page.height, grey.collect()).unwrap()
}

/// A black disc.
pub(crate) fn disc(page: &mut Page, x: f32, y: f32, radius: f32) {
    *page =
        changed(page, |px, py, grey| if (px as f32 - x).hypot(py as f32 - y) <= radius { 0.0 } else { grey });
}

pub(crate) fn white(width: u32, height: u32) -> Page {
    Page::new(width, height, vec![255; (width * height) as usize]).unwrap()
}

/// Repeatable noise of about a normal distribution, standard deviation 1.
pub(crate) fn noise(x: u32, y: u32) -> f32 {
    let mut state = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_add(0x27d4_eb2f);
    let mut sum = 0.0;
    for _ in 0..4 {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        sum += state as f32 / u32::MAX as f32 - 0.5;
    }
    sum * 3.0_f32.sqrt()
}
