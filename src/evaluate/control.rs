//! The no-reference control: can a forgery be told from one picture alone, by one number?
//!
//! In the public sets forgeries were scanned, or written, apart from the genuine signatures. Where one
//! number of one image separates them, a network learns that number and not the hand. These probes
//! measure it on the page as it came in and on the frame that a network sees.

use std::collections::BTreeMap;

use serde::Serialize;

use super::metrics::Ranking;
use crate::ink::{Frame, Page};
use crate::train::corpus::Writer;

/// The probes, in the order of [`Probe`].
pub const PROBES: [&str; 6] =
    ["background level", "darkest pixel", "mean ink", "ink fraction", "isolated pixels", "stroke width"];

/// One number for each of [`PROBES`].
pub type Probe = [f64; PROBES.len()];

/// Probes a page as it was handed in.
pub fn probe_page(page: &Page) -> Probe {
    let ink: Vec<u8> = page.grey.iter().map(|g| 255 - g).collect();
    probe(&ink, page.width as usize)
}

/// Probes what a network sees.
pub fn probe_frame(frame: &Frame) -> Probe {
    probe(&frame.density, frame.width as usize)
}

/// `ink`: row-major, 0 = white, 255 = black.
fn probe(ink: &[u8], width: usize) -> Probe {
    if ink.is_empty() || width == 0 {
        return [0.0; PROBES.len()];
    }
    let mut histogram = [0_usize; 256];
    ink.iter().for_each(|v| histogram[usize::from(*v)] += 1);
    let background = histogram.iter().enumerate().max_by_key(|(_, n)| **n).map_or(0, |(v, _)| v);
    let darkest = ink.iter().copied().max().unwrap_or(0);
    let count = ink.len() as f64;
    let mean = ink.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
    // ink is what lies on the dark side of the middle between the paper and the darkest pixel
    let middle = (background + usize::from(darkest)) as f64 / 2.0;
    let is_ink = |at: usize| f64::from(ink[at]) > middle;
    let (mut area, mut outline, mut isolated) = (0.0_f64, 0.0, 0.0);
    for at in (0..ink.len()).filter(|at| is_ink(*at)) {
        area += 1.0;
        let (x, y) = ((at % width) as isize, (at / width) as isize);
        let near = |dx: isize, dy: isize| {
            let (nx, ny) = (x + dx, y + dy);
            let inside = nx >= 0 && nx < width as isize && ny >= 0 && ny < (ink.len() / width) as isize;
            inside && is_ink((ny * width as isize + nx) as usize)
        };
        let sides = [(-1, 0), (1, 0), (0, -1), (0, 1)];
        let corners = [(-1, -1), (1, -1), (-1, 1), (1, 1)];
        outline += sides.iter().filter(|(dx, dy)| !near(*dx, *dy)).count() as f64;
        isolated += f64::from(u8::from(!sides.iter().chain(&corners).any(|(dx, dy)| near(*dx, *dy))));
    }
    // a long stroke has twice its area over its outline
    let stroke = if outline > 0.0 { 2.0 * area / outline } else { 0.0 };
    [255.0 - background as f64, 255.0 - f64::from(darkest), mean, area / count, isolated, stroke]
}

/// How well values of `high` and `low` can be told apart ([`Ranking::auc`]); 0.5 where one of them is empty.
pub fn auc(high: &[f64], low: &[f64]) -> f64 {
    Ranking::new(high, low).map_or(0.5, |ranking| ranking.auc())
}

/// How well forged is told from genuine in one set from the questioned image alone: 0.5 is chance. What is high
/// here flatters every system that is measured on the set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Control {
    /// AUC of each of [`PROBES`] on the frame, in the direction that suits it, over all writers.
    pub one_number: BTreeMap<&'static str, f64>,
    /// AUC of the linear probe on the encoder's features ([`super::probe`]), if it was trained.
    pub trained: Option<f64>,
}

impl Control {
    /// The control by one number of the frame.
    pub fn of(writers: &[&Writer]) -> Self {
        let probe = |frames: fn(&Writer) -> &Vec<Frame>| -> Vec<Probe> {
            writers.iter().flat_map(|writer| frames(writer)).map(probe_frame).collect()
        };
        let (forged, genuine) = (probe(|writer| &writer.forged), probe(|writer| &writer.genuine));
        let tells = told(&forged, &genuine);
        Self { one_number: PROBES.into_iter().zip(tells).collect(), trained: None }
    }

    /// What tells most, and its AUC.
    pub fn highest(&self) -> (&'static str, f64) {
        let trained = self.trained.map(|auc| ("trained probe", auc));
        let all = self.one_number.iter().map(|(name, auc)| (*name, *auc)).chain(trained);
        all.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(("nothing", 0.5))
    }
}

/// How well each probe tells the two kinds apart: the larger of AUC and 1 - AUC.
fn told(forged: &[Probe], genuine: &[Probe]) -> Probe {
    std::array::from_fn(|at| {
        let values = |probes: &[Probe]| -> Vec<f64> { probes.iter().map(|probe| probe[at]).collect() };
        let auc = auc(&values(forged), &values(genuine));
        auc.max(1.0 - auc)
    })
}

/// What one questioned image showed, before and after preprocessing.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The name of its set.
    pub set: String,
    pub is_forged: bool,
    /// [`probe_page`] of the image as it came in.
    pub page: Probe,
    /// [`probe_frame`] of the same image prepared.
    pub frame: Probe,
}

/// How well each probe tells forged from genuine in one set, over all its writers: the larger of AUC
/// and 1 - AUC, so 0.5 is chance and 1 is certainty.
#[derive(Debug, Clone, PartialEq)]
pub struct Cues {
    pub set: String,
    pub genuine: usize,
    pub forged: usize,
    pub before: Probe,
    pub after: Probe,
}

impl Cues {
    /// The probe that tells most: its number in [`PROBES`] and its AUC.
    pub fn worst(probe: &Probe) -> (usize, f64) {
        probe
            .iter()
            .copied()
            .enumerate()
            .fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
    }
}

/// One row for each set, by name.
pub fn cue_table(samples: &[Sample]) -> Vec<Cues> {
    let mut sets: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    samples.iter().for_each(|s| sets.entry(&s.set).or_default().push(s));
    let row = |(set, samples): (&str, Vec<&Sample>)| {
        let (forged, genuine): (Vec<&Sample>, Vec<&Sample>) = samples.into_iter().partition(|s| s.is_forged);
        let tells = |of: fn(&Sample) -> &Probe| {
            let probes = |of_kind: &[&Sample]| of_kind.iter().map(|sample| *of(sample)).collect::<Vec<_>>();
            told(&probes(&forged), &probes(&genuine))
        };
        Cues {
            set: set.to_owned(),
            genuine: genuine.len(),
            forged: forged.len(),
            before: tells(|s| &s.page),
            after: tells(|s| &s.frame),
        }
    };
    sets.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_is_the_rank_statistic() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), 1.0);
        assert_eq!(auc(&[0.0, 1.0], &[2.0, 3.0]), 0.0);
        assert_eq!(auc(&[1.0, 1.0], &[1.0]), 0.5);
        // pairs won: (1,0) (3,0) (3,2); lost: (1,2)
        assert_eq!(auc(&[1.0, 3.0], &[0.0, 2.0]), 0.75);
        assert_eq!(auc(&[], &[1.0]), 0.5);
    }

    #[test]
    fn each_probe_sees_its_cue() {
        let mut page = Page::new(20, 10, vec![240; 200]).unwrap();
        for x in 2..18 {
            page.grey[3 * 20 + x] = 50;
            page.grey[4 * 20 + x] = 50;
        }
        page.grey[8 * 20 + 10] = 40;
        let [background, darkest, mean, fraction, isolated, stroke] = probe_page(&page);
        assert_eq!((background, darkest, isolated), (240.0, 40.0, 1.0));
        assert!((fraction - 33.0 / 200.0).abs() < 1e-9);
        assert!((mean - (167.0 * 15.0 + 32.0 * 205.0 + 215.0) / 200.0).abs() < 1e-9);
        assert!((stroke - 66.0 / 40.0).abs() < 1e-9);
    }

    #[test]
    fn the_table_has_a_row_for_each_set_and_no_direction() {
        let sample = |set: &str, is_forged: bool, page: f64| Sample {
            set: set.into(),
            is_forged,
            page: [page; 6],
            frame: [0.0; 6],
        };
        let table = cue_table(&[
            sample("b", true, 1.0),
            sample("b", false, 2.0),
            sample("a", true, 2.0),
            sample("a", false, 1.0),
            sample("a", false, 3.0),
        ]);
        assert_eq!(table.iter().map(|row| row.set.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((table[0].genuine, table[0].forged, table[0].before), (2, 1, [0.5; 6]));
        assert_eq!((table[1].before, table[1].after), ([1.0; 6], [0.5; 6]));
        assert_eq!(Cues::worst(&table[1].before), (0, 1.0));
    }
}
