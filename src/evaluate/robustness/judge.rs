//! Questioned pages compared with a writer's references, and judged as a check judges them.

use burn::tensor::Device;
use serde::Serialize;

use super::{Framed, REFERENCES};
use crate::calibration::Count;
use crate::checker::common_defects;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::evaluate::encoded::Encoded;
use crate::fusion;
use crate::ink::{Frame, Prepared, Quality};
use crate::manifest::Manifest;
use crate::model::Network;
use crate::verdict::{Decision, Threshold};

/// Questioned signatures by what the model says of them at its own thresholds for [`crate::verdict::DEFAULT_FAR`];
/// those that the quality gates refused are not among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    pub matches: usize,
    pub unsure: usize,
    pub mismatches: usize,
}

impl Verdicts {
    pub(super) fn of<'a>(judged: impl Iterator<Item = &'a Judged>) -> Self {
        let mut all = Self::default();
        for one in judged {
            *match one.decision {
                Decision::Match => &mut all.matches,
                Decision::Unsure => &mut all.unsure,
                Decision::Mismatch => &mut all.mismatches,
            } += 1;
        }
        all
    }
}

/// One writer under one condition.
#[derive(Default)]
pub(super) struct Scored {
    pub genuine: Vec<Judged>,
    pub forged: Vec<Judged>,
    pub refused: usize,
}

/// A questioned signature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    /// The fused raw score.
    pub score: f64,
    decision: Decision,
}

/// A model, its scores of [`REFERENCES`] references, and its thresholds.
pub(super) struct Judge<'a> {
    comparer: Comparer<'a>,
    manifest: &'a Manifest,
    count: &'a Count,
    thresholds: Threshold,
}

impl<'a> Judge<'a> {
    /// # Errors
    /// Those of [`crate::calibration::Calibration::for_references`] and of [`Threshold::at`];
    /// [`Error::DeviceFailed`].
    pub fn new(network: &'a Network, manifest: &'a Manifest, device: &'a Device) -> Result<Self> {
        let count = manifest.calibration.for_references(REFERENCES)?;
        let thresholds = Threshold::at(None, &count.thresholds)?;
        let comparer = pollster::block_on(Comparer::of(manifest, network, device))?;
        Ok(Self { comparer, manifest, count, thresholds })
    }

    /// # Errors
    /// [`Error::DeviceFailed`].
    pub fn score(&self, writer: &Framed) -> Result<Scored> {
        let mut scored = Scored::default();
        let asked: Vec<(bool, &Prepared)> = writer
            .questioned
            .iter()
            .filter_map(|(is_forged, page)| Some((*is_forged, page.as_ref()?)))
            .collect();
        scored.refused = writer.questioned.len() - asked.len();
        let pages = writer.references.iter().chain(asked.iter().map(|(_, page)| *page));
        let frames: Vec<&Frame> = pages.map(|page| &page.frame).collect();
        let common = common_defects(writer.references.iter().map(|page| &*page.quality));
        let encoded = Encoded::new(&self.comparer, frames, self.manifest.input)?;
        let compare = |pairs: &[(usize, usize)]| encoded.compare(&self.comparer, &encoded, pairs);
        let among: Vec<(usize, usize)> =
            (1..REFERENCES).flat_map(|one| (0..one).map(move |other| (one, other))).collect();
        let agreement = fusion::agreement(&compare(&among)?);
        for (index, (is_forged, page)) in asked.iter().enumerate() {
            let pairs: Vec<(usize, usize)> =
                (0..REFERENCES).map(|reference| (REFERENCES + index, reference)).collect();
            let raw = compare(&pairs)?;
            let fused = self.manifest.fusion.fuse(&raw, agreement).filter(|fused| fused.is_finite());
            let score = fused.ok_or_else(|| Error::DeviceFailed("a score is not finite".into()))?;
            let decision = Some(Decision::of(self.count.open_llr(score), &self.thresholds))
                .filter(|decision| !is_shaken(*decision, page.quality.iter().chain(&common)))
                .unwrap_or(Decision::Unsure);
            if *is_forged { &mut scored.forged } else { &mut scored.genuine }
                .push(Judged { score, decision });
        }
        Ok(scored)
    }
}

/// Whether one of these defects takes the ground from this decision.
pub(super) fn is_shaken<'a>(decision: Decision, mut defects: impl Iterator<Item = &'a Quality>) -> bool {
    defects.any(|&defect| decision.is_shaken_by(defect))
}
