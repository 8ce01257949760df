//! Light that falls off across a page, as a lamp or a window leaves it on a photograph.

use super::Page;
use super::background::Tiles;

/// Which share of a tile's pixels is darker than what the light alone decides: paper that ink leaves bare.
const BARE_RANK: f32 = 0.95;
/// Light that leaves the darkest place this share of the brightest counts as even: a scan's does.
const EVEN: f32 = 0.8;
/// From one tile to the next light falls by no more than this share of the page's middle level; where a sheet ends
/// or a shadow begins it falls by more.
const STEEPEST: f32 = 0.3;
/// The least light, as a share of the page's middle level: less tells nothing.
const LEAST: f32 = 0.2;
/// Rounds of median polish. It hardly moves after two.
const ROUNDS: usize = 4;

/// How bright the page is lit, as a sum of what falls on each column and on each row: exact for light that falls off
/// evenly in any direction, near for a lamp's.
pub(super) struct Light {
    across: Vec<f32>,
    down: Vec<f32>,
}

impl Light {
    /// The light of a page, by Tukey's median polish (Exploratory Data Analysis, 1977, chapter 11) of its tiles, so that
    /// neither ink nor a stain is taken for shade. `None` where it is even, and where it falls off too steeply.
    pub(super) fn of(page: &Page) -> Option<Self> {
        let tiles = Tiles::measure(page, BARE_RANK);
        let (middle, across, down) = polish(&tiles);
        let steep =
            |profile: &[f32]| profile.windows(2).any(|two| (two[1] - two[0]).abs() > STEEPEST * middle);
        if middle <= 0.0 || steep(&across) || steep(&down) {
            return None;
        }
        let of_middle = |profile: Vec<f32>, length: u32| {
            let places: Vec<f32> = (0..profile.len() as u32).map(|tile| tiles.centre(tile, length)).collect();
            (0..length).map(|at| along(&places, &profile, at as f32 + 0.5) / middle).collect::<Vec<f32>>()
        };
        let light = Self { across: of_middle(across, page.width), down: of_middle(down, page.height) };
        let least = |profile: &[f32]| profile.iter().copied().fold(f32::MAX, f32::min);
        let most = |profile: &[f32]| profile.iter().copied().fold(f32::MIN, f32::max);
        let darkest = 1.0 + least(&light.across) + least(&light.down);
        (darkest < EVEN * (1.0 + most(&light.across) + most(&light.down))).then_some(light)
    }

    /// How many times as bright as in its middle level the page is lit in one place.
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        (1.0 + self.across[x] + self.down[y]).max(LEAST)
    }

    /// The page as if lit evenly.
    pub(super) fn even(&self, page: &Page) -> Page {
        let width = page.width as usize;
        let evened = page.grey.iter().enumerate().map(|(at, grey)| {
            // brighter than white there is nothing
            (f32::from(*grey) / self.at(at % width, at / width)).round().min(255.0) as u8
        });
        Page { grey: evened.collect(), ..*page }
    }
}

/// The level of the whole, and by how much each column and each row of tiles is above it.
fn polish(tiles: &Tiles) -> (f32, Vec<f32>, Vec<f32>) {
    let columns = tiles.columns as usize;
    let mut left = tiles.level.clone();
    let (mut middle, mut across, mut down) = (0.0, vec![0.0; columns], vec![0.0; tiles.rows as usize]);
    for _ in 0..ROUNDS {
        for (row, effect) in left.chunks_mut(columns).zip(&mut down) {
            let shift = median(row.to_vec());
            row.iter_mut().for_each(|level| *level -= shift);
            *effect += shift;
        }
        for (column, effect) in across.iter_mut().enumerate() {
            let shift = median(left.iter().skip(column).step_by(columns).copied().collect());
            left.iter_mut().skip(column).step_by(columns).for_each(|level| *level -= shift);
            *effect += shift;
        }
        for effects in [&mut across, &mut down] {
            let shift = median(effects.clone());
            effects.iter_mut().for_each(|effect| *effect -= shift);
            middle += shift;
        }
    }
    (middle, across, down)
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let upper = values.len() / 2;
    if values.len().is_multiple_of(2) { (values[upper - 1] + values[upper]) / 2.0 } else { values[upper] }
}

/// The profile at a place, on a line through the two values nearest to it: beyond the outermost it goes on as it went.
fn along(places: &[f32], profile: &[f32], at: f32) -> f32 {
    let Some(last) = profile.len().checked_sub(2) else { return profile.first().copied().unwrap_or(0.0) };
    let first = places.partition_point(|place| *place <= at).saturating_sub(1).min(last);
    let share = (at - places[first]) / (places[first + 1] - places[first]);
    profile[first] + share * (profile[first + 1] - profile[first])
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::super::sample::{changed, noise, page, white};
    use super::super::{Ink, Page, clean};
    use super::*;

    /// How light falls on a place of the page, -1 to 1 both ways.
    fn lit(page: &Page, light: impl Fn(f32, f32) -> f32) -> Page {
        changed(page, |x, y, grey| {
            let (u, v) =
                (2.0 * x as f32 / page.width as f32 - 1.0, 2.0 * y as f32 / page.height as f32 - 1.0);
            grey * light(u, v) + 6.0 * noise(x, y)
        })
    }

    /// Pixels of ink that only one of two has, and further than two pixels away from any of the other.
    fn differing(one: &Ink, other: &Ink) -> usize {
        let (width, height) = (one.width as i64, one.height as i64);
        let is_ink = |of: &Ink, x: i64, y: i64| {
            (0..width).contains(&x)
                && (0..height).contains(&y)
                && of.density[(y * width + x) as usize] >= super::super::HALF
        };
        let near = |of: &Ink, x, y| (-2..=2).any(|dy| (-2..=2).any(|dx| is_ink(of, x + dx, y + dy)));
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let alone = |&(x, y): &(i64, i64)| {
            is_ink(one, x, y) && !near(other, x, y) || is_ink(other, x, y) && !near(one, x, y)
        };
        places.filter(alone).count()
    }

    #[test]
    fn noise_at_the_dark_edge_is_no_ink() {
        let page = page();
        let ink = clean::ink(&page).unwrap();
        let falls: [fn(f32, f32) -> f32; 4] = [
            |u, _| 0.75 + 0.25 * u,
            |_, v| 0.75 - 0.25 * v,
            |u, v| 0.75 + 0.12 * u - 0.12 * v,
            // a lamp over a corner
            |u, v| 1.0 / (1.0 + 0.12 * ((u + 1.0).powi(2) + (v + 1.0).powi(2))),
        ];
        for (number, light) in falls.into_iter().enumerate() {
            let photograph = lit(&page, light);
            assert!(Light::of(&photograph).is_some(), "{number}");
            let differ = differing(&ink, &clean::ink(&photograph).unwrap());
            assert!(differ < 20, "{number}: {differ}");
        }
    }

    #[test]
    fn even_light_and_the_edge_of_a_sheet_are_left_alone() {
        let page = page();
        assert!(Light::of(&page).is_none());
        assert!(Light::of(&lit(&page, |_, v| 0.95 - 0.05 * v)).is_none());
        assert!(Light::of(&changed(&page, |_, y, grey| if y < 60 { 30.0 } else { grey })).is_none());
        assert!(Light::of(&changed(&page, |_, _, _| 0.0)).is_none());
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (3, 2), (40, 17)] {
            assert!(Light::of(&white(width, height)).is_none());
        }
    }

    #[test]
    fn a_page_lit_from_one_side_is_evened() {
        let page = changed(&white(400, 150), |x, _, _| 255.0 - 0.45 * x as f32);
        let light = Light::of(&page).unwrap();
        let even = light.even(&page);
        let (least, most) = even.grey.iter().fold((255, 0), |(low, high), v| (low.min(*v), high.max(*v)));
        assert!(most - least < 12, "{least} {most}");
    }
}
