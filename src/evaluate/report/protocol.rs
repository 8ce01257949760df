//! How each figure of a report comes about, and what the standards call it.

use serde::Serialize;

use crate::evaluate::bootstrap::{RESAMPLES, SEED};
use crate::evaluate::errors::RANDOM_FORGERIES;
use crate::evaluate::scores::DRAWS;
use crate::train::corpus::{Part, Set, Writer};

/// A named way of making pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Protocol {
    pub name: &'static str,
    pub definition: String,
}

/// The protocols of every report.
pub fn all() -> Vec<Protocol> {
    let protocol = |name, definition| Protocol { name, definition };
    vec![
        protocol(
            "(a) one reference, all pairs",
            "Every two genuine signatures of a writer against every skilled forgery with every genuine signature of \
             the writer it imitates, as in SigNet (Dey et al. 2017). All pairs of a set are pooled."
                .into(),
        ),
        protocol(
            "(b) several references",
            format!(
                "K = 3, 5 or 10 of a writer's genuine signatures are the references; every other genuine signature \
                 and every forgery is questioned once against them and the raw scores are fused, as the page \
                 does. {DRAWS} choices of the references (ChaCha8, seeds 0 to {}), pooled. Writers with no more than \
                 K genuine signatures are left out. K = 1 is (a), which holds every choice of the reference.",
                DRAWS - 1
            ),
        ),
        protocol(
            "(c) skilled and random forgeries",
            format!(
                "Never pooled. A skilled forgery is an imitation from the set; a random forgery is a genuine \
                 signature of another measured writer of the same set, up to {RANDOM_FORGERIES} for each writer, \
                 drawn with the writer's number as seed. Both are set against the same genuine pairs."
            ),
        ),
        protocol(
            "(d) leave one set out",
            "A model that never saw any writer of a set, neither in training nor in calibration, is measured on it. \
             It is trained with `--set sampler.sets.SET=0` (or on a data folder without the set) and given to \
             `evaluate` by `--left-out`; its threshold is its own, from validation writers of the other sets. Hindi and Bengali are of one collection: \
             a model without one of them has seen the other's paper and scanner."
                .into(),
        ),
        protocol(
            "(e) SigComp2011's official writers",
            "The competition's own training writers are 001 002 003 004 006 009 012 014 015 016 of the Dutch set; \
             all others are its test writers. Most of those are training writers here, so that only the official \
             test writers among this project's test writers can be reported; their numbers are listed."
                .into(),
        ),
        protocol(
            "writers and forgers",
            "The split is by writer: no writer who is measured here taught the model, unless the page says so. It is not \
             by forger: whoever imitated a measured writer may have imitated training writers, too, and so have taught \
             the model what an imitation looks like. In SigComp2011 Dutch, which alone numbers its forgers, nearly all did \
             (`evaluate forgers` counts them). (d) is free of it for sets with forgers of their own."
                .into(),
        ),
        protocol(
            "intervals",
            format!(
                "95 %, percentile bootstrap over writers, {RESAMPLES} resamples, seed {SEED}. They are wide because \
                 writers are few, and do not cover the choice of references or the training."
            ),
        ),
        protocol(
            "threshold",
            "FAR and FRR are at LLR 0 of the calibration in the manifest, one threshold for all sets, and at the \
             manifest's thresholds for FAR 1 % and 0.1 %. All were fitted on validation writers of the sets that the \
             model learned from or was calibrated on; an EER or a best FRR is at the threshold that suits the \
             measured pairs, which nobody knows beforehand."
                .into(),
        ),
        protocol(
            "no-reference control",
            "The AUC of telling forged from genuine from the questioned image alone: by the best of six numbers of \
             the frame, and by logistic regression on the encoder's features of it, cross-validated by writer. The \
             higher of the two is shown beside every figure."
                .into(),
        ),
    ]
}

/// A control from which on a set is said to flatter.
pub const HIGH_CONTROL: f64 = 0.65;

/// What is measured here, what ISO/IEC 19795-1 calls it, and what ISO/IEC 30107-3 calls it.
pub const TERMS: [[&str; 3]; 5] = [
    [
        "FRR: genuine signatures below the threshold",
        "false non-match rate (FNMR); with failures to acquire, false reject rate: FRR = FTA + FNMR (1 - FTA)",
        "for bona fide presentations the same; there is no separate attack detector that could reject (BPCER)",
    ],
    [
        "FAR, random forgeries: another writer's genuine signature at or above the threshold",
        "false match rate (FMR) of zero-effort impostors; false accept rate: FAR = FMR (1 - FTA)",
        "no attack",
    ],
    [
        "FAR, skilled forgeries: an imitation at or above the threshold",
        "outside zero-effort impostors; reported apart",
        "impostor attack presentation accept rate (IAPAR; IAPMR in the 2017 edition). Comparable to APCER, which is \
         for attack detectors",
    ],
    [
        "refused: images that the ink pipeline takes for no usable signature",
        "failure-to-acquire rate (FTA); all other rates here are of the images that were acquired",
        "attack and bona fide presentation non-response rate (APNRR, BPNRR)",
    ],
    [
        "EER, DET curve",
        "the rate where FMR = FNMR; detection error trade-off of the two",
        "the same trade-off of IAPAR and FNMR",
    ],
];

/// SigComp2011's official training writers, Dutch off-line.
const OFFICIAL_TRAINING: [u16; 10] = [1, 2, 3, 4, 6, 9, 12, 14, 15, 16];

/// Whether this is an official test writer of SigComp2011 who wrote nothing that training here saw.
pub fn is_official(writer: &Writer) -> bool {
    writer.set == Set::Dutch && writer.part == Part::Test && !OFFICIAL_TRAINING.contains(&writer.id)
}
