//! The public data sets as their archives unpack, found below one data folder.
//!
//! Any subset of them may be present. An image with a name that its set does not use is an error, not a skipped
//! file: a wrong label would go unseen.

use std::path::{Path, PathBuf};

use super::corpus::{Entry, EntrySource, Kind, Set};
use super::split;
use crate::error::{Error, Result};

/// Where one set lies and how its files are read.
struct Layout {
    set: Set,
    /// Outer and inner folder; `--data` may name the parent of the outer one, the outer one or the inner one.
    folder: [&'static str; 2],
    /// What stands in the inner folder, for error messages; W is a writer, F a forger, I a number.
    files: &'static str,
    read: fn(&Layout, &Path) -> Result<Vec<Entry>>,
}

const LAYOUTS: [Layout; 5] = [
    Layout { set: Set::Hindi, folder: ["BHSig260", "Hindi"], files: "W/H-S-W-{G,F}-I.png", read: bhsig260 },
    Layout {
        set: Set::Bengali,
        folder: ["BHSig260", "Bengali"],
        files: "W/B-S-W-{G,F}-I.png",
        read: bhsig260,
    },
    Layout {
        set: Set::Cedar,
        folder: ["signatures", "full_org"],
        files: "original_W_I.png, beside full_forg/forgeries_W_I.png",
        read: cedar,
    },
    Layout {
        set: Set::Dutch,
        folder: ["sigcomp2011", "dutch"],
        files: "{train,test}/{W,W_forg}/{W_I,I_W,FW_I,I_FW}.png",
        read: dutch,
    },
    Layout { set: Set::Svc2004, folder: ["svc2004", "Task2"], files: "UwSi.TXT", read: svc2004 },
];

/// Every signature of every known set below `root`, sorted by set, writer, kind and path.
///
/// # Errors
/// [`Error::CorpusLayout`] when no set is found; [`Error::File`] for a file or folder that does not fit its set.
pub fn scan(root: &Path) -> Result<Vec<Entry>> {
    let root = root.canonicalize().map_err(|error| Error::file(root, error))?;
    let mut entries = Vec::new();
    for layout in &LAYOUTS {
        let Some(folder) = layout.locate(&root) else { continue };
        let found = (layout.read)(layout, &folder)?;
        if found.is_empty() {
            return Err(Error::file(folder, format!("holds no signature; expected {}", layout.files)));
        }
        entries.extend(found);
    }
    if entries.is_empty() {
        return Err(unknown(&root)?);
    }
    entries.sort_by(|a, b| (a.set, a.writer, a.kind, &a.source).cmp(&(b.set, b.writer, b.kind, &b.source)));
    Ok(entries)
}

/// The error that says what was expected and what is there instead.
fn unknown(root: &Path) -> Result<Error> {
    let expected: Vec<String> =
        LAYOUTS.iter().map(|layout| format!("{}/{}", layout.folder.join("/"), layout.files)).collect();
    let names: Vec<String> = children(root)?.iter().map(|path| name(path).to_owned()).collect();
    let found = match names.len() {
        0 => "nothing".to_owned(),
        1..=8 => names.join(", "),
        more => format!("{} and {} more", names[..8].join(", "), more - 8),
    };
    let expected = format!("expected one or more of: {}; found: {found}", expected.join("; "));
    Ok(Error::CorpusLayout { path: root.display().to_string(), expected })
}

impl Layout {
    fn locate(&self, root: &Path) -> Option<PathBuf> {
        let [outer, inner] = self.folder;
        let itself = (name(root) == inner).then(|| root.to_owned());
        [root.join(outer).join(inner), root.join(inner)]
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
        Error::file(path, format!("does not fit {}; expected {}", self.folder.join("/"), self.files))
    }
}

/// `W/{H,B}-S-W-{G,F}-I.png`. The folder is the writer: file names pad the number irregularly.
fn bhsig260(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let letter = &layout.folder[1][..1];
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
fn cedar(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
    let sibling = folder.with_file_name("full_forg");
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
fn dutch(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
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
fn svc2004(layout: &Layout, folder: &Path) -> Result<Vec<Entry>> {
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

/// Formats in which copies of the image sets are handed round.
const IMAGES: &[&str] = &["png", "tif", "tiff", "jpg", "jpeg", "bmp"];
const RECORDINGS: &[&str] = &["txt"];

/// The files of a folder with such an extension in either case; notes and thumbnail caches are no samples.
fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let wanted = |path: &PathBuf| {
        path.extension()
            .is_some_and(|found| extensions.iter().any(|extension| found.eq_ignore_ascii_case(extension)))
    };
    Ok(children(folder)?.into_iter().filter(wanted).collect())
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
