//! Omniglot (B. Lake, R. Salakhutdinov, J. Tenenbaum, "Human-level concept learning through probabilistic program
//! induction", Science 350, 2015): characters of fifty alphabets, each drawn once by twenty people.

use std::collections::HashMap;
use std::path::Path;

use super::{IMAGES, Layout, children, files, name, number, stem};
use crate::error::Result;
use crate::train::corpus::{Entry, EntrySource, Kind};
use crate::train::split;

/// `ALPHABET/characterNN/NNNN_DD.png`: NNNN is the character's number among all characters of both folders, DD who
/// drew it.
pub(super) fn omniglot(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut folders = HashMap::new();
    for alphabet in children(folder)?.into_iter().filter(|path| path.is_dir()) {
        let part = split::omniglot(layout.inner(), name(&alphabet));
        for character in children(&alphabet)?.into_iter().filter(|path| path.is_dir()) {
            for path in files(&character, IMAGES)? {
                let writer = stem(&path)
                    .split_once('_')
                    .and_then(|(character, drawer)| number(drawer).and(number(character)))
                    .ok_or_else(|| layout.misnamed(&path))?;
                // two folders with one number would become one character
                if folders.entry(writer).or_insert_with(|| character.clone()) != &character {
                    return Err(layout.misnamed(&path));
                }
                let source = EntrySource::Image(path);
                entries.push(Entry { set: layout.set, writer, kind: Kind::Genuine, part, source });
            }
        }
    }
    Ok(entries)
}
