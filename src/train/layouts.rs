//! The data sets as their archives unpack, found below one data folder.
//!
//! Any subset of them may be present. An image with a name that its set does not use is an error, not a skipped
//! file: a wrong label would go unseen.

mod categories;
mod faces;
mod forgers;
mod omniglot;
mod signatures;
mod writers;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::corpus::{Entry, EntrySource, Kind, Set};
use super::{pack, split};
use crate::error::{Error, Result};
pub use forgers::forger;

/// Where one set lies and how its files are read.
struct Layout {
    set: Set,
    /// Path below the data folder; `--data` may also name the folder above its last component, or that one itself.
    folder: &'static str,
    /// What stands in the folder, for error messages; W is a writer, F a forger, N and I are numbers.
    files: &'static str,
    read: fn(&Layout, &Path) -> Result<Vec<Entry>>,
}

const LAYOUTS: [Layout; 8] = [
    Layout {
        set: Set::Hindi,
        folder: "BHSig260/Hindi",
        files: "W/H-S-W-{G,F}-I.png",
        read: signatures::bhsig260,
    },
    Layout {
        set: Set::Bengali,
        folder: "BHSig260/Bengali",
        files: "W/B-S-W-{G,F}-I.png",
        read: signatures::bhsig260,
    },
    Layout {
        set: Set::Cedar,
        folder: "signatures/full_org",
        files: "original_W_I.png, beside full_forg/forgeries_W_I.png",
        read: signatures::cedar,
    },
    Layout {
        set: Set::Dutch,
        folder: "sigcomp2011/dutch",
        files: "{train,test}/{W,W_forg}/{W_I,I_W,FW_I,I_FW}.png",
        read: signatures::dutch,
    },
    Layout { set: Set::Svc2004, folder: "svc2004/Task2", files: "UwSi.TXT", read: signatures::svc2004 },
    Layout {
        set: Set::Omniglot,
        folder: "omniglot/images_background",
        files: "ALPHABET/characterNN/NNNN_II.png",
        read: omniglot::omniglot,
    },
    Layout {
        set: Set::Omniglot,
        folder: "omniglot/images_evaluation",
        files: "ALPHABET/characterNN/NNNN_II.png",
        read: omniglot::omniglot,
    },
    Layout { set: Set::Faces, folder: "orl", files: "{training,testing}/sN/I.pgm", read: faces::faces },
];

/// Every signature of every known set below `root`, sorted by set, writer, kind and path.
///
/// # Errors
/// [`Error::CorpusLayout`] when no set is found or `root` is no folder or nothing at all; [`Error::File`] for a file or folder that
/// does not fit its set, and for a pack, which has no pages.
pub fn scan(root: &Path) -> Result<Vec<Entry>> {
    let root = root.canonicalize().map_err(|error| match error.kind() {
        ErrorKind::NotFound => layout_error(root, "found: nothing of that name"),
        _ => Error::file(root, error),
    })?;
    if root.is_file() {
        return Err(no_folder(&root));
    }
    let mut entries = Vec::new();
    for layout in &LAYOUTS {
        let Some(folder) = layout.locate(&root) else { continue };
        let found = (layout.read)(layout, &folder)?;
        if found.is_empty() {
            return Err(Error::file(folder, format!("holds no signature; expected {}", layout.files)));
        }
        entries.extend(found);
    }
    entries.extend(writers::writers(&root, !entries.is_empty())?);
    if entries.is_empty() {
        entries = categories::categories(&root)?;
    }
    if entries.is_empty() {
        return Err(unknown(&root)?);
    }
    entries.sort_by(|a, b| (a.set, a.writer, a.kind, &a.source).cmp(&(b.set, b.writer, b.kind, &b.source)));
    Ok(entries)
}

/// The error that says what was expected and what is there instead.
fn unknown(root: &Path) -> Result<Error> {
    let paths = children(root)?;
    let names: Vec<&str> = paths.iter().map(|path| name(path)).collect();
    let found = match names.len() {
        0 => "nothing, the folder is empty".to_owned(),
        1..=8 => names.join(", "),
        more => format!("{} and {} more", names[..8].join(", "), more - 8),
    };
    let packed = paths.iter().find(|path| has_extension(path, ARCHIVES));
    let hint = packed.map_or_else(String::new, |path| format!("; unpack {} first", name(path)));
    let categories = categories::why_none(root)?.map_or_else(String::new, |why| format!("\n{why}"));
    Ok(layout_error(root, &format!("found: {found}{hint}{categories}")))
}

/// The error for a file in place of a folder.
fn no_folder(path: &Path) -> Error {
    if pack::is_pack(path) {
        return Error::file(
            path,
            "is a pack of frames, and this needs the original pages; name their folder",
        );
    }
    let archive = has_extension(path, ARCHIVES);
    let hint = if archive { "an archive; unpack it and name the folder" } else { "a file, not a folder" };
    layout_error(path, &format!("found: {hint}"))
}

fn layout_error(path: &Path, found: &str) -> Error {
    let known = LAYOUTS.iter().map(|layout| format!("\n  {}/{}", layout.folder, layout.files));
    let expected: String =
        known.chain([writers::EXPECTED, categories::EXPECTED].map(|own| format!("\n  {own}"))).collect();
    let expected = format!("expected a folder with one or more of{expected}\n{found}");
    Error::CorpusLayout { path: path.display().to_string(), expected }
}

impl Layout {
    /// The last component of the folder.
    fn inner(&self) -> &'static str {
        self.folder.rsplit('/').next().unwrap_or(self.folder)
    }

    fn locate(&self, root: &Path) -> Option<PathBuf> {
        let itself = (name(root) == self.inner()).then(|| root.to_owned());
        [root.join(self.folder), root.join(self.inner())]
            .into_iter()
            .chain(itself)
            .find(|folder| folder.is_dir())
    }

    fn entry(&self, writer: u16, kind: Kind, path: PathBuf) -> Entry {
        let source = match self.set {
            Set::Svc2004 => EntrySource::Svc2004(path),
            _ => EntrySource::Image(path),
        };
        Entry { set: self.set, writer, kind, part: split::part(self.set, writer), source }
    }

    fn misnamed(&self, path: &Path) -> Error {
        Error::file(path, format!("does not fit {}; expected {}", self.folder, self.files))
    }
}

/// Sorted contents of a folder, without hidden files.
fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = std::fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
    let mut paths = Vec::new();
    for item in listing {
        let path = item.map_err(|error| Error::file(folder, error))?.path();
        if !name(&path).starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// What is a picture by its name. Those that cannot be read (heic, for one) are listed as unreadable, not passed over.
const IMAGES: &[&str] = &[
    "png", "tif", "tiff", "jpg", "jpeg", "jpe", "jfif", "bmp", "pgm", "pbm", "ppm", "pnm", "gif", "webp",
    "heic", "heif", "avif", "jp2",
];
const RECORDINGS: &[&str] = &["txt"];
const ARCHIVES: &[&str] = &["tar", "gz", "tgz", "bz2", "xz", "zst", "zip", "rar", "7z"];

/// Whether a file's name ends in one of these, in either case.
fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|found| extensions.iter().any(|extension| found.eq_ignore_ascii_case(extension)))
}

/// The files of a folder with such an extension; notes and thumbnail caches are no samples.
fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    Ok(children(folder)?.into_iter().filter(|path| has_extension(path, extensions)).collect())
}

/// The last component, or nothing when it is not Unicode: no known name matches that.
fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// A number written in digits alone; `+7` and the empty string are none.
fn number(digits: &str) -> Option<u16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
pub(super) mod tests;
