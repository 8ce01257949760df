//! The signatures of a comparison, once for each size of frames and each synthetic corpus.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::config::{SyntheticConfig, TrainConfig};
use super::super::corpus::{self, Corpus, Part, Samples, Set, Writer};
use super::super::progress::counter;
use super::super::{pack, synth};
use super::Comparison;
use crate::error::{Error, Result};
use crate::ink::FrameSize;

/// What rows with frames of one size train on and are scored by.
#[derive(Debug, Clone)]
pub(super) struct Signatures {
    pub training: Arc<Vec<Writer>>,
    /// With no more signatures than are scored.
    pub validation: Vec<Writer>,
    /// Changes with what is read and scored.
    pub identity: String,
}

/// Reads signatures when they are first asked for.
pub(super) struct Data<'a> {
    from: &'a [PathBuf],
    sets: &'a BTreeSet<Set>,
    signatures: usize,
    /// By the size and, where there is no data, by what is made in its place.
    kept: Vec<((FrameSize, Option<SyntheticConfig>), Signatures)>,
}

impl<'a> Data<'a> {
    pub fn new(from: &'a [PathBuf], comparison: &'a Comparison) -> Self {
        Self { from, sets: &comparison.sets, signatures: comparison.signatures, kept: Vec::new() }
    }

    /// The signatures as frames of `size`. `config` says which synthetic ones, where there is no data.
    ///
    /// # Errors
    /// Those of [`corpus::open`] and [`Corpus::check`], and [`Error::InvalidConfig`] if a set is missing.
    pub fn get(&mut self, size: FrameSize, config: Option<&TrainConfig>) -> Result<Signatures> {
        let made = config.filter(|_| self.from.is_empty()).map(|config| config.synthetic.clone());
        let key = (size, made);
        if let Some((_, signatures)) = self.kept.iter().find(|(kept, _)| *kept == key) {
            return Ok(signatures.clone());
        }
        let corpus = self.read(size, config)?;
        corpus.check()?;
        let found: BTreeSet<Set> = corpus.writers.iter().map(|writer| writer.set).collect();
        if let Some(missing) = self.sets.difference(&found).next() {
            return Err(Error::InvalidConfig(format!("sets names {missing}, which the data does not have")));
        }
        let part = |part| corpus.part(part).filter(|writer| writer.has_pairs()).cloned();
        let mut validation: Vec<Writer> = part(Part::Validation).collect();
        // a set of no forgeries at all is scored by random ones
        let forged: BTreeSet<Set> =
            validation.iter().filter(|writer| !writer.forged.is_empty()).map(|writer| writer.set).collect();
        validation.retain(|writer| !writer.forged.is_empty() || !forged.contains(&writer.set));
        let scored: BTreeSet<Set> = validation.iter().map(|writer| writer.set).collect();
        if let Some(missing) = found.difference(&scored).next() {
            return Err(Error::InvalidConfig(format!(
                "{missing} has no validation writer with two genuine signatures"
            )));
        }
        for writer in &mut validation {
            writer.genuine.truncate(self.signatures);
            writer.forged.truncate(self.signatures);
        }
        let mut identity =
            format!("{}\n{} {}x{}", corpus.summary(), self.signatures, size.width, size.height);
        // results from before such sets had any rate are of other settings
        for set in scored.difference(&forged) {
            identity += &format!("\n{set}: random forgeries");
        }
        let signatures = Signatures { training: Arc::new(part(Part::Train).collect()), validation, identity };
        self.kept.push((key, signatures.clone()));
        Ok(signatures)
    }

    fn read(&self, size: FrameSize, config: Option<&TrainConfig>) -> Result<Corpus> {
        if self.from.is_empty() {
            let config = config.ok_or_else(|| {
                Error::InvalidConfig("a trained model is compared on real signatures; give --data".into())
            })?;
            // the same writers for every seed
            let mut entries = synth::corpus(1, &config.synthetic);
            entries.retain(|entry| [Part::Train, Part::Validation].contains(&entry.part));
            return corpus::load(&entries, size, counter("making signatures"));
        }
        // a folder serves every size, a pack one
        let mut errors = Vec::new();
        for from in self.from {
            match self.open(from, size) {
                Ok(corpus) => return Ok(corpus),
                Err(error) => errors.push(error),
            }
        }
        if errors.len() == 1 {
            return Err(errors.remove(0));
        }
        // which of them was meant for this size is not known
        let all: Vec<String> = errors.iter().map(Error::to_string).collect();
        let FrameSize { width, height, .. } = size;
        Err(Error::InvalidConfig(format!(
            "no --data gives frames of {width} x {height} pixels: {}",
            all.join("; ")
        )))
    }

    fn open(&self, from: &Path, size: FrameSize) -> Result<Corpus> {
        let parts = [Part::Train, Part::Validation];
        let mut samples = if pack::is_pack(from) {
            pack::read(from, &parts, size)?
        } else {
            let mut entries = corpus::scan(from)?;
            // what is not compared is not even read
            entries.retain(|entry| parts.contains(&entry.part) && self.sets.contains(&entry.set));
            Samples::read(&entries, size, counter("reading signatures"))
        };
        samples.samples.retain(|sample| self.sets.contains(&sample.set));
        samples.left_out.retain(|(set, _), _| self.sets.contains(set));
        samples.gather()
    }
}
