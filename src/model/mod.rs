//! The networks: one encoder applied to each signature, and a comparison of what comes out.
//!
//! ```text
//! frame [B,1,H,W] --encode--> Features --compare (row by row)--> Comparison
//! ```
//! An encoder (the shipped [`Countersign`], or [`Signet`] of the tutorial this project grew out of, or [`Koch`] of its
//! one-shot reference) and a [`Similarity`] (the shipped [`PairHead`], or a distance of embeddings) make a [`Network`].

mod conv_norm;
mod convolve;
mod countersign;
pub(crate) mod directions;
mod dropout2d;
mod encoder;
pub mod koch;
mod lrn;
mod pair_head;
mod residual;
pub mod signet;
mod similarity;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ink::FrameSize;

pub use conv_norm::{ConvNorm, ConvNormConfig};
pub use countersign::{Countersign, CountersignConfig};
pub use encoder::{Encoder, EncoderConfig};
pub use koch::{Koch, KochConfig};
pub use lrn::LocalResponseNorm;
pub use pair_head::PairHead;
pub use residual::Residual;
pub use signet::{Signet, SignetConfig};
pub use similarity::{Similarity, SimilarityConfig, cosine, euclidean};

/// What an encoder says of a batch of signatures.
#[derive(Debug, Clone)]
pub struct Features {
    /// One vector a signature, `[B, D]`.
    pub embedding: Tensor<2>,
    /// One vector a place of the signature, `[B, C, h, w]`; `[B, D, 1, 1]` for a network without one.
    pub map: Tensor<4>,
}

impl Features {
    /// The features of the signatures at `rows`, in that order (repeats allowed).
    pub fn select(&self, rows: &[usize]) -> Self {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let rows = Tensor::<1, burn::tensor::Int>::from_data(rows.as_slice(), &self.map.device());
        Self {
            embedding: self.embedding.clone().select(0, rows.clone()),
            map: self.map.clone().select(0, rows),
        }
    }
}

/// What a comparison says of a batch of pairs.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Raw score, `[B]`: the higher, the more likely by the same hand. Not calibrated.
    pub score: Tensor<1>,
    /// Where the questioned signature has no counterpart in the reference, `[B, h, w]`, 0 to 1.
    /// `None` for a network that compares whole signatures only.
    pub unmatched: Option<Tensor<3>>,
}

/// Which network, and how large.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    pub encoder: EncoderConfig,
    pub similarity: SimilarityConfig,
}

/// Sizes of a layer that a configuration or a manifest may ask for: nothing larger fits a web page.
const LAYER: std::ops::RangeInclusive<usize> = 1..=512;

/// How far apart the places of the first layer may lie.
const STEM_STRIDE: std::ops::RangeInclusive<usize> = 1..=4;
/// In how many directions the line may be measured.
const DIRECTIONS: std::ops::RangeInclusive<usize> = 4..=32;
/// How much they may count beside what is learned.
const DIRECTION_WEIGHT: std::ops::RangeInclusive<f32> = 0.0..=10.0;

impl NetworkConfig {
    /// A network of this kind with fresh weights on `device`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] as [`NetworkConfig::check`] says it.
    pub fn init(&self, device: &Device) -> Result<Network> {
        self.check_sizes().map_err(Error::InvalidConfig)?;
        let map_channels = match &self.encoder {
            EncoderConfig::Countersign(config) => config.map_channels,
            EncoderConfig::Signet(_) | EncoderConfig::Koch(_) => 0,
        };
        Ok(Network {
            encoder: self.encoder.init(
                self.similarity.compares_maps(),
                self.similarity.takes_unit_length(),
                device,
            )?,
            similarity: self.similarity.init(
                map_channels,
                [self.encoder.embedding(), self.encoder.measured()],
                device,
            ),
        })
    }

    /// Bounds every size before anything is allocated by it, and tells whether the parts fit each other and
    /// frames of this size.
    ///
    /// # Errors
    /// What does not, in words.
    pub fn check(&self, frame: FrameSize) -> Result<(), String> {
        self.check_sizes()?;
        match self.encoder.side() {
            Some(side) if [frame.width, frame.height] != [side as u32; 2] => {
                Err(format!("input must be {side} x {side} for the encoder {}", self.encoder.name()))
            }
            _ => Ok(()),
        }
    }

    /// The same with slant and pressure of the line counted so much beside what a pair head has learned, measured in
    /// eight directions where they were not measured before; with 0 they are not measured. Nothing learned changes.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for a network without a pair head, and as [`NetworkConfig::check`] says it.
    pub fn with_direction_weight(mut self, weight: f32) -> Result<Self> {
        match (&mut self.encoder, &mut self.similarity) {
            (EncoderConfig::Countersign(encoder), SimilarityConfig::PairHead { direction_weight, .. }) => {
                *direction_weight = weight;
                encoder.directions = match encoder.directions {
                    _ if weight == 0.0 => 0,
                    0 => 8,
                    count => count,
                };
            }
            _ => {
                let message = "only a network of kind countersign with a pair-head measures directions";
                return Err(Error::InvalidConfig(message.into()));
            }
        }
        self.check_sizes().map_err(Error::InvalidConfig)?;
        Ok(self)
    }

    fn check_sizes(&self) -> Result<(), String> {
        let mut sizes = Vec::new();
        if let EncoderConfig::Countersign(config) = &self.encoder {
            sizes.extend([
                ("encoder.width", config.width),
                ("encoder.map_channels", config.map_channels),
                ("encoder.embedding", config.embedding),
            ]);
            if !STEM_STRIDE.contains(&config.stem_stride) {
                return Err(format!("network.encoder.stem_stride is {}; give 1 to 4", config.stem_stride));
            }
            if config.directions > 0 && !self.similarity.compares_maps() {
                return Err(format!(
                    "network.encoder.directions serve the pair-head alone; leave them out for {}",
                    self.similarity.name()
                ));
            }
            if config.directions != 0 && !DIRECTIONS.contains(&config.directions) {
                return Err(format!(
                    "network.encoder.directions is {}; give 4 to 32, or 0",
                    config.directions
                ));
            }
        } else if self.similarity.compares_maps() {
            let name = self.encoder.name();
            return Err(format!("network.similarity pair-head needs an encoder with a map; {name} has none"));
        }
        if let SimilarityConfig::PairHead { width, direction_weight } = self.similarity {
            sizes.push(("similarity.width", width));
            if !DIRECTION_WEIGHT.contains(&direction_weight) {
                return Err(format!(
                    "network.similarity.direction_weight is {direction_weight}; give 0 to 10"
                ));
            }
            if direction_weight > 0.0 && self.encoder.measured() == 0 {
                return Err("network.similarity.direction_weight asks for directions, and network.encoder \
                            measures none; set its directions to 8"
                    .into());
            }
        }
        match sizes.into_iter().find(|(_, size)| !LAYER.contains(size)) {
            Some((name, size)) => Err(format!("network.{name} is {size}; give 1 to 512")),
            None => Ok(()),
        }
    }

    /// The shape of one signature's map, `[C, h, w]`, for frames of this size: what a comparison of maps
    /// takes, or the embedding as a map of one place.
    pub fn map_shape(&self, frame: FrameSize) -> [usize; 3] {
        let map = self.encoder.map_shape(frame).filter(|_| self.similarity.compares_maps());
        map.unwrap_or([self.embedding(), 1, 1])
    }

    /// Length of the embedding.
    pub fn embedding(&self) -> usize {
        self.encoder.embedding()
    }
}

/// An encoder and a comparison.
#[derive(Module, Debug)]
pub struct Network {
    encoder: Encoder,
    similarity: Similarity,
}

impl Network {
    /// The weights of this network, made as `from` says, for one made as `to` says, which may differ in the stride of the
    /// stem, whose kernels are resampled, and in directions, of which nothing is learned; `None` if more is different.
    pub fn adapted(mut self, from: &NetworkConfig, to: &NetworkConfig) -> Option<Self> {
        if let (EncoderConfig::Countersign(old), EncoderConfig::Countersign(new)) =
            (&from.encoder, &to.encoder)
        {
            let similarity = match (&from.similarity, &to.similarity) {
                (
                    SimilarityConfig::PairHead { width: old, .. },
                    SimilarityConfig::PairHead { width: new, .. },
                ) => old == new,
                (old, new) => old == new,
            };
            let learned =
                CountersignConfig { stem_stride: new.stem_stride, directions: new.directions, ..old.clone() };
            if !similarity || learned != *new {
                return None;
            }
            if let Encoder::Countersign(encoder) = self.encoder {
                self.encoder = Encoder::Countersign(encoder.resampled(old.stem_stride, new.stem_stride));
            }
            return Some(self);
        }
        (from == to).then_some(self)
    }

    /// Encodes a batch of frames.
    ///
    /// # Shapes
    /// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
    /// - output: see [`Features`]
    pub fn encode(&self, ink: Tensor<4>) -> Features {
        self.encoder.encode(ink)
    }

    /// Compares questioned signatures with references, row by row.
    ///
    /// # Shapes
    /// - `questioned`, `reference`: features of `B` signatures each
    /// - output: see [`Comparison`]
    pub fn compare(&self, questioned: &Features, reference: &Features) -> Comparison {
        self.similarity.compare(questioned, reference)
    }

    /// How it compares.
    pub fn similarity(&self) -> &Similarity {
        &self.similarity
    }

    /// How many of an embedding's last numbers are measured, not learned.
    pub(crate) fn measured(&self) -> usize {
        self.encoder.measured()
    }

    /// What is learned of the embeddings, `[B, D]`.
    pub fn learned_embedding(&self, features: &Features) -> Tensor<2> {
        let [_, length] = features.embedding.dims();
        features.embedding.clone().narrow(1, 0, length - self.measured())
    }

    /// [`Self::learned_embedding`] scaled to length 1; as it is where the encoder does it.
    pub fn unit_embedding(&self, features: &Features) -> Tensor<2> {
        let embedding = self.learned_embedding(features);
        if self.encoder.unit_length() { embedding } else { countersign::normalise(embedding, 1) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
