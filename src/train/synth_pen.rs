//! From a plan to a pen track: the sigma-lognormal model of rapid human movement.
//!
//! Each movement runs along a circular arc to a virtual target with a lognormal speed profile, and the next one
//! begins before it has ended; the track is their vector sum (R. Plamondon, "A kinematic theory of rapid human
//! movements", Biological Cybernetics 72, 1995; M. Ferrer et al., "iDeLog", IEEE TPAMI 42, 2020). The sum has a
//! closed form, because the integral of a lognormal is a normal distribution function of log time.

use std::f64::consts::{SQRT_2, TAU};

use super::synth_hand::{Dice, Hand};
use crate::ink::strokes::{Point, Stroke};

/// Where a movement ends, in letter heights, y upwards, and by how much it turns, radians, positive to the left.
///
/// The first target of a component is where the pen comes down; its `bend` means nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub x: f64,
    pub y: f64,
    pub bend: f64,
}

/// Movements between pen down and pen up.
pub type Component = Vec<Target>;

/// Units of the written strokes per letter height: about the pixels of a signature drawn on a screen.
const LETTER: f64 = 36.0;
/// Time between samples.
const STEP: f64 = 5.0;
/// Time from pen up to pen down.
const LIFT: f64 = 150.0;
/// A lognormal is over at this many deviations of log time.
const REACH: f64 = 3.0;
/// Speed, in letter heights a millisecond, at which pressure has dropped by half of the hand's lightness.
const FAST: f64 = 0.02;

/// One movement along an arc.
struct Movement {
    /// Length of the arc, its first direction and its turn.
    length: f64,
    direction: f64,
    turn: f64,
    /// Start of the lognormal and its two parameters.
    onset: f64,
    mu: f64,
    sigma: f64,
}

impl Movement {
    /// Displacement at a time since the component began.
    fn at(&self, time: f64) -> (f64, f64) {
        let elapsed = time - self.onset;
        if elapsed <= 0.0 {
            return (0.0, 0.0);
        }
        let share = 0.5 * (1.0 + erf((elapsed.ln() - self.mu) / (self.sigma * SQRT_2)));
        // chord of the part of the arc done so far
        let turned = self.turn * share;
        let chord = self.length * share * sinc(0.5 * turned);
        let heading = self.direction + 0.5 * turned;
        (chord * heading.cos(), chord * heading.sin())
    }
}

/// Writes a plan. The strokes are in units of about a pixel, y downwards, time in milliseconds from 0.
pub fn write(plan: &[Component], hand: &Hand, dice: &mut Dice) -> Vec<Stroke> {
    let mut clock = 0.0;
    let mut strokes = Vec::with_capacity(plan.len());
    for component in plan.iter().filter(|component| !component.is_empty()) {
        let stroke = component_stroke(component, hand, clock, dice);
        clock = stroke.last().map_or(clock, |point| f64::from(point.t)) + LIFT;
        strokes.push(stroke);
    }
    strokes
}

fn component_stroke(component: &[Target], hand: &Hand, clock: f64, dice: &mut Dice) -> Stroke {
    let (movements, end) = movements(component, hand);
    let tremor = Tremor::draw(hand.tremor, dice);
    let (sin, cos) = hand.slope.sin_cos();
    let samples = (end / STEP).ceil() as usize;
    let mut before: Option<(f64, f64)> = None;
    (0..=samples)
        .map(|sample| {
            let time = sample as f64 * STEP;
            let (mut x, mut y) = (component[0].x, component[0].y);
            for movement in &movements {
                let (dx, dy) = movement.at(time);
                (x, y) = (x + dx, y + dy);
            }
            let speed = before.map_or(0.0, |(bx, by)| (x - bx).hypot(y - by) / STEP);
            before = Some((x, y));

            let (tx, ty) = tremor.at(time);
            let (x, y) = (x + hand.slant * y + tx, y + ty);
            let (x, y) = (x * cos - y * sin, x * sin + y * cos);
            // the pen lands and leaves lightly
            let contact = (time.min(samples as f64 * STEP - time) / 40.0).clamp(0.0, 1.0);
            let pressure = hand.pressure - hand.lightness * speed / (speed + FAST);
            Point {
                x: (x * LETTER) as f32,
                y: (-y * LETTER) as f32,
                t: (clock + time) as f32,
                pressure: (pressure * (0.4 + 0.6 * contact)).clamp(0.05, 1.0) as f32,
            }
        })
        .collect()
}

/// The movements between the targets and the time when the last one has ended.
fn movements(component: &[Target], hand: &Hand) -> (Vec<Movement>, f64) {
    let sigma = hand.sigma;
    let (mut start, mut end) = (0.0, STEP);
    let movements = component
        .windows(2)
        .map(|pair| {
            let (dx, dy) = (pair[1].x - pair[0].x, pair[1].y - pair[0].y);
            let chord = dx.hypot(dy);
            let turn = pair[1].bend * hand.roundness;
            // long movements take little longer than short ones (isochrony)
            let duration = hand.pace * chord.max(0.05).powf(0.35) * (1.0 + 0.15 * turn.abs());
            // from REACH deviations before the median of log time to REACH after it
            let mu = (duration / (2.0 * (REACH * sigma).sinh())).ln();
            let movement = Movement {
                length: chord / sinc(0.5 * turn),
                direction: dy.atan2(dx) - 0.5 * turn,
                turn,
                onset: start - (mu - REACH * sigma).exp(),
                mu,
                sigma,
            };
            end = start + duration;
            start += duration * (1.0 - hand.overlap);
            movement
        })
        .collect();
    (movements, end)
}

/// Involuntary oscillation of the hand, 6 to 12 Hz, as a sum of three waves per axis.
struct Tremor {
    waves: [[f64; 4]; 3],
}

impl Tremor {
    fn draw(amplitude: f64, dice: &mut Dice) -> Self {
        let wave = |_| {
            let phase = dice.between(0.0, TAU);
            [dice.between(6.0, 12.0) * TAU / 1000.0, phase, dice.normal(amplitude), dice.normal(amplitude)]
        };
        Self { waves: [0, 1, 2].map(wave) }
    }

    fn at(&self, time: f64) -> (f64, f64) {
        self.waves.iter().fold((0.0, 0.0), |(x, y), [rate, phase, across, along]| {
            let angle = rate * time + phase;
            (x + across * angle.sin(), y + along * angle.cos())
        })
    }
}

fn sinc(angle: f64) -> f64 {
    if angle.abs() < 1e-6 { 1.0 } else { angle.sin() / angle }
}

/// Error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let polynomial = t
        * (0.254_829_592
            + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    (1.0 - polynomial * (-x * x).exp()).copysign(x)
}
