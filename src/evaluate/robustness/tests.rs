use super::*;
use crate::train::synth;

fn rows(writers: u16) -> Result<Vec<Row>> {
    rows_of(writers, &[])
}

fn rows_of(writers: u16, alterations: &[Alteration]) -> Result<Vec<Row>> {
    rows_with(writers, alterations, |_| ())
}

fn rows_with(writers: u16, alterations: &[Alteration], change: impl Fn(&mut Manifest)) -> Result<Vec<Row>> {
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny");
    let device = Device::flex();
    let (mut manifest, network) = crate::export::open(std::path::Path::new(tiny), &device).unwrap();
    change(&mut manifest);
    let entries = synth::writers(1, writers, 5, 2);
    measure(&network, &manifest, &entries, &Condition::only(alterations), &device, |_, _| ())
}

#[test]
fn every_condition_has_a_row_and_the_same_pages() {
    let rows = rows(2).unwrap();
    assert_eq!(rows.len(), Condition::all().count());
    for Row { genuine, forged, refused, writers, condition, .. } in &rows {
        assert_eq!((genuine + forged + refused, *writers), (8, 2), "{condition}");
    }
    let of = |alteration| rows.iter().find(|row| row.condition.questioned == alteration).unwrap();
    assert_eq!((of(Alteration::None).refused, of(Alteration::None).genuine), (0, 4));
    // a page of 100 pixels has less than the 96 that a signature must have
    let small = of(Alteration::SmallPage);
    assert_eq!((small.refused, small.eer), (8, None));
    let table = ErrorTable(&rows).to_string();
    assert!(table.contains("| page shrunk to 100 px | no score, 100 % refused |"), "{table}");
    assert_eq!(table.lines().count(), 2 + rows.len());
}

#[test]
fn every_page_with_a_score_has_a_verdict() {
    let rows = rows(2).unwrap();
    for Row { genuine, forged, genuine_verdicts, forged_verdicts, condition, .. } in &rows {
        let all = |Verdicts { matches, unsure, mismatches }: Verdicts| matches + unsure + mismatches;
        assert_eq!((all(*genuine_verdicts), all(*forged_verdicts)), (*genuine, *forged), "{condition}");
    }
    let table = VerdictTable(&rows).to_string();
    assert!(table.contains("| page shrunk to 100 px | none; none |"), "{table}");
    assert_eq!(table.lines().count(), 2 + rows.len());
}

#[test]
fn verdicts_are_by_the_thresholds_of_the_model() {
    let rows = |llr: f64| {
        rows_with(1, &[Alteration::None], |manifest| {
            for threshold in &mut manifest.calibration.counts[0].thresholds {
                (threshold.accept_llr, threshold.reject_llr) = (llr, llr);
            }
        })
    };
    // no score of the tiny model reaches beyond
    let [low, high] = [-1e3, 1e3].map(|llr| rows(llr).unwrap()[0].clone());
    assert_eq!((low.genuine_verdicts.matches, low.forged_verdicts.matches), (low.genuine, low.forged));
    assert_eq!(
        (high.genuine_verdicts.mismatches, high.forged_verdicts.mismatches),
        (high.genuine, high.forged)
    );
}

#[test]
fn the_same_figures_again() {
    assert_eq!(rows(1).unwrap(), rows(1).unwrap());
}

#[test]
fn a_condition_alone_is_as_among_the_others() {
    let all = rows(1).unwrap();
    for alterations in [&[Alteration::Photographed][..], &[Alteration::Turned, Alteration::Scanned]] {
        let alone = rows_of(1, alterations).unwrap();
        let among = |row: &&Row| alterations.contains(&row.condition.alteration());
        assert_eq!(alone, all.iter().filter(among).cloned().collect::<Vec<Row>>());
        assert_eq!(alone.len(), alterations.len());
        assert_eq!(ErrorTable(&alone).to_string().lines().count(), 2 + alone.len());
    }
}

#[test]
fn no_writer_is_an_error() {
    assert_eq!(rows(0).unwrap_err().code(), "training");
}
