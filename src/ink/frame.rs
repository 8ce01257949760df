//! Ink on a page to the picture that a network sees.

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer};

use super::pen::{self, FINE};
use super::{Crop, Frame, FrameSize, HALF, Ink, Stage};

/// The sides that a frame may have, in pixels.
pub const SIDES: std::ops::RangeInclusive<u32> = 16..=512;
/// Empty space on every side, as a share of the frame's width: training turns frames by a few degrees.
const MARGIN: f32 = 0.04;

/// Empty pixels on every side of the ink in a frame of this width.
pub(crate) fn margin(width: u32) -> f32 {
    (MARGIN * width as f32).max(1.0)
}

/// Whether pages can be framed so.
///
/// # Errors
/// A sentence, for a side outside [`SIDES`], and for a height that the margins of ink take up.
pub(crate) fn check(size: FrameSize) -> std::result::Result<(), String> {
    let FrameSize { width, height, stage } = size;
    if !SIDES.contains(&width) || !SIDES.contains(&height) {
        let (least, most) = (SIDES.start(), SIDES.end());
        return Err(format!("a frame of {width} x {height} pixels; each side is {least} to {most}"));
    }
    if stage != Stage::Grey && height as f32 <= 4.0 * margin(width) {
        return Err(format!("a frame of {width} x {height} pixels is too flat for a signature"));
    }
    Ok(())
}

/// The ink of a page cropped to its bounds, its aspect kept, centred, redrawn with a pen of one width; and where this
/// frame lies on the ink's page, in pixels of the ink.
///
/// A side outside [`SIDES`] is taken as the nearest one within.
pub(super) fn place(ink: &Ink, size: FrameSize) -> (Frame, Crop) {
    let clamp = |s: u32| s.clamp(*SIDES.start(), *SIDES.end());
    let (width, height) = (clamp(size.width), clamp(size.height));
    let margin = margin(width);
    let (left, top, right, bottom) = bounds(ink).unwrap_or((0, 0, ink.width, ink.height));
    let (w, h) = ((right - left).max(1), (bottom - top).max(1));
    let room = |side: u32| side as f32 - 2.0 * margin;
    let scale = (room(width) / w as f32).min(room(height) / h as f32);

    let mut fine = GrayImage::new(width * FINE, height * FINE);
    let side = |s: u32| ((s as f32 * scale * FINE as f32).round() as u32).max(1);
    let (fine_w, fine_h) = (side(w), side(h));
    let whole: Option<ImageBuffer<image::Luma<u8>, &[u8]>> =
        ImageBuffer::from_raw(ink.width, ink.height, &ink.density);
    let (x, y) =
        ((fine.width() - fine_w.min(fine.width())) / 2, (fine.height() - fine_h.min(fine.height())) / 2);
    if let Some(whole) = whole {
        let cut = imageops::crop_imm(&whole, left, top, w, h);
        let scaled = imageops::resize(&*cut, fine_w, fine_h, FilterType::Triangle);
        imageops::replace(&mut fine, &scaled, i64::from(x), i64::from(y));
    }
    let density = pen::redraw(fine.as_raw(), fine.width() as usize, size.stage == Stage::Pressure);
    let per_page = scale * FINE as f32;
    let crop = Crop {
        x: left as f32 - x as f32 / per_page,
        y: top as f32 - y as f32 / per_page,
        width: fine.width() as f32 / per_page,
        height: fine.height() as f32 / per_page,
    };
    (Frame { width, height, density }, crop)
}

/// Left, top, right and bottom of the ink, the latter two exclusive.
pub(super) fn bounds(ink: &Ink) -> Option<(u32, u32, u32, u32)> {
    let mut found: Option<(u32, u32, u32, u32)> = None;
    for (y, row) in (0..).zip(ink.density.chunks_exact(ink.width.max(1) as usize)) {
        let first = row.iter().position(|v| *v >= HALF);
        let last = row.iter().rposition(|v| *v >= HALF);
        if let (Some(first), Some(last)) = (first, last) {
            let (left, top, right, _) = found.unwrap_or((u32::MAX, y, 0, 0));
            found = Some((left.min(first as u32), top, right.max(last as u32 + 1), y + 1));
        }
    }
    found
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    const SIZE: FrameSize = FrameSize::ink(160, 80);

    /// The outline of a box.
    fn outline(page: (u32, u32), left: u32, top: u32, width: u32, height: u32) -> Ink {
        let on = |v: u32, from: u32, length: u32| (from..from + length).contains(&v);
        let density = (0..page.1).flat_map(|y| (0..page.0).map(move |x| (x, y))).map(|(x, y)| {
            let inside = on(x, left, width) && on(y, top, height);
            let hollow = on(x, left + 5, width - 10) && on(y, top + 5, height - 10);
            if inside && !hollow { 255 } else { 0 }
        });
        Ink { width: page.0, height: page.1, density: density.collect() }
    }

    fn drawn(frame: &Frame) -> (u32, u32, u32, u32) {
        let ink = Ink { width: frame.width, height: frame.height, density: frame.density.clone() };
        bounds(&ink).unwrap()
    }

    #[test]
    fn ink_is_centred_with_its_aspect() {
        for (width, height) in [(300, 60), (150, 150), (60, 240)] {
            let (frame, _) = place(&outline((500, 300), 17, 9, width, height), SIZE);
            assert_eq!(frame.density.len(), 160 * 80);
            let (left, top, right, bottom) = drawn(&frame);
            let (across, down) = ((right - left) as f32, (bottom - top) as f32);
            assert!((across / down / (width as f32 / height as f32) - 1.0).abs() < 0.1, "{across} {down}");
            assert!(left.abs_diff(160 - right) <= 1 && top.abs_diff(80 - bottom) <= 1);
            assert!(left >= 6 && top >= 6);
            assert!(left <= 8 || top <= 8);
        }
    }

    #[test]
    fn the_crop_finds_the_ink_again() {
        let ink = outline((500, 300), 100, 50, 300, 60);
        let (frame, crop) = place(&ink, SIZE);
        let (left, top, _, _) = drawn(&frame);
        let scale = crop.width / 160.0;
        assert!((crop.x + left as f32 * scale - 100.0).abs() < 4.0);
        assert!((crop.y + top as f32 * scale - 50.0).abs() < 4.0);
    }

    #[test]
    fn no_ink_makes_an_empty_frame() {
        let (frame, _) = place(&Ink { width: 30, height: 20, density: vec![0; 600] }, SIZE);
        assert!(frame.density.iter().all(|v| *v == 0));
    }
}
