//! The rising function from raw score to LLR that fits best, whatever its shape: pool adjacent violators
//! (PAV; Brümmer and du Preez 2006, section on isotonic calibration).
//!
//! Scores are sorted and pooled into blocks until the share of genuine ones rises from block to block. As a
//! block of one kind alone would say that it is certain, a genuine score below all others and a forged one
//! above all others are made up (Laplace's rule of succession at both ends, as in the BOSARIS toolkit): the
//! largest LLR is that of the data having one forgery more. Small blocks follow the few writers whom they were
//! fitted on and nobody else, so they are joined until each holds some share of the scores. Between the middles
//! of the blocks the LLR is interpolated; beyond the outermost it stays, since nothing is known there.

use serde::{Deserialize, Serialize};

/// A raw score and its LLR, an array of two in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Knot(pub f64, pub f64);

/// The most knots of a function that is read.
pub const MOST_KNOTS: usize = 128;

/// The least share of all scores in a block, both kinds weighing the same. Cllr on held-out writers is no higher
/// with it than without (`models/JOURNAL.md`, 55), and the steps that it takes off are what tells two devices apart
/// on the same picture.
const LEAST_SHARE: f64 = 0.04;

/// Neighbouring scores that share an LLR.
struct Block {
    /// Counts, with what was made up.
    genuine: f64,
    forged: f64,
    /// Of the scores that are real: their sum and number.
    sum: f64,
    number: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.genuine / (self.genuine + self.forged)
    }

    fn take(&mut self, next: &Self) {
        self.genuine += next.genuine;
        self.forged += next.forged;
        self.sum += next.sum;
        self.number += next.number;
    }

    /// Share of so many genuine and forged scores, both kinds weighing the same.
    fn weight(&self, [all_genuine, all_forged]: [f64; 2]) -> f64 {
        0.5 * (self.genuine / all_genuine + self.forged / all_forged)
    }
}

/// Fits the knots to finite scores of both kinds, one at least of each; both kinds weigh the same.
pub fn fit(genuine: &[f64], forged: &[f64]) -> Vec<Knot> {
    let mut scores: Vec<(f64, bool)> = genuine.iter().map(|&score| (score, true)).collect();
    scores.extend(forged.iter().map(|&score| (score, false)));
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    let made_up = |genuine: f64, forged: f64| Block { genuine, forged, sum: 0.0, number: 0.0 };
    // equal scores cannot be told apart, so they share a block from the beginning
    let pooled = scores.chunk_by(|a, b| a.0 == b.0).map(|equal| {
        let (number, genuine) = (equal.len() as f64, equal.iter().filter(|(_, same)| *same).count() as f64);
        Block { genuine, forged: number - genuine, sum: number * equal[0].0, number }
    });
    let mut blocks = vec![made_up(1.0, 0.0)];
    for next in pooled.chain([made_up(0.0, 1.0)]) {
        blocks.push(next);
        while let [.., before, last] = &mut blocks[..]
            && before.share() >= last.share()
        {
            before.take(last);
            blocks.pop();
        }
    }
    let all @ [all_genuine, all_forged] = [genuine, forged].map(|scores| scores.len() as f64 + 1.0);
    joined(blocks, all)
        .iter()
        .map(|block| {
            let llr = ((block.genuine / all_genuine) / (block.forged / all_forged)).ln();
            Knot(block.sum / block.number, llr)
        })
        .collect()
}

/// Neighbours joined until each block holds [`LEAST_SHARE`], a last one that is too small with the one before. The share
/// of genuine scores still rises, since that of two blocks together lies between theirs.
fn joined(blocks: Vec<Block>, all: [f64; 2]) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::new();
    for block in blocks {
        match joined.last_mut().filter(|last| last.weight(all) < LEAST_SHARE) {
            Some(last) => last.take(&block),
            None => joined.push(block),
        }
    }
    if let [.., before, last] = &mut joined[..]
        && last.weight(all) < LEAST_SHARE
    {
        before.take(last);
        joined.pop();
    }
    joined
}

/// The LLR of a raw score; `None` without knots.
pub fn interpolate(knots: &[Knot], raw: f64) -> Option<f64> {
    let (first, last) = (knots.first()?, knots.last()?);
    let above = knots.partition_point(|knot| knot.0 <= raw);
    Some(match (above.checked_sub(1).map(|below| knots[below]), knots.get(above)) {
        (None, _) => first.1,
        (_, None) => last.1,
        (Some(low), Some(high)) => low.1 + (raw - low.0) / (high.0 - low.0) * (high.1 - low.1),
    })
}

/// Whether knots can be used: not too many, finite, and rising in both numbers. The error is a sentence.
pub fn check(knots: &[Knot]) -> Result<(), String> {
    // also refuses NaN
    let finite = |knot: &Knot| knot.0.abs() <= 1e6 && knot.1.abs() <= 1e4;
    let rises = |pair: &[Knot]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
    if knots.len() > MOST_KNOTS || !knots.iter().all(finite) || !knots.windows(2).all(rises) {
        return Err("the knots are too many, out of range or out of order".into());
    }
    Ok(())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Three of each kind; 2 (genuine) and 3 (forged) are in the wrong order and pooled. With what is made up:
    /// {-, 0, 1}: 1 genuine, 2 forged; {2, 3}: 1 and 1; {4, 5, +}: 2 and 1, so that LLRs are -ln 2, 0 and ln 2.
    #[test]
    fn by_hand() {
        let knots = fit(&[2.0, 4.0, 5.0], &[0.0, 1.0, 3.0]);
        let ln2 = std::f64::consts::LN_2;
        let expected = [(0.5, -ln2), (2.5, 0.0), (4.5, ln2)];
        assert_eq!(knots.len(), 3);
        for (knot, expected) in knots.iter().zip(expected) {
            assert!((knot.0 - expected.0).abs() < 1e-12 && (knot.1 - expected.1).abs() < 1e-12, "{knots:?}");
        }
        let llr = |raw: f64| interpolate(&knots, raw).unwrap();
        assert!((llr(1.5) + ln2 / 2.0).abs() < 1e-12);
        assert!((llr(-9.0) + ln2).abs() < 1e-12 && (llr(9.0) - ln2).abs() < 1e-12);
        assert!(llr(f64::NAN).is_nan() || llr(f64::NAN).abs() <= ln2);
        assert_eq!(interpolate(&[], 1.0), None);
    }

    #[test]
    fn what_tells_nothing_says_nothing() {
        let knots = fit(&[1.0; 4], &[1.0; 9]);
        assert_eq!(knots.len(), 1);
        assert!(knots[0].1.abs() < 1e-12);
        let exchanged = fit(&[0.0, 1.0], &[2.0, 3.0]);
        assert!(exchanged.len() == 1 && exchanged[0].1.abs() < 1e-12, "{exchanged:?}");
    }

    #[test]
    fn small_blocks_are_joined() {
        // every score at 0, 1, 2 ... has one genuine signature more than the one before
        let scores = |number: fn(usize) -> usize| -> Vec<f64> {
            (0..300).flat_map(|at| std::iter::repeat_n(at as f64, number(at))).collect()
        };
        let (genuine, forged) = (scores(|at| 1 + at), scores(|at| 301 - at));
        let knots = fit(&genuine, &forged);
        check(&knots).unwrap();
        assert!((20..=25).contains(&knots.len()), "{}", knots.len());
        // of the true ratio no more than noise is lost
        let truth = |at: f64| ((1.0 + at) / (301.0 - at)).ln();
        for at in [50.0, 150.0, 250.0] {
            assert!((interpolate(&knots, at).unwrap() - truth(at)).abs() < 0.05, "{at}");
        }
    }

    proptest! {
        #[test]
        fn any_scores_give_usable_knots(
            genuine in proptest::collection::vec(-9_i32..9, 1..60),
            forged in proptest::collection::vec(-9_i32..9, 1..60),
        ) {
            let real = |scores: &[i32]| scores.iter().map(|&score| f64::from(score)).collect::<Vec<_>>();
            let knots = fit(&real(&genuine), &real(&forged));
            prop_assert!(check(&knots).is_ok() && !knots.is_empty());
            let most = ((genuine.len() as f64 + 1.0) * (forged.len() as f64 + 1.0)).ln();
            prop_assert!(knots.iter().all(|knot| knot.1.abs() <= most));
        }
    }
}
