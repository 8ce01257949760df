use super::*;

/// Scores 0 and 1, three to one either way. Targets are 5/6 and 1/6, so the fitted probability at 1 is
/// 3/4 * 5/6 + 1/4 * 1/6 = 2/3, its logit ln 2; at 0, -ln 2.
#[test]
fn fit_by_hand() {
    let (offset, slope) = fit(&[1.0, 1.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 1.0]).unwrap();
    let ln2 = std::f64::consts::LN_2;
    assert!((offset + ln2).abs() < 1e-9, "{offset}");
    assert!((slope - 2.0 * ln2).abs() < 1e-9, "{slope}");
}

/// Evenly spaced quantiles of a logistic distribution around `centre`.
fn logistic_quantiles(centre: f64, number: usize) -> Vec<f64> {
    (0..number)
        .map(|i| {
            let p = (i as f64 + 0.5) / number as f64;
            centre + (p / (1.0 - p)).ln()
        })
        .collect()
}

/// Counts on a grid with p(s | genuine) / p(s | forged) = e^(2s): the LLR is 2s.
#[test]
fn a_known_likelihood_ratio_is_found_whatever_the_prior() {
    for copies in [1usize, 7] {
        let (mut genuine, mut forged) = (Vec::new(), Vec::new());
        for step in -10i32..=10 {
            let score = f64::from(step) / 10.0;
            // counts proportional to e^(s - s^2) and e^(-s - s^2)
            let number = |sign: f64| (4000.0 * (sign * score - score * score).exp()).round() as usize;
            genuine.extend(std::iter::repeat_n(score, copies * number(1.0)));
            forged.extend(std::iter::repeat_n(score, number(-1.0)));
        }
        let (offset, slope) = fit(&genuine, &forged).unwrap();
        assert!(offset.abs() < 5e-3, "{copies}: {offset}");
        assert!((slope - 2.0).abs() < 5e-3, "{copies}: {slope}");
    }
}

#[test]
fn separated_scores_have_a_finite_fit() {
    let (offset, slope) = fit(&[5.0, 6.0, 7.0], &[-5.0, -6.0, -7.0]).unwrap();
    assert!(offset.abs() < 1e-6 && slope > 0.0 && slope.is_finite());
}

#[test]
fn useless_scores_are_refused() {
    for (genuine, forged) in [
        (vec![], vec![1.0]),
        (vec![1.0, f64::NAN], vec![0.0]),
        (vec![1.0, 1.0], vec![1.0, 1.0]),
        (vec![0.0, 1.0], vec![2.0, 3.0]),
    ] {
        assert_eq!(fit(&genuine, &forged).unwrap_err().code(), "training");
    }
}

#[test]
fn thresholds_hold_their_rates() {
    let genuine = logistic_quantiles(2.0, 1000);
    let forged = logistic_quantiles(-2.0, 700);
    let table = thresholds(genuine.clone(), forged.clone(), 1.0).unwrap();
    // five of 700 are 0.0072: 0.01 is the first rate listed
    assert_eq!(table.first().unwrap().rate, 0.01);
    for row in &table {
        let accepted = forged.iter().filter(|&&s| s >= row.accept_llr).count();
        let rejected = genuine.iter().filter(|&&s| s <= row.reject_llr).count();
        assert!(accepted as f64 <= row.rate * 700.0, "{row:?}");
        assert!(rejected as f64 <= row.rate * 1000.0, "{row:?}");
        assert!(row.reject_llr <= row.accept_llr);
    }
    Threshold::check_table(&table).unwrap();
}

/// Where isotonic calibration tells no more, in the block of the lowest scores, a threshold can still be kept.
#[test]
fn thresholds_lie_beyond_the_knots_where_the_rate_asks_for_it() {
    // one genuine score in fifty lies among the forged ones, and low among them
    let mut genuine = logistic_quantiles(4.0, 980);
    genuine.extend(logistic_quantiles(-6.0, 20));
    let forged = logistic_quantiles(-4.0, 1000);
    let count = Count::with_thresholds(Method::Pav, 1, &genuine, &forged, 1.0).unwrap();
    let row = count.thresholds.iter().find(|row| row.rate == 0.01).unwrap();
    assert!(row.reject_llr < count.knots[0].1, "{row:?} {:?}", count.knots[0]);
    let rejected =
        |scores: &[f64]| scores.iter().filter(|&&raw| count.open_llr(raw) <= row.reject_llr).count();
    assert_eq!(rejected(&genuine), 10);
    assert!((100..=140).contains(&rejected(&forged)), "{}", rejected(&forged));
    for raw in [-9.0, -4.0, 0.0, 5.0, 12.0] {
        assert!((count.borne_out(count.open_llr(raw)) - count.llr(raw)).abs() < 1e-12, "{raw}");
    }
}

#[test]
fn strict_thresholds_use_up_a_part_of_the_rate() {
    let (genuine, forged) = (logistic_quantiles(2.0, 1000), logistic_quantiles(-2.0, 1000));
    let table = thresholds(genuine.clone(), forged.clone(), 0.5).unwrap();
    // five of 1000 are half of 0.01
    assert_eq!(table[0].rate, 0.01);
    let plain = thresholds(genuine, forged.clone(), 1.0).unwrap();
    let same_rate = plain.iter().find(|row| row.rate == 0.01).unwrap();
    assert!(table[0].accept_llr > same_rate.accept_llr && table[0].reject_llr < same_rate.reject_llr);
    assert_eq!(forged.iter().filter(|&&llr| llr >= table[0].accept_llr).count(), 5);
}

#[test]
fn ties_do_not_break_a_rate() {
    let table = thresholds(vec![1.0; 100], vec![1.0; 100], 1.0).unwrap();
    assert!(table.iter().all(|row| row.accept_llr > 1.0 && row.reject_llr < 1.0));
}

#[test]
fn tables_for_each_number_of_references() {
    let scores = |centre: f64| {
        BTreeMap::from([(1, logistic_quantiles(centre, 600)), (3, logistic_quantiles(2.0 * centre, 600))])
    };
    for method in Method::ALL {
        let calibration = fit_tables(method, &scores(1.0), &scores(-1.0), |_| 1.0).unwrap();
        assert_eq!(calibration.for_references(2).unwrap().references, 1);
        assert_eq!(calibration.for_references(9).unwrap().references, 3);
        assert_eq!(calibration.for_references(0).unwrap_err().code(), "reference-count");
        assert!(calibration.counts[1].llr(1.0) > calibration.counts[0].llr(1.0));
        let json = serde_json::to_string(&calibration).unwrap();
        let read: Calibration = serde_json::from_str(&json).unwrap();
        // a number may come back from JSON with another last digit
        for (read, made) in read.counts.iter().zip(&calibration.counts) {
            assert_eq!((read.references, read.thresholds.len()), (made.references, made.thresholds.len()));
            assert!((read.llr(0.3) - made.llr(0.3)).abs() < 1e-12);
        }
        assert_eq!((read.method, read.counts.len()), (method, 2));
    }
    // with ten references too few: they are read as three
    let few = |centre: f64| {
        let mut few = scores(centre);
        few.insert(10, logistic_quantiles(3.0 * centre, LEAST_SCORES - 1));
        few
    };
    let calibration = fit_tables(Method::Logistic, &few(1.0), &few(-1.0), |_| 1.0).unwrap();
    assert_eq!(calibration.for_references(10).unwrap().references, 3);
    let enough = |number| move |centre| BTreeMap::from([(1, logistic_quantiles(centre, number))]);
    let fit = |scores: &dyn Fn(f64) -> BTreeMap<usize, Vec<f64>>| {
        fit_tables(Method::Logistic, &scores(1.0), &scores(-1.0), |_| 1.0)
    };
    assert_eq!(fit(&enough(LEAST_SCORES)).unwrap().counts[0].thresholds.len(), 1);
    assert!(fit(&enough(LEAST_SCORES - 1)).unwrap_err().to_string().contains("need 25 or more"));
    let only_one = BTreeMap::from([(1, vec![0.0; 10])]);
    assert_eq!(
        fit_tables(Method::Logistic, &scores(1.0), &only_one, |_| 1.0).unwrap_err().code(),
        "training"
    );
}

#[test]
fn nonsense_is_refused() {
    let scores = |centre: f64| BTreeMap::from([(1, logistic_quantiles(centre, 600))]);
    type Spoil = fn(&mut Calibration);
    let spoilt: [(Method, &[Spoil]); 2] = [
        (
            Method::Logistic,
            &[
                |c| c.counts.clear(),
                |c| c.counts[0].references = 2,
                |c| c.counts[0].slope = -1.0,
                |c| c.counts[0].offset = f64::NAN,
                |c| c.counts.push(c.counts[0].clone()),
                |c| c.counts[0].knots = vec![Knot(0.0, 0.0), Knot(1.0, 1.0)],
                |c| c.consistency = Some(Consistency { rate: 0.7, least: Vec::new() }),
            ],
        ),
        (
            Method::Pav,
            &[
                |c| c.method = Method::Logistic,
                |c| c.counts[0].knots.clear(),
                |c| c.counts[0].knots.reverse(),
                |c| c.counts[0].knots[0].1 = f64::NEG_INFINITY,
            ],
        ),
    ];
    for (method, spoilt) in spoilt {
        let good = fit_tables(method, &scores(1.0), &scores(-1.0), |_| 1.0).unwrap();
        for (index, spoil) in spoilt.iter().enumerate() {
            let mut calibration = good.clone();
            spoil(&mut calibration);
            let error = calibration.check().expect_err(&format!("{method:?} {index}"));
            assert_eq!(error.code(), "invalid-manifest");
        }
    }
}

/// The manifests written before there were knots.
#[test]
fn a_line_needs_no_knots() {
    let json = r#"{"method":"logistic","counts":[{"references":1,"offset":0.5,"slope":2.0,
        "thresholds":[{"rate":0.01,"accept_llr":3.0,"reject_llr":-3.0}]}]}"#;
    let calibration: Calibration = serde_json::from_str(json).unwrap();
    calibration.check().unwrap();
    assert_eq!(calibration.counts[0].llr(1.0), 2.5);
    assert!(!serde_json::to_string(&calibration).unwrap().contains("knots"));
}
