use super::*;
use crate::evaluate::control::auc;

fn ranking(genuine: &[f64], forged: &[f64]) -> Ranking {
    Ranking::new(genuine, forged).unwrap()
}

#[test]
fn separated_scores_have_no_error_and_exchanged_ones_only_errors() {
    assert_eq!(equal_error_rate(&[2.0, 3.0], &[0.0, 1.0]), Some(0.0));
    assert_eq!(equal_error_rate(&[0.0, 1.0], &[2.0, 3.0]), Some(1.0));
    assert_eq!(ranking(&[2.0, 3.0], &[0.0, 1.0]).min_cllr(), 0.0);
    assert_eq!(ranking(&[0.0, 1.0], &[2.0, 3.0]).min_cllr(), 1.0);
}

#[test]
fn one_of_four_each_way() {
    // between 2 and 3 one genuine of four is rejected and one forgery of four accepted
    let ranking = ranking(&[1.0, 4.0, 5.0, 6.0], &[0.0, 0.5, 2.0, 4.5]);
    assert_eq!(ranking.equal_error_rate(), 0.25);
    // pairs lost: 1 against 2 and 4.5, 4 against 4.5
    assert_eq!(ranking.auc(), 13.0 / 16.0);
    assert_eq!((ranking.frr_at(0.25), ranking.frr_at(0.24), ranking.frr_at(0.5)), (0.25, 0.5, 0.0));
    // pools: 0 and 0.5 alone, (1, 2), (4, 4.5), then 5 and 6 alone; only the two in the middle cost anything: 1 bit
    // on a quarter of either class each
    assert!((ranking.min_cllr() - 0.5).abs() < 1e-12);
}

#[test]
fn points_run_from_all_accepted_to_none() {
    let points: Vec<Point> = ranking(&[1.0, 2.0], &[0.0, 1.0]).points().collect();
    let expected = [(1.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.0, 1.0)];
    assert_eq!(points, expected.map(|(far, frr)| Point { far, frr }));
}

#[test]
fn equal_scores_say_nothing() {
    let ranking = ranking(&[1.0; 7], &[1.0; 3]);
    assert_eq!((ranking.equal_error_rate(), ranking.auc(), ranking.min_cllr()), (0.5, 0.5, 1.0));
}

#[test]
fn no_rate_without_scores() {
    assert_eq!(equal_error_rate(&[], &[1.0]), None);
    assert_eq!(equal_error_rate(&[f64::NAN], &[1.0]), None);
    assert_eq!((cllr(&[], &[0.0]), brier(&[0.0], &[])), (None, None));
    assert_eq!(cllr(&[1.0], &[f64::NAN]), None);
}

#[test]
fn saying_nothing_costs_one_bit_and_certainty_costs_nothing_or_everything() {
    assert_eq!(cllr(&[0.0; 3], &[0.0; 2]), Some(1.0));
    assert_eq!(brier(&[0.0; 3], &[0.0; 2]), Some(0.25));
    assert_eq!(cllr(&[800.0], &[-800.0]), Some(0.0));
    assert!((cllr(&[-800.0], &[-800.0]).unwrap() - 400.0 / std::f64::consts::LN_2).abs() < 1e-9);
    // odds of 3: log2(1 + 1/3) for the genuine, log2(1 + 3) for the forgery
    let llr = 3_f64.ln();
    assert!((cllr(&[llr], &[llr]).unwrap() - 0.5 * ((4.0_f64 / 3.0).log2() + 2.0)).abs() < 1e-12);
    assert!((brier(&[llr], &[llr]).unwrap() - 0.5 * (0.0625 + 0.5625)).abs() < 1e-12);
}

/// scikit-learn, scipy and numpy on the committed score file: tests/fixtures/metrics/reference.py.
#[test]
fn every_metric_is_that_of_independent_programs() {
    let (mut genuine, mut forged) = (Vec::new(), Vec::new());
    for line in include_str!("../../../tests/fixtures/metrics/scores.csv").lines().skip(1) {
        let (label, score) = line.split_once(',').unwrap();
        if label == "genuine" { &mut genuine } else { &mut forged }.push(score.parse::<f64>().unwrap());
    }
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/metrics/expected.json")).unwrap();
    let ranking = ranking(&genuine, &forged);
    let near = |name: &str, value: f64| {
        let wanted = expected[name].as_f64().unwrap();
        assert!((value - wanted).abs() < 1e-9, "{name}: {value}, not {wanted}");
    };
    near("eer", ranking.equal_error_rate());
    near("auc", ranking.auc());
    near("auc", auc(&genuine, &forged));
    near("cllr", cllr(&genuine, &forged).unwrap());
    near("min_cllr", ranking.min_cllr());
    near("brier", brier(&genuine, &forged).unwrap());
    near("frr_at_far_10", ranking.frr_at(0.1));
    near("frr_at_far_1", ranking.frr_at(0.01));
    let pairs = expected["points"].as_array().unwrap();
    let points: Vec<Point> = ranking.points().collect();
    assert_eq!(points.len(), pairs.len());
    for (point, wanted) in points.iter().zip(pairs) {
        let wanted = [0, 1].map(|at| wanted[at].as_f64().unwrap());
        assert!((point.far - wanted[0]).abs() < 1e-12 && (point.frr - wanted[1]).abs() < 1e-12, "{point:?}");
    }
}

#[test]
fn ratios_cost_what_they_say() {
    let near =
        |cost: Option<f64>, expected: f64| assert!((cost.unwrap() - expected).abs() < 1e-12, "{cost:?}");
    near(cllr(&[0.0; 3], &[0.0; 2]), 1.0);
    // log2(1 + 1/3) for the genuine one, log2(1 + 1) for the forgery
    near(cllr(&[3.0_f64.ln()], &[0.0]), (1.0 + (4.0_f64 / 3.0).log2()) / 2.0);
    near(cllr(&[1e4], &[-1e4]), 0.0);
    // a thousand nats wrong are a thousand / ln 2 bits each
    near(cllr(&[-1000.0], &[1000.0]), 1000.0 / std::f64::consts::LN_2);
    assert_eq!(cllr(&[], &[1.0]), None);
    assert_eq!(cllr(&[1.0], &[f64::NAN]), None);
}
