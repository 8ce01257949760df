//! Where ink begins: how dark the ink of a page is, and the edge of every stroke.

use super::HALF;

/// Ink is at least this much darker than paper, of 255.
const LEAST_CONTRAST: f32 = 20.0;
/// Ink is at least this many times darker than the grain of the paper.
const LEAST_OVER_GRAIN: f32 = 4.0;
/// A pixel is ink from this share of the darkest ink near it. Local, because one line is often drawn
/// partly dark and partly faint, and a fixed level would cut the faint part into dots.
const EDGE: f32 = 0.4;
/// Where ink is faint, the edge never falls below this share of the page's ink depth.
const FAINTEST: f32 = 0.15;
/// Nor below this many times the grain of the paper, ...
const OVER_GRAIN: f32 = 2.5;
/// ... nor below this contrast, of 255.
const LEAST_EDGE: f32 = 10.0;
/// How far "near" reaches, in pixels.
const NEAR: usize = 8;

/// The ink of a page, in units of contrast (255 = black).
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// How much darker than the paper the ink is.
    pub(super) depth: f32,
    /// How much the paper itself varies (root mean square).
    grain: f32,
}

/// How much darker than paper ink is on this page: the mean contrast of what lies above half of that
/// mean (Ridler and Calvard's iteration with the paper fixed at 0), started at Otsu's threshold.
pub(super) fn ink_level(contrast: &[u8]) -> Option<Level> {
    let mut counts = [0_u32; 256];
    contrast.iter().for_each(|c| counts[usize::from(*c)] += 1);
    let histogram = counts.map(f64::from);
    let mean = |values: std::ops::Range<usize>| {
        let (count, sum) =
            values.fold((0.0, 0.0), |(n, s), v| (n + histogram[v], s + histogram[v] * v as f64));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    let mut threshold = otsu(&histogram);
    for _ in 0..20 {
        let next = (0.5 * mean(threshold + 1..256)) as usize;
        if next == threshold {
            break;
        }
        threshold = next;
    }
    let depth = mean(threshold + 1..256) as f32;
    let (count, squares) =
        (0..=threshold).fold((0.0, 0.0), |(n, s), v| (n + histogram[v], s + histogram[v] * (v * v) as f64));
    let grain = if count > 0.0 { (squares / count).sqrt() as f32 } else { 0.0 };
    (depth >= LEAST_CONTRAST.max(LEAST_OVER_GRAIN * grain)).then_some(Level { depth, grain })
}

/// The last value of the lower class (Otsu 1979).
fn otsu(histogram: &[f64; 256]) -> usize {
    let total: f64 = histogram.iter().sum();
    let sum: f64 = histogram.iter().enumerate().map(|(v, n)| v as f64 * n).sum();
    let (mut best, mut at, mut below, mut below_sum) = (-1.0, 0, 0.0, 0.0);
    for (value, n) in histogram.iter().enumerate().take(255) {
        below += n;
        below_sum += value as f64 * n;
        let above = total - below;
        if below == 0.0 || above == 0.0 {
            continue;
        }
        let apart = below_sum / below - (sum - below_sum) / above;
        let between = below * above * apart * apart;
        if between > best {
            (best, at) = (between, value);
        }
    }
    at
}

/// The contrast as a share of what makes a pixel ink where it lies; [`HALF`] is the edge. The edge of
/// a stroke is then in the same place however dark the pen and however soft the scan. `noise` says how many times
/// coarser than on the whole the grain is in one place.
pub(super) fn over_edge(
    contrast: &[u8],
    width: usize,
    ink: Level,
    noise: impl Fn(usize, usize) -> f32,
) -> Vec<u8> {
    let lines = darkest_near(contrast, 1, width);
    let near = darkest_near(&lines, width, contrast.len());
    let share = |(at, (value, near)): (usize, (&u8, u8))| {
        let grain = ink.grain * noise(at % width, at / width);
        let faintest = (FAINTEST * ink.depth).max(OVER_GRAIN * grain).max(LEAST_EDGE);
        let edge = (EDGE * f32::from(near).min(ink.depth)).max(faintest);
        (f32::from(HALF) * f32::from(*value) / edge).min(255.0) as u8
    };
    contrast.iter().zip(near).enumerate().map(share).collect()
}

/// The greatest of the values up to [`NEAR`] steps of `step` away on both sides, within runs of `run`
/// values. Each round doubles how far a value has spread.
fn darkest_near(values: &[u8], step: usize, run: usize) -> Vec<u8> {
    let mut now = values.to_vec();
    let mut reach = 0;
    while reach < NEAR {
        let by = (reach + 1).min(NEAR - reach) * step;
        let mut next = now.clone();
        for (next, now) in next.chunks_mut(run).zip(now.chunks(run)) {
            if by < now.len() {
                let (from, to) = (now.len() - by, by);
                next[..from].iter_mut().zip(&now[to..]).for_each(|(n, v)| *n = (*n).max(*v));
                next[to..].iter_mut().zip(&now[..from]).for_each(|(n, v)| *n = (*n).max(*v));
            }
        }
        now = next;
        reach += by / step;
    }
    now
}
