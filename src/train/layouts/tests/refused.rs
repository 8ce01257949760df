//! What is no layout, or not quite one, and what is said of it.

use super::*;

#[test]
fn a_writers_folder_is_complete_and_nothing_in_it_is_passed_over() {
    for (path, said) in [
        ("eve/forged/1.png", "no genuine signature"),
        ("eve/1.png", "is no writer's folder"),
        ("ada/2.png", "neither genuine nor forged"),
        ("ada/spare/2.png", "neither genuine nor forged"),
        ("ada/genuine/old/2.png", "is a folder"),
    ] {
        let folder = Folder::new();
        let error = scan(folder.files(&["ada/genuine/1.png", path]).path()).unwrap_err();
        assert_eq!(error.code(), "file");
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains("WRITER/genuine"), "{error}");
    }
}

fn layout_error(root: &Path) -> String {
    let error = scan(root).unwrap_err();
    assert_eq!(error.code(), "corpus-layout");
    let text = error.to_string();
    for part in [
        "signatures/full_org",
        "BHSig260/Hindi",
        "sigcomp2011/dutch",
        "svc2004/Task2",
        "omniglot/images_background",
        "orl/{training,testing}",
        "WRITER/genuine",
    ] {
        assert!(text.contains(part), "{text}");
    }
    text
}

#[test]
fn a_folder_without_sets_is_told_what_was_expected_and_found() {
    let folder = Folder::new();
    assert!(layout_error(folder.path()).contains("is empty"));
    folder.files(&["holiday/beach.png", "notes.txt"]);
    let text = layout_error(folder.path());
    assert!(text.contains("holiday, notes.txt") && !text.contains("unpack"), "{text}");
    assert!(layout_error(&folder.path().join("missing")).contains("nothing of that name"));
}

#[test]
fn archives_are_to_be_unpacked() {
    let folder = Folder::new();
    folder.files(&["cedar.tar", "notes.txt"]);
    assert!(layout_error(folder.path()).contains("unpack cedar.tar first"));
    assert!(layout_error(&folder.path().join("cedar.tar")).contains("an archive; unpack it"));
    assert!(layout_error(&folder.path().join("notes.txt")).contains("a file, not a folder"));
}

#[test]
fn a_file_that_fits_no_pattern_is_named() {
    for path in [
        "BHSig260/Hindi/001/B-S-1-G-01.png",
        "BHSig260/Hindi/001/H-S-1-X-01.png",
        "BHSig260/Hindi/spare/H-S-1-G-01.png",
        "signatures/full_org/original_x_1.png",
        "signatures/full_org/forgeries_1_1.png",
        "sigcomp2011/dutch/train/001/002_01.png",
        "sigcomp2011/dutch/train/001b/001_01.png",
        "svc2004/Task2/U1S41.TXT",
        "svc2004/Task2/U+1S1.TXT",
        "svc2004/Task2/U99999S1.TXT",
        "omniglot/images_background/Latin/character01/0001-01.png",
        "omniglot/images_background/Latin/character01/1_x.png",
        "orl/training/subject1/1.pgm",
        "orl/sx/1.pgm",
    ] {
        let folder = Folder::new();
        let error = scan(folder.files(&[path]).path()).unwrap_err();
        assert_eq!(error.code(), "file", "{path}");
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

#[test]
fn genuine_signatures_without_the_folder_of_forgeries_are_incomplete() {
    let folder = Folder::new();
    let error = scan(folder.files(&["signatures/full_org/original_1_1.png"]).path()).unwrap_err().to_string();
    assert!(error.contains("full_forg: is not there") && error.contains("beside full_forg"), "{error}");
}

#[test]
fn pictures_that_cannot_be_read_are_counted_whatever_their_ending() {
    let folder = Folder::new();
    folder.files(&["cats/1.heic", "cats/2.JFIF", "cats/notes.md", "dogs/1.avif", "dogs/Thumbs.db"]);
    assert_eq!(scan(folder.path()).unwrap().len(), 3);
}

#[test]
fn two_characters_never_share_a_number() {
    let folder = Folder::new();
    folder.files(&[
        "omniglot/images_background/Latin/character01/0001_01.png",
        "omniglot/images_background/Greek/character01/0001_02.png",
    ]);
    assert!(scan(folder.path()).unwrap_err().to_string().contains("Latin"));
}

#[test]
fn an_empty_set_is_an_error() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path().join("BHSig260/Hindi/001")).unwrap();
    assert!(scan(folder.path()).unwrap_err().to_string().contains("holds no signature"));
}
