//! Sets the limits of [`Consistency`] on random templates of validation writers.

use std::ops::Range;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::scores::WriterScores;
use crate::calibration::Calibration;
use crate::consistency::{self, Consistency, Least};
use crate::error::Result;
use crate::template::MOST_REFERENCES;

/// So many templates of genuine signatures may be refused; the first is taken that keeps strangers out, else the last.
const REFUSED: [f64; 4] = [0.02, 0.03, 0.05, 0.08];
/// The share of it that limits use up on the writers that they are set on: of others, up to twice as many were refused.
const STRICTNESS: f64 = 0.5;
/// Of templates with a stranger's signature among them, so many have to be refused.
const STRANGERS: f64 = 0.95;
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
    /// The same with a signature of another writer.
    pub refused_with_stranger: f64,
}

/// LLRs of the most apart signature in a writer's templates.
#[derive(Debug, Default)]
struct MostApart {
    /// All are genuine.
    genuine: Vec<f64>,
    /// One is a skilled forgery.
    with_forgery: Vec<f64>,
    /// One is another writer's.
    with_stranger: Vec<f64>,
}

/// The limits on templates, from random templates of every writer.
pub(super) fn limits(
    writers: &[WriterScores],
    calibration: &Calibration,
) -> Result<(Option<Consistency>, Vec<Templates>)> {
    let (mut least, mut measured, mut rate) = (Vec::new(), Vec::new(), 0.0_f64);
    for references in 2..=MOST_REFERENCES {
        let able = writers.iter().filter(|writer| writer.genuine() >= references);
        let able: Vec<MostApart> =
            able.map(|writer| most_apart(writer, references, calibration)).collect::<Result<_>>()?;
        let all: Vec<&MostApart> = able.iter().collect();
        if let Some((refused, llr)) = limit(&all) {
            rate = rate.max(refused);
            least.push(Least { references, llr });
            measured.extend(held_out(references, &able));
        }
    }
    let consistency = (!least.is_empty()).then_some(Consistency { rate, least });
    Ok((consistency, measured))
}

fn most_apart(writer: &WriterScores, references: usize, calibration: &Calibration) -> Result<MostApart> {
    let mut llrs = MostApart::default();
    for seed in 0..TEMPLATES {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(writer.writer) << 8 | writer.set as u64);
        let [mut own, forged, strangers] =
            [0..writer.genuine(), writer.genuine()..writer.own(), writer.own()..writer.signatures()]
                .map(|numbers| shuffled(numbers, &mut rng));
        own.truncate(references);
        let apart = |members: &[usize]| {
            // another's signature has a score against genuine signatures only, which come before it
            let score = |a: usize, b: usize| writer.score(a.max(b), a.min(b));
            consistency::most_apart(members, score, writer.fusion, calibration).map(|(_, llr)| llr)
        };
        let with = |other: &usize| apart(&[&[*other], &own[1..]].concat());
        llrs.genuine.push(apart(&own)?);
        llrs.with_forgery.extend(forged.first().map(with).transpose()?);
        llrs.with_stranger.extend(strangers.first().map(with).transpose()?);
    }
    Ok(llrs)
}

fn shuffled(numbers: Range<usize>, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut numbers: Vec<usize> = numbers.collect();
    numbers.shuffle(rng);
    numbers
}

/// Which of [`REFUSED`] is taken, and what all but half of it of the genuine templates reach; `None` if they are too few
/// to say.
fn limit(writers: &[&MostApart]) -> Option<(f64, f64)> {
    let mut llrs: Vec<f64> = writers.iter().flat_map(|writer| &writer.genuine).copied().collect();
    llrs.sort_by(f64::total_cmp);
    let strangers: Vec<f64> = writers.iter().flat_map(|writer| &writer.with_stranger).copied().collect();
    let mut taken = None;
    for rate in REFUSED {
        let allowed = (STRICTNESS * rate * llrs.len() as f64) as usize;
        if allowed < LEAST_REFUSED {
            continue;
        }
        let llr = llrs[allowed];
        taken = Some((rate, llr));
        if below(&strangers, llr) as f64 >= STRANGERS * strangers.len() as f64 {
            break;
        }
    }
    taken
}

fn below(llrs: &[f64], limit: f64) -> usize {
    llrs.iter().filter(|llr| **llr < limit).count()
}

/// `None` if the templates of all but one writer are too few.
fn held_out(references: usize, writers: &[MostApart]) -> Option<Templates> {
    /// How many are refused, and how many there are.
    #[derive(Default)]
    struct Count(usize, usize);
    impl Count {
        fn add(&mut self, llrs: &[f64], limit: f64) {
            (self.0, self.1) = (self.0 + below(llrs, limit), self.1 + llrs.len());
        }
        fn share(&self) -> f64 {
            self.0 as f64 / self.1.max(1) as f64
        }
    }
    let [mut genuine, mut with_forgery, mut with_stranger] = [(); 3].map(|()| Count::default());
    for (index, writer) in writers.iter().enumerate() {
        let others = writers.iter().enumerate().filter(|(at, _)| *at != index);
        let (_, limit) = limit(&others.map(|(_, writer)| writer).collect::<Vec<_>>())?;
        genuine.add(&writer.genuine, limit);
        with_forgery.add(&writer.with_forgery, limit);
        with_stranger.add(&writer.with_stranger, limit);
    }
    Some(Templates {
        references,
        genuine: genuine.1,
        refused: genuine.share(),
        refused_with_forgery: with_forgery.share(),
        refused_with_stranger: with_stranger.share(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0 to 99 if all are genuine.
    fn writers(count: usize, stranger: f64) -> Vec<MostApart> {
        let writer = |_| MostApart {
            genuine: (0..100).map(f64::from).collect(),
            with_forgery: vec![0.5; 10],
            with_stranger: vec![stranger; 10],
        };
        (0..count).map(writer).collect()
    }

    #[test]
    fn a_limit_lets_all_but_one_per_cent_pass() {
        let writers = writers(6, 0.0);
        let limit = |count: usize| limit(&writers.iter().take(count).collect::<Vec<_>>());
        assert_eq!(limit(5), Some((0.02, 1.0)));
        // of fewer, a stricter rate is the first that can be told
        assert_eq!((limit(4), limit(1)), (Some((0.03, 1.0)), None));
        let held_out = held_out(3, &writers).unwrap();
        assert_eq!((held_out.genuine, held_out.refused), (600, 0.01));
        assert_eq!((held_out.refused_with_forgery, held_out.refused_with_stranger), (1.0, 1.0));
    }

    #[test]
    fn a_limit_is_stricter_where_that_keeps_strangers_out() {
        let all = |writers: &[MostApart]| limit(&writers.iter().collect::<Vec<_>>());
        assert_eq!(all(&writers(10, 1.5)), Some((0.05, 2.0)));
        // nothing keeps these out
        assert_eq!(all(&writers(10, 50.0)), Some((0.08, 4.0)));
        assert_eq!(held_out(2, &writers(10, 50.0)).unwrap().refused_with_stranger, 0.0);
    }
}
