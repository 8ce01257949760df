//! The encoders, behind the one step that they have in common.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{
    Countersign, CountersignConfig, Features, Koch, KochConfig, Signet, SignetConfig, directions, koch,
    signet,
};
use crate::error::Result;
use crate::ink::FrameSize;

/// Which encoder, and how large.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EncoderConfig {
    Countersign(CountersignConfig),
    Signet(SignetConfig),
    Koch(KochConfig),
}

impl EncoderConfig {
    /// An encoder with fresh weights; `with_map` asks for the projection to a map, which a comparison of
    /// embeddings does not need, `unit_length` for embeddings of length 1 where the encoder can give them.
    pub(super) fn init(&self, with_map: bool, unit_length: bool, device: &Device) -> Result<Encoder> {
        Ok(match self {
            Self::Countersign(config) => Encoder::Countersign(config.init(with_map, unit_length, device)),
            Self::Signet(config) => Encoder::Signet(config.init(device)?),
            Self::Koch(config) => Encoder::Koch(config.init(device)),
        })
    }

    /// Length of the embedding.
    pub fn embedding(&self) -> usize {
        match self {
            Self::Countersign(config) => config.embedding + directions::numbers(config.directions),
            Self::Signet(_) => signet::EMBEDDING,
            Self::Koch(_) => koch::EMBEDDING,
        }
    }

    /// The shape of one signature's map for frames of this size, `[C, h, w]`; `None` for an encoder without.
    pub fn map_shape(&self, frame: FrameSize) -> Option<[usize; 3]> {
        match self {
            Self::Countersign(config) => Some(config.map_shape(frame)),
            Self::Signet(_) | Self::Koch(_) => None,
        }
    }

    /// How many of the embedding's last numbers are measured, not learned.
    pub(crate) fn measured(&self) -> usize {
        match self {
            Self::Countersign(config) => directions::numbers(config.directions),
            Self::Signet(_) | Self::Koch(_) => 0,
        }
    }

    /// The side in pixels of the only frames that the encoder takes, square ones; `None` if it takes any.
    pub(super) fn side(&self) -> Option<usize> {
        match self {
            Self::Countersign(_) => None,
            Self::Signet(_) => Some(signet::SIDE),
            Self::Koch(_) => Some(koch::SIDE),
        }
    }

    /// The `kind` in a configuration.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Countersign(_) => "countersign",
            Self::Signet(_) => "signet",
            Self::Koch(_) => "koch",
        }
    }
}

/// One of the encoders, with its weights.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one value a program, never in a collection")]
pub enum Encoder {
    Countersign(Countersign),
    Signet(Signet),
    Koch(Koch),
}

impl Encoder {
    /// How many of the embedding's last numbers are measured, not learned.
    pub(super) fn measured(&self) -> usize {
        match self {
            Self::Countersign(encoder) => encoder.measured(),
            Self::Signet(_) | Self::Koch(_) => 0,
        }
    }

    /// Whether embeddings have length 1.
    pub(super) fn unit_length(&self) -> bool {
        match self {
            Self::Countersign(encoder) => encoder.unit_length(),
            Self::Signet(_) | Self::Koch(_) => false,
        }
    }

    /// Encodes a batch of frames.
    ///
    /// # Shapes
    /// - `ink`: `[B, 1, H, W]`, ink 0 (paper) to 1
    /// - output: see [`Features`]
    pub fn encode(&self, ink: Tensor<4>) -> Features {
        let (embedding, map) = match self {
            Self::Countersign(encoder) => encoder.encode(ink),
            Self::Signet(encoder) => (encoder.forward(ink), None),
            Self::Koch(encoder) => (encoder.forward(ink), None),
        };
        let [batch, length] = embedding.dims();
        let map = map.unwrap_or_else(|| embedding.clone().reshape([batch, length, 1, 1]));
        Features { embedding, map }
    }
}
