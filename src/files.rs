//! Files of the native programs: read up to a limit, written whole or not at all.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use burn_pack::AtomicFile;

use crate::error::{Error, Result};
use crate::ink::{Page, decode};

/// An image file larger than this is not read: no signature scan comes near it.
pub const LARGEST_IMAGE: u64 = decode::MAX_BYTES as u64;

/// The content of a file, or of what a shell passes as one, of at most so many bytes.
///
/// # Errors
/// [`Error::File`] if it cannot be read or is longer.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let failed = |error| Error::file(path, error);
    let mut bytes = Vec::new();
    // one more tells a file that is too long from one that is not
    File::open(path).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(Error::file(path, format!("has more than {most} bytes, which are the limit")));
    }
    Ok(bytes)
}

/// The page in an image file.
///
/// # Errors
/// As [`read`] and [`decode::file`].
pub fn page(path: &Path) -> Result<Page> {
    decode::file(&read(path, LARGEST_IMAGE)?).map_err(|error| match error {
        // which of several images it is
        Error::NotAnImage(_)
        | Error::DamagedImage(_)
        | Error::EmptyImage { .. }
        | Error::ImageTooLarge { .. } => Error::file(path, error),
        other => other,
    })
}

/// Refuses early what writing a file would refuse after long work: one that would lie in no folder, or is one.
///
/// # Errors
/// [`Error::File`]
pub fn check_place(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Err(Error::file(path, "name a file")),
    };
    if path.is_dir() {
        return Err(Error::file(path, "is a folder; name a file"));
    }
    if !folder.is_dir() {
        return Err(Error::file(folder, "is no folder; make it first"));
    }
    Ok(())
}

/// Writes a file so that a crash or a full disk leaves the earlier one of that name or the new one, never a part.
///
/// # Errors
/// [`Error::File`]
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    commit(path, scratch(path, content)?)
}

/// Several files that belong together: none takes its place before all are on the disk, and then the last one last.
///
/// # Errors
/// [`Error::File`]
pub fn replace_all<'a>(files: impl IntoIterator<Item = (&'a Path, &'a [u8])>) -> Result<()> {
    let written = files
        .into_iter()
        .map(|(path, content)| Ok((path, scratch(path, content)?)))
        .collect::<Result<Vec<_>>>()?;
    written.into_iter().try_for_each(|(path, scratch)| commit(path, scratch))
}

/// Refuses a file that is there already.
///
/// # Errors
/// [`Error::File`]
pub fn check_new(path: &Path) -> Result<()> {
    if path.exists() {
        let message = "is there already and is not overwritten; remove it, or give another name";
        return Err(Error::file(path, message));
    }
    Ok(())
}

/// Writes files that are not there yet, each whole or not at all.
///
/// # Errors
/// [`Error::File`]; nothing is written if there is one of a name, which stays as it is.
pub fn create_all<P: AsRef<Path>>(files: &[(P, Vec<u8>)]) -> Result<()> {
    files.iter().try_for_each(|(path, _)| check_new(path.as_ref()))?;
    for (path, content) in files {
        let path = path.as_ref();
        scratch(path, content)?.commit_new().map_err(|error| Error::file(path, error))?;
    }
    Ok(())
}

/// The file under a name of its own, removed again unless it is committed.
fn scratch(path: &Path, content: &[u8]) -> Result<AtomicFile> {
    let (scratch, mut file) = AtomicFile::create(path).map_err(|error| Error::file(path, error))?;
    file.write_all(content).map_err(|error| Error::file(path, error))?;
    Ok(scratch)
}

fn commit(path: &Path, scratch: AtomicFile) -> Result<()> {
    scratch.commit().map_err(|error| Error::file(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder for one test.
    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("countersign-files-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn no_more_is_read_than_the_limit() {
        let folder = folder("read");
        let path = folder.join("three");
        std::fs::write(&path, b"abc").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"abc");
        assert!(read(&path, 2).unwrap_err().to_string().contains("more than 2 bytes"));
        assert_eq!(read(&folder.join("gone"), 3).unwrap_err().code(), "file");
        #[cfg(unix)]
        assert_eq!(read(Path::new("/dev/zero"), 1000).unwrap_err().code(), "file", "a file without an end");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_has_its_place_in_a_folder() {
        let folder = folder("place");
        std::fs::write(folder.join("file"), b"").unwrap();
        for (name, fits) in
            [("new", true), ("file", true), ("gone/new", false), ("file/new", false), (".", false)]
        {
            let found = check_place(&folder.join(name));
            assert_eq!(found.is_ok(), fits, "{name}: {found:?}");
        }
        assert!(check_place(Path::new("new")).is_ok() && check_place(Path::new("/")).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn which_of_several_images_is_too_large() {
        let folder = folder("page");
        let path = folder.join("large.bmp");
        let mut header = b"BM".to_vec();
        header.resize(54, 0);
        header[10] = 54;
        header[14] = 40;
        for (at, side) in [(18, 60_000_u32), (22, 60_000)] {
            header[at..at + 4].copy_from_slice(&side.to_le_bytes());
        }
        (header[26], header[28]) = (1, 24);
        std::fs::write(&path, header).unwrap();
        let error = page(&path).unwrap_err();
        assert!(error.code() == "file" && error.to_string().contains("large.bmp"), "{error}");
        assert!(error.to_string().contains("megapixels"), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_belongs_together_is_replaced_together() {
        let folder = folder("replace");
        let (one, two, gone) = (folder.join("one"), folder.join("two"), folder.join("gone/three"));
        for (path, content) in [(&one, b"1"), (&two, b"2")] {
            std::fs::write(path, content).unwrap();
        }
        let content = |path: &Path| std::fs::read(path).unwrap();
        let failed = replace_all([(&*one, &b"new"[..]), (&*two, b"new"), (&*gone, b"new")]);
        assert_eq!(failed.unwrap_err().code(), "file");
        assert_eq!((content(&one), content(&two)), (b"1".to_vec(), b"2".to_vec()), "all or nothing");
        replace_all([(&*one, &b"new"[..]), (&*two, b"newer")]).unwrap();
        assert_eq!((content(&one), content(&two)), (b"new".to_vec(), b"newer".to_vec()));
        let four = folder.join("four");
        assert_eq!(
            create_all(&[(&four, b"4".to_vec()), (&one, b"other".to_vec())]).unwrap_err().code(),
            "file"
        );
        assert_eq!((content(&one), four.exists()), (b"new".to_vec(), false), "what is there stays");
        create_all(&[(&four, b"4".to_vec())]).unwrap();
        assert_eq!(content(&four), b"4");
        // nothing of a file that was not finished is left
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
