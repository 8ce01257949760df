//! How two encoded signatures are compared: a distance of their embeddings, or the learned pair head on
//! their maps.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::countersign::normalise;
use super::pair_head::Directions;
use super::{Comparison, Features, PairHead};

/// Which comparison, and how large.
// no variant without braces: serde would let unknown keys pass there
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SimilarityConfig {
    /// The learned comparison of two maps, [`PairHead`]; the score is a logit.
    PairHead {
        /// Channels inside the head.
        width: usize,
        /// How much the likeness of the line's slant and pressure counts beside what the head says; the encoder must
        /// measure its directions.
        #[serde(default, skip_serializing_if = "is_zero")]
        direction_weight: f32,
    },
    /// Minus the Euclidean distance of the embeddings (the tutorial's).
    Euclidean {},
    /// The same of the embeddings' sigmoids, so that each number of an embedding lies in 0 to 1.
    SigmoidEuclidean {},
    /// The cosine of the angle between the embeddings, -1 to 1.
    Cosine {},
    /// A learned weighted sum of the embeddings' absolute differences (Koch, Zemel, Salakhutdinov 2015,
    /// section 3.1); the score is a logit.
    #[serde(rename = "weighted-l1")]
    WeightedL1 {},
}

/// Whether a manifest need not say it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(weight: &f32) -> bool {
    *weight == 0.0
}

impl SimilarityConfig {
    /// Whether the maps are compared, not the embeddings.
    pub fn compares_maps(&self) -> bool {
        matches!(self, Self::PairHead { .. })
    }

    /// Whether scores are logits, which a cross-entropy can train.
    pub fn gives_logits(&self) -> bool {
        matches!(self, Self::PairHead { .. } | Self::WeightedL1 {})
    }

    /// Whether scores come from a distance of embeddings ([`Similarity::distance`]).
    pub fn gives_distances(&self) -> bool {
        matches!(self, Self::Euclidean {} | Self::SigmoidEuclidean {} | Self::Cosine {})
    }

    /// Whether embeddings may be scaled to length 1 before they are compared. Their sigmoids would hardly
    /// differ.
    pub(crate) fn takes_unit_length(&self) -> bool {
        !matches!(self, Self::SigmoidEuclidean {})
    }

    /// The `kind` in a configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PairHead { .. } => "pair-head",
            Self::Euclidean {} => "euclidean",
            Self::SigmoidEuclidean {} => "sigmoid-euclidean",
            Self::Cosine {} => "cosine",
            Self::WeightedL1 {} => "weighted-l1",
        }
    }

    /// Fresh weights for maps of `map_channels` channels or embeddings of so many numbers, the last of which are
    /// measured.
    pub(super) fn init(
        &self,
        map_channels: usize,
        [embedding, measured]: [usize; 2],
        device: &Device,
    ) -> Similarity {
        match self {
            &Self::PairHead { width, direction_weight } => {
                let directions = Directions { numbers: measured, weight: direction_weight };
                Similarity::PairHead(PairHead::init([map_channels, width], directions, device))
            }
            Self::Euclidean {} => Similarity::Euclidean(Euclidean {}),
            Self::SigmoidEuclidean {} => Similarity::SigmoidEuclidean(SigmoidEuclidean {}),
            Self::Cosine {} => Similarity::Cosine(Cosine {}),
            Self::WeightedL1 {} => {
                Similarity::WeightedL1(WeightedL1 { sum: LinearConfig::new(embedding, 1).init(device) })
            }
        }
    }
}

/// One of the comparisons, with its weights.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "one value a program, never in a collection")]
pub enum Similarity {
    PairHead(PairHead),
    Euclidean(Euclidean),
    SigmoidEuclidean(SigmoidEuclidean),
    Cosine(Cosine),
    WeightedL1(WeightedL1),
}

impl Similarity {
    /// # Shapes
    /// - `questioned`, `reference`: features of `B` signatures each
    /// - output: see [`Comparison`]
    pub fn compare(&self, questioned: &Features, reference: &Features) -> Comparison {
        let whole = |score| Comparison { score, unmatched: None };
        let (a, b) = (questioned.embedding.clone(), reference.embedding.clone());
        match self {
            Self::PairHead(head) => head.forward(questioned, reference),
            Self::Euclidean(_) => whole(euclidean(a, b).neg()),
            Self::SigmoidEuclidean(_) => whole(euclidean(sigmoid(a), sigmoid(b)).neg()),
            Self::Cosine(_) => whole(cosine(a, b)),
            Self::WeightedL1(weighted) => whole(weighted.forward(a, b)),
        }
    }

    /// The distance behind a score: the Euclidean one, or 1 - cosine (0 to 2). `None` for logits.
    ///
    /// # Shapes
    /// - `score`, output: `[B]`
    pub fn distance(&self, score: Tensor<1>) -> Option<Tensor<1>> {
        match self {
            Self::Euclidean(_) | Self::SigmoidEuclidean(_) => Some(score.neg()),
            Self::Cosine(_) => Some(score.neg().add_scalar(1.0)),
            Self::PairHead(_) | Self::WeightedL1(_) => None,
        }
    }
}

/// See [`euclidean`].
#[derive(Module, Debug)]
pub struct Euclidean {}

/// See [`euclidean`]; each number of an embedding goes through a sigmoid first.
#[derive(Module, Debug)]
pub struct SigmoidEuclidean {}

/// See [`cosine`].
#[derive(Module, Debug)]
pub struct Cosine {}

/// `bias + sum_j weight_j |a_j - b_j|`.
#[derive(Module, Debug)]
pub struct WeightedL1 {
    sum: Linear,
}

impl WeightedL1 {
    /// # Shapes
    /// - `a`, `b`: `[B, D]`
    /// - output: `[B]`, a logit
    pub fn forward(&self, a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
        self.sum.forward((a - b).abs()).squeeze_dim(1)
    }
}

/// Euclidean distance of two batches of vectors, row by row.
///
/// The small constant keeps the gradient finite where two embeddings coincide, as the tutorial's
/// `pairwise_distance` does (it adds 1e-6 to each difference).
///
/// # Shapes
/// - `a`, `b`: `[B, D]`
/// - output: `[B]`
pub fn euclidean(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    let difference = (a - b).add_scalar(1e-6);
    (difference.clone() * difference).sum_dim(1).sqrt().squeeze_dim(1)
}

/// Cosine of the angle between two batches of vectors, row by row.
///
/// # Shapes
/// - `a`, `b`: `[B, D]`
/// - output: `[B]`
pub fn cosine(a: Tensor<2>, b: Tensor<2>) -> Tensor<1> {
    (normalise(a, 1) * normalise(b, 1)).sum_dim(1).squeeze_dim(1)
}

#[cfg(all(test, feature = "cpu", not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn pair() -> (Features, Features) {
        let device = Device::flex();
        let features = |values: [[f32; 2]; 2]| {
            let embedding = Tensor::<2>::from_floats(values, &device);
            Features { map: embedding.clone().reshape([2, 2, 1, 1]), embedding }
        };
        (features([[3.0, 0.0], [1.0, 1.0]]), features([[0.0, 4.0], [2.0, 2.0]]))
    }

    fn scores(config: &SimilarityConfig) -> Vec<f32> {
        let similarity = config.init(2, [2, 0], &Device::flex());
        let (a, b) = pair();
        similarity.compare(&a, &b).score.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn worked_examples() {
        let near = |scores: Vec<f32>, expected: [f32; 2]| {
            assert!(scores.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{scores:?}");
        };
        near(scores(&SimilarityConfig::Euclidean {}), [-5.0, -(2.0f32.sqrt())]);
        // sigmoids of 3, 0, 4, 1 and 2: 0.95257, 0.5, 0.98201, 0.73106 and 0.88080
        near(scores(&SimilarityConfig::SigmoidEuclidean {}), [-0.66118, -0.21176]);
        near(scores(&SimilarityConfig::Cosine {}), [0.0, 1.0]);
    }

    #[test]
    fn distances_are_behind_scores_that_are_not_logits() {
        let device = Device::flex();
        for (config, expected) in [
            (SimilarityConfig::Euclidean {}, Some(2.0)),
            (SimilarityConfig::SigmoidEuclidean {}, Some(2.0)),
            (SimilarityConfig::Cosine {}, Some(3.0)),
            (SimilarityConfig::WeightedL1 {}, None),
            (SimilarityConfig::PairHead { width: 8, direction_weight: 0.0 }, None),
        ] {
            let distance = config.init(2, [2, 0], &device).distance(Tensor::from_floats([-2.0], &device));
            assert_eq!(distance.map(|distance| distance.into_scalar::<f32>()), expected);
            assert_eq!(config.gives_distances(), expected.is_some());
        }
    }

    #[test]
    fn weighted_l1_is_the_weighted_sum_of_differences() {
        let device = Device::flex();
        let mut weighted = WeightedL1 { sum: LinearConfig::new(2, 1).init(&device) };
        weighted.sum.weight =
            burn::module::Param::from_tensor(Tensor::from_floats([[-1.0], [-0.5]], &device));
        weighted.sum.bias = Some(burn::module::Param::from_tensor(Tensor::from_floats([2.0], &device)));
        let (a, b) = pair();
        let scores: Vec<f32> = weighted.forward(a.embedding, b.embedding).into_data().try_to_vec().unwrap();
        // 2 - 3 - 0.5 * 4 and 2 - 1 - 0.5 * 1
        assert_eq!(scores, [-3.0, 0.5]);
    }

    #[test]
    fn unknown_settings_are_refused() {
        for kind in ["euclidean", "sigmoid-euclidean", "cosine", "weighted-l1"] {
            let json = format!(r#"{{"kind":"{kind}","width":8}}"#);
            assert!(serde_json::from_str::<SimilarityConfig>(&json).is_err(), "{json}");
        }
    }

    #[test]
    fn names_are_those_of_the_config() {
        for (config, json) in [
            (
                SimilarityConfig::PairHead { width: 8, direction_weight: 0.0 },
                r#"{"kind":"pair-head","width":8}"#,
            ),
            (SimilarityConfig::Euclidean {}, r#"{"kind":"euclidean"}"#),
            (SimilarityConfig::SigmoidEuclidean {}, r#"{"kind":"sigmoid-euclidean"}"#),
            (SimilarityConfig::WeightedL1 {}, r#"{"kind":"weighted-l1"}"#),
        ] {
            assert_eq!(serde_json::to_string(&config).unwrap(), json);
            assert!(json.contains(config.name()));
            assert_eq!(serde_json::from_str::<SimilarityConfig>(json).unwrap(), config);
        }
    }
}
