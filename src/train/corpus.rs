//! What there is to learn from: signatures with their writer, their kind and their part of the split.
//!
//! [`scan`] lists a data folder, [`load`] runs the ink pipeline over a list and keeps the frames; [`open`] does both,
//! or reads a pack ([`super::pack`]) of frames made earlier. The synthetic corpus ([`super::synth`]) makes the same
//! entries without any folder.

mod check;
mod labels;
mod report;
mod samples;

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use super::config::TrainConfig;
use super::synth::Manner;
use super::{layouts, pack, svc2004, synth};
use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize, Page, decode, strokes};
pub use labels::{Kind, Part, Set};
pub(super) use report::reason;
pub use report::{Row, Summary};
pub use samples::{LeftOut, Sample, Samples, Unreadable};

/// A file larger than this is not read: no signature scan comes near it.
const LARGEST_FILE: u64 = 64 << 20;

/// Where the ink of an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntrySource {
    /// An image file.
    Image(PathBuf),
    /// A pen recording in the format of SVC2004 task 2.
    Svc2004(PathBuf),
    /// The sample with this number of the entry's writer and kind, from [`synth::signature_in`].
    Synthetic { seed: u64, index: u32, manner: Manner },
}

/// One signature of a corpus, not read yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    pub set: Set,
    /// The writer's number in the set; of a forgery, the writer who is imitated.
    pub writer: u16,
    pub kind: Kind,
    pub part: Part,
    pub source: EntrySource,
}

/// All frames of one writer, in the order of the entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Writer {
    pub set: Set,
    pub id: u16,
    pub part: Part,
    pub genuine: Vec<Frame>,
    pub forged: Vec<Frame>,
    /// Who made each of the forgeries, as far as known (`layouts::forger`).
    pub forgers: Vec<Option<u16>>,
}

impl Writer {
    /// Whether there are two genuine signatures to compare.
    pub fn has_pairs(&self) -> bool {
        self.genuine.len() > 1
    }
}

/// Frames by writer, sorted by set and number, with an account of everything that was left out.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    pub writers: Vec<Writer>,
    /// Pages with the same pixels as an earlier one of the same writer, genuine ones first.
    pub dropped_repeats: usize,
    /// Entries that the pipeline refused, and why.
    pub unreadable: Vec<(String, Error)>,
    left_out: BTreeMap<(Set, Part), LeftOut>,
    names: BTreeMap<(Set, u16), String>,
}

/// Every signature of the known layouts below a folder, sorted by set, writer, kind and path.
///
/// # Errors
/// [`Error::CorpusLayout`] when no known set is there or `data` is no folder, [`Error::File`] for a file or folder
/// that fits none.
pub fn scan(data: &Path) -> Result<Vec<Entry>> {
    layouts::scan(data)
}

/// The signatures of the wanted `parts` of a data folder or of a pack.
///
/// # Errors
/// Those of [`scan`] and [`load`], or of [`pack::read`] and [`Error::File`] where a pack was made without a wanted part.
pub fn open(
    data: &Path,
    parts: &[Part],
    size: FrameSize,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Corpus> {
    if pack::is_pack(data) {
        return pack::read(data, parts, size)?.gather();
    }
    let mut entries = scan(data)?;
    // what is not wanted is not even read
    entries.retain(|entry| parts.contains(&entry.part));
    load(&entries, size, progress)
}

/// What a training run reads: the train and validation writers of `data`, or of the configured synthetic corpus.
///
/// Where `sampler.sets` gives the synthetic set a share beside `data`, its training writers are added. They only train:
/// thresholds and calibration come from real writers.
///
/// # Errors
/// Those of [`open`], [`load`] and [`Corpus::check`].
pub fn for_training(
    data: Option<&Path>,
    config: &TrainConfig,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<Corpus> {
    let parts = [Part::Train, Part::Validation];
    let synthetic = |parts: &[Part]| {
        let mut entries = synth::corpus(config.seed, &config.synthetic);
        entries.retain(|entry| parts.contains(&entry.part));
        load(&entries, config.input, &progress)
    };
    let mut corpus = match data {
        Some(data) => {
            let mut corpus = open(data, &parts, config.input, &progress)?;
            let has_some = corpus.writers.iter().any(|writer| writer.set == Set::Synthetic);
            if config.sampler.adds_synthetic() && !has_some {
                corpus.join(synthetic(&[Part::Train])?);
            }
            corpus
        }
        None => synthetic(&parts)?,
    };
    // a set that is never drawn is left out altogether: it validates, calibrates and is named nowhere either
    corpus.writers.retain(|writer| config.sampler.draws(writer.set));
    corpus.fold(config.fold)?;
    corpus.check()?;
    Ok(corpus)
}

/// Runs the ink pipeline over the entries and gathers the frames by writer ([`Samples::read`] says how).
///
/// # Errors
/// [`Error::Training`] when no entry gives a frame, with the first reason.
pub fn load(entries: &[Entry], size: FrameSize, progress: impl Fn(usize, usize) + Sync) -> Result<Corpus> {
    Samples::read(entries, size, progress).gather()
}

impl Entry {
    /// The page as the scanner or the pen left it: no preprocessing beyond decoding or drawing.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be read, else those of [`decode::file`] and [`strokes::page`].
    pub fn page(&self) -> Result<Page> {
        match &self.source {
            EntrySource::Image(path) => decode::file(&read(path)?),
            EntrySource::Svc2004(path) => {
                let text = String::from_utf8(read(path)?).map_err(|error| Error::file(path, error))?;
                strokes::page(&svc2004::parse(path, &text)?)
            }
            &EntrySource::Synthetic { seed, index, manner } => {
                strokes::page(&synth::signature_in(manner, seed, self.writer, self.kind, index))
            }
        }
    }

    /// What the set calls the writer; the number where it has only numbers.
    pub fn writer_name(&self) -> String {
        let above = |levels: usize| match &self.source {
            EntrySource::Image(path) | EntrySource::Svc2004(path) => {
                path.ancestors().nth(levels).and_then(Path::file_name).map(|name| name.to_string_lossy())
            }
            EntrySource::Synthetic { .. } => None,
        };
        match (self.set, above(2), above(1)) {
            (Set::Folder, Some(writer), Some(kind)) if kind == "genuine" || kind == "forged" => {
                writer.into_owned()
            }
            (Set::Folder, _, Some(category)) => category.into_owned(),
            (Set::Omniglot, Some(alphabet), Some(character)) => format!("{alphabet}/{character}"),
            _ => self.writer.to_string(),
        }
    }
}

/// The path of a file, or the set, writer and number of a synthetic sample.
impl Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            EntrySource::Image(path) | EntrySource::Svc2004(path) => path.display().fmt(f),
            EntrySource::Synthetic { seed, index, .. } => {
                write!(f, "{} writer {}, {} {index}, seed {seed}", self.set, self.writer, self.kind)
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let found = std::fs::metadata(path).map_err(|error| Error::file(path, error))?;
    if !found.is_file() {
        return Err(Error::file(path, "is no file"));
    }
    let bytes = found.len();
    if bytes > LARGEST_FILE {
        return Err(Error::file(path, format!("is {bytes} bytes, more than the limit of {LARGEST_FILE}")));
    }
    std::fs::read(path).map_err(|error| Error::file(path, error))
}

impl Corpus {
    /// The writers of one part, of all sets.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Writer> {
        self.writers.iter().filter(move |writer| writer.part == part)
    }

    /// Takes in the writers of another corpus, which must be of other sets.
    fn join(&mut self, other: Self) {
        self.writers.extend(other.writers);
        self.writers.sort_by_key(|writer| (writer.set, writer.id));
        self.dropped_repeats += other.dropped_repeats;
        self.unreadable.extend(other.unreadable);
        self.left_out.extend(other.left_out);
        self.names.extend(other.names);
    }

    /// Exchanges the validation writers for those of a fold ([`TrainConfig::fold`]).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a set has not so many folds.
    fn fold(&mut self, fold: usize) -> Result<()> {
        let mut sets: BTreeMap<Set, Vec<&mut Writer>> = BTreeMap::new();
        for writer in self.writers.iter_mut().filter(|writer| writer.part != Part::Test) {
            sets.entry(writer.set).or_default().push(writer);
        }
        for (set, mut writers) in sets {
            // those who validate come last
            writers.sort_by_key(|writer| (writer.part, writer.id));
            let size = writers.iter().filter(|writer| writer.part == Part::Validation).count();
            let Some(start) = writers.len().checked_sub(size * (fold + 1)) else {
                let message =
                    format!("fold is {fold}, but {set} has only {} of {size} writers", writers.len() / size);
                return Err(Error::InvalidConfig(message));
            };
            for (index, writer) in writers.into_iter().enumerate() {
                let set_aside = (start..start + size).contains(&index);
                writer.part = if set_aside { Part::Validation } else { Part::Train };
            }
        }
        Ok(())
    }

    /// What messages call a writer.
    pub fn name(&self, writer: &Writer) -> String {
        match self.names.get(&(writer.set, writer.id)) {
            Some(name) => format!("{} {name}", writer.set),
            None => format!("{} {}", writer.set, writer.id),
        }
    }
}

#[cfg(test)]
mod tests;
