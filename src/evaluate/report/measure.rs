//! Measures a model for a report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::Device;

use super::{
    Acquisition, Drawing, FORMAT, LeftOut, Mistaken, Official, Report, SetReport, Writers, protocol,
};
use crate::calibration::Count;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::evaluate::control::Control;
use crate::evaluate::errors::Scores;
use crate::evaluate::figures::{SetFigures, writer_eer};
use crate::evaluate::known::is_known;
use crate::evaluate::probe;
use crate::evaluate::scores::{Hand, Trials, WriterScores};
use crate::export;
use crate::ink::FrameSize;
use crate::manifest::Manifest;
use crate::model::Network;
use crate::train::config::SyntheticConfig;
use crate::train::corpus::{self, Corpus, Set, Writer};
use crate::train::progress::counter;
use crate::train::{pack, synth};

/// Of the synthetic signatures that stand in for data.
const SYNTHETIC_SEED: u64 = 1;
/// Pairs that are listed as mistaken, of either kind and each set.
const MISTAKEN: usize = 5;

/// A model that was opened for measuring.
struct Opened {
    manifest: Manifest,
    network: Network,
}

impl Opened {
    fn new(directory: &Path) -> Result<Self> {
        let (manifest, network) = export::open(directory, &Device::flex())?;
        Ok(Self { manifest, network })
    }

    fn name(&self) -> String {
        format!("{}@{}", self.manifest.name, self.manifest.id())
    }

    fn learned_from(&self, set: Set) -> bool {
        self.manifest.learned_from(&set.to_string())
    }

    fn scores(&self, writers: &[Writer]) -> Result<Scores> {
        let count = counter("scoring writers");
        let device = Device::flex();
        let comparer = pollster::block_on(Comparer::of(&self.manifest, &self.network, &device))?;
        let scores = Scores::with_random_forgeries(&comparer, writers, self.manifest.input, count)?;
        Ok(scores.with_fusion(self.manifest.fusion))
    }

    /// The figures of one set, with both controls.
    fn figures(&self, scored: &[&WriterScores], writers: &[&Writer]) -> Result<SetFigures> {
        let (size, device) = (self.manifest.input, Device::flex());
        let trained = probe::cross_validated(&self.network, writers, size, &device)?;
        let control = Control { trained, ..Control::of(writers) };
        SetFigures::new(scored, writers, &self.manifest.calibration, control)
    }
}

/// The signatures of `data`, a folder or a pack, that a report is about; without it, synthetic ones.
///
/// # Errors
/// Those of [`corpus::scan`], [`corpus::load`] and [`corpus::open`]; [`Error::InvalidConfig`] if there are none of the
/// wanted writers.
pub fn corpus(
    data: Option<&Path>,
    writers: Writers,
    size: FrameSize,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Corpus> {
    let nobody = || {
        Err(Error::InvalidConfig(
            "the data has signatures of none of the wanted writers; try --writers all".into(),
        ))
    };
    let mut entries = match data {
        Some(pack) if pack::is_pack(pack) => {
            let mut corpus = corpus::open(pack, writers.parts(), size, progress)?;
            corpus.writers.retain(|writer| writer.set.is_signatures());
            return if corpus.writers.is_empty() { nobody() } else { Ok(corpus) };
        }
        Some(folder) => corpus::scan(folder)?,
        None => synth::corpus(SYNTHETIC_SEED, &SyntheticConfig::default()),
    };
    entries.retain(|entry| entry.set.is_signatures() && writers.parts().contains(&entry.part));
    if entries.is_empty() {
        return nobody();
    }
    corpus::load(&entries, size, progress)
}

/// Measures the model in `directory` on the writers of `corpus`, and each of the models in `left_out` on the sets that
/// it did not learn from. Each corpus has frames of its model's size.
///
/// # Errors
/// Those of opening the models and of scoring; [`Error::InvalidConfig`] if there is nothing to measure, or a model of
/// `left_out`, or that for [`Writers::Development`], learned from every set.
pub fn measure(
    directory: &Path,
    corpus: &Corpus,
    writers: Writers,
    left_out: &[(&Path, &Corpus)],
) -> Result<Report> {
    let model = Opened::new(directory)?;
    let mut people = comparable(corpus);
    if people.is_empty() {
        return Err(Error::InvalidConfig(
            "no writer has two genuine signatures to compare; give more of them, or other --writers".into(),
        ));
    }
    writers.retain(&model.manifest, &mut people, |writer| writer.set)?;
    // all are opened before hours of scoring
    let others = left_out.iter().map(|(path, corpus)| other(path, corpus)).collect::<Result<Vec<_>>>()?;
    let mut measured = BTreeSet::new();
    if let Some(set) = others.iter().flat_map(|(_, people)| sets(people)).find(|&set| !measured.insert(set)) {
        let message =
            format!("two models of --left-out did not learn from {set}, which has one row; give one of them");
        return Err(Error::InvalidConfig(message));
    }
    let scores = model.scores(&people)?;
    let mut report = Report {
        format: FORMAT,
        made_by: concat!("countersign ", env!("CARGO_PKG_VERSION")).into(),
        model: model.name(),
        trained_on: model.manifest.training.sets.clone(),
        writers,
        protocols: protocol::all(),
        sets: BTreeMap::new(),
        sigcomp2011: official(&model, &people, &scores)?,
        left_out: BTreeMap::new(),
        drawings: Vec::new(),
    };
    let alone = model.manifest.calibration.for_references(1)?;
    let (measured, count) = (sets(&people), counter("measuring sets"));
    for (done, &set) in measured.iter().enumerate() {
        let writers: Vec<&Writer> = people.iter().filter(|writer| writer.set == set).collect();
        let scored = scores.of_set(set);
        report.sets.insert(
            set,
            SetReport {
                figures: model.figures(&scored, &writers)?,
                known_set: model.learned_from(set),
                known_writers: writers
                    .iter()
                    .filter(|writer| is_known(&model.manifest, writer.set, writer.part))
                    .count(),
                acquisition: Acquisition::of(corpus, set),
                writer_eer: scored.iter().map(|writer| writer_eer(writer)).collect(),
                mistaken: mistaken(&scored, alone),
            },
        );
        report.drawings.push(Drawing { set, llrs: llrs(&scored, alone) });
        count(done + 1, measured.len());
    }
    for (model, people) in others {
        let scores = model.scores(&people)?;
        for set in sets(&people) {
            let writers: Vec<&Writer> = people.iter().filter(|writer| writer.set == set).collect();
            let figures = model.figures(&scores.of_set(set), &writers)?;
            let trained_on = model.manifest.training.sets.clone();
            report.left_out.insert(set, LeftOut { model: model.name(), trained_on, figures });
        }
    }
    Ok(report)
}

/// Writers of signatures who have two genuine ones.
fn comparable(corpus: &Corpus) -> Vec<Writer> {
    let writers = corpus.writers.iter();
    writers.filter(|writer| writer.set.is_signatures() && writer.has_pairs()).cloned().collect()
}

fn sets(people: &[Writer]) -> Vec<Set> {
    let mut sets: Vec<Set> = people.iter().map(|writer| writer.set).collect();
    sets.sort_unstable();
    sets.dedup();
    sets
}

/// A model for protocol (d), and the writers of the sets that it did not learn from.
fn other(path: &Path, corpus: &Corpus) -> Result<(Opened, Vec<Writer>)> {
    let other = Opened::new(path)?;
    let mut people = comparable(corpus);
    people.retain(|writer| !other.learned_from(writer.set));
    if people.is_empty() {
        return Err(Error::InvalidConfig(format!(
            "--left-out {}: it learned from every set that is measured; leave one out with --set sampler.sets.SET=0",
            path.display()
        )));
    }
    Ok((other, people))
}

/// Protocol (e): the Dutch set's official test writers among those that no part of training saw.
fn official(model: &Opened, people: &[Writer], scores: &Scores) -> Result<Option<Official>> {
    let writers: Vec<&Writer> = people.iter().filter(|writer| protocol::is_official(writer)).collect();
    if writers.is_empty() {
        return Ok(None);
    }
    let numbers: Vec<u16> = writers.iter().map(|writer| writer.id).collect();
    let mut scored = scores.of_set(Set::Dutch);
    scored.retain(|scores| numbers.contains(&scores.writer));
    Ok(Some(Official { figures: model.figures(&scored, &writers)?, numbers }))
}

/// LLRs of one reference, all pairs.
fn llrs(scored: &[&WriterScores], alone: &Count) -> Trials {
    scored.iter().flat_map(|writer| writer.pairs()).map(|pair| (pair.hand, alone.llr(pair.score))).collect()
}

/// The pairs that are furthest on the wrong side, forgeries first; skilled ones only.
pub(super) fn mistaken(scored: &[&WriterScores], alone: &Count) -> Vec<Mistaken> {
    let of = |hand: Hand| {
        let genuine = hand == Hand::Genuine;
        let pairs = scored.iter().enumerate().flat_map(|(at, writer)| {
            writer.pairs().filter(move |pair| pair.hand == hand).map(move |pair| Mistaken {
                writer: at + 1,
                genuine,
                questioned: pair.questioned + 1,
                reference: pair.reference + 1,
                llr: alone.llr(pair.score),
            })
        });
        let mut wrong: Vec<Mistaken> = pairs.filter(|pair| (pair.llr < 0.0) == genuine).collect();
        wrong.sort_by(|a, b| b.llr.abs().total_cmp(&a.llr.abs()));
        wrong.truncate(MISTAKEN);
        wrong
    };
    [of(Hand::Skilled), of(Hand::Genuine)].concat()
}
