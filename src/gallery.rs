//! People to choose from, as a folder: one template or one folder of images a person.
//!
//! Of very many people the templates do not fit into memory: of 100,000 with five references each they take 23 GB. So
//! stored templates stay files; what is held of each is one vector, the mean of its references' embeddings at
//! length 1 ([`shortlist`]), which takes 58 MB. A search compares the questioned embedding with all of them and reads the
//! templates of the nearest people only.

mod folder;
pub mod shortlist;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::checker::Checker;
use crate::error::{Error, Result};
use crate::files;
use crate::identify::{Identification, Owners, Search};
use crate::ink::Page;
use crate::template::peek::{Peek, peek};
use crate::template::{MOST_BYTES, Template};
use crate::tensors;
use shortlist::Shortlist;

pub use folder::EXPECTED;

/// People whose images are enrolled for one search; their templates are held in memory.
const MOST_ENROLLED: usize = 2000;

/// People by whom a questioned signature may be.
#[derive(Debug)]
pub struct Gallery {
    /// By name.
    people: Vec<Person>,
    shortlist: Shortlist,
    refused: Vec<Error>,
}

#[derive(Debug)]
struct Person {
    name: String,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    File(PathBuf),
    Memory(Template),
}

impl Gallery {
    /// The people in `directory` (see [`EXPECTED`]), those with images enrolled by `checker`; `progress` is told how
    /// many people are done. Whose images can be read and not be enrolled is left out ([`Self::refused`]): of very many
    /// people somebody always has such images.
    ///
    /// # Errors
    /// [`Error::File`] for a folder that cannot be read or holds anything else; [`Error::Candidate`], with the person's
    /// name, around what [`Checker::enrol`] or a template say; [`Error::SameReference`] for a signature of two people.
    pub async fn open(directory: &Path, checker: &Checker, progress: impl Fn(usize, usize)) -> Result<Self> {
        let found = folder::people(directory)?;
        let with_images = found.iter().filter(|person| !person.is_template()).count();
        if with_images > MOST_ENROLLED {
            let message = format!(
                "holds images of {with_images} people, more than the {MOST_ENROLLED} that are enrolled at once; \
                 keep their templates, some people at a time, and search among those"
            );
            return Err(Error::file(directory, message));
        }
        let (mut people, mut shortlist) = (Vec::with_capacity(found.len()), Shortlist::default());
        let (mut owners, mut refused) = (Owners::default(), Vec::new());
        let all = found.len();
        for person in found {
            let of = |error| Error::Candidate { name: person.name.clone(), source: Box::new(error) };
            let (embeddings, kept) = match person.images().map_err(of)? {
                None => {
                    let Peek { model, embeddings } = read_embeddings(&person.path).map_err(of)?;
                    checker.check_model(&model).map_err(of)?;
                    (embeddings, Kept::File(person.path))
                }
                Some(images) => {
                    let template = match checker.enrol(&pages(&images).map_err(of)?).await {
                        Ok(template) => template,
                        Err(error @ Error::DeviceFailed(_)) => return Err(of(error)),
                        Err(error) => {
                            refused.push(of(error));
                            continue;
                        }
                    };
                    let embeddings = template.references.iter().map(|reference| reference.embedding.clone());
                    (embeddings.collect(), Kept::Memory(template))
                }
            };
            for embedding in &embeddings {
                if let Some(other) = owners.claim(embedding, people.len()) {
                    let other: &Person = &people[other];
                    return Err(Error::SameReference { one: other.name.clone(), other: person.name });
                }
            }
            let length = checker.manifest().embedding;
            let sized = embeddings.iter().all(|embedding| embedding.len() == length);
            if !sized || !shortlist.push(&embeddings) {
                let source = Box::new(Error::InvalidTemplate("its sizes are not the model's".into()));
                return Err(Error::Candidate { name: person.name, source });
            }
            people.push(Person { name: person.name, kept });
            progress(people.len() + refused.len(), all);
        }
        Ok(Self { people, shortlist, refused })
    }

    /// An [`Error::Candidate`] for everybody in the folder whose images could not be enrolled.
    pub fn refused(&self) -> &[Error] {
        &self.refused
    }

    pub fn len(&self) -> usize {
        self.people.len()
    }

    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The name of a [`crate::identify::Candidate`]: a folder's, or a template's without its ending.
    pub fn name(&self, index: usize) -> Option<&str> {
        self.people.get(index).map(|person| person.name.as_str())
    }

    /// Refuses before anybody is enrolled what [`Self::keep`] would refuse afterwards: a template in `directory` of
    /// somebody who has images in `people`, or a folder that cannot be made.
    ///
    /// # Errors
    /// [`Error::File`]; those of looking through `people`, as in [`Self::open`].
    pub fn check_keep(people: &Path, directory: &Path) -> Result<()> {
        let found = folder::people(people)?;
        std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
        let enrolled = found.iter().filter(|person| !person.is_template());
        enrolled.map(|person| kept_in(directory, &person.name)).try_for_each(|path| files::check_new(&path))
    }

    /// Writes the template of everybody whose images were enrolled as `NAME.template` into `directory`, which is made
    /// if it is missing, and returns how many there were.
    ///
    /// # Errors
    /// [`Error::File`], also if somebody is there already, whose template stays as it is.
    pub fn keep(&self, directory: &Path) -> Result<usize> {
        std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
        let enrolled = |Person { name, kept }: &'_ Person| match kept {
            Kept::Memory(template) => {
                Some(template.to_bytes().map(|bytes| (kept_in(directory, name), bytes)))
            }
            Kept::File(_) => None,
        };
        let templates = self.people.iter().filter_map(enrolled).collect::<Result<Vec<_>>>()?;
        files::create_all(&templates)?;
        Ok(templates.len())
    }

    fn template(&self, index: usize) -> Result<Cow<'_, Template>> {
        match &self.people[index].kept {
            Kept::Memory(template) => Ok(Cow::Borrowed(template)),
            Kept::File(path) => {
                let bytes = files::read(path, MOST_BYTES as u64)?;
                Template::from_bytes(&bytes).map(Cow::Owned)
            }
        }
    }
}

impl Checker {
    /// As [`Checker::identify`], among the `nearest` people by their embeddings, or all if they are no more. The
    /// templates of these alone are read, a few at a time. A rate [`Search::fpir`] is that of all people.
    ///
    /// # Errors
    /// As [`Checker::identify`]; [`Error::InvalidOption`] if `nearest` is 0; the first of [`Gallery::refused`] if nobody is
    /// left.
    pub async fn search(
        &self,
        gallery: &Gallery,
        questioned: &Page,
        search: &Search,
        nearest: usize,
    ) -> Result<Identification> {
        if let ([], [refused, ..]) = (&*gallery.people, &*gallery.refused) {
            return Err(refused.clone());
        }
        self.check_search(search, gallery.len())?;
        if nearest == 0 {
            return Err(Error::InvalidOption("the shortlist has 0 people; give 1 or more".into()));
        }
        let mut asked = self.question(questioned)?;
        let embedding = tensors::read(asked.questioned.features.embedding.clone()).await?;
        let templates = gallery.shortlist.nearest(&embedding, nearest).into_iter().map(|index| {
            let read = gallery.template(index).and_then(|template| {
                self.check_candidate(&template, search)?;
                Ok((index, template))
            });
            let name = || gallery.people[index].name.clone();
            read.map_err(|error| Error::Candidate { name: name(), source: Box::new(error) })
        });
        self.rank(&mut asked, gallery.len(), templates, search).await
    }
}

fn kept_in(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{name}.{}", folder::TEMPLATE))
}

fn pages(images: &[PathBuf]) -> Result<Vec<Page>> {
    let pages = images.iter().enumerate().map(|(index, path)| {
        files::page(path).map_err(|error| Error::Reference { index: index + 1, source: Box::new(error) })
    });
    pages.collect()
}

fn read_embeddings(path: &Path) -> Result<Peek> {
    let failed = |error| Error::file(path, error);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    peek(&mut file, length)
}
