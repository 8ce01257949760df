use proptest::prelude::*;

use super::sample::{changed, noise, page};
use super::*;

const SIZE: FrameSize = FrameSize::ink(160, 80);

fn framed(page: &Page) -> Frame {
    prepare(page, SIZE).unwrap().frame
}

/// The ink that two frames share, of the ink in either, with half a pixel of tolerance: each is
/// compared with the other's neighbourhood.
fn likeness(a: &Frame, b: &Frame) -> f32 {
    let covered = |a: &Frame, b: &Frame| {
        let width = a.width as usize;
        let near = |at: usize| {
            let there = [at, at - 1, at + 1, at - width, at + width];
            there.iter().map(|n| b.density[*n]).max().unwrap()
        };
        let inner = width..a.density.len() - width;
        let shared: u32 = inner.clone().map(|at| u32::from(a.density[at].min(near(at)))).sum();
        shared as f32 / inner.map(|at| u32::from(a.density[at])).sum::<u32>() as f32
    };
    covered(a, b).min(covered(b, a))
}

#[test]
fn the_scan_leaves_no_trace() {
    let page = page();
    let clean = framed(&page);
    type Change = fn(u32, u32, f32) -> f32;
    let scans: [(&str, Change); 5] = [
        ("grey paper, pale ink", |_, _, g| 120.0 + g / 255.0 * 100.0),
        ("noise", |x, y, g| 20.0 + g * 0.8 + 10.0 * noise(x, y)),
        ("32 grey levels", |_, _, g| 8.0 * (g * 0.9 / 8.0).floor()),
        ("shadow", |x, _, g| g * (1.0 - 0.6 * x as f32 / 880.0)),
        ("light ink on dark paper", |_, _, g| 250.0 - g * 0.9),
    ];
    for (name, scan) in scans {
        let likeness = likeness(&clean, &framed(&changed(&page, scan)));
        assert!(likeness > 0.97, "{name}: {likeness}");
    }
}

#[test]
fn the_pen_leaves_no_trace() {
    let thin = page();
    // every pixel takes the darkest of its neighbours: a pen two pixels thicker
    let thick = changed(&thin, |x, y, _| {
        let near = |v: u32, end: u32| v.saturating_sub(1)..(v + 2).min(end);
        let all = near(y, thin.height).flat_map(|y| near(x, thin.width).map(move |x| (x, y)));
        all.map(|(x, y)| f32::from(thin.grey[(y * thin.width + x) as usize])).fold(255.0, f32::min)
    });
    let (thin, thick) = (framed(&thin), framed(&thick));
    assert!(likeness(&thin, &thick) > 0.95, "{}", likeness(&thin, &thick));
    let ink = |f: &Frame| f.density.iter().map(|v| f32::from(*v)).sum::<f32>();
    assert!((ink(&thin) / ink(&thick) - 1.0).abs() < 0.05);
}

#[test]
fn the_resolution_leaves_no_trace() {
    let page = page();
    let doubled = Page {
        width: 2 * page.width,
        height: 2 * page.height,
        grey: (0..4 * page.grey.len() as u32)
            .map(|at| {
                let (x, y) = (at % (2 * page.width), at / (2 * page.width));
                page.grey[(y / 2 * page.width + x / 2) as usize]
            })
            .collect(),
        ..page
    };
    let likeness = likeness(&framed(&page), &framed(&doubled));
    assert!(likeness > 0.97, "{likeness}");
}

#[test]
fn the_crop_is_in_page_pixels() {
    let page = sample::page();
    let Crop { x, y, width, height } = prepare(&page, SIZE).unwrap().crop;
    assert!((width / height - 2.0).abs() < 0.02);
    // ink begins 40 pixels from the edge of the page, and the frame a margin before it
    assert!(x > 0.0 && x < 40.0, "{x}");
    assert!(((x + width / 2.0) - page.width as f32 / 2.0).abs() < 6.0);
    assert!(((y + height / 2.0) - page.height as f32 / 2.0).abs() < 6.0);
}

#[test]
fn an_impossible_page_or_size_is_an_error() {
    let code = |page: &Page, size| prepare(page, size).unwrap_err().code();
    assert_eq!(code(&Page { width: 0, height: 5, grey: vec![], is_drawn: false }, SIZE), "empty-image");
    assert_eq!(code(&Page { width: 5, height: 5, grey: vec![0; 3], is_drawn: false }, SIZE), "damaged-image");
    assert_eq!(code(&page(), FrameSize::ink(0, 80)), "invalid-option");
    assert_eq!(code(&page(), FrameSize::ink(160, 8000)), "invalid-option");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_page_panics(width in 1_u32..90, height in 1_u32..60, seed: u32, depth in 0.0_f32..200.0) {
        let white = sample::white(width, height);
        let page = changed(&white, |x, y, g| g - depth * (1.0 + noise(x ^ seed, y)));
        let _ = prepare(&page, SIZE);
    }
}
