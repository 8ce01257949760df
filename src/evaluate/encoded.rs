//! Signatures of a corpus, encoded once and compared as a check compares them.

use burn::tensor::{Device, Tensor, TensorData};

use crate::comparer::{Comparer, References};
use crate::error::Result;
use crate::ink::{Frame, FrameSize};
use crate::model::{Features, Network};
use crate::tensors;

/// Frames encoded and pairs compared at once: large enough to keep the device busy, small enough for memory.
const AT_ONCE: usize = 64;

/// Signatures that may be questioned as well as references.
#[derive(Debug)]
pub(super) struct Encoded<'a> {
    frames: Vec<&'a Frame>,
    all: References,
}

impl<'a> Encoded<'a> {
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub fn new(comparer: &Comparer<'_>, frames: Vec<&'a Frame>, size: FrameSize) -> Result<Self> {
        let features = encode(comparer.network, &frames, size, comparer.device);
        let traces = match &comparer.level {
            None => Vec::new(),
            Some(level) => {
                let length = features.map.dims()[1..].iter().product::<usize>();
                let maps = pollster::block_on(tensors::read(features.map.clone()))?;
                maps.chunks_exact(length.max(1)).map(|map| level.trace(map.iter().copied())).collect()
            }
        };
        Ok(Self { frames, all: References { features, traces } })
    }

    /// Of each signature.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub fn embeddings(&self) -> Result<Vec<Vec<f32>>> {
        let embedding = &self.all.features.embedding;
        let length = embedding.dims()[1];
        let values = pollster::block_on(tensors::read(embedding.clone()))?;
        Ok(values.chunks_exact(length.max(1)).map(<[f32]>::to_vec).collect())
    }

    /// The raw score of each pair: a questioned signature among these and a reference among `references`. Pairs of one
    /// questioned signature are best one after the other.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed).
    pub fn compare(
        &self,
        comparer: &Comparer<'_>,
        references: &Self,
        pairs: &[(usize, usize)],
    ) -> Result<Vec<f64>> {
        let mut scores = Vec::with_capacity(pairs.len());
        for of_one in pairs.chunk_by(|a, b| a.0 == b.0) {
            let one = of_one[0].0;
            let features = self.all.features.select(&[one]);
            let mut questioned = comparer.encoded(self.frames[one].clone(), features);
            for some in of_one.chunks(AT_ONCE) {
                let rows: Vec<usize> = some.iter().map(|pair| pair.1).collect();
                let some = References {
                    features: references.all.features.select(&rows),
                    traces: rows.iter().filter_map(|&row| references.all.traces.get(row).cloned()).collect(),
                };
                scores.extend(pollster::block_on(comparer.compare(&mut questioned, &some))?.scores);
            }
        }
        Ok(scores)
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
