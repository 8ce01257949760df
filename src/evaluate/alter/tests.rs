use rand::SeedableRng;

use super::*;
use crate::ink::strokes::{self, Point};
use crate::ink::{FrameSize, Stage, prepare};
use crate::train::corpus::Kind;
use crate::train::synth;

const ALL: [Alteration; 12] = [
    Alteration::None,
    Alteration::Turned,
    Alteration::SmallPage,
    Alteration::SmallSignature,
    Alteration::Jpeg,
    Alteration::Photographed,
    Alteration::Thicker,
    Alteration::Thinner,
    Alteration::Even,
    Alteration::Ruled,
    Alteration::Boxed,
    Alteration::Scanned,
];

fn signature() -> Page {
    strokes::page(&synth::signature(1, 2, Kind::Genuine, 0)).unwrap()
}

fn altered(alteration: Alteration) -> Page {
    alteration.of(&signature(), &mut ChaCha8Rng::seed_from_u64(1)).unwrap()
}

/// Dark pixels, as a share of the page.
fn ink(page: &Page) -> f32 {
    let dark = page.grey.iter().filter(|grey| **grey < 128).count();
    dark as f32 / page.grey.len() as f32
}

#[test]
fn every_page_is_whole_and_differs() {
    for alteration in ALL {
        let page = altered(alteration);
        assert_eq!(page.grey.len() as u32, page.width * page.height, "{alteration}");
        assert_eq!(page == signature(), alteration == Alteration::None, "{alteration}");
        assert_eq!(page, altered(alteration), "{alteration}");
    }
}

#[test]
fn sizes_are_as_said() {
    let small = altered(Alteration::SmallPage);
    assert_eq!(small.width.max(small.height), 100);
    let side = signature_side(&altered(Alteration::SmallSignature)).unwrap();
    assert!((side - 100.0).abs() < 3.0, "{side}");
    let (before, after) = (signature(), altered(Alteration::Turned));
    assert!(after.width > before.width && after.height > before.height);
    // nothing was cut off, nothing added
    let pixels = |page: &Page| ink(page) * page.grey.len() as f32;
    assert!((pixels(&after) / pixels(&before) - 1.0).abs() < 0.05);
}

#[test]
fn what_a_form_prints_around_a_signature_is_no_ink() {
    let size = FrameSize { width: 160, height: 80, stage: Stage::Pressure };
    let frame = |page: &Page| prepare(page, size).unwrap().frame.density;
    let plain = frame(&signature());
    let total: u32 = plain.iter().map(|ink| u32::from(*ink)).sum();
    for alteration in [Alteration::Ruled, Alteration::Boxed] {
        let printed = frame(&altered(alteration));
        let differ: u32 = plain.iter().zip(printed).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
        assert!(differ < total / 5, "{alteration}: {differ} of {total}");
    }
}

#[test]
fn a_mouse_draws_what_shows_no_pressure() {
    let size = FrameSize { width: 160, height: 80, stage: Stage::Pressure };
    // a wave that is pressed harder and harder from left to right
    let point = |step: u16| {
        let x = f32::from(step) / 400.0;
        Point { x, y: 0.05 * (25.0 * x).sin(), t: 0.0, pressure: x }
    };
    let wave = strokes::page(&[(0..=400).map(point).collect()]).unwrap();
    // how much darker its last third is than its first
    let rise = |page: &Page| {
        let frame = prepare(page, size).unwrap().frame;
        let middle = |from: usize| {
            let darkest = |x: usize| frame.density.iter().skip(x).step_by(160).max().copied();
            let mut columns: Vec<u8> = (from..from + 48).filter_map(darkest).collect();
            columns.sort_unstable();
            f32::from(columns[24])
        };
        middle(104) / middle(8)
    };
    let even = Alteration::Even.of(&wave, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    let (before, after) = (rise(&wave), rise(&even));
    assert!(before > 1.4 && (after - 1.0).abs() < 0.1, "{before} {after}");
}

#[test]
fn pens_are_thicker_and_thinner() {
    let times = |alteration| ink(&altered(alteration)) / ink(&signature());
    // strokes that cross or touch grow less than by themselves
    let (thicker, thinner) = (times(Alteration::Thicker), times(Alteration::Thinner));
    assert!((1.35..1.7).contains(&thicker) && (0.5..0.75).contains(&thinner), "{thicker} {thinner}");
}

/// A dot of one pixel becomes the disc.
#[test]
fn a_dot_becomes_a_disc() {
    let mut page = Page::new(7, 5, vec![255; 35]).unwrap();
    page.grey[2 * 7 + 3] = 0;
    let disc = thickened(&page, 1.0, u8::min);
    let dark: Vec<usize> = (0..35).filter(|at| disc.grey[*at] == 0).collect();
    assert_eq!(dark, [7 + 3, 2 * 7 + 2, 2 * 7 + 3, 2 * 7 + 4, 3 * 7 + 3]);
    assert_eq!(thickened(&disc, 1.0, u8::max), page);
}

#[test]
fn the_pipeline_reads_what_is_large_enough() {
    for alteration in ALL.into_iter().filter(|alteration| *alteration != Alteration::SmallPage) {
        prepare(&altered(alteration), FrameSize::ink(160, 80)).unwrap();
    }
}
