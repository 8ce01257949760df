//! Who made a forgery, where a set tells it.
//!
//! Several people imitate each writer. SigComp2011 numbers them in its file names and the generator of synthetic
//! signatures knows them. CEDAR and SVC2004 do not say, but write that three people forged each writer's signature eight
//! times (Kalera, Srihari and Xu 2004), and at least four people did (Yeung et al. 2004); which files those are shows in
//! the likeness of the forgeries of one writer to each other, the same numbers for every writer (`evaluate forgers`).
//! BHSig260 has no such order.

use super::{number, stem};
use crate::train::corpus::{Entry, EntrySource, Kind, Set};
use crate::train::synth;

/// The number of the forger, which means nothing beyond one writer, except in SigComp2011; `None` for a genuine signature,
/// and where nobody knows.
pub fn forger(entry: &Entry) -> Option<u16> {
    if entry.kind == Kind::Genuine {
        return None;
    }
    match (&entry.source, entry.set) {
        (&EntrySource::Synthetic { index, .. }, _) => u16::try_from(index % synth::FORGERS).ok(),
        (EntrySource::Image(path), Set::Cedar) => cedar(number(stem(path).rsplit('_').next()?)?),
        (EntrySource::Image(path), Set::Dutch) => dutch(stem(path)),
        (EntrySource::Svc2004(path), Set::Svc2004) => svc2004(number(stem(path).split_once('S')?.1)?),
        _ => None,
    }
}

/// Of forgeries 1 to 24, three times eight.
fn cedar(index: u16) -> Option<u16> {
    match index {
        1..=3 | 12 | 20..=23 => Some(0),
        4..=11 => Some(1),
        13..=19 | 24 => Some(2),
        _ => None,
    }
}

/// Of the two numbers in a file name one is the running number, of two digits; the other is the forger's four digits and
/// the writer's three.
fn dutch(stem: &str) -> Option<u16> {
    let (a, b) = stem.split_once('_')?;
    let long = if a.len() == 7 { a } else { b };
    number(long.get(..4).filter(|_| long.len() == 7)?)
}

/// Of recordings 21 to 40, five times four.
fn svc2004(index: u16) -> Option<u16> {
    matches!(index, 21..=40).then(|| (index - 21) / 4)
}

#[cfg(test)]
mod tests {
    use super::super::{scan, tests::Folder};
    use super::*;

    #[test]
    fn file_names_tell_forgers_and_genuine_signatures_have_none() {
        let folder = Folder::new();
        for path in [
            "BHSig260/Hindi/101/H-S-1-F-1.png",
            "signatures/full_org/original_2_4.png",
            "signatures/full_forg/forgeries_2_4.png",
            "signatures/full_forg/forgeries_2_12.png",
            "signatures/full_forg/forgeries_2_24.png",
            "sigcomp2011/dutch/train/016_forg/0103016_02.png",
            "sigcomp2011/dutch/test/049_forg/04_0201049.png",
            "svc2004/Task2/U13S20.TXT",
            "svc2004/Task2/U13S24.TXT",
            "svc2004/Task2/U13S25.TXT",
        ] {
            folder.file(path, b"");
        }
        let mut found: Vec<_> = scan(folder.path()).unwrap().iter().map(|e| (e.set, forger(e))).collect();
        found.sort();
        let expected = [
            (Set::Hindi, None),
            (Set::Cedar, None),
            (Set::Cedar, Some(0)),
            (Set::Cedar, Some(1)),
            (Set::Cedar, Some(2)),
            (Set::Dutch, Some(103)),
            (Set::Dutch, Some(201)),
            (Set::Svc2004, None),
            (Set::Svc2004, Some(0)),
            (Set::Svc2004, Some(1)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn cedars_forgers_have_eight_forgeries_each() {
        for wanted in 0..3 {
            assert_eq!((1..=24).filter(|&index| cedar(index) == Some(wanted)).count(), 8);
        }
        assert_eq!((cedar(0), cedar(25)), (None, None));
    }

    #[test]
    fn synthetic_forgers_are_the_generators() {
        let entries = synth::writers(1, 1, 1, 4);
        let found: Vec<_> = entries.iter().map(forger).collect();
        assert_eq!(found, [None, Some(0), Some(1), Some(2), Some(0)]);
    }
}
