//! Loading from synthetic pages written to a temporary folder.

use std::sync::Mutex;

use super::*;
use crate::train::layouts::tests::Folder;

const SIZE: FrameSize = FrameSize::ink(64, 32);

fn png(page: &Page) -> Vec<u8> {
    let image = image::GrayImage::from_raw(page.width, page.height, page.grey.clone()).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn signed(writer: u16, kind: Kind, index: u32) -> Vec<u8> {
    png(&strokes::page(&synth::signature(7, writer, kind, index)).unwrap())
}

#[test]
fn repeats_are_dropped_and_unusable_files_listed() {
    let (one, two) = (signed(1, Kind::Genuine, 0), signed(1, Kind::Genuine, 1));
    let forged = signed(1, Kind::SkilledForgery, 0);
    let blank = png(&Page::new(60, 40, vec![255; 2400]).unwrap());
    let folder = Folder::new();
    folder
        .file("signatures/full_org/original_1_1.png", &one)
        .file("signatures/full_org/original_1_2.png", &two)
        .file("signatures/full_org/original_1_3.png", &one)
        .file("signatures/full_org/original_1_4.png", &two[..two.len() / 2])
        .file("signatures/full_org/original_1_5.png", &blank)
        .file("signatures/full_forg/forgeries_1_1.png", &forged)
        // a repeat across kinds: the genuine one stays
        .file("signatures/full_forg/forgeries_1_2.png", &two)
        // the same page by another writer is another signature
        .file("signatures/full_org/original_36_1.png", &one);

    let mut entries = scan(folder.path()).unwrap();
    // the result does not depend on the order of the list
    entries.reverse();
    let corpus = load(&entries, SIZE, |_, _| ()).unwrap();
    let sizes: Vec<_> =
        corpus.writers.iter().map(|w| (w.id, w.part, w.genuine.len(), w.forged.len())).collect();
    assert_eq!(sizes, [(1, Part::Train, 2, 1), (36, Part::Validation, 1, 0)]);
    assert_eq!(corpus.dropped_repeats, 2);

    let mut refused: Vec<_> = corpus.unreadable.iter().map(|(name, error)| (name, error.code())).collect();
    refused.sort();
    assert_eq!(refused.iter().map(|(_, code)| *code).collect::<Vec<_>>(), ["damaged-image", "blank-page"]);
    assert!(refused[0].0.ends_with("original_1_4.png") && refused[1].0.ends_with("original_1_5.png"));

    let row = corpus.summary().rows[&(Set::Cedar, Part::Train)];
    assert_eq!(row, Row { writers: 1, genuine: 2, forged: 1, repeats: 2, unreadable: 2 });
    assert!(corpus.summary().to_string().contains("cedar      validation       1       1       0"));
}

#[test]
fn pen_recordings_become_frames() {
    let mut text = "30\n".to_owned();
    for i in 0..30 {
        text += &format!(
            "{} {} {} {} 1500 600 {}\n",
            100 * i,
            300 * (i % 4),
            10 * i,
            u8::from(i % 10 != 0),
            500 + i
        );
    }
    let folder = Folder::new();
    folder
        .file("svc2004/Task2/U2S1.TXT", text.as_bytes())
        .file("svc2004/Task2/U2S2.TXT", b"\xff\xfe not text");
    let corpus = load(&scan(folder.path()).unwrap(), SIZE, |_, _| ()).unwrap();
    let frame = &corpus.writers[0].genuine[0];
    assert_eq!((frame.width, frame.height, frame.density.len()), (64, 32, 64 * 32));
    assert_eq!(corpus.unreadable.len(), 1);
}

#[test]
fn synthetic_entries_load_without_a_folder() {
    let entries = synth::writers(3, 7, 2, 1);
    let calls = Mutex::new(Vec::new());
    let corpus = load(&entries, SIZE, |done, total| calls.lock().unwrap().push((done, total))).unwrap();
    assert_eq!(corpus.writers.len(), 7);
    assert!(corpus.writers.iter().all(|writer| writer.genuine.len() == 2 && writer.forged.len() == 1));
    for part in [Part::Train, Part::Validation, Part::Test] {
        assert!(corpus.part(part).count() > 0, "{part}");
    }
    let mut calls = calls.into_inner().unwrap();
    calls.sort();
    assert_eq!(calls, (1..=21).map(|done| (done, 21)).collect::<Vec<_>>());
}

#[test]
fn a_corpus_without_frames_is_an_error() {
    assert_eq!(load(&[], SIZE, |_, _| ()).unwrap_err().code(), "training");
    let folder = Folder::new();
    folder.file("svc2004/Task2/U2S2.TXT", b"");
    let error = load(&scan(folder.path()).unwrap(), SIZE, |_, _| ()).unwrap_err();
    assert!(error.to_string().contains("U2S2.TXT"), "{error}");
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let folder = Folder::new();
    let path = folder.path().join("large.png");
    std::fs::File::create(&path).unwrap().set_len(LARGEST_FILE + 1).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("limit"));
}

#[test]
fn names_are_stable() {
    assert_eq!(
        serde_json::to_string(&Set::ALL).unwrap(),
        r#"["hindi","bengali","cedar","dutch","svc2004","synthetic","omniglot","faces","folder"]"#
    );
    assert!(Set::ALL.iter().all(|set| serde_json::to_string(set).unwrap() == format!("\"{set}\"")));
    assert!(Set::ALL.is_sorted());
}

#[test]
fn faces_are_read_from_pgm() {
    let folder = Folder::new();
    let mut pgm = b"P5\n60 40\n255\n".to_vec();
    pgm.extend(
        strokes::page(&synth::signature(7, 1, Kind::Genuine, 0))
            .map(|page| {
                let at = |x: u32, y: u32| (y * page.height / 40 * page.width + x * page.width / 60) as usize;
                (0..40)
                    .flat_map(|y| (0..60).map(move |x| (x, y)))
                    .map(|(x, y)| page.grey[at(x, y)])
                    .collect::<Vec<_>>()
            })
            .unwrap(),
    );
    folder.file("orl/training/s1/1.pgm", &pgm).file("orl/training/s1/2.pgm", &pgm[..500]);
    let corpus = load(&scan(folder.path()).unwrap(), SIZE, |_, _| ()).unwrap();
    assert_eq!((corpus.writers[0].set, corpus.writers[0].genuine.len()), (Set::Faces, 1));
    assert_eq!(corpus.unreadable[0].1.code(), "damaged-image");
}

#[test]
fn what_cannot_be_used_is_remarked_and_listed() {
    let folder = Folder::new();
    for index in 0..7 {
        folder.file(&format!("ada/genuine/bad{index}.png"), b"no image");
    }
    folder.file("ada/genuine/good.png", &signed(1, Kind::Genuine, 0)).file("ben/genuine/1.txt", b"5\n");
    let corpus = load(&scan(folder.path()).unwrap(), SIZE, |_, _| ()).unwrap();
    let remarks = corpus.remarks();
    for said in ["8 signatures cannot be used", "bad4.png: this is not an image", "and 3 more"] {
        assert!(remarks.contains(said), "{remarks}");
    }
    assert!(
        remarks.contains("1 writer has fewer than two genuine") && remarks.contains("folder ada"),
        "{remarks}"
    );
    assert!(!remarks.contains("bad6.png"), "{remarks}");

    let list = folder.path().join("unreadable.txt");
    corpus.write_unreadable(&list).unwrap();
    let text = std::fs::read_to_string(&list).unwrap();
    assert_eq!(text.lines().count(), 8);
    assert!(text.lines().last().unwrap().contains("1.txt: line 1 announces 5"), "{text}");
    // no name may break the list or the terminal
    let odd = Corpus { unreadable: vec![("a\n\x1b[2Jb".into(), Error::BlankPage)], ..Corpus::default() };
    odd.write_unreadable(&list).unwrap();
    assert_eq!(std::fs::read_to_string(&list).unwrap().lines().count(), 1);
    assert!(!odd.remarks().contains('\x1b'));
    // the list of an earlier run does not stay
    Corpus::default().write_unreadable(&list).unwrap();
    Corpus::default().write_unreadable(&list).unwrap();
    assert!(!list.exists() && Corpus::default().remarks().is_empty());
}

#[test]
fn what_cannot_be_learnt_from_is_said_at_once() {
    let check = |genuine, forged, writers| {
        load(&synth::writers(3, writers, genuine, forged), SIZE, |_, _| ()).unwrap().check()
    };
    assert!(check(2, 1, 7).is_ok());
    for (genuine, forged, writers, said) in [
        (1, 2, 7, "0 writers"),
        (2, 0, 7, "no two categories are for validation"),
        (1, 0, 20, "two images or more: 0, and 2 are needed"),
        (2, 1, 1, "1 writers"),
        (2, 1, 3, "forgery"),
    ] {
        let error = check(genuine, forged, writers).unwrap_err();
        assert_eq!(error.code(), "invalid-config");
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(error.to_string().contains("needs 4 categories"), forged == 0, "{error}");
    }
}

#[test]
fn four_categories_can_be_learnt_from_and_three_cannot() {
    let folder = Folder::new();
    let checked = |writer: u16| {
        for index in 0..2 {
            folder.file(&format!("kind {writer}/{index}.png"), &signed(writer, Kind::Genuine, index));
        }
        scan(folder.path()).and_then(|entries| load(&entries, SIZE, |_, _| ())?.check())
    };
    assert_eq!(checked(1).unwrap_err().code(), "corpus-layout");
    for writer in 2..=8 {
        let found = checked(writer);
        assert_eq!(found.is_ok(), writer >= 4, "{writer} categories: {found:?}");
        if let Err(error) = found {
            assert!(error.to_string().contains("needs 4 categories"), "{error}");
        }
    }
}

#[test]
fn a_set_that_is_never_drawn_is_left_out_of_the_run() {
    let folder = Folder::new();
    let file = |name: &str, writer: u16, kind: Kind, index: u32| {
        folder.file(name, &signed(writer, kind, index));
    };
    for (writer, name) in [(1, "ida"), (2, "ben"), (3, "cy"), (4, "di")] {
        for index in 0..2 {
            file(&format!("{name}/genuine/{index}.png"), writer, Kind::Genuine, index);
        }
        file(&format!("{name}/forged/0.png"), writer, Kind::SkilledForgery, 0);
    }
    for writer in [5, 36] {
        file(&format!("signatures/full_org/original_{writer}_1.png"), writer, Kind::Genuine, 0);
        file(&format!("signatures/full_forg/forgeries_{writer}_1.png"), writer, Kind::SkilledForgery, 0);
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/countersign/train.toml");
    let sets = |settings: &[&str]| -> Vec<Set> {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).into()).collect();
        let config = TrainConfig::read_with(&shipped, &settings).unwrap();
        let mut sets: Vec<Set> = for_training(Some(folder.path()), &config, |_, _| ())
            .unwrap()
            .writers
            .iter()
            .map(|writer| writer.set)
            .collect();
        sets.dedup();
        sets
    };
    assert_eq!(sets(&[]), [Set::Cedar, Set::Folder]);
    assert_eq!(sets(&["sampler.sets.cedar=0"]), [Set::Folder]);
}

#[test]
fn a_fold_sets_other_writers_aside_and_trains_on_those_of_the_split() {
    let frames = load(&synth::writers(3, 20, 2, 1), SIZE, |_, _| ()).unwrap();
    let validation = |fold: usize| -> Vec<u16> {
        let mut corpus = frames.clone();
        corpus.fold(fold).unwrap();
        let tests = corpus.part(Part::Test).map(|writer| writer.id);
        assert_eq!(tests.collect::<Vec<_>>(), [6, 13, 19], "test writers stay out of it");
        corpus.part(Part::Validation).map(|writer| writer.id).collect()
    };
    assert_eq!(validation(0), [3, 10, 16]);
    assert_eq!(validation(1), [15, 17, 18]);
    assert_eq!(validation(2), [11, 12, 14]);
    let error = frames.clone().fold(5).unwrap_err();
    assert!(error.to_string().contains("5 of 3 writers"), "{error}");
}
