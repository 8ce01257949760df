//! Which triplets of a batch are compared.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::super::sampler::Label;

/// Which triplets of a batch count (Hermans, Beyer, Leibe 2017, arXiv 1703.07737, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mining {
    /// For each anchor its farthest positive and its nearest negative. From scratch all embeddings may
    /// collapse to one point, where the loss stays at the margin or, soft, at ln 2.
    BatchHard,
    /// Every anchor with each of its positives and each of its negatives.
    #[default]
    BatchAll,
}

/// Rows of a batch, triplet by triplet: anchors are genuine signatures, positives the same writer's other
/// genuine signatures, negatives that writer's forgeries and everything by or after another writer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Triplets {
    pub anchor: Vec<usize>,
    pub positive: Vec<usize>,
    pub negative: Vec<usize>,
}

impl Triplets {
    /// The triplets of a batch; `distances` holds that of row `a` to row `b` at `a * labels.len() + b`.
    ///
    /// A genuine signature without a positive or without a negative is no anchor.
    pub fn mine(labels: &[Label], distances: &[f32], mining: Mining) -> Self {
        let rows = 0..labels.len();
        let mut triplets = Self::default();
        for anchor in rows.clone().filter(|&row| labels[row].genuine) {
            let same = |row: usize| labels[row].genuine && labels[row].writer == labels[anchor].writer;
            let positives: Vec<usize> = rows.clone().filter(|&row| row != anchor && same(row)).collect();
            let negatives: Vec<usize> = rows.clone().filter(|&row| !same(row)).collect();
            let order = |a: &usize, b: &usize| {
                let distance = |row: usize| distances[anchor * labels.len() + row];
                distance(*a).total_cmp(&distance(*b))
            };
            let (positives, negatives) = match mining {
                Mining::BatchAll => (positives, negatives),
                Mining::BatchHard => (
                    positives.into_iter().max_by(order).into_iter().collect(),
                    negatives.into_iter().min_by(order).into_iter().collect(),
                ),
            };
            for &positive in &positives {
                for &negative in &negatives {
                    triplets.anchor.push(anchor);
                    triplets.positive.push(positive);
                    triplets.negative.push(negative);
                }
            }
        }
        triplets
    }

    /// The distances of the anchors to their positives and to their negatives, `[T]` each; `None` if there
    /// are no triplets.
    ///
    /// # Shapes
    /// - `distances`: `[B, B]`
    pub(super) fn distances(&self, distances: &Tensor<2>) -> Option<[Tensor<1>; 2]> {
        let [rows, columns] = distances.dims();
        let flat = distances.clone().reshape([rows * columns]);
        let to = |others: &[usize]| {
            let places: Vec<i64> = self
                .anchor
                .iter()
                .zip(others)
                .map(|(&anchor, &other)| (anchor * columns + other) as i64)
                .collect();
            let places = TensorData::new(places, [others.len()]);
            flat.clone().select(0, Tensor::from_data(places, &distances.device()))
        };
        (!self.anchor.is_empty()).then(|| [to(&self.positive), to(&self.negative)])
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::labels;
    use super::*;

    #[test]
    fn anchors_are_genuine_and_negatives_are_forgeries_and_other_writers() {
        // two genuine and a forgery of writer 0, one genuine of writer 1: it has no positive
        let labels = labels([(0, true), (0, true), (0, false), (1, true)]);
        let triplets = Triplets::mine(&labels, &[0.0; 16], Mining::BatchAll);
        assert_eq!(triplets.anchor, [0, 0, 1, 1]);
        assert_eq!(triplets.positive, [1, 1, 0, 0]);
        assert_eq!(triplets.negative, [2, 3, 2, 3]);
    }

    #[test]
    fn hardest_are_the_farthest_positive_and_the_nearest_negative() {
        let labels = labels([(0, true), (0, true), (0, true), (0, false), (1, false)]);
        let mut distances = [0.0; 25];
        distances[..5].copy_from_slice(&[0.0, 0.3, 0.7, 0.9, 0.2]);
        let triplets = Triplets::mine(&labels, &distances, Mining::BatchHard);
        assert_eq!((triplets.anchor[0], triplets.positive[0], triplets.negative[0]), (0, 2, 4));
        assert_eq!(triplets.anchor.len(), 3);
    }

    #[test]
    fn a_writer_alone_without_forgeries_has_no_triplets() {
        let triplets = Triplets::mine(&labels([(0, true), (0, true)]), &[0.0; 4], Mining::BatchAll);
        assert_eq!(triplets, Triplets::default());
    }
}
