//! Loss and equal error rate over the epochs, drawn.

use plotters::prelude::*;

use super::history::{EpochRecord, History};
use crate::error::{Error, Result};

/// Width and height of the picture, pixels.
const SIZE: (u32, u32) = (860, 760);
pub(super) const FONT: &str = "sans-serif";
pub(super) const GREY: RGBColor = RGBColor(110, 110, 110);

const MEAN: &str = "mean of the sets";

/// Colours that people with any colour vision tell apart (Okabe and Ito 2008).
pub(super) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// A line: its name, and the values of the epochs that have one.
struct Curve {
    name: String,
    points: Vec<(usize, f64)>,
}

impl Curve {
    fn new(name: &str, history: &History, value: impl Fn(&EpochRecord) -> Option<f64>) -> Self {
        let points = history.epochs.iter().filter_map(|record| Some((record.epoch, value(record)?)));
        Self { name: name.into(), points: points.collect() }
    }
}

/// The curves of a run as an SVG picture: the losses above, the equal error rates below.
///
/// # Errors
/// [`Error::Training`] if the picture cannot be drawn.
pub(super) fn svg(name: &str, history: &History) -> Result<String> {
    let losses = [
        Curve::new("training", history, |record| Some(record.train_loss)),
        Curve::new("validation", history, |record| Some(record.validation_loss)),
    ];
    let of_set = |set: &&str| Curve::new(set, history, |record| record.eer_by_set.get(*set).copied());
    let mut rates: Vec<Curve> = history.sets().iter().map(of_set).collect();
    if rates.len() != 1 {
        rates.push(Curve::new(MEAN, history, |record| record.eer));
    }
    let mut text = String::new();
    draw(&mut text, name, history, &losses, &rates)
        .map_err(|error| Error::Training(format!("the curves cannot be drawn: {error}")))?;
    Ok(text)
}

fn draw(
    text: &mut String,
    name: &str,
    history: &History,
    losses: &[Curve],
    rates: &[Curve],
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let picture = SVGBackend::with_string(text, SIZE).into_drawing_area();
    picture.fill(&WHITE)?;
    let best = history.best();
    let title = match best {
        Some(best) => format!("{name}: {} epochs, the best is {best}", history.epochs.len()),
        None => name.to_string(),
    };
    let picture = picture.titled(&title, (FONT, 22))?;
    let last = history.epochs.last().map_or(1, |record| record.epoch);
    let (upper, lower) = picture.split_vertically(picture.dim_in_pixel().1 as i32 / 2);
    let rate = "equal error rate, %";
    for (area, label, curves) in [(upper, "loss", losses), (lower, rate, rates)] {
        let values = || curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.1));
        let highest = values().fold(f64::MIN_POSITIVE, f64::max);
        let lowest = values().fold(0.0, f64::min);
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(1..last.max(2), lowest..highest * 1.05)?;
        chart
            .configure_mesh()
            .x_desc("epoch")
            .y_desc(label)
            .axis_desc_style((FONT, 15))
            .label_style((FONT, 13))
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .axis_style(GREY)
            .x_labels(12)
            .y_labels(6)
            .y_label_formatter(&|value| {
                format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').into()
            })
            .draw()?;
        if let Some(best) = best {
            let line = [(best, lowest), (best, highest * 1.05)];
            chart.draw_series(DashedLineSeries::new(line, 4, 4, GREY.stroke_width(1)))?;
        }
        for (curve, colour) in curves.iter().zip(COLOURS.into_iter().cycle()) {
            let (colour, stroke_width) = if curve.name == MEAN { (BLACK, 3) } else { (colour, 2) };
            let style = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width };
            chart
                .draw_series(LineSeries::new(curve.points.iter().copied(), style).point_size(3))?
                .label(&curve.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
        chart
            .configure_series_labels()
            // where there is room: early epochs are high
            .position(SeriesLabelPosition::LowerLeft)
            .label_font((FONT, 14))
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .draw()?;
    }
    picture.present()?;
    Ok(())
}
