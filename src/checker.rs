//! The facade: a loaded model that enrols writers and checks signatures. The page and the native program
//! call this and nothing else.

mod identify;
mod reading;
mod stages;
#[cfg(all(test, feature = "cpu", not(target_family = "wasm")))]
pub(crate) mod tests;

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData, f16};

use crate::comparer::{Comparer, Questioned, References};
use crate::device::{self, Backend, Opened};
use crate::error::{Error, Result};
use crate::golden::{Deviation, Golden};
use crate::identify::Owners;
use crate::ink::{self, Page, Prepared, Quality};
use crate::manifest::Manifest;
use crate::model::{Features, Network};
use crate::template::{MOST_REFERENCES, Reference, Template};
use crate::turn::Level;
use crate::verdict::{Heatmap, Policy, Remark, Subject, Verdict};
use crate::{consistency, fusion, tensors, weights};
pub(crate) use identify::Asked;
#[cfg(all(feature = "train", not(target_family = "wasm")))]
pub(crate) use reading::common_defects;
pub use stages::{FeatureMap, SeenPage, Stages};

/// A model on a device that has proved to compute it rightly.
#[derive(Debug)]
pub struct Checker {
    manifest: Manifest,
    network: Network,
    /// What tells whether a signature lies level.
    level: Option<Arc<Level>>,
    opened: Opened,
}

impl Checker {
    /// Loads a model: its manifest, its weights and its known answers, as the three files hold them.
    ///
    /// The device must repeat the known answers twice: at first use, and once its kernels are compiled and
    /// its memory is in use, since some devices err on the second call only.
    ///
    /// # Errors
    /// [`Error::InvalidManifest`], [`Error::WeightsHash`] or [`Error::WeightsShape`] for files that are not
    /// a model; [`Error::SelfTest`] if the device errs, [`Error::DeviceFailed`] if it breaks down.
    pub async fn load(manifest: &str, weights: Vec<u8>, golden: &str, opened: Opened) -> Result<Self> {
        let manifest = Manifest::parse(manifest)?;
        let golden = Golden::parse(golden, manifest.embedding)?;
        let network = weights::load(&manifest, weights, &opened.device)?;
        let mut checker = Self { manifest, network, level: None, opened };
        for call in ["first", "second"] {
            let deviation = checker.deviation(&golden).await?;
            if !deviation.is_tolerable() {
                return Err(Error::SelfTest {
                    backend: checker.opened.backend.to_string(),
                    detail: format!(
                        "on the {call} call embeddings are off by {:.1e}, scores by {:.1e}",
                        deviation.embedding, deviation.score
                    ),
                });
            }
        }
        // what the device says of an empty frame is kept: not before it has proved itself
        checker.level =
            Comparer::of(&checker.manifest, &checker.network, &checker.opened.device).await?.level;
        Ok(checker)
    }

    /// How far this device is from known answers.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`] if it breaks down.
    pub async fn deviation(&self, golden: &Golden) -> Result<Deviation> {
        golden.deviation(&self.network, self.manifest.input, &self.opened.device).await
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub fn backend(&self) -> Backend {
        self.opened.backend
    }

    /// What the graphics adapter calls itself; empty for the CPU.
    pub fn adapter(&self) -> &str {
        &self.opened.adapter
    }

    /// Keeps 1 to [`MOST_REFERENCES`] genuine signatures of a writer; more make better checks.
    ///
    /// # Errors
    /// [`Error::ReferenceCount`]; [`Error::Reference`], counted from 1, around what is wrong with a page;
    /// [`Error::SameReference`] for a picture that was given twice: it says nothing of how its writer varies;
    /// [`Error::ReferencesDisagree`] where they do not look as if by one hand; [`Error::DeviceFailed`].
    pub async fn enrol(&self, pages: &[Page]) -> Result<Template> {
        if !(1..=MOST_REFERENCES).contains(&pages.len()) {
            return Err(Error::ReferenceCount { given: pages.len(), least: 1, most: MOST_REFERENCES });
        }
        // all pages are judged before any network runs
        let prepared = pages.iter().enumerate().map(|(index, page)| {
            ink::prepare(page, self.manifest.input)
                .map_err(|error| Error::Reference { index: index + 1, source: Box::new(error) })
        });
        let prepared = prepared.collect::<Result<Vec<_>>>()?;
        self.enrol_asked(prepared.into_iter().map(|page| self.asked(page)).collect()).await
    }

    /// [`Checker::enrol`] for pages that are encoded already.
    pub(crate) async fn enrol_asked(&self, pages: Vec<Asked>) -> Result<Template> {
        if !(1..=MOST_REFERENCES).contains(&pages.len()) {
            return Err(Error::ReferenceCount { given: pages.len(), least: 1, most: MOST_REFERENCES });
        }
        let mut references = Vec::with_capacity(pages.len());
        let mut known = Owners::default();
        let mut questioned = Vec::with_capacity(pages.len());
        for (index, asked) in pages.into_iter().enumerate() {
            let Features { embedding, map } = asked.questioned.features.clone();
            let embedding = tensors::read(embedding).await?;
            if let Some(other) = known.claim(&embedding, index) {
                let numbered = |index: usize| format!("reference {}", index + 1);
                return Err(Error::SameReference { one: numbered(other), other: numbered(index) });
            }
            let map = tensors::read(map).await?;
            references.push(Reference {
                embedding,
                map: map.into_iter().map(f16::from_f32).collect(),
                quality: asked.page.quality,
            });
            questioned.push(asked.questioned);
        }
        let template = Template {
            model: self.manifest.id().into(),
            embedding: self.manifest.embedding,
            map: self.manifest.map,
            references,
            agreement: 0.0,
        };
        let among = self.compare_references(&template, questioned).await?;
        // before the pairs of `one` are those of 1 to one - 1
        let score = |a: usize, b: usize| {
            let (one, other) = (a.max(b), a.min(b));
            among[one * (one - 1) / 2 + other]
        };
        consistency::require(
            template.references.len(),
            score,
            self.manifest.fusion,
            &self.manifest.calibration,
        )?;
        Ok(Template { agreement: fusion::agreement(&among) as f32, ..template })
    }

    /// The raw scores of every two references, those of a reference, which stands as questioned, with all earlier ones
    /// together.
    async fn compare_references(&self, template: &Template, questioned: Vec<Questioned>) -> Result<Vec<f64>> {
        let comparer = self.comparer();
        let mut among = Vec::new();
        for (one, mut questioned) in questioned.into_iter().enumerate().skip(1) {
            // as the template holds it
            questioned.features = self.stored(&[&template.references[one]]).features;
            let earlier = self.stored(&template.references[..one].iter().collect::<Vec<_>>());
            among.extend(comparer.compare(&mut questioned, &earlier).await?.scores);
        }
        Ok(among)
    }

    /// Compares a questioned signature with a writer's references.
    ///
    /// # Errors
    /// [`Error::TemplateModel`] for another model's template; [`Error::InvalidOption`] for an error rate
    /// that the model's thresholds do not cover; whatever is wrong with the page;
    /// [`Error::DeviceFailed`].
    pub async fn check(&self, template: &Template, questioned: &Page, policy: &Policy) -> Result<Verdict> {
        self.check_template(template)?;
        // an error rate that is not covered is refused before anything is computed
        self.reading(template.references.len(), policy.far)?;
        self.check_asked(template, &mut self.question(questioned)?, policy).await
    }

    /// Whether checks against so many references can keep the policy's error rate. Of numbers that no template has,
    /// nothing is said.
    #[cfg(all(feature = "train", not(target_family = "wasm")))]
    pub(crate) fn check_policy(&self, references: usize, policy: &Policy) -> Result<()> {
        match self.reading(references, policy.far) {
            Err(error @ Error::InvalidOption(_)) => Err(error),
            _ => Ok(()),
        }
    }

    /// [`Checker::check`] for a page that is encoded already.
    pub(crate) async fn check_asked(
        &self,
        template: &Template,
        asked: &mut Asked,
        policy: &Policy,
    ) -> Result<Verdict> {
        self.check_template(template)?;
        let reading = self.reading(template.references.len(), policy.far)?;
        let Asked { page, questioned } = asked;

        let comparer = self.comparer();
        let references: Vec<&Reference> = template.references.iter().collect();
        let compared = comparer.compare(questioned, &self.stored(&references)).await?;
        let said = self.read(&reading, template, &page.quality, &compared.scores, &compared.sides)?;
        let unmatched = if policy.explain { comparer.unmatched(questioned, compared).await? } else { None };
        let heatmap = unmatched.map(|(values, [height, width])| Heatmap {
            width,
            height,
            values,
            frame: page.frame.clone().into(),
            crop: page.crop.into(),
        });
        // whatever broke down meanwhile, there is no score after it
        device::check_sound()?;
        Ok(Verdict {
            decision: said.decision,
            llr: said.llr,
            open_llr: said.open_llr,
            score: said.score,
            far: reading.thresholds.rate,
            reasons: said.reasons,
            references: said.references,
            quality: remarks(&page.quality, template),
            heatmap,
            model: self.model_name(),
            backend: self.opened.backend,
        })
    }

    /// Name and identity of the model.
    fn model_name(&self) -> String {
        format!("{}@{}", self.manifest.name, self.manifest.id())
    }

    fn comparer(&self) -> Comparer<'_> {
        Comparer { network: &self.network, level: self.level.clone(), device: &self.opened.device }
    }

    fn encode(&self, page: &Prepared) -> Features {
        self.network.encode(tensors::from_frame(&page.frame, &self.opened.device))
    }

    /// Whether a template of this model was made with the loaded one.
    pub(crate) fn check_model(&self, model: &str) -> Result<()> {
        if model == self.manifest.id() {
            return Ok(());
        }
        Err(Error::TemplateModel { template: model.into(), loaded: self.manifest.id().into() })
    }

    pub(crate) fn check_template(&self, template: &Template) -> Result<()> {
        self.check_model(&template.model)?;
        let (embedding, map) = (self.manifest.embedding, self.manifest.map);
        let fits =
            |r: &Reference| r.embedding.len() == embedding && r.map.len() == map.iter().product::<usize>();
        if template.embedding != embedding || template.map != map || !template.references.iter().all(fits) {
            return Err(Error::InvalidTemplate("its sizes are not the model's".into()));
        }
        // shares and darknesses, of whose sums logarithms are taken
        let learned = embedding - self.manifest.network.encoder.measured();
        if template.references.iter().any(|r| r.embedding[learned..].iter().any(|value| *value < 0.0)) {
            return Err(Error::InvalidTemplate("it holds values that make no sense".into()));
        }
        Ok(())
    }

    /// Checked references on the device.
    fn stored(&self, references: &[&Reference]) -> References {
        let device: &Device = &self.opened.device;
        let count = references.len();
        let embedding = references.iter().flat_map(|r| r.embedding.iter().copied()).collect::<Vec<_>>();
        let map = references.iter().flat_map(|r| r.map.iter().map(|v| v.to_f32())).collect::<Vec<_>>();
        let (length, [channels, height, width]) = (self.manifest.embedding, self.manifest.map);
        let traces = match &self.level {
            Some(level) => map
                .chunks_exact(channels * height * width)
                .map(|map| level.trace(map.iter().copied()))
                .collect(),
            None => Vec::new(),
        };
        let features = Features {
            embedding: Tensor::from_data(TensorData::new(embedding, [count, length]), device),
            map: Tensor::from_data(TensorData::new(map, [count, channels, height, width]), device),
        };
        References { features, traces }
    }
}

/// The defect's name, the same as in a template.
fn code(defect: Quality) -> String {
    match serde_json::to_value(defect) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// All defects of the questioned picture and of the references'.
fn remarks(questioned: &[Quality], template: &Template) -> Vec<Remark> {
    let mut all = remarks_on(questioned);
    for (index, reference) in template.references.iter().enumerate() {
        all.extend(reference.quality.iter().map(|&defect| remark(Subject::Reference, index + 1, defect)));
    }
    all
}

/// All defects of the questioned picture.
fn remarks_on(questioned: &[Quality]) -> Vec<Remark> {
    questioned.iter().map(|&defect| remark(Subject::Questioned, 0, defect)).collect()
}

fn remark(of: Subject, number: usize, defect: Quality) -> Remark {
    Remark { of, number, code: code(defect), message: defect.message().into() }
}
