//! The network with what it is trained to do: one step of training, one of validation.

#[cfg(test)]
mod tests;

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use burn_train::{InferenceStep, TrainOutput, TrainStep};

use super::corpus::Set;
use super::loss::{
    contrastive, floats, logistic, lossless_triplet, supervised_contrastive, triplet, weight_penalty,
};
use super::metric::{PairScore, Scored};
use super::objective::Objective;
use super::pairs::{Nearness, Pairs};
use super::sampler::{Batch, Label, SamplerConfig};
use crate::model::{Features, Network};

/// A network in training.
#[derive(Module, Debug)]
pub struct Siamese {
    pub network: Network,
    #[module(skip)]
    pub objective: Objective,
    #[module(skip)]
    pub sampler: SamplerConfig,
    /// What the loss is multiplied by before its gradients are formed, so that those of several devices add up to
    /// their mean; 1 on one device.
    #[module(skip)]
    pub share: f32,
}

impl Siamese {
    /// Scores of pairs, `[P]`; `None` without pairs.
    fn scores(&self, features: &Features, pairs: &Pairs) -> Option<Tensor<1>> {
        (!pairs.kind.is_empty()).then(|| {
            let questioned = features.select(&pairs.questioned);
            let reference = features.select(&pairs.reference);
            self.network.compare(&questioned, &reference).score
        })
    }

    /// Distance of every two signatures of a batch, `[B, B]`; `None` for a similarity without distances, which
    /// [`Objective::check`] refuses.
    fn distances(&self, features: &Features) -> Option<Tensor<2>> {
        let [count, _] = features.embedding.dims();
        let rows = || 0..count;
        let questioned: Vec<usize> = rows().flat_map(|row| vec![row; count]).collect();
        let reference: Vec<usize> = rows().flat_map(|_| rows()).collect();
        let score = self.network.compare(&features.select(&questioned), &features.select(&reference)).score;
        Some(self.network.similarity().distance(score)?.reshape([count, count]))
    }

    /// The pairs that a training batch is charged for.
    fn choose(&self, features: &Features, batch: &Batch) -> Pairs {
        match (&batch.pairs, self.sampler.writers()) {
            (None, Some(writers)) => {
                let nearness = Nearness::suiting(self.network.similarity());
                let embeddings = floats(self.network.learned_embedding(features).detach());
                Pairs::hardest(&batch.labels, &embeddings, nearness, writers)
            }
            (pairs, _) => pairs.clone().unwrap_or_default(),
        }
    }

    /// What the objective charges for pairs, `[1]`; nothing if it takes whole batches.
    fn pair_loss(&self, score: Tensor<1>, pairs: &Pairs, weights: &[f32]) -> Option<Tensor<1>> {
        let device = score.device();
        let vector = |values: &[f32]| {
            Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
        };
        match self.objective {
            Objective::Logistic { label_smoothing, .. } => {
                Some(logistic(score, vector(&pairs.same()), vector(weights), label_smoothing))
            }
            Objective::Contrastive { margin } => {
                let different = vector(&pairs.same()).neg().add_scalar(1.0);
                let distance = self.network.similarity().distance(score)?;
                Some(contrastive(distance, different, f64::from(margin)))
            }
            _ => None,
        }
    }

    /// What the objective charges for all signatures of a batch together, `[1]`.
    fn batch_loss(&self, features: &Features, labels: &[Label]) -> Option<Tensor<1>> {
        let supervised =
            |temperature| supervised_contrastive(self.network.unit_embedding(features), labels, temperature);
        match self.objective {
            Objective::Logistic { contrastive_weight: 0.0, .. } | Objective::Contrastive { .. } => None,
            Objective::Logistic { contrastive_weight, temperature, .. } => {
                Some(supervised(temperature).mul_scalar(contrastive_weight))
            }
            Objective::Triplet { mining, margin } => {
                Some(triplet(self.distances(features)?, labels, mining, margin))
            }
            Objective::LosslessTriplet { mining } => {
                let [_, dimensions] = features.embedding.dims();
                Some(lossless_triplet(self.distances(features)?, labels, mining, dimensions))
            }
            Objective::SupervisedContrastive { temperature } => Some(supervised(temperature)),
        }
    }

    fn penalty(&self) -> Option<Tensor<1>> {
        match self.objective {
            Objective::Logistic { l2, .. } if l2 > 0.0 => {
                weight_penalty(&self.network).map(|penalty| penalty.mul_scalar(l2))
            }
            _ => None,
        }
    }

    fn random_share(&self) -> f32 {
        match self.objective {
            Objective::Logistic { random_share, .. } => random_share,
            _ => 0.0,
        }
    }
}

/// The sum of what there is; 0 for a batch that has nothing to charge for.
fn total(features: &Features, parts: [Option<Tensor<1>>; 3]) -> Tensor<1> {
    let sum = parts.into_iter().flatten().reduce(|sum, part| sum + part);
    sum.unwrap_or_else(|| features.embedding.clone().sum().mul_scalar(0.0))
}

impl TrainStep for Siamese {
    type Input = Batch;
    type Output = Scored;

    fn step(&self, batch: Batch) -> TrainOutput<Scored> {
        let features = self.network.encode(batch.ink.clone());
        let pair_loss = if self.objective.compares_pairs() {
            let pairs = self.choose(&features, &batch);
            let weights = pairs.weights(self.random_share());
            let score = self.scores(&features, &pairs);
            score.and_then(|score| self.pair_loss(score, &pairs, &weights))
        } else {
            None
        };
        let batch_loss = self.batch_loss(&features, &batch.labels);
        let loss = total(&features, [pair_loss, batch_loss, self.penalty()]);
        // the pairs are chosen, so their error rate would say nothing: only the loss is shown
        let scored = Scored { loss: loss.clone().detach(), scores: Vec::new() };
        let loss = if self.share == 1.0 { loss } else { loss.mul_scalar(self.share) };
        TrainOutput::new(self, loss.backward(), scored)
    }
}

impl InferenceStep for Siamese {
    type Input = Batch;
    type Output = Scored;

    /// `batch` holds signatures of one writer; all their pairs are scored. The loss is without the penalty.
    fn step(&self, batch: Batch) -> Scored {
        let features = self.network.encode(batch.ink.clone());
        let pairs = Pairs::all(&batch.labels);
        let weights = vec![1.0 / pairs.kind.len().max(1) as f32; pairs.kind.len()];
        let score = self.scores(&features, &pairs);
        let pair_loss = score.clone().and_then(|score| self.pair_loss(score, &pairs, &weights));
        let loss = total(&features, [pair_loss, self.batch_loss(&features, &batch.labels), None]);
        let set = batch.labels.first().map_or(Set::Synthetic, |label| label.set);
        let scores = score.map(floats).unwrap_or_default();
        let scores = scores
            .into_iter()
            .zip(pairs.same())
            .map(|(score, same)| PairScore { set, genuine: same == 1.0, score })
            .collect();
        Scored { loss, scores }
    }
}
