//! A search, drawn: the rate of each trial, then against each setting.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::super::curves::{COLOURS, FONT, GREY};
use super::{Parameter, Search, State, Trial};
use crate::error::{Error, Result};

/// Size of a panel, pixels.
const PANEL: (u32, u32) = (430, 300);
const COLUMNS: usize = 2;
/// Room above and below the rates, as a share of their range.
const ROOM: f64 = 0.08;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

/// The picture, as SVG.
///
/// # Errors
/// [`Error::Training`] if it cannot be drawn.
pub(super) fn svg(search: &Search, trials: &[Trial]) -> Result<String> {
    let mut text = String::new();
    draw(&mut text, search, trials)
        .map_err(|error| Error::Training(format!("the search cannot be drawn: {error}")))?;
    Ok(text)
}

fn draw(text: &mut String, search: &Search, trials: &[Trial]) -> Drawn {
    let rows = (search.space.0.len() + 1).div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * rows as u32 + 40);
    let picture = SVGBackend::with_string(text, size).into_drawing_area();
    picture.fill(&WHITE)?;
    let title = format!("{}: {} trials (hollow: pruned)", search.name, trials.len());
    let panels = picture.titled(&title, (FONT, 22))?.split_evenly((rows, COLUMNS));
    let mut panels = panels.iter();
    if let Some(panel) = panels.next() {
        let last = trials.last().map_or(1, |trial| trial.number);
        let axis = Axis {
            name: "trial",
            from: 0.5,
            to: last as f64 + 0.5,
            labels: 8,
            label: &|x| {
                // only where a trial is
                if x.fract() == 0.0 { format!("{x}") } else { String::new() }
            },
        };
        draw_panel(panel, &axis, trials, |trial| Some(trial.number as f64), true)?;
    }
    for ((path, parameter), panel) in search.space.0.iter().zip(panels) {
        let is_choice = matches!(parameter, Parameter::Choice { .. });
        let label = |x: &f64| match is_choice {
            // a choice takes the room from its number to the next, and is named in the middle
            true if x.fract() == 0.5 => shortened(&parameter.value(*x).to_string()),
            true => String::new(),
            false => shortened(&parameter.value(*x).to_string()),
        };
        let labels = if is_choice { 2 * parameter.end() as usize + 1 } else { 5 };
        let axis = Axis { name: path, from: 0.0, to: parameter.end(), labels, label: &label };
        let place = |trial: &Trial| {
            let place = trial.places.get(path).copied()?;
            Some(if is_choice { place.floor() + 0.5 } else { place })
        };
        draw_panel(panel, &axis, trials, place, false)?;
    }
    picture.present()?;
    Ok(())
}

/// The axis below a panel.
struct Axis<'a> {
    name: &'a str,
    from: f64,
    to: f64,
    labels: usize,
    label: &'a dyn Fn(&f64) -> String,
}

fn draw_panel(
    panel: &Area,
    axis: &Axis,
    trials: &[Trial],
    place: impl Fn(&Trial) -> Option<f64>,
    with_best: bool,
) -> Drawn {
    let points: Vec<(f64, f64, State)> = trials
        .iter()
        .filter_map(|trial| {
            Some((place(trial)?, trial.objective.filter(|rate| rate.is_finite())?, trial.state))
        })
        .collect();
    let lowest = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let highest = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let (lowest, highest) = if points.is_empty() { (0.0, 50.0) } else { (lowest, highest) };
    let room = (ROOM * (highest - lowest)).max(0.1);
    let mut chart = ChartBuilder::on(panel)
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(axis.from..axis.to, lowest - room..highest + room)?;
    chart
        .configure_mesh()
        .x_desc(axis.name)
        .y_desc("equal error rate, %")
        .axis_desc_style((FONT, 14))
        .label_style((FONT, 12))
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(235, 235, 235))
        .axis_style(GREY)
        .x_labels(axis.labels)
        .y_labels(5)
        .x_label_formatter(&axis.label)
        .draw()?;
    if with_best {
        let mut best = f64::INFINITY;
        let steps = points.iter().map(|&(x, rate, _)| {
            best = best.min(rate);
            (x, best)
        });
        chart.draw_series(LineSeries::new(steps, COLOURS[1].stroke_width(2)))?;
    }
    let filled = |state| state != State::Pruned;
    chart.draw_series(points.iter().map(|&(x, rate, state)| {
        let style = ShapeStyle { color: COLOURS[0].to_rgba(), filled: filled(state), stroke_width: 1 };
        Circle::new((x, rate), 4, style)
    }))?;
    Ok(())
}

/// A label that does not run into the next one.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 14;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
