//! One row: trained for its budget, then scored. Without burn-train's display, checkpoints and validation between
//! epochs: a row is short, and what it costs should be the training.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use burn::data::dataloader::DataLoader;
use burn::module::Module;
use burn::tensor::Device;
use burn_train::{Interrupter, TrainStep};

use super::super::corpus::Writer;
use super::super::processor_time::processor_seconds;
use super::super::progress::counter;
use super::super::sampler::TrainingBatches;
use super::super::siamese::Siamese;
use super::data::Signatures;
use super::errors::SetErrors;
use super::{Record, Row};
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::evaluate::errors::Scores;
use crate::ink::FrameSize;
use crate::model::Network;
use crate::turn::Turning;

/// Trains and scores `row`; `None` after an interruption.
///
/// # Errors
/// [`Error::InvalidConfig`] if the sampler cannot draw from these writers, and those of scoring. A loss that is no
/// number is a result.
pub(super) fn run(
    row: &Row,
    of: String,
    signatures: &Signatures,
    device: &Device,
    interrupter: &Interrupter,
) -> Result<Option<Record>> {
    let (start, processor) = (Instant::now(), processor_seconds());
    let mut images = 0;
    let trained = train(row, signatures, device, interrupter, &mut images);
    let mut record = Record {
        network: row.network.clone(),
        loss: row.loss.clone(),
        optimiser: row.optimiser.clone(),
        seed: row.config.seed,
        of,
        images,
        seconds: start.elapsed().as_secs_f64(),
        processor_seconds: processor_seconds().zip(processor).map(|(end, start)| end - start),
        error: None,
        sets: Vec::new(),
    };
    let scored = match trained {
        Ok(Some(network)) => score(&network, None, &signatures.validation, row.config.input, device),
        Ok(None) => return Ok(None),
        Err(error) => Err(error),
    };
    match scored {
        Ok(sets) => record.sets = sets,
        // scores that are no numbers come from weights that are none
        Err(Error::Training(message) | Error::DeviceFailed(message)) => record.error = Some(message),
        Err(error) => return Err(error),
    }
    Ok(Some(record))
}

fn train(
    row: &Row,
    signatures: &Signatures,
    device: &Device,
    interrupter: &Interrupter,
    images: &mut usize,
) -> Result<Option<Network>> {
    let config = &row.config;
    config.sampler.check_data(signatures.training.iter())?;
    device.seed(config.seed);
    let training = device.clone().autodiff();
    let mut model = Siamese {
        network: config.network.init(&training)?,
        objective: config.objective.clone(),
        sampler: config.sampler.clone(),
        share: 1.0,
    };
    let batches = TrainingBatches {
        writers: signatures.training.clone(),
        size: config.input,
        first: 0,
        batches: config.batches,
        sampler: config.sampler.clone(),
        augment: config.augment.clone(),
        seed: config.seed,
        epoch: Arc::new(AtomicU64::new(0)),
        device: training,
    };
    let mut optimiser = config.optimiser.init();
    let mut schedule = config.optimiser.schedule(config.epochs, config.batches)?;
    let (count, total) = (counter("batches"), config.epochs * config.batches);
    for step in 0..config.epochs {
        for (batch, number) in batches.iter().zip(1..) {
            let batch = batch.map_err(|error| Error::Training(error.to_string()))?;
            *images += batch.labels.len();
            let output = TrainStep::step(&model, batch);
            let loss: f32 = output.item.loss.into_scalar();
            if !loss.is_finite() {
                return Err(Error::Training(format!("the loss is {loss} in batch {number}")));
            }
            model = optimiser.step(schedule.step(), model, output.grads);
            count(step * config.batches + number, total);
            if interrupter.should_stop() {
                return Ok(None);
            }
        }
    }
    Ok(Some(model.valid().network))
}

/// The errors on these writers.
///
/// # Errors
/// Those of [`Scores::compute`].
pub(super) fn score(
    network: &Network,
    turning: Option<Turning>,
    writers: &[Writer],
    size: FrameSize,
    device: &Device,
) -> Result<Vec<SetErrors>> {
    let comparer = pollster::block_on(Comparer::new(network, turning, size, device))?;
    let scores = Scores::compute(&comparer, writers, size, counter("scoring writers"))?;
    Ok(SetErrors::of(&scores, writers))
}
