//! What a network is trained to do with a batch.

use serde::{Deserialize, Serialize};

use super::config::require;
use super::loss::Mining;
use super::sampler::SamplerConfig;
use crate::error::Result;
use crate::model::{NetworkConfig, SimilarityConfig};

/// What the network is trained to do with a batch: a loss ([`super::loss`]) and its numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Objective {
    /// Cross-entropy on the logits of pairs, if asked for with a supervised contrastive loss on the
    /// embeddings and a penalty on the weights.
    Logistic {
        /// Targets are moved this far from 0 and 1.
        #[serde(default)]
        label_smoothing: f32,
        /// Share of the random forgeries in the weight of all forgeries.
        #[serde(default = "random_share")]
        random_share: f32,
        /// Weight of the supervised contrastive loss.
        #[serde(default)]
        contrastive_weight: f32,
        /// Its temperature.
        #[serde(default = "temperature")]
        temperature: f32,
        /// Weight of the [penalty](super::loss::weight_penalty) on the weights.
        #[serde(default)]
        l2: f32,
    },
    /// The tutorial's contrastive loss on the distance of pairs.
    Contrastive { margin: f32 },
    /// The triplet loss on the distances of all signatures of a batch.
    Triplet {
        #[serde(default)]
        mining: Mining,
        /// How much nearer a positive should be than a negative; left out, the soft margin.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        margin: Option<f32>,
    },
    /// The "lossless" triplet loss on the same distances.
    LosslessTriplet {
        #[serde(default)]
        mining: Mining,
    },
    /// The supervised contrastive loss on the embeddings, scaled to length 1.
    SupervisedContrastive {
        #[serde(default = "temperature")]
        temperature: f32,
    },
}

fn random_share() -> f32 {
    0.25
}

fn temperature() -> f32 {
    0.1
}

impl Default for Objective {
    fn default() -> Self {
        Self::Logistic {
            label_smoothing: 0.02,
            random_share: random_share(),
            contrastive_weight: 0.2,
            temperature: temperature(),
            l2: 0.0,
        }
    }
}

impl Objective {
    /// Whether pairs are charged for; the others take all signatures of a batch together.
    pub(super) fn compares_pairs(&self) -> bool {
        matches!(self, Self::Logistic { .. } | Self::Contrastive { .. })
    }

    /// # Errors
    /// [`Error::InvalidConfig`](crate::Error::InvalidConfig) if a number is out of range, or the objective
    /// cannot train this network, or not on such batches.
    pub(super) fn check(&self, network: &NetworkConfig, sampler: &SamplerConfig) -> Result<()> {
        let similarity = |fits: bool, kinds: &str| {
            require(fits, "network.similarity.kind", &format!("{kinds} for the objective {}", self.name()))
        };
        let distances = network.similarity.gives_distances();
        match self {
            Self::Logistic { .. } => {
                similarity(network.similarity.gives_logits(), "pair-head or weighted-l1")
            }
            Self::Contrastive { .. } | Self::Triplet { .. } => {
                similarity(distances, "euclidean, sigmoid-euclidean or cosine")
            }
            Self::LosslessTriplet { .. } => {
                let bounded = matches!(network.similarity, SimilarityConfig::SigmoidEuclidean {});
                similarity(bounded, "sigmoid-euclidean")
            }
            Self::SupervisedContrastive { .. } => {
                similarity(matches!(network.similarity, SimilarityConfig::Cosine {}), "cosine")
            }
        }?;
        let whole = self.compares_pairs() || sampler.writers().is_some();
        require(whole, "sampler.kind", &format!("writers for the objective {}", self.name()))?;
        self.check_numbers()
    }

    fn check_numbers(&self) -> Result<()> {
        let warm =
            |value: &f32| require((1e-3..=10.0).contains(value), "objective.temperature", "0.001 to 10");
        match self {
            Self::Logistic { label_smoothing, random_share, contrastive_weight, temperature, l2 } => {
                require((0.0..0.5).contains(label_smoothing), "objective.label_smoothing", "0 to below 0.5")?;
                require((0.0..=1.0).contains(random_share), "objective.random_share", "0 to 1")?;
                let weight = contrastive_weight;
                require((0.0..=100.0).contains(weight), "objective.contrastive_weight", "0 to 100")?;
                require((0.0..=1.0).contains(l2), "objective.l2", "0 to 1")?;
                warm(temperature)
            }
            Self::Contrastive { margin } | Self::Triplet { margin: Some(margin), .. } => {
                require((1e-3..=1e3).contains(margin), "objective.margin", "0.001 to 1000")
            }
            Self::Triplet { margin: None, .. } | Self::LosslessTriplet { .. } => Ok(()),
            Self::SupervisedContrastive { temperature } => warm(temperature),
        }
    }

    /// The `kind` in a configuration.
    fn name(&self) -> &'static str {
        match self {
            Self::Logistic { .. } => "logistic",
            Self::Contrastive { .. } => "contrastive",
            Self::Triplet { .. } => "triplet",
            Self::LosslessTriplet { .. } => "lossless-triplet",
            Self::SupervisedContrastive { .. } => "supervised-contrastive",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(objective: &str, network: &str, sampler: &str) -> Result<()> {
        let objective: Objective = toml::from_str(objective).unwrap();
        let network: NetworkConfig = toml::from_str(network).unwrap();
        let sampler: SamplerConfig = toml::from_str(sampler).unwrap();
        objective.check(&network, &sampler)
    }

    fn network(similarity: &str) -> String {
        let width = if similarity == "pair-head" { ", width = 8" } else { "" };
        format!("encoder = {{ kind = \"countersign\" }}\nsimilarity = {{ kind = \"{similarity}\"{width} }}")
    }

    #[test]
    fn each_objective_trains_the_similarities_that_it_can() {
        for (objective, trains) in [
            ("kind = \"logistic\"", "pair-head weighted-l1"),
            ("kind = \"contrastive\"\nmargin = 2.0", "euclidean sigmoid-euclidean cosine"),
            ("kind = \"triplet\"", "euclidean sigmoid-euclidean cosine"),
            ("kind = \"lossless-triplet\"", "sigmoid-euclidean"),
            ("kind = \"supervised-contrastive\"", "cosine"),
        ] {
            for similarity in ["pair-head", "weighted-l1", "euclidean", "sigmoid-euclidean", "cosine"] {
                let result = check(objective, &network(similarity), "kind = \"writers\"");
                let expected = trains.split(' ').any(|trained| trained == similarity);
                assert_eq!(result.is_ok(), expected, "{objective} and {similarity}: {result:?}");
            }
        }
    }

    #[test]
    fn objectives_on_whole_batches_refuse_batches_of_pairs() {
        let pairs = "kind = \"pairs\"";
        assert!(check("kind = \"contrastive\"\nmargin = 2", &network("euclidean"), pairs).is_ok());
        let error = check("kind = \"triplet\"", &network("euclidean"), pairs).unwrap_err();
        assert!(
            error.to_string().contains("sampler.kind must be writers for the objective triplet"),
            "{error}"
        );
    }

    #[test]
    fn numbers_out_of_range_and_unknown_settings_are_refused() {
        let (pair_head, cosine) = (network("pair-head"), network("cosine"));
        for (objective, network) in [
            ("kind = \"logistic\"\nlabel_smoothing = 0.5", &pair_head),
            ("kind = \"logistic\"\nl2 = -1e-4", &pair_head),
            ("kind = \"triplet\"\nmargin = 0.0", &cosine),
            ("kind = \"supervised-contrastive\"\ntemperature = nan", &cosine),
        ] {
            let error = check(objective, network, "kind = \"writers\"").unwrap_err();
            assert!(error.to_string().contains("objective."), "{error}");
        }
        for unknown in [
            "kind = \"triplet\"\nmarign = 0.2",
            "kind = \"triplet\"\nmining = \"hard\"",
            "kind = \"lossless-triplet\"\nmargin = 0.2",
            "kind = \"tripled\"",
        ] {
            assert!(toml::from_str::<Objective>(unknown).is_err(), "{unknown}");
        }
    }
}
