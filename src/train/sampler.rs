//! Batches for training and validation.

mod config;
mod draw;
mod hand;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::{Device, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::augment::{AugmentConfig, augment, plain, splice};
use super::corpus::{Set, Writer};
use super::pairs::Pairs;
use crate::ink::{Frame, FrameSize};

pub use config::{Kind, PairMining, RandomPairs, SamplerConfig, Writers};
use draw::Draw;
pub(super) use hand::Hand;

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
    /// The pairs to compare, if they were drawn with the images; else the hardest are looked for.
    pub pairs: Option<Pairs>,
}

impl Batch {
    fn new(
        images: Vec<Vec<f32>>,
        labels: Vec<Label>,
        pairs: Option<Pairs>,
        size: FrameSize,
        device: &Device,
    ) -> Self {
        let shape = [labels.len(), 1, size.height as usize, size.width as usize];
        Self { ink: Tensor::from_data(TensorData::new(images.concat(), shape), device), labels, pairs }
    }
}

/// Random augmented batches of training writers. Seed, epoch and number make a batch, whoever draws it: the slices
/// of an epoch that several devices draw are together the epoch that one device would draw.
#[derive(Clone)]
pub struct TrainingBatches {
    pub writers: Arc<Vec<Writer>>,
    pub size: FrameSize,
    /// The number of the first batch, above 0 in a slice.
    pub first: usize,
    pub batches: usize,
    pub sampler: SamplerConfig,
    pub augment: AugmentConfig,
    pub seed: u64,
    /// The epoch that the next iteration draws; set to the last finished one to resume.
    pub epoch: Arc<AtomicU64>,
    pub device: Device,
}

impl TrainingBatches {
    fn make(&self, epoch: u64, number: usize) -> Made {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // a stream for each batch, so that a slice need not draw what comes before it
        rng.set_stream((epoch << 32) + number as u64 + 1);
        let renew = self.augment.makes_writers();
        let Draw { images, labels, pairs } = Draw::new(&self.sampler, renew, &self.writers, &mut rng);
        let images = images
            .into_par_iter()
            .map(|image| {
                let mut rng = ChaCha8Rng::seed_from_u64(image.seed);
                let spliced = image.right.map(|(right, cut)| splice(image.frame, right, cut));
                let frame = spliced.as_ref().unwrap_or(image.frame);
                augment(frame, &self.augment, image.persona, &mut rng)
            })
            .collect();
        Made { images, labels, pairs }
    }
}

/// A batch before it is on a device.
struct Made {
    images: Vec<Vec<f32>>,
    labels: Vec<Label>,
    pairs: Option<Pairs>,
}

/// Batches that are made while the device computes, so that a GPU need not wait for them.
const AHEAD: usize = 2;

impl DataLoader<Batch> for TrainingBatches {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst);
        // the device too, so that a resumed run drops out what the uninterrupted one does
        let mut dropout = ChaCha8Rng::seed_from_u64(self.seed);
        dropout.set_stream(u64::MAX - epoch);
        // each device its own dropout
        self.device.seed(dropout.random::<u64>().wrapping_add(self.first as u64));
        let (sender, made) = sync_channel(AHEAD);
        let own = self.clone();
        // ends with the epoch, or with its next batch if the iterator is dropped before
        std::thread::spawn(move || {
            let numbers = own.first..own.first + own.batches;
            numbers.map(|number| own.make(epoch, number)).try_for_each(|made| sender.send(made))
        });
        let make = move |_| {
            let Made { images, labels, pairs } = made.recv().map_err(DatasetError::new)?;
            Ok(Batch::new(images, labels, pairs, self.size, &self.device))
        };
        Box::new(Counted { next: 0, total: self.batches, make })
    }

    fn num_items(&self) -> usize {
        self.batches
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        // with a count of its own, for it is iterated beside the others
        let epoch = Arc::new(AtomicU64::new(self.epoch.load(Ordering::SeqCst)));
        Arc::new(Self { first: self.first + start, batches: end - start, epoch, ..self.clone() })
    }
}

/// The first signatures of each validation writer, unchanged, one writer a batch; of a writer without
/// forgeries also signatures of others, as random forgeries.
#[derive(Clone)]
pub struct ValidationBatches {
    pub writers: Arc<Vec<Writer>>,
    pub size: FrameSize,
    /// Genuine signatures and forgeries of each writer.
    pub each: usize,
    pub device: Device,
}

impl ValidationBatches {
    fn batch(&self, index: usize) -> Batch {
        let writer = &self.writers[index];
        let label = |writer, genuine| Label { set: self.writers[index].set, writer, genuine };
        let own = |frames: &'_ [Frame], genuine| {
            frames.iter().take(self.each).map(|frame| (plain(frame), label(0, genuine))).collect::<Vec<_>>()
        };
        let mut signatures = own(&writer.genuine, true);
        signatures.extend(own(&writer.forged, false));
        if writer.forged.is_empty() {
            signatures.extend(
                self.strangers(index).enumerate().map(|(k, frame)| (plain(frame), label(k + 1, true))),
            );
        }
        let (images, labels) = signatures.into_iter().unzip();
        Batch::new(images, labels, None, self.size, &self.device)
    }

    /// The first genuine signatures of the next writers of the same set.
    fn strangers(&self, index: usize) -> impl Iterator<Item = &Frame> {
        let (before, after) = self.writers.split_at(index);
        let others = after.iter().skip(1).chain(before).filter(move |other| other.set == after[0].set);
        others.filter_map(|other| other.genuine.first()).take(self.each)
    }
}

impl DataLoader<Batch> for ValidationBatches {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        Box::new(Counted { next: 0, total: self.writers.len(), make: |index| Ok(self.batch(index)) })
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

/// A batch, or why there is none.
type Next = std::result::Result<Batch, DatasetError>;

/// `total` batches, made on demand from their number.
struct Counted<F> {
    next: usize,
    total: usize,
    make: F,
}

impl<F: FnMut(usize) -> Next> Iterator for Counted<F> {
    type Item = Next;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.total {
            return None;
        }
        self.next += 1;
        Some((self.make)(self.next - 1))
    }
}

impl<F: FnMut(usize) -> Next> DataLoaderIterator<Batch> for Counted<F> {
    fn progress(&self) -> Progress {
        Progress::new(self.next, self.total, Some("batches".into()))
    }
}
