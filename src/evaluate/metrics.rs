//! Error rates and evidence of a verifier from its scores.
//!
//! A signature is accepted if its score is at least the threshold. ISO/IEC 19795-1 calls the share of accepted
//! forgeries false match rate and that of rejected genuine signatures false non-match rate; FAR and FRR are the
//! same for signatures that the ink pipeline could use.

#[cfg(test)]
mod tests;

use crate::calibration::sigmoid;

/// Scores of both classes in one order, from which every rate is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Distinct scores, ascending, with how many signatures of each class have them.
    groups: Vec<Group>,
    genuine: f64,
    forged: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    score: f64,
    genuine: f64,
    forged: f64,
}

/// The two error rates at a threshold, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// False acceptance rate.
    pub far: f64,
    /// False rejection rate.
    pub frr: f64,
}

impl Ranking {
    /// `None` if either list is empty or a score is not a number.
    pub fn new(genuine: &[f64], forged: &[f64]) -> Option<Self> {
        let scored = |scores: &[f64]| !scores.is_empty() && scores.iter().all(|score| !score.is_nan());
        if !scored(genuine) || !scored(forged) {
            return None;
        }
        let mut sorted: Vec<(f64, bool)> = genuine.iter().map(|&score| (score, true)).collect();
        sorted.extend(forged.iter().map(|&score| (score, false)));
        // merges runs that are sorted already, which a bootstrap hands in by the thousand
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let group = |equal: &[(f64, bool)]| {
            let of_genuine = equal.iter().filter(|(_, is_genuine)| *is_genuine).count();
            let of_forged = (equal.len() - of_genuine) as f64;
            Group { score: equal[0].0, genuine: of_genuine as f64, forged: of_forged }
        };
        let groups = sorted.chunk_by(|a, b| a.0 == b.0).map(group).collect();
        Some(Self { groups, genuine: genuine.len() as f64, forged: forged.len() as f64 })
    }

    /// The operating points in order, as the threshold rises past one distinct score at a time: all accepted at
    /// first, none at last. They are the steps of the ROC and the DET curve.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        let (mut accepted, mut rejected) = (self.forged, 0.0);
        let passed = self.groups.iter().map(move |group| {
            accepted -= group.forged;
            rejected += group.genuine;
            Point { far: accepted / self.forged, frr: rejected / self.genuine }
        });
        std::iter::once(Point { far: 1.0, frr: 0.0 }).chain(passed)
    }

    /// Where both error rates are equal, on the line between the two operating points next to it.
    pub fn equal_error_rate(&self) -> f64 {
        let mut last = Point { far: 1.0, frr: 0.0 };
        for next in self.points() {
            if next.frr >= next.far {
                let (before, after) = (last.far - last.frr, next.far - next.frr);
                // they are the same for a first point that both rates share
                let part = if before > after { before / (before - after) } else { 0.0 };
                return last.frr + part * (next.frr - last.frr);
            }
            last = next;
        }
        last.frr
    }

    /// The area under the ROC curve: how probable it is that a genuine signature scores above a forgery, ties
    /// counting half (the Mann-Whitney statistic).
    pub fn auc(&self) -> f64 {
        let (mut wins, mut below) = (0.0, 0.0);
        for group in &self.groups {
            wins += group.genuine * (below + 0.5 * group.forged);
            below += group.forged;
        }
        wins / (self.genuine * self.forged)
    }

    /// The lowest FRR of a threshold whose FAR is at most `far`.
    pub fn frr_at(&self, far: f64) -> f64 {
        self.points().find(|point| point.far <= far).map_or(1.0, |point| point.frr)
    }

    /// What [`cllr`] would be after the best monotonic calibration of these very scores: pool-adjacent-violators
    /// (Brümmer and du Preez 2006, section 4). The rest of `cllr` is loss by calibration.
    pub fn min_cllr(&self) -> f64 {
        // not by calibration::isotonic, which makes up scores at both ends; pav_regression is under the LGPL
        let mut pools: Vec<(f64, f64)> = Vec::new();
        for group in &self.groups {
            let (mut genuine, mut forged) = (group.genuine, group.forged);
            // a likelihood ratio must not fall while the score rises
            while let Some(&(g, f)) = pools.last().filter(|(g, f)| g * forged >= genuine * f) {
                (genuine, forged) = (genuine + g, forged + f);
                pools.pop();
            }
            pools.push((genuine, forged));
        }
        let cost = |(genuine, forged): (f64, f64)| {
            let (g, f) = (genuine / self.genuine, forged / self.forged);
            let bits =
                |share: f64, other: f64| if share > 0.0 { share * (1.0 + other / share).log2() } else { 0.0 };
            0.5 * (bits(g, f) + bits(f, g))
        };
        pools.into_iter().map(cost).sum()
    }
}

/// [`Ranking::equal_error_rate`] of two lists, 0 to 1. `None` if either is empty or a score is not a number.
pub fn equal_error_rate(genuine: &[f64], forged: &[f64]) -> Option<f64> {
    Ranking::new(genuine, forged).map(|ranking| ranking.equal_error_rate())
}

/// The cost in bits of one log-likelihood ratio `llr` (natural logarithm): `log2(1 + e^-llr)` for a genuine
/// signature, `log2(1 + e^llr)` for a forgery.
pub fn bits(llr: f64, is_genuine: bool) -> f64 {
    let against = if is_genuine { -llr } else { llr };
    // ln(1 + e^x) without overflow
    (against.max(0.0) + (-against.abs()).exp().ln_1p()) / std::f64::consts::LN_2
}

/// The cost of log-likelihood ratios in bits, both classes weighing the same (Brümmer and du Preez 2006,
/// "Application-independent evaluation of speaker detection", Cllr): 0 is perfect, 1 is what saying nothing costs, more
/// what misleads. `None` if either list is empty or a ratio is not a number.
pub fn cllr(genuine: &[f64], forged: &[f64]) -> Option<f64> {
    balanced(genuine, forged, bits)
}

/// The mean squared error of the probability of the same hand at even odds (Brier 1950), both classes weighing the
/// same: 0 is perfect, 0.25 is what saying 0.5 costs. `None` as for [`cllr`].
pub fn brier(genuine: &[f64], forged: &[f64]) -> Option<f64> {
    balanced(genuine, forged, |llr, is_genuine| (sigmoid(llr) - f64::from(u8::from(is_genuine))).powi(2))
}

fn balanced(genuine: &[f64], forged: &[f64], cost: impl Fn(f64, bool) -> f64) -> Option<f64> {
    let mean = |llrs: &[f64], is_genuine: bool| {
        let sum: f64 = llrs.iter().map(|&llr| cost(llr, is_genuine)).sum();
        (!llrs.is_empty() && !sum.is_nan()).then(|| sum / llrs.len() as f64)
    };
    Some(0.5 * (mean(genuine, true)? + mean(forged, false)?))
}
