//! Signatures one by one, read and framed, with where they came from: what a pack stores and a corpus gathers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Corpus, Entry, Kind, Part, Set, Writer};
use crate::error::{Error, Result};
use crate::ink::{self, Frame, FrameSize};
use crate::train::layouts;

/// One signature, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub set: Set,
    /// The writer's number in the set.
    pub writer: u16,
    /// The writer's name in the set, for messages.
    pub name: String,
    pub kind: Kind,
    pub part: Part,
    /// Who made a forgery, where known.
    pub forger: Option<u16>,
    /// The file, or the number of a synthetic sample.
    pub source: String,
    /// SHA-256 of the page's size and pixels, before any preprocessing.
    pub page: [u8; 32],
    pub frame: Frame,
}

/// Signatures sorted by set, writer and kind, without repeats, with an account of what was left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    pub samples: Vec<Sample>,
    pub unreadable: Vec<Unreadable>,
    pub left_out: BTreeMap<(Set, Part), LeftOut>,
}

/// An entry that the pipeline refused, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreadable {
    pub name: String,
    /// Not known of a pack that an earlier version made.
    pub part: Option<Part>,
    pub error: Error,
}

/// What a set and part lost while loading.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LeftOut {
    pub repeats: usize,
    pub unreadable: usize,
}

impl Samples {
    /// Runs the ink pipeline over the entries on all threads.
    ///
    /// A page that repeats an earlier one of its writer, pixel for pixel, is dropped: a pair of the two would
    /// compare an image with itself. `progress` is called from any thread after each entry with the number
    /// done, which grows by one from call to call, and the total.
    pub fn read(entries: &[Entry], size: FrameSize, progress: impl Fn(usize, usize) + Sync) -> Self {
        let done = AtomicUsize::new(0);
        let read: Vec<Result<Sample>> = entries
            .par_iter()
            .map(|entry| {
                let sample = sample(entry, size);
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, entries.len());
                sample
            })
            .collect();

        let mut found = Self::default();
        let mut seen = HashSet::new();
        let mut read: Vec<_> = entries.iter().zip(read).collect();
        // stable: a forgery that repeats a genuine page is dropped, never the reverse
        read.sort_by_key(|(entry, _)| (entry.set, entry.writer, entry.kind));
        for (entry, sample) in read {
            let left_out = found.left_out.entry((entry.set, entry.part)).or_default();
            match sample {
                Err(error) => {
                    left_out.unreadable += 1;
                    let (name, part) = (entry.to_string(), Some(entry.part));
                    found.unreadable.push(Unreadable { name, part, error });
                }
                Ok(sample) if !seen.insert((sample.set, sample.writer, sample.page)) => left_out.repeats += 1,
                Ok(sample) => found.samples.push(sample),
            }
        }
        found
    }

    /// The frames by writer.
    ///
    /// # Errors
    /// [`Error::Training`] when there is none, with their number and the first reason; [`Error::File`] for a picture that is in two
    /// categories, or genuine of two writers, of somebody's own folder.
    pub fn gather(self) -> Result<Corpus> {
        self.check_pictures()?;
        let mut writers: BTreeMap<(Set, u16), Writer> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for Sample { set, writer: id, name, kind, part, forger, frame, .. } in self.samples {
            let writer = writers.entry((set, id)).or_insert_with(|| {
                names.insert((set, id), name);
                Writer { set, id, part, genuine: Vec::new(), forged: Vec::new(), forgers: Vec::new() }
            });
            match kind {
                Kind::Genuine => writer.genuine.push(frame),
                Kind::SkilledForgery => {
                    writer.forged.push(frame);
                    writer.forgers.push(forger);
                }
            }
        }
        if writers.is_empty() {
            let reason = match self.unreadable.first() {
                Some(Unreadable { name, error, .. }) => {
                    format!(
                        "none of {} signatures can be used; the first, {name}: {error}",
                        self.unreadable.len()
                    )
                }
                None => "the list of signatures is empty".to_owned(),
            };
            return Err(Error::Training(reason));
        }
        Ok(Corpus {
            writers: writers.into_values().collect(),
            dropped_repeats: self.left_out.values().map(|left_out| left_out.repeats).sum(),
            unreadable: self.unreadable.into_iter().map(|one| (one.name, one.error)).collect(),
            left_out: self.left_out,
            names,
        })
    }
}

impl Samples {
    /// A picture cannot be of two categories: one label is wrong, and nothing says which. The public sets have their
    /// known repeats.
    ///
    /// # Errors
    /// [`Error::File`] with both.
    pub fn check_pictures(&self) -> Result<()> {
        let mut owners: HashMap<[u8; 32], &Sample> = HashMap::new();
        let own = self.samples.iter().filter(|one| one.set == Set::Folder && one.kind == Kind::Genuine);
        for sample in own {
            let first = owners.entry(sample.page).or_insert(sample);
            if first.writer != sample.writer {
                let message = format!(
                    "is the same picture as {}; it cannot be of both, remove the wrong one",
                    first.source
                );
                return Err(Error::file(&sample.source, message));
            }
        }
        Ok(())
    }
}

fn sample(entry: &Entry, size: FrameSize) -> Result<Sample> {
    let page = entry.page()?;
    let hash = Sha256::new()
        .chain_update(page.width.to_le_bytes())
        .chain_update(page.height.to_le_bytes())
        .chain_update(&page.grey)
        .finalize();
    Ok(Sample {
        set: entry.set,
        writer: entry.writer,
        name: entry.writer_name(),
        kind: entry.kind,
        part: entry.part,
        forger: layouts::forger(entry),
        source: entry.to_string(),
        page: hash.into(),
        frame: ink::prepare(&page, size)?.frame,
    })
}
