//! The same pairs with the questioned page altered as the world alters it: how much the equal error rate suffers,
//! and what becomes of the verdicts, which an equal error rate says nothing of where all scores fall alike.
//!
//! Every writer has a few references and a few questioned signatures, drawn once; from condition to condition only the
//! pages change ([`Alteration`]). A page that the quality gates refuse has no score: it is counted apart, as failure
//! to acquire (ISO/IEC 19795-1), and is not part of the error rate.

mod judge;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display};
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use super::alter::Alteration;
use super::bootstrap::{self, Rate};
use super::metrics::equal_error_rate;
use crate::error::{Error, Result};
use crate::ink::{self, FrameSize, Page, Prepared};
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::corpus::{Entry, EntrySource, Kind, Set};
use crate::verdict::Decision;
pub use judge::Verdicts;
use judge::{Judge, Judged, Scored, is_shaken};
pub use table::{ErrorTable, VerdictTable};

/// References of a writer.
const REFERENCES: usize = 3;
/// Questioned signatures of a writer and kind, at most.
const QUESTIONED: usize = 8;
const SEED: u64 = 2020;
/// Writers framed before they are scored: some 15 MB each under all conditions.
const AT_ONCE: usize = 32;

/// What is altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Condition {
    pub questioned: Alteration,
    pub references: Alteration,
}

impl Condition {
    /// Every condition of the table, the unaltered one first.
    pub fn all() -> impl Iterator<Item = Self> {
        let questioned = [
            Alteration::None,
            Alteration::Turned,
            Alteration::SmallPage,
            Alteration::SmallSignature,
            Alteration::Jpeg,
            Alteration::Photographed,
            Alteration::Thicker,
            Alteration::Thinner,
            Alteration::Even,
            Alteration::Ruled,
            Alteration::Boxed,
        ];
        let of_questioned = questioned.map(|questioned| Self { questioned, references: Alteration::None });
        let drawn = Self { questioned: Alteration::None, references: Alteration::Scanned };
        of_questioned.into_iter().chain([drawn])
    }

    /// Those whose pages are altered in one of these ways; all where none is named.
    pub fn only(alterations: &[Alteration]) -> Vec<Self> {
        Self::all().filter(|own| alterations.is_empty() || alterations.contains(&own.alteration())).collect()
    }

    /// What is done to the one side or the other.
    fn alteration(self) -> Alteration {
        if self.references == Alteration::None { self.questioned } else { self.references }
    }

    /// Drawings alone can be made to look like scans of themselves.
    fn suits(self, entry: &Entry) -> bool {
        self.references != Alteration::Scanned || !matches!(entry.source, EntrySource::Image(_))
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.references {
            Alteration::None => self.questioned.fmt(f),
            references => write!(f, "drawn, references {references}"),
        }
    }
}

/// A set under a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub set: Set,
    pub condition: Condition,
    pub writers: usize,
    /// Questioned signatures that have a score.
    pub genuine: usize,
    pub forged: usize,
    /// Those that the quality gates refused.
    pub refused: usize,
    /// None if no genuine signature or no forgery has a score.
    pub eer: Option<Rate>,
    pub genuine_verdicts: Verdicts,
    pub forged_verdicts: Verdicts,
}

/// The pages of one writer under one condition.
struct Framed {
    set: Set,
    condition: Condition,
    references: Vec<Prepared>,
    /// Whether it is a forgery, and what it became unless it was refused.
    questioned: Vec<(bool, Option<Prepared>)>,
}

/// Measures each of the `conditions` on the writers of `entries` who have forgeries and signatures enough; `progress` is told
/// how many writers are framed.
///
/// # Errors
/// [`Error::Training`] if there is no such writer, [`Error::DeviceFailed`].
pub fn measure(
    network: &Network,
    manifest: &Manifest,
    entries: &[Entry],
    conditions: &[Condition],
    device: &Device,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Vec<Row>> {
    let judge = Judge::new(network, manifest, device)?;
    let mut writers: BTreeMap<(Set, u16), Vec<&Entry>> = BTreeMap::new();
    entries.iter().for_each(|entry| writers.entry((entry.set, entry.writer)).or_default().push(entry));
    let writers: Vec<Vec<&Entry>> = writers.into_values().collect();
    let done = AtomicUsize::new(0);
    let mut rows: BTreeMap<(Condition, Set), Vec<Scored>> = BTreeMap::new();
    for some in writers.chunks(AT_ONCE) {
        let framed = some.par_iter().flat_map_iter(|entries| {
            let framed = frames(entries, manifest.input, conditions);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, writers.len());
            framed
        });
        for writer in framed.collect::<Vec<Framed>>() {
            let scored = judge.score(&writer)?;
            rows.entry((writer.condition, writer.set)).or_default().push(scored);
        }
    }
    if rows.is_empty() {
        let message = format!(
            "no writer has {REFERENCES} signatures for references, another genuine one and a forgery, on pages that can \
             be read and in a set that the conditions suit (pen recordings for those of drawn signatures)"
        );
        return Err(Error::Training(message));
    }
    Ok(rows.iter().map(|((condition, set), scored)| row(*set, *condition, scored)).collect())
}

/// A writer's pages under every condition; none without enough pages.
fn frames(entries: &[&Entry], size: FrameSize, conditions: &[Condition]) -> Vec<Framed> {
    let Some(first) = entries.first() else { return Vec::new() };
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let stream = u64::from(first.writer) << 8 | first.set as u64;
    rng.set_stream(stream);
    let mut shuffled = |kind: Kind| {
        let mut chosen: Vec<&Entry> = entries.iter().copied().filter(|entry| entry.kind == kind).collect();
        chosen.shuffle(&mut rng);
        chosen.into_iter()
    };
    let (mut genuine, forged) = (shuffled(Kind::Genuine), shuffled(Kind::SkilledForgery));
    // the same picture twice would compare a page with itself
    let mut seen = HashSet::new();
    let mut unseen = |entry: &Entry| entry.page().ok().filter(|page| seen.insert(page.grey.clone()));
    let usable = |page: &Page| ink::prepare(page, size).is_ok();
    let references: Vec<Page> =
        genuine.by_ref().filter_map(&mut unseen).filter(usable).take(REFERENCES).collect();
    let mut questioned: Vec<(bool, Page)> =
        genuine.filter_map(&mut unseen).take(QUESTIONED).map(|page| (false, page)).collect();
    let genuine = questioned.len();
    questioned.extend(forged.filter_map(&mut unseen).take(QUESTIONED).map(|page| (true, page)));
    if references.len() < REFERENCES || genuine == 0 || questioned.len() == genuine {
        return Vec::new();
    }
    let under = |number: u64, condition: Condition| {
        // a stream of its own, so that a condition alone comes out as among the others
        let mut rng = rng.clone();
        rng.set_stream(stream | (1 + number) << 32);
        rng.set_word_pos(0);
        let mut altered = |alteration: Alteration, page: &Page| {
            alteration.of(page, &mut rng).and_then(|page| ink::prepare(&page, size))
        };
        let references: Vec<Prepared> =
            references.iter().filter_map(|page| altered(condition.references, page).ok()).collect();
        let questioned = questioned
            .iter()
            .map(|(is_forged, page)| {
                (*is_forged, altered(condition.questioned, page).ok().and_then(accepted))
            })
            .collect();
        Framed { set: first.set, condition, references, questioned }
    };
    let asked = |(_, condition): &(u64, Condition)| conditions.contains(condition) && condition.suits(first);
    let asked = (0..).zip(Condition::all()).filter(asked);
    asked
        .map(|(number, condition)| under(number, condition))
        .filter(|framed| framed.references.len() == REFERENCES)
        .collect()
}

/// The page, unless its quality takes the ground from every decision.
fn accepted(page: Prepared) -> Option<Prepared> {
    let shaken = |decision| is_shaken(decision, page.quality.iter());
    (!shaken(Decision::Match) || !shaken(Decision::Mismatch)).then_some(page)
}

fn row(set: Set, condition: Condition, writers: &[Scored]) -> Row {
    let pooled = |sample: &[&Scored]| {
        let scores = |kind: fn(&Scored) -> &Vec<Judged>| -> Vec<f64> {
            sample.iter().flat_map(|writer| kind(writer)).map(|one| one.score).collect()
        };
        equal_error_rate(&scores(|writer| &writer.genuine), &scores(|writer| &writer.forged))
            .map(|rate| 100.0 * rate)
    };
    let percent = pooled(&writers.iter().collect::<Vec<_>>());
    let ci95 = bootstrap::interval(writers, pooled);
    Row {
        set,
        condition,
        writers: writers.len(),
        genuine: writers.iter().map(|writer| writer.genuine.len()).sum(),
        forged: writers.iter().map(|writer| writer.forged.len()).sum(),
        refused: writers.iter().map(|writer| writer.refused).sum(),
        eer: percent.zip(ci95).map(|(percent, ci95)| Rate { percent, ci95 }),
        genuine_verdicts: Verdicts::of(writers.iter().flat_map(|writer| &writer.genuine)),
        forged_verdicts: Verdicts::of(writers.iter().flat_map(|writer| &writer.forged)),
    }
}
