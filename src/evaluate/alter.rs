//! What scanners, cameras and pens do to a page on which the signature stays the same.
//!
//! Unlike augmentation ([`crate::train::augment`]), which imagines these changes on the frame, they are made here on
//! the whole page, before the ink pipeline.

mod print;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};
use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, GrayImage, ImageDecoder};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::control;
use crate::error::{Error, Result};
use crate::ink::{self, Frame, FrameSize, Page, clean, frame};
use crate::train::augment::grain;
use print::{boxed, ruled};

/// One way to change a page. What is random is drawn for each page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Alteration {
    /// As it is.
    None,
    /// Turned by 10 degrees to either side.
    Turned,
    /// Scaled down until the page's longer side has 100 pixels.
    SmallPage,
    /// Scaled down until the signature's longer side has 100 pixels.
    SmallSignature,
    /// Stored as JPEG of quality 30.
    Jpeg,
    /// Photographed: seen at a slant, out of focus, in light that falls off to half, with noise, as JPEG.
    Photographed,
    /// Written with a pen 1.6 times as thick.
    Thicker,
    /// With a pen 0.6 times as thick.
    Thinner,
    /// With strokes of one width, as a mouse or a finger draws them.
    Even,
    /// On a printed line, nearly level, that runs across the page.
    Ruled,
    /// In a printed box, which is wider than the signature and higher, on a larger sheet.
    Boxed,
    /// Printed thicker, on grey paper, scanned at less resolution, with noise, as JPEG: what a scan makes of a clean
    /// drawing.
    Scanned,
}

/// Pixels to which pages and signatures are shrunk.
const SMALL: f32 = 100.0;
const POOR_JPEG: u8 = 30;

impl Alteration {
    /// The changed page.
    ///
    /// # Errors
    /// Those of [`clean::ink`] where the signature must be found first, [`Error::DamagedImage`] where JPEG fails.
    pub fn of(self, page: &Page, rng: &mut ChaCha8Rng) -> Result<Page> {
        let longer = page.width.max(page.height) as f32;
        // whatever is done to a drawing, a scan of it is all that is left
        let page = &Page { is_drawn: page.is_drawn && self == Self::None, ..page.clone() };
        match self {
            Self::None => Ok(page.clone()),
            Self::Turned => Ok(turned(page, if rng.random() { 10.0 } else { -10.0 })),
            Self::SmallPage => scaled(page, (SMALL / longer).min(1.0)),
            Self::SmallSignature => scaled(page, (SMALL / signature_side(page)?).min(1.0)),
            Self::Jpeg => jpeg(page, POOR_JPEG),
            Self::Photographed => photographed(page, rng),
            Self::Thicker => with_pen(page, 1.6),
            Self::Thinner => with_pen(page, 0.6),
            Self::Even => even(page),
            Self::Ruled => Ok(ruled(page, rng)),
            Self::Boxed => Ok(boxed(page, rng)),
            Self::Scanned => scanned(page, rng),
        }
    }
}

impl Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::None => "as it is",
            Self::Turned => "turned by 10 degrees",
            Self::SmallPage => "page shrunk to 100 px",
            Self::SmallSignature => "signature shrunk to 100 px",
            Self::Jpeg => "JPEG, quality 30",
            Self::Photographed => "photographed",
            Self::Thicker => "thicker pen",
            Self::Thinner => "thinner pen",
            Self::Even => "strokes of one width",
            Self::Ruled => "on a ruled line",
            Self::Boxed => "in a printed box",
            Self::Scanned => "scanned",
        })
    }
}

/// The level of most of the page.
fn paper(page: &Page) -> u8 {
    let mut greys = page.grey.clone();
    let middle = greys.len() / 2;
    *greys.select_nth_unstable(middle).1
}

/// A page of another size, each pixel read at the place that `from` gives for it (bilinear; outside is paper).
fn warped(page: &Page, width: u32, height: u32, from: impl Fn(f32, f32) -> (f32, f32)) -> Page {
    let paper = f32::from(paper(page));
    let at = |x: i64, y: i64| {
        let inside = (0..i64::from(page.width)).contains(&x) && (0..i64::from(page.height)).contains(&y);
        if inside { f32::from(page.grey[(y * i64::from(page.width) + x) as usize]) } else { paper }
    };
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    let grey = pixels.map(|(x, y)| {
        let (x, y) = from(x, y);
        let (left, top) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - top);
        let (left, top) = (left as i64, top as i64);
        let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
        let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
        (upper * (1.0 - below) + lower * below).round() as u8
    });
    Page { width, height, grey: grey.collect(), ..*page }
}

/// The page on a sheet that holds all of it.
fn turned(page: &Page, degrees: f32) -> Page {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (page.width as f32, page.height as f32);
    let (width, height) = (w * cos.abs() + h * sin.abs(), w * sin.abs() + h * cos.abs());
    let (width, height) = (width.ceil(), height.ceil());
    warped(page, width as u32, height as u32, |x, y| {
        let (x, y) = (x - (width - 1.0) / 2.0, y - (height - 1.0) / 2.0);
        (cos * x + sin * y + (w - 1.0) / 2.0, cos * y - sin * x + (h - 1.0) / 2.0)
    })
}

fn image(page: &Page) -> Result<GrayImage> {
    let failed = || Error::DamagedImage("its size does not fit its pixels".into());
    GrayImage::from_raw(page.width, page.height, page.grey.clone()).ok_or_else(failed)
}

fn scaled(page: &Page, scale: f32) -> Result<Page> {
    let side = |side: u32| ((side as f32 * scale).round() as u32).max(1);
    let (width, height) = (side(page.width), side(page.height));
    // averages over what falls into a pixel
    let small = imageops::resize(&image(page)?, width, height, FilterType::Triangle);
    Ok(Page { width, height, grey: small.into_raw(), ..*page })
}

/// The longer side of the ink's bounds, in pixels of the page.
fn signature_side(page: &Page) -> Result<f32> {
    let ink = clean::ink(page)?;
    let places = || (0..).zip(&ink.density).filter(|(_, density)| **density >= 128).map(|(at, _)| at);
    let extent = |of: fn(u32, u32) -> u32| {
        let along = || places().map(|at| of(at, ink.width));
        along().max().unwrap_or(0) - along().min().unwrap_or(0) + 1
    };
    let longer = extent(|at, width| at % width).max(extent(|at, width| at / width));
    Ok(longer as f32 * page.width as f32 / ink.width as f32)
}

/// The signature alone, redrawn by the ink pipeline, which knows no pressure at this stage.
fn even(page: &Page) -> Result<Page> {
    let side = *frame::SIDES.end();
    let Frame { width, height, density } = ink::prepare(page, FrameSize::ink(side, side))?.frame;
    // the pipeline's pen is thinner than any real one
    with_pen(&Page { width, height, grey: density.iter().map(|ink| 255 - ink).collect(), ..*page }, 2.0)
}

fn jpeg(page: &Page, quality: u8) -> Result<Page> {
    let failed = |error: image::ImageError| Error::DamagedImage(error.to_string());
    let mut file = Vec::new();
    let encoder = &mut JpegEncoder::new_with_quality(&mut file, quality);
    encoder.encode(&page.grey, page.width, page.height, ExtendedColorType::L8).map_err(failed)?;
    let mut grey = vec![0; page.grey.len()];
    let decoder = JpegDecoder::new(Cursor::new(file)).map_err(failed)?;
    decoder.read_image(&mut grey).map_err(failed)?;
    Ok(Page { grey, ..*page })
}

fn blurred(page: &Page, deviation: f32) -> Result<Page> {
    Ok(Page { grey: imageops::blur(&image(page)?, deviation).into_raw(), ..*page })
}

/// Each grey value made another, with its place across the page, -1 to 1 both ways, and a normal random number.
fn relit(page: &Page, rng: &mut ChaCha8Rng, change: impl Fn(f32, [f32; 2], f32) -> f32) -> Page {
    let (w, h) = (page.width as f32, page.height as f32);
    let grey = (0..).zip(&page.grey).map(|(at, &grey): (u32, _)| {
        let (x, y) = ((at % page.width) as f32, (at / page.width) as f32);
        let place = [2.0 * (x + 0.5) / w - 1.0, 2.0 * (y + 0.5) / h - 1.0];
        change(f32::from(grey), place, grain(&rng.next_u32().to_le_bytes())).round() as u8
    });
    Page { grey: grey.collect(), ..*page }
}

fn photographed(page: &Page, rng: &mut ChaCha8Rng) -> Result<Page> {
    /// How much nearer, and therefore larger, one edge of the sheet is than its middle.
    const SLANT: f32 = 0.12;
    /// How much of the light is missing at the darkest edge.
    const SHADE: f32 = 0.5;
    /// Standard deviation of the noise, in grey values.
    const NOISE: f32 = 6.0;
    let (across, down) = (rng.random_range(-SLANT..=SLANT), rng.random_range(-SLANT..=SLANT));
    let (w, h) = (page.width as f32 / 2.0, page.height as f32 / 2.0);
    let slanted = warped(page, page.width, page.height, |x, y| {
        let (u, v) = (x / w - 1.0, y / h - 1.0);
        // a projective map; the middle stays, and the sheet stays in view
        let depth = (1.0 + across * u + down * v) / (1.0 + SLANT);
        (w * (1.0 + u / depth), h * (1.0 + v / depth))
    });
    let (sin, cos) = rng.random_range(0.0..std::f32::consts::TAU).sin_cos();
    let lit = relit(&blurred(&slanted, 0.8)?, rng, |grey, [u, v], noise| {
        let slope = 0.5 + 0.5 * (u * cos + v * sin) / (cos.abs() + sin.abs());
        grey * (1.0 - SHADE * slope) + NOISE * noise
    });
    jpeg(&lit, 80)
}

fn scanned(page: &Page, rng: &mut ChaCha8Rng) -> Result<Page> {
    let printed = scaled(&thickened(page, 1.0, u8::min), 0.6)?;
    let grey =
        relit(&blurred(&printed, 0.7)?, rng, |grey, _, noise| 40.0 + 188.0 * grey / 255.0 + 4.0 * noise);
    jpeg(&grey, 75)
}

/// Strokes so many times as thick as they are, about the same middle line. Strokes of a few pixels would break if whole
/// pixels were taken off, so this is done on a larger page.
fn with_pen(page: &Page, times: f32) -> Result<Page> {
    /// Pixels of a stroke on that page.
    const FINE: f32 = 12.0;
    /// The probe of the stroke's width.
    const WIDTH: usize = 5;
    // the probe counts the sides of pixels along the outline: 4 / pi of its length, on average over directions
    let width = control::probe_page(page)[WIDTH] as f32 * 4.0 / std::f32::consts::PI;
    let factor = (FINE / width.max(1.0)).clamp(1.0, 4.0);
    let change = width * factor * (times - 1.0) / 2.0;
    let fine = scaled(page, factor)?;
    Ok(thickened(&fine, change.abs(), if change > 0.0 { u8::min } else { u8::max }))
}

/// Every pixel takes the `pick` of a disc around it: the darkest for a thicker pen, the lightest for a thinner.
fn thickened(page: &Page, radius: f32, pick: fn(u8, u8) -> u8) -> Page {
    let (width, height) = (i64::from(page.width), i64::from(page.height));
    let reach = radius as i64;
    let inside = |dx: i64, dy: i64| ((dx * dx + dy * dy) as f32) <= radius * radius;
    let disc: Vec<(i64, i64)> = (-reach..=reach)
        .flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)))
        .filter(|&(dx, dy)| inside(dx, dy))
        .collect();
    let mut grey = page.grey.clone();
    for (dx, dy) in disc {
        // a page narrower than the disc has nothing there
        let (from, to) = (dx.clamp(0, width), (width + dx.min(0)).max(dx.clamp(0, width)));
        for y in dy.max(0)..height + dy.min(0) {
            let row = |y: i64, x: i64| (y * width + x) as usize;
            let shifted = &page.grey[row(y, from)..row(y, to)];
            let picked = &mut grey[row(y - dy, from - dx)..row(y - dy, to - dx)];
            picked.iter_mut().zip(shifted).for_each(|(picked, &other)| *picked = pick(*picked, other));
        }
    }
    Page { grey, ..*page }
}
