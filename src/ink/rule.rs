//! The line that a form has for the signature, ruled paper, and the sides of a box around it.

use super::edge::Level;
use super::straight::{Run, Straight, Way};

/// From which share of the ink's depth on a pixel is part of a line.
const INK: f32 = 0.4;
/// How much of the page a level line runs along, and an upright one: hands draw those, too, but not as long.
const LONG: f32 = 0.5;
const HIGH: f32 = 0.7;
/// The fewest pixels of a line: over less, a steady hand is as straight as print, unless the line is the side of a box,
/// corner to corner, whose other sides are longer.
const FEWEST: usize = 160;
/// How far a line goes on beyond all other ink, both sides together, as a share of its length. Headlines of Indian scripts
/// and the strokes that hands draw below a name end with it. Or it goes from one edge of the page to the other, all but
/// these pixels and the gap of a dotted line.
const BEYOND: f32 = 0.25;
const EDGE: usize = 3;
/// So many long lines side by side, by their slopes, are ruled or squared paper: no hand draws them, however far their
/// ends are from the edge.
const PAPER: usize = 4;
const BESIDE: f32 = 0.01;
/// All other ink lies between where this share of it and all but this share has passed: a corner of a box is no ink.
const FEW: f32 = 0.01;
/// How far a line's soft edge reaches, in pixels.
const SOFT: usize = 1;
/// The sides of a box meet, all but this share of the page's longer side.
const MEET: f32 = 0.01;

/// Takes printed lines off a page, level and upright ones; what crosses them stays. Tells whether there was one.
pub(super) fn erase(contrast: &mut [u8], width: usize, level: Level) -> bool {
    let height = contrast.len() / width.max(1);
    let ink = (INK * level.depth).max(1.0) as u8;
    let rows = Way { step: 1, length: width, across: width, span: height };
    let columns = Way { step: width, length: height, across: 1, span: width };
    let meet = MEET * width.max(height) as f32;
    let (levels, uprights) = (rows.lines(contrast, ink), columns.lines(contrast, ink));
    let (levels, uprights) = (lines(&levels, &uprights, meet), lines(&uprights, &levels, meet));
    if levels.is_empty() && uprights.is_empty() {
        return false;
    }
    let mut rest = contrast.to_vec();
    levels.iter().for_each(|line| blank(&mut rest, &rows, &line.runs));
    uprights.iter().for_each(|line| blank(&mut rest, &columns, &line.runs));
    let printed_levels = printed(&levels, &rows, LONG, extent(&rest, &rows, ink), &uprights, meet);
    let printed_uprights = printed(&uprights, &columns, HIGH, extent(&rest, &columns, ink), &levels, meet);
    printed_levels.iter().for_each(|line| blank(contrast, &rows, &line.runs));
    printed_uprights.iter().for_each(|line| blank(contrast, &columns, &line.runs));
    for line in &printed_levels {
        // where two lines cross, neither is thin until the other is gone
        let left = |upright: &&Straight| rows.left_at(line, line.crosses(upright), contrast, ink, 2 * SOFT);
        let left: Vec<Run> = printed_uprights.iter().flat_map(left).collect();
        blank(contrast, &rows, &left);
    }
    !printed_levels.is_empty() || !printed_uprights.is_empty()
}

/// Those of the lines one way that are long enough for print, or end at two of the `others` that are.
fn lines<'a>(found: &'a [Straight], others: &[Straight], meet: f32) -> Vec<&'a Straight> {
    let is_enough = |line: &&Straight| line.length() >= FEWEST;
    let long: Vec<&Straight> = others.iter().filter(is_enough).collect();
    found.iter().filter(|line| is_enough(line) || is_side(line, &long, meet)).collect()
}

/// Those of the lines one way that no hand drew. All other ink lies within `extent`; where there is none, nobody signed.
fn printed<'a>(
    lines: &[&'a Straight],
    way: &Way,
    least: f32,
    extent: Option<(usize, usize)>,
    others: &[&Straight],
    meet: f32,
) -> Vec<&'a Straight> {
    let is_long = |line: &Straight| line.length() as f32 >= least * way.length as f32;
    let is_paper = |line: &Straight| {
        let beside = |other: &&&Straight| is_long(other) && (other.slope() - line.slope()).abs() <= BESIDE;
        lines.iter().filter(beside).count() >= PAPER
    };
    let stands_out = |line: &Straight| extent.is_none_or(|extent| stands_out(line, way, extent));
    let is_printed = |line: &&&Straight| {
        is_long(line) && (is_paper(line) || stands_out(line)) || is_side(line, others, meet)
    };
    lines.iter().filter(is_printed).copied().collect()
}

fn blank(contrast: &mut [u8], way: &Way, runs: &[Run]) {
    for run in runs {
        for place in run.from.saturating_sub(SOFT)..(run.to + SOFT).min(way.span) {
            contrast[run.at * way.step + place * way.across] = 0;
        }
    }
}

/// Where ink begins and ends along a way, all but a [`FEW`] of it.
fn extent(contrast: &[u8], way: &Way, ink: u8) -> Option<(usize, usize)> {
    let at =
        |at: usize| (0..way.span).filter(|place| contrast[at * way.step + place * way.across] >= ink).count();
    let counts: Vec<usize> = (0..way.length).map(at).collect();
    let few = (FEW * counts.iter().sum::<usize>() as f32) as usize;
    let from = passed(counts.iter(), few)?;
    let after = passed(counts.iter().rev(), few)?;
    Some((from, way.length - 1 - after))
}

/// Where the sum of the counts passes `few`.
fn passed<'a>(mut counts: impl Iterator<Item = &'a usize>, few: usize) -> Option<usize> {
    let mut sum = 0;
    counts.position(|count| {
        sum += count;
        sum > few
    })
}

/// Whether a line runs across the page or far beyond the ink, which lies from one place to another.
fn stands_out(line: &Straight, way: &Way, (from, to): (usize, usize)) -> bool {
    let beyond = from.saturating_sub(line.from) + line.to.saturating_sub(to);
    let edge = EDGE + line.gap;
    let across = line.from <= edge && line.to + edge >= way.length - 1;
    across || beyond as f32 >= BEYOND * line.length() as f32
}

/// Whether a line goes from one of the `others` to the next, as the sides of a box do; a short one from corner to corner,
/// for a letter may stand between two ruled lines.
fn is_side(line: &Straight, others: &[&Straight], meet: f32) -> bool {
    let is_short = line.length() < FEWEST;
    let ends_at = |place: usize| {
        let across = line.across(place);
        let is_at = |end: usize| (end as f32 - across).abs() <= meet;
        let within = |other: &Straight| {
            (other.from as f32 - meet..=other.to as f32 + meet).contains(&across)
                && (other.across(across.max(0.0) as usize) - place as f32).abs() <= meet
                && (!is_short || is_at(other.from) || is_at(other.to))
        };
        others.iter().any(|other| within(other))
    };
    ends_at(line.from) && ends_at(line.to)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, page, white};
    use super::super::strokes::{self, Point};
    use super::super::{HALF, Ink, Page, clean};
    use super::*;

    /// A line of this many pixels, so far down the page, with a little slope; `drawn` says where along it there is ink.
    fn ruled(page: &Page, down: f32, thick: f32, drawn: impl Fn(u32) -> bool) -> Page {
        let middle = down * page.height as f32;
        changed(page, |x, y, grey| {
            let off = (y as f32 - middle - 0.01 * (x as f32 - page.width as f32 / 2.0)).abs();
            let cover = (thick / 2.0 + 0.5 - off).clamp(0.0, 1.0);
            if drawn(x) { grey.min(255.0 - 190.0 * cover) } else { grey }
        })
    }

    fn differing(one: &Ink, other: &Ink) -> usize {
        one.density.iter().zip(&other.density).filter(|(a, b)| (**a >= HALF) != (**b >= HALF)).count()
    }

    fn ink_pixels(ink: &Ink) -> usize {
        ink.density.iter().filter(|density| **density >= HALF).count()
    }

    #[test]
    fn what_is_signed_on_a_line_keeps_its_strokes_alone() {
        let page = page();
        let plain = clean::ink(&page).unwrap();
        let across = |_: u32| true;
        let (left, right) = (page.width / 12, page.width - page.width / 12);
        let field = |x: u32| (left..right).contains(&x);
        let boxed = |down: f32| ruled(&ruled(&page, down, 2.0, field), 0.9, 2.0, field);
        let boxed = changed(&boxed(0.1), |x, y, grey| {
            let inside = (page.height / 10..page.height * 9 / 10).contains(&y);
            if inside && (x.abs_diff(left) < 2 || x.abs_diff(right) < 2) { grey.min(60.0) } else { grey }
        });
        let pages = [
            ("line", ruled(&page, 0.6, 2.0, across)),
            ("thick line", ruled(&page, 0.7, 4.0, across)),
            ("dots", ruled(&page, 0.6, 3.0, |x| x % 8 < 4)),
            ("paper", (1..9).fold(page.clone(), |page, line| ruled(&page, 0.1 * line as f32, 1.5, across))),
            ("box", boxed),
        ];
        for (name, page) in pages {
            let ink = clean::ink(&page).unwrap();
            let share = differing(&ink, &plain) as f32 / ink_pixels(&plain) as f32;
            // the strokes that run along the line go with it
            assert!(share < 0.03, "{name}: {share}");
        }
    }

    /// Half as wide and half as high.
    fn halved(page: &Page) -> Page {
        let (width, height) = (page.width / 2, page.height / 2);
        let at = |x: u32, y: u32| u16::from(page.grey[(y * page.width + x) as usize]);
        let mean = |x: u32, y: u32| (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4;
        let grey = (0..height).flat_map(|y| (0..width).map(move |x| mean(2 * x, 2 * y) as u8));
        Page { width, height, grey: grey.collect(), ..*page }
    }

    #[test]
    fn the_short_sides_of_a_wide_box_go_too() {
        let page = halved(&page());
        let plain = clean::ink(&page).unwrap();
        let (left, right) = (page.width / 12, page.width - page.width / 12);
        let field = |x: u32| (left..right).contains(&x);
        let level = ruled(&ruled(&page, 0.1, 2.0, field), 0.9, 2.0, field);
        let boxed = changed(&level, |x, y, grey| {
            let inside = (page.height / 10..page.height * 9 / 10).contains(&y);
            if inside && (x.abs_diff(left) < 2 || x.abs_diff(right) < 2) { grey.min(60.0) } else { grey }
        });
        let ink = clean::ink(&boxed).unwrap();
        assert!(page.height * 8 / 10 < FEWEST as u32, "not short: {}", page.height);
        let share = differing(&ink, &plain) as f32 / ink_pixels(&plain) as f32;
        assert!(share < 0.08, "{share}");
    }

    /// Upright strokes between two ruled lines of a low page, as the letter l has one.
    #[test]
    fn letters_between_two_ruled_lines_stay() {
        let white = white(600, 70);
        let stems = |page: &Page| {
            changed(page, |x, y, grey| {
                let off = |middle: f32, lean: f32| (x as f32 - middle - lean * y as f32).abs();
                let stem = off(200.0, 0.03).min(off(300.0, 0.02)).min(off(400.0, 0.04)) < 1.5;
                if stem && (14..54).contains(&y) { grey.min(40.0) } else { grey }
            })
        };
        let lines = |page: &Page| {
            changed(page, |x, y, grey| {
                let line = y.abs_diff(15) < 2 || y.abs_diff(52) < 2;
                if line && (20..580).contains(&x) { grey.min(60.0) } else { grey }
            })
        };
        let contrast = |page: &Page| page.grey.iter().map(|grey| 255 - grey).collect::<Vec<u8>>();
        let mut page = contrast(&lines(&stems(&white)));
        let level = super::super::edge::ink_level(&page).unwrap();
        assert!(erase(&mut page, 600, level));
        let stems = contrast(&stems(&white));
        let within = |at: usize| (22 * 600..46 * 600).contains(&at);
        assert!((0..page.len()).filter(|&at| within(at)).all(|at| page[at] == stems[at]));
    }

    /// What stands on the level of a line, but apart from it, neither saves it nor goes with it.
    #[test]
    fn specks_and_fields_beside_a_line_do_not_save_it() {
        let page = page();
        let plain = clean::ink(&page).unwrap();
        let (end, date) = (page.width * 6 / 10, page.width * 8 / 10);
        for beyond in [date..date + 4, date..page.width * 98 / 100] {
            let field = |x: u32| (page.width / 12..end).contains(&x) || beyond.contains(&x);
            let ink = clean::ink(&ruled(&page, 0.9, 2.0, field)).unwrap();
            let line = |x: u32| (page.width / 12..end).contains(&x);
            let without = clean::ink(&ruled(&page, 0.9, 2.0, |x| !line(x) && field(x))).unwrap();
            let share = differing(&ink, &without) as f32 / ink_pixels(&plain) as f32;
            assert!(share < 0.05, "{beyond:?}: {share}");
        }
    }

    /// Squares of paper as large as a seventh of the page's height.
    fn squared(page: &Page) -> Page {
        let side = page.height as f32 / 7.0;
        let near = |v: f32| {
            let part = (v / side + 0.4).rem_euclid(1.0);
            part.min(1.0 - part) * side
        };
        changed(page, |x, y, grey| {
            let (x, y) = (x as f32 + 0.01 * y as f32, y as f32 - 0.01 * x as f32);
            let cover = (1.5 - near(x).min(near(y))).clamp(0.0, 1.0);
            grey.min(255.0 - 150.0 * cover)
        })
    }

    #[test]
    fn squared_paper_goes_with_the_dots_where_its_lines_cross() {
        let page = page();
        let plain = clean::ink(&page).unwrap();
        let ink = clean::ink(&squared(&page)).unwrap();
        let share = differing(&ink, &plain) as f32 / ink_pixels(&plain) as f32;
        assert!(share < 0.06, "{share}");
        let nothing = clean::ink(&squared(&white(880, 300))).unwrap_err().code();
        assert!(["blank-page", "too-little-ink"].contains(&nothing), "{nothing}");
    }

    #[test]
    fn a_form_that_nobody_signed_is_blank() {
        let blank = white(880, 300);
        let field = |x: u32| (100..780).contains(&x);
        for form in [ruled(&blank, 0.6, 2.0, |_| true), ruled(&blank, 0.6, 2.0, field)] {
            assert_eq!(clean::ink(&form).unwrap_err().code(), "blank-page");
        }
    }

    #[test]
    fn what_hands_draw_below_a_name_stays() {
        let at = |x: f32, y: f32| Point { x, y, t: 0.0, pressure: 0.5 };
        let loops: Vec<Point> = (0..200)
            .map(|i| i as f32 / 8.0)
            .map(|t| at(20.0 * t + 30.0 * t.sin(), 60.0 * (1.3 * t).cos()))
            .collect();
        // bent as a hand bends it; and straight, but no longer than the name
        let bent =
            (0..=60).map(|i| i as f32 / 60.0).map(|t| at(700.0 * t - 100.0, 90.0 + 25.0 * t * (1.0 - t)));
        for below in [bent.collect(), vec![at(0.0, 95.0), at(500.0, 100.0)]] {
            let page = strokes::page(&[loops.clone(), below]).unwrap();
            let mut contrast: Vec<u8> = page.grey.iter().map(|grey| 255 - grey).collect();
            let level = super::super::edge::ink_level(&contrast).unwrap();
            assert!(!erase(&mut contrast, page.width as usize, level));
        }
    }

    #[test]
    fn a_page_of_stripes_is_paper() {
        for (width, height, apart) in
            [(1280, 1280, 45), (1280, 1280, 4), (1280, 1, 4), (1, 1280, 4), (7, 3, 4)]
        {
            let mut contrast: Vec<u8> =
                (0..width * height).map(|at| if (at / width) % apart < 2 { 200 } else { 0 }).collect();
            let Some(level) = super::super::edge::ink_level(&contrast) else { continue };
            let erased = erase(&mut contrast, width, level);
            // between lines of two pixels, two apart, no line is seen
            assert!(height * width < 1280 * 1280 || erased == (apart == 45), "{apart}");
            assert!(!erased || contrast.iter().all(|&value| value == 0));
        }
    }
}
