//! The synthetic corpus as files: a folder for each writer, in it `genuine` and `forged`, as [`crate::train::corpus`]
//! reads them. The same settings give the same bytes.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use rayon::prelude::*;

use super::signature_in;
use crate::error::{Error, Result};
use crate::ink::strokes::{self, Stroke};
use crate::train::config::SyntheticConfig;
use crate::train::corpus::Kind;
use crate::train::svc2004;

/// What a signature is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A pen recording in SVC2004's text format.
    Svc2004,
    /// A grey PNG image.
    Images,
}

/// Writes all writers to `directory`, which must be empty or missing. It appears when all is written; until then the
/// files are in a folder beside it, `DIRECTORY.part`. `progress` is called from any thread after each writer with the
/// number done and the total.
///
/// # Errors
/// [`Error::File`] if the folder holds anything or a file cannot be written.
pub fn write(
    directory: &Path,
    seed: u64,
    config: &SyntheticConfig,
    format: Format,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<()> {
    let failed = |error| Error::file(directory, error);
    let exists = directory.try_exists().map_err(failed)?;
    if exists && std::fs::read_dir(directory).map_err(failed)?.next().is_some() {
        return Err(Error::file(directory, "holds something already; name a new or empty folder"));
    }
    let part = beside(directory)?;
    if part.try_exists().map_err(|error| Error::file(&part, error))? {
        return Err(Error::file(part, "is left from a run that was stopped; remove it"));
    }
    make(&part)?;
    let done = AtomicUsize::new(0);
    let written = (0..config.writers).into_par_iter().try_for_each(|writer| {
        write_writer(&part.join(format!("w{writer:05}")), seed, writer, config, format)?;
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, usize::from(config.writers));
        Ok(())
    });
    if let Err(error) = written {
        // what could not be written whole is of no use; a failure to remove it changes nothing about the error
        let _ = std::fs::remove_dir_all(&part);
        return Err(error);
    }
    if exists {
        std::fs::remove_dir(directory).map_err(failed)?;
    }
    std::fs::rename(&part, directory).map_err(failed)
}

/// `DIRECTORY.part`.
fn beside(directory: &Path) -> Result<PathBuf> {
    let name = directory.file_name().ok_or_else(|| Error::file(directory, "name a folder to be made"))?;
    let mut name = name.to_owned();
    name.push(".part");
    Ok(directory.with_file_name(name))
}

fn make(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))
}

fn write_writer(
    folder: &Path,
    seed: u64,
    writer: u16,
    config: &SyntheticConfig,
    format: Format,
) -> Result<()> {
    for (name, kind, count) in
        [("genuine", Kind::Genuine, config.genuine), ("forged", Kind::SkilledForgery, config.forged)]
    {
        if count == 0 {
            continue;
        }
        let folder = folder.join(name);
        make(&folder)?;
        for index in 0..count {
            let strokes = signature_in(config.manner(), seed, writer, kind, index);
            let (extension, bytes) = encode(&strokes, format)?;
            let path = folder.join(format!("{index:04}.{extension}"));
            std::fs::write(&path, bytes).map_err(|error| Error::file(&path, error))?;
        }
    }
    Ok(())
}

/// The file name's extension and the content.
fn encode(strokes: &[Stroke], format: Format) -> Result<(&'static str, Vec<u8>)> {
    match format {
        Format::Svc2004 => Ok(("txt", svc2004::write(strokes).into_bytes())),
        Format::Images => {
            let page = strokes::page(strokes)?;
            let mut bytes = Cursor::new(Vec::new());
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
                .write_image(&page.grey, page.width, page.height, ExtendedColorType::L8)
                .map_err(|error| Error::Training(format!("a page cannot be written as PNG: {error}")))?;
            Ok(("png", bytes.into_inner()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ink::FrameSize;
    use crate::train::corpus::{self, Corpus, Set};
    use crate::train::layouts::tests::Folder;

    const CONFIG: SyntheticConfig =
        SyntheticConfig { writers: 5, genuine: 3, forged: 2, spread: 1.0, clumsiness: 1.0 };
    const SIZE: FrameSize = FrameSize::ink(64, 32);

    fn bytes(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = corpus::scan(root).unwrap();
        let root = root.canonicalize().unwrap();
        let path = |entry: &corpus::Entry| PathBuf::from(entry.to_string());
        entries
            .iter()
            .map(|entry| {
                let path = path(entry);
                (path.strip_prefix(&root).unwrap().to_owned(), std::fs::read(&path).unwrap())
            })
            .collect()
    }

    fn load(root: &Path) -> Corpus {
        corpus::load(&corpus::scan(root).unwrap(), SIZE, |_, _| ()).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let folder = Folder::new();
        for (format, count) in [(Format::Images, 25), (Format::Svc2004, 25)] {
            let made = |name: &str, seed| {
                let path = folder.path().join(format!("{format:?}-{name}"));
                write(&path, seed, &CONFIG, format, |_, _| ()).unwrap();
                bytes(&path)
            };
            let first = made("a", 7);
            assert_eq!(first.len(), count);
            assert!(first == made("b", 7), "{format:?}");
            assert!(first != made("c", 8), "{format:?}");
        }
    }

    #[test]
    fn both_formats_are_read_again_as_the_corpus_that_they_are() {
        let folder = Folder::new();
        let direct = corpus::load(&super::super::corpus(7, &CONFIG), SIZE, |_, _| ()).unwrap();
        for format in [Format::Images, Format::Svc2004] {
            let path = folder.path().join(format!("{format:?}"));
            // an empty folder is taken
            std::fs::create_dir_all(&path).unwrap();
            write(&path, 7, &CONFIG, format, |_, _| ()).unwrap();
            let read = load(&path);
            assert!(read.unreadable.is_empty() && read.dropped_repeats == 0);
            assert_eq!(read.writers.len(), 5);
            for (written, original) in read.writers.iter().zip(&direct.writers) {
                assert_eq!((written.set, written.id), (Set::Folder, original.id));
                assert_eq!((written.genuine.len(), written.forged.len()), (3, 2));
                assert_eq!(read.name(written), format!("folder w{:05}", original.id));
                for (frame, original) in written.genuine.iter().zip(&original.genuine) {
                    let difference = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
                    let sum: f64 = frame.density.iter().zip(&original.density).map(difference).sum();
                    // images keep every pixel, recordings are rounded
                    let most = if format == Format::Images { 0.0 } else { 1.0 };
                    assert!(sum / frame.density.len() as f64 <= most, "{format:?}: {sum}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = Folder::new();
        folder.file("taken/letter.txt", b"dear").file("other.part/x", b"");
        for name in ["taken", "other"] {
            let error = write(&folder.path().join(name), 1, &CONFIG, Format::Svc2004, |_, _| ()).unwrap_err();
            assert_eq!(error.code(), "file", "{error}");
        }
        assert!(!folder.path().join("other").exists());
        assert_eq!(std::fs::read(folder.path().join("taken/letter.txt")).unwrap(), b"dear");
    }
}
