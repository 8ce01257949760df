//! The edge of a scanned sheet.

use super::edge::Level;

/// From which share of the ink's depth on a pixel is part of a line.
const INK: f32 = 0.4;
/// How far in from the edge of the page a line is the edge of the sheet, as a share of the page ...
const RIM: f32 = 0.06;
/// ... and how much of the page it then runs along.
const RIM_LINE: f32 = 0.75;
/// How far its soft edge reaches, in pixels; so far aside it may be at its ends.
const RIM_SOFT: usize = 3;
/// It begins and ends so near to the edges of the page, in pixels. The first tall letter of a signature that is cut out
/// closely does not.
const RIM_END: usize = 3;

/// A scanner leaves straight lines where the sheet ends. Such a line, and what lies beyond it, goes.
pub(super) fn erase_lines(contrast: &mut [u8], width: usize, level: Level) {
    let ink = (INK * level.depth) as u8;
    let height = contrast.len() / width;
    let is_ink = |x: usize, y: usize| contrast[y * width + x] >= ink;
    let column = |x: &usize| is_line(*x, width, height, is_ink);
    let row = |y: &usize| is_line(*y, height, width, |y, x| is_ink(x, y));
    let (across, down) = ((RIM * width as f32) as usize, (RIM * height as f32) as usize);
    let left = (0..across).rev().find(column).map_or(0, |x| x + RIM_SOFT);
    let right = (width - across..width).find(column).map_or(width, |x| x.saturating_sub(RIM_SOFT));
    let top = (0..down).rev().find(row).map_or(0, |y| y + RIM_SOFT);
    let bottom = (height - down..height).find(row).map_or(height, |y| y.saturating_sub(RIM_SOFT));
    if (left, top, right, bottom) == (0, 0, width, height) {
        return;
    }
    for (at, value) in contrast.iter_mut().enumerate() {
        if !(left..right).contains(&(at % width)) || !(top..bottom).contains(&(at / width)) {
            *value = 0;
        }
    }
}

/// Whether a line runs along the page `at` a place across it, `is_ink(across, along)`.
fn is_line(at: usize, across: usize, along: usize, is_ink: impl Fn(usize, usize) -> bool) -> bool {
    let near = |reach: usize, place: usize| {
        (at.saturating_sub(reach)..(at + reach + 1).min(across)).any(|at| is_ink(at, place))
    };
    // it may be a little askew: its neighbours count as well
    let covered = (0..along).filter(|place| near(1, *place)).count();
    let end = RIM_END.min(along);
    covered as f32 > RIM_LINE * along as f32
        && (0..end).any(|place| near(RIM_SOFT, place))
        && (along - end..along).any(|place| near(RIM_SOFT, place))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, page};
    use super::super::{clean, frame};
    use super::*;

    #[test]
    fn the_edge_of_the_sheet_goes_and_the_ink_stays() {
        let plain = page();
        let lined = changed(&plain, |x, _, g| if (15..18).contains(&x) { 0.0 } else { g });
        let desk = changed(&plain, |_, y, g| if y < 6 { 30.0 } else { g });
        let expected = clean::ink(&plain).unwrap();
        for page in [lined, desk] {
            let ink = clean::ink(&page).unwrap();
            assert_eq!(frame::bounds(&ink), frame::bounds(&expected));
            let differ =
                ink.density.iter().zip(&expected.density).filter(|(a, b)| a.abs_diff(**b) > 64).count();
            assert!(differ < 60, "{differ}");
        }
    }

    #[test]
    fn a_line_is_from_edge_to_edge_and_a_tall_letter_is_not() {
        let (width, height) = (100, 60);
        let stem = |from: usize, to: usize| -> Vec<u8> {
            let ink = |x: usize, y: usize| (2..4).contains(&x) && (from..to).contains(&y);
            (0..width * height).map(|at| if ink(at % width, at / width) { 200 } else { 0 }).collect()
        };
        for (from, to, goes) in [(0, 60, true), (2, 58, true), (6, 58, false), (0, 50, false)] {
            let mut page = stem(from, to);
            let level = super::super::edge::ink_level(&page).unwrap();
            erase_lines(&mut page, width, level);
            assert_eq!(page.iter().all(|ink| *ink == 0), goes, "{from} to {to} of {height}");
            assert!(goes || page == stem(from, to));
        }
    }
}
