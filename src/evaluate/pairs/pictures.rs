//! The pictures of a list, read when they are first asked for.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use lru::LruCache;

use crate::checker::{Asked, Checker};
use crate::error::{Error, Result};
use crate::ink::Page;
use crate::template::{MOST_REFERENCES, Template};
use crate::train::corpus::{Entry, EntrySource, Kind, Part, Set};

/// Pictures that are kept with what the network makes of them, about half a megabyte each.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// Of pictures, separated by `;`.
pub(super) fn paths(references: &str) -> impl Iterator<Item = &str> {
    references.split(';').map(str::trim).filter(|path| !path.is_empty())
}

/// Pictures of a list, each read and encoded when it is first asked for.
pub(super) struct Pictures<'a> {
    checker: &'a Checker,
    folder: &'a Path,
    seen: LruCache<PathBuf, Result<Asked>>,
}

impl<'a> Pictures<'a> {
    pub fn new(checker: &'a Checker, folder: &'a Path) -> Self {
        Self { checker, folder, seen: LruCache::new(REMEMBERED) }
    }

    pub fn enrol(&mut self, references: &str) -> Result<Template> {
        let pages = paths(references).take(MOST_REFERENCES + 1).enumerate().map(|(index, path)| {
            let numbered = |error| match error {
                file @ Error::File { .. } => file,
                page => Error::Reference { index: index + 1, source: Box::new(page) },
            };
            self.asked(path).cloned().map_err(numbered)
        });
        let pages = pages.collect::<Result<Vec<_>>>()?;
        pollster::block_on(self.checker.enrol_asked(pages))
    }

    pub fn asked(&mut self, path: &str) -> Result<&mut Asked> {
        let path = self.folder.join(path);
        let read = |path: &Path| self.checker.question(&page(path)?);
        self.seen
            .get_or_insert_mut_ref(path.as_path(), || read(&path))
            .as_mut()
            .map_err(|error| error.clone())
    }
}

/// Reads a picture as a corpus does.
fn page(path: &Path) -> Result<Page> {
    let recorded = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("txt"));
    let source = if recorded { EntrySource::Svc2004(path.into()) } else { EntrySource::Image(path.into()) };
    let (set, kind, part) = (Set::Folder, Kind::Genuine, Part::Test);
    Entry { set, writer: 0, kind, part, source }.page()
}
