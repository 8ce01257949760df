//! Sets the limits of [`Consistency`] on random templates of validation writers.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::scores::WriterScores;
use crate::calibration::Calibration;
use crate::consistency::{self, Consistency, Least};
use crate::error::Result;
use crate::template::MOST_REFERENCES;

/// So many templates of genuine signatures may be refused.
const REFUSED: f64 = 0.02;
/// The share of it that limits use up on the writers that they are set on: of others, up to twice as many were refused.
const STRICTNESS: f64 = 0.5;
/// Random templates of a writer for each number of references.
const TEMPLATES: u64 = 50;
/// A limit is set only if so many templates lie below it.
const LEAST_REFUSED: usize = 5;

/// What limits on a template's consistency do to writers on whom they were not set: every writer is judged by the limit
/// of all others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Templates {
    pub references: usize,
    /// Templates of genuine signatures.
    pub genuine: usize,
    /// The share of them that is refused.
    pub refused: f64,
    /// The share that is refused if one of the signatures is a skilled forgery instead.
    pub refused_with_forgery: f64,
}

/// LLRs of the most apart signature in a writer's templates: all genuine, and with a forgery.
type MostApart = (Vec<f64>, Vec<f64>);

/// The limits on templates, from random templates of every writer.
pub(super) fn limits(
    writers: &[WriterScores],
    calibration: &Calibration,
) -> Result<(Option<Consistency>, Vec<Templates>)> {
    let (mut least, mut measured) = (Vec::new(), Vec::new());
    for references in 2..=MOST_REFERENCES {
        let able = writers.iter().filter(|writer| writer.genuine() >= references);
        let able: Vec<MostApart> =
            able.map(|writer| most_apart(writer, references, calibration)).collect::<Result<_>>()?;
        if let Some(llr) = limit(able.iter()) {
            least.push(Least { references, llr });
            measured.extend(held_out(references, &able));
        }
    }
    let consistency = (!least.is_empty()).then_some(Consistency { rate: REFUSED, least });
    Ok((consistency, measured))
}

fn most_apart(writer: &WriterScores, references: usize, calibration: &Calibration) -> Result<MostApart> {
    let (mut genuine, mut mixed) = (Vec::new(), Vec::new());
    for seed in 0..TEMPLATES {
        let (own, with_forgery) = templates(writer, references, seed);
        let apart = |members: &[usize]| {
            // a forgery has a score against genuine signatures only, which come before it
            let score = |a: usize, b: usize| writer.score(a.max(b), a.min(b));
            consistency::most_apart(members, score, writer.fusion, calibration).map(|(_, llr)| llr)
        };
        genuine.push(apart(&own)?);
        mixed.extend(with_forgery.map(|members| apart(&members)).transpose()?);
    }
    Ok((genuine, mixed))
}

/// What all but half of [`REFUSED`] of the genuine templates reach; `None` if they are too few to say.
fn limit<'a>(writers: impl Iterator<Item = &'a MostApart>) -> Option<f64> {
    let mut llrs: Vec<f64> = writers.flat_map(|(genuine, _)| genuine).copied().collect();
    llrs.sort_by(f64::total_cmp);
    let allowed = (STRICTNESS * REFUSED * llrs.len() as f64) as usize;
    (allowed >= LEAST_REFUSED).then(|| llrs[allowed])
}

/// `None` if the templates of all but one writer are too few.
fn held_out(references: usize, writers: &[MostApart]) -> Option<Templates> {
    let (mut genuine, mut refused, mut mixed, mut caught) = (0, 0, 0, 0);
    for (index, (own, with_forgery)) in writers.iter().enumerate() {
        let others = writers.iter().enumerate().filter(|(at, _)| *at != index);
        let limit = limit(others.map(|(_, writer)| writer))?;
        let below = |llrs: &[f64]| llrs.iter().filter(|llr| **llr < limit).count();
        (genuine, refused) = (genuine + own.len(), refused + below(own));
        (mixed, caught) = (mixed + with_forgery.len(), caught + below(with_forgery));
    }
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let (refused, refused_with_forgery) = (share(refused, genuine), share(caught, mixed));
    Some(Templates { references, genuine, refused, refused_with_forgery })
}

/// Signatures of a random template, and the same with one replaced by a forgery, if there is any.
fn templates(writer: &WriterScores, references: usize, seed: u64) -> (Vec<usize>, Option<Vec<usize>>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(writer.writer) << 8 | writer.set as u64);
    let mut genuine: Vec<usize> = (0..writer.genuine()).collect();
    let mut forged: Vec<usize> = (writer.genuine()..writer.own()).collect();
    genuine.shuffle(&mut rng);
    forged.shuffle(&mut rng);
    genuine.truncate(references);
    let mixed = forged.first().map(|&forgery| {
        let mut mixed = genuine.clone();
        mixed[0] = forgery;
        mixed
    });
    (genuine, mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lets_all_but_one_per_cent_pass() {
        // 0 to 99 from five writers each
        let writer = || ((0..100).map(f64::from).collect(), vec![0.5; 10]);
        let writers: Vec<MostApart> = (0..6).map(|_| writer()).collect();
        assert_eq!(limit(writers[..5].iter()), Some(1.0));
        assert_eq!(limit(writers[..4].iter()), None);
        let held_out = held_out(3, &writers).unwrap();
        assert_eq!((held_out.genuine, held_out.refused), (600, 0.01));
        assert_eq!(held_out.refused_with_forgery, 1.0);
    }
}
