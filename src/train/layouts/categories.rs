//! Anything at all to be told apart: a folder for each category, with its images in it.

use std::path::{Path, PathBuf};

use super::{IMAGES, children, has_extension, name};
use crate::error::{Error, Result};
use crate::train::corpus::{Entry, EntrySource, Kind, Set};
use crate::train::split;

pub(super) const EXPECTED: &str = "CATEGORY/* (images alone)";

/// All categories right below `root`, none if fewer than two folders are there or none holds images; numbered in the
/// order of their names. A category is a writer, its images are genuine.
///
/// # Errors
/// [`Error::File`] for a folder without images, or with a folder in it, beside one that is a category; for too many.
pub(super) fn categories(root: &Path) -> Result<Vec<Entry>> {
    let (folders, inside) = folders(root)?;
    if folders.len() < 2 || !inside.iter().any(|paths| holds_images(paths)) {
        return Ok(Vec::new());
    }
    for (folder, paths) in folders.iter().zip(&inside) {
        if let Some(inner) = paths.iter().find(|path| path.is_dir()) {
            return Err(Error::file(inner, format!("is a folder in a category; expected {EXPECTED}")));
        }
        if !paths.iter().any(|path| is_image(path)) {
            let message =
                format!("is a category without images; put some in or take it away; expected {EXPECTED}");
            return Err(Error::file(folder, message));
        }
    }
    let most = usize::from(u16::MAX) + 1;
    if folders.len() > most {
        let message = format!("holds {} categories, more than the limit of {most}", folders.len());
        return Err(Error::file(root, message));
    }
    let names: Vec<&str> = folders.iter().map(|folder| name(folder)).collect();
    let parts = split::named(&names, false);
    let entries = (0..=u16::MAX).zip(inside).zip(parts).flat_map(|((writer, paths), part)| {
        paths.into_iter().filter(|path| is_image(path)).map(move |path| Entry {
            set: Set::Folder,
            writer,
            kind: Kind::Genuine,
            part,
            source: EntrySource::Image(path),
        })
    });
    Ok(entries.collect())
}

/// What keeps the folders right below `root` from being categories, where [`categories`] finds none; `None` if no
/// folder is there.
///
/// # Errors
/// [`Error::File`] for a folder that cannot be read.
pub(super) fn why_none(root: &Path) -> Result<Option<String>> {
    let (folders, inside) = folders(root)?;
    let Some(first) = folders.first() else { return Ok(None) };
    if inside.iter().any(|paths| holds_images(paths)) {
        let name = name(first);
        return Ok(Some(format!(
            "the only category is {name}, which leaves nothing to tell it from; put a folder of images of another one \
             beside it, and of {} at least in all to train",
            split::LEAST_CATEGORIES
        )));
    }
    let known = IMAGES.join(", ");
    Ok(Some(format!(
        "no folder here has an image right in it; put images ({known}) into a folder for each category"
    )))
}

/// The folders right below `root`, and what is in each.
fn folders(root: &Path) -> Result<(Vec<PathBuf>, Vec<Vec<PathBuf>>)> {
    let folders: Vec<PathBuf> = children(root)?.into_iter().filter(|path| path.is_dir()).collect();
    let inside = folders.iter().map(|folder| children(folder)).collect::<Result<_>>()?;
    Ok((folders, inside))
}

fn is_image(path: &Path) -> bool {
    has_extension(path, IMAGES)
}

fn holds_images(paths: &[PathBuf]) -> bool {
    paths.iter().any(|path| path.is_file() && is_image(path))
}

#[cfg(test)]
mod tests {
    use super::super::{scan, tests::Folder};
    use crate::ink::{FrameSize, Stage};
    use crate::train::corpus::{Samples, load};

    /// A picture of 8 x 8 pixels, lighter to the right of this column.
    fn picture(column: usize) -> Vec<u8> {
        let grey = (0..64).map(|at| if at % 8 < column { 20 } else { 220 });
        [b"P5 8 8 255\n".to_vec(), grey.collect()].concat()
    }

    #[test]
    fn a_folder_is_a_category() {
        let folder = Folder::new();
        for (path, column) in [("cats/1.pgm", 1), ("cats/2.pgm", 2), ("dogs/1.pgm", 3), ("dogs/notes.md", 4)]
        {
            folder.file(path, &picture(column));
        }
        let entries = scan(folder.path()).unwrap();
        let found: Vec<(u16, String)> =
            entries.iter().map(|entry| (entry.writer, entry.writer_name())).collect();
        assert_eq!(found, [(0, "cats".into()), (0, "cats".into()), (1, "dogs".into())]);
        let size = FrameSize { width: 16, height: 16, stage: Stage::Grey };
        let corpus = load(&entries, size, |_, _| ()).unwrap();
        assert_eq!(corpus.writers.iter().map(|writer| writer.genuine.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn incomplete_categories_are_named() {
        for (path, expected) in
            [("dogs/notes.md", "a category without images"), ("dogs/old/1.png", "a folder in a category")]
        {
            let folder = Folder::new();
            let error = scan(folder.file("cats/1.pgm", b"").file(path, b"").path()).unwrap_err();
            assert_eq!(error.code(), "file", "{path}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn one_category_or_none_with_images_is_said() {
        let folder = Folder::new();
        let refused = || {
            let error = scan(folder.path()).unwrap_err();
            assert_eq!(error.code(), "corpus-layout");
            let text = error.to_string();
            assert!(text.contains("CATEGORY/*"), "{text}");
            text
        };
        std::fs::create_dir(folder.path().join("cats")).unwrap();
        let no_images = "no folder here has an image right in it";
        assert!(refused().contains(no_images));
        // deeper ones are in no category
        folder.file("dogs/old/1.png", b"").file("dogs/notes.md", b"");
        let text = refused();
        assert!(text.contains("found: cats, dogs") && text.contains(no_images), "{text}");
        std::fs::remove_dir_all(folder.path().join("dogs")).unwrap();
        folder.file("cats/1.pgm", b"").file("notes.md", b"");
        let text = refused();
        assert!(
            text.contains("the only category is cats") && text.contains("4 at least in all to train"),
            "{text}"
        );
    }

    #[test]
    fn a_picture_in_two_categories_is_refused() {
        let folder = Folder::new();
        for (path, column) in [("cats/1.pgm", 1), ("dogs/1.pgm", 3), ("dogs/2.pgm", 1)] {
            folder.file(path, &picture(column));
        }
        let size = FrameSize { width: 16, height: 16, stage: Stage::Grey };
        let samples = Samples::read(&scan(folder.path()).unwrap(), size, |_, _| ());
        let error = samples.gather().unwrap_err().to_string();
        assert!(error.contains("cats/1.pgm") && error.contains("dogs/2.pgm"), "{error}");
    }
}
