use super::*;

fn table() -> Vec<Threshold> {
    vec![
        Threshold { rate: 0.01, accept_llr: 4.0, reject_llr: -3.0 },
        Threshold { rate: 0.04, accept_llr: 2.0, reject_llr: -1.0 },
    ]
}

#[test]
fn rows_and_what_lies_between() {
    assert_eq!(Threshold::at(Some(0.01), &table()).unwrap(), table()[0]);
    // 0.02 is half way from 0.01 to 0.04 in logarithms
    let middle = Threshold::at(Some(0.02), &table()).unwrap();
    assert_eq!(Threshold::at(None, &table()).unwrap(), table()[0]);
    assert_eq!(Threshold::at(None, &table()[1..]).unwrap(), table()[1]);
    assert!((middle.accept_llr - 3.0).abs() < 1e-12 && (middle.reject_llr + 2.0).abs() < 1e-12);
}

#[test]
fn a_rate_outside_names_the_range() {
    for rate in [0.0, 0.009, 0.5, -1.0, f64::NAN, f64::INFINITY] {
        let error = Threshold::at(Some(rate), &table()).unwrap_err();
        assert_eq!(error.code(), "invalid-option");
        assert!(error.to_string().contains("from 0.01 to 0.04"), "{error}");
    }
}

#[test]
fn rates_are_told_as_people_write_them() {
    let told = [0.07, 0.001, 1.0 / 3.0, 1.0 - 0.01].map(|rate| percent(rate).to_string());
    assert_eq!(told, ["7", "0.1", "33.333333", "99"]);
}

#[test]
fn decisions() {
    let of = |llr: f64| Decision::of(llr, &table()[0]);
    assert_eq!(of(4.0), Decision::Match);
    assert_eq!(of(3.99), Decision::Unsure);
    assert_eq!(of(-2.99), Decision::Unsure);
    assert_eq!(of(-3.0), Decision::Mismatch);
    assert_eq!(of(f64::NAN), Decision::Unsure);
}

#[test]
fn tables_out_of_order_are_refused() {
    assert!(Threshold::check_table(&table()).is_ok());
    assert!(Threshold::check_table(&[]).is_err());
    let spoilt: [fn(&mut Vec<Threshold>); 5] = [
        |t| t.reverse(),
        |t| t[0].accept_llr = f64::INFINITY,
        |t| t[0].reject_llr = 5.0,
        |t| t[1].rate = 0.9,
        |t| t[1].accept_llr = 4.5,
    ];
    for spoil in spoilt {
        let mut table = table();
        spoil(&mut table);
        assert!(Threshold::check_table(&table).is_err(), "{table:?}");
    }
}
