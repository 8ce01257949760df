use super::*;
use crate::train::synth;

fn rows(writers: u16) -> Result<Vec<Row>> {
    rows_of(writers, &[])
}

fn rows_of(writers: u16, alterations: &[Alteration]) -> Result<Vec<Row>> {
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny");
    let device = Device::flex();
    let (manifest, network) = crate::export::open(std::path::Path::new(tiny), &device).unwrap();
    let entries = synth::writers(1, writers, 5, 2);
    measure(
        &network,
        manifest.fusion,
        &entries,
        manifest.input,
        &Condition::only(alterations),
        &device,
        |_, _| (),
    )
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
    let table = Table(&rows).to_string();
    assert!(table.contains("| page shrunk to 100 px | no score, 100 % refused |"), "{table}");
    assert_eq!(table.lines().count(), 2 + rows.len());
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
        assert_eq!(Table(&alone).to_string().lines().count(), 2 + alone.len());
    }
}

#[test]
fn no_writer_is_an_error() {
    assert_eq!(rows(0).unwrap_err().code(), "training");
}
