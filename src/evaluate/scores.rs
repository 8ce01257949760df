//! Raw scores of a model on the signatures of writers, as every protocol needs them.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::encoded::Encoded;
use crate::comparer::Comparer;
use crate::error::Result;
use crate::fusion::{self, Fusion};
use crate::ink::{Frame, FrameSize};
use crate::train::corpus::{Set, Writer};

/// Random choices of the references, where there are several.
pub const DRAWS: u64 = 5;

/// Whose hand wrote a questioned signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Genuine,
    /// Somebody who imitated the writer.
    Skilled,
    /// Another writer's genuine signature.
    Random,
}

/// The score of every questioned signature against every genuine one of a writer.
#[derive(Debug, Clone)]
pub struct WriterScores {
    pub set: Set,
    pub writer: u16,
    genuine: usize,
    forged: usize,
    /// How several references become one score.
    pub fusion: Fusion,
    /// Whether random forgeries stand in for skilled ones, as nobody who was scored has any.
    pub(super) random_for_skilled: bool,
    /// Questioned x reference; genuine signatures first, then skilled forgeries, then random ones. A signature
    /// against itself is NaN.
    scores: Vec<f64>,
}

/// Scores of questioned signatures, by whose hand they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trials {
    pub genuine: Vec<f64>,
    pub skilled: Vec<f64>,
    pub random: Vec<f64>,
}

/// One questioned signature against one reference. Both are counted from 0, the questioned one among those by the
/// same hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub hand: Hand,
    pub questioned: usize,
    pub reference: usize,
    pub score: f64,
}

impl WriterScores {
    /// Scores every pair of `writer`, and each of the `random` forgeries against each of its genuine signatures.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`](crate::Error::DeviceFailed) if the scores cannot be read back or are not numbers.
    pub fn compute(
        comparer: &Comparer<'_>,
        writer: &Writer,
        random: &[&Frame],
        size: FrameSize,
    ) -> Result<Self> {
        let own = writer.genuine.iter().chain(&writer.forged);
        let encoded = Encoded::new(comparer, own.chain(random.iter().copied()).collect(), size)?;
        let genuine = writer.genuine.len();
        let count = genuine + writer.forged.len() + random.len();
        // of two genuine signatures the later one is questioned
        let pairs: Vec<(usize, usize)> = (0..count)
            .flat_map(|questioned| (0..genuine.min(questioned)).map(move |reference| (questioned, reference)))
            .collect();
        let mut scores = vec![f64::NAN; count * genuine];
        for (&(questioned, reference), value) in
            pairs.iter().zip(encoded.compare(comparer, &encoded, &pairs)?)
        {
            scores[questioned * genuine + reference] = value;
            if questioned < genuine {
                scores[reference * genuine + questioned] = value;
            }
        }
        let (set, forged, fusion) = (writer.set, writer.forged.len(), Fusion::Mean);
        Ok(Self { set, writer: writer.id, genuine, forged, fusion, random_for_skilled: false, scores })
    }

    /// The raw score of a questioned signature (genuine ones first, then forgeries) against a genuine one.
    pub fn score(&self, questioned: usize, reference: usize) -> f64 {
        self.scores[questioned * self.genuine + reference]
    }

    /// How many signatures are genuine.
    pub fn genuine(&self) -> usize {
        self.genuine
    }

    /// How many signatures are genuine or skilled forgeries.
    pub fn own(&self) -> usize {
        self.genuine + self.forged
    }

    /// How many signatures there are.
    pub fn signatures(&self) -> usize {
        self.scores.len().checked_div(self.genuine).unwrap_or(0)
    }

    /// The same writer with every score changed by a function of questioned, reference and score.
    pub fn map(&self, change: impl Fn(usize, usize, f64) -> f64) -> Self {
        let scores = self.scores.iter().enumerate();
        let scores = scores.map(|(at, &raw)| change(at / self.genuine, at % self.genuine, raw)).collect();
        Self { scores, ..*self }
    }

    fn hand(&self, questioned: usize) -> Hand {
        match questioned {
            q if q < self.genuine => Hand::Genuine,
            q if q < self.genuine + self.forged => Hand::Skilled,
            _ => Hand::Random,
        }
    }

    /// One reference, all pairs: every two genuine signatures once, every forgery with every genuine signature.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        (0..self.signatures()).flat_map(move |questioned| {
            let hand = self.hand(questioned);
            let first = match hand {
                Hand::Genuine => 0,
                Hand::Skilled => self.genuine,
                Hand::Random => self.genuine + self.forged,
            };
            (0..self.genuine.min(questioned)).map(move |reference| {
                let score = self.score(questioned, reference);
                Pair { hand, questioned: questioned - first, reference, score }
            })
        })
    }

    /// The scores of [`Self::pairs`].
    pub fn all_pairs(&self) -> Trials {
        self.pairs().map(|pair| (pair.hand, pair.score)).collect()
    }

    /// `count` references drawn by `seed`; every other genuine signature and every forgery is questioned once
    /// against them, its scores fused. Empty where the writer has too few genuine signatures.
    pub fn with_references(&self, count: usize, seed: u64) -> Trials {
        if count == 0 || count >= self.genuine {
            return Trials::default();
        }
        let mut order: Vec<usize> = (0..self.genuine).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(self.writer) << 8 | self.set as u64);
        order.shuffle(&mut rng);
        let (references, own) = order.split_at(count);
        let scores = |q: usize, of: &[usize]| of.iter().map(|&r| self.score(q, r)).collect::<Vec<_>>();
        let among: Vec<f64> = (1..count).flat_map(|at| scores(references[at], &references[..at])).collect();
        let agreement = fusion::agreement(&among);
        let fused = |q: usize| self.fusion.fuse(&scores(q, references), agreement).unwrap_or(f64::NAN);
        let questioned = own.iter().copied().chain(self.genuine..self.signatures());
        questioned.map(|q| (self.hand(q), fused(q))).collect()
    }

    /// The trials of a protocol: all pairs for one reference, else [`DRAWS`] choices of the references, one after
    /// the other.
    pub fn trials(&self, references: usize) -> Trials {
        if references == 1 {
            return self.all_pairs();
        }
        let mut all = Trials::default();
        for draw in (0..DRAWS).map(|seed| self.with_references(references, seed)) {
            all.genuine.extend(draw.genuine);
            all.skilled.extend(draw.skilled);
            all.random.extend(draw.random);
        }
        all
    }
}

impl FromIterator<(Hand, f64)> for Trials {
    fn from_iter<I: IntoIterator<Item = (Hand, f64)>>(scores: I) -> Self {
        let mut trials = Self::default();
        for (hand, score) in scores {
            match hand {
                Hand::Genuine => trials.genuine.push(score),
                Hand::Skilled => trials.skilled.push(score),
                Hand::Random => trials.random.push(score),
            }
        }
        trials
    }
}

#[cfg(test)]
pub(in crate::evaluate) mod tests {
    use super::*;

    /// Scores of a writer without any network: of so many genuine signatures, skilled and random forgeries, whose
    /// score against a reference is `score(hand, questioned, reference)`.
    pub(in crate::evaluate) fn made_up(
        (set, writer): (Set, u16),
        [genuine, forged, random]: [usize; 3],
        score: impl Fn(Hand, usize, usize) -> f64,
    ) -> WriterScores {
        let mut made = WriterScores {
            set,
            writer,
            genuine,
            forged,
            fusion: Fusion::Mean,
            random_for_skilled: false,
            scores: Vec::new(),
        };
        for questioned in 0..genuine + forged + random {
            for reference in 0..genuine {
                let hand = match questioned {
                    q if q < genuine => Hand::Genuine,
                    q if q < genuine + forged => Hand::Skilled,
                    _ => Hand::Random,
                };
                let (low, high) = (questioned.min(reference), questioned.max(reference));
                made.scores.push(if low == high { f64::NAN } else { score(hand, high, low) });
            }
        }
        made
    }

    #[test]
    fn pairs_are_every_two_genuine_once_and_every_forgery_with_every_genuine() {
        let scores = made_up((Set::Hindi, 1), [3, 2, 1], |_, q, r| (10 * q + r) as f64);
        let trials = scores.all_pairs();
        assert_eq!(trials.genuine, [10.0, 20.0, 21.0]);
        assert_eq!(trials.skilled, [30.0, 31.0, 32.0, 40.0, 41.0, 42.0]);
        assert_eq!(trials.random, [50.0, 51.0, 52.0]);
        let last = scores.pairs().last().unwrap();
        assert_eq!((last.hand, last.questioned, last.reference), (Hand::Random, 0, 2));
        assert_eq!(trials, scores.trials(1));
    }

    #[test]
    fn references_are_averaged_and_never_questioned() {
        let scores = made_up((Set::Hindi, 1), [4, 1, 1], |hand, q, r| match hand {
            Hand::Genuine => (1 << q | 1 << r) as f64,
            _ => (1 << r) as f64,
        });
        for seed in 0..20 {
            let Trials { genuine, skilled, random } = scores.with_references(3, seed);
            // what is left out of 0b1111 is the questioned one
            let questioned = 15.0 - 3.0 * skilled[0];
            assert!((genuine[0] - questioned - skilled[0]).abs() < 1e-12, "seed {seed}");
            assert_eq!(skilled, random);
        }
        let five = scores.trials(3);
        assert_eq!((five.genuine.len(), five.skilled.len(), five.random.len()), (5, 5, 5));
        assert_eq!(scores.trials(4), Trials::default());
    }
}
