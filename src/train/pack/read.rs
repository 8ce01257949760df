//! Reads a pack. It is a file from outside: every length is bounded before it is used, and memory grows only with
//! what really is in the file.

use std::collections::HashSet;
use std::io::Read;
use std::path::Path;

use flate2::read::DeflateDecoder;
use sha2::{Digest, Sha256};

use super::{
    CHECKSUM, HEAD, Index, LARGEST_FILE, LONGEST_INDEX, LONGEST_NAME, MAGIC, MOST_PIXELS, VERSION, known,
    pixels,
};
use crate::error::{Error, Result};
use crate::ink::{Frame, FrameSize, frame};
use crate::train::corpus::{LeftOut, Part, Sample, Samples, Set, Unreadable};
use crate::train::split;

/// The samples of the wanted `parts`.
///
/// # Errors
/// [`Error::File`] if the file cannot be read, is no undamaged pack of this version, was made by another ink pipeline
/// or split, has frames of another size than `size`, or was made without one of the parts.
pub fn read(path: &Path, parts: &[Part], size: FrameSize) -> Result<Samples> {
    let failed = |message: String| Error::file(path, message);
    let file = std::fs::File::open(path).map_err(|error| Error::file(path, error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| Error::file(path, error))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(failed(format!("has more than {LARGEST_FILE} bytes, too many for a pack")));
    }
    decode(&bytes, parts, size).map_err(failed)
}

/// As [`read`]; the error is a sentence about the file.
pub(super) fn decode(bytes: &[u8], parts: &[Part], size: FrameSize) -> Result<Samples, String> {
    let mut stream = DeflateDecoder::new(open(bytes)?);
    let index = index(&mut stream).map_err(invalid)?;
    if index.size != size {
        let of =
            |size: FrameSize| format!("frames of {} x {} pixels ({})", size.width, size.height, size.stage);
        return Err(format!(
            "holds {}, but {} are needed; pack again with --width {} --height {} --stage {}, or change the configuration",
            of(index.size),
            of(size),
            size.width,
            size.height,
            size.stage
        ));
    }
    if let Some(missing) = parts.iter().find(|part| !index.parts.contains(part)) {
        let hint = if *missing == Part::Test { "; pack again with --with-test" } else { "" };
        return Err(format!("was packed without {missing} writers{hint}"));
    }
    check(&index).map_err(invalid)?;

    let mut known = vec![0; pixels(size) as usize];
    stream.read_exact(&mut known).map_err(invalid)?;
    let now = known::frame(size).map_err(invalid)?;
    if !known::is_same(&known, &now.density) {
        return Err(format!(
            "was made by another version of the ink pipeline ({}), whose frames differ; pack again",
            printable(&index.made_by)
        ));
    }
    let samples = samples(&index, parts, &mut stream).map_err(invalid)?;
    let wanted = |part: &Part| parts.contains(part);
    Ok(Samples {
        samples,
        unreadable: index
            .unreadable
            .into_iter()
            // one of an unknown part may be of a wanted one
            .filter(|entry| entry.part.as_ref().is_none_or(wanted))
            .map(|entry| Unreadable {
                name: entry.source.clone(),
                part: entry.part,
                error: Error::file(entry.source, entry.reason),
            })
            .collect(),
        left_out: index
            .left_out
            .into_iter()
            .filter(|left_out| wanted(&left_out.part))
            .map(|row| ((row.set, row.part), LeftOut { repeats: row.repeats, unreadable: row.unreadable }))
            .collect(),
    })
}

/// The compressed part of a pack with the right head and checksum.
fn open(bytes: &[u8]) -> Result<&[u8], String> {
    let head = bytes.get(..HEAD).ok_or("is too short for a pack; copy it again or pack again")?;
    let (magic, version) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err("is no pack; make one with `train prepare`".into());
    }
    let version = version.iter().rev().fold(0, |high: u32, &byte| high << 8 | u32::from(byte));
    if version != VERSION {
        return Err(format!(
            "is a pack of version {version}, this program reads {VERSION}; pack again with it"
        ));
    }
    let (content, checksum) = bytes
        .len()
        .checked_sub(CHECKSUM)
        .filter(|&end| end >= HEAD)
        .map(|end| bytes.split_at(end))
        .ok_or("is too short for a pack; copy it again or pack again")?;
    if Sha256::digest(content)[..] != *checksum {
        return Err("is damaged or incomplete, its checksum is wrong; copy it again or pack again".into());
    }
    Ok(&content[HEAD..])
}

fn index(stream: &mut impl Read) -> Result<Index, String> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(|error| error.to_string())?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST_INDEX {
        return Err(format!("an index of {length} bytes, more than {LONGEST_INDEX}"));
    }
    let mut text = Vec::new();
    stream.take(u64::from(length)).read_to_end(&mut text).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn check(index: &Index) -> Result<(), String> {
    let sides = [index.size.width, index.size.height];
    if !sides.iter().all(|side| frame::SIDES.contains(side)) {
        return Err(format!("frames of {} x {} pixels", sides[0], sides[1]));
    }
    let count: u64 = index.writers.iter().map(|writer| writer.signatures.len() as u64).sum();
    if count.saturating_mul(pixels(index.size)) > MOST_PIXELS {
        return Err(format!("{count} signatures, too many"));
    }
    let mut seen: HashSet<(Set, u16)> = HashSet::new();
    for writer in &index.writers {
        let name = || format!("writer {} of {}", writer.id, writer.set);
        if writer.name.len() > LONGEST_NAME {
            return Err(format!("{} has a name of more than {LONGEST_NAME} bytes", name()));
        }
        if !seen.insert((writer.set, writer.id)) {
            return Err(format!("{} is listed twice", name()));
        }
        if split::by_number(writer.set) && split::part(writer.set, writer.id) != writer.part {
            return Err(format!("{} is packed as {}, against the split", name(), writer.part));
        }
        if !index.parts.contains(&writer.part) {
            return Err(format!("{} belongs to a part that was not packed", name()));
        }
    }
    Ok(())
}

/// The rest of the stream, which must hold the frames of all signatures and nothing more.
fn samples(index: &Index, parts: &[Part], stream: &mut impl Read) -> Result<Vec<Sample>, String> {
    let FrameSize { width, height, .. } = index.size;
    let mut samples = Vec::new();
    for writer in &index.writers {
        for signature in &writer.signatures {
            let mut page = [0; 32];
            let mut density = vec![0; pixels(index.size) as usize];
            let read = stream.read_exact(&mut page).and_then(|()| stream.read_exact(&mut density));
            read.map_err(|error| error.to_string())?;
            if parts.contains(&writer.part) {
                samples.push(Sample {
                    set: writer.set,
                    writer: writer.id,
                    name: writer.name.clone(),
                    kind: signature.kind,
                    part: writer.part,
                    forger: signature.forger,
                    source: signature.source.clone(),
                    page,
                    frame: Frame { width, height, density },
                });
            }
        }
    }
    match stream.read(&mut [0]) {
        Ok(0) => Ok(samples),
        Ok(_) => Err("more than its index lists".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn invalid(detail: impl std::fmt::Display) -> String {
    format!("is no valid pack ({}); pack again", printable(&detail.to_string()))
}

/// Without the terminal controls that a hostile file may have put there.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
