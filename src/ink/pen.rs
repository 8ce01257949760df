//! Redrawing ink with one round pen.
//!
//! How thick and how dark the ink is tells which pen and which scanner were used, and in the public
//! sets also whether the signature is a forgery. Only the path of the pen is kept: strokes are thinned
//! to their middle line, which is drawn again with a pen of fixed width, black or as dark as the pen was
//! pressed.

use super::thin::thin;
use super::{HALF, pressure};

/// Pixels of the fine grid along one frame pixel.
pub(super) const FINE: u32 = 4;
/// The pen's diameter, in frame pixels.
const PEN: f32 = 1.75;
/// The largest hole within a stroke that is filled, in pixels of the fine grid: scans in black and
/// white have pinholes that would be thinned to loops.
const PINHOLE: u32 = 10;

/// Redraws ink given on the fine grid (0 = paper, 255 = ink; its rim must be empty), `pressed` with the
/// darkness that [`pressure`] finds. The result has `width / FINE` columns.
pub(super) fn redraw(fine: &[u8], width: usize, pressed: bool) -> Vec<u8> {
    let mut line: Vec<bool> = smooth(fine, width).iter().map(|v| *v >= HALF).collect();
    fill_pinholes(&mut line, width);
    // as the pen left it, with soft edges and without pinholes
    let soft = |(value, mask): (&u8, &bool)| if *mask { 1.0 } else { f32::from(*value) / 255.0 };
    let ink: Option<Vec<f32>> = pressed.then(|| fine.iter().zip(&line).map(soft).collect());
    thin(&mut line, width);
    let darkness = match ink {
        Some(ink) => pressure::darkness(ink, &line, width),
        None => line.iter().map(|on| if *on { 255 } else { 0 }).collect(),
    };
    shrink(&stamp(&darkness, width), width)
}

/// Weights 1, 2, 1 along both axes: a rough edge would be thinned to a line with hairs.
fn smooth(fine: &[u8], width: usize) -> Vec<u8> {
    let pass = |from: &[u8], step: usize| -> Vec<u8> {
        let mean = |(a, b, c): (u8, u8, u8)| ((u16::from(a) + 2 * u16::from(b) + u16::from(c)) / 4) as u8;
        let mut smooth = vec![0; from.len()];
        let inner = from.iter().zip(&from[step..]).zip(&from[2 * step..]);
        for (value, ((a, b), c)) in smooth[step..].iter_mut().zip(inner) {
            *value = mean((*a, *b, *c));
        }
        smooth
    };
    pass(&pass(fine, 1), width)
}

fn fill_pinholes(mask: &mut [bool], width: usize) {
    let paper: Vec<u8> = mask.iter().map(|ink| u8::from(!ink)).collect();
    let (labels, pieces) = super::components::label(&paper, width, 1);
    for (ink, label) in mask.iter_mut().zip(labels) {
        *ink |= label > 0 && pieces[label as usize - 1].area <= PINHOLE;
    }
}

/// A disc around every pixel of the line, the darker above the paler.
fn stamp(line: &[u8], width: usize) -> Vec<u8> {
    let radius = 0.5 * PEN * FINE as f32;
    let reach = radius as isize;
    let mut spans = Vec::new();
    for dy in -reach..=reach {
        let half = (radius * radius - (dy * dy) as f32).sqrt() as isize;
        spans.push((dy, half));
    }
    let mut drawn = vec![0; line.len()];
    let height = (line.len() / width) as isize;
    for at in (0..line.len()).filter(|at| line[*at] > 0) {
        let (x, y) = ((at % width) as isize, (at / width) as isize);
        for (dy, half) in &spans {
            let row = y + dy;
            if (0..height).contains(&row) {
                let (from, to) = ((x - half).max(0), (x + half + 1).min(width as isize));
                let span = (row * width as isize + from) as usize..(row * width as isize + to) as usize;
                drawn[span].iter_mut().for_each(|drawn| *drawn = line[at].max(*drawn));
            }
        }
    }
    drawn
}

/// Area average down to frame pixels.
fn shrink(fine: &[u8], width: usize) -> Vec<u8> {
    let step = FINE as usize;
    let columns = width / step;
    let mut sums = vec![0_u32; columns * (fine.len() / width / step)];
    for (y, row) in fine.chunks_exact(width).enumerate() {
        for (x, ink) in row.iter().enumerate() {
            sums[y / step * columns + x / step] += u32::from(*ink);
        }
    }
    sums.iter().map(|s| (s / (FINE * FINE)) as u8).collect()
}
