//! Which images of a batch are compared with which, and how much each comparison counts.

use super::sampler::{Label, SamplerConfig};

/// Rows of a batch to compare, pair by pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    pub questioned: Vec<usize>,
    pub reference: Vec<usize>,
    /// 1 for the same hand, 0 for a forgery.
    pub same: Vec<f32>,
    /// Sums to 1: a half for the genuine pairs, the rest for skilled and random forgeries.
    pub weight: Vec<f32>,
}

impl Pairs {
    /// All genuine pairs of each writer, the hardest skilled forgeries and the hardest random forgeries.
    ///
    /// Hardest is most similar by embedding. `embeddings` holds one row of `labels.len()` vectors of equal length.
    pub fn mine(labels: &[Label], embeddings: &[f32], sampler: &SamplerConfig, random_share: f32) -> Self {
        let similarity = Similarity::new(embeddings, labels.len());
        let mut genuine = Vec::new();
        let mut skilled = Vec::new();
        let mut random = Vec::new();
        let writers = labels.iter().map(|label| label.writer).max().map_or(0, |last| last + 1);
        for writer in 0..writers {
            let rows = |wanted: bool| {
                (0..labels.len())
                    .filter(move |&row| labels[row].writer == writer && labels[row].genuine == wanted)
            };
            let own: Vec<usize> = rows(true).collect();
            let forged: Vec<usize> = rows(false).collect();
            for (index, &reference) in own.iter().enumerate() {
                genuine.extend(own[index + 1..].iter().map(|&questioned| (questioned, reference)));
            }
            let own_and_forged = own.iter().flat_map(|&own| forged.iter().map(move |&forged| (forged, own)));
            skilled.extend(similarity.hardest(own_and_forged, sampler.skilled_pairs));
            let others: Vec<usize> = (0..labels.len())
                .filter(|&row| labels[row].writer != writer && labels[row].genuine)
                .collect();
            // for each signature its nearest stranger, then the hardest of those
            let nearest = own.iter().filter_map(|&own| {
                similarity.hardest(others.iter().map(|&other| (other, own)), 1).into_iter().next()
            });
            random.extend(similarity.hardest(nearest, sampler.random_pairs));
        }
        // without skilled forgeries the random ones stand for all, and the other way round
        let random_share = match (skilled.is_empty(), random.is_empty()) {
            (true, _) => 1.0,
            (_, true) => 0.0,
            _ => random_share,
        };
        let mut pairs = Self::default();
        pairs.extend(genuine, 1.0, 0.5);
        pairs.extend(skilled, 0.0, 0.5 * (1.0 - random_share));
        pairs.extend(random, 0.0, 0.5 * random_share);
        pairs
    }

    /// All pairs of genuine signatures, and all of a forgery with a genuine one, of a batch of one writer.
    pub fn all(labels: &[Label]) -> Self {
        let mut pairs = Self::default();
        for reference in (0..labels.len()).filter(|&row| labels[row].genuine) {
            let genuine = (0..reference).filter(|&row| labels[row].genuine).map(|row| (row, reference));
            pairs.extend(genuine.collect(), 1.0, 1.0);
            let forged = (0..labels.len()).filter(|&row| !labels[row].genuine).map(|row| (row, reference));
            pairs.extend(forged.collect(), 0.0, 1.0);
        }
        pairs
    }

    fn extend(&mut self, rows: Vec<(usize, usize)>, same: f32, total_weight: f32) {
        let each = total_weight / rows.len().max(1) as f32;
        for (questioned, reference) in rows {
            self.questioned.push(questioned);
            self.reference.push(reference);
            self.same.push(same);
            self.weight.push(each);
        }
    }
}

/// Dot products of embeddings.
struct Similarity<'a> {
    embeddings: &'a [f32],
    length: usize,
}

impl<'a> Similarity<'a> {
    fn new(embeddings: &'a [f32], rows: usize) -> Self {
        Self { embeddings, length: embeddings.len() / rows.max(1) }
    }

    fn of(&self, (a, b): (usize, usize)) -> f32 {
        let row = |row: usize| &self.embeddings[row * self.length..(row + 1) * self.length];
        row(a).iter().zip(row(b)).map(|(a, b)| a * b).sum()
    }

    fn hardest(&self, pairs: impl Iterator<Item = (usize, usize)>, most: usize) -> Vec<(usize, usize)> {
        let mut ranked: Vec<_> = pairs.map(|pair| (self.of(pair), pair)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.into_iter().take(most).map(|(_, pair)| pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::corpus::Set;

    fn label(writer: usize, genuine: bool) -> Label {
        Label { set: Set::Synthetic, writer, genuine }
    }

    #[test]
    fn mining_takes_the_most_similar_forgeries() {
        let labels = [
            label(0, true),
            label(0, true),
            label(0, false),
            label(0, false),
            label(1, true),
            label(1, true),
        ];
        let embeddings = [1.0, 0.0, 0.9, 0.1, 0.8, 0.2, 0.0, 1.0, 0.1, 0.9, 0.7, 0.3];
        let sampler = SamplerConfig { skilled_pairs: 2, random_pairs: 1, ..SamplerConfig::default() };
        let pairs = Pairs::mine(&labels, &embeddings, &sampler, 0.2);
        let listed: Vec<_> = pairs.questioned.iter().zip(&pairs.reference).map(|(&q, &r)| (q, r)).collect();
        assert_eq!(listed, [(1, 0), (5, 4), (2, 0), (2, 1), (5, 0), (0, 5)]);
        assert_eq!(pairs.same, [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((pairs.weight.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((pairs.weight[2] - 0.2).abs() < 1e-6);
    }

    #[test]
    fn writers_without_forgeries_are_told_from_each_other() {
        let labels = [label(0, true), label(0, true), label(1, true), label(1, true)];
        let embeddings = [1.0, 0.0, 0.9, 0.1, 0.0, 1.0, 0.1, 0.9];
        let sampler = SamplerConfig { skilled_pairs: 2, random_pairs: 1, ..SamplerConfig::default() };
        let pairs = Pairs::mine(&labels, &embeddings, &sampler, 0.2);
        assert_eq!(pairs.same, [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(pairs.weight, [0.25; 4]);
        // one writer alone: nobody to be told from
        let pairs = Pairs::mine(&labels[..2], &embeddings[..4], &sampler, 0.2);
        assert_eq!((pairs.same, pairs.weight), (vec![1.0], vec![0.5]));
        assert_eq!(Pairs::all(&labels[..2]).same, [1.0]);
    }

    #[test]
    fn all_pairs_of_a_writer() {
        let pairs = Pairs::all(&[label(0, true), label(0, true), label(0, true), label(0, false)]);
        assert_eq!(pairs.same.iter().filter(|&&same| same == 1.0).count(), 3);
        assert_eq!(pairs.same.iter().filter(|&&same| same == 0.0).count(), 3);
    }
}
