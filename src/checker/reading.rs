//! What the raw scores of a questioned signature against a template's references say.

use super::Checker;
use crate::calibration::{Count, sigmoid};
use crate::error::{Error, Result};
use crate::ink::Quality;
use crate::template::{MOST_REFERENCES, Template};
use crate::turn::Side;
use crate::verdict::{Decision, Evidence, Reason, ReferenceScore, Subject, Threshold};

/// How scores against so many references are read.
pub(super) struct Reading<'a> {
    count: &'a Count,
    one: &'a Count,
    pub thresholds: Threshold,
}

/// What a check says of a template, apart from what it knows of the pictures.
pub(super) struct Said {
    pub decision: Decision,
    pub reasons: Vec<Reason>,
    pub llr: f64,
    /// [`Count::open_llr`], for whoever compares it with thresholds and others.
    pub open_llr: f64,
    /// The probability of the same hand if forgery and genuine were equally likely beforehand.
    pub score: f64,
    pub references: Vec<ReferenceScore>,
}

impl Checker {
    /// # Errors
    /// [`Error::ReferenceCount`] without references; [`Error::InvalidOption`] for an error rate that the thresholds do
    /// not cover.
    pub(super) fn reading(&self, references: usize, far: Option<f64>) -> Result<Reading<'_>> {
        let calibration = &self.manifest.calibration;
        let count = calibration.for_references(references)?;
        let thresholds = Threshold::at(far, &count.thresholds)?;
        Ok(Reading { count, one: calibration.for_references(1)?, thresholds })
    }

    /// `raw` are the scores against each reference of `template`, `sides` those to which the questioned signature was
    /// turned for them, `quality` the questioned page's defects.
    ///
    /// # Errors
    /// [`Error::ReferenceCount`] without scores.
    pub(super) fn read(
        &self,
        reading: &Reading<'_>,
        template: &Template,
        quality: &[Quality],
        raw: &[f64],
        sides: &[Option<Side>],
    ) -> Result<Said> {
        let Reading { count, one, thresholds } = *reading;
        let fused = self
            .manifest
            .fusion
            .fuse(raw, template.agreement.into())
            .ok_or(Error::ReferenceCount { given: 0, least: 1, most: MOST_REFERENCES })?;
        let (llr, open_llr) = (count.llr(fused), count.open_llr(fused));
        let alone = one.open_llrs(raw);
        let common = common_defects(template.references.iter().map(|reference| &*reference.quality));
        let evidence = Evidence {
            llr,
            open_llr,
            thresholds,
            defects: [(Subject::Questioned, quality), (Subject::Reference, &common)],
            alone: &alone,
            thresholds_alone: Threshold::at(Some(thresholds.rate), &one.thresholds).ok(),
        };
        let (decision, reasons) = evidence.judge();
        let degrees = |side: Option<Side>| {
            self.manifest.turning.zip(side).map_or(0.0, |(turning, side)| turning.to(side))
        };
        let references = one
            .llrs(raw)
            .into_iter()
            .zip(sides)
            .map(|(llr, &side)| ReferenceScore { score: sigmoid(llr), turned: degrees(side) })
            .collect();
        Ok(Said { decision, reasons, llr, open_llr, score: sigmoid(llr), references })
    }
}

/// The defects that all references have: one good reference is something to compare with.
pub(crate) fn common_defects<'a>(mut references: impl Iterator<Item = &'a [Quality]>) -> Vec<Quality> {
    let mut common = references.next().map_or_else(Vec::new, <[_]>::to_vec);
    references.for_each(|quality| common.retain(|defect| quality.contains(defect)));
    common
}
