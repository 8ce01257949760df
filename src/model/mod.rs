//! The networks: one encoder applied to each signature, and a comparison of what comes out.
//!
//! ```text
//! frame [B,1,H,W] --encode--> Features --compare (row by row)--> Comparison
//! ```
//! [`Countersign`] is what ships; [`Signet`] is the network of the tutorial this project grew out of.

mod conv_norm;
mod countersign;
mod dropout2d;
mod lrn;
mod pair_head;
mod residual;
pub mod signet;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ink::FrameSize;

pub use conv_norm::{ConvNorm, ConvNormConfig};
pub use countersign::{Countersign, CountersignConfig};
pub use lrn::LocalResponseNorm;
pub use pair_head::PairHead;
pub use residual::Residual;
pub use signet::{Signet, SignetConfig};

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
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum NetworkConfig {
    Countersign(CountersignConfig),
    Signet(SignetConfig),
}

impl NetworkConfig {
    /// A network of this kind with fresh weights on `device`.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if a size is out of range.
    pub fn init(&self, device: &Device) -> Result<Network> {
        Ok(match self {
            Self::Countersign(config) => Network::Countersign(config.init(device)?),
            Self::Signet(config) => Network::Signet(config.init(device)?),
        })
    }

    /// The shape of one signature's map, `[C, h, w]`, for frames of this size.
    pub fn map_shape(&self, frame: FrameSize) -> [usize; 3] {
        match self {
            Self::Countersign(config) => config.map_shape(frame),
            Self::Signet(_) => [signet::EMBEDDING, 1, 1],
        }
    }

    /// Length of the embedding.
    pub fn embedding(&self) -> usize {
        match self {
            Self::Countersign(config) => config.embedding,
            Self::Signet(_) => signet::EMBEDDING,
        }
    }
}

/// One of the networks, behind the two steps that they have in common.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one value a program, never in a collection")]
pub enum Network {
    Countersign(Countersign),
    Signet(Signet),
}

impl Network {
    /// Encodes a batch of frames.
    ///
    /// # Shapes
    /// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
    /// - output: see [`Features`]
    pub fn encode(&self, ink: Tensor<4>) -> Features {
        match self {
            Self::Countersign(network) => network.encode(ink),
            Self::Signet(network) => {
                let embedding = network.forward(ink);
                let [batch, outputs] = embedding.dims();
                Features { map: embedding.clone().reshape([batch, outputs, 1, 1]), embedding }
            }
        }
    }

    /// Compares questioned signatures with references, row by row.
    ///
    /// # Shapes
    /// - `questioned`, `reference`: features of `B` signatures each
    /// - output: see [`Comparison`]
    pub fn compare(&self, questioned: &Features, reference: &Features) -> Comparison {
        match self {
            Self::Countersign(network) => network.compare(questioned, reference),
            Self::Signet(_) => Comparison {
                score: euclidean(questioned.embedding.clone(), reference.embedding.clone()).neg(),
                unmatched: None,
            },
        }
    }
}

/// Euclidean distance of two batches of vectors, row by row.
///
/// The small constant keeps the gradient finite where two embeddings coincide, as the tutorial's
/// `pairwise_distance` does (it adds 1e-6 to each difference).
///
/// # Shapes
/// - `a`, `b`: `[B, D]`
/// - output: `[B]`
pub fn euclidean(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let difference = (a - b).add_scalar(1e-6);
    (difference.clone() * difference).sum_dim(1).sqrt().squeeze_dim(1)
}
