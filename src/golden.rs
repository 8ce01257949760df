//! Known answers: what the weights say of a few drawn curves, computed once natively on the CPU.
//!
//! A device is trusted only after it repeats them. The curves are drawn with whole numbers, so that every
//! device starts from the same frames to the last bit and only its arithmetic is judged.

mod curves;

use std::ops::Range;

use burn::tensor::{Device, Tensor};
use curves::{Curve, SIGNATURES};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize};
use crate::model::Network;
use crate::tensors;

/// The largest difference from the known embeddings, as a share of the largest known value.
///
/// Other summation orders, fused multiply-adds and exponentials leave 1e-7 to 1e-6 in single precision:
/// from native CPU, wasm and WebGPU (SwiftShader) both differ by 6e-7. Adapters may compute divisions,
/// roots and exponentials to a few units in the last place more, which adds up to some 1e-5. Wrong
/// kernels were off by as much as the values themselves. A thousandth lies well between the two.
pub const EMBEDDING_TOLERANCE: f32 = 1e-3;

/// The largest difference from the known raw scores, absolute for scores up to 1, else relative. Measured
/// as above: 2e-6. It moves an LLR by about a hundredth, where thresholds lie some tenths apart.
pub const SCORE_TOLERANCE: f32 = 5e-3;

/// No file of known answers is longer.
const MOST_BYTES: usize = 1 << 20;

/// Signatures and curves of one file.
const MOST_CURVES: usize = 64;

/// The file format that this version reads and writes.
const FORMAT: u32 = 1;

/// `golden.json` of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    format: u32,
    signatures: Vec<Vec<Curve>>,
    /// One for each signature.
    embeddings: Vec<Vec<f32>>,
    /// Raw scores of each signature against the first one.
    scores: Vec<f32>,
}

/// How far a device is from the known answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// See [`EMBEDDING_TOLERANCE`].
    pub embedding: f32,
    /// See [`SCORE_TOLERANCE`].
    pub score: f32,
}

impl Deviation {
    /// Whether both lie within their tolerances; never for what is not a number.
    pub fn is_tolerable(&self) -> bool {
        self.embedding <= EMBEDDING_TOLERANCE && self.score <= SCORE_TOLERANCE
    }
}

impl Golden {
    /// Asks the network for the answers. Meant for the native CPU, with the weights as they ship.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`] if the device does not compute.
    pub async fn make(network: &Network, input: FrameSize, device: &Device) -> Result<Self> {
        let signatures: Vec<Vec<Curve>> = SIGNATURES.iter().map(|curves| curves.to_vec()).collect();
        let (embeddings, scores) = answers(network, &signatures, input, device).await?;
        Ok(Self { format: FORMAT, signatures, embeddings, scores })
    }

    /// Reads and checks a file of known answers for embeddings of length `embedding`.
    ///
    /// # Errors
    /// [`Error::InvalidManifest`] saying what is wrong.
    pub fn parse(json: &str, embedding: usize) -> Result<Self> {
        let wrong = |what: String| Err(Error::InvalidManifest(format!("known answers: {what}")));
        if json.len() > MOST_BYTES {
            return wrong(format!("{} bytes, more than {MOST_BYTES}", json.len()));
        }
        let golden: Self = match serde_json::from_str(json) {
            Ok(golden) => golden,
            Err(error) => return wrong(error.to_string()),
        };
        let count = golden.signatures.len();
        let numbers = || golden.embeddings.iter().flatten().chain(&golden.scores);
        match () {
            () if golden.format != FORMAT => wrong(format!("format {}", golden.format)),
            () if !(2..=8).contains(&count) => wrong(format!("{count} signatures")),
            () if golden.signatures.iter().any(|s| s.is_empty() || s.len() > MOST_CURVES) => {
                wrong("a signature has no or too many curves".into())
            }
            () if !golden.signatures.iter().flatten().all(curves::in_space) => {
                wrong("a curve leaves its space".into())
            }
            () if golden.embeddings.len() != count || golden.scores.len() != count => {
                wrong("answers and signatures differ in number".into())
            }
            () if golden.embeddings.iter().any(|e| e.len() != embedding) => {
                wrong(format!("an embedding is not of length {embedding}"))
            }
            () if !numbers().all(|number| number.is_finite()) => wrong("a number is not finite".into()),
            () => Ok(golden),
        }
    }

    /// Asks the network again and compares.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`] if the device does not compute.
    pub async fn deviation(&self, network: &Network, input: FrameSize, device: &Device) -> Result<Deviation> {
        let (embeddings, scores) = answers(network, &self.signatures, input, device).await?;
        let length = self.embeddings.first().map_or(0, Vec::len);
        let learned = length - network.measured();
        // what is learned and what is measured differ in size
        let part = |part: Range<usize>| {
            let known = || self.embeddings.iter().flat_map(|one| &one[part.clone()]);
            let found = embeddings.iter().flat_map(|one| &one[part.clone()]);
            let largest = known().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
            worst(found.zip(known()), |_| largest)
        };
        let embedding = part(0..learned).max(part(learned..length));
        let score = worst(scores.iter().zip(&self.scores), |known| known.abs().max(1.0));
        Ok(Deviation { embedding, score })
    }
}

/// The signatures of [`Golden::make`]: two of one hand, then one of another.
pub fn frames(size: FrameSize) -> Vec<Frame> {
    SIGNATURES.iter().map(|curves| curves::draw(curves, size)).collect()
}

/// The largest difference in units of `scale(known)`; infinite if a number is none.
fn worst<'a>(pairs: impl Iterator<Item = (&'a f32, &'a f32)>, scale: impl Fn(f32) -> f32) -> f32 {
    pairs.fold(0.0, |most: f32, (found, known)| {
        let difference = (found - known).abs() / scale(*known);
        if difference.is_nan() { f32::INFINITY } else { most.max(difference) }
    })
}

/// Embeddings of the signatures, and their raw scores against the first one. Each is encoded alone and all
/// are compared in one batch, as in use.
async fn answers(
    network: &Network,
    signatures: &[Vec<Curve>],
    input: FrameSize,
    device: &Device,
) -> Result<(Vec<Vec<f32>>, Vec<f32>)> {
    let mut encoded = Vec::new();
    let mut embeddings = Vec::new();
    for curves in signatures {
        let features = network.encode(tensors::from_frame(&curves::draw(curves, input), device));
        embeddings.push(tensors::read(features.embedding.clone()).await?);
        encoded.push(features);
    }
    let all = crate::model::Features {
        embedding: Tensor::cat(encoded.iter().map(|f| f.embedding.clone()).collect(), 0),
        map: Tensor::cat(encoded.iter().map(|f| f.map.clone()).collect(), 0),
    };
    let first = all.select(&vec![0; signatures.len()]);
    let scores = tensors::read(network.compare(&all, &first).score).await?;
    Ok((embeddings, scores))
}

#[cfg(all(test, not(target_family = "wasm")))]
impl Golden {
    /// The same with one wrong answer, so that every device errs.
    pub(crate) fn altered(&self) -> Self {
        let mut altered = self.clone();
        altered.embeddings[1][0] += 0.1;
        altered
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn valid() -> Golden {
        Golden {
            format: FORMAT,
            signatures: vec![SIGNATURES[0].to_vec(), SIGNATURES[1].to_vec()],
            embeddings: vec![vec![0.5, -0.5]; 2],
            scores: vec![3.0, 1.0],
        }
    }

    #[test]
    fn written_and_read() {
        let json = serde_json::to_string(&valid()).unwrap();
        assert_eq!(Golden::parse(&json, 2).unwrap(), valid());
    }

    #[test]
    fn nonsense_is_refused() {
        let spoilt: [fn(&mut Golden); 7] = [
            |g| g.format = 9,
            |g| g.signatures.clear(),
            |g| g.signatures[0].clear(),
            |g| g.signatures[0][0][1] = 501,
            |g| g.scores.truncate(1),
            |g| g.embeddings[1].push(0.0),
            |g| g.embeddings.truncate(1),
        ];
        for spoil in spoilt {
            let mut golden = valid();
            spoil(&mut golden);
            let json = serde_json::to_string(&golden).unwrap();
            assert_eq!(Golden::parse(&json, 2).unwrap_err().code(), "invalid-manifest");
        }
        assert!(Golden::parse("{", 2).is_err());
    }

    #[test]
    fn what_is_no_number_is_never_tolerable() {
        let values = [1.0f32, f32::NAN];
        let known = [1.0f32, 1.0];
        let embedding = worst(values.iter().zip(&known), |_| 1.0);
        assert!(!Deviation { embedding, score: 0.0 }.is_tolerable());
        assert!(!Deviation { embedding: 0.0, score: f32::NAN }.is_tolerable());
        assert!(Deviation { embedding: 1e-5, score: 1e-5 }.is_tolerable());
    }
}
