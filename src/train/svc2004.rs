//! Reads and writes a pen recording of SVC2004 task 2.
//!
//! Text: a line with the number of samples, then one line `x y time pen azimuth altitude pressure` per sample.
//! Only samples with the pen on the tablet are listed; `pen` is 0 at the first sample of a stroke and 1 at the
//! others. The y axis points up. Pressure runs from 0 to 1023; time is in milliseconds.

use std::path::Path;

use crate::error::{Error, Result};
use crate::ink::strokes::{Point, Stroke};

/// More samples than any signature has: a minute at 1 kHz.
const MOST_SAMPLES: usize = 60_000;
const FULL_PRESSURE: f32 = 1023.0;

/// Pen strokes of one recording: y downwards, time in milliseconds from the first sample, pressure in 0..=1.
///
/// # Errors
/// [`Error::File`] naming the line when a number is missing, not finite, or the count line does not agree.
pub fn parse(path: &Path, text: &str) -> Result<Vec<Stroke>> {
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    let announced: usize = lines
        .next()
        .and_then(|(_, line)| line.parse().ok())
        .filter(|count| (1..=MOST_SAMPLES).contains(count))
        .ok_or_else(|| {
            Error::file(path, format!("line 1 must be the number of samples, 1 to {MOST_SAMPLES}"))
        })?;

    let mut strokes: Vec<Stroke> = Vec::new();
    let (mut samples, mut start) = (0, None);
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let [x, y, time, pen, pressure] = sample(line).ok_or_else(|| {
            Error::file(
                path,
                format!("line {number} must hold seven numbers: x y time pen azimuth altitude pressure"),
            )
        })?;
        samples += 1;
        if samples > announced {
            break;
        }
        let start = *start.get_or_insert(time);
        let point = Point {
            x: x as f32,
            y: -y as f32,
            t: (time - start) as f32,
            pressure: (pressure as f32 / FULL_PRESSURE).clamp(0.0, 1.0),
        };
        match strokes.last_mut() {
            Some(stroke) if pen > 0.0 => stroke.push(point),
            _ => strokes.push(vec![point]),
        }
    }
    if samples != announced {
        return Err(Error::file(
            path,
            format!("line 1 announces {announced} samples, but {samples} or more follow"),
        ));
    }
    Ok(strokes)
}

/// The recording of strokes whose points have pressure 0..=1 and time in milliseconds, in hundredths of the strokes'
/// unit from the lower left corner; the pen stands upright. [`parse`] gives the strokes again, rounded and shifted.
pub fn write(strokes: &[Stroke]) -> String {
    /// Tablet units per unit of the strokes: with ten, rounding shows in the frames; with a hundred it does not.
    const FINE: f32 = 100.0;
    let points = || strokes.iter().flatten();
    let left = points().map(|point| point.x).fold(f32::INFINITY, f32::min);
    let bottom = points().map(|point| point.y).fold(f32::NEG_INFINITY, f32::max);
    let mut text = format!("{}\n", points().count());
    for stroke in strokes {
        for (index, point) in stroke.iter().enumerate() {
            let (x, y) = ((point.x - left) * FINE, (bottom - point.y) * FINE);
            let pen = u8::from(index > 0);
            let pressure = (point.pressure * FULL_PRESSURE).round();
            text += &format!("{} {} {} {pen} 0 900 {pressure}\n", x.round(), y.round(), point.t.round());
        }
    }
    text
}

/// x, y, time, pen and pressure; f64 because times of one recording lie near 3e7 ms and f32 would round them.
fn sample(line: &str) -> Option<[f64; 5]> {
    let mut numbers =
        line.split_ascii_whitespace().map(|word| word.parse::<f64>().ok().filter(|n| n.is_finite()));
    let mut next = || numbers.next().flatten();
    let (x, y, time, pen) = (next()?, next()?, next()?, next()?);
    let (_azimuth, _altitude, pressure) = (next()?, next()?, next()?);
    numbers.next().is_none().then_some([x, y, time, pen, pressure])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_STROKES: &str = "5\r\n10 20 1000 0 1 1 100\r\n12 25 1010 1 1 1 1023\r\n14 20 1020 1 1 1 5\r\n\
        30 20 1100 0 1 1 7\r\n31 22 1110 1 1 1 9\r\n";

    #[test]
    fn pen_flag_starts_strokes_and_y_points_down() {
        let strokes = parse(Path::new("x"), TWO_STROKES).unwrap();
        assert_eq!(strokes.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
        assert_eq!((strokes[0][1].x, strokes[0][1].y, strokes[0][1].t), (12.0, -25.0, 10.0));
        assert_eq!(strokes[0][1].pressure, 1.0);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let point = |x, y, t, pressure| Point { x, y, t, pressure };
        let strokes = vec![
            vec![point(-5.0, 7.0, 0.0, 0.5), point(1.0, 2.0, 5.0, 1.0)],
            vec![point(3.0, 9.0, 160.0, 0.0)],
        ];
        let text = write(&strokes);
        assert_eq!(text.lines().nth(1), Some("0 200 0 0 0 900 512"));
        let read = parse(Path::new("x"), &text).unwrap();
        assert_eq!(read.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        let last = read[1][0];
        assert_eq!((last.x, last.y, last.t, last.pressure), (800.0, 0.0, 160.0, 0.0));
        assert_eq!((read[0][1].x, read[0][1].y), (600.0, -700.0));
    }

    #[test]
    fn bad_recordings_name_the_line() {
        for (text, said) in [
            ("", "line 1"),
            ("0\n", "line 1"),
            ("99999999999\n", "line 1"),
            ("1\n1 2 3 0 5 6\n", "line 2"),
            ("1\n1 2 3 0 5 6 x\n", "line 2"),
            ("1\n1 2 3 0 5 6 NaN\n", "line 2"),
            ("2\n1 2 3 0 5 6 7\n", "announces 2"),
            ("1\n1 2 3 0 5 6 7\n1 2 3 1 5 6 7\n", "announces 1"),
        ] {
            let error = parse(Path::new("rec.txt"), text).unwrap_err();
            assert_eq!(error.code(), "file");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
