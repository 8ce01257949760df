//! Who is in a folder, told by names alone.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::identify::MOST_PEOPLE;
use crate::template::MOST_REFERENCES;

/// What a gallery's folder holds.
pub const EXPECTED: &str =
    "one folder of 1 to 10 images a person (PERSON/* or PERSON/genuine/*) or PERSON.template";

/// Ending of a stored template.
pub(super) const TEMPLATE: &str = "template";

/// A person as found.
pub(super) struct Found {
    pub name: String,
    /// A folder or a template.
    pub path: PathBuf,
}

/// Everybody in `directory`, by name. Names that begin with a dot are the system's and passed over.
///
/// # Errors
/// [`Error::File`] if it cannot be read, holds nobody, too many, somebody twice or anything that is nobody.
pub(super) fn people(directory: &Path) -> Result<Vec<Found>> {
    let mut people = Vec::new();
    for path in children(directory)? {
        let template = path.extension().is_some_and(|ending| ending == TEMPLATE) && path.is_file();
        if !template && !path.is_dir() {
            return Err(Error::file(path, format!("is nobody; expected {EXPECTED}")));
        }
        let name = if template { path.file_stem() } else { path.file_name() };
        let Some(name) = name.and_then(|name| name.to_str()).map(str::to_owned) else {
            return Err(Error::file(path, "has a name that is not Unicode; give it another"));
        };
        people.push(Found { name, path });
    }
    if people.len() > MOST_PEOPLE {
        let message = format!("holds {} people, more than the limit of {MOST_PEOPLE}", people.len());
        return Err(Error::file(directory, message));
    }
    people.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(twice) = people.windows(2).find(|pair| pair[0].name == pair[1].name) {
        let message = format!("is there as {} too; keep one of them", twice[1].path.display());
        return Err(Error::file(&twice[0].path, message));
    }
    Ok(people)
}

impl Found {
    pub fn is_template(&self) -> bool {
        !self.path.is_dir()
    }

    /// The images of a person with a folder: those in its folder `genuine` if there is one.
    ///
    /// # Errors
    /// [`Error::ReferenceCount`]; [`Error::File`] for a folder among them.
    pub fn images(&self) -> Result<Option<Vec<PathBuf>>> {
        if self.is_template() {
            return Ok(None);
        }
        let genuine = self.path.join("genuine");
        let images = children(if genuine.is_dir() { &genuine } else { &self.path })?;
        if let Some(folder) = images.iter().find(|path| path.is_dir()) {
            return Err(Error::file(folder, format!("is a folder; expected {EXPECTED}")));
        }
        if !(1..=MOST_REFERENCES).contains(&images.len()) {
            return Err(Error::ReferenceCount { given: images.len(), least: 1, most: MOST_REFERENCES });
        }
        Ok(Some(images))
    }
}

/// What lies in a folder, by name.
fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| Error::file(folder, error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
