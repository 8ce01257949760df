//! Does a shortlist by embedding keep whom the comparison of all people in full would name?
//!
//! Writers of a corpus are enrolled with some genuine signatures among many synthetic people with one signature each,
//! and one other signature of every writer is questioned. The full search compares it with everybody; the shortlist of
//! M people loses the answer where the full search's first candidate is not among the M nearest by embedding.

use std::fmt::{self, Display};
use std::time::{Duration, Instant};

use burn::tensor::Device;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::encoded::Encoded;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::fusion;
use crate::gallery::shortlist::Shortlist;
use crate::ink::Frame;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::corpus::Writer;

/// Signatures of a writer that are enrolled.
pub const REFERENCES: usize = 5;
/// Sizes of a shortlist.
pub const KEPT: [usize; 5] = [1, 10, 50, 200, 1000];

/// Where the answers stood, over all questions.
#[derive(Debug, Clone, PartialEq)]
pub struct Recall {
    /// Everybody in the gallery.
    pub people: usize,
    /// Places of the questioned signatures' writers in the order by embedding, from 0.
    pub writers: Vec<usize>,
    /// Places of the full search's first candidates in it.
    pub first: Vec<usize>,
    /// How often the full search names the writer.
    pub right: usize,
}

/// Whether a writer has a signature to question beside those that are enrolled.
pub fn is_asked(writer: &Writer) -> bool {
    writer.genuine.len() > REFERENCES
}

/// Questions of `writers` with more than [`REFERENCES`] signatures; `progress` is told how many are answered.
///
/// # Errors
/// [`Error::DeviceFailed`], and [`Error::Training`] without any such writer.
pub fn measure(
    (manifest, network): (&Manifest, &Network),
    writers: &[Writer],
    strangers: &[&Frame],
    device: &Device,
    progress: impl Fn(usize, usize),
) -> Result<Recall> {
    let able: Vec<&Writer> = writers.iter().filter(|writer| is_asked(writer)).collect();
    let mut frames = Vec::new();
    for writer in &able {
        let mut own: Vec<&Frame> = writer.genuine.iter().collect();
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(writer.id) << 8 | writer.set as u64);
        frames.extend_from_slice(own.partial_shuffle(&mut rng, REFERENCES + 1).0);
    }
    if frames.is_empty() {
        return Err(Error::Training(format!("no writer has more than {REFERENCES} genuine signatures")));
    }
    let enrolled = frames.len();
    frames.extend(strangers);
    let all = frames.len();
    let comparer = pollster::block_on(Comparer::of(manifest, network, device))?;
    let encoded = Encoded::new(&comparer, frames, manifest.input)?;
    let compare = |pairs: &[(usize, usize)]| encoded.compare(&comparer, &encoded, pairs);
    let embeddings = encoded.embeddings()?;
    // a person's rows
    let own = |person: usize| (REFERENCES + 1) * person..(REFERENCES + 1) * person + REFERENCES;
    let people: Vec<Vec<usize>> = (0..able.len())
        .map(|person| own(person).collect())
        .chain((enrolled..all).map(|row| vec![row]))
        .collect();
    let mut shortlist = Shortlist::default();
    for rows in &people {
        shortlist.push(&rows.iter().map(|&row| embeddings[row].clone()).collect::<Vec<_>>());
    }
    let agreements = people.iter().map(|rows| {
        let among: Vec<(usize, usize)> =
            (1..rows.len()).flat_map(|at| rows[..at].iter().map(move |&other| (rows[at], other))).collect();
        Ok(fusion::agreement(&compare(&among)?))
    });
    let agreements = agreements.collect::<Result<Vec<f64>>>()?;
    let llrs = |questioned: usize| -> Result<Vec<f64>> {
        let pairs: Vec<(usize, usize)> = people.iter().flatten().map(|&row| (questioned, row)).collect();
        let mut raw = compare(&pairs)?.into_iter();
        let llr = |(rows, &agreement): (&Vec<usize>, &f64)| {
            let own: Vec<f64> = raw.by_ref().take(rows.len()).collect();
            let fused = manifest.fusion.fuse(&own, agreement).unwrap_or(f64::NEG_INFINITY);
            Ok(manifest.calibration.for_references(rows.len())?.open_llr(fused))
        };
        people.iter().zip(&agreements).map(llr).collect()
    };
    let mut found = Recall { people: people.len(), writers: Vec::new(), first: Vec::new(), right: 0 };
    for writer in 0..able.len() {
        let questioned = own(writer).end;
        let llrs = llrs(questioned)?;
        // as a search ranks: of equals the first
        let first = (0..llrs.len()).rev().max_by(|&a, &b| llrs[a].total_cmp(&llrs[b])).unwrap_or(0);
        let order = shortlist.nearest(&embeddings[questioned], people.len());
        let place = |person: usize| order.iter().position(|&other| other == person);
        found.writers.extend(place(writer));
        found.first.extend(place(first));
        found.right += usize::from(first == writer);
        progress(writer + 1, able.len());
    }
    Ok(found)
}

/// The time that the order by embedding takes among so many people with embeddings of this length: the median of some
/// searches among random numbers.
pub fn time(people: usize, length: usize) -> Duration {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut random = || (0..length).map(|_| rng.random::<f32>() - 0.5).collect::<Vec<f32>>();
    let mut shortlist = Shortlist::default();
    for _ in 0..people {
        shortlist.push(&[random()]);
    }
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let questioned = random();
            let start = Instant::now();
            std::hint::black_box(shortlist.nearest(&questioned, 200));
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// A Markdown table.
impl Display for Recall {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let questions = self.writers.len();
        let share = |part: usize| 100.0 * part as f64 / questions as f64;
        writeln!(
            f,
            "{} people; the full search names the writer in {} of {questions} questions ({:.1} %).\n",
            self.people,
            self.right,
            share(self.right)
        )?;
        writeln!(
            f,
            "| shortlist | holds the full search's first candidate % | holds the writer % |\n|---|---|---|"
        )?;
        for kept in KEPT.into_iter().filter(|&kept| kept < self.people) {
            let within = |places: &[usize]| share(places.iter().filter(|&&place| place < kept).count());
            writeln!(f, "| {kept} | {:.1} | {:.1} |", within(&self.first), within(&self.writers))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::tiny;
    use crate::model::tests::random;
    use crate::train::corpus;
    use crate::train::synth;

    #[test]
    fn everybody_is_compared() {
        let (device, manifest) = (Device::flex(), tiny());
        let network = random(&manifest.network, 3, &device);
        let load = |entries: &[corpus::Entry]| corpus::load(entries, manifest.input, |_, _| ()).unwrap();
        let (own, others) = (load(&synth::writers(1, 3, 6, 0)), load(&synth::writers(2, 9, 1, 0)));
        let strangers: Vec<&Frame> = others.writers.iter().flat_map(|writer| &writer.genuine).collect();
        let model = (&manifest, &network);
        let found = measure(model, &own.writers, &strangers, &device, |_, _| ()).unwrap();
        assert_eq!((found.people, found.writers.len(), found.first.len()), (12, 3, 3));
        assert!(found.writers.iter().chain(&found.first).all(|&place| place < 12));
        assert_eq!(found.to_string().lines().count(), 6);
        // nobody else is there: the writers are among three
        let alone = measure(model, &own.writers, &[], &device, |_, _| ()).unwrap();
        assert!(alone.people == 3 && alone.writers.iter().all(|&place| place < 3));
        let few = load(&synth::writers(1, 3, 5, 0));
        assert_eq!(
            measure(model, &few.writers, &strangers, &device, |_, _| ()).unwrap_err().code(),
            "training"
        );
    }
}
