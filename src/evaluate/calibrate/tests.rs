use super::*;
use crate::ink::Frame;
use crate::manifest::tests::tiny;
use crate::train::corpus::{Part, Set};

/// One number of references; genuine scores around `centre`, forgeries around minus that.
fn writer(centre: f64) -> Tables {
    let around =
        |centre: f64| (0..200).map(|at| centre + (f64::from(at) - 99.5) / 25.0).collect::<Vec<f64>>();
    let table = |centre: f64| REFERENCES.into_iter().map(|count| (count, around(centre))).collect();
    (table(centre), table(-centre))
}

#[test]
fn a_model_is_calibrated_on_what_it_is_for() {
    let concerned = |sets: &[&str]| {
        let sets = sets.iter().map(ToString::to_string).collect();
        let training = Training { sets, writers: 1, note: String::new() };
        let concerned: Vec<Set> = Set::ALL.into_iter().filter(|&set| concerns(&training, set)).collect();
        concerned
    };
    // somebody's own signatures, too, but no characters
    let signatures =
        [Set::Hindi, Set::Bengali, Set::Cedar, Set::Dutch, Set::Svc2004, Set::Synthetic, Set::Folder];
    assert_eq!(concerned(&["hindi", "dutch"]), signatures);
    assert_eq!(concerned(&["synthetic"]), signatures);
    assert_eq!(concerned(&["omniglot"]), [Set::Omniglot]);
}

#[test]
fn writers_who_are_alike_keep_the_rate() {
    let writers: Vec<Tables> = (0..10).map(|_| writer(2.0)).collect();
    let rows = held_out(&splits(&writers), 1.0);
    assert_eq!(rows.len(), REFERENCES.len());
    assert!(rows.iter().all(|row| row.decisions.values().all(Decisions::keep_the_rate)), "{:?}", rows[0]);
    let mut tightened = rows[0].clone();
    tighten(&mut tightened, Method::Logistic, &splits(&writers));
    assert_eq!(tightened, rows[0], "nothing stricter than needed");
}

/// What one writer in ten does is not foreseen by the others.
#[test]
fn a_writer_unlike_the_others_breaks_it() {
    let mut writers: Vec<Tables> = (0..9).map(|_| writer(3.0)).collect();
    writers.push(writer(0.5));
    let rows = held_out(&splits(&writers), 1.0);
    assert!(!rows.iter().any(|row| row.decisions[&Method::Logistic].keep_the_rate()), "{:?}", rows[0]);
    let mut tightened = rows[0].clone();
    tighten(&mut tightened, Method::Logistic, &splits(&writers));
    assert!(tightened.strictness < 1.0);
    let errors = |row: &HeldOut| row.decisions[&Method::Logistic].false_mismatch;
    assert!(errors(&tightened) < errors(&rows[0]), "{tightened:?}");
    assert!(rows[0].cllr[&Method::Logistic] > 0.0);
}

/// Ten references of which few writers have enough leave the other numbers as they are.
#[test]
fn one_number_of_references_with_too_few_scores_is_left_out_alone() {
    let mut writers: Vec<Tables> = (0..10).map(|_| writer(2.0)).collect();
    let all = held_out(&splits(&writers), 1.0);
    for (genuine, forged) in &mut writers {
        genuine.insert(10, vec![2.0]);
        forged.insert(10, vec![-2.0]);
    }
    assert_eq!(held_out(&splits(&writers), 1.0), all[..REFERENCES.len() - 1]);
    let mut calibration = tiny().calibration;
    calibration.counts =
        REFERENCES.map(|references| Count { references, ..calibration.counts[0].clone() }).into();
    let held_out = all[..REFERENCES.len() - 1].to_vec();
    let told = |calibration: &Calibration, held_out: Vec<HeldOut>| {
        let calibration = calibration.clone();
        Calibrated { calibration, held_out, templates: Vec::new(), strangers: Vec::new() }.to_string()
    };
    let said = "too few scores with 10 references";
    assert!(told(&calibration, held_out.clone()).contains(said), "{}", told(&calibration, held_out.clone()));
    // nothing is said of what is not calibrated
    calibration.counts.pop();
    assert!(!told(&calibration, held_out).contains("too few scores with"));
}

#[test]
fn one_writer_is_too_few() {
    assert_eq!(held_out(&splits(&[writer(2.0)]), 1.0), []);
    assert_eq!(better(&[]), Method::Logistic);
}

#[test]
fn the_lower_cost_wins() {
    let row = |logistic, pav| HeldOut {
        references: 1,
        strictness: 1.0,
        cllr: BTreeMap::from([(Method::Logistic, logistic), (Method::Pav, pav)]),
        decisions: BTreeMap::new(),
    };
    assert_eq!(better(&[row(0.4, 0.3), row(0.3, 0.35)]), Method::Pav);
    assert_eq!(better(&[row(0.4, 0.4)]), Method::Logistic);
}

#[test]
fn too_few_signatures_are_told_before_training() {
    let writers = |number: u16, genuine: usize, forged: usize| {
        let frame = Frame { width: 1, height: 1, density: vec![0] };
        let writer = move |id| Writer {
            set: Set::Hindi,
            id,
            part: Part::Validation,
            genuine: vec![frame.clone(); genuine],
            forged: vec![frame.clone(); forged],
            forgers: vec![None; forged],
        };
        (0..number).map(writer).collect::<Vec<_>>()
    };
    let checked = |number, genuine, forged| check_enough(writers(number, genuine, forged).iter());
    // 3 writers of 10 genuine pairs and 15 of a forgery each
    assert!(checked(3, 5, 3).is_ok());
    assert!(checked(3, 5, 0).is_ok(), "others stand in for forgers");
    assert!(checked(0, 0, 0).is_ok());
    for error in [checked(2, 5, 3), checked(3, 5, 1), checked(4, 1, 9)].map(Result::unwrap_err) {
        assert_eq!(error.code(), "invalid-config");
        assert!(error.to_string().contains("need 25 of each"), "{error}");
    }
    assert!(checked(2, 6, 0).is_ok());
    let error = checked(2, 5, 0).unwrap_err().to_string();
    assert!(error.contains("categories have 20 pairs") && error.contains("need 25 of each"), "{error}");
}
