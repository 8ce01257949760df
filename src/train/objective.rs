//! What a network is trained to do with the pairs of a batch.

use serde::{Deserialize, Serialize};

use super::config::require;
use crate::error::Result;
use crate::model::SimilarityConfig;

/// What the network is trained to do with the pairs of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Objective {
    /// Logistic loss on the pair head's score, plus a supervised contrastive loss on the embedding.
    Logistic {
        /// Targets are moved this far from 0 and 1.
        label_smoothing: f32,
        /// Share of the random forgeries in the weight of all forgeries.
        random_share: f32,
        /// Weight of the supervised contrastive loss.
        contrastive_weight: f32,
        /// Its temperature.
        temperature: f32,
    },
    /// The tutorial's contrastive loss on the Euclidean distance of embeddings.
    Contrastive { margin: f32 },
}

impl Default for Objective {
    fn default() -> Self {
        Self::Logistic {
            label_smoothing: 0.02,
            random_share: 0.25,
            contrastive_weight: 0.2,
            temperature: 0.1,
        }
    }
}

impl Objective {
    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if a number is out of range, or the objective cannot train this similarity.
    pub(super) fn check(&self, similarity: &SimilarityConfig) -> Result<()> {
        match self {
            Self::Logistic { label_smoothing, random_share, contrastive_weight, temperature } => {
                let logits = similarity.gives_logits();
                require(
                    logits,
                    "network.similarity.kind",
                    "pair-head or weighted-l1 for the objective logistic",
                )?;
                require((0.0..0.5).contains(label_smoothing), "objective.label_smoothing", "0 to below 0.5")?;
                require((0.0..=1.0).contains(random_share), "objective.random_share", "0 to 1")?;
                require(
                    (0.0..=100.0).contains(contrastive_weight),
                    "objective.contrastive_weight",
                    "0 to 100",
                )?;
                require((1e-3..=10.0).contains(temperature), "objective.temperature", "0.001 to 10")
            }
            Self::Contrastive { margin } => {
                let distance = matches!(similarity, SimilarityConfig::Euclidean);
                require(distance, "network.similarity.kind", "euclidean for the objective contrastive")?;
                require((1e-3..=1e3).contains(margin), "objective.margin", "0.001 to 1000")
            }
        }
    }
}
