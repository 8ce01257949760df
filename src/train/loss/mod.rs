//! What a batch is charged for: one loss a file, each with its source, an example and a gradient test.
//!
//! On pairs: [`contrastive`] (a distance) and [`logistic`] (a logit). On all signatures of a batch: [`triplet`],
//! [`lossless_triplet`] (a distance of every two) and [`supervised_contrastive`] (embeddings). On the weights:
//! [`weight_penalty`].

mod contrastive;
#[cfg(test)]
pub(super) mod gradient_check;
mod logistic;
mod lossless_triplet;
mod supervised_contrastive;
mod triplet;
mod triplets;
mod weight_penalty;

pub use contrastive::contrastive;
pub use logistic::logistic;
pub use lossless_triplet::lossless_triplet;
pub use supervised_contrastive::supervised_contrastive;
pub use triplet::triplet;
pub use triplets::{Mining, Triplets};
pub use weight_penalty::weight_penalty;

use burn::tensor::Tensor;

/// The values of a tensor that is in memory. Training runs on native devices, which read back synchronously.
pub(super) fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_to_vec().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::corpus::Set;
    use super::super::sampler::Label;

    /// Writer and whether genuine, as labels.
    pub fn labels<const N: usize>(signatures: [(usize, bool); N]) -> Vec<Label> {
        signatures.map(|(writer, genuine)| Label { set: Set::Synthetic, writer, genuine }).into()
    }
}
