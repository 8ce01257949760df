//! What there is to learn from: signatures with their writer, their kind and their part of the split.
//!
//! [`scan`] lists a data folder, [`load`] runs the ink pipeline over a list and keeps the frames. The synthetic
//! corpus ([`super::synth`]) makes the same entries without any folder.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{layouts, svc2004, synth};
use crate::error::{Error, Result};
use crate::ink::{self, Frame, FrameSize, Page, decode, strokes};

/// A file larger than this is not read: no signature scan comes near it.
const LARGEST_FILE: u64 = 64 << 20;

/// A data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// BHSig260, Hindi.
    Hindi,
    /// BHSig260, Bengali.
    Bengali,
    /// CEDAR, English.
    Cedar,
    /// ICDAR 2011 SigComp, Dutch, off-line.
    Dutch,
    /// SVC2004 task 2: pen recordings, drawn.
    Svc2004,
    /// Made by [`super::synth`].
    Synthetic,
}

/// A part of the split by writer ([`super::split`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Train,
    Validation,
    Test,
}

/// Who wrote a signature: its owner, or somebody who imitated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Genuine,
    SkilledForgery,
}

/// Where the ink of an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntrySource {
    /// An image file.
    Image(PathBuf),
    /// A pen recording in the format of SVC2004 task 2.
    Svc2004(PathBuf),
    /// The sample with this number of the entry's writer and kind, from [`synth::signature`].
    Synthetic { seed: u64, index: u32 },
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
}

/// What a set and part lost while loading.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct LeftOut {
    repeats: usize,
    unreadable: usize,
}

/// Every signature of the public sets below a folder, sorted by set, writer, kind and path.
///
/// # Errors
/// [`Error::CorpusLayout`] when no known set is there, [`Error::File`] for a file or folder that fits none.
pub fn scan(data: &Path) -> Result<Vec<Entry>> {
    layouts::scan(data)
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
            &EntrySource::Synthetic { seed, index } => {
                strokes::page(&synth::signature(seed, self.writer, self.kind, index))
            }
        }
    }

    /// A frame and the hash of the page's pixels.
    fn frame(&self, size: FrameSize) -> Result<(Frame, [u8; 32])> {
        let page = self.page()?;
        let hash = Sha256::new()
            .chain_update(page.width.to_le_bytes())
            .chain_update(page.height.to_le_bytes())
            .chain_update(&page.grey)
            .finalize();
        Ok((ink::prepare(&page, size)?.frame, hash.into()))
    }
}

/// The path of a file, or the set, writer and number of a synthetic sample.
impl Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            EntrySource::Image(path) | EntrySource::Svc2004(path) => path.display().fmt(f),
            EntrySource::Synthetic { seed, index } => {
                write!(f, "{} writer {}, {} {index}, seed {seed}", self.set, self.writer, self.kind)
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::metadata(path).map_err(|error| Error::file(path, error))?.len();
    if bytes > LARGEST_FILE {
        return Err(Error::file(path, format!("is {bytes} bytes, more than the limit of {LARGEST_FILE}")));
    }
    std::fs::read(path).map_err(|error| Error::file(path, error))
}

/// Runs the ink pipeline over the entries on all threads and gathers the frames by writer.
///
/// A page that repeats an earlier one of its writer, pixel for pixel, is dropped: a pair of the two would compare
/// an image with itself. An entry that cannot be used is listed in [`Corpus::unreadable`]. `progress` is called
/// from any thread after each entry with the number done, which grows by one from call to call, and the total.
///
/// # Errors
/// [`Error::Training`] when no entry gives a frame, with the first reason.
pub fn load(entries: &[Entry], size: FrameSize, progress: impl Fn(usize, usize) + Sync) -> Result<Corpus> {
    let done = AtomicUsize::new(0);
    let frames: Vec<Result<(Frame, [u8; 32])>> = entries
        .par_iter()
        .map(|entry| {
            let frame = entry.frame(size);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, entries.len());
            frame
        })
        .collect();

    let mut corpus = Corpus::default();
    let mut writers: BTreeMap<(Set, u16), Writer> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut loaded: Vec<_> = entries.iter().zip(frames).collect();
    // stable: a forgery that repeats a genuine page is dropped, never the reverse
    loaded.sort_by_key(|(entry, _)| (entry.set, entry.writer, entry.kind));
    for (entry, frame) in loaded {
        let left_out = corpus.left_out.entry((entry.set, entry.part)).or_default();
        match frame {
            Err(error) => {
                left_out.unreadable += 1;
                corpus.unreadable.push((entry.to_string(), error));
            }
            Ok((_, hash)) if !seen.insert((entry.set, entry.writer, hash)) => {
                left_out.repeats += 1;
                corpus.dropped_repeats += 1;
            }
            Ok((frame, _)) => {
                let Entry { set, writer: id, part, .. } = *entry;
                let writer = writers.entry((set, id)).or_insert_with(|| Writer {
                    set,
                    id,
                    part,
                    genuine: Vec::new(),
                    forged: Vec::new(),
                });
                match entry.kind {
                    Kind::Genuine => writer.genuine.push(frame),
                    Kind::SkilledForgery => writer.forged.push(frame),
                }
            }
        }
    }
    corpus.writers = writers.into_values().collect();
    if corpus.writers.is_empty() {
        let reason = match corpus.unreadable.first() {
            Some((name, error)) => format!("no signature can be used, {name}: {error}"),
            None => "the list of signatures is empty".to_owned(),
        };
        return Err(Error::Training(reason));
    }
    Ok(corpus)
}

impl Corpus {
    /// The writers of one part, of all sets.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Writer> {
        self.writers.iter().filter(move |writer| writer.part == part)
    }

    /// Counts per set and part, to print.
    pub fn summary(&self) -> Summary {
        let mut rows: BTreeMap<(Set, Part), Row> = BTreeMap::new();
        for writer in &self.writers {
            let row = rows.entry((writer.set, writer.part)).or_default();
            row.writers += 1;
            row.genuine += writer.genuine.len();
            row.forged += writer.forged.len();
        }
        for (&key, left_out) in &self.left_out {
            let row = rows.entry(key).or_default();
            row.repeats = left_out.repeats;
            row.unreadable = left_out.unreadable;
        }
        Summary { rows }
    }
}

/// Counts per set and part; `{}` prints a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub rows: BTreeMap<(Set, Part), Row>,
}

/// What one part of one set holds after loading, and what was left out of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    pub writers: usize,
    pub genuine: usize,
    pub forged: usize,
    pub repeats: usize,
    pub unreadable: usize,
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} {:<10} {:>7} {:>7} {:>7}", "set", "part", "writers", "genuine", "forged")?;
        write!(f, " {:>7} {:>10}", "repeats", "unreadable")?;
        for ((set, part), row) in &self.rows {
            write!(f, "\n{set:<10} {part:<10} {:>7} {:>7} {:>7}", row.writers, row.genuine, row.forged)?;
            write!(f, " {:>7} {:>10}", row.repeats, row.unreadable)?;
        }
        Ok(())
    }
}

impl Set {
    pub const ALL: [Self; 6] =
        [Self::Hindi, Self::Bengali, Self::Cedar, Self::Dutch, Self::Svc2004, Self::Synthetic];
}

impl Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hindi => "hindi",
            Self::Bengali => "bengali",
            Self::Cedar => "cedar",
            Self::Dutch => "dutch",
            Self::Svc2004 => "svc2004",
            Self::Synthetic => "synthetic",
        })
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Genuine => "genuine",
            Self::SkilledForgery => "skilled-forgery",
        })
    }
}

#[cfg(test)]
mod tests;
