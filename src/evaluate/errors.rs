//! Scores of all writers of a corpus by a model.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::control::Control;
use super::figures::SetFigures;
use super::scores::WriterScores;
use crate::calibration::Calibration;
use crate::comparer::Comparer;
use crate::error::Result;
use crate::fusion::Fusion;
use crate::ink::{Frame, FrameSize};
use crate::train::corpus::{Set, Writer};

/// Numbers of references that are calibrated.
pub const REFERENCES: [usize; 5] = [1, 2, 3, 5, 10];

/// Random forgeries of a writer, where they are scored: genuine signatures of other writers of the set.
pub const RANDOM_FORGERIES: usize = 20;

/// As many of a writer tell how high strangers score,
const STRANGERS: usize = 100;
/// and no more than so many of all writers together, but one of each at least.
const MOST_STRANGERS: usize = 3000;

/// Scores of all writers of a part of the split.
pub struct Scores(Vec<WriterScores>);

impl Scores {
    /// Scores all pairs of every writer, and, in sets of which nobody has forgeries (characters, faces), random
    /// forgeries in their place; `progress` is told how many writers are done.
    ///
    /// # Errors
    /// See [`WriterScores::compute`].
    pub fn compute(
        comparer: &Comparer<'_>,
        writers: &[Writer],
        size: FrameSize,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let forged: BTreeSet<Set> =
            writers.iter().filter(|writer| !writer.forged.is_empty()).map(|writer| writer.set).collect();
        let random = |writer: &Writer| {
            let most = if forged.contains(&writer.set) { 0 } else { RANDOM_FORGERIES };
            random_forgeries(writer, writers, most)
        };
        Self::score(comparer, writers, random, size, progress)
    }

    /// As [`Scores::compute`], and up to [`RANDOM_FORGERIES`] random forgeries of every writer, always the same ones
    /// for the same writers.
    ///
    /// # Errors
    /// See [`WriterScores::compute`].
    pub fn with_random_forgeries(
        comparer: &Comparer<'_>,
        writers: &[Writer],
        size: FrameSize,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let random = |writer: &Writer| random_forgeries(writer, writers, RANDOM_FORGERIES);
        Self::score(comparer, writers, random, size, progress)
    }

    /// As [`Scores::with_random_forgeries`] with many more of them: what a calibration is fitted on.
    ///
    /// # Errors
    /// See [`WriterScores::compute`].
    pub fn with_strangers(
        comparer: &Comparer<'_>,
        writers: &[Writer],
        size: FrameSize,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let most = strangers_of_each(writers.len());
        let random = |writer: &Writer| random_forgeries(writer, writers, most);
        Self::score(comparer, writers, random, size, progress)
    }

    fn score<'a>(
        comparer: &Comparer<'_>,
        writers: &'a [Writer],
        random: impl Fn(&Writer) -> Vec<&'a Frame>,
        size: FrameSize,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let scored = writers.iter().enumerate().map(|(done, writer)| {
            let scores = WriterScores::compute(comparer, writer, &random(writer), size);
            progress(done + 1, writers.len());
            scores
        });
        let mut scored = scored.collect::<Result<Vec<_>>>()?;
        let forged = writers.iter().any(|writer| !writer.forged.is_empty());
        scored.iter_mut().for_each(|writer| writer.random_for_skilled = !forged);
        Ok(Self(scored))
    }

    /// The same with several references fused in another way; scores are computed for [`Fusion::Mean`].
    pub fn with_fusion(mut self, fusion: Fusion) -> Self {
        self.0.iter_mut().for_each(|writer| writer.fusion = fusion);
        self
    }

    /// How several references are fused.
    pub fn fusion(&self) -> Fusion {
        self.0.first().map_or(Fusion::Mean, |writer| writer.fusion)
    }

    #[cfg(test)]
    pub(super) fn of(writers: Vec<WriterScores>) -> Self {
        Self(writers)
    }

    /// Of each writer.
    pub fn writers(&self) -> &[WriterScores] {
        &self.0
    }

    /// The writers of one set.
    pub fn of_set(&self, set: Set) -> Vec<&WriterScores> {
        self.0.iter().filter(|writer| writer.set == set).collect()
    }

    /// What the model reaches on each set, read by this calibration; `writers` are those that were scored.
    ///
    /// # Errors
    /// Those of [`Calibration::for_references`].
    pub fn figures(
        &self,
        writers: &[Writer],
        calibration: &Calibration,
    ) -> Result<BTreeMap<Set, SetFigures>> {
        let sets: BTreeSet<Set> = self.0.iter().map(|writer| writer.set).collect();
        let figures = sets.into_iter().map(|set| {
            let writers: Vec<&Writer> = writers.iter().filter(|writer| writer.set == set).collect();
            let figures = SetFigures::new(&self.of_set(set), &writers, calibration, Control::of(&writers))?;
            Ok((set, figures))
        });
        figures.collect()
    }
}

/// Fused scores of genuine signatures and of skilled forgeries, or of random ones where there are no others
/// ([`WriterScores::trials`]).
pub(super) fn by_references(writer: &WriterScores, references: usize) -> (Vec<f64>, Vec<f64>) {
    let trials = writer.trials(references);
    let forged = if writer.random_for_skilled { trials.random } else { trials.skilled };
    (trials.genuine, forged)
}

/// How many strangers each of so many writers meets.
fn strangers_of_each(writers: usize) -> usize {
    (MOST_STRANGERS / writers.max(1)).clamp(1, STRANGERS)
}

/// Genuine signatures of other writers of the set, drawn without replacement.
fn random_forgeries<'a>(writer: &Writer, writers: &'a [Writer], most: usize) -> Vec<&'a Frame> {
    let others = writers.iter().filter(|other| other.set == writer.set && other.id != writer.id);
    let mut frames: Vec<&Frame> = others.flat_map(|other| &other.genuine).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(writer.id));
    let (drawn, _) = frames.partial_shuffle(&mut rng, most);
    drawn.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::corpus::Part;

    #[test]
    fn many_categories_meet_a_stranger_each() {
        assert_eq!([0, 5, 30, 300, 3000, 5000].map(strangers_of_each), [100, 100, 100, 10, 1, 1]);
    }

    #[test]
    fn random_forgeries_are_other_writers_of_the_same_set() {
        let frame = |density: u8| Frame { width: 1, height: 1, density: vec![density] };
        let writer = |set: Set, id: u16| Writer {
            set,
            id,
            part: Part::Test,
            genuine: (0..12).map(|index| frame(id as u8 * 16 + index)).collect(),
            forged: vec![frame(255)],
            forgers: vec![None],
        };
        let mut writers: Vec<Writer> = (1..=4).map(|id| writer(Set::Hindi, id)).collect();
        writers.push(writer(Set::Dutch, 5));
        let drawn = random_forgeries(&writers[1], &writers, RANDOM_FORGERIES);
        let kinds: BTreeSet<u8> = drawn.iter().map(|frame| frame.density[0]).collect();
        assert_eq!((drawn.len(), kinds.len()), (RANDOM_FORGERIES, RANDOM_FORGERIES), "none twice");
        assert!(kinds.iter().all(|density| [1, 3, 4].contains(&(density / 16))), "{kinds:?}");
        assert_eq!(drawn, random_forgeries(&writers[1], &writers, RANDOM_FORGERIES));
        assert!(
            random_forgeries(&writers[4], &writers, RANDOM_FORGERIES).is_empty(),
            "the only writer of its set"
        );
    }
}
