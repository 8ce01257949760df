//! The public sets of signatures.

use std::path::Path;

use super::{IMAGES, Layout, RECORDINGS, children, files, name, number, stem};
use crate::error::{Error, Result};
use crate::train::corpus::{Entry, Kind};

/// `W/{H,B}-S-W-{G,F}-I.png`. The folder is the writer: file names pad the number irregularly.
pub(super) fn bhsig260(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let letter = &layout.inner()[..1];
    let mut entries = Vec::new();
    for inner in children(folder)?.into_iter().filter(|path| path.is_dir()) {
        let writer = number(name(&inner)).ok_or_else(|| layout.misnamed(&inner))?;
        for path in files(&inner, IMAGES)? {
            let kind = match stem(&path).split('-').collect::<Vec<_>>()[..] {
                [script, "S", _, "G", _] if script == letter => Kind::Genuine,
                [script, "S", _, "F", _] if script == letter => Kind::SkilledForgery,
                _ => return Err(layout.misnamed(&path)),
            };
            entries.push(layout.entry(writer, kind, path));
        }
    }
    Ok(entries)
}

/// `full_org/original_W_I.png` and, beside it, `full_forg/forgeries_W_I.png`.
pub(super) fn cedar(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let sibling = folder.with_file_name("full_forg");
    if !sibling.is_dir() {
        return Err(Error::file(sibling, format!("is not there; expected {}", layout.files)));
    }
    let mut entries = Vec::new();
    for (folder, prefix, kind) in
        [(folder, "original", Kind::Genuine), (&sibling, "forgeries", Kind::SkilledForgery)]
    {
        for path in files(folder, IMAGES)? {
            let writer = match stem(&path).split('_').collect::<Vec<_>>()[..] {
                [first, writer, _] if first == prefix => number(writer),
                _ => None,
            };
            entries.push(layout.entry(writer.ok_or_else(|| layout.misnamed(&path))?, kind, path));
        }
    }
    Ok(entries)
}

/// `{train,test}/W` and `W_forg`. The two outer folders are the competition's split and mean nothing here.
///
/// One of the two numbers in a file name is the running number; the other ends in the writer's three digits,
/// after the forger's four in a forgery.
pub(super) fn dutch(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for outer in ["train", "test"].map(|part| folder.join(part)).into_iter().filter(|outer| outer.is_dir()) {
        for inner in children(&outer)?.into_iter().filter(|path| path.is_dir()) {
            let label = name(&inner);
            let (digits, kind) = match label.strip_suffix("_forg") {
                Some(digits) => (digits, Kind::SkilledForgery),
                None => (label, Kind::Genuine),
            };
            let writer = number(digits).ok_or_else(|| layout.misnamed(&inner))?;
            for path in files(&inner, IMAGES)? {
                let fits = stem(&path)
                    .split_once('_')
                    .is_some_and(|(a, b)| a.ends_with(digits) || b.ends_with(digits));
                if !fits {
                    return Err(layout.misnamed(&path));
                }
                entries.push(layout.entry(writer, kind, path));
            }
        }
    }
    Ok(entries)
}

/// `UwSi.TXT`: recordings 1 to 20 are genuine, 21 to 40 skilled forgeries.
pub(super) fn svc2004(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in files(folder, RECORDINGS)? {
        let parsed = stem(&path).strip_prefix('U').and_then(|rest| rest.split_once('S'));
        let (writer, kind) = match parsed.map(|(writer, index)| (number(writer), number(index))) {
            Some((Some(writer), Some(1..=20))) => (writer, Kind::Genuine),
            Some((Some(writer), Some(21..=40))) => (writer, Kind::SkilledForgery),
            _ => return Err(layout.misnamed(&path)),
        };
        entries.push(layout.entry(writer, kind, path));
    }
    Ok(entries)
}
