use super::*;
use crate::calibration::impostors::{Impostors, Quantile};
use crate::identify::Search;
use crate::verdict::{Decision, ReferenceScore};

fn enrolled(checker: &Checker, periods: &[&[f32]]) -> Vec<Template> {
    let enrol = |periods: &&[f32]| {
        let pages: Vec<Page> = periods.iter().map(|&periods| page(periods)).collect();
        block_on(checker.enrol(&pages)).unwrap()
    };
    periods.iter().map(enrol).collect()
}

/// Strangers reach 0 half of the time and `llr` once in a hundred; whoever scores `reject_llr` or less is a mismatch.
fn with_limits(llr: f64, reject_llr: f64) -> Checker {
    let quantiles = vec![Quantile { rate: 0.01, llr }, Quantile { rate: 0.5, llr: 0.0_f64.min(llr) }];
    let table = vec![Impostors { references: 1, quantiles }];
    let checker = load_with(|files| {
        let calibration = &mut files.manifest.calibration;
        calibration.impostors = table.clone();
        let thresholds = &mut calibration.counts[0].thresholds;
        thresholds.iter_mut().for_each(|row| (row.accept_llr, row.reject_llr) = (1e3, reject_llr));
    });
    checker.unwrap()
}

/// Nobody is a mismatch.
fn with_impostors(llr: f64) -> Checker {
    with_limits(llr, -1e3)
}

const ALL: Search = Search { top: None, fpir: None, far: Some(0.01) };

#[test]
fn each_candidate_is_what_a_check_says() {
    let turning = Turning { degrees: 10.0, gain: 0.0, cost: 0.0 };
    for turning in [None, Some(turning)] {
        agrees_with_checks(&load_with(|files| files.manifest.turning = turning).unwrap());
    }
}

fn agrees_with_checks(checker: &Checker) {
    // more references than are compared at once, and templates that straddle
    let people: Vec<Vec<f32>> = (0..9)
        .map(|person| (0..=person % 4).map(|i| 1.5 + person as f32 + 0.07 * i as f32).collect())
        .collect();
    let templates = enrolled(checker, &people.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let questioned = page(4.6);
    let found = block_on(checker.identify(&templates, &questioned, &ALL)).unwrap();
    assert_eq!((found.people, found.candidates.len(), found.none_of_these()), (9, 9, None));
    assert!(found.candidates.windows(2).all(|pair| pair[0].llr >= pair[1].llr));
    for candidate in &found.candidates {
        let verdict = block_on(checker.check(&templates[candidate.index], &questioned, &POLICY)).unwrap();
        assert!((verdict.llr - candidate.llr).abs() < 1e-5, "{} {}", verdict.llr, candidate.llr);
        assert_eq!((verdict.decision, candidate.accepted), (candidate.decision, None));
        assert_eq!(verdict.references.len(), candidate.references.len());
        let turned = |all: &[ReferenceScore]| all.iter().map(|one| one.turned).collect::<Vec<_>>();
        assert_eq!(turned(&verdict.references), turned(&candidate.references));
        assert_eq!((&verdict.model, verdict.backend), (&found.model, found.backend));
    }
    let two = block_on(checker.identify(&templates, &questioned, &Search { top: Some(2), ..ALL })).unwrap();
    assert_eq!(two.candidates, found.candidates[..2]);
}

#[test]
fn strangers_are_none_of_these() {
    let search = Search { fpir: Some(0.01), ..ALL };
    let find = |llr: f64| {
        let checker = with_impostors(llr);
        let templates = enrolled(&checker, &[&[2.0], &[5.0]]);
        block_on(checker.identify(&templates, &page(3.0), &search)).unwrap()
    };
    let strict = find(1e3);
    assert_eq!(strict.none_of_these(), Some(true));
    assert!(strict.candidates.iter().all(|one| one.accepted == Some(false)));
    let lax = find(-1e3);
    assert_eq!((lax.none_of_these(), lax.fpir), (Some(false), Some(0.01)));
    // two people at 1 % are 0.501 % each, below the table: ln 2 higher than at 1 %
    let best = strict.candidates[0].llr;
    for (llr, accepted) in [(best - 0.70, true), (best - 0.68, false)] {
        assert_eq!(find(llr).candidates[0].accepted, Some(accepted), "{llr}");
    }
}

/// Unlike strangers, and like a forgery.
#[test]
fn a_mismatch_is_accepted_for_nobody() {
    let checker = with_limits(-1e3, 1e2);
    let templates = enrolled(&checker, &[&[2.0], &[5.0]]);
    let search = Search { fpir: Some(0.01), ..ALL };
    let found = block_on(checker.identify(&templates, &page(3.0), &search)).unwrap();
    assert_eq!(found.none_of_these(), Some(true));
    assert!(
        found.candidates.iter().all(|one| one.decision == Decision::Mismatch && one.accepted == Some(false))
    );
}

#[test]
fn references_that_bear_no_match_name_nobody() {
    let checker = with_impostors(-1e3);
    let search = Search { fpir: Some(0.01), ..ALL };
    let mut templates = enrolled(&checker, &[&[2.0], &[5.0]]);
    templates[1].references[0].quality = vec![Quality::TooSmall];
    let found = block_on(checker.identify(&templates, &page(3.0), &search)).unwrap();
    for candidate in &found.candidates {
        assert_eq!(candidate.accepted, Some(candidate.index == 0));
        assert!(candidate.index == 0 || candidate.decision == Decision::Unsure);
    }
}

#[test]
fn one_person_needs_a_rate() {
    let checker = with_impostors(-1e3);
    let templates = enrolled(&checker, &[&[2.0]]);
    let find = |search: &Search| block_on(checker.identify(&templates, &page(2.0), search));
    assert_eq!(find(&ALL).unwrap_err().code(), "gallery-size");
    assert_eq!(find(&Search { fpir: Some(0.1), ..ALL }).unwrap().none_of_these(), Some(false));
}

#[test]
fn galleries_that_cannot_be_searched() {
    let checker = checker();
    let templates = enrolled(&checker, &[&[2.0], &[5.0, 5.1]]);
    let code = |templates: &[Template], search: &Search| {
        block_on(checker.identify(templates, &page(3.0), search)).unwrap_err().code()
    };
    assert_eq!(code(&[], &ALL), "gallery-size");
    assert_eq!(code(&templates, &Search { fpir: Some(0.01), ..ALL }), "no-impostors");
    assert_eq!(code(&templates, &Search { fpir: Some(0.9), ..ALL }), "invalid-option");
    assert_eq!(code(&templates, &Search { top: Some(0), ..ALL }), "invalid-option");
    assert_eq!(code(&templates, &Search { far: Some(0.9), ..ALL }), "invalid-option");
    assert_eq!(code(&enrolled(&checker, &[&[2.0], &[5.0, 2.0]]), &ALL), "same-reference");
    let with = |spoil: fn(&mut Template)| {
        let mut templates = templates.clone();
        spoil(&mut templates[1]);
        templates
    };
    let error =
        block_on(checker.identify(&with(|t| t.model = "another".into()), &page(3.0), &ALL)).unwrap_err();
    assert_eq!(error.code(), "template-model");
    assert!(error.to_string().starts_with("template 2 "), "{error}");
    assert_eq!(code(&with(|t| t.map = [1, 1, 1]), &ALL), "invalid-template");
    assert_eq!(code(&with(|t| t.references.clear()), &ALL), "reference-count");
    let blank = block_on(checker.identify(&templates, &blank(), &ALL)).unwrap_err();
    assert_eq!(blank.code(), "blank-page");
}
