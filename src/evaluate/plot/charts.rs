//! The charts of a report. All are of one reference unless they say otherwise.

use plotters::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{Axis, COLOURS, Curve, Line, chart};
use crate::calibration::sigmoid;
use crate::error::Result;
use crate::evaluate::figures::{REFERENCES, SetFigures};
use crate::evaluate::metrics::{Point, Ranking};
use crate::evaluate::scores::Trials;
use crate::train::corpus::Set;

/// What is drawn of a set.
pub(in crate::evaluate) struct Drawn<'a> {
    pub set: Set,
    /// LLRs of one reference, all pairs.
    pub llrs: &'a Trials,
    pub figures: &'a SetFigures,
    /// Of each writer, per cent.
    pub writer_eer: &'a [Option<f64>],
}

/// LLRs beyond this are drawn at the edge.
const WIDEST: f64 = 10.0;

/// A chart: its file name without the ending, what it shows, and the SVG.
pub(in crate::evaluate) struct Chart {
    pub file: String,
    pub caption: String,
    pub svg: String,
}

/// Every chart of a report.
///
/// # Errors
/// [`Error::Training`](crate::Error::Training) if one cannot be drawn.
pub(in crate::evaluate) fn all(sets: &[Drawn]) -> Result<Vec<Chart>> {
    let named =
        |file: &str, caption: &str, svg: String| Chart { file: file.into(), caption: caption.into(), svg };
    let mut charts = vec![
        named(
            "det",
            "DET curves, skilled forgeries. Both axes are warped by the normal quantile.",
            det(sets)?,
        ),
        named("roc", "ROC curves, skilled forgeries.", roc(sets)?),
        named(
            "references",
            "Equal error rate by number of references, skilled forgeries, with 95 % intervals.",
            references(sets)?,
        ),
        named(
            "writers",
            "Equal error rate of each writer, skilled forgeries, and their mean (line).",
            writers(sets)?,
        ),
        named(
            "calibration",
            "Reliability: how often pairs of a stated probability are by the same hand, both classes weighing the \
             same. A calibrated system lies on the diagonal. Bins with fewer than 20 pairs are left out.",
            reliability(sets)?,
        ),
        named(
            "tippett",
            "Tippett plot: the share of genuine pairs (solid) and of skilled forgeries (dashed) whose LLR is \
             higher.",
            tippett(sets)?,
        ),
    ];
    for set in sets {
        let caption = format!("Score histogram of {}, shares of each kind of pair by LLR.", set.set);
        charts.push(Chart { file: format!("histogram-{}", set.set), caption, svg: histogram(set)? });
    }
    Ok(charts)
}

fn colour(at: usize) -> RGBColor {
    COLOURS[at % COLOURS.len()]
}

/// Ticks that name their own values.
fn plain(values: impl IntoIterator<Item = f64>) -> Vec<(f64, String)> {
    values.into_iter().map(|value| (value, format!("{value}"))).collect()
}

fn llr_axis() -> Axis<'static> {
    let name = "log-likelihood ratio (natural logarithm)";
    Axis { name, range: -WIDEST..WIDEST, ticks: plain((-5..=5).map(|tick| 2.0 * f64::from(tick))) }
}

fn ranking(set: &Drawn) -> Option<Ranking> {
    Ranking::new(&set.llrs.genuine, &set.llrs.skilled)
}

/// A curve of each set through its operating points.
fn operating(sets: &[Drawn], place: impl Fn(Point) -> (f64, f64)) -> Vec<Curve> {
    /// Less than a pixel of any chart.
    const FINEST: f64 = 0.002;
    let curve = |(at, set): (usize, &Drawn)| {
        let mut points: Vec<(f64, f64)> = ranking(set)?.points().map(&place).collect();
        points.dedup_by(|next, kept| (next.0 - kept.0).abs() < FINEST && (next.1 - kept.1).abs() < FINEST);
        Some(Curve { name: set.set.to_string(), colour: colour(at), line: Line::Solid, points })
    };
    sets.iter().enumerate().filter_map(curve).collect()
}

/// The normal quantile of a rate; rates of 0 and 1 are at the ends of every axis.
fn probit(rate: f64) -> f64 {
    Normal::standard().inverse_cdf(rate.clamp(1e-6, 1.0 - 1e-6))
}

fn det(sets: &[Drawn]) -> Result<String> {
    let axis = |name| {
        let rates = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6];
        let ticks = rates.map(|rate| (probit(rate), format!("{}", 100.0 * rate))).into();
        Axis { name, range: probit(0.0008)..probit(0.7), ticks }
    };
    let curves = operating(sets, |point| (probit(point.far), probit(point.frr)));
    chart(
        &axis("false acceptance rate, %"),
        &axis("false rejection rate, %"),
        &curves,
        SeriesLabelPosition::UpperRight,
    )
}

fn roc(sets: &[Drawn]) -> Result<String> {
    let axis = |name| {
        let ticks = (0..=5).map(|tick| (f64::from(tick) / 5.0, format!("{}", 20 * tick))).collect();
        Axis { name, range: 0.0..1.0, ticks }
    };
    let curves = operating(sets, |point| (point.far, 1.0 - point.frr));
    let (x, y) = (axis("false acceptance rate, %"), axis("true acceptance rate, %"));
    chart(&x, &y, &curves, SeriesLabelPosition::LowerRight)
}

/// An axis for rates in per cent from 0 to at least the highest.
fn rate_axis(name: &str, highest: f64) -> Axis<'_> {
    let step = [1.0, 2.0, 5.0, 10.0, 20.0].into_iter().find(|step| highest / step <= 8.0).unwrap_or(20.0);
    let top = (highest / step).ceil().max(1.0) as u32;
    Axis {
        name,
        range: 0.0..f64::from(top) * step,
        ticks: plain((0..=top).map(|tick| f64::from(tick) * step)),
    }
}

fn references(sets: &[Drawn]) -> Result<String> {
    let mut curves = Vec::new();
    let mut highest = 0.0_f64;
    for (at, set) in sets.iter().enumerate() {
        // side by side, so that intervals do not hide each other
        let place = |index: usize| index as f64 + 0.06 * (at as f64 - sets.len() as f64 / 2.0);
        let mut means = Vec::new();
        for (index, count) in REFERENCES.into_iter().enumerate() {
            let Some(figures) = set.figures.skilled(count) else { continue };
            means.push((place(index), figures.eer));
            highest = highest.max(figures.eer);
            if let Some([low, high]) = figures.eer_ci95 {
                highest = highest.max(high);
                let points = vec![(place(index), low), (place(index), high)];
                curves.push(Curve { name: String::new(), colour: colour(at), line: Line::Solid, points });
            }
        }
        curves.push(Curve {
            name: set.set.to_string(),
            colour: colour(at),
            line: Line::Dotted,
            points: means,
        });
    }
    let ticks = REFERENCES.iter().enumerate().map(|(index, count)| (index as f64, count.to_string()));
    let x = Axis { name: "references", range: -0.5..REFERENCES.len() as f64 - 0.5, ticks: ticks.collect() };
    chart(&x, &rate_axis("equal error rate, %", highest), &curves, SeriesLabelPosition::UpperRight)
}

fn writers(sets: &[Drawn]) -> Result<String> {
    let mut curves = Vec::new();
    let mut highest = 0.0_f64;
    for (at, set) in sets.iter().enumerate() {
        let mut rates: Vec<f64> = set.writer_eer.iter().copied().flatten().collect();
        rates.sort_by(f64::total_cmp);
        let place = |index: usize| at as f64 + 0.7 * ((index as f64 + 0.5) / rates.len() as f64 - 0.5);
        let points: Vec<(f64, f64)> =
            rates.iter().enumerate().map(|(index, rate)| (place(index), *rate)).collect();
        highest = rates.last().copied().unwrap_or(0.0).max(highest);
        // nobody has a rate where there are no forgeries
        if rates.is_empty() {
            continue;
        }
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let line = vec![(at as f64 - 0.4, mean), (at as f64 + 0.4, mean)];
        let named = |line, points| Curve { name: String::new(), colour: colour(at), line, points };
        curves.push(named(Line::Dots, points));
        curves.push(named(Line::Solid, line));
    }
    let ticks = sets.iter().enumerate().map(|(at, set)| (at as f64, set.set.to_string())).collect();
    let x = Axis { name: "set; its writers by rate", range: -0.5..sets.len() as f64 - 0.5, ticks };
    chart(&x, &rate_axis("equal error rate, %", highest), &curves, SeriesLabelPosition::UpperRight)
}

fn reliability(sets: &[Drawn]) -> Result<String> {
    const BINS: usize = 10;
    const FEWEST: usize = 20;
    let mut curves: Vec<Curve> = Vec::new();
    // of one class alone every share would be 0 or 1
    let both = |set: &&Drawn| !set.llrs.genuine.is_empty() && !set.llrs.skilled.is_empty();
    for (at, set) in sets.iter().enumerate().filter(|(_, set)| both(set)) {
        let mut bins = [(0_usize, 0.0, 0.0, 0.0); BINS];
        for (llrs, same) in [(&set.llrs.genuine, 1.0), (&set.llrs.skilled, 0.0)] {
            for llr in llrs {
                let stated = sigmoid(*llr);
                let weight = 1.0 / llrs.len() as f64;
                let (count, total, sum, by_same) = &mut bins[((stated * BINS as f64) as usize).min(BINS - 1)];
                *count += 1;
                *total += weight;
                *sum += weight * stated;
                *by_same += weight * same;
            }
        }
        let filled = bins.into_iter().filter(|bin| bin.0 >= FEWEST);
        let points = filled.map(|(_, total, sum, by_same)| (sum / total, by_same / total)).collect();
        curves.push(Curve { name: set.set.to_string(), colour: colour(at), line: Line::Dotted, points });
    }
    let diagonal = vec![(0.0, 0.0), (1.0, 1.0)];
    curves.push(Curve { name: String::new(), colour: super::GREY, line: Line::Dashed, points: diagonal });
    let axis = |name| Axis { name, range: 0.0..1.0, ticks: plain((0..=5).map(|tick| f64::from(tick) / 5.0)) };
    let (x, y) = (axis("stated probability of the same hand"), axis("share by the same hand"));
    chart(&x, &y, &curves, SeriesLabelPosition::UpperLeft)
}

fn tippett(sets: &[Drawn]) -> Result<String> {
    let mut curves = Vec::new();
    for (at, set) in sets.iter().enumerate() {
        let kinds = [
            (&set.llrs.genuine, Line::Solid, set.set.to_string()),
            (&set.llrs.skilled, Line::Dashed, String::new()),
        ];
        for (llrs, line, name) in kinds.into_iter().filter(|(llrs, ..)| !llrs.is_empty()) {
            let mut sorted = llrs.clone();
            sorted.sort_by(f64::total_cmp);
            // every chart of a large set at the same fineness
            let places = (0..=200).map(|place| WIDEST * (f64::from(place) / 100.0 - 1.0));
            let above = |llr: f64| {
                let below = sorted.partition_point(|other| *other <= llr);
                (llr, 1.0 - below as f64 / sorted.len() as f64)
            };
            curves.push(Curve { name, colour: colour(at), line, points: places.map(above).collect() });
        }
    }
    let ticks = (0..=5).map(|tick| (f64::from(tick) / 5.0, format!("{}", 20 * tick))).collect();
    let y = Axis { name: "share with a higher LLR, %", range: 0.0..1.0, ticks };
    chart(&llr_axis(), &y, &curves, SeriesLabelPosition::UpperRight)
}

fn histogram(set: &Drawn) -> Result<String> {
    const BINS: usize = 40;
    let mut curves = Vec::new();
    let mut highest = 0.0_f64;
    let kinds =
        [("genuine", &set.llrs.genuine), ("skilled", &set.llrs.skilled), ("random", &set.llrs.random)];
    for (at, (name, llrs)) in kinds.into_iter().enumerate().filter(|(_, (_, llrs))| !llrs.is_empty()) {
        let width = 2.0 * WIDEST / BINS as f64;
        let mut bins = [0_usize; BINS];
        for llr in llrs {
            bins[(((llr + WIDEST) / width).max(0.0) as usize).min(BINS - 1)] += 1;
        }
        let mut points = Vec::with_capacity(2 * BINS);
        for (bin, count) in bins.into_iter().enumerate() {
            let share = 100.0 * count as f64 / llrs.len() as f64;
            highest = highest.max(share);
            let left = bin as f64 * width - WIDEST;
            points.extend([(left, share), (left + width, share)]);
        }
        curves.push(Curve { name: name.into(), colour: colour(at), line: Line::Solid, points });
    }
    chart(&llr_axis(), &rate_axis("pairs, %", highest), &curves, SeriesLabelPosition::UpperRight)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy's quantiles: tests/fixtures/metrics/reference.py.
    #[test]
    fn axes_of_a_det_plot_are_normal_quantiles() {
        let text = include_str!("../../../tests/fixtures/metrics/expected.json");
        let expected: serde_json::Value = serde_json::from_str(text).unwrap();
        let pairs = expected["probit"].as_array().unwrap();
        assert_eq!(pairs.len(), 5);
        for pair in pairs {
            let [rate, wanted] = [0, 1].map(|at| pair[at].as_f64().unwrap());
            assert!((probit(rate) - wanted).abs() < 1e-8, "{rate}: {}, not {wanted}", probit(rate));
        }
        assert!(probit(0.0) < probit(0.0008) && probit(1.0).is_finite());
    }

    #[test]
    fn an_axis_of_rates_reaches_the_highest_with_few_ticks() {
        for highest in [0.0, 0.3, 1.0, 7.9, 24.0, 33.0, 100.0] {
            let axis = rate_axis("", highest);
            assert!(axis.range.end >= highest && (2..=9).contains(&axis.ticks.len()), "{highest}");
        }
    }
}
