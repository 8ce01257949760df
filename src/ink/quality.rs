//! What may make an answer less certain, told before any network runs.

use serde::{Deserialize, Serialize};

use super::background::Paper;
use super::{HALF, Ink, Page, frame};

/// Ink on the page's rim, in pixels of [`Ink`], from which a signature counts as cut off.
const RIM_PIXELS: usize = 4;
/// The least longer side of a signature, in page pixels, that shows how the pen went.
const LEAST_SIDE: f32 = 96.0;
/// How many times brighter than its darkest paper a page may be.
const MOST_SHADE: f32 = 1.4;
/// The least difference between paper and ink, as a share of the paper.
const LEAST_CONTRAST: f32 = 0.2;

/// A reason to trust an answer less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Quality {
    /// Ink runs off the page.
    ClippedAtEdge,
    /// The signature has few pixels.
    TooSmall,
    /// The paper is much darker in one place than in another.
    Shadowed,
    /// The ink is hardly darker than the paper.
    LowContrast,
}

impl Quality {
    /// What is wrong and what to do about it.
    pub fn message(self) -> &'static str {
        match self {
            Self::ClippedAtEdge => {
                "the signature is cut off at the edge of the image; leave white space around it"
            }
            Self::TooSmall => "the signature has few pixels; scan or photograph it larger",
            Self::Shadowed => "a shadow lies on the paper; light it evenly",
            Self::LowContrast => "the ink is pale; use a darker pen or more light",
        }
    }
}

/// Judges a page from which ink was taken, at the size of its ink; as it was given, it was `page_width` pixels wide.
pub(super) fn of_paper(page_width: u32, page: &Page, paper: &Paper, ink: &Ink) -> Vec<Quality> {
    let mut found = Vec::new();
    if rim_pixels(ink) >= RIM_PIXELS {
        found.push(Quality::ClippedAtEdge);
    }
    let to_page = page_width as f32 / ink.width.max(1) as f32;
    let side = frame::bounds(ink).map_or(0, |(left, top, right, bottom)| (right - left).max(bottom - top));
    if (side as f32 * to_page) < LEAST_SIDE {
        found.push(Quality::TooSmall);
    }
    let (darkest, brightest) = paper.range();
    if brightest > MOST_SHADE * darkest.max(1.0) {
        found.push(Quality::Shadowed);
    }
    if contrast(page, ink) < LEAST_CONTRAST {
        found.push(Quality::LowContrast);
    }
    found
}

/// Ink pixels on the outermost rows and columns.
fn rim_pixels(ink: &Ink) -> usize {
    let rows = || ink.density.chunks_exact(ink.width.max(1) as usize);
    let in_row = |row: Option<&[u8]>| row.map_or(0, |row| row.iter().filter(|v| **v >= HALF).count());
    let at_side = |v: Option<&u8>| usize::from(v.is_some_and(|v| *v >= HALF));
    let sides: usize = rows().map(|row| at_side(row.first()) + at_side(row.last())).sum();
    in_row(rows().next()) + in_row(rows().last()) + sides
}

/// How much darker than the rest of the page its ink is on average, as a share.
fn contrast(page: &Page, ink: &Ink) -> f32 {
    let mean = |is_ink: bool| {
        let of_kind = page.grey.iter().zip(&ink.density).filter(|(_, d)| (**d >= HALF) == is_ink);
        let (sum, count) = of_kind.fold((0_u64, 0_u64), |(sum, n), (g, _)| (sum + u64::from(*g), n + 1));
        if count > 0 { sum as f32 / count as f32 } else { 0.0 }
    };
    1.0 - mean(true) / mean(false).max(1.0)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, page, white};
    use super::super::{FrameSize, prepare};
    use super::*;

    fn found(page: &Page) -> Vec<Quality> {
        prepare(page, FrameSize::ink(160, 80)).unwrap().quality
    }

    #[test]
    fn a_good_page_has_no_remarks() {
        assert_eq!(found(&page()), []);
    }

    #[test]
    fn each_defect_is_named() {
        let page = page();
        let cut = Page {
            width: page.width / 2,
            height: page.height,
            grey: page
                .grey
                .chunks(page.width as usize)
                .flat_map(|row| &row[..row.len() / 2])
                .copied()
                .collect(),
            ..page
        };
        assert_eq!(found(&cut), [Quality::ClippedAtEdge]);
        let shade = changed(&page, |x, _, g| g * (1.0 - 0.6 * x as f32 / 880.0));
        assert_eq!(found(&shade), [Quality::Shadowed]);
        let pale = changed(&page, |_, _, g| 215.0 + g / 255.0 * 30.0);
        assert_eq!(found(&pale), [Quality::LowContrast]);
        let tiny = changed(&white(200, 150), |x, y, g| {
            let (x, y) = (x as f32 - 80.0, y as f32 - 70.0);
            let wave = 8.0 * (x / 4.0).sin();
            if (0.0..60.0).contains(&x) && (y - wave).abs() < 2.0 { 0.0 } else { g }
        });
        assert_eq!(found(&tiny), [Quality::TooSmall]);
    }

    #[test]
    fn names_are_stable_and_messages_say_what_to_do() {
        let names = [
            (Quality::ClippedAtEdge, "\"clipped-at-edge\""),
            (Quality::TooSmall, "\"too-small\""),
            (Quality::Shadowed, "\"shadowed\""),
            (Quality::LowContrast, "\"low-contrast\""),
        ];
        for (quality, name) in names {
            assert_eq!(serde_json::to_string(&quality).unwrap(), name);
            assert!(quality.message().contains(';'));
        }
    }
}
