//! Line charts as SVG, with axes that may be warped.

pub(super) mod charts;

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::prelude::*;

use crate::error::{Error, Result};

/// Width and height of a chart, pixels.
const SIZE: (u32, u32) = (640, 460);
const FONT: &str = "sans-serif";
const GREY: RGBColor = RGBColor(110, 110, 110);

/// Colours that people with any colour vision tell apart (Okabe and Ito 2008).
pub(super) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// One direction of a chart. Values are in the coordinates of the plane; ticks name what they stand for.
#[derive(Clone)]
pub(super) struct Axis<'a> {
    pub name: &'a str,
    pub range: Range<f64>,
    pub ticks: Vec<(f64, String)>,
}

impl Ranged for Axis<'_> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        first + (share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis<'_> {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.0 == *value);
        tick.map(|tick| tick.1.clone()).unwrap_or_default()
    }
}

/// How a curve is drawn.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Line {
    Solid,
    Dashed,
    /// A line with a dot on every point.
    Dotted,
    /// The dots alone.
    Dots,
}

pub(super) struct Curve {
    /// For the legend; nothing for a curve that is not named there.
    pub name: String,
    pub colour: RGBColor,
    pub line: Line,
    pub points: Vec<(f64, f64)>,
}

/// Draws curves; what lies outside the axes is cut off at them.
///
/// # Errors
/// [`Error::Training`] if the chart cannot be drawn.
pub(super) fn chart(x: &Axis, y: &Axis, curves: &[Curve], legend: SeriesLabelPosition) -> Result<String> {
    let mut text = String::new();
    draw(&mut text, x, y, curves, legend)
        .map_err(|error| Error::Training(format!("a chart cannot be drawn: {error}")))?;
    Ok(text)
}

fn draw(
    text: &mut String,
    x: &Axis,
    y: &Axis,
    curves: &[Curve],
    legend: SeriesLabelPosition,
) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let picture = SVGBackend::with_string(text, SIZE).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(58)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .x_desc(x.name)
        .y_desc(y.name)
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 13))
        .light_line_style(TRANSPARENT)
        .bold_line_style(RGBColor(225, 225, 225))
        .axis_style(GREY)
        .x_labels(x.ticks.len())
        .y_labels(y.ticks.len())
        .draw()?;
    let inside = |value: f64, range: &Range<f64>| value.clamp(range.start, range.end);
    for curve in curves {
        let points = curve.points.iter().map(|&(a, b)| (inside(a, &x.range), inside(b, &y.range)));
        let style = curve.colour.stroke_width(2);
        let dot = curve.colour.filled();
        let drawn = match curve.line {
            Line::Solid => chart.draw_series(LineSeries::new(points, style))?,
            Line::Dotted => {
                chart.draw_series(points.clone().map(|point| Circle::new(point, 3, dot)))?;
                chart.draw_series(LineSeries::new(points, style))?
            }
            Line::Dashed => chart.draw_series(DashedLineSeries::new(points, 6, 4, style))?,
            Line::Dots => chart.draw_series(points.map(|point| Circle::new(point, 3, dot)))?,
        };
        if !curve.name.is_empty() {
            drawn.label(&curve.name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
    }
    if curves.iter().any(|curve| !curve.name.is_empty()) {
        chart
            .configure_series_labels()
            .position(legend)
            .label_font((FONT, 14))
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .draw()?;
    }
    picture.present()?;
    Ok(())
}
