//! One questioned signature against many templates.

use std::borrow::Borrow;

use super::reading::common_defects;
use super::{Checker, remarks_on};
use crate::calibration::impostors::per_comparison;
use crate::comparer::Questioned;
use crate::device;
use crate::error::{Error, Result};
use crate::identify::{self, Candidate, Identification, Search};
use crate::ink::{self, Page, Prepared};
use crate::template::Template;
use crate::verdict::Decision;

/// Pairs compared at once, or up to nine more, for a template is not torn apart. The attention of a pair takes 1.7 MB
/// at 15 x 31 places, several times over, and a browser's memory does not shrink again.
const AT_ONCE: usize = 16;

/// A page, prepared and encoded once for all that it is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub page: Prepared,
    pub questioned: Questioned,
}

impl Checker {
    /// Whose signature is it? The likeliest of the templates' writers first; with [`Search::fpir`], whether it may be
    /// taken for theirs at all.
    ///
    /// # Errors
    /// [`Error::GallerySize`] for no templates, or for one if nobody can be "none of these";
    /// [`Error::SameReference`] if two templates hold the same signature; [`Error::Candidate`], with the template's
    /// number, around what [`Checker::check`] would say of it; [`Error::NoImpostors`] for a rate that this model cannot
    /// keep; [`Error::InvalidOption`]; whatever is wrong with the page; [`Error::DeviceFailed`].
    pub async fn identify(
        &self,
        templates: &[Template],
        questioned: &Page,
        search: &Search,
    ) -> Result<Identification> {
        self.check_search(search, templates.len())?;
        for (index, template) in templates.iter().enumerate() {
            self.check_candidate(template, search).map_err(|error| Error::of_template(index, error))?;
        }
        identify::require_different(templates)?;
        let mut questioned = self.question(questioned)?;
        let each = templates.iter().enumerate().map(Ok);
        self.rank(&mut questioned, templates.len(), each, search).await
    }

    /// Whether such a search among so many people can be answered, before anything is computed.
    ///
    /// # Errors
    /// As [`Search::check`], and [`Error::NoImpostors`].
    pub fn check_search(&self, search: &Search, people: usize) -> Result<()> {
        search.check(people)?;
        search.fpir.map_or(Ok(()), |_| self.manifest.calibration.impostors(1).map(|_| ()))
    }

    /// Whether such a search can say something of this template.
    pub(crate) fn check_candidate(&self, template: &Template, search: &Search) -> Result<()> {
        self.check_template(template)?;
        self.reading(template.references.len(), search.far).map(|_| ())
    }

    /// Prepares and encodes a questioned page.
    pub(crate) fn question(&self, page: &Page) -> Result<Asked> {
        Ok(self.asked(ink::prepare(page, self.manifest.input)?))
    }

    /// Encodes a page.
    pub(super) fn asked(&self, page: Prepared) -> Asked {
        let questioned = self.comparer().question(page.frame.clone());
        Asked { page, questioned }
    }

    /// Ranks `templates`, which are checked and come with their numbers, out of a gallery of so many `people`. Only so
    /// many as are compared at once are held.
    pub(crate) async fn rank<T: Borrow<Template>>(
        &self,
        asked: &mut Asked,
        people: usize,
        templates: impl Iterator<Item = Result<(usize, T)>>,
        search: &Search,
    ) -> Result<Identification> {
        let mut candidates = Vec::new();
        let (mut batch, mut pairs) = (Vec::new(), 0);
        for template in templates {
            let (index, template) = template?;
            pairs += template.borrow().references.len();
            batch.push((index, template));
            if pairs >= AT_ONCE {
                self.compare_batch(asked, &batch, people, search, &mut candidates).await?;
                batch.clear();
                pairs = 0;
            }
        }
        self.compare_batch(asked, &batch, people, search, &mut candidates).await?;
        // whatever broke down meanwhile, there is no score after it
        device::check_sound()?;
        Ok(Identification {
            candidates: search.rank(candidates),
            people,
            fpir: search.fpir,
            quality: remarks_on(&asked.page.quality),
            model: self.model_name(),
            backend: self.opened.backend,
        })
    }

    async fn compare_batch<T: Borrow<Template>>(
        &self,
        asked: &mut Asked,
        batch: &[(usize, T)],
        people: usize,
        search: &Search,
        candidates: &mut Vec<Candidate>,
    ) -> Result<()> {
        let references: Vec<_> =
            batch.iter().flat_map(|(_, template)| &template.borrow().references).collect();
        if references.is_empty() {
            return Ok(());
        }
        let compared = self.comparer().compare(&mut asked.questioned, &self.stored(&references)).await?;
        let mut raw = compared.scores.as_slice();
        let mut sides = compared.sides.as_slice();
        for (index, template) in batch {
            let template = template.borrow();
            let count = template.references.len();
            let reading = self.reading(count, search.far)?;
            let (own, own_sides);
            (own, raw) = raw.split_at(count);
            (own_sides, sides) = sides.split_at(count);
            let said = self.read(&reading, template, &asked.page.quality, own, own_sides)?;
            let accepted = match search.fpir {
                Some(fpir) => {
                    let table = self.manifest.calibration.impostors(count)?;
                    let unlike_strangers = said.open_llr >= table.threshold(per_comparison(fpir, people));
                    // pictures that bear no match name nobody
                    let common =
                        common_defects(template.references.iter().map(|reference| &*reference.quality));
                    let mut defects = asked.page.quality.iter().chain(&common);
                    let shaken = defects.any(|&defect| Decision::Match.is_shaken_by(defect));
                    // the only one of a small gallery may be unlike strangers and like a forgery
                    Some(unlike_strangers && !shaken && said.decision != Decision::Mismatch)
                }
                None => None,
            };
            candidates.push(Candidate {
                index: *index,
                decision: said.decision,
                llr: said.llr,
                open_llr: said.open_llr,
                score: said.score,
                references: said.references,
                accepted,
            });
        }
        Ok(())
    }
}
