//! A corpus in one file: the frames that the ink pipeline made, small enough to travel to another machine and read
//! there in seconds, without the pages.
//!
//! ```text
//! 8 bytes   CSFRAMES
//! 4 bytes   version, little endian
//! deflate:  4 bytes, length of the index, little endian
//!           the index, JSON: frame size, writers, where each signature came from, what was left out
//!           the frame of a known page
//!           for each signature: SHA-256 of its page, then its frame, a byte a pixel (0 = paper, 255 = ink)
//! 32 bytes  SHA-256 of all before
//! ```
//!
//! The known page is framed again when the pack is read: if the result differs, the pack was made by another version
//! of the ink pipeline than the one that will check signatures, and it is refused.

mod known;
mod read;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::corpus::{Kind, LeftOut, Part, Sample, Samples, Set, reason};
use crate::error::{Error, Result};
use crate::files;
use crate::ink::FrameSize;
pub use read::read;

const MAGIC: [u8; 8] = *b"CSFRAMES";
const VERSION: u32 = 2;
/// Magic and version.
const HEAD: usize = 12;
const CHECKSUM: usize = 32;
/// The largest pack, in bytes.
const LARGEST_FILE: u64 = 1 << 30;
/// The most bytes of frames, unpacked: 335,000 signatures of 160 x 80 pixels.
const MOST_PIXELS: u64 = 4 << 30;
/// The longest index, in bytes.
const LONGEST_INDEX: u32 = 64 << 20;
/// The longest name of a writer, in bytes; it is kept with each signature. No file system has names as long.
const LONGEST_NAME: usize = 1024;

/// What a pack says of its frames.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    /// Name and version of the program, for messages.
    made_by: String,
    size: FrameSize,
    /// The parts that were read; one may have no writers all the same.
    parts: BTreeSet<Part>,
    left_out: Vec<LeftOutOf>,
    unreadable: Vec<Unreadable>,
    writers: Vec<PackedWriter>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOutOf {
    set: Set,
    part: Part,
    repeats: usize,
    unreadable: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unreadable {
    source: String,
    /// Missing in packs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackedWriter {
    set: Set,
    id: u16,
    name: String,
    part: Part,
    signatures: Vec<Signature>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forger: Option<u16>,
    source: String,
}

/// Whether `path` is a file that begins as a pack does.
pub fn is_pack(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    path.is_file()
        && std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && start == MAGIC
}

/// Refuses early what [`write()`] would refuse after long work: a target that exists or lies in no folder, or more
/// signatures than a pack may hold.
///
/// # Errors
/// [`Error::File`].
pub fn check(path: &Path, signatures: usize, size: FrameSize) -> Result<()> {
    if path.try_exists().map_err(|error| Error::file(path, error))? {
        return Err(Error::file(path, "exists already; remove it or name another file"));
    }
    files::check_place(path)?;
    let bytes = signatures as u64 * pixels(size);
    if bytes > MOST_PIXELS {
        let message = format!(
            "{signatures} frames of {} x {} pixels are {bytes} bytes, more than the limit of {MOST_PIXELS}; \
             pack fewer writers or smaller frames",
            size.width, size.height
        );
        return Err(Error::file(path, message));
    }
    Ok(())
}

/// Writes the samples, all of frames of `size` and of `parts`, and returns the number of bytes. Paths are stored
/// relative to `root`. The file appears when it is complete; until then it is `PATH.part`.
///
/// # Errors
/// Those of [`check`], [`Error::Training`] without samples, and [`Error::File`] if the file cannot be written.
pub fn write(
    path: &Path,
    samples: &Samples,
    parts: &[Part],
    size: FrameSize,
    root: Option<&Path>,
) -> Result<u64> {
    check(path, samples.samples.len(), size)?;
    if samples.samples.is_empty() {
        return Err(Error::Training("there is no signature to pack".into()));
    }
    let bytes = encode(samples, parts, size, root)?;
    if bytes.len() as u64 > LARGEST_FILE {
        let message =
            format!("the pack would be {} bytes, more than the limit of {LARGEST_FILE}", bytes.len());
        return Err(Error::file(path, message));
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let write = || -> io::Result<()> {
        let mut file = std::fs::File::create(part)?;
        file.write_all(&bytes)?;
        // on the disk before it gets its name: a crash leaves no half pack
        file.sync_all()?;
        std::fs::rename(part, path)
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(part);
        Error::file(path, error)
    })?;
    Ok(bytes.len() as u64)
}

fn encode(samples: &Samples, parts: &[Part], size: FrameSize, root: Option<&Path>) -> Result<Vec<u8>> {
    let root = root.map(|root| root.display().to_string());
    let relative = |source: &str| {
        let below = root.as_ref().and_then(|root| source.strip_prefix(root.as_str()));
        below.map_or(source, |below| below.trim_start_matches(std::path::is_separator)).to_owned()
    };
    let mut sorted: Vec<&Sample> = samples.samples.iter().collect();
    sorted.sort_by_key(|sample| (sample.set, sample.writer, sample.kind));
    let writers = sorted.chunk_by(|a, b| (a.set, a.writer) == (b.set, b.writer)).map(|group| PackedWriter {
        set: group[0].set,
        id: group[0].writer,
        name: group[0].name.clone(),
        part: group[0].part,
        signatures: group
            .iter()
            .map(|sample| Signature {
                kind: sample.kind,
                forger: sample.forger,
                source: relative(&sample.source),
            })
            .collect(),
    });
    let index = Index {
        made_by: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        size,
        parts: parts.iter().copied().collect(),
        left_out: samples
            .left_out
            .iter()
            .map(|(&(set, part), &LeftOut { repeats, unreadable })| LeftOutOf {
                set,
                part,
                repeats,
                unreadable,
            })
            .collect(),
        unreadable: samples
            .unreadable
            .iter()
            .map(|one| Unreadable { source: relative(&one.name), part: one.part, reason: reason(&one.error) })
            .collect(),
        writers: writers.collect(),
    };
    let index = serde_json::to_vec(&index).map_err(|error| Error::Training(error.to_string()))?;
    let length = u32::try_from(index.len()).ok().filter(|length| *length <= LONGEST_INDEX);
    let length = length.ok_or_else(|| {
        Error::Training(format!("the index of the pack has {} bytes, too many; pack fewer", index.len()))
    })?;

    let mut body = length.to_le_bytes().to_vec();
    body.extend(index);
    body.extend(known::frame(size)?.density);
    let frames = sorted.iter().flat_map(|sample| [&sample.page[..], &sample.frame.density]);
    compress(std::iter::once(&body[..]).chain(frames)).map_err(|error| Error::Training(error.to_string()))
}

/// Magic, version, the compressed pieces and the checksum.
fn compress<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> io::Result<Vec<u8>> {
    let mut head = MAGIC.to_vec();
    head.extend(VERSION.to_le_bytes());
    let mut encoder = DeflateEncoder::new(head, Compression::best());
    for piece in pieces {
        encoder.write_all(piece)?;
    }
    Ok(seal(encoder.finish()?))
}

/// The bytes with their checksum.
fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

fn pixels(size: FrameSize) -> u64 {
    u64::from(size.width) * u64::from(size.height)
}

#[cfg(test)]
mod tests;
