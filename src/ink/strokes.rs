//! Pen strokes to a grey page: what a pad or tablet records is drawn with a round pen, anti-aliased,
//! and from there on treated like a scan.

use serde::{Deserialize, Serialize};

use super::Page;
use crate::error::{Error, Result};

/// The most points that a signature may have.
pub const MAX_POINTS: usize = 65_536;
/// The longer side of the drawn signature, in pixels.
const SIDE: f32 = 800.0;
/// White paper around it, in pixels.
const MARGIN: f32 = 40.0;
/// The longest way that the pen may have gone, in [`SIDE`]s. A name takes ten; drawing takes time by the way.
const LONGEST: f32 = 200.0;
/// The widest pen, in pixels; the lightest touch draws half as wide.
const PEN: f32 = 7.0;

/// One sample of the pen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// To the right, in any unit.
    pub x: f32,
    /// Downwards, in the same unit.
    pub y: f32,
    /// Time in milliseconds; not used for drawing.
    #[serde(default)]
    pub t: f32,
    /// In any unit from 0 up, compared with the signature's hardest press; 0 throughout where the
    /// device does not measure it.
    #[serde(default)]
    pub pressure: f32,
}

/// The points from one pen-down to the next pen-up.
pub type Stroke = Vec<Point>;

/// Draws pen strokes on a white page, scaled to a fixed size.
///
/// # Errors
/// [`Error::InvalidStrokes`] for no points, more than [`MAX_POINTS`], values that are not finite, a signature too small
/// for numbers, or a pen that went back and forth without end;
/// [`Error::TooLittleInk`] where all points are one.
pub fn page(strokes: &[Stroke]) -> Result<Page> {
    let count = strokes.iter().map(Vec::len).sum::<usize>();
    if count == 0 {
        return Err(Error::InvalidStrokes("there are none".into()));
    }
    if count > MAX_POINTS {
        return Err(Error::InvalidStrokes(format!("{count} points, more than {MAX_POINTS}")));
    }
    let points = || strokes.iter().flatten();
    // far below f32's range, so that differences and squares stay finite
    if points().any(|p| [p.x, p.y, p.pressure].iter().any(|v| !v.is_finite() || v.abs() > 1e9)) {
        return Err(Error::InvalidStrokes("a coordinate or pressure is not a usable number".into()));
    }
    let range = |of: fn(&Point) -> f32| {
        points().map(of).fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((left, right), (top, bottom)) = (range(|p| p.x), range(|p| p.y));
    let extent = (right - left).max(bottom - top);
    if extent <= 0.0 {
        return Err(Error::TooLittleInk("one dot".into()));
    }
    let hardest = range(|p| p.pressure).1;
    let scale = SIDE / extent;
    if !scale.is_finite() {
        return Err(Error::InvalidStrokes("all of it is smaller than numbers can tell".into()));
    }
    let way = |(a, b): (&Point, &Point)| ((b.x - a.x) * scale).hypot((b.y - a.y) * scale);
    let way: f32 = strokes.iter().flat_map(|stroke| stroke.iter().zip(stroke.iter().skip(1))).map(way).sum();
    if way > LONGEST * SIDE {
        return Err(Error::InvalidStrokes(format!(
            "the pen's way is over {LONGEST} times the signature's size"
        )));
    }
    let size = |length: f32| (length * scale + 2.0 * MARGIN).ceil() as u32;
    let mut sheet = Sheet::new(size(right - left), size(bottom - top));
    for stroke in strokes {
        let mut last = None;
        for p in stroke {
            let press = if hardest > 0.0 { (p.pressure / hardest).clamp(0.0, 1.0) } else { 1.0 };
            let here = Dab {
                x: (p.x - left) * scale + MARGIN,
                y: (p.y - top) * scale + MARGIN,
                radius: 0.25 * PEN * (1.0 + press),
            };
            sheet.draw(last.unwrap_or(here), here);
            last = Some(here);
        }
    }
    Ok(Page { is_drawn: true, ..Page::new(sheet.width as u32, sheet.height as u32, sheet.grey)? })
}

#[derive(Clone, Copy)]
struct Dab {
    x: f32,
    y: f32,
    radius: f32,
}

struct Sheet {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl Sheet {
    fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        Self { width, height, grey: vec![255; width * height] }
    }

    /// A straight piece from `a` to `b`. Pixels are visited along the longer axis, a few across it, so
    /// the work grows with the length of the line and not with its bounding box.
    fn draw(&mut self, a: Dab, b: Dab) {
        let steep = (b.y - a.y).abs() > (b.x - a.x).abs();
        let along = |p: Dab| if steep { (p.y, p.x) } else { (p.x, p.y) };
        let (a, b, ra, rb) = if along(a).0 <= along(b).0 {
            (along(a), along(b), a.radius, b.radius)
        } else {
            (along(b), along(a), b.radius, a.radius)
        };
        let (length, rise) = (b.0 - a.0, b.1 - a.1);
        let squared = length * length + rise * rise;
        // a line at 45 degrees is sqrt 2 thicker when cut along an axis
        let reach = ra.max(rb) * std::f32::consts::SQRT_2 + 1.0;
        for u in floor(a.0 - reach)..=floor(b.0 + reach) {
            let pu = u as f32 + 0.5;
            let share = if length > 0.0 { ((pu - a.0) / length).clamp(0.0, 1.0) } else { 0.0 };
            let middle = a.1 + share * rise;
            for v in floor(middle - reach)..=floor(middle + reach) {
                let pv = v as f32 + 0.5;
                let (du, dv) = (pu - a.0, pv - a.1);
                let t =
                    if squared > 0.0 { ((du * length + dv * rise) / squared).clamp(0.0, 1.0) } else { 0.0 };
                let distance = (du - t * length).hypot(dv - t * rise);
                let cover = (ra + t * (rb - ra) - distance + 0.5).clamp(0.0, 1.0);
                let (x, y) = if steep { (v, u) } else { (u, v) };
                self.darken(x, y, cover);
            }
        }
    }

    fn darken(&mut self, x: i32, y: i32, cover: f32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x < self.width && y < self.height {
            let grey = &mut self.grey[y * self.width + x];
            *grey = (*grey).min((255.0 * (1.0 - cover)) as u8);
        }
    }
}

fn floor(v: f32) -> i32 {
    v.floor() as i32
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use proptest::prelude::*;

    use super::super::clean;
    use super::super::sample::scribble;
    use super::*;

    fn at(x: f32, y: f32, pressure: f32) -> Point {
        Point { x, y, t: 0.0, pressure }
    }

    fn code(strokes: &[Stroke]) -> &'static str {
        page(strokes).unwrap_err().code()
    }

    #[test]
    fn unusable_strokes_are_refused() {
        assert_eq!(code(&[]), "invalid-strokes");
        assert_eq!(code(&[vec![], vec![]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(0.0, f32::NAN, 0.0)]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(0.0, 0.0, f32::INFINITY)]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(1e30, 0.0, 0.0), at(0.0, 0.0, 0.0)]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(0.0, 0.0, 0.0); MAX_POINTS + 1]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(5.0, 5.0, 0.5); 9]]), "too-little-ink");
        assert_eq!(code(&[vec![at(0.0, 0.0, 0.0), at(1e-40, 1e-40, 0.0)]]), "invalid-strokes");
        assert_eq!(code(&[vec![at(0.0, 0.0, 0.0), at(1e-37, 0.0, 0.0)]]), "invalid-strokes");
        let back_and_forth = (0..MAX_POINTS).map(|i| at((i % 2) as f32, i as f32 / MAX_POINTS as f32, 0.0));
        assert_eq!(code(&[back_and_forth.collect()]), "invalid-strokes");
    }

    #[test]
    fn strokes_are_scaled_to_one_size() {
        let drawn = page(&scribble()).unwrap();
        let larger: Vec<Stroke> = scribble()
            .iter()
            .map(|stroke| stroke.iter().map(|p| at(8.0 * p.x, 8.0 * p.y, 8.0 * p.pressure)).collect())
            .collect();
        assert_eq!(drawn, page(&larger).unwrap());
        assert!(drawn.width.abs_diff(880) <= 1);
    }

    #[test]
    fn pressure_widens_the_line() {
        let across = |left: f32, right: f32| {
            let page = page(&[vec![at(0.0, 0.0, left), at(100.0, 0.0, right)]]).unwrap();
            let ink = |x: u32| {
                let column = page.grey.iter().skip(x as usize).step_by(page.width as usize);
                column.map(|g| (255.0 - f32::from(*g)) / 255.0).sum::<f32>()
            };
            (ink(80), ink(800))
        };
        let (light, hard) = across(0.0, 1.0);
        assert!((light - 3.7).abs() < 0.5 && (hard - 6.8).abs() < 0.5, "{light} {hard}");
        // a device that does not measure pressure draws an even line
        let (left, right) = across(0.0, 0.0);
        assert!((left - right).abs() < 0.1 && (left - 7.0).abs() < 0.3);
    }

    #[test]
    fn nothing_drawn_is_the_edge_of_a_sheet_or_a_printed_line() {
        let name = |left: f32| {
            let wave = |t: f32| at(left + 20.0 * t, 150.0 + 60.0 * t.sin(), 0.0);
            (0..200).map(|i| i as f32 / 8.0).map(wave).collect::<Stroke>()
        };
        let upright = |x: f32| vec![at(x, 0.0, 0.0), at(x, 300.0, 0.0)];
        let below = vec![at(-200.0, 260.0, 0.0), at(600.0, 265.0, 0.0)];
        for strokes in
            [vec![upright(0.0), name(40.0)], vec![name(0.0), upright(540.0)], vec![name(0.0), below]]
        {
            let page = page(&strokes).unwrap();
            let ink = clean::ink(&page).unwrap();
            let drawn = page.grey.iter().filter(|grey| **grey < 128).count();
            let kept = ink.density.iter().filter(|density| **density >= 128).count();
            assert!(kept.abs_diff(drawn) < drawn / 10, "{kept} of {drawn}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_strokes_panic(points in prop::collection::vec((any::<f32>(), any::<f32>(), any::<f32>()), 0..40)) {
            let _ = page(&[points.iter().map(|(x, y, p)| at(*x, *y, *p)).collect()]);
            let _ = page(&[points.iter().map(|(x, y, p)| at(x % 1e9, y % 1e9, p % 1.0)).collect()]);
        }
    }
}
