//! Anybody's own signatures: a folder for each writer, in it `genuine` and, where there are any, `forged`.

use std::path::{Path, PathBuf};

use super::{IMAGES, RECORDINGS, children, has_extension, name};
use crate::error::{Error, Result};
use crate::train::corpus::{Entry, EntrySource, Kind, Set};
use crate::train::split;

pub(super) const EXPECTED: &str = "WRITER/genuine/* and WRITER/forged/*";

/// All writers right below `root`, none if there are none; numbered in the order of their names.
///
/// Every file in `genuine` and `forged` is a signature: an image, or a pen recording in SVC2004's text format if its
/// name ends in .txt. What turns out to be neither is listed as unreadable, never passed over. Where `root` holds
/// `known` sets too, folders that are no writer's may be theirs; else each must be a writer's.
pub(super) fn writers(root: &Path, known: bool) -> Result<Vec<Entry>> {
    let folders: Vec<PathBuf> = children(root)?.into_iter().filter(|path| path.is_dir()).collect();
    let is_writer = |folder: &PathBuf| folder.join("genuine").is_dir() || folder.join("forged").is_dir();
    let (writers, others): (Vec<PathBuf>, Vec<PathBuf>) = folders.into_iter().partition(is_writer);
    if writers.is_empty() {
        return Ok(Vec::new());
    }
    if let (Some(other), false) = (others.first(), known) {
        let message = format!("is no writer's folder, as those beside it are; expected {EXPECTED}");
        return Err(Error::file(other, message));
    }
    if let Some(nameless) = writers.iter().find(|writer| name(writer).is_empty()) {
        return Err(Error::file(nameless, "has a name that is not Unicode; give the folder another"));
    }
    let most = usize::from(u16::MAX) + 1;
    if writers.len() > most {
        let message = format!("holds {} writers, more than the limit of {most}", writers.len());
        return Err(Error::file(root, message));
    }

    let names: Vec<&str> = writers.iter().map(|writer| name(writer)).collect();
    let forged = writers.iter().map(|folder| samples(folder, "forged")).collect::<Result<Vec<_>>>()?;
    let parts = split::named(&names, forged.iter().any(|of_writer| !of_writer.is_empty()));
    let mut entries = Vec::new();
    for (((number, folder), part), forged) in (0..=u16::MAX).zip(&writers).zip(parts).zip(forged) {
        let genuine = samples(folder, "genuine")?;
        if genuine.is_empty() {
            let message = format!("holds no genuine signature; expected {EXPECTED}");
            return Err(Error::file(folder, message));
        }
        for (kind, paths) in [(Kind::Genuine, genuine), (Kind::SkilledForgery, forged)] {
            entries.extend(paths.into_iter().map(|path| {
                let recorded = has_extension(&path, RECORDINGS);
                let source = if recorded { EntrySource::Svc2004(path) } else { EntrySource::Image(path) };
                Entry { set: Set::Folder, writer: number, kind, part, source }
            }));
        }
        // a picture beside the two folders would be neither genuine nor forged
        let stray = children(folder)?.into_iter().find(|path| {
            if path.is_dir() {
                !["genuine", "forged"].contains(&name(path))
            } else {
                has_extension(path, IMAGES)
            }
        });
        if let Some(stray) = stray {
            return Err(Error::file(stray, format!("is neither genuine nor forged; expected {EXPECTED}")));
        }
    }
    Ok(entries)
}

/// The files of `genuine` or `forged`.
fn samples(writer: &Path, kind: &str) -> Result<Vec<PathBuf>> {
    let folder = writer.join(kind);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let paths = children(&folder)?;
    match paths.iter().find(|path| path.is_dir()) {
        Some(inner) => Err(Error::file(inner, format!("is a folder; expected {EXPECTED}"))),
        None => Ok(paths),
    }
}
