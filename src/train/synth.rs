//! Signatures of people who do not exist, so that training and tests run on a machine without any data.
//!
//! A writer is a seed: it fixes a name of letter-like shapes (`synth_letters`) and a hand
//! (`synth_hand`), which the kinematic model (`synth_pen`) writes. A genuine sample repeats the
//! plan with the writer's own spread; a skilled forgery is another hand's estimate of the plan, with that hand's
//! habits and dynamics. Everything follows from (seed, writer, kind, index): nothing is stored.

pub mod files;

use super::config::SyntheticConfig;
use super::corpus::{Entry, EntrySource, Kind, Set};
use super::split;
use super::synth_hand::{Dice, Hand, Imitation};
use super::synth_letters as letters;
use super::synth_pen::{self as pen, Component};
use crate::ink::strokes::Stroke;

/// People who forge each writer; forgery `i` is by forger `i % FORGERS`.
pub const FORGERS: u32 = 3;

// streams of random numbers; a change of one must not shift another
const WRITER: u8 = 0;
const GENUINE: u8 = 1;
const FORGER: u8 = 2;
const FORGERY: u8 = 3;

/// How steadily the people of a corpus write and how well they imitate, in hundredths, so that entries can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Manner {
    /// How much the signatures of one writer differ from each other, by the generator's own measure.
    pub spread: u16,
    /// The most by which a forger errs beyond a careful one; each forger's share of it is drawn.
    pub clumsiness: u16,
}

impl Default for Manner {
    fn default() -> Self {
        Self { spread: 100, clumsiness: 100 }
    }
}

/// Entries of `count` synthetic writers, numbered from 0 and split by `split::part`; pages are made when asked for.
pub fn writers(seed: u64, count: u16, genuine_per_writer: u32, forged_per_writer: u32) -> Vec<Entry> {
    people(seed, count, [genuine_per_writer, forged_per_writer], Manner::default())
}

/// As [`writers`], who write and forge in some other `manner`; `samples`: genuine signatures and forgeries of each.
fn people(seed: u64, count: u16, samples: [u32; 2], manner: Manner) -> Vec<Entry> {
    let kinds = [(Kind::Genuine, samples[0]), (Kind::SkilledForgery, samples[1])];
    let of_writer = |writer| {
        kinds.into_iter().flat_map(move |(kind, samples)| {
            (0..samples).map(move |index| Entry {
                set: Set::Synthetic,
                writer,
                kind,
                part: split::part(Set::Synthetic, writer),
                source: EntrySource::Synthetic { seed, index, manner },
            })
        })
    };
    (0..count).flat_map(of_writer).collect()
}

/// [`writers`] of a configuration.
pub fn corpus(seed: u64, config: &SyntheticConfig) -> Vec<Entry> {
    people(seed, config.writers, [config.genuine, config.forged], config.manner())
}

/// The pen strokes of one sample: about 100 to 700 units wide, y downwards, time in milliseconds from 0, pressure in 0..1.
pub fn signature(seed: u64, writer: u16, kind: Kind, index: u32) -> Vec<Stroke> {
    signature_in(Manner::default(), seed, writer, kind, index)
}

/// As [`signature`], of people who write and forge in some other manner.
pub fn signature_in(manner: Manner, seed: u64, writer: u16, kind: Kind, index: u32) -> Vec<Stroke> {
    let [spread, clumsiness] =
        [manner.spread, manner.clumsiness].map(|hundredths| f64::from(hundredths) / 100.0);
    let draw = |dice: &mut Dice| {
        let hand = Hand::draw(dice);
        Hand { spread: spread * hand.spread, ..hand }
    };
    let mut dice = Dice::new(seed, writer, WRITER, 0);
    let owner = draw(&mut dice);
    let plan = letters::plan(&mut dice);
    match kind {
        Kind::Genuine => {
            let dice = &mut Dice::new(seed, writer, GENUINE, index);
            let hand = owner.again(dice);
            let plan = vary(&letters::proportioned(&plan, &hand), Spread::of(owner.spread), dice);
            pen::write(&plan, &hand, dice)
        }
        Kind::SkilledForgery => {
            // what a forger takes for the name is the same in all of their forgeries
            let forger = &mut Dice::new(seed, writer, FORGER, index % FORGERS);
            let imitation = Imitation::draw(clumsiness, forger);
            let hand = draw(forger).imitating(&owner, imitation);
            let plan = vary(&plan, Spread::misjudged(imitation), forger);

            let dice = &mut Dice::new(seed, writer, FORGERY, index);
            let hand = hand.again(dice);
            let plan = vary(&letters::proportioned(&plan, &hand), Spread::of(hand.spread), dice);
            pen::write(&plan, &hand, dice)
        }
    }
}

/// Deviations with which a plan is repeated, in letter heights and radians.
#[derive(Clone, Copy)]
struct Spread {
    /// Place of each pen-down component.
    component: f64,
    /// Place of each target, drifting from one to the next.
    drift: f64,
    /// Place of each target by itself.
    target: f64,
    /// Curvature of each movement.
    bend: f64,
}

impl Spread {
    fn of(spread: f64) -> Self {
        Self { component: 0.1 * spread, drift: 0.05 * spread, target: 0.035 * spread, bend: 0.11 * spread }
    }

    fn misjudged(Imitation { misplaced, misbent, .. }: Imitation) -> Self {
        Self { component: 1.5 * misplaced, drift: 0.7 * misplaced, target: 0.7 * misplaced, bend: misbent }
    }
}

/// The same plan, not quite.
fn vary(plan: &[Component], spread: Spread, dice: &mut Dice) -> Vec<Component> {
    /// How much of the drift one target hands on to the next.
    const MEMORY: f64 = 0.85;
    plan.iter()
        .map(|component| {
            let (mut across, mut along) = (dice.normal(spread.component), dice.normal(spread.component));
            component
                .iter()
                .map(|target| {
                    across = MEMORY * across + dice.normal(spread.drift);
                    along = MEMORY * along + dice.normal(spread.drift);
                    pen::Target {
                        x: target.x + across + dice.normal(spread.target),
                        y: target.y + along + dice.normal(spread.target),
                        bend: target.bend + dice.normal(spread.bend),
                    }
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests;
