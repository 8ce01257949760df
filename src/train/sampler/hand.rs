//! Whose hand a writer's place in a batch shows: the writer's own, that of one of the writer's forgers, or one made of
//! two.

use std::collections::BTreeMap;
use std::ops::Range;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::super::corpus::Writer;
use super::Writers;
use crate::ink::Frame;

/// Where spliced signatures are cut, as a share of the width of their ink.
const CUTS: Range<f32> = 0.3..0.7;

/// The signatures that stand for one writer.
pub(in crate::train) struct Hand<'a> {
    whole: Signatures<'a>,
    /// Whose right part goes on from the cut.
    right: Option<(Signatures<'a>, f32)>,
}

/// What stands as genuine and what as forged.
struct Signatures<'a> {
    genuine: Vec<&'a Frame>,
    forged: Vec<&'a Frame>,
}

impl<'a> Hand<'a> {
    /// The hand that `kind` draws for `writer`, one of `writers`.
    pub fn of(kind: &Writers, writer: &'a Writer, writers: &'a [Writer], rng: &mut ChaCha8Rng) -> Self {
        let whole = Signatures::of(kind, writer, rng);
        // what is off draws nothing, so that the rest comes out as before it existed
        let spliced = kind.spliced > 0.0 && rng.random_bool(kind.spliced);
        let right = if spliced { whole.partner(kind, writer, writers, rng) } else { None };
        Self { right: right.map(|right| (right, rng.random_range(CUTS))), whole }
    }

    /// At most `count` signatures, each with the one that it is spliced with and where.
    pub fn sample(
        &self,
        genuine: bool,
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Vec<(&'a Frame, Option<(&'a Frame, f32)>)> {
        let frames: Vec<&Frame> = self.whole.side(genuine).sample(rng, count).copied().collect();
        let Some((right, cut)) = &self.right else {
            return frames.into_iter().map(|frame| (frame, None)).collect();
        };
        let rights: Vec<&Frame> = right.side(genuine).sample(rng, count).copied().collect();
        // of fewer right parts some are taken twice
        frames
            .into_iter()
            .zip(rights.into_iter().cycle())
            .map(|(frame, right)| (frame, Some((right, *cut))))
            .collect()
    }
}

impl<'a> Signatures<'a> {
    fn of(kind: &Writers, writer: &'a Writer, rng: &mut ChaCha8Rng) -> Self {
        let in_place = kind.forgers > 0.0 && rng.random_bool(kind.forgers);
        let forger = if in_place { Self::of_forger(writer, rng) } else { None };
        forger.unwrap_or_else(|| Self {
            genuine: writer.genuine.iter().collect(),
            forged: writer.forged.iter().collect(),
        })
    }

    /// The imitations by one of the forgers of a writer, and what is not by this hand: the writer's own signatures and
    /// the other forgers' imitations. `None` if no forger is known to have made two.
    fn of_forger(writer: &'a Writer, rng: &mut ChaCha8Rng) -> Option<Self> {
        let mut by_forger: BTreeMap<u16, Vec<&Frame>> = BTreeMap::new();
        for (frame, forger) in writer.forged.iter().zip(&writer.forgers) {
            // of unknown hands nobody can say that they are not this one
            by_forger.entry((*forger)?).or_default().push(frame);
        }
        let able: Vec<u16> =
            by_forger.iter().filter(|(_, made)| made.len() > 1).map(|(&forger, _)| forger).collect();
        let genuine = by_forger.remove(able.choose(rng)?)?;
        let others = writer.genuine.iter().chain(by_forger.into_values().flatten());
        Some(Self { genuine, forged: others.collect() })
    }

    /// Those of another writer of the set, to splice with. `None` if there is no other, or it lacks a side that these
    /// have: the cut would tell genuine signatures from forgeries.
    fn partner(
        &self,
        kind: &Writers,
        writer: &Writer,
        writers: &'a [Writer],
        rng: &mut ChaCha8Rng,
    ) -> Option<Self> {
        let others: Vec<&Writer> =
            writers.iter().filter(|other| other.set == writer.set && other.id != writer.id).collect();
        let partner = Self::of(kind, others.choose(rng)?, rng);
        let has = |genuine| !partner.side(genuine).is_empty() || self.side(genuine).is_empty();
        (has(true) && has(false)).then_some(partner)
    }

    fn side(&self, genuine: bool) -> &[&'a Frame] {
        if genuine { &self.genuine } else { &self.forged }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::corpus::{Part, Set};
    use super::*;
    use rand::SeedableRng;

    /// A writer whose frames tell the writer, and whose hand they are by: 0 for the writer's own, else the forger.
    fn writer(set: Set, id: u16, genuine: usize, forgers: &[u16]) -> Writer {
        let frame = |hand: u16| Frame { width: 2, height: 1, density: vec![id as u8, hand as u8] };
        Writer {
            set,
            id,
            part: Part::Train,
            genuine: vec![frame(0); genuine],
            forged: forgers.iter().map(|&forger| frame(forger)).collect(),
            forgers: forgers.iter().map(|&forger| Some(forger)).collect(),
        }
    }

    /// Twenty hands of the first writer.
    fn drawn(kind: &Writers, writers: &[Writer], mut see: impl FnMut(&Hand, &mut ChaCha8Rng)) {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        (0..20).for_each(|_| see(&Hand::of(kind, &writers[0], writers, &mut rng), &mut rng));
    }

    #[test]
    fn a_forger_takes_the_place_of_a_writer_with_all_that_is_not_by_this_hand_as_forgeries() {
        let sides = |share: f64, writer: Writer| {
            let mut all = Vec::new();
            drawn(&Writers { forgers: share, ..Writers::default() }, &[writer], |hand, rng| {
                all.push([true, false].map(|genuine| {
                    let drawn = hand.sample(genuine, 20, rng);
                    assert!(drawn.iter().all(|(_, right)| right.is_none()));
                    let mut hands: Vec<u8> = drawn.iter().map(|(frame, _)| frame.density[1]).collect();
                    hands.sort_unstable();
                    hands
                }));
            });
            all
        };
        // forger 1 made two, 2 three, 3 only one
        let known = || writer(Set::Cedar, 7, 5, &[1, 1, 2, 2, 2, 3]);
        let own = [vec![0; 5], vec![1, 1, 2, 2, 2, 3]];
        let first = [vec![1, 1], vec![0, 0, 0, 0, 0, 2, 2, 2, 3]];
        let second = [vec![2, 2, 2], vec![0, 0, 0, 0, 0, 1, 1, 3]];

        let always = sides(1.0, known());
        assert!(always.contains(&first) && always.contains(&second));
        assert!(
            always.iter().all(|hand| [&first, &second].contains(&hand)),
            "one forgery is no hand to learn"
        );
        let half = sides(0.5, known());
        assert!((4..17).contains(&half.iter().filter(|hand| **hand == own).count()));
        assert!(sides(0.0, known()).iter().all(|hand| *hand == own));
        // a forgery by an unknown hand could be by this very forger
        let mut unknown = known();
        unknown.forgers[5] = None;
        assert!(sides(1.0, unknown).iter().all(|hand| *hand == own));
    }

    #[test]
    fn spliced_signatures_are_of_two_writers_of_a_set_and_of_one_side_of_each() {
        let writers = [
            writer(Set::Dutch, 1, 5, &[1, 1, 1]),
            writer(Set::Dutch, 2, 3, &[4, 4]),
            writer(Set::Dutch, 3, 6, &[5, 5, 5, 5]),
            writer(Set::Hindi, 4, 5, &[6, 6]),
        ];
        let mut partners = Vec::new();
        drawn(&Writers { spliced: 1.0, ..Writers::default() }, &writers, |hand, rng| {
            let sides = [true, false].map(|genuine| {
                let drawn = hand.sample(genuine, 4, rng);
                assert_eq!(drawn.len(), if genuine { 4 } else { 3 }, "as many as the writer has");
                drawn.into_iter().map(move |(frame, right)| (genuine, frame, right.unwrap()))
            });
            let drawn: Vec<_> = sides.into_iter().flatten().collect();
            let (_, _, (first, cut)) = drawn[0];
            assert!(CUTS.contains(&cut));
            for (genuine, frame, (right, at)) in drawn {
                assert_eq!((frame.density[0], right.density[0], at), (1, first.density[0], cut));
                assert_eq!([frame.density[1] == 0, right.density[1] == 0], [genuine; 2]);
            }
            partners.push(first.density[0]);
        });
        partners.sort_unstable();
        partners.dedup();
        assert_eq!(partners, [2, 3]);
    }

    #[test]
    fn a_writer_without_a_fitting_partner_stays_whole() {
        let kind = Writers { spliced: 1.0, ..Writers::default() };
        let without_forgeries = writer(Set::Dutch, 2, 3, &[]);
        for others in [vec![], vec![without_forgeries]] {
            let mut writers = vec![writer(Set::Dutch, 1, 5, &[1, 1])];
            writers.extend(others);
            drawn(&kind, &writers, |hand, rng| {
                assert!(hand.sample(true, 4, rng).iter().all(|(_, right)| right.is_none()));
            });
        }
        // where neither has forgeries they may be spliced
        let writers = [writer(Set::Omniglot, 1, 5, &[]), writer(Set::Omniglot, 2, 5, &[])];
        drawn(&kind, &writers, |hand, rng| {
            assert!(hand.sample(true, 4, rng).iter().all(|(_, right)| right.is_some()));
            assert!(hand.sample(false, 4, rng).is_empty());
        });
    }

    #[test]
    fn a_share_of_the_writers_is_spliced() {
        let writers = [writer(Set::Dutch, 1, 5, &[1]), writer(Set::Dutch, 2, 3, &[4])];
        for (share, expected) in [(0.0, 0..1), (0.5, 4..17)] {
            let mut spliced = 0;
            drawn(&Writers { spliced: share, ..Writers::default() }, &writers, |hand, rng| {
                spliced += usize::from(hand.sample(true, 1, rng)[0].1.is_some());
            });
            assert!(expected.contains(&spliced), "{share}: {spliced} of 20");
        }
    }
}
