//! The no-reference control by a trained probe: can a linear classifier on the encoder's own features tell a forgery
//! from the questioned image alone?
//!
//! What it finds, the comparison could use as well, without looking at any reference. It is cross-validated by
//! writer: nobody is judged by a probe that saw another signature of the same writer, or a forgery of it.

use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};

use super::control::auc;
use super::encoded::encode;
use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize};
use crate::model::Network;
use crate::train::corpus::Writer;
use crate::train::loss::logistic;

/// Parts of the writers that are left out in turn; fewer for fewer writers.
const FOLDS: usize = 5;
/// Steps of the optimiser, each over all signatures.
const STEPS: usize = 200;
const LEARNING_RATE: f64 = 0.02;
const WEIGHT_DECAY: f32 = 0.1;

/// A signature as the probe sees it.
struct Seen {
    features: Vec<f32>,
    is_forged: bool,
}

/// The mean AUC of the writers left out; `None` if no fold has both kinds on either side.
///
/// # Errors
/// [`Error::DeviceFailed`] if features or scores cannot be read back.
pub fn cross_validated(
    network: &Network,
    writers: &[&Writer],
    size: FrameSize,
    device: &Device,
) -> Result<Option<f64>> {
    let mut seen = Vec::with_capacity(writers.len());
    for writer in writers {
        let of = |frames: &[Frame], is_forged: bool| -> Result<Vec<Seen>> {
            let features = features(network, &frames.iter().collect::<Vec<_>>(), size, device)?;
            Ok(features.into_iter().map(|features| Seen { features, is_forged }).collect())
        };
        let mut signatures = of(&writer.genuine, false)?;
        signatures.extend(of(&writer.forged, true)?);
        seen.push(signatures);
    }
    mean_auc(&seen, device)
}

/// The embedding and the mean of the map over its places, of each frame.
fn features(network: &Network, frames: &[&Frame], size: FrameSize, device: &Device) -> Result<Vec<Vec<f32>>> {
    if frames.is_empty() {
        return Ok(Vec::new());
    }
    let features = encode(network, frames, size, device);
    let [count, channels, _, _] = features.map.dims();
    let places = features.map.mean_dim(3).mean_dim(2).reshape([count, channels]);
    let all = Tensor::cat(vec![features.embedding, places], 1);
    let [_, length] = all.dims();
    Ok(values(all)?.chunks(length).map(<[f32]>::to_vec).collect())
}

fn mean_auc(writers: &[Vec<Seen>], device: &Device) -> Result<Option<f64>> {
    let folds = FOLDS.min(writers.len());
    let mut rates = Vec::new();
    for fold in 0..folds {
        let side = |left_out: bool| -> Vec<&Seen> {
            let chosen = writers.iter().enumerate().filter(|(at, _)| (at % folds == fold) == left_out);
            chosen.flat_map(|(_, signatures)| signatures).collect()
        };
        let (learnt, judged) = (side(false), side(true));
        let has_both =
            |seen: &[&Seen]| seen.iter().any(|one| one.is_forged) && seen.iter().any(|one| !one.is_forged);
        if !has_both(&learnt) || !has_both(&judged) {
            continue;
        }
        let scores = scores(&learnt, &judged, device)?;
        let of = |is_forged: bool| -> Vec<f64> {
            let of_kind = judged.iter().zip(&scores).filter(|(one, _)| one.is_forged == is_forged);
            of_kind.map(|(_, score)| f64::from(*score)).collect()
        };
        rates.push(auc(&of(true), &of(false)));
    }
    Ok((!rates.is_empty()).then(|| rates.iter().sum::<f64>() / rates.len() as f64))
}

/// Logistic regression on `learnt`, both kinds weighing the same; its scores of `judged`, high for forgeries.
fn scores(learnt: &[&Seen], judged: &[&Seen], device: &Device) -> Result<Vec<f32>> {
    let autodiff = device.clone().autodiff();
    let matrix = |seen: &[&Seen], device: &Device| {
        let values: Vec<f32> = seen.iter().flat_map(|one| one.features.iter().copied()).collect();
        let length = values.len() / seen.len();
        Tensor::<2>::from_data(TensorData::new(values, [seen.len(), length]), device)
    };
    let vector =
        |values: Vec<f32>| Tensor::<1>::from_data(TensorData::new(values, [learnt.len()]), &autodiff);
    let input = matrix(learnt, &autodiff);
    let [_, length] = input.dims();
    let mean = input.clone().mean_dim(0);
    // a feature that never changes stays 0
    let deviation = (input.clone() - mean.clone()).square().mean_dim(0).sqrt().clamp_min(1e-6);
    let standard = |input: Tensor<2>, mean: Tensor<2>, deviation: Tensor<2>| (input - mean) / deviation;
    let input = standard(input, mean.clone(), deviation.clone());

    let forged = learnt.iter().filter(|one| one.is_forged).count() as f32;
    let genuine = learnt.len() as f32 - forged;
    let target = vector(learnt.iter().map(|one| f32::from(u8::from(one.is_forged))).collect());
    let weight = |one: &&Seen| 0.5 / if one.is_forged { forged } else { genuine };
    let weight = vector(learnt.iter().map(weight).collect());
    let mut linear: Linear =
        LinearConfig::new(length, 1).with_initializer(Initializer::Zeros).init(&autodiff);
    let mut optimiser = AdamWConfig::new().with_weight_decay(WEIGHT_DECAY).init();
    for _ in 0..STEPS {
        let score = linear.forward(input.clone()).flatten(0, 1);
        let loss = logistic(score, target.clone(), weight.clone(), 0.0);
        let gradients = GradientsParams::from_grads(loss.backward(), &linear);
        linear = optimiser.step(LEARNING_RATE, linear, gradients);
    }
    let questioned = standard(matrix(judged, device), mean.inner(), deviation.inner());
    values(linear.valid().forward(questioned))
}

fn values(tensor: Tensor<2>) -> Result<Vec<f32>> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().map_err(|error| Error::DeviceFailed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Writers whose forgeries differ by `cue` in one feature of several, the others being noise.
    fn writers(count: usize, cue: f32) -> Vec<Vec<Seen>> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let signature = |at: usize, rng: &mut ChaCha8Rng| {
            let is_forged = at % 2 == 1;
            let mut features: Vec<f32> = (0..6).map(|_| rng.random_range(-1.0..1.0)).collect();
            features[2] += if is_forged { cue } else { 0.0 };
            features.push(5.0);
            Seen { features, is_forged }
        };
        (0..count).map(|_| (0..30).map(|at| signature(at, &mut rng)).collect()).collect()
    }

    #[test]
    fn a_cue_that_all_writers_share_is_found_and_noise_is_not() {
        let device = Device::flex();
        let found = |cue| mean_auc(&writers(8, cue), &device).unwrap().unwrap();
        assert!(found(3.0) > 0.99, "{}", found(3.0));
        assert!((found(0.0) - 0.5).abs() < 0.12, "{}", found(0.0));
    }

    #[test]
    fn one_writer_alone_cannot_be_cross_validated() {
        assert_eq!(mean_auc(&writers(1, 3.0), &Device::flex()).unwrap(), None);
        assert_eq!(mean_auc(&[], &Device::flex()).unwrap(), None);
    }
}
