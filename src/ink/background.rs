//! How bright the paper is everywhere, and from that how much darker each pixel is.

use super::Page;
use super::light::Light;

/// Tiles along the longer side of a page.
const TILES: u32 = 24;
/// The smallest tile side in pixels: below it a tile may lie inside one pen stroke.
const LEAST_TILE: u32 = 16;
/// Which share of a tile's pixels is darker than what counts as its paper. Even a dense signature
/// leaves a fifth of a tile white.
const PAPER_RANK: f32 = 0.8;
/// No shadow makes paper darker than this share of the page's median paper; a blot does.
const DEEPEST_SHADOW: f32 = 0.35;
/// Contrast is never taken relative to paper darker than this: on black, grain is no ink.
const DARKEST_PAPER: f32 = 24.0;

/// A level for each square of a page; the last ones of a row and of a column may be cut off.
pub(super) struct Tiles {
    pub(super) columns: u32,
    pub(super) rows: u32,
    side: u32,
    pub(super) level: Vec<f32>,
}

impl Tiles {
    /// The grey value than which a share of `rank` of each tile's pixels is darker.
    pub(super) fn measure(page: &Page, rank: f32) -> Self {
        let side = (page.width.max(page.height) / TILES).max(LEAST_TILE);
        let (columns, rows) = (page.width.div_ceil(side), page.height.div_ceil(side));
        let mut level = Vec::with_capacity((columns * rows) as usize);
        for row in 0..rows {
            for column in 0..columns {
                level.push(tile_level(page, column * side, row * side, side, rank));
            }
        }
        Self { columns, rows, side, level }
    }

    /// The middle of the tile of this number along a side of the page so many pixels long.
    pub(super) fn centre(&self, number: u32, length: u32) -> f32 {
        (number * self.side + ((number + 1) * self.side).min(length)) as f32 / 2.0
    }
}

/// The brightness of the paper on a grid of tiles, on the page as if it were lit evenly.
pub(super) struct Paper {
    tiles: Tiles,
    light: Option<Light>,
    range: (f32, f32),
}

impl Paper {
    pub(super) fn estimate(page: &Page) -> Self {
        let tiles = Self::levels(page);
        let range =
            tiles.level.iter().fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
        match Light::of(page) {
            None => Self { tiles, light: None, range },
            Some(light) => Self { tiles: Self::levels(&light.even(page)), light: Some(light), range },
        }
    }

    fn levels(page: &Page) -> Tiles {
        let mut tiles = Tiles::measure(page, PAPER_RANK);
        tiles.level = median_of_neighbours(&tiles.level, tiles.columns as usize, tiles.rows as usize);
        let mut sorted = tiles.level.clone();
        sorted.sort_by(f32::total_cmp);
        let least = DEEPEST_SHADOW * sorted[sorted.len() / 2];
        tiles.level.iter_mut().for_each(|v| *v = v.max(least));
        tiles
    }

    /// The darkest and the brightest paper of the page.
    pub(super) fn range(&self) -> (f32, f32) {
        self.range
    }

    /// How many times as much as on the whole the noise of the camera differs in one place, where there is less light
    /// to drown it in; at least 1.
    pub(super) fn noise(&self, x: usize, y: usize) -> f32 {
        self.light.as_ref().map_or(1.0, |light| (1.0 / light.at(x, y)).max(1.0))
    }

    /// How much darker than its paper each pixel is: 0 = as bright, 255 = black. A ratio, so that
    /// the same ink in shade and in light comes out alike.
    pub(super) fn contrast(&self, page: &Page) -> Vec<u8> {
        match &self.light {
            None => self.below_paper(page),
            Some(light) => self.below_paper(&light.even(page)),
        }
    }

    fn below_paper(&self, page: &Page) -> Vec<u8> {
        let Tiles { columns, rows, level, .. } = &self.tiles;
        let across: Vec<_> = (0..page.width).map(|x| self.between(x, *columns)).collect();
        let mut contrast = Vec::with_capacity(page.grey.len());
        let mut line = vec![0.0; *columns as usize];
        for (y, grey) in page.grey.chunks_exact(page.width as usize).enumerate() {
            let (above, below, share) = self.between(y as u32, *rows);
            let row = |r: usize| &level[r * line.len()..(r + 1) * line.len()];
            let mixed: Vec<f32> =
                row(above).iter().zip(row(below)).map(|(a, b)| a + share * (b - a)).collect();
            line.copy_from_slice(&mixed);
            contrast.extend(grey.iter().zip(&across).map(|(g, (left, right, share))| {
                let paper = line[*left] + share * (line[*right] - line[*left]);
                // both are lifted alike where the paper is black
                let lift = (DARKEST_PAPER - paper).max(0.0);
                (255.0 * (1.0 - (f32::from(*g) + lift) / (paper + lift))).max(0.0) as u8
            }));
        }
        contrast
    }

    /// The two tiles whose centres surround a pixel, and the share of the second.
    fn between(&self, at: u32, count: u32) -> (usize, usize, f32) {
        let place = (at as f32 + 0.5) / self.tiles.side as f32 - 0.5;
        let first = place.floor().clamp(0.0, (count - 1) as f32);
        let second = (first + 1.0).min((count - 1) as f32);
        (first as usize, second as usize, (place - first).clamp(0.0, 1.0))
    }
}

fn tile_level(page: &Page, left: u32, top: u32, tile: u32, rank: f32) -> f32 {
    let (right, bottom) = ((left + tile).min(page.width), (top + tile).min(page.height));
    // about 32 x 32 samples tell the rank as well as a million
    let step = (tile / 32).max(1) as usize;
    let mut histogram = [0_u32; 256];
    let mut count = 0;
    for y in (top..bottom).step_by(step) {
        let row = y as usize * page.width as usize;
        for x in (left as usize..right as usize).step_by(step) {
            histogram[usize::from(page.grey[row + x])] += 1;
            count += 1;
        }
    }
    let rank = (count as f32 * rank) as u32;
    let mut below = 0;
    let level = histogram.iter().position(|n| {
        below += n;
        below > rank
    });
    level.unwrap_or(255) as f32
}

/// A tile that ink fills takes the paper of its neighbours.
fn median_of_neighbours(level: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let mut smooth = Vec::with_capacity(level.len());
    let mut near = Vec::with_capacity(9);
    for row in 0..rows {
        for column in 0..columns {
            near.clear();
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                near.extend(
                    &level[r * columns + column.saturating_sub(1)..r * columns + (column + 2).min(columns)],
                );
            }
            near.sort_by(f32::total_cmp);
            smooth.push(near[near.len() / 2]);
        }
    }
    smooth
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, white};
    use super::*;

    #[test]
    fn shade_is_flattened_and_ink_keeps_its_ratio() {
        let ink = |x: u32, y: u32| x.is_multiple_of(40) && (50..150).contains(&y);
        let page = changed(&white(400, 200), |x, y, _| {
            let paper = 240.0 - 0.3 * x as f32;
            if ink(x, y) { 0.25 * paper } else { paper }
        });
        let contrast = Paper::estimate(&page).contrast(&page);
        for (at, contrast) in contrast.iter().enumerate() {
            let (x, y) = (at as u32 % 400, at as u32 / 400);
            let expected = if ink(x, y) { 191 } else { 0 };
            assert!(contrast.abs_diff(expected) < 20, "{x} {y}: {contrast}");
        }
    }
}
