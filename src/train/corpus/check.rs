//! Whether a corpus is enough to train a verifier on.

use super::{Corpus, Part, Writer};
use crate::error::{Error, Result};
use crate::train::split::LEAST_CATEGORIES;

impl Corpus {
    /// Whether a verifier can be trained: what is missing shows before hours of training, not after.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if fewer than two training writers have two genuine signatures, which leaves nobody
    /// to be told apart, or if no validation writer has two and a forgery, or a stranger in place of one, which leaves
    /// nothing to calibrate on.
    pub fn check(&self) -> Result<()> {
        let learnt = self.part(Part::Train).filter(|writer| writer.has_pairs()).count();
        let stranger = |writer: &Writer| {
            self.part(Part::Validation).any(|other| other.set == writer.set && other.id != writer.id)
        };
        let judged = |writer: &Writer| writer.has_pairs() && (!writer.forged.is_empty() || stranger(writer));
        let calibrates = self.part(Part::Validation).any(judged);
        if learnt >= 2 && calibrates {
            return Ok(());
        }
        // where nobody is forged, writers may as well be categories of anything
        let message = if self.writers.iter().all(|writer| writer.forged.is_empty()) {
            let missing = if learnt < 2 {
                format!("categories for training that have two images or more: {learnt}, and 2 are needed")
            } else {
                "no two categories are for validation, one of them with two images or more, so that the verdict \
                 cannot be calibrated"
                    .into()
            };
            format!(
                "{missing}; without forgeries a folder needs {LEAST_CATEGORIES} categories at least, better 6 or \
                 more, each with two images or more: add some"
            )
        } else if learnt < 2 {
            format!(
                "{learnt} writers with two genuine signatures or more are for training; give two at least"
            )
        } else {
            "no validation writer has two genuine signatures and a forgery, or another writer of the set beside it, so \
             that the verdict cannot be calibrated; add writers to the folder"
                .into()
        };
        Err(Error::InvalidConfig(message))
    }
}
