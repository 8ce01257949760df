//! Which signatures make a batch.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::super::augment::Persona;
use super::super::corpus::{Set, Writer};
use super::super::pairs::{self, Pairs};
use super::hand::Hand;
use super::{Kind, Label, PairMining, RandomPairs, SamplerConfig, Writers};
use crate::ink::Frame;

/// A signature of a batch before it is augmented.
pub(super) struct Drawn<'a> {
    pub frame: &'a Frame,
    /// Of a spliced writer the signature whose right part goes on from the cut.
    pub right: Option<(&'a Frame, f32)>,
    /// The same for all of a writer's.
    pub persona: Persona,
    /// Of its augmentation.
    pub seed: u64,
}

/// A batch before its images are made.
#[derive(Default)]
pub(super) struct Draw<'a> {
    pub images: Vec<Drawn<'a>>,
    pub labels: Vec<Label>,
    pub pairs: Option<Pairs>,
}

impl<'a> Draw<'a> {
    /// One batch of `writers`; `renew` if new writers are to be made of them.
    pub fn new(config: &SamplerConfig, renew: bool, writers: &'a [Writer], rng: &mut ChaCha8Rng) -> Self {
        match &config.kind {
            Kind::Writers(kind) => Self::writers(kind, config, renew, writers, rng),
            Kind::Pairs(kind) => Self::pairs(kind, config, renew, writers, rng),
        }
    }

    fn writers(
        kind: &Writers,
        config: &SamplerConfig,
        renew: bool,
        writers: &'a [Writer],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut draw = Self::default();
        // what is off draws nothing, as in `renewed`
        let near = kind.neighbours > 0.0 && rng.random_bool(kind.neighbours);
        let chosen = if near { neighbours } else { different }(kind.writers, config, writers, rng);
        for (slot, writer) in chosen.into_iter().enumerate() {
            let persona = Persona { mirror: mirrored(config, rng), seed: renewed(renew, rng) };
            let hand = Hand::of(kind, writer, writers, rng);
            for (genuine, count) in [(true, kind.genuine), (false, kind.forged)] {
                let label = Label { set: writer.set, writer: slot, genuine };
                for (frame, right) in hand.sample(genuine, count, rng) {
                    draw.push(Drawn { frame, right, persona, seed: rng.random() }, label);
                }
            }
        }
        draw.pairs = match kind.mining {
            PairMining::Hardest => None,
            PairMining::Random => Some(Pairs::random(&draw.labels, kind, rng)),
        };
        draw
    }

    fn pairs(
        kind: &RandomPairs,
        config: &SamplerConfig,
        renew: bool,
        writers: &'a [Writer],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut draw = Self::default();
        let mut pairs = Pairs::default();
        // a writer and its mirror images are as many writers
        let mut slots: BTreeMap<(usize, [bool; 2]), usize> = BTreeMap::new();
        let first = renewed(renew, rng);
        for pair in 0..kind.batch {
            let mirror = mirrored(config, rng);
            let Some((of, signatures)) = one_pair(kind, pair % 2 == 0, config, writers, rng) else { break };
            pairs.push(of, 2 * pair + 1, 2 * pair);
            for (writer, genuine, frame) in signatures {
                let next = slots.len();
                let slot = *slots.entry((writer, mirror)).or_insert(next);
                let persona = Persona { mirror, seed: first.wrapping_add(slot as u64) };
                let label = Label { set: writers[writer].set, writer: slot, genuine };
                draw.push(Drawn { frame, right: None, persona, seed: rng.random() }, label);
            }
        }
        draw.pairs = Some(pairs);
        draw
    }

    fn push(&mut self, image: Drawn<'a>, label: Label) {
        self.images.push(image);
        self.labels.push(label);
    }
}

/// A signature: its writer, whether it is genuine, its image.
type Signature<'a> = (usize, bool, &'a Frame);

/// A genuine signature, and beside it another or a forgery. `None` if the writers have no such pair.
fn one_pair<'a>(
    kind: &RandomPairs,
    same: bool,
    config: &SamplerConfig,
    writers: &'a [Writer],
    rng: &mut ChaCha8Rng,
) -> Option<(pairs::Kind, [Signature<'a>; 2])> {
    let writer = one_writer(config, writers, rng, |writer| writers[writer].genuine.len() > 1)?;
    let own = &writers[writer];
    let two: Vec<&Frame> = own.genuine.sample(rng, 2).collect();
    let reference = (writer, true, two[0]);
    if same {
        return Some((pairs::Kind::Genuine, [reference, (writer, true, two[1])]));
    }
    let random = rng.random_bool(kind.random_forgeries);
    if let Some(forgery) = own.forged.choose(rng).filter(|_| !random) {
        return Some((pairs::Kind::Skilled, [reference, (writer, false, forgery)]));
    }
    // of the same set, if it has another writer: a stranger in another script teaches nothing
    let other = |other: usize| other != writer && !writers[other].genuine.is_empty();
    let other = one_writer(config, writers, rng, |index| other(index) && writers[index].set == own.set)
        .or_else(|| one_writer(config, writers, rng, other))?;
    Some((pairs::Kind::Random, [reference, (other, true, writers[other].genuine.choose(rng)?)]))
}

/// One of the writers that fit, its set drawn first.
fn one_writer(
    config: &SamplerConfig,
    writers: &[Writer],
    rng: &mut ChaCha8Rng,
    fits: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut sets: BTreeMap<Set, Vec<usize>> = BTreeMap::new();
    for (index, writer) in writers.iter().enumerate().filter(|&(index, _)| fits(index)) {
        sets.entry(writer.set).or_default().push(index);
    }
    let sets: Vec<(Set, Vec<usize>)> = sets.into_iter().collect();
    let weight = |(set, writers): &(Set, Vec<usize>)| config.weight(*set, writers.len());
    let (_, writers) = sets.choose_weighted(rng, weight).ok()?;
    writers.choose(rng).copied()
}

/// Left to right and upside down, if writers are mirrored at all.
fn mirrored(config: &SamplerConfig, rng: &mut ChaCha8Rng) -> [bool; 2] {
    if config.mirror { [rng.random(), rng.random()] } else { [false; 2] }
}

/// The seed of a new writer. What is off draws nothing, so that the rest comes out as before it existed.
fn renewed(renew: bool, rng: &mut ChaCha8Rng) -> u64 {
    if renew { rng.random() } else { 0 }
}

/// `count` different writers of one set that follow each other in its numbering, after the last one the first.
fn neighbours<'a>(
    count: usize,
    config: &SamplerConfig,
    writers: &'a [Writer],
    rng: &mut ChaCha8Rng,
) -> Vec<&'a Writer> {
    let Some(first) = one_writer(config, writers, rng, |_| true) else { return Vec::new() };
    let set: Vec<&Writer> = writers.iter().filter(|writer| writer.set == writers[first].set).collect();
    let from = set.iter().position(|writer| writer.id == writers[first].id).unwrap_or(0);
    set.iter().cycle().skip(from).take(count.min(set.len())).copied().collect()
}

/// `count` different writers, the set of each drawn first.
fn different<'a>(
    count: usize,
    config: &SamplerConfig,
    writers: &'a [Writer],
    rng: &mut ChaCha8Rng,
) -> Vec<&'a Writer> {
    let mut left: BTreeMap<Set, Vec<&Writer>> = BTreeMap::new();
    for writer in writers {
        left.entry(writer.set).or_default().push(writer);
    }
    for writers in left.values_mut() {
        writers.shuffle(rng);
    }
    let counts: Vec<(Set, usize)> = left.iter().map(|(&set, writers)| (set, writers.len())).collect();
    let mut drawn = Vec::new();
    while drawn.len() < count.min(writers.len()) {
        let open: Vec<(Set, usize)> =
            counts.iter().filter(|(set, _)| !left[set].is_empty()).copied().collect();
        let Ok(&(set, _)) = open.choose_weighted(rng, |&(set, writers)| config.weight(set, writers)) else {
            break;
        };
        drawn.extend(left.get_mut(&set).and_then(Vec::pop));
    }
    drawn
}
