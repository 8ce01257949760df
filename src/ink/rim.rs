//! The edge of a scanned sheet.

use super::edge::Level;

/// From which share of the ink's depth on a pixel is part of a line.
const INK: f32 = 0.4;
/// How far in from the edge of the page a line is the edge of the sheet, as a share of the page ...
const RIM: f32 = 0.06;
/// ... and how much of the page it then runs along.
const RIM_LINE: f32 = 0.75;
/// How far its soft edge reaches, in pixels.
const RIM_SOFT: usize = 3;

/// A scanner leaves straight lines where the sheet ends. Such a line, and what lies beyond it, goes.
pub(super) fn erase_lines(contrast: &mut [u8], width: usize, level: Level) {
    let ink = (INK * level.depth) as u8;
    let height = contrast.len() / width;
    let is_ink = |x: usize, y: usize| contrast[y * width + x] >= ink;
    // a line may be a little askew: its neighbours count as well
    let around = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
    let runs = |along: usize, length: usize| along as f32 > RIM_LINE * length as f32;
    let column =
        |x: &usize| runs((0..height).filter(|y| around(*x, width).any(|x| is_ink(x, *y))).count(), height);
    let row =
        |y: &usize| runs((0..width).filter(|x| around(*y, height).any(|y| is_ink(*x, y))).count(), width);
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

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, page};
    use super::super::{clean, frame};

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
}
