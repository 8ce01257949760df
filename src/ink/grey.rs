//! The other input stage: a picture as it is, for things that are no ink (faces, cells, objects).
//!
//! The whole page, its aspect kept, on a frame; dark is high, as with ink. Grey values are stretched between the
//! darkest and the lightest hundredth, so that exposure matters less. Nothing is cleaned away.

use image::GrayImage;
use image::imageops::{self, FilterType};

use super::{Crop, Frame, FrameSize, Page};
use crate::error::{Error, Result};

/// The share of the pixels at either end that the stretching gives up.
const TAIL: f32 = 0.01;
/// Pages are no longer than so many times their width, nor wider than so many times their height: of others the frame
/// would show a line, and to scale them would take memory by their longer side alone.
const LONGEST: u32 = 1000;
/// A page with less between the two ends, of 255, shows nothing.
const LEAST_CONTRAST: u8 = 8;

/// The frame, and where it lies on the page, in page pixels.
///
/// # Errors
/// [`Error::BlankPage`] for a page of one grey; [`Error::ImageTooLarge`] for one that is no more than a line;
/// [`Error::DamagedImage`] if the page's size is not that of its values.
pub(super) fn place(page: &Page, size: FrameSize) -> Result<(Frame, Crop)> {
    let (short, long) = (page.width.min(page.height), page.width.max(page.height));
    if short.saturating_mul(LONGEST) < long {
        let what = format!("{} x {} pixels", page.width, page.height);
        return Err(Error::ImageTooLarge { what, limit: format!("a side {LONGEST} times the other") });
    }
    let [(darkest, lightest), extremes] = [TAIL, 0.0].map(|tail| ends(&page.grey, tail));
    // a dot is less than a hundredth of a page
    let blank = lightest.saturating_sub(darkest) < LEAST_CONTRAST;
    let (darkest, lightest) = if blank { extremes } else { (darkest, lightest) };
    if lightest.saturating_sub(darkest) < LEAST_CONTRAST {
        return Err(Error::BlankPage);
    }
    let range = f32::from(lightest - darkest);
    let dark = |grey: u8| (f32::from(lightest.saturating_sub(grey)) / range * 255.0).min(255.0).round() as u8;
    let stretched = page.grey.iter().map(|&grey| dark(grey)).collect();
    let whole = GrayImage::from_raw(page.width, page.height, stretched)
        .ok_or_else(|| Error::DamagedImage("its size is not that of its values".into()))?;

    let scale = (size.width as f32 / page.width as f32).min(size.height as f32 / page.height as f32);
    let side = |side: u32, most: u32| ((side as f32 * scale).round() as u32).clamp(1, most);
    let (width, height) = (side(page.width, size.width), side(page.height, size.height));
    let scaled = imageops::resize(&whole, width, height, FilterType::Triangle);
    let (x, y) = ((size.width - width) / 2, (size.height - height) / 2);
    let mut frame = GrayImage::new(size.width, size.height);
    imageops::replace(&mut frame, &scaled, i64::from(x), i64::from(y));
    let crop = Crop {
        x: -(x as f32) / scale,
        y: -(y as f32) / scale,
        width: size.width as f32 / scale,
        height: size.height as f32 / scale,
    };
    Ok((Frame { width: size.width, height: size.height, density: frame.into_raw() }, crop))
}

/// The greys below and above which this share of the pixels lies.
fn ends(grey: &[u8], tail: f32) -> (u8, u8) {
    let mut counts = [0_usize; 256];
    for &value in grey {
        counts[usize::from(value)] += 1;
    }
    let tail = (grey.len() as f32 * tail) as usize;
    let beyond = |seen: &mut usize, value: &u8| {
        *seen += counts[usize::from(*value)];
        Some((*seen > tail).then_some(*value))
    };
    let darkest = (0..=255).scan(0, |seen, value| beyond(seen, &value)).flatten().next();
    let lightest = (0..=255).rev().scan(0, |seen, value| beyond(seen, &value)).flatten().next();
    (darkest.unwrap_or(0), lightest.unwrap_or(255))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::{Stage, prepare};
    use super::*;

    const SIZE: FrameSize = FrameSize { width: 32, height: 48, stage: Stage::Grey };

    fn slope(width: u32, height: u32, from: f32, to: f32) -> Page {
        let grey = (0..width * height).map(|at| {
            let along = (at % width) as f32 / (width - 1) as f32;
            (from + along * (to - from)) as u8
        });
        Page::new(width, height, grey.collect()).unwrap()
    }

    #[test]
    fn the_whole_page_is_seen_whatever_the_exposure() {
        let full = prepare(&slope(64, 64, 0.0, 255.0), SIZE).unwrap();
        let pale = prepare(&slope(64, 64, 100.0, 180.0), SIZE).unwrap();
        let row = |frame: &Frame| frame.density[24 * 32..25 * 32].to_vec();
        // dark is high: from the left, which is black, downwards
        assert!(row(&full.frame).windows(2).all(|pair| pair[0] >= pair[1]));
        assert!(row(&full.frame)[0] > 245 && row(&full.frame)[31] < 10);
        assert!(row(&full.frame).iter().zip(row(&pale.frame)).all(|(a, b)| a.abs_diff(b) < 12));
        // 32 x 32 in the middle of 32 x 48
        assert!(full.frame.density[..8 * 32].iter().all(|&value| value == 0));
        assert_eq!((full.crop.x, full.crop.y, full.crop.width, full.crop.height), (0.0, -16.0, 64.0, 96.0));
    }

    #[test]
    fn one_grey_is_a_blank_page() {
        let error = prepare(&slope(20, 20, 90.0, 95.0), SIZE).unwrap_err();
        assert_eq!(error.code(), "blank-page");
    }

    #[test]
    fn a_dot_is_seen() {
        let mut page = Page::new(105, 105, vec![255; 105 * 105]).unwrap();
        for y in 50..55 {
            page.grey[y * 105 + 50..y * 105 + 55].fill(0);
        }
        let frame = prepare(&page, SIZE).unwrap().frame;
        assert!(frame.density.iter().any(|&value| value > 60));
    }

    /// Scaled down side by side, 20 million of them would take a gigabyte.
    #[test]
    fn a_page_that_is_a_line_is_refused() {
        for (width, height) in [(2001, 2), (1, 1001)] {
            let mut page = Page::new(width, height, vec![255; (width * height) as usize]).unwrap();
            page.grey[..500].fill(0);
            assert_eq!(prepare(&page, SIZE).unwrap_err().code(), "image-too-large");
        }
    }

    #[test]
    fn the_smallest_and_the_longest_pages_have_frames() {
        for (width, height) in [(1, 400), (400, 2)] {
            let mut page = Page::new(width, height, vec![255; (width * height) as usize]).unwrap();
            page.grey[..40].fill(0);
            assert_eq!(prepare(&page, SIZE).unwrap().frame.density.len(), 32 * 48);
        }
    }
}
