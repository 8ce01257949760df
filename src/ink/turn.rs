//! A frame turned about its centre, its ink fitted into the frame again: what the same signature looks like on a page
//! that lies askew.

use super::frame::margin;
use super::{Frame, HALF};

/// From the places of one picture to those of another, in pixels: `x' = a x + b y + c`, `y' = d x + e y + f`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine([f32; 6]);

impl Affine {
    /// Where a place lies on the other picture.
    pub fn of(self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + b * y + c, d * x + e * y + f)
    }

    /// The way back.
    pub fn inverse(self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let area = a * e - b * d;
        let (a, b, d, e) = (e / area, -b / area, -d / area, a / area);
        Self([a, b, -a * c - b * f, d, e, -d * c - e * f])
    }
}

/// The frame turned clockwise by so many degrees, and where each of its places lies on the frame as it was. Ink keeps
/// its darkness: strokes are not drawn anew.
pub fn turned(frame: &Frame, degrees: f32) -> (Frame, Affine) {
    let (width, height) = (frame.width as i32, frame.height as i32);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let centre = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
    let (mut left, mut top) = (f32::INFINITY, f32::INFINITY);
    let (mut right, mut bottom) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    // pale ink of a thin stroke counts, the rim of a stroke does not
    for (at, _) in (0..).zip(&frame.density).filter(|(_, density)| **density >= HALF / 2) {
        let (x, y) = ((at % width) as f32 - centre.0, (at / width) as f32 - centre.1);
        let (x, y) = (cos * x - sin * y, sin * x + cos * y);
        (left, top) = (left.min(x), top.min(y));
        (right, bottom) = (right.max(x), bottom.max(y));
    }
    if left > right {
        (left, top, right, bottom) = (-centre.0, -centre.1, centre.0, centre.1);
    }
    let room = |side: u32| side as f32 - 2.0 * margin(frame.width);
    let scale = (room(frame.width) / (right - left + 1.0)).min(room(frame.height) / (bottom - top + 1.0));
    let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
    // back from the new frame: about its centre, to the middle of the turned ink, and by the same angle
    let [a, b, d, e] = [cos / scale, sin / scale, -sin / scale, cos / scale];
    let from = (cos * middle.0 + sin * middle.1, cos * middle.1 - sin * middle.0);
    let way = Affine([
        a,
        b,
        centre.0 + from.0 - a * centre.0 - b * centre.1,
        d,
        e,
        centre.1 + from.1 - d * centre.0 - e * centre.1,
    ]);
    let ink = |x: i32, y: i32| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        if inside { f32::from(frame.density[(y * width + x) as usize]) } else { 0.0 }
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    let density = places.map(|(x, y)| {
        let (x, y) = way.of(x, y);
        between(x, y, ink).round() as u8
    });
    (Frame { width: frame.width, height: frame.height, density: density.collect() }, way)
}

/// The value at a place between four pixels (bilinear); `at` gives those of pixels, also beyond the edges.
pub(crate) fn between(x: f32, y: f32, at: impl Fn(i32, i32) -> f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (right, below) = (x - left, y - top);
    let (left, top) = (left as i32, top as i32);
    let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
    let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
    upper * (1.0 - below) + lower * below
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::{FrameSize, Page, prepare, sample};
    use super::*;
    use crate::ink::strokes::{self, Point, Stroke};

    const SIZE: FrameSize = FrameSize::ink(160, 80);

    /// The scribble on paper that lies askew, turned clockwise.
    fn askew(degrees: f32) -> Frame {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turn = |p: &Point| Point { x: cos * p.x - sin * p.y, y: sin * p.x + cos * p.y, ..*p };
        let turned: Vec<Stroke> = sample::scribble().iter().map(|s| s.iter().map(turn).collect()).collect();
        let page: Page = strokes::page(&turned).unwrap();
        prepare(&page, SIZE).unwrap().frame
    }

    /// The share of the ink of one frame that has none of the other within a pixel.
    fn missed(one: &Frame, other: &Frame) -> f32 {
        let (width, height) = (one.width as i32, one.height as i32);
        let near = |at: i32| {
            let (x, y) = (at % width, at / width);
            let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy)));
            around
                .filter(|(x, y)| (0..width).contains(x) && (0..height).contains(y))
                .any(|(x, y)| other.density[(y * width + x) as usize] >= HALF)
        };
        let ink = || (0..).zip(&one.density).filter(|(_, density)| **density >= HALF);
        ink().filter(|(at, _)| !near(*at)).count() as f32 / ink().count() as f32
    }

    #[test]
    fn a_page_askew_is_turned_back() {
        let level = askew(0.0);
        for degrees in [-12.0, -5.0, 8.0] {
            let page = askew(degrees);
            let (back, _) = turned(&page, -degrees);
            assert!(missed(&level, &page) > 0.2, "{degrees}: {}", missed(&level, &page));
            assert!(missed(&level, &back) < 0.1, "{degrees}: {}", missed(&level, &back));
            assert!(missed(&back, &level) < 0.1, "{degrees}: {}", missed(&back, &level));
        }
    }

    #[test]
    fn nothing_is_cut_off() {
        let level = askew(0.0);
        let ink = |frame: &Frame| frame.density.iter().map(|v| f32::from(*v)).sum::<f32>();
        for degrees in [-30.0, 10.0, 45.0, 90.0] {
            let (frame, way) = turned(&level, degrees);
            let edge = (0..).zip(&frame.density).filter(|(at, _)| {
                let (x, y) = (at % 160, at / 160);
                x < 3 || y < 3 || x > 156 || y > 76
            });
            assert!(edge.into_iter().all(|(_, density)| *density < HALF), "{degrees}");
            // as much ink as the smaller picture has room for
            let (a, b) = (way.of(0.0, 0.0), way.of(1.0, 0.0));
            let shrunk = (b.0 - a.0).hypot(b.1 - a.1);
            assert!((ink(&frame) * shrunk * shrunk / ink(&level) - 1.0).abs() < 0.05, "{degrees}");
        }
    }

    #[test]
    fn the_way_back_is_the_inverse() {
        let (_, way) = turned(&askew(0.0), 17.0);
        for (x, y) in [(0.0, 0.0), (159.0, 3.0), (80.5, 79.0)] {
            let (there_x, there_y) = way.of(x, y);
            let (back_x, back_y) = way.inverse().of(there_x, there_y);
            assert!((back_x - x).abs() < 1e-3 && (back_y - y).abs() < 1e-3);
        }
    }

    #[test]
    fn an_empty_frame_stays_empty() {
        let empty = Frame { width: 40, height: 20, density: vec![0; 800] };
        assert_eq!(turned(&empty, 10.0).0, empty);
    }
}
