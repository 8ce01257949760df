//! A trained network to the files that ship: calibrated on the validation writers, described, halved, with the
//! configuration that it was trained by.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use burn::tensor::Device;

use super::config::TrainConfig;
use super::corpus::{Corpus, Part, Set, Writer};
use super::progress::counter;
use super::run::Trained;
use super::run_folder::CONFIG;
use crate::calibration::Calibration;
use crate::comparer::Comparer;
use crate::error::Result;
use crate::evaluate::calibrate::calibrate;
use crate::evaluate::errors::Scores;
use crate::evaluate::figures::SetFigures;
use crate::evaluate::fuse;
use crate::export;
use crate::files;
use crate::fusion::Fusion;
use crate::manifest::{self, MOST_NOTE, Manifest, Precision, Training, WeightsFile};
use crate::model::Network;

/// What the validation writers say of a network.
pub struct Validated {
    fusion: Fusion,
    calibration: Calibration,
    pub figures: BTreeMap<Set, SetFigures>,
}

/// Calibrates a network on the validation writers and measures it there.
///
/// # Errors
/// Those of scoring and of [`calibrate`].
pub fn validate(
    network: &Network,
    config: &TrainConfig,
    corpus: &Corpus,
    device: &Device,
) -> Result<Validated> {
    let validation: Vec<Writer> = corpus.part(Part::Validation).cloned().collect();
    let counter = counter("scoring validation writers");
    let comparer = pollster::block_on(Comparer::new(network, config.turning, config.input, device))?;
    let scores = fuse::fitted(Scores::with_strangers(&comparer, &validation, config.input, counter)?)?;
    let calibration = calibrate(&scores)?.calibration;
    let figures = scores.figures(&validation, &calibration)?;
    Ok(Validated { fusion: scores.fusion(), calibration, figures })
}

/// Writes the model to `directory`.
///
/// # Errors
/// Those of [`export::save`].
pub fn release(
    trained: Trained,
    validated: &Validated,
    config: &TrainConfig,
    corpus: &Corpus,
    directory: &Path,
) -> Result<()> {
    let Trained { network, epoch, before } = trained;
    let mut sets: BTreeSet<String> = corpus.part(Part::Train).map(|writer| writer.set.to_string()).collect();
    let mut note = format!(
        "seed {}, epoch {epoch} of {}, {} batches an epoch",
        config.seed, config.epochs, config.batches
    );
    if let Some(before) = before {
        note = format!("{note}; started from weights of: {}", before.note);
        sets.extend(before.sets);
    }
    let manifest = Manifest {
        format: manifest::FORMAT,
        name: config.name.clone(),
        network: config.network.clone(),
        input: config.input,
        embedding: config.network.embedding(),
        map: config.network.map_shape(config.input),
        // filled in by the export, which knows the bytes
        weights: WeightsFile {
            file: "weights.bpk".into(),
            bytes: 0,
            sha256: String::new(),
            dtype: Precision::F16,
        },
        golden: "golden.json".into(),
        turning: config.turning,
        fusion: validated.fusion,
        calibration: validated.calibration.clone(),
        training: Training {
            sets: sets.iter().cloned().collect(),
            writers: corpus.part(Part::Train).count() as u32,
            note: shortened(note),
        },
        licence: licence(&sets).into(),
    };
    pollster::block_on(export::save(network, manifest, directory))?;
    files::replace(&directory.join(CONFIG), config.to_toml()?.as_bytes())
}

/// As much of a training note as a manifest holds. The story of trainings that started from each other begins with the
/// last one, which stays.
pub(super) fn shortened(mut note: String) -> String {
    const CUT: &str = " ...";
    if note.len() > MOST_NOTE {
        note.truncate(note.floor_char_boundary(MOST_NOTE - CUT.len()));
        note += CUT;
    }
    note
}

/// Weights carry the terms of the signatures that they learned from.
pub(super) fn licence(sets: &BTreeSet<String>) -> &'static str {
    let is = |name: &str, set: Set| name == set.to_string();
    // Omniglot is MIT
    let free = |name: &String| is(name, Set::Synthetic) || is(name, Set::Omniglot);
    if sets.iter().all(free) {
        "MIT OR Apache-2.0"
    } else if sets.iter().all(|name| free(name) || is(name, Set::Folder)) {
        "the weights learned from signatures of the trainer's own, whose owners' terms apply"
    } else {
        "research use only: the weights learned from signature sets collected for research, whose terms apply"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_cut_to_what_a_manifest_holds() {
        let fits = "é".repeat(MOST_NOTE / 2);
        assert_eq!(shortened(fits.clone()), fits);
        let cut = shortened(format!("x{fits}"));
        assert!(cut.len() <= MOST_NOTE && cut.starts_with("xé") && cut.ends_with("é ..."), "{}", cut.len());
    }
}
