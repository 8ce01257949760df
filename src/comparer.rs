//! One questioned signature against references, as the product compares them everywhere: in a check, in a search, among
//! the references of a template, and where accuracy is measured.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use crate::error::Result;
use crate::ink::turn::{Affine, between};
use crate::ink::{Frame, FrameSize};
use crate::manifest::Manifest;
use crate::model::{Features, Network};
use crate::tensors;
use crate::turn::{Leaning, Level, Side, Trace, Turning};

/// Pairs that attend over each other at once hold a few arrays of so many numbers at most, some 40 MB each; a pair that
/// needs more is compared alone.
const MOST_NUMBERS: usize = 10_000_000;

/// A network, and what is done about signatures that lean.
#[derive(Debug, Clone)]
pub struct Comparer<'a> {
    pub network: &'a Network,
    /// Without it, they are compared as they are.
    pub level: Option<Arc<Level>>,
    pub device: &'a Device,
}

/// A questioned signature, encoded once for all its comparisons, and once for each side that it is turned to.
#[derive(Debug, Clone)]
pub struct Questioned {
    frame: Frame,
    /// Of one signature.
    pub features: Features,
    leaning: Option<Leaning>,
    /// Of one signature each.
    turned: [Option<Features>; 2],
}

/// References on the device.
#[derive(Debug)]
pub struct References {
    /// Of `K` signatures.
    pub features: Features,
    /// Of each signature; empty for a comparer without a level.
    pub traces: Vec<Trace>,
}

/// What the comparison with `K` references says.
#[derive(Debug)]
pub struct Compared {
    /// Raw scores.
    pub scores: Vec<f64>,
    /// The side to which the questioned signature was turned for its score; `None` as it is.
    pub sides: Vec<Option<Side>>,
    level: Option<Tensor<3>>,
    /// Of the references with these indices.
    turned: [Option<(Vec<usize>, Tensor<3>)>; 2],
}

impl<'a> Comparer<'a> {
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub async fn new(
        network: &'a Network,
        turning: Option<Turning>,
        size: FrameSize,
        device: &'a Device,
    ) -> Result<Self> {
        let level = match turning {
            Some(turning) => Some(Arc::new(Level::new(turning, network, size, device).await?)),
            None => None,
        };
        Ok(Self { network, level, device })
    }

    /// As the manifest says it.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub async fn of(manifest: &Manifest, network: &'a Network, device: &'a Device) -> Result<Self> {
        Self::new(network, manifest.turning, manifest.input, device).await
    }

    /// Encodes a questioned frame.
    pub fn question(&self, frame: Frame) -> Questioned {
        let features = self.network.encode(tensors::from_frame(&frame, self.device));
        self.encoded(frame, features)
    }

    /// A questioned frame that is encoded already.
    pub fn encoded(&self, frame: Frame, features: Features) -> Questioned {
        let leaning = self.level.as_ref().map(|level| level.leaning(&frame));
        Questioned { frame, features, leaning, turned: [None, None] }
    }

    /// Compares a questioned signature with each of the references.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub async fn compare(&self, questioned: &mut Questioned, references: &References) -> Result<Compared> {
        let count = references.features.embedding.dims()[0];
        let all: Vec<usize> = (0..count).collect();
        let (scores, level) = self.compare_rows(&questioned.features, &references.features, &all).await?;
        let mut compared = Compared { scores, sides: vec![None; count], level, turned: [None, None] };
        let (Some(level), Some(leaning)) = (&self.level, &questioned.leaning) else { return Ok(compared) };
        let Turning { gain, cost, .. } = level.turning;
        let leans: Vec<Option<Side>> =
            references.traces.iter().map(|trace| leaning.side(trace, gain)).collect();
        for side in Side::BOTH {
            let askew: Vec<usize> = (0..count).filter(|&one| leans.get(one) == Some(&Some(side))).collect();
            if askew.is_empty() {
                continue;
            }
            let features = questioned.turned[side as usize].get_or_insert_with(|| {
                self.network.encode(tensors::from_frame(&leaning.turned(side).frame, self.device))
            });
            let (scores, unmatched) = self.compare_rows(features, &references.features, &askew).await?;
            for (&one, score) in askew.iter().zip(scores) {
                let score = score - f64::from(cost);
                if score > compared.scores[one] {
                    (compared.scores[one], compared.sides[one]) = (score, Some(side));
                }
            }
            compared.turned[side as usize] = unmatched.map(|unmatched| (askew, unmatched));
        }
        Ok(compared)
    }

    /// Raw scores of one signature with the references of these rows, and where it has no counterpart, `[rows, h, w]`.
    async fn compare_rows(
        &self,
        one: &Features,
        references: &Features,
        rows: &[usize],
    ) -> Result<(Vec<f64>, Option<Tensor<3>>)> {
        let [_, _, height, width] = one.map.dims();
        // both directions
        let numbers = 2 * (height * width).pow(2);
        let some_at_once = rows.chunks((MOST_NUMBERS / numbers.max(1)).max(1));
        let (scores, unmatched): (Vec<_>, Vec<_>) = some_at_once
            .map(|rows| self.network.compare(&one.select(&vec![0; rows.len()]), &references.select(rows)))
            .map(|comparison| (comparison.score, comparison.unmatched))
            .unzip();
        let scores = tensors::read(Tensor::cat(scores, 0)).await?.into_iter().map(f64::from).collect();
        let unmatched: Option<Vec<_>> = unmatched.into_iter().collect();
        Ok((scores, unmatched.map(|unmatched| Tensor::cat(unmatched, 0))))
    }

    /// Where the questioned signature has no counterpart, the mean over the references: `[h, w]` on its frame as it is,
    /// row by row. `None` for a network that compares whole signatures only.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub async fn unmatched(
        &self,
        questioned: &Questioned,
        compared: Compared,
    ) -> Result<Option<(Vec<f32>, [usize; 2])>> {
        let Compared { sides, level, turned, .. } = compared;
        let Some(level) = level else { return Ok(None) };
        let [count, height, width] = level.dims();
        let level = tensors::read(level).await?;
        let mut sum = vec![0.0; height * width];
        let mut add = |one: &[f32]| {
            sum.iter_mut().zip(one).for_each(|(sum, value)| *sum += value / count as f32);
        };
        for (one, _) in level.chunks_exact(height * width).zip(&sides).filter(|(_, side)| side.is_none()) {
            add(one);
        }
        for (side, of_side) in Side::BOTH.into_iter().zip(turned) {
            let (Some((references, unmatched)), Some(leaning)) = (of_side, &questioned.leaning) else {
                continue;
            };
            let way = leaning.turned(side).way;
            let unmatched = tensors::read(unmatched).await?;
            for (reference, one) in references.iter().zip(unmatched.chunks_exact(height * width)) {
                if sides[*reference] == Some(side) {
                    add(&laid_back(one, [height, width], &questioned.frame, way));
                }
            }
        }
        Ok(Some((sum, [height, width])))
    }
}

/// A grid of values of the turned frame, as a grid of the frame as it was.
fn laid_back(values: &[f32], [height, width]: [usize; 2], frame: &Frame, way: Affine) -> Vec<f32> {
    let (across, down) = (frame.width as f32 / width as f32, frame.height as f32 / height as f32);
    let inside = |place: i32, side: usize| place.clamp(0, side as i32 - 1) as usize;
    let at = |x: i32, y: i32| values[inside(y, height) * width + inside(x, width)];
    let back = way.inverse();
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    // a place of the grid stands for the middle of its pixels
    let values = places.map(|(x, y)| {
        let (x, y) = back.of((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5);
        between((x + 0.5) / across - 0.5, (y + 0.5) / down - 0.5, at)
    });
    values.collect()
}

#[cfg(all(test, feature = "cpu", not(target_family = "wasm")))]
mod tests;
