//! Pages that lie askew. A forger and a scanner both turn a signature, so a turn is some evidence of a forgery and no
//! proof. A questioned signature that seems to lean against a reference is therefore compared as it is and turned
//! upright, at a small cost, and the better of the two counts.
//!
//! Which way it leans shows before a second encoding: by where its ink lies, as it is and turned, and where the
//! reference's map differs from that of an empty frame.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ink::turn::{self, Affine};
use crate::ink::{Frame, FrameSize, Stage};
use crate::model::{Network, NetworkConfig};
use crate::tensors;

/// How a comparison makes up for a questioned signature that leans.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turning {
    /// By so many degrees it is turned to the one side or the other.
    pub degrees: f32,
    /// It leans if it is so much more like the reference when it is turned ([`Trace::likeness`]).
    #[serde(default = "gain")]
    pub gain: f32,
    /// What a turn takes off the raw score.
    #[serde(default = "cost")]
    pub cost: f32,
}

fn gain() -> f32 {
    0.0
}

fn cost() -> f32 {
    0.3
}

impl Turning {
    /// By so many degrees, the rest as usual.
    pub fn by(degrees: f32) -> Self {
        Self { degrees, gain: gain(), cost: cost() }
    }

    /// Whether the numbers can be used, and such a network on such frames at all. The error is a sentence.
    pub fn check(self, network: &NetworkConfig, input: FrameSize) -> std::result::Result<(), String> {
        if !network.similarity.compares_maps() || input.stage == Stage::Grey {
            return Err("turning is for networks that compare the maps of inked signatures".into());
        }
        let sensible = (1.0..=45.0).contains(&self.degrees)
            && (0.0..=1.0).contains(&self.gain)
            && (0.0..=100.0).contains(&self.cost);
        if sensible {
            Ok(())
        } else {
            Err("turning is out of range: 1 to 45 degrees, a gain of 0 to 1, a cost of 0 to 100".into())
        }
    }

    /// Degrees clockwise.
    pub fn to(self, side: Side) -> f32 {
        match side {
            Side::Left => -self.degrees,
            Side::Right => self.degrees,
        }
    }
}

/// Which way a signature is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];
}

/// Where ink lies on a coarse grid, for comparing: blurred, its mean taken off, of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace(Vec<f32>);

impl Trace {
    /// Of a grid of amounts, row by row, blurred by the binomial 1 2 1 in both directions so many times.
    fn new(mut grid: Vec<f32>, [height, width]: [usize; 2], blurs: usize) -> Self {
        for _ in 0..blurs {
            // columns beyond the left edge wrap round and miss
            let at = |x: usize, y: usize| if x < width { grid[y * width + x] } else { 0.0 };
            let across = |x: usize, y: usize| at(x.wrapping_sub(1), y) + 2.0 * at(x, y) + at(x + 1, y);
            let blurred = |x: usize, y: usize| {
                let above = if y > 0 { across(x, y - 1) } else { 0.0 };
                let below = if y + 1 < height { across(x, y + 1) } else { 0.0 };
                above + 2.0 * across(x, y) + below
            };
            grid = (0..height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .map(|(x, y)| blurred(x, y))
                .collect();
        }
        let mean = grid.iter().sum::<f32>() / grid.len().max(1) as f32;
        grid.iter_mut().for_each(|value| *value -= mean);
        // of a grid that is the same everywhere nothing is left, which is like nothing
        let length = grid.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        grid.iter_mut().for_each(|value| *value /= length);
        Self(grid)
    }

    fn of_frame(frame: &Frame, [height, width]: [usize; 2]) -> Self {
        let (across, down) = (frame.width as usize, frame.height as usize);
        let mut grid = vec![0.0; height * width];
        for (y, row) in frame.density.chunks_exact(across).enumerate() {
            let cells = &mut grid[y * height / down * width..][..width];
            for (x, &density) in row.iter().enumerate() {
                cells[x * width / across] += f32::from(density);
            }
        }
        Self::new(grid, [height, width], 2)
    }

    /// Their correlation, -1 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// What tells whether a signature lies level.
#[derive(Debug)]
pub struct Level {
    pub turning: Turning,
    /// The map of an empty frame.
    empty: Vec<f32>,
    /// `[C, h, w]`.
    shape: [usize; 3],
}

impl Level {
    /// For a network on frames of this size.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub async fn new(turning: Turning, network: &Network, size: FrameSize, device: &Device) -> Result<Self> {
        let FrameSize { width, height, .. } = size;
        let empty = Frame { width, height, density: vec![0; (width * height) as usize] };
        let map = network.encode(tensors::from_frame(&empty, device)).map;
        let [_, channels, rows, columns] = map.dims();
        Ok(Self { turning, empty: tensors::read(map).await?, shape: [channels, rows, columns] })
    }

    /// Where ink lies by a signature's map, `[C, h, w]`, row-major: how far each place is from that of an empty frame.
    pub fn trace(&self, map: impl IntoIterator<Item = f32>) -> Trace {
        let [_, height, width] = self.shape;
        let mut squares = vec![0.0; height * width];
        for (at, (value, empty)) in map.into_iter().zip(&self.empty).enumerate() {
            squares[at % (height * width)] += (value - empty).powi(2);
        }
        Trace::new(squares.into_iter().map(f32::sqrt).collect(), [height, width], 1)
    }

    /// A questioned frame as it is and turned to both sides.
    pub fn leaning(&self, frame: &Frame) -> Leaning {
        let [_, height, width] = self.shape;
        let turned = |side| {
            let (frame, way) = turn::turned(frame, self.turning.to(side));
            Turned { trace: Trace::of_frame(&frame, [height, width]), frame, way }
        };
        Leaning { level: Trace::of_frame(frame, [height, width]), turned: Side::BOTH.map(turned) }
    }
}

/// A questioned frame as it is and turned to both sides.
#[derive(Debug, Clone)]
pub struct Leaning {
    level: Trace,
    turned: [Turned; 2],
}

#[derive(Debug, Clone)]
pub struct Turned {
    pub frame: Frame,
    /// From its places to those of the frame as it is.
    pub way: Affine,
    trace: Trace,
}

impl Leaning {
    /// The side to which the questioned signature has to be turned to lie as the reference does; `None` if it does.
    pub fn side(&self, reference: &Trace, gain: f32) -> Option<Side> {
        let mut most = self.level.likeness(reference) + gain;
        let mut leans = None;
        for (side, turned) in Side::BOTH.into_iter().zip(&self.turned) {
            let likeness = turned.trace.likeness(reference);
            if likeness > most {
                (most, leans) = (likeness, Some(side));
            }
        }
        leans
    }

    pub fn turned(&self, side: Side) -> &Turned {
        &self.turned[side as usize]
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
