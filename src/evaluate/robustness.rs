//! The same pairs with the questioned page altered as the world alters it: how much the equal error rate suffers.
//!
//! Every writer has a few references and a few questioned signatures, drawn once; from condition to condition only the
//! pages change ([`Alteration`]). A page that the quality gates refuse has no score: it is counted apart, as failure
//! to acquire (ISO/IEC 19795-1), and is not part of the error rate.

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
use super::scores;
use crate::error::{Error, Result};
use crate::fusion::{self, Fusion};
use crate::ink::{self, Frame, FrameSize, Page, Prepared};
use crate::model::Network;
use crate::train::corpus::{Entry, EntrySource, Kind, Set};
use crate::verdict::Decision;
pub use table::Table;

/// References of a writer.
const REFERENCES: usize = 3;
/// Questioned signatures of a writer and kind, at most.
const QUESTIONED: usize = 8;
const SEED: u64 = 2020;

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
}

/// The pages of one writer under one condition.
struct Framed {
    set: Set,
    condition: Condition,
    references: Vec<Frame>,
    /// Whether it is a forgery, and its frame unless it was refused.
    questioned: Vec<(bool, Option<Frame>)>,
}

/// Scores of one writer under one condition.
#[derive(Default)]
struct Scored {
    genuine: Vec<f64>,
    forged: Vec<f64>,
    refused: usize,
}

/// Measures each of the `conditions` on the writers of `entries` who have forgeries and signatures enough; `progress` is told
/// how many writers are framed.
///
/// # Errors
/// [`Error::Training`] if there is no such writer, [`Error::DeviceFailed`].
pub fn measure(
    network: &Network,
    fusion: Fusion,
    entries: &[Entry],
    size: FrameSize,
    conditions: &[Condition],
    device: &Device,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Vec<Row>> {
    let mut writers: BTreeMap<(Set, u16), Vec<&Entry>> = BTreeMap::new();
    entries.iter().for_each(|entry| writers.entry((entry.set, entry.writer)).or_default().push(entry));
    let writers: Vec<Vec<&Entry>> = writers.into_values().collect();
    let done = AtomicUsize::new(0);
    let framed = writers.par_iter().flat_map_iter(|entries| {
        let framed = frames(entries, size, conditions);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, writers.len());
        framed
    });
    let framed: Vec<Framed> = framed.collect();
    if framed.is_empty() {
        let message = format!(
            "no writer has {REFERENCES} signatures for references, another genuine one and a forgery, on pages that can \
             be read"
        );
        return Err(Error::Training(message));
    }
    let mut rows: BTreeMap<(Condition, Set), Vec<Scored>> = BTreeMap::new();
    for writer in framed {
        let scored = score(network, fusion, &writer, size, device)?;
        rows.entry((writer.condition, writer.set)).or_default().push(scored);
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
        let references: Vec<Frame> = references
            .iter()
            .filter_map(|page| altered(condition.references, page).ok())
            .map(|prepared| prepared.frame)
            .collect();
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

/// The frame, unless its quality takes the ground from every decision.
fn accepted(prepared: Prepared) -> Option<Frame> {
    let shaken = |decision: Decision| prepared.quality.iter().any(|&defect| decision.is_shaken_by(defect));
    (!shaken(Decision::Match) || !shaken(Decision::Mismatch)).then_some(prepared.frame)
}

fn score(
    network: &Network,
    fusion: Fusion,
    writer: &Framed,
    size: FrameSize,
    device: &Device,
) -> Result<Scored> {
    let mut scored = Scored::default();
    let asked: Vec<(bool, &Frame)> = writer
        .questioned
        .iter()
        .filter_map(|(is_forged, frame)| Some((*is_forged, frame.as_ref()?)))
        .collect();
    scored.refused = writer.questioned.len() - asked.len();
    let frames: Vec<&Frame> = writer.references.iter().chain(asked.iter().map(|(_, frame)| *frame)).collect();
    let features = scores::encode(network, &frames, size, device);
    let failed = |error: &dyn Display| Error::DeviceFailed(error.to_string());
    let compare = |questioned: &[usize], reference: &[usize]| -> Result<Vec<f64>> {
        let comparison = network.compare(&features.select(questioned), &features.select(reference));
        let raw: Vec<f32> =
            comparison.score.into_data().convert::<f32>().try_to_vec().map_err(|error| failed(&error))?;
        Ok(raw.into_iter().map(f64::from).collect())
    };
    let pairs = (1..REFERENCES).flat_map(|one| (0..one).map(move |other| (one, other)));
    let (ones, others): (Vec<usize>, Vec<usize>) = pairs.unzip();
    let agreement = fusion::agreement(&compare(&ones, &others)?);
    let references: Vec<usize> = (0..REFERENCES).collect();
    for (index, (is_forged, _)) in asked.iter().enumerate() {
        let raw = compare(&[REFERENCES + index; REFERENCES], &references)?;
        let fused = fusion.fuse(&raw, agreement).filter(|fused| fused.is_finite());
        let fused = fused.ok_or_else(|| failed(&"a score is not finite"))?;
        if *is_forged { scored.forged.push(fused) } else { scored.genuine.push(fused) }
    }
    Ok(scored)
}

fn row(set: Set, condition: Condition, writers: &[Scored]) -> Row {
    let pooled = |sample: &[&Scored]| {
        let genuine: Vec<f64> = sample.iter().flat_map(|writer| &writer.genuine).copied().collect();
        let forged: Vec<f64> = sample.iter().flat_map(|writer| &writer.forged).copied().collect();
        equal_error_rate(&genuine, &forged).map(|rate| 100.0 * rate)
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
    }
}
