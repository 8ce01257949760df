use super::*;
use crate::calibration::{Count, Method};
use crate::evaluate::scores::{Hand, tests::made_up};
use crate::train::corpus::{Part, Set};

/// LLR = raw score.
fn calibration() -> Calibration {
    let thresholds = vec![
        Threshold { rate: 0.01, accept_llr: 3.0, reject_llr: -3.0 },
        Threshold { rate: 0.1, accept_llr: 1.0, reject_llr: -1.0 },
    ];
    let count = Count { references: 1, offset: 0.0, slope: 1.0, knots: Vec::new(), thresholds };
    Calibration {
        method: Method::Logistic,
        sets: Vec::new(),
        counts: vec![count],
        consistency: None,
        impostors: Vec::new(),
    }
}

fn figures(pairs: Vec<(Vec<f64>, Vec<f64>)>) -> Option<Figures> {
    Figures::new(pairs.into_iter(), |raw| (raw, raw), &calibration().counts[0].thresholds)
}

#[test]
fn rates_at_llr_0_at_targets_and_by_writer() {
    // the first writer has no errors of its own; pooled, one of four each way between 0.5 and 2
    let one = (vec![0.0, 4.0], vec![-2.0, -1.0]);
    let two = (vec![4.0, 5.0], vec![-3.0, 3.5]);
    let found = figures(vec![one, two, (Vec::new(), Vec::new())]).unwrap();
    assert_eq!((found.writers, found.pairs, found.genuine_pairs, found.forged_pairs), (2, 8, 4, 4));
    assert_eq!((found.eer, found.writer_eer), (25.0, Some(0.0)));
    assert_eq!((found.far, found.frr), (25.0, 0.0), "a score at the threshold is accepted");
    let [one_in_100, one_in_1000] = &found.targets[..] else { panic!("two targets") };
    assert_eq!(one_in_100.validation, Some(Reached { llr: 3.0, far: 25.0, frr: 25.0 }));
    assert_eq!((one_in_100.target, one_in_100.best_frr), (1.0, 25.0));
    assert_eq!(one_in_1000.validation, None, "below what the calibration lists");
}

#[test]
fn intervals_hold_the_figures_and_vanish_for_equal_writers() {
    let writer = (vec![-1.0, 1.0, 2.0, 3.0], vec![-3.0, -2.0, 1.5]);
    let found = figures(vec![writer.clone(); 5]).unwrap();
    assert_eq!(found.eer_ci95, Some([found.eer; 2]));
    let low = |ci: Option<[f64; 2]>| ci.unwrap()[0];
    assert!((low(found.cllr_ci95) - found.cllr).abs() < 1e-12);
    assert!((low(found.auc_ci95) - found.auc).abs() < 1e-12);
    let other = (vec![4.0; 4], vec![-4.0; 3]);
    let mixed = figures(vec![writer, other]).unwrap();
    for (value, ci) in [
        (mixed.eer, mixed.eer_ci95),
        (mixed.far, mixed.far_ci95),
        (mixed.frr, mixed.frr_ci95),
        (mixed.auc, mixed.auc_ci95),
        (mixed.cllr, mixed.cllr_ci95),
        (mixed.min_cllr, mixed.min_cllr_ci95),
    ] {
        let [low, high] = ci.unwrap();
        assert!(low < value && value < high, "{low} {value} {high}");
    }
}

#[test]
fn one_class_alone_has_no_figures() {
    assert_eq!(figures(vec![(vec![1.0], Vec::new())]), None);
    assert_eq!(figures(Vec::new()), None);
}

#[test]
fn machines_find_every_member_where_it_is_promised() {
    let score = |hand: Hand, q: usize, r: usize| {
        let noise = ((7 * q + 3 * r) % 5) as f64 / 2.0;
        if hand == Hand::Genuine { noise } else { noise - 1.0 }
    };
    let scored: Vec<WriterScores> =
        (1..=3).map(|writer| made_up((Set::Hindi, writer), [6, 4, 3], score)).collect();
    let writers: Vec<Writer> = (1..=3)
        .map(|id| Writer {
            set: Set::Hindi,
            id,
            part: Part::Test,
            genuine: Vec::new(),
            forged: Vec::new(),
            forgers: Vec::new(),
        })
        .collect();
    let control = Control { one_number: BTreeMap::from([("mean ink", 0.6)]), trained: Some(0.7) };
    let (scored, writers): (Vec<_>, Vec<_>) = (scored.iter().collect(), writers.iter().collect());
    let figures = SetFigures::new(&scored, &writers, &calibration(), control).unwrap();
    let json = serde_json::to_value(&figures).unwrap();
    for references in [1, 3, 5] {
        for (hand, forged) in [("skilled", 4), ("random", 3)] {
            let found = &json[format!("refs_{references}")][hand];
            for name in ["eer", "far", "frr", "auc", "cllr", "min_cllr", "writers", "pairs"] {
                assert!(found[name].is_number(), "refs_{references}.{hand}.{name}");
            }
            assert!(found["eer_ci95"][1].is_number());
            let pairs = if references == 1 { 15 + forged * 6 } else { 5 * (6 - references + forged) };
            assert_eq!(found["pairs"], 3 * pairs);
        }
    }
    assert_eq!(json["refs_10"], serde_json::Value::Null, "six signatures are too few");
    assert_eq!(json["no_reference_auc"], 0.7);
}
