//! A grey page to ink alone: the paper is flattened, printed lines and specks are dropped, the ink level is fixed.

use image::{ImageBuffer, Luma, imageops};

use super::background::Paper;
use super::components::{Component, label};
use super::{HALF, Ink, Page, edge, pieces, rim, rule};
use crate::error::{Error, Result};

/// The longest side of [`Ink`] in pixels; larger pages are averaged down to it.
pub const WORKING_SIDE: u32 = 1280;
/// The shortest signature, in stroke widths along the line.
const LEAST_LENGTH: f32 = 8.0;
/// The smallest signature: its longer side in pixels.
const LEAST_SIDE: u32 = 12;
/// How far from the page's middle grey a pixel is when it is not paper.
const OFF_PAPER: usize = 40;
/// Paper darker than this is dark.
const DARK_PAPER: usize = 100;

/// Cleans a page.
///
/// # Errors
/// [`Error::BlankPage`] where nothing is darker than the paper, [`Error::TooLittleInk`] where there
/// is no more than a dot, [`Error::EmptyImage`] and [`Error::DamagedImage`] for an impossible page.
pub fn ink(page: &Page) -> Result<Ink> {
    page.check()?;
    let page = working_copy(page);
    from_paper(&page, &Paper::estimate(&page))
}

/// [`ink`] of a page that is a [`working_copy`].
pub(super) fn from_paper(page: &Page, paper: &Paper) -> Result<Ink> {
    let width = page.width as usize;
    let mut contrast = paper.contrast(page);
    let mut level = edge::ink_level(&contrast).ok_or(Error::BlankPage)?;
    if !page.is_drawn {
        rim::erase_lines(&mut contrast, width, level);
        if rule::erase(&mut contrast, width, level) {
            level = edge::ink_level(&contrast).ok_or(Error::BlankPage)?;
        }
    }
    let mut density = edge::over_edge(&contrast, width, level, |x, y| paper.noise(x, y));
    let (labels, found) = label(&density, width, HALF);
    let (kept, stroke) = pieces::sift(page, &contrast, level, &labels, &found);

    let main = || found.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(piece, _)| *piece);
    let Some(all) = main().reduce(Component::union) else {
        return Err(Error::TooLittleInk("only specks".into()));
    };
    if all.longer_side() < LEAST_SIDE || (all.area as f32) < LEAST_LENGTH * stroke * stroke {
        return Err(Error::TooLittleInk("no more than a dot".into()));
    }
    for (value, piece) in density.iter_mut().zip(&labels) {
        if *piece == 0 || !kept[*piece as usize - 1] {
            *value = 0;
        }
    }
    Ok(Ink { width: page.width, height: page.height, density })
}

/// The page at working size, dark ink on light paper.
pub(super) fn working_copy(page: &Page) -> Page {
    let longer = page.width.max(page.height);
    let mut copy = if longer <= WORKING_SIDE {
        page.clone()
    } else {
        let side = |s: u32| (u64::from(s) * u64::from(WORKING_SIDE) / u64::from(longer)).max(1) as u32;
        let whole: Option<ImageBuffer<Luma<u8>, &[u8]>> =
            ImageBuffer::from_raw(page.width, page.height, &page.grey);
        let small = whole.map(|w| imageops::thumbnail(&w, side(page.width), side(page.height)));
        small.map_or_else(
            || page.clone(),
            |s| Page { width: s.width(), height: s.height(), grey: s.into_raw(), ..*page },
        )
    };
    if is_inverse(&copy) {
        copy.grey.iter_mut().for_each(|g| *g = 255 - *g);
    }
    copy
}

/// Light ink on dark paper, as on a dark-mode canvas: most of the page is dark and what differs from
/// it is lighter.
fn is_inverse(page: &Page) -> bool {
    let mut histogram = [0_usize; 256];
    page.grey.iter().for_each(|g| histogram[usize::from(*g)] += 1);
    let mut below = 0;
    let middle = histogram.iter().position(|n| {
        below += n;
        2 * below > page.grey.len()
    });
    let middle = middle.unwrap_or(255);
    let darker: usize = histogram[..middle.saturating_sub(OFF_PAPER)].iter().sum();
    let lighter: usize = histogram[(middle + OFF_PAPER).min(256)..].iter().sum();
    middle < DARK_PAPER && lighter > 4 * darker
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, disc, noise, page, white};
    use super::*;

    fn code(page: &Page) -> &'static str {
        ink(page).unwrap_err().code()
    }

    fn ink_at(ink: &Ink, x: u32, y: u32) -> bool {
        ink.density[(y * ink.width + x) as usize] >= HALF
    }

    #[test]
    fn a_page_without_ink_is_blank() {
        assert_eq!(code(&white(300, 200)), "blank-page");
        assert_eq!(code(&changed(&white(300, 200), |_, _, _| 0.0)), "blank-page");
        let grain = changed(&white(300, 200), |x, y, _| 220.0 + 6.0 * noise(x, y));
        assert!(["blank-page", "too-little-ink"].contains(&code(&grain)));
        assert_eq!(code(&changed(&white(300, 200), |x, y, _| 250.0 - 0.3 * (x + y) as f32)), "blank-page");
    }

    #[test]
    fn a_dot_is_too_little() {
        for radius in [1.0, 4.0, 30.0] {
            let mut page = white(300, 200);
            disc(&mut page, 150.0, 100.0, radius);
            assert_eq!(code(&page), "too-little-ink", "{radius}");
        }
        let mut one_pixel = white(300, 200);
        one_pixel.grey[30_000] = 0;
        assert_eq!(code(&one_pixel), "too-little-ink");
    }

    #[test]
    fn specks_go_and_marks_stay() {
        let mut page = page();
        // more paper below, with a dot on it
        page.grey.resize(page.grey.len() + 200 * page.width as usize, 255);
        page.height += 200;
        let (x, y) = (page.width - 40, page.height - 40);
        disc(&mut page, x as f32, y as f32, 4.0);
        page.grey[(50 * page.width + 300) as usize] = 0;
        let ink = ink(&page).unwrap();
        assert!(!ink_at(&ink, x, y), "a stray dot in the corner");
        assert!(!ink_at(&ink, 300, 50), "one dark pixel");
        // the dot of the i is the only ink in the uppermost rows
        let rows = ink.density.chunks(ink.width as usize);
        let top = rows.clone().position(|row| row.iter().any(|v| *v >= HALF)).unwrap();
        assert!((35..45).contains(&top), "{top}");
    }

    #[test]
    fn large_pages_are_worked_on_small() {
        let small = page();
        let large = Page {
            width: small.width * 4,
            height: small.height * 4,
            grey: (0..small.height * 4)
                .flat_map(|y| (0..small.width * 4).map(move |x| (x / 4, y / 4)))
                .map(|(x, y)| small.grey[(y * small.width + x) as usize])
                .collect(),
            ..small
        };
        let ink = ink(&large).unwrap();
        assert_eq!(ink.width, WORKING_SIDE);
        assert_eq!(ink.density.len() as u32, ink.width * ink.height);
    }

    #[test]
    fn extreme_shapes_are_handled() {
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (3, 2)] {
            assert_eq!(code(&white(width, height)), "blank-page");
        }
    }
}
