use super::*;
use crate::export;
use crate::train::corpus::Part;

/// An image of one grey, for the tests that look at drawing alone.
fn sample(set: Set, writer: u16, name: &str, drawer: u32, value: u8) -> Sample {
    Sample {
        set,
        writer,
        name: name.into(),
        kind: Kind::Genuine,
        part: Part::Test,
        forger: None,
        source: format!("a/{writer:04}_{drawer:02}.png"),
        page: [0; 32],
        frame: Frame { width: 1, height: 1, density: vec![value] },
    }
}

/// Two alphabets of four characters, by six people; the value tells character (tens) and drawer.
fn alphabets() -> Categories {
    let samples = (0..8_u16).flat_map(|character| {
        let alphabet = if character < 4 { "one" } else { "two" };
        (0..6).map(move |drawer| {
            let name = format!("{alphabet}/character{character:02}");
            sample(Set::Omniglot, character, &name, drawer, (character * 10) as u8 + drawer as u8)
        })
    });
    Categories::of(samples.collect(), Set::Omniglot)
}

#[test]
fn an_episode_is_of_one_alphabet_and_the_questioned_are_by_somebody_else() {
    let (categories, protocol) = (alphabets(), Protocol { ways: 3, shots: 2, trials: 1, seed: 1 });
    assert_eq!(categories.groups.len(), 2);
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let episode = categories.groups["two"].draw(&protocol, &mut rng).unwrap();
        let (characters, drawers): (Vec<u8>, Vec<u8>) =
            episode.questioned.iter().map(|frame| (frame.density[0] / 10, frame.density[0] % 10)).unzip();
        assert!(characters.iter().all(|character| *character >= 4));
        assert_eq!(characters.iter().collect::<BTreeSet<_>>().len(), 3);
        assert!(drawers.iter().all(|drawer| *drawer == drawers[0]));
        for (examples, character) in episode.examples.iter().zip(&characters) {
            assert_eq!(examples.len(), 2);
            let by: BTreeSet<u8> = examples.iter().map(|frame| frame.density[0] % 10).collect();
            assert!(by.len() == 2 && !by.contains(&drawers[0]));
            assert!(examples.iter().all(|frame| frame.density[0] / 10 == *character));
        }
    }
}

#[test]
fn without_alphabets_images_are_drawn_once_each() {
    let faces = (0..3_u16).flat_map(|person| {
        (0..4).map(move |at| sample(Set::Faces, person, "", at, (person * 10) as u8 + at as u8))
    });
    let categories = Categories::of(faces.collect(), Set::Faces);
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let protocol = Protocol { ways: 3, shots: 3, trials: 1, seed: 1 };
    let episode = categories.groups[""].draw(&protocol, &mut rng).unwrap();
    for (examples, questioned) in episode.examples.iter().zip(&episode.questioned) {
        let seen: BTreeSet<u8> = examples.iter().chain([questioned]).map(|frame| frame.density[0]).collect();
        assert_eq!(seen.len(), 4);
    }
}

#[test]
fn too_few_categories_or_images_are_an_error() {
    for (ways, shots) in [(5, 1), (3, 6), (1, 1), (3, 0)] {
        let protocol = Protocol { ways, shots, trials: 10, seed: 1 };
        let error = alphabets().draw(&protocol).unwrap_err();
        assert_eq!(error.code(), "invalid-option", "{ways} {shots}");
    }
}

#[test]
fn only_categories_with_enough_images_count() {
    let mut samples: Vec<Sample> = (0..5_u16).map(|person| sample(Set::Faces, person, "", 0, 0)).collect();
    samples.extend((0..3).map(|at| sample(Set::Faces, at % 2, "", 1, 0)));
    let refused = |ways: usize| {
        let protocol = Protocol { ways, shots: 1, trials: 10, seed: 1 };
        Categories::of(samples.clone(), Set::Faces).draw(&protocol).unwrap_err().to_string()
    };
    let error = refused(3);
    assert!(error.contains("faces: 3 ways") && error.contains("there are 2 at most"), "{error}");
    assert!(error.contains("fewer --ways") && !error.contains("--writers all"), "{error}");
    // fewer than two ways there cannot be
    let one = Categories::of(samples.iter().filter(|one| one.writer == 0).cloned().collect(), Set::Faces);
    for (shots, fewer) in [(1, false), (2, true)] {
        let protocol = Protocol { ways: 2, shots, trials: 10, seed: 1 };
        let error = one.draw(&protocol).unwrap_err().to_string();
        assert!(error.contains("--writers all") && !error.contains("--ways"), "{error}");
        assert_eq!(error.contains("fewer --shots"), fewer, "{error}");
    }
    // enough images of enough characters, but never by the same two people
    samples.iter_mut().zip(0..).for_each(|(one, at)| {
        (one.set, one.source) = (Set::Omniglot, format!("a/0001_{at:02}.png"));
        one.name = "alphabet/character".into();
    });
    let protocol = Protocol { ways: 2, shots: 1, trials: 10, seed: 1 };
    let error = Categories::of(samples, Set::Omniglot).draw(&protocol).unwrap_err().to_string();
    assert!(error.contains("omniglot: 2 ways") && error.contains("no 2 people"), "{error}");
}

/// Categories that are far apart are told from each other, copies of one are not: then no score is the highest alone.
#[test]
fn what_differs_is_told_apart_and_what_does_not_is_not() {
    let device = Device::flex();
    let (manifest, network) =
        export::open(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny")), &device)
            .unwrap();
    let (width, height) = (manifest.input.width, manifest.input.height);
    let accuracy = |pattern: &dyn Fn(u16, u32, u32) -> bool| {
        let samples = (0..4_u16).flat_map(|category| (0..3).map(move |at| (category, at)));
        let samples = samples.map(|(category, at)| {
            let pixels = (0..width * height).map(|p| u8::from(pattern(category, p % width, p / width)) * 255);
            let frame = Frame { width, height, density: pixels.collect() };
            Sample { frame, ..sample(Set::Folder, category, "", at, 0) }
        });
        let categories = Categories::of(samples.collect(), Set::Folder);
        let protocol = Protocol { ways: 4, shots: 2, trials: 8, seed: 1 };
        let episodes = categories.draw(&protocol).unwrap();
        play(&episodes, (&manifest, &network), &device, |_, _| ()).unwrap()
    };
    let same = accuracy(&|_, x, y| x == y);
    assert_eq!((same.trials, same.accuracy.percent), (8, 0.0));
    // strokes in four places and directions
    let apart = accuracy(&|category, x, y| match category {
        0 => y == height / 2,
        1 => x == width / 2,
        2 => x == 2 * y,
        _ => (x / 4 + y / 4) % 2 == 0,
    });
    assert!(apart.accuracy.percent > 50.0, "{apart:?}");
}

/// Twenty different characters of the archive in each run, by two different people, and an error that names what is not
/// there.
#[test]
fn the_published_runs_are_of_twenty_characters_by_two_people() {
    let mut archive = Vec::new();
    for (alphabet, numbers) in [
        ("Atlantean", 1011..=1036),
        ("Ge_ez", 1089..=1114),
        ("Glagolitic", 1115..=1159),
        ("Gurmukhi", 1160..=1204),
        ("Kannada", 1205..=1245),
        ("Malayalam", 1272..=1318),
        ("Manipuri", 1319..=1358),
        ("Old_Church_Slavonic_(Cyrillic)", 1389..=1433),
        ("Tengwar", 1531..=1555),
        ("Tibetan", 1556..=1597),
    ] {
        for number in numbers {
            archive.extend((1..=20).map(|drawer| {
                let name = format!("{alphabet}/character");
                // all that a frame of one pixel can say: who drew it and the last digits of what
                let mut one = sample(Set::Omniglot, number, &name, drawer, drawer as u8);
                one.frame = Frame { width: 2, height: 1, density: vec![drawer as u8, (number % 200) as u8] };
                one
            }));
        }
    }
    let mut few = archive.clone();
    let categories = Categories::of(archive, Set::Omniglot);
    let runs = lake::runs(&categories).unwrap();
    assert_eq!(runs.len(), 20);
    for run in &runs {
        assert_eq!((run.ways(), run.shots()), (20, 1));
        let drawer = |frames: &[&Frame]| frames.iter().map(|frame| frame.density[0]).collect::<BTreeSet<_>>();
        let characters = |frames: &[&Frame]| frames.iter().map(|frame| frame.density[1]).collect::<Vec<_>>();
        let examples = run.examples.concat();
        let (by, asked_by) = (drawer(&examples), drawer(&run.questioned));
        assert!(by.len() == 1 && asked_by.len() == 1 && by != asked_by);
        assert_eq!(characters(&examples), characters(&run.questioned));
        assert_eq!(characters(&examples).iter().collect::<BTreeSet<_>>().len(), 20);
    }
    // the first line of the published list: Atlantean, the example 1011 by person 5, the same by person 8 in question
    assert_eq!(
        (&runs[0].examples[0][0].density[..], &runs[0].questioned[0].density[..]),
        (&[5, 11][..], &[8, 11][..])
    );

    few.retain(|one| !(one.writer == 1036 && one.source.ends_with("_08.png")));
    let error = lake::runs(&Categories::of(few, Set::Omniglot)).unwrap_err();
    assert_eq!(error.code(), "invalid-option");
    assert!(error.to_string().contains("Atlantean/character26 by person 08"), "{error}");
}
