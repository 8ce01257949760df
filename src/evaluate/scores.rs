//! Raw scores of a model on the signatures of writers, as every protocol needs them.

use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize};
use crate::model::{Features, Network};
use crate::train::corpus::{Set, Writer};

/// Frames encoded and pairs compared at once: large enough to keep the device busy, small enough for memory.
const AT_ONCE: usize = 64;

/// The score of every signature of a writer against every genuine one of the same writer.
#[derive(Debug, Clone)]
pub struct WriterScores {
    pub set: Set,
    pub writer: u16,
    genuine: usize,
    /// Questioned x reference; genuine signatures first, then forgeries. A signature against itself is NaN.
    scores: Vec<f64>,
}

impl WriterScores {
    /// Scores every pair of `writer`.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`] if the scores cannot be read back or are not numbers.
    pub fn compute(network: &Network, writer: &Writer, size: FrameSize, device: &Device) -> Result<Self> {
        let frames: Vec<&Frame> = writer.genuine.iter().chain(&writer.forged).collect();
        let features = encode(network, &frames, size, device);
        let genuine = writer.genuine.len();
        // the score is the same both ways, so each genuine pair is computed once
        let pairs: Vec<(usize, usize)> = (0..frames.len())
            .flat_map(|questioned| (0..genuine.min(questioned)).map(move |reference| (questioned, reference)))
            .collect();
        let mut scores = vec![f64::NAN; frames.len() * genuine];
        for chunk in pairs.chunks(AT_ONCE) {
            let (questioned, reference): (Vec<usize>, Vec<usize>) = chunk.iter().copied().unzip();
            let comparison = network.compare(&features.select(&questioned), &features.select(&reference));
            let values: Vec<f32> = comparison
                .score
                .into_data()
                .convert::<f32>()
                .try_to_vec()
                .map_err(|error| Error::DeviceFailed(error.to_string()))?;
            for (&(questioned, reference), &value) in chunk.iter().zip(&values) {
                if !value.is_finite() {
                    return Err(Error::DeviceFailed(format!("a score is {value}")));
                }
                scores[questioned * genuine + reference] = f64::from(value);
                if questioned < genuine {
                    scores[reference * genuine + questioned] = f64::from(value);
                }
            }
        }
        Ok(Self { set: writer.set, writer: writer.id, genuine, scores })
    }

    /// The raw score of a questioned signature (genuine ones first, then forgeries) against a genuine one.
    pub fn score(&self, questioned: usize, reference: usize) -> f64 {
        self.scores[questioned * self.genuine + reference]
    }

    /// How many signatures are genuine.
    pub fn genuine(&self) -> usize {
        self.genuine
    }

    /// How many signatures there are.
    pub fn signatures(&self) -> usize {
        self.scores.len().checked_div(self.genuine).unwrap_or(0)
    }

    /// The same writer with every score changed by a function of questioned, reference and score.
    pub fn map(&self, change: impl Fn(usize, usize, f64) -> f64) -> Self {
        let scores = self.scores.iter().enumerate();
        let scores = scores.map(|(at, &raw)| change(at / self.genuine, at % self.genuine, raw)).collect();
        Self { scores, ..*self }
    }

    /// One reference, all pairs: scores of the genuine pairs, and of every forgery with every genuine signature.
    pub fn all_pairs(&self) -> (Vec<f64>, Vec<f64>) {
        let genuine = (0..self.genuine).flat_map(|q| (0..q).map(move |r| self.score(q, r))).collect();
        let forged = (self.genuine..self.signatures())
            .flat_map(|q| (0..self.genuine).map(move |r| self.score(q, r)))
            .collect();
        (genuine, forged)
    }

    /// `count` references drawn by `seed`; every other genuine signature and every forgery is questioned once
    /// against them, its scores averaged. Empty where the writer has too few genuine signatures.
    pub fn with_references(&self, count: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
        if count == 0 || count >= self.genuine {
            return (Vec::new(), Vec::new());
        }
        let mut order: Vec<usize> = (0..self.genuine).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(self.writer) << 8 | self.set as u64);
        order.shuffle(&mut rng);
        let (references, questioned) = order.split_at(count);
        let fused = |q: usize| references.iter().map(|&r| self.score(q, r)).sum::<f64>() / count as f64;
        let genuine = questioned.iter().map(|&q| fused(q)).collect();
        let forged = (self.genuine..self.signatures()).map(fused).collect();
        (genuine, forged)
    }
}

/// Features of all frames, encoded in chunks.
pub(super) fn encode(network: &Network, frames: &[&Frame], size: FrameSize, device: &Device) -> Features {
    let (embeddings, maps) = frames
        .chunks(AT_ONCE)
        .map(|chunk| {
            let shape = [chunk.len(), 1, size.height as usize, size.width as usize];
            let ink: Vec<f32> = chunk
                .iter()
                .flat_map(|frame| &frame.density)
                .map(|&density| f32::from(density) / 255.0)
                .collect();
            let features = network.encode(Tensor::from_data(TensorData::new(ink, shape), device));
            (features.embedding, features.map)
        })
        .unzip();
    Features { embedding: Tensor::cat(embeddings, 0), map: Tensor::cat(maps, 0) }
}
