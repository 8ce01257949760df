//! Each layout on empty files: names alone decide what a file is.

mod refused;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::train::corpus::Part;

/// A folder in the system's temporary one, removed in the end.
pub(in crate::train) struct Folder(PathBuf);

impl Folder {
    pub(in crate::train) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("countersign-corpus-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(in crate::train) fn path(&self) -> &Path {
        &self.0
    }

    pub(in crate::train) fn file(&self, path: &str, bytes: &[u8]) -> &Self {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    fn files(&self, paths: &[&str]) -> &Self {
        paths.iter().for_each(|path| {
            self.file(path, b"");
        });
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn found(root: &Path) -> Vec<(Set, u16, Kind, Part)> {
    scan(root).unwrap().into_iter().map(|entry| (entry.set, entry.writer, entry.kind, entry.part)).collect()
}

use Kind::{Genuine, SkilledForgery};
use Part::{Test, Train, Validation};

#[test]
fn bhsig260_takes_the_folder_as_the_writer() {
    let folder = Folder::new();
    folder.files(&[
        "BHSig260/Hindi/009/H-S-09-G-02.png",
        "BHSig260/Hindi/101/H-S-1-F-1.png",
        "BHSig260/Bengali/046/B-S-46-G-01.tif",
    ]);
    let expected = [
        (Set::Hindi, 9, Genuine, Train),
        (Set::Hindi, 101, SkilledForgery, Test),
        (Set::Bengali, 46, Genuine, Validation),
    ];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn cedar_reads_both_folders_and_no_thumbnail_cache() {
    let folder = Folder::new();
    folder.files(&[
        "signatures/full_org/original_2_10.png",
        "signatures/full_org/original_41_1.png",
        "signatures/full_org/Thumbs.db",
        "signatures/full_org/.hidden.png",
        "signatures/full_forg/forgeries_2_1.png",
    ]);
    let expected = [
        (Set::Cedar, 2, Genuine, Train),
        (Set::Cedar, 2, SkilledForgery, Train),
        (Set::Cedar, 41, Genuine, Test),
    ];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn dutch_ignores_the_split_of_its_folders() {
    let folder = Folder::new();
    folder.files(&[
        "sigcomp2011/dutch/train/016/016_24.PNG",
        "sigcomp2011/dutch/train/016_forg/0103016_02.png",
        "sigcomp2011/dutch/test/016/01_016.png",
        "sigcomp2011/dutch/test/041/07_041.png",
        "sigcomp2011/dutch/test/049_forg/04_0201049.png",
    ]);
    let expected = [
        (Set::Dutch, 16, Genuine, Train),
        (Set::Dutch, 16, Genuine, Train),
        (Set::Dutch, 16, SkilledForgery, Train),
        (Set::Dutch, 41, Genuine, Validation),
        (Set::Dutch, 49, SkilledForgery, Test),
    ];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn svc2004_splits_kinds_by_number() {
    let folder = Folder::new();
    folder.files(&["svc2004/Task2/U13S21.TXT", "svc2004/Task2/U13S20.TXT", "svc2004/Task2/U1S1.txt"]);
    let expected = [
        (Set::Svc2004, 1, Genuine, Train),
        (Set::Svc2004, 13, Genuine, Validation),
        (Set::Svc2004, 13, SkilledForgery, Validation),
    ];
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn data_may_name_a_set_itself() {
    let folder = Folder::new();
    folder.files(&["svc2004/Task2/U1S1.TXT", "signatures/full_org/original_1_1.png"]);
    folder.files(&["signatures/full_forg/forgeries_1_1.png"]);
    assert_eq!(found(&folder.path().join("svc2004")).len(), 1);
    assert_eq!(found(&folder.path().join("svc2004/Task2")).len(), 1);
    assert_eq!(found(&folder.path().join("signatures/full_org")).len(), 2);
    assert_eq!(found(folder.path()).len(), 3);
}

#[test]
fn omniglot_is_split_by_alphabet() {
    let folder = Folder::new();
    folder.files(&[
        "omniglot/images_background/Arcadian/character02/0002_01.png",
        "omniglot/images_background/Arcadian/character02/0002_20.png",
        "omniglot/images_evaluation/Angelic/character01/0965_01.png",
        "omniglot/images_evaluation/Tibetan/character01/1556_01.png",
    ]);
    let expected = [
        (Set::Omniglot, 2, Genuine, Train),
        (Set::Omniglot, 2, Genuine, Train),
        (Set::Omniglot, 965, Genuine, Validation),
        (Set::Omniglot, 1556, Genuine, Test),
    ];
    assert_eq!(found(folder.path()), expected);
    assert_eq!(scan(folder.path()).unwrap()[0].writer_name(), "Arcadian/character02");
    assert_eq!(found(&folder.path().join("omniglot")).len(), 4);
    assert_eq!(found(&folder.path().join("omniglot/images_background")).len(), 2);
}

#[test]
fn faces_are_split_by_person() {
    let folder = Folder::new();
    folder.files(&[
        "orl/training/s30/1.pgm",
        "orl/testing/s5/10.pgm",
        "orl/training/s31/1.pgm",
        "orl/s36/1.pgm",
        "orl/README",
    ]);
    let expected = [
        (Set::Faces, 5, Genuine, Train),
        (Set::Faces, 30, Genuine, Train),
        (Set::Faces, 31, Genuine, Validation),
        (Set::Faces, 36, Genuine, Test),
    ];
    assert_eq!(found(folder.path()), expected);
    assert_eq!(found(&folder.path().join("orl")), expected);
}

#[test]
fn writers_are_numbered_by_name() {
    let folder = Folder::new();
    folder.files(&[
        "zoë/genuine/1.png",
        "zoë/genuine/2.TXT",
        "zoë/forged/photo.heic",
        "Ada Lovelace/genuine/x.webp",
        "Ada Lovelace/consent.pdf",
        "Ben/genuine/.hidden",
        "Ben/genuine/7.tif",
        "readme.txt",
    ]);
    let entries = scan(folder.path()).unwrap();
    let listed: Vec<_> = entries
        .iter()
        .map(|entry| {
            (entry.writer, entry.kind, entry.writer_name(), matches!(entry.source, EntrySource::Image(_)))
        })
        .collect();
    let expected = [
        (0, Genuine, "Ada Lovelace", true),
        (1, Genuine, "Ben", true),
        (2, Genuine, "zoë", true),
        (2, Genuine, "zoë", false),
        (2, SkilledForgery, "zoë", true),
    ];
    assert_eq!(listed, expected.map(|(writer, kind, name, image)| (writer, kind, name.to_owned(), image)));
    assert!(entries.iter().all(|entry| entry.set == Set::Folder));
    // three writers: one validates
    assert!(entries.iter().any(|entry| entry.part == Validation));
    // known sets beside them are no writers
    folder.files(&["svc2004/Task2/U1S1.TXT"]);
    assert_eq!(found(folder.path()).len(), 6);
}

#[test]
fn no_writer_is_in_two_parts() {
    let folder = Folder::new();
    for writer in 1..=60 {
        let part = if writer % 3 == 0 { "test" } else { "train" };
        folder.files(&[
            &format!("sigcomp2011/dutch/{part}/{writer:03}/{writer:03}_01.png"),
            &format!("sigcomp2011/dutch/{part}/{writer:03}_forg/0100{writer:03}_01.png"),
            &format!("BHSig260/Hindi/{writer:03}/H-S-{writer}-G-01.png"),
            &format!("BHSig260/Hindi/{writer:03}/H-S-{writer:03}-F-01.png"),
        ]);
    }
    let mut parts: BTreeMap<(Set, u16), Part> = BTreeMap::new();
    for (set, writer, _, part) in found(folder.path()) {
        assert_eq!(*parts.entry((set, writer)).or_insert(part), part, "{set} {writer}");
    }
    assert_eq!(parts.len(), 120);
}
