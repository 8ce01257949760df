//! The ORL database of faces (F. Samaria, A. Harter, "Parameterisation of a stochastic model for human face
//! identification", IEEE Workshop on Applications of Computer Vision, 1994): ten pictures of each of forty people.

use std::path::Path;

use super::{IMAGES, Layout, children, files, name, number};
use crate::error::Result;
use crate::train::corpus::{Entry, Kind};

/// `{training,testing}/sN/I.pgm`, or `sN/I.pgm` as the original archive has it. The two outer folders mean nothing
/// here: the split is by person.
pub(super) fn faces(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let halves = ["training", "testing"];
    let mut subjects: Vec<_> = children(folder)?.into_iter().filter(|path| path.is_dir()).collect();
    subjects.retain(|path| !halves.contains(&name(path)));
    for half in halves.map(|half| folder.join(half)).into_iter().filter(|half| half.is_dir()) {
        subjects.extend(children(&half)?.into_iter().filter(|path| path.is_dir()));
    }
    let mut entries = Vec::new();
    for subject in subjects {
        let writer = name(&subject).strip_prefix('s').and_then(number);
        let writer = writer.ok_or_else(|| layout.misnamed(&subject))?;
        for path in files(&subject, IMAGES)? {
            entries.push(layout.entry(writer, Kind::Genuine, path));
        }
    }
    Ok(entries)
}
