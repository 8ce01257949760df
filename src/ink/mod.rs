//! From whatever was handed in to the picture that the networks see.
//!
//! ```text
//! bytes of an image file --decode--+
//! RGBA of a canvas -------decode---+--> Page --clean--> Ink --frame--> Frame
//! pen strokes ----------strokes----+
//! ```
//!
//! For pictures that are no writing there is a shorter way, from the page straight to a frame ([`Stage::Grey`]).
//!
//! This is the only preprocessing in the project: training, evaluation, the native programs and the
//! browser all call [`prepare`]. It keeps the shape that the pen drew and throws away what scanner,
//! paper and pen added, because a forgery must not be told by how it was scanned.

mod background;
pub mod clean;
mod components;
pub mod decode;
mod edge;
pub mod frame;
mod grey;
mod light;
mod pen;
mod pieces;
pub(crate) mod pressure;
pub mod quality;
mod rim;
mod rule;
#[cfg(all(test, not(target_family = "wasm")))]
pub(crate) mod sample;
mod straight;
pub mod strokes;
mod thin;
pub mod turn;

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
pub use quality::Quality;

/// The density from which a pixel counts as ink.
const HALF: u8 = 128;

/// A grey picture of a sheet of paper: row-major, 255 = paper, 0 = the darkest ink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub width: u32,
    pub height: u32,
    /// `width * height` values.
    pub grey: Vec<u8>,
    /// Whether it was drawn from pen strokes, so that there is nothing on it but ink: no print, no edge of a sheet.
    pub is_drawn: bool,
}

impl Page {
    /// A scanned page of the given values.
    ///
    /// # Errors
    /// [`Error::EmptyImage`] without pixels, [`Error::DamagedImage`] where the number of values is
    /// not `width * height`.
    pub fn new(width: u32, height: u32, grey: Vec<u8>) -> Result<Self> {
        let page = Self { width, height, grey, is_drawn: false };
        page.check()?;
        Ok(page)
    }

    /// The fields are public, so whoever reads the values by position asks first.
    fn check(&self) -> Result<()> {
        if self.width == 0 || self.height == 0 {
            return Err(Error::EmptyImage { width: self.width, height: self.height });
        }
        if self.grey.len() as u64 != u64::from(self.width) * u64::from(self.height) {
            return Err(Error::DamagedImage(format!(
                "{} grey values for {} x {} pixels",
                self.grey.len(),
                self.width,
                self.height
            )));
        }
        Ok(())
    }
}

/// Cleaned ink on the whole page: row-major, 0 = paper, 255 = ink. Its longer side is at most
/// [`clean::WORKING_SIDE`]; a larger page was scaled down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    pub width: u32,
    pub height: u32,
    /// `width * height` values.
    pub density: Vec<u8>,
}

/// What a network sees: row-major, 0..=255 stands for ink 0..1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    /// `width * height` values.
    pub density: Vec<u8>,
}

/// Width and height of a [`Frame`] in pixels, and how a page becomes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameSize {
    pub width: u32,
    pub height: u32,
    #[serde(default, skip_serializing_if = "Stage::is_ink")]
    pub stage: Stage,
}

impl FrameSize {
    /// Frames of ink.
    pub const fn ink(width: u32, height: u32) -> Self {
        Self { width, height, stage: Stage::Ink }
    }
}

/// What is done to a page before a network sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Stage {
    /// Cleaned, cropped to its ink and redrawn with a pen of one width: signatures and other writing.
    #[default]
    Ink,
    /// The same, as dark as each stroke is wide against the others of the signature.
    Pressure,
    /// The whole page in grey: anything else.
    Grey,
}

/// As in a configuration.
impl Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ink => "ink",
            Self::Pressure => "pressure",
            Self::Grey => "grey",
        })
    }
}

impl Stage {
    // serde hands over a reference
    fn is_ink(&self) -> bool {
        *self == Self::Ink
    }
}

/// Where a frame lies on its page, in page pixels. A frame keeps a margin around the ink, so it may
/// reach beyond the page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Crop {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// A page made ready for a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub frame: Frame,
    /// What may make the answer less certain; empty for a good page.
    pub quality: Vec<Quality>,
    /// Where the frame lies on the page.
    pub crop: Crop,
}

/// Cleans a page, judges it and frames its ink.
///
/// # Errors
/// [`Error::BlankPage`] and [`Error::TooLittleInk`] where there is no signature to compare;
/// [`Error::EmptyImage`] and [`Error::DamagedImage`] where the page is no picture;
/// [`Error::InvalidOption`] for a frame size outside [`frame::SIDES`].
pub fn prepare(page: &Page, size: FrameSize) -> Result<Prepared> {
    if size.stage == Stage::Grey {
        frame::check(size).map_err(Error::InvalidOption)?;
        page.check()?;
        let (frame, crop) = grey::place(page, size)?;
        return Ok(Prepared { frame, quality: Vec::new(), crop });
    }
    Ok(steps(page, size)?.prepared)
}

/// What [`prepare`] passes through on its way from a page to a frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// The page as it is worked on: its longer side is at most [`clean::WORKING_SIDE`], light ink on dark paper is
    /// turned into dark on light. For the stage [`Stage::Grey`] the page as it was given.
    pub working: Page,
    /// For the stage [`Stage::Grey`], which looks for no ink, the page with dark as high.
    pub ink: Ink,
    pub prepared: Prepared,
}

/// [`prepare`], step by step.
///
/// # Errors
/// As [`prepare`].
pub fn steps(page: &Page, size: FrameSize) -> Result<Steps> {
    frame::check(size).map_err(Error::InvalidOption)?;
    page.check()?;
    if size.stage == Stage::Grey {
        let ink = Ink {
            width: page.width,
            height: page.height,
            density: page.grey.iter().map(|grey| 255 - grey).collect(),
        };
        return Ok(Steps { working: page.clone(), ink, prepared: prepare(page, size)? });
    }
    let working = clean::working_copy(page);
    let paper = background::Paper::estimate(&working);
    let ink = clean::from_paper(&working, &paper)?;
    let quality = quality::of_paper(page.width, &working, &paper, &ink);
    let (frame, on_ink) = frame::place(&ink, size);
    let (sx, sy) = (page.width as f32 / ink.width as f32, page.height as f32 / ink.height as f32);
    let crop =
        Crop { x: on_ink.x * sx, y: on_ink.y * sy, width: on_ink.width * sx, height: on_ink.height * sy };
    Ok(Steps { working, ink, prepared: Prepared { frame, quality, crop } })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
