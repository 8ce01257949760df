//! Which images of a batch are compared with which, and how much each comparison counts.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::sampler::{Label, Writers};
use crate::model::Similarity;

/// What a pair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Two genuine signatures of one writer.
    Genuine,
    /// A genuine signature and a forgery of it.
    Skilled,
    /// Genuine signatures of two writers.
    Random,
}

/// Rows of a batch to compare, pair by pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairs {
    pub questioned: Vec<usize>,
    pub reference: Vec<usize>,
    pub kind: Vec<Kind>,
}

impl Pairs {
    pub(super) fn push(&mut self, kind: Kind, questioned: usize, reference: usize) {
        self.kind.push(kind);
        self.questioned.push(questioned);
        self.reference.push(reference);
    }

    /// 1 for the same hand, 0 for a forgery.
    pub fn same(&self) -> Vec<f32> {
        self.kind.iter().map(|&kind| f32::from(u8::from(kind == Kind::Genuine))).collect()
    }

    /// How much each pair counts, 1 in all: a half for the genuine pairs, of the rest `random_share` for the
    /// random forgeries. A kind of forgery that is alone counts for both.
    pub fn weights(&self, random_share: f32) -> Vec<f32> {
        let count = |wanted: Kind| self.kind.iter().filter(|&&kind| kind == wanted).count();
        let [genuine, skilled, random] = [Kind::Genuine, Kind::Skilled, Kind::Random].map(count);
        let random_share = match (skilled, random) {
            (0, _) => 1.0,
            (_, 0) => 0.0,
            _ => random_share,
        };
        let weight = |kind: &Kind| match kind {
            Kind::Genuine => 0.5 / genuine as f32,
            Kind::Skilled => 0.5 * (1.0 - random_share) / skilled as f32,
            Kind::Random => 0.5 * random_share / random as f32,
        };
        self.kind.iter().map(weight).collect()
    }
}

/// A questioned signature and a reference.
type Pair = (usize, usize);

impl Pairs {
    /// All genuine pairs of each writer, and its hardest skilled and random forgeries, as many as [`Writers`] says.
    ///
    /// Hardest is nearest by embedding; `embeddings` holds one row of `labels.len()` vectors of equal length.
    pub fn hardest(labels: &[Label], embeddings: &[f32], nearness: Nearness, writers: &Writers) -> Self {
        let length = embeddings.len() / labels.len().max(1);
        let row = |row: usize| &embeddings[row * length..(row + 1) * length];
        Self::of_writers(labels, writers, |pairs, most| {
            let mut ranked: Vec<_> =
                pairs.into_iter().map(|pair| (nearness.of(row(pair.0), row(pair.1)), pair)).collect();
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            ranked.into_iter().take(most).map(|(_, pair)| pair).collect()
        })
    }

    /// All genuine pairs of each writer, and as many skilled and random forgeries, whatever comes.
    pub fn random(labels: &[Label], writers: &Writers, rng: &mut impl Rng) -> Self {
        Self::of_writers(labels, writers, |pairs, most| pairs.sample(rng, most).copied().collect())
    }

    /// `choose` takes that many of the pairs that it is given.
    fn of_writers(
        labels: &[Label],
        writers: &Writers,
        mut choose: impl FnMut(Vec<Pair>, usize) -> Vec<Pair>,
    ) -> Self {
        let [mut genuine, mut skilled, mut random] = [const { Vec::new() }; 3];
        let rows = |wanted: &dyn Fn(&Label) -> bool| {
            (0..labels.len()).filter(|&row| wanted(&labels[row])).collect::<Vec<usize>>()
        };
        let last = labels.iter().map(|label| label.writer).max();
        for writer in 0..last.map_or(0, |last| last + 1) {
            let own = rows(&|label| label.writer == writer && label.genuine);
            let forged = rows(&|label| label.writer == writer && !label.genuine);
            let others = rows(&|label| label.writer != writer && label.genuine);
            for (index, &reference) in own.iter().enumerate() {
                genuine.extend(own[index + 1..].iter().map(|&questioned| (questioned, reference)));
            }
            let candidates = own.iter().flat_map(|&own| forged.iter().map(move |&forged| (forged, own)));
            skilled.extend(choose(candidates.collect(), writers.skilled_pairs));
            // one stranger for each signature, then some of those; where there are no forgeries, that many for each
            let each = if forged.is_empty() { writers.random_pairs } else { 1 };
            let strangers: Vec<Pair> = own
                .iter()
                .flat_map(|&own| choose(others.iter().map(|&other| (other, own)).collect(), each))
                .collect();
            let most = if forged.is_empty() { strangers.len() } else { writers.random_pairs };
            random.extend(choose(strangers, most));
        }
        let mut pairs = Self::default();
        for (kind, rows) in [(Kind::Genuine, genuine), (Kind::Skilled, skilled), (Kind::Random, random)] {
            rows.into_iter().for_each(|(questioned, reference)| pairs.push(kind, questioned, reference));
        }
        pairs
    }

    /// All pairs of the signatures of writer 0: with each other, with forgeries of them, and with other
    /// writers' genuine signatures.
    pub fn all(labels: &[Label]) -> Self {
        let mut pairs = Self::default();
        let own = |row: usize| labels[row].genuine && labels[row].writer == 0;
        for reference in (0..labels.len()).filter(|&row| own(row)) {
            for questioned in (0..reference).filter(|&row| own(row)) {
                pairs.push(Kind::Genuine, questioned, reference);
            }
            for questioned in (0..labels.len()).filter(|&row| !own(row)) {
                let kind = if labels[questioned].writer == 0 { Kind::Skilled } else { Kind::Random };
                pairs.push(kind, questioned, reference);
            }
        }
        pairs
    }
}

/// How near two embeddings are, the higher the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    /// By their product, which serves embeddings of length 1.
    Product,
    /// By the cosine of their angle.
    Cosine,
    /// By minus their squared distance.
    Distance,
}

impl Nearness {
    /// What suits a similarity. It only ranks: the pair head's own score would cost more than the step itself.
    pub fn suiting(similarity: &Similarity) -> Self {
        match similarity {
            Similarity::PairHead(_) => Self::Product,
            Similarity::Cosine(_) => Self::Cosine,
            Similarity::Euclidean(_) | Similarity::SigmoidEuclidean(_) | Similarity::WeightedL1(_) => {
                Self::Distance
            }
        }
    }

    fn of(self, a: &[f32], b: &[f32]) -> f32 {
        let product = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        match self {
            Self::Product => product(a, b),
            Self::Cosine => product(a, b) / (product(a, a) * product(b, b)).sqrt().max(f32::MIN_POSITIVE),
            Self::Distance => -a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::corpus::Set;
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn labels<const N: usize>(signatures: [(usize, bool); N]) -> Vec<Label> {
        signatures.map(|(writer, genuine)| Label { set: Set::Synthetic, writer, genuine }).into()
    }

    fn listed(pairs: &Pairs) -> Vec<Pair> {
        pairs.questioned.iter().zip(&pairs.reference).map(|(&q, &r)| (q, r)).collect()
    }

    /// Two genuine signatures and two forgeries of writer 0, two genuine signatures of writer 1.
    fn two_writers() -> Vec<Label> {
        labels([(0, true), (0, true), (0, false), (0, false), (1, true), (1, true)])
    }

    #[test]
    fn mining_takes_the_nearest_forgeries_and_strangers_where_there_are_none() {
        let embeddings = [1.0, 0.0, 0.9, 0.1, 0.8, 0.2, 0.0, 1.0, 0.1, 0.9, 0.7, 0.3];
        let writers = Writers { skilled_pairs: 2, random_pairs: 1, ..Writers::default() };
        let pairs = Pairs::hardest(&two_writers(), &embeddings, Nearness::Product, &writers);
        // writer 1 has no forgeries: both of its signatures meet their nearest stranger
        assert_eq!(listed(&pairs), [(1, 0), (5, 4), (2, 0), (2, 1), (5, 0), (0, 5), (1, 4)]);
        assert_eq!(pairs.same(), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let weights = pairs.weights(0.25);
        assert_eq!(weights[..4], [0.25, 0.25, 0.1875, 0.1875]);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn without_forgeries_each_signature_meets_as_many_strangers() {
        let labels = labels([(0, true), (0, true), (1, true), (1, true), (2, true)]);
        for (random_pairs, expected) in [(1, 5), (2, 10), (9, 16)] {
            let writers = Writers { skilled_pairs: 0, random_pairs, ..Writers::default() };
            let pairs = Pairs::random(&labels, &writers, &mut ChaCha8Rng::seed_from_u64(1));
            let random = pairs.kind.iter().filter(|&&kind| kind == Kind::Random).count();
            assert_eq!(random, expected, "{random_pairs}");
        }
    }

    #[test]
    fn a_kind_of_forgery_that_is_alone_counts_for_both() {
        for kind in [Kind::Skilled, Kind::Random] {
            let mut pairs = Pairs::default();
            pairs.push(Kind::Genuine, 0, 1);
            pairs.push(kind, 2, 1);
            assert_eq!(pairs.weights(0.25), [0.5, 0.5]);
        }
    }

    #[test]
    fn random_mining_takes_as_many_whatever_the_embeddings() {
        let writers = Writers { skilled_pairs: 2, random_pairs: 1, ..Writers::default() };
        let of = |seed| Pairs::random(&two_writers(), &writers, &mut ChaCha8Rng::seed_from_u64(seed));
        let pairs = of(1);
        let count = |wanted| pairs.kind.iter().filter(|&&kind| kind == wanted).count();
        assert_eq!([Kind::Genuine, Kind::Skilled, Kind::Random].map(count), [2, 2, 3]);
        assert_eq!(pairs, of(1));
        assert!((2..20).any(|seed| of(seed) != pairs), "every seed chooses the same");
    }

    #[test]
    fn nearness_follows_the_similarity() {
        let (short, long, turned) = ([1.0, 0.0], [3.0, 0.0], [0.9, 0.5]);
        assert!(Nearness::Product.of(&short, &long) > Nearness::Product.of(&short, &turned));
        assert!(Nearness::Cosine.of(&long, &short) > Nearness::Cosine.of(&long, &turned));
        assert!(Nearness::Distance.of(&short, &turned) > Nearness::Distance.of(&short, &long));
        assert_eq!(Nearness::Cosine.of(&[0.0, 0.0], &long), 0.0);
    }

    #[test]
    fn all_pairs_of_a_writer() {
        let pairs = Pairs::all(&labels([(0, true), (0, true), (0, true), (0, false), (1, true)]));
        let count = |wanted| pairs.kind.iter().filter(|&&kind| kind == wanted).count();
        assert_eq!([Kind::Genuine, Kind::Skilled, Kind::Random].map(count), [3, 3, 3]);
    }
}
