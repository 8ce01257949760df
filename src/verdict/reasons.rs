//! Why a verdict is what it is, in words.

use serde::Serialize;

use super::{Decision, Subject, Threshold, percent};
use crate::ink::Quality;

/// One reason. They are given in the order in which they count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Reason {
    pub code: ReasonCode,
    /// The same for a person to read.
    pub message: String,
}

/// What kind of reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// A picture does not bear the decision that the score would give.
    PoorPicture,
    /// The LLR reaches the threshold of a match.
    LikeGenuine,
    /// The LLR is down at the threshold of a mismatch.
    LikeForged,
    /// The LLR lies between the two thresholds.
    Between,
    /// One reference alone would give a match and another a mismatch.
    ReferencesSplit,
    /// There is one reference only.
    OneReference,
}

/// What a decision was made from.
pub struct Evidence<'a> {
    /// What the calibration bears out.
    pub llr: f64,
    /// The same beyond that, [`crate::calibration::Count::open_llr`], which decides.
    pub open_llr: f64,
    pub thresholds: Threshold,
    /// What is wrong with the questioned picture and with all of the references'.
    pub defects: [(Subject, &'a [Quality]); 2],
    /// What would decide for each reference, were it the only one.
    pub alone: &'a [f64],
    /// The thresholds for one reference at the same rate, if there are any.
    pub thresholds_alone: Option<Threshold>,
}

impl Evidence<'_> {
    /// The decision and its reasons. Pictures come first: where one does not bear a decision, none is made.
    pub fn judge(&self) -> (Decision, Vec<Reason>) {
        let by_llr = Decision::of(self.open_llr, &self.thresholds);
        let mut reasons = Vec::new();
        for (subject, defects) in self.defects {
            for defect in defects.iter().filter(|defect| by_llr.is_shaken_by(**defect)) {
                let what = match subject {
                    Subject::Questioned => "of the questioned signature",
                    Subject::Reference => "of every reference",
                };
                reasons.push(reason(
                    ReasonCode::PoorPicture,
                    format!("the picture {what} does not bear a decision: {}", defect.message()),
                ));
            }
        }
        let decision = if reasons.is_empty() { by_llr } else { Decision::Unsure };
        reasons.push(self.by_threshold(by_llr));
        if let Some(thresholds) = self.thresholds_alone {
            let any = |wanted| self.alone.iter().any(|&llr| Decision::of(llr, &thresholds) == wanted);
            if any(Decision::Match) && any(Decision::Mismatch) {
                let message = "the references do not agree: one alone would give a match, another a mismatch";
                reasons.push(reason(ReasonCode::ReferencesSplit, message.into()));
            }
        }
        if self.alone.len() == 1 {
            let message = "there is one reference only; with three or more fewer checks end unsure";
            reasons.push(reason(ReasonCode::OneReference, message.into()));
        }
        (decision, reasons)
    }

    fn by_threshold(&self, decision: Decision) -> Reason {
        let Threshold { rate, accept_llr, reject_llr } = self.thresholds;
        let percent = percent(rate);
        let llr = match self.open_llr - self.llr {
            0.0 => format!("{:+.2}", self.llr),
            _ => format!(
                "{:+.2} (going on to {:+.2} where there is too little to tell by)",
                self.llr, self.open_llr
            ),
        };
        match decision {
            Decision::Match => reason(
                ReasonCode::LikeGenuine,
                format!(
                    "its log-likelihood ratio of {llr} reaches {accept_llr:+.2}, as at most {percent} % of the \
                     skilled forgeries in the calibration did"
                ),
            ),
            Decision::Mismatch => reason(
                ReasonCode::LikeForged,
                format!(
                    "its log-likelihood ratio of {llr} does not exceed {reject_llr:+.2}, as that of at most \
                     {percent} % of the genuine signatures in the calibration"
                ),
            ),
            Decision::Unsure => reason(
                ReasonCode::Between,
                format!(
                    "its log-likelihood ratio of {llr} lies between {reject_llr:+.2} and {accept_llr:+.2}, where \
                     neither answer keeps an error rate of {percent} %"
                ),
            ),
        }
    }
}

fn reason(code: ReasonCode, message: String) -> Reason {
    Reason { code, message }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use ReasonCode::{Between, LikeForged, LikeGenuine, OneReference, PoorPicture, ReferencesSplit};

    const THRESHOLDS: Threshold = Threshold { rate: 0.01, accept_llr: 3.0, reject_llr: -2.0 };

    fn judge(
        llr: f64,
        questioned: &[Quality],
        references: &[Quality],
        alone: &[f64],
    ) -> (Decision, Vec<Reason>) {
        Evidence {
            llr: llr.clamp(-4.0, 4.0),
            open_llr: llr,
            thresholds: THRESHOLDS,
            defects: [(Subject::Questioned, questioned), (Subject::Reference, references)],
            alone,
            thresholds_alone: Some(THRESHOLDS),
        }
        .judge()
    }

    fn codes((_, reasons): &(Decision, Vec<Reason>)) -> Vec<ReasonCode> {
        reasons.iter().map(|reason| reason.code).collect()
    }

    #[test]
    fn the_thresholds_are_told() {
        for (llr, decision, code, said) in [
            (3.2, Decision::Match, LikeGenuine, "+3.20 reaches +3.00, as at most 1 %"),
            (-2.5, Decision::Mismatch, LikeForged, "-2.50 does not exceed -2.00"),
            (0.0, Decision::Unsure, Between, "between -2.00 and +3.00"),
        ] {
            let judged = judge(llr, &[], &[], &[llr, llr]);
            assert_eq!((judged.0, codes(&judged)), (decision, vec![code]));
            assert!(judged.1[0].message.contains(said), "{}", judged.1[0].message);
        }
    }

    #[test]
    fn what_lies_beyond_the_calibration_decides_and_is_told() {
        let judged = judge(-6.5, &[], &[], &[-6.5, -6.5]);
        assert_eq!(judged.0, Decision::Mismatch);
        assert!(judged.1[0].message.contains("-4.00 (going on to -6.50 where"), "{}", judged.1[0].message);
    }

    #[test]
    fn pictures_come_first() {
        let judged = judge(9.0, &[Quality::Shadowed, Quality::TooSmall], &[Quality::TooSmall], &[9.0, 9.0]);
        assert_eq!(judged.0, Decision::Unsure);
        assert_eq!(codes(&judged), [PoorPicture, PoorPicture, LikeGenuine]);
        assert!(
            judged.1[0].message.contains("questioned") && judged.1[1].message.contains("every reference")
        );
    }

    #[test]
    fn ink_that_is_cut_off_takes_the_ground_from_a_mismatch_only() {
        for (llr, decision) in [(9.0, Decision::Match), (-9.0, Decision::Unsure), (0.0, Decision::Unsure)] {
            let judged = judge(llr, &[Quality::ClippedAtEdge], &[], &[llr, llr]);
            assert_eq!(judged.0, decision);
            assert_eq!(codes(&judged).contains(&PoorPicture), llr < -2.0);
        }
        let cleaned = judge(-9.0, &[Quality::Shadowed, Quality::LowContrast], &[], &[-9.0, -9.0]);
        assert_eq!((cleaned.0, codes(&cleaned)), (Decision::Mismatch, vec![LikeForged]));
    }

    #[test]
    fn references_that_disagree_or_are_few_are_told() {
        assert_eq!(codes(&judge(0.0, &[], &[], &[4.0, -3.0])), [Between, ReferencesSplit]);
        assert_eq!(codes(&judge(0.0, &[], &[], &[4.0, -1.0])), [Between]);
        assert_eq!(codes(&judge(4.0, &[], &[], &[4.0])), [LikeGenuine, OneReference]);
    }

    #[test]
    fn codes_are_stable() {
        assert_eq!(serde_json::to_string(&ReferencesSplit).unwrap(), "\"references-split\"");
    }
}
