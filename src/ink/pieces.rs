//! Which pieces of dark are ink, and which are specks, stains and ruled lines.

use super::Page;
use super::components::Component;
use super::edge::Level;

/// A piece of ink holds a pixel of at least this share of the page's ink depth: stains do not.
const STRONG: f32 = 0.4;
/// The smallest piece kept, in squared stroke widths: the dot of an i has about one.
const LEAST_PIECE: f32 = 0.4;
/// A piece below this many squared stroke widths is small ...
const SMALL_PIECE: f32 = 3.0;
/// ... and goes if nothing larger is within this share of the signature's diagonal.
const STRAY: f32 = 0.08;
/// How many larger pieces are asked.
const MOST_PIECES: usize = 256;
/// How near the edge, as a share of the page's shorter side, all of a piece is a rim ...
const LID: f32 = 0.02;
/// ... and a straight level piece is a ruled line: its width and length in stroke widths, and its slope.
const RULED: f32 = 0.1;
const RULED_WIDTH: f32 = 1.5;
const RULED_SLOPE: f32 = 0.02;
const RULED_LENGTH: f32 = 12.0;

/// Which pieces are kept, and the mean stroke width in pixels.
///
/// `labels` holds for each pixel the number of its piece, from 1; `level` tells how dark the ink is.
pub(super) fn sift(
    page: &Page,
    contrast: &[u8],
    level: Level,
    labels: &[u32],
    pieces: &[Component],
) -> (Vec<bool>, f32) {
    let mut kept = strong_pieces(labels, pieces.len(), contrast, (STRONG * level.depth) as u8);
    let stroke = stroke_width(labels, page.width as usize, |n| kept[n as usize - 1]);
    kept.iter_mut().zip(pieces).for_each(|(kept, piece)| *kept = *kept && is_ink(piece, stroke, page));
    drop_strays(pieces, &mut kept, stroke);
    (kept, stroke)
}

fn strong_pieces(labels: &[u32], count: usize, contrast: &[u8], strong: u8) -> Vec<bool> {
    let mut is_strong = vec![false; count];
    for (piece, value) in labels.iter().zip(contrast) {
        if *piece > 0 && *value >= strong {
            is_strong[*piece as usize - 1] = true;
        }
    }
    is_strong
}

/// Mean stroke width in pixels: a long stroke has twice its area over its outline.
fn stroke_width(labels: &[u32], width: usize, counts: impl Fn(u32) -> bool) -> f32 {
    let (mut area, mut outline) = (0_u64, 0_u64);
    for (at, piece) in labels.iter().enumerate().filter(|(_, n)| **n > 0) {
        if counts(*piece) {
            area += 1;
            let x = at % width;
            let paper = |there: bool, at: usize| !there || labels.get(at).is_none_or(|n| *n == 0);
            outline += u64::from(paper(x > 0, at.wrapping_sub(1)))
                + u64::from(paper(x + 1 < width, at + 1))
                + u64::from(paper(at >= width, at.wrapping_sub(width)))
                + u64::from(paper(true, at + width));
        }
    }
    // pixel edges overstate the outline of a line in a random direction by 4 / pi
    let outline = outline as f32 * std::f32::consts::FRAC_PI_4;
    if outline > 0.0 { (2.0 * area as f32 / outline).max(1.0) } else { 1.0 }
}

/// Neither a speck, nor a dark rim left by the scanner's lid, nor a ruled line where the sheet ends:
/// no hand draws one so straight and so level.
fn is_ink(piece: &Component, stroke: f32, page: &Page) -> bool {
    let within = |share: f32| {
        let band = (share * page.width.min(page.height) as f32).max(3.0) as u32;
        piece.right < band
            || piece.bottom < band
            || piece.left + band >= page.width
            || piece.top + band >= page.height
    };
    let length = piece.longer_side() as f32;
    let is_ruled = length >= RULED_LENGTH * stroke
        && piece.shorter_side() as f32 <= RULED_WIDTH * stroke + RULED_SLOPE * length;
    let is_of_the_sheet = within(LID) || is_ruled && within(RULED);
    piece.area as f32 >= LEAST_PIECE * stroke * stroke && (page.is_drawn || !is_of_the_sheet)
}

/// Drops small pieces far from all that is not small: a speck in a corner would shrink the signature
/// within its frame. The dot of an i and the marks of Devanagari stay close to their letters.
fn drop_strays(pieces: &[Component], kept: &mut [bool], stroke: f32) {
    let is_small = |p: &Component| (p.area as f32) < SMALL_PIECE * stroke * stroke;
    let mut large: Vec<Component> =
        pieces.iter().zip(&*kept).filter(|(p, kept)| **kept && !is_small(p)).map(|(p, _)| *p).collect();
    large.sort_by_key(|p| std::cmp::Reverse(p.area));
    // a picture of noise must not take quadratic time; a signature has a few dozen pieces
    large.truncate(MOST_PIECES);
    let Some(main) = large.iter().copied().reduce(Component::union) else { return };
    let allowed = STRAY * ((main.right - main.left) as f32).hypot((main.bottom - main.top) as f32);
    for (piece, kept) in pieces.iter().zip(kept) {
        let far = |p: &Component| piece.distance(p) > allowed;
        *kept = *kept && !(is_small(piece) && large.iter().all(far));
    }
}
