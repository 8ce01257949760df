//! Batches for training and validation: writers, then genuine signatures and forgeries of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::augment::{AugmentConfig, augment, plain};
use super::config::require;
use super::corpus::{Set, Writer};
use crate::error::Result;
use crate::ink::{Frame, FrameSize};

/// How a batch is drawn: writers, then genuine signatures and forgeries of each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplerConfig {
    pub writers: usize,
    pub genuine: usize,
    pub forged: usize,
    /// Genuine-forged pairs of each writer in a batch; the hardest by embedding are taken.
    pub skilled_pairs: usize,
    /// Pairs of a genuine signature with the most similar one of another writer, for each writer.
    pub random_pairs: usize,
    /// Mirrors all signatures of a writer at once, which makes a new writer.
    pub mirror: bool,
    /// Relative frequency of each set; a set that is not named is drawn by its number of writers.
    pub sets: BTreeMap<Set, f64>,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self {
            writers: 10,
            genuine: 4,
            forged: 4,
            skilled_pairs: 8,
            random_pairs: 3,
            mirror: true,
            sets: BTreeMap::new(),
        }
    }
}

impl SamplerConfig {
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if a number is out of range.
    pub(super) fn check(&self) -> Result<()> {
        require(self.writers > 1, "sampler.writers", "at least 2, so that there are random forgeries")?;
        require(self.genuine > 1, "sampler.genuine", "at least 2, so that there are genuine pairs")?;
        require(self.forged > 0, "sampler.forged", "at least 1")?;
        let weights_fit = self.sets.values().all(|weight| weight.is_finite() && *weight >= 0.0);
        require(weights_fit, "sampler.sets", "numbers of at least 0")
    }
}

/// Who signed an image of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    pub set: Set,
    /// Number of the writer within the batch.
    pub writer: usize,
    pub genuine: bool,
}

/// Images with labels.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Ink 0 to 1, `[B, 1, H, W]`.
    pub ink: Tensor<4>,
    pub labels: Vec<Label>,
}

impl Batch {
    fn new(images: Vec<Vec<f32>>, labels: Vec<Label>, size: FrameSize, device: &Device) -> Self {
        let shape = [labels.len(), 1, size.height as usize, size.width as usize];
        Self { ink: Tensor::from_data(TensorData::new(images.concat(), shape), device), labels }
    }
}

/// Random augmented batches of training writers.
#[derive(Clone)]
pub struct TrainingBatches {
    pub writers: Arc<Vec<Writer>>,
    pub size: FrameSize,
    pub batches: usize,
    pub sampler: SamplerConfig,
    pub augment: AugmentConfig,
    pub seed: u64,
    /// The epoch that the next iteration draws; set to the last finished one to resume.
    pub epoch: Arc<AtomicU64>,
    pub device: Device,
}

impl TrainingBatches {
    fn batch(&self, rng: &mut ChaCha8Rng) -> Batch {
        let mut frames: Vec<(&Frame, [bool; 2], u64)> = Vec::new();
        let mut labels = Vec::new();
        for (slot, writer) in self.draw_writers(rng).into_iter().enumerate() {
            let mirror = if self.sampler.mirror { [rng.random(), rng.random()] } else { [false; 2] };
            let kinds =
                [(true, &writer.genuine, self.sampler.genuine), (false, &writer.forged, self.sampler.forged)];
            for (genuine, signatures, count) in kinds {
                for frame in signatures.sample(rng, count) {
                    frames.push((frame, mirror, rng.random()));
                    labels.push(Label { set: writer.set, writer: slot, genuine });
                }
            }
        }
        let images = frames
            .into_par_iter()
            .map(|(frame, mirror, seed)| {
                augment(frame, &self.augment, mirror, &mut ChaCha8Rng::seed_from_u64(seed))
            })
            .collect();
        Batch::new(images, labels, self.size, &self.device)
    }

    /// Different writers, the set of each drawn first.
    fn draw_writers(&self, rng: &mut ChaCha8Rng) -> Vec<&Writer> {
        let mut left: BTreeMap<Set, Vec<&Writer>> = BTreeMap::new();
        for writer in self.writers.iter() {
            left.entry(writer.set).or_default().push(writer);
        }
        for writers in left.values_mut() {
            writers.shuffle(rng);
        }
        let counts: Vec<(Set, f64)> =
            left.iter().map(|(&set, writers)| (set, writers.len() as f64)).collect();
        let mut drawn = Vec::new();
        while drawn.len() < self.sampler.writers.min(self.writers.len()) {
            let weight = |&(set, count): &(Set, f64)| self.sampler.sets.get(&set).copied().unwrap_or(count);
            let open: Vec<(Set, f64)> =
                counts.iter().filter(|(set, _)| !left[set].is_empty()).copied().collect();
            let Ok(&(set, _)) = open.choose_weighted(rng, weight) else { break };
            drawn.extend(left.get_mut(&set).and_then(Vec::pop));
        }
        drawn
    }
}

impl DataLoader<Batch> for TrainingBatches {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst);
        // the stream number makes every epoch a new sequence of the same seed
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(epoch + 1);
        // the device too, so that a resumed run drops out what the uninterrupted one does
        let mut dropout = ChaCha8Rng::seed_from_u64(self.seed);
        dropout.set_stream(u64::MAX - epoch);
        self.device.seed(dropout.random());
        Box::new(Counted { next: 0, total: self.batches, make: move |_| self.batch(&mut rng) })
    }

    fn num_items(&self) -> usize {
        self.batches
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        // batches are drawn, not listed: a slice is a shorter epoch from a seed of its own
        let seed = self.seed ^ (start as u64).rotate_left(32);
        Arc::new(Self { batches: end - start, seed, epoch: Arc::default(), ..self.clone() })
    }
}

/// The first signatures of each validation writer, unchanged, one writer a batch.
#[derive(Clone)]
pub struct ValidationBatches {
    pub writers: Arc<Vec<Writer>>,
    pub size: FrameSize,
    /// Genuine signatures and forgeries of each writer.
    pub each: usize,
    pub device: Device,
}

impl DataLoader<Batch> for ValidationBatches {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        let make = |index: usize| {
            let writer = &self.writers[index];
            let kinds = [(true, &writer.genuine), (false, &writer.forged)];
            let (images, labels) = kinds
                .into_iter()
                .flat_map(|(genuine, frames)| {
                    frames.iter().take(self.each).map(move |frame| (genuine, frame))
                })
                .map(|(genuine, frame)| (plain(frame), Label { set: writer.set, writer: 0, genuine }))
                .unzip();
            Batch::new(images, labels, self.size, &self.device)
        };
        Box::new(Counted { next: 0, total: self.writers.len(), make })
    }

    fn num_items(&self) -> usize {
        self.writers.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { writers: Arc::new(self.writers[start..end].to_vec()), ..self.clone() })
    }
}

/// `total` batches, made on demand from their number.
struct Counted<F> {
    next: usize,
    total: usize,
    make: F,
}

impl<F: FnMut(usize) -> Batch> Iterator for Counted<F> {
    type Item = std::result::Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.total {
            return None;
        }
        self.next += 1;
        Some(Ok((self.make)(self.next - 1)))
    }
}

impl<F: FnMut(usize) -> Batch> DataLoaderIterator<Batch> for Counted<F> {
    fn progress(&self) -> Progress {
        Progress::new(self.next, self.total, Some("batches".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::corpus::{self, Part};
    use crate::train::synth;

    const SIZE: FrameSize = FrameSize { width: 32, height: 16 };

    fn batches(genuine: u32, forged: u32, writers: u16) -> (TrainingBatches, Vec<Writer>) {
        let corpus = corpus::load(&synth::writers(1, writers, genuine, forged), SIZE, |_, _| ()).unwrap();
        let of = |part| corpus.part(part).cloned().collect::<Vec<_>>();
        let training = TrainingBatches {
            writers: Arc::new(of(Part::Train)),
            size: SIZE,
            batches: 3,
            sampler: SamplerConfig { writers: 4, genuine: 3, forged: 3, ..SamplerConfig::default() },
            augment: AugmentConfig::default(),
            seed: 1,
            epoch: Arc::default(),
            device: Device::flex(),
        };
        (training, of(Part::Validation))
    }

    #[test]
    fn what_is_missing_is_left_out_of_a_batch() {
        // writers with all, without forgeries, with fewer than are asked for; then fewer writers
        for (genuine, forged, writers, expected) in
            [(3, 3, 7, 4 * 6), (3, 0, 7, 4 * 3), (2, 1, 7, 4 * 3), (2, 0, 2, 2 * 2)]
        {
            let (training, validation) = batches(genuine, forged, writers);
            for batch in training.iter() {
                let batch = batch.unwrap();
                assert_eq!(batch.labels.len(), expected, "{genuine} {forged} {writers}");
                assert_eq!(batch.ink.dims(), [expected, 1, 16, 32]);
                assert_eq!(batch.labels.iter().any(|label| !label.genuine), forged > 0);
            }
            let each = (genuine + forged) as usize;
            let validation = ValidationBatches {
                writers: Arc::new(validation),
                size: SIZE,
                each: 8,
                device: Device::flex(),
            };
            assert!(validation.iter().all(|batch| batch.unwrap().labels.len() == each));
        }
    }
}
