//! The difference map of the model that ships points at what was changed: a synthetic signature is altered in one fifth
//! of its width, and of the five fifths that one must be the most different from the writer's other signatures.

use std::path::Path;

use countersign::checker::Checker;
use countersign::device::{self, Backend};
use countersign::ink::strokes::{self, Stroke};
use countersign::template::Template;
use countersign::train::corpus::Kind;
use countersign::train::synth;
use countersign::verdict::{Heatmap, Policy};

const FIFTHS: usize = 5;
const WRITERS: u16 = 16;
/// White paper around drawn ink, in pixels of the page.
const MARGIN: f32 = 40.0;

/// Left, right, top and bottom of the ink.
fn bounds<'a>(points: impl Iterator<Item = &'a strokes::Point> + Clone) -> [f32; 4] {
    let low = |of: fn(&strokes::Point) -> f32| points.clone().map(of).fold(f32::INFINITY, f32::min);
    let high = |of: fn(&strokes::Point) -> f32| points.clone().map(of).fold(f32::NEG_INFINITY, f32::max);
    [low(|p| p.x), high(|p| p.x), low(|p| p.y), high(|p| p.y)]
}

/// The ink between `from` and `to` turned upside down where it stands; the pen is lifted at both borders.
fn turned(strokes: &[Stroke], [from, to]: [f32; 2]) -> Vec<Stroke> {
    let is_inside = |point: &strokes::Point| (from..=to).contains(&point.x);
    let [left, right, top, bottom] = bounds(strokes.iter().flatten().filter(|point| is_inside(point)));
    let pieces = strokes.iter().flat_map(|stroke| stroke.chunk_by(|a, b| is_inside(a) == is_inside(b)));
    pieces
        .map(|piece| {
            let turn = |point: &strokes::Point| match is_inside(point) {
                true => strokes::Point { x: left + right - point.x, y: top + bottom - point.y, ..*point },
                false => *point,
            };
            piece.iter().map(turn).collect()
        })
        .collect()
}

/// A loop more between `from` and `to`.
fn with_a_loop(strokes: &[Stroke], [from, to]: [f32; 2]) -> Vec<Stroke> {
    let [_, _, top, bottom] = bounds(strokes.iter().flatten());
    let round = (0..=60).map(|step| {
        let (sin, cos) = (std::f32::consts::TAU * step as f32 / 60.0).sin_cos();
        strokes::Point {
            x: (from + to) / 2.0 + 0.4 * (to - from) * cos,
            y: (top + bottom) / 2.0 + 0.3 * (bottom - top) * sin,
            t: 0.0,
            pressure: 0.5,
        }
    });
    strokes.iter().cloned().chain([round.collect()]).collect()
}

/// The mean difference of the ink in each fifth of the signature's width.
fn differences(map: &Heatmap, ink_width: f32) -> [f64; FIFTHS] {
    let (frame, crop) = (&map.frame, map.crop);
    let mut sums = [[0.0; 2]; FIFTHS];
    for (at, &density) in frame.density.iter().enumerate() {
        let (x, y) = (at % frame.width as usize, at / frame.width as usize);
        let on_page = crop.x + (x as f32 + 0.5) / frame.width as f32 * crop.width;
        let fifth = ((on_page - MARGIN) / ink_width * FIFTHS as f32).clamp(0.0, FIFTHS as f32 - 1.0);
        let cell = y * map.height / frame.height as usize * map.width + x * map.width / frame.width as usize;
        let sum = &mut sums[fifth as usize];
        sum[0] += f64::from(density) * f64::from(map.values[cell]);
        sum[1] += f64::from(density);
    }
    sums.map(|[difference, ink]| difference / ink.max(1.0))
}

fn most(values: [f64; FIFTHS]) -> usize {
    (0..FIFTHS).max_by(|&a, &b| values[a].total_cmp(&values[b])).expect("five values")
}

struct Shipped(Checker);

impl Shipped {
    fn load() -> Self {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/countersign");
        let text = |name: &str| std::fs::read_to_string(model.join(name)).expect("a file of the model");
        let weights = std::fs::read(model.join("weights.bpk")).expect("weights");
        Self(pollster::block_on(async {
            let opened = device::open(Backend::Cpu).await.expect("a device");
            Checker::load(&text("manifest.json"), weights, &text("golden.json"), opened)
                .await
                .expect("a model")
        }))
    }

    /// `None` where the references do not agree: these writers do not exist, and some write too freely.
    fn enrol(&self, writer: u16) -> Option<Template> {
        let page = |index| strokes::page(&synth::signature(1, writer, Kind::Genuine, index)).expect("a page");
        match pollster::block_on(self.0.enrol(&[0, 1, 2].map(page))) {
            Ok(template) => Some(template),
            Err(error) if error.code() == "references-disagree" => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn map(&self, template: &Template, strokes: &[Stroke]) -> Heatmap {
        let page = strokes::page(strokes).expect("a page");
        let policy = Policy { explain: true, ..Policy::default() };
        let verdict = pollster::block_on(self.0.check(template, &page, &policy)).expect("a verdict");
        verdict.heatmap.expect("a map")
    }
}

#[test]
fn the_map_points_at_what_was_altered() {
    let shipped = Shipped::load();
    let (mut enrolled, mut found) = (0, [0, 0]);
    for writer in 0..WRITERS {
        let Some(template) = shipped.enrol(writer) else { continue };
        enrolled += 1;
        let strokes = synth::signature(1, writer, Kind::Genuine, 3);
        let [left, right, top, bottom] = bounds(strokes.iter().flatten());
        // strokes are drawn with the longer side at 800 pixels
        let ink_width = 800.0 * (right - left) / (right - left).max(bottom - top);
        let fifth = (right - left) / FIFTHS as f32;
        for altered in 0..FIFTHS {
            let range = [left + altered as f32 * fifth, left + (altered + 1) as f32 * fifth];
            for (found, strokes) in
                found.iter_mut().zip([turned(&strokes, range), with_a_loop(&strokes, range)])
            {
                let map = shipped.map(&template, &strokes);
                *found += usize::from(most(differences(&map, ink_width)) == altered);
            }
        }
    }
    let asked = enrolled * FIFTHS;
    println!("{enrolled} of {WRITERS} writers enrolled; of {asked}: turned {}, loop {}", found[0], found[1]);
    // one fifth by chance: a map that does not heed what was altered points at each fifth once
    assert!(enrolled * 2 >= usize::from(WRITERS), "{enrolled}");
    assert!(found.iter().all(|&found| found * 10 >= asked * 6), "{found:?} of {asked}");
}
