//! The network with what it is trained to do: one step of training, one of validation.

use burn::module::Module;
use burn::tensor::{Tensor, TensorData};
use burn_train::{InferenceStep, TrainOutput, TrainStep};

use super::contrastive::contrastive;
use super::corpus::Set;
use super::logistic::logistic;
use super::metric::{PairScore, Scored};
use super::objective::Objective;
use super::pairs::Pairs;
use super::sampler::{Batch, SamplerConfig};
use super::supervised_contrastive::supervised_contrastive;
use crate::model::{Features, Network};

/// A network in training.
#[derive(Module, Debug)]
pub struct Siamese {
    pub network: Network,
    #[module(skip)]
    pub objective: Objective,
    #[module(skip)]
    pub sampler: SamplerConfig,
}

impl Siamese {
    /// Loss of the pairs of a batch, `[1]`, and their scores, `[P]`.
    fn judge(&self, features: &Features, batch: &Batch, pairs: &Pairs) -> (Tensor<1>, Tensor<1>) {
        let device = features.embedding.device();
        let vector = |values: &[f32]| {
            Tensor::<1>::from_data(TensorData::new(values.to_vec(), [values.len()]), &device)
        };
        let questioned = features.select(&pairs.questioned);
        let reference = features.select(&pairs.reference);
        let score = self.network.compare(&questioned, &reference).score;
        let loss = match self.objective {
            Objective::Logistic { label_smoothing, contrastive_weight, temperature, .. } => {
                let pair_loss =
                    logistic(score.clone(), vector(&pairs.same), vector(&pairs.weight), label_smoothing);
                let embedding_loss =
                    supervised_contrastive(features.embedding.clone(), &batch.labels, temperature);
                pair_loss + embedding_loss.mul_scalar(contrastive_weight)
            }
            Objective::Contrastive { margin } => {
                let different = vector(&pairs.same).neg().add_scalar(1.0);
                contrastive(score.clone().neg(), different, f64::from(margin))
            }
        };
        (loss, score)
    }

    fn random_share(&self) -> f32 {
        match self.objective {
            Objective::Logistic { random_share, .. } => random_share,
            // the tutorial's pairs are genuine or skilled
            Objective::Contrastive { .. } => 0.0,
        }
    }
}

impl TrainStep for Siamese {
    type Input = Batch;
    type Output = Scored;

    fn step(&self, batch: Batch) -> TrainOutput<Scored> {
        let features = self.network.encode(batch.ink.clone());
        let embeddings = floats(features.embedding.clone().detach());
        let pairs = Pairs::mine(&batch.labels, &embeddings, &self.sampler, self.random_share());
        let (loss, _) = self.judge(&features, &batch, &pairs);
        // the pairs are mined, so their error rate would say nothing: only the loss is shown
        let scored = Scored { loss: loss.clone().detach(), scores: Vec::new() };
        TrainOutput::new(self, loss.backward(), scored)
    }
}

impl InferenceStep for Siamese {
    type Input = Batch;
    type Output = Scored;

    /// `batch` holds signatures of one writer; all their pairs are scored.
    fn step(&self, batch: Batch) -> Scored {
        let features = self.network.encode(batch.ink.clone());
        let mut pairs = Pairs::all(&batch.labels);
        let count = pairs.same.len().max(1) as f32;
        pairs.weight.fill(1.0 / count);
        let (loss, score) = self.judge(&features, &batch, &pairs);
        let set = batch.labels.first().map_or(Set::Synthetic, |label| label.set);
        let scores = floats(score)
            .into_iter()
            .zip(&pairs.same)
            .map(|(score, &same)| PairScore { set, genuine: same == 1.0, score })
            .collect();
        Scored { loss, scores }
    }
}

/// The values of a tensor that is in memory. Training runs on native devices, which read back synchronously.
fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().unwrap_or_default()
}
