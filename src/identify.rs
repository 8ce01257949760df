//! Whose is it? One questioned signature against the templates of many people, the likeliest first.
//!
//! A closed set has the writer among the people, and the first candidate is the answer. In an open set the writer may
//! be none of them: with a false-positive identification rate asked for ([`Search::fpir`]), a candidate is accepted
//! only where its LLR reaches what strangers hardly ever reach ([`crate::calibration::impostors`]).

use std::collections::HashMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::device::Backend;
use crate::error::{Error, Result};
use crate::template::Template;
use crate::verdict::{Decision, ReferenceScore, Remark};

/// No gallery is larger; of so many people the embeddings alone take 0.6 GB.
pub const MOST_PEOPLE: usize = 1_000_000;

/// What the caller wants of an identification.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Search {
    /// So many candidates at most; all if not given.
    pub top: Option<usize>,
    /// The share of searches for people who are not there that may accept somebody, above 0 and at most 0.5. If not
    /// given, candidates are ranked and nothing else.
    pub fpir: Option<f64>,
    /// As [`crate::verdict::Policy::far`], for each candidate's decision.
    pub far: Option<f64>,
}

/// Everything that an identification says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Identification {
    /// The likeliest first.
    pub candidates: Vec<Candidate>,
    /// How many people there were to choose from.
    pub people: usize,
    /// The rate that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_family = "wasm", tsify(optional))]
    pub fpir: Option<f64>,
    /// What is wrong with the questioned picture; empty for a good one.
    pub quality: Vec<Remark>,
    /// Name and identity of the model.
    pub model: String,
    /// What computed it.
    pub backend: Backend,
}

/// One of the people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Candidate {
    /// Where the template stood among those that were given.
    pub index: usize,
    /// As of a check of this template alone.
    pub decision: Decision,
    /// As of a check of this template alone.
    pub llr: f64,
    /// What candidates are ranked by, after `accepted`: as `llr`, but it goes on where the model has seen too few
    /// scores to say how much evidence they are, and `llr` stays at the highest or lowest value that there is. It says
    /// which of two is the likelier, not by how much: only `llr` is evidence.
    pub open_llr: f64,
    /// As of a check of this template alone.
    pub score: f64,
    /// Each reference alone, in the order of enrolment.
    pub references: Vec<ReferenceScore>,
    /// With a false-positive identification rate: whether the score is higher than strangers' are at that rate, the
    /// questioned picture good enough for a match, and the decision no mismatch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_family = "wasm", tsify(optional))]
    pub accepted: Option<bool>,
}

impl Identification {
    /// Whether the writer is none of the people, at the rate that was asked for; `None` if none was.
    pub fn none_of_these(&self) -> Option<bool> {
        self.fpir.map(|_| self.candidates.iter().all(|candidate| candidate.accepted != Some(true)))
    }
}

impl Search {
    /// # Errors
    /// [`Error::GallerySize`] for no people or too many, and for one where that is the only answer there is;
    /// [`Error::InvalidOption`] for a number out of range.
    pub fn check(&self, people: usize) -> Result<()> {
        let least = if self.fpir.is_some() { 1 } else { 2 };
        if !(least..=MOST_PEOPLE).contains(&people) {
            return Err(Error::GallerySize { given: people, least: 2, most: MOST_PEOPLE });
        }
        if self.top == Some(0) {
            return Err(Error::InvalidOption("top is 0; give 1 or more".into()));
        }
        match self.fpir {
            // also refuses NaN
            Some(fpir) if !(fpir > 0.0 && fpir <= 0.5) => {
                Err(Error::InvalidOption(format!("fpir is {fpir}; give one above 0 and up to 0.5")))
            }
            _ => Ok(()),
        }
    }

    /// The likeliest candidates in order; of equally likely ones the one that was given first. Accepted ones come before
    /// all others: who has more references is accepted with less, and must not be cut off behind somebody who is not.
    pub(crate) fn rank(&self, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        candidates.sort_by(|a, b| {
            let likelier = b.open_llr.total_cmp(&a.open_llr);
            b.accepted.cmp(&a.accepted).then(likelier).then(a.index.cmp(&b.index))
        });
        candidates.truncate(self.top.unwrap_or(usize::MAX));
        candidates
    }
}

/// Which person, or which place among references, has which signature, told by its embedding: the same picture has the
/// same one, bit for bit.
#[derive(Debug, Default)]
pub(crate) struct Owners(HashMap<[u8; 16], usize>);

impl Owners {
    /// The other person who has this signature already.
    pub fn claim(&mut self, embedding: &[f32], person: usize) -> Option<usize> {
        let mut hash = Sha256::new();
        embedding.iter().for_each(|value| hash.update(value.to_le_bytes()));
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Some(*self.0.entry(key).or_insert(person)).filter(|&owner| owner != person)
    }
}

/// # Errors
/// [`Error::SameReference`] if two people have the same signature: one of the two names is wrong.
pub(crate) fn require_different(templates: &[Template]) -> Result<()> {
    let mut owners = Owners::default();
    for (person, template) in templates.iter().enumerate() {
        for reference in &template.references {
            if let Some(other) = owners.claim(&reference.embedding, person) {
                let numbered = |index: usize| format!("template {}", index + 1);
                return Err(Error::SameReference { one: numbered(other), other: numbered(person) });
            }
        }
    }
    Ok(())
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    fn candidate(index: usize, llr: f64) -> Candidate {
        let decision = Decision::Unsure;
        Candidate { index, decision, llr, open_llr: llr, score: 0.5, references: Vec::new(), accepted: None }
    }

    #[test]
    fn the_likeliest_come_first() {
        let all =
            || [1.0, 3.0, -2.0, 3.0].into_iter().enumerate().map(|(i, llr)| candidate(i, llr)).collect();
        let order = |search: Search| search.rank(all()).iter().map(|one| one.index).collect::<Vec<_>>();
        assert_eq!(order(Search::default()), [1, 3, 0, 2]);
        assert_eq!(order(Search { top: Some(2), ..Search::default() }), [1, 3]);
        assert_eq!(order(Search { top: Some(9), ..Search::default() }), [1, 3, 0, 2]);
    }

    #[test]
    fn the_accepted_come_before_the_likelier() {
        let accepted = |index, llr, accepted| Candidate { accepted: Some(accepted), ..candidate(index, llr) };
        let all = || vec![accepted(0, 0.3, false), accepted(1, 0.1, true), accepted(2, 0.2, true)];
        let order = |top| {
            let found = Search { top, fpir: Some(0.01), ..Search::default() }.rank(all());
            found.iter().map(|one| one.index).collect::<Vec<_>>()
        };
        assert_eq!((order(None), order(Some(1))), (vec![2, 1, 0], vec![2]));
    }

    #[test]
    fn none_of_these_needs_a_rate() {
        let found = |fpir, accepted| Identification {
            candidates: vec![Candidate { accepted, ..candidate(0, 1.0) }],
            people: 1,
            fpir,
            quality: Vec::new(),
            model: String::new(),
            backend: Backend::Cpu,
        };
        assert_eq!(found(None, None).none_of_these(), None);
        assert_eq!(found(Some(0.1), Some(true)).none_of_these(), Some(false));
        assert_eq!(found(Some(0.1), Some(false)).none_of_these(), Some(true));
    }

    #[test]
    fn galleries_and_rates_out_of_range() {
        let code = |people: usize, top: Option<usize>, fpir: Option<f64>| {
            Search { top, fpir, far: None }.check(people).map_err(|error| error.code())
        };
        assert_eq!(code(2, None, None), Ok(()));
        assert_eq!(code(1, Some(1), Some(0.5)), Ok(()));
        for (people, fpir) in [(0, None), (0, Some(0.1)), (1, None), (MOST_PEOPLE + 1, None)] {
            assert_eq!(code(people, None, fpir), Err("gallery-size"), "{people}");
        }
        assert_eq!(code(2, Some(0), None), Err("invalid-option"));
        for fpir in [0.0, -0.1, 0.6, f64::NAN] {
            assert_eq!(code(2, None, Some(fpir)), Err("invalid-option"), "{fpir}");
        }
    }

    #[test]
    fn a_signature_has_one_owner() {
        let mut owners = Owners::default();
        assert_eq!(owners.claim(&[1.0, 2.0], 0), None);
        assert_eq!(owners.claim(&[1.0, 2.0], 0), None, "twice with the same person");
        assert_eq!(owners.claim(&[1.0, 2.5], 1), None);
        assert_eq!(owners.claim(&[1.0, 2.0], 2), Some(0));
    }
}
