//! Batches of small made-up writers: whom they hold, which pairs, and what data they refuse.

use super::super::corpus::Part;
use super::super::loss::floats;
use super::super::pairs;
use super::*;

/// A writer with so many genuine signatures and forgeries; the first pixel is the writer's number, the second
/// tells genuine (1) from forged (0).
fn writer(set: Set, id: u16, genuine: usize, forged: usize) -> Writer {
    let frame = |genuine: u8| Frame { width: 2, height: 1, density: vec![id as u8, genuine] };
    let (genuine, forgers) = (vec![frame(1); genuine], vec![None; forged]);
    Writer { set, id, part: Part::Train, genuine, forged: vec![frame(0); forged], forgers }
}

fn sampler(text: &str) -> SamplerConfig {
    let sampler: SamplerConfig = toml::from_str(text).unwrap();
    sampler.check().unwrap();
    sampler
}

/// A batch before augmentation: writer and whether genuine, as the images and as the labels say.
struct Seen {
    images: Vec<(u8, bool)>,
    labels: Vec<Label>,
    pairs: Option<Pairs>,
}

fn batches(sampler: &SamplerConfig, writers: Vec<Writer>, batches: usize) -> Vec<Seen> {
    sampler.check_data(writers.iter()).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut batch = || {
        let Draw { images, labels, pairs } = Draw::new(sampler, false, &writers, &mut rng);
        let images =
            images.iter().map(|image| (image.frame.density[0], image.frame.density[1] > 0)).collect();
        Seen { images, labels, pairs }
    };
    (0..batches).map(|_| batch()).collect()
}

fn count<T: PartialEq>(values: impl IntoIterator<Item = T>, wanted: T) -> usize {
    values.into_iter().filter(|value| *value == wanted).count()
}

#[test]
fn writers_are_different_and_labels_say_who_signed() {
    let config = sampler("kind = \"writers\"\nwriters = 3\ngenuine = 2\nforged = 3");
    let writers = (0..5).map(|id| writer(Set::Dutch, id, 4, 4)).collect();
    for batch in batches(&config, writers, 10) {
        assert!(batch.pairs.is_none());
        let drawn = &batch.images;
        assert_eq!(drawn.len(), 15);
        for slot in 0..3 {
            let of_slot = || batch.labels.iter().zip(drawn).filter(|(label, _)| label.writer == slot);
            let first = of_slot().next().unwrap().1.0;
            assert!(of_slot().all(|(label, image)| image.0 == first && label.genuine == image.1));
            assert_eq!(count(of_slot().map(|(label, _)| label.genuine), true), 2);
            assert_eq!(count(drawn.iter().map(|image| image.0), first), 5, "a writer is drawn twice");
        }
    }
}

#[test]
fn sets_that_swamp_the_named_ones_are_told() {
    let writers: Vec<Writer> =
        (0..50).map(|id| writer(if id < 40 { Set::Dutch } else { Set::Hindi }, id, 4, 4)).collect();
    let remarks = |sets: &str| {
        let config = sampler(&format!("kind = \"writers\"\nsets = {{ {sets} }}"));
        config.remarks(writers.iter())
    };
    assert_eq!(remarks(""), "");
    assert_eq!(remarks("hindi = 0.3, dutch = 0.7"), "");
    assert_eq!(remarks("cedar = 0.3"), "", "it is not there");
    let text = remarks("hindi = 0.3");
    assert!(text.contains("does not name dutch") && text.contains("(40), 99 % of all"), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn neighbours_follow_each_other_in_the_numbering_of_one_set() {
    let config = sampler(
        "kind = \"writers\"\nwriters = 3\ngenuine = 2\nforged = 0\nskilled_pairs = 0\nneighbours = 1.0",
    );
    let writers: Vec<Writer> =
        (0..7).map(|id| writer(if id < 5 { Set::Dutch } else { Set::Hindi }, id, 4, 0)).collect();
    let mut hindi = 0;
    for batch in batches(&config, writers, 30) {
        let mut drawn: Vec<u8> = batch.images.iter().map(|image| image.0).collect();
        drawn.dedup();
        if drawn[0] >= 5 {
            hindi += 1;
            assert!(drawn == [5, 6] || drawn == [6, 5], "{drawn:?}: there are no more");
        } else {
            assert_eq!(drawn, [0, 1, 2].map(|step| (drawn[0] + step) % 5));
        }
    }
    assert!((1..30).contains(&hindi), "{hindi} of 30 batches");
}

#[test]
fn random_mining_brings_its_pairs_along() {
    let config =
        sampler("kind = \"writers\"\nwriters = 2\nskilled_pairs = 3\nrandom_pairs = 2\nmining = \"random\"");
    let batches = batches(&config, (0..2).map(|id| writer(Set::Dutch, id, 4, 4)).collect(), 2);
    let kinds = batches[0].pairs.clone().unwrap().kind;
    let of = |kind| count(kinds.iter().copied(), kind);
    assert_eq!([pairs::Kind::Genuine, pairs::Kind::Skilled, pairs::Kind::Random].map(of), [12, 6, 4]);
    assert_ne!(batches[0].pairs, batches[1].pairs);
}

#[test]
fn half_of_the_pairs_are_genuine_and_half_are_of_a_genuine_signature_and_a_forgery_of_it() {
    let config = sampler("kind = \"pairs\"\nbatch = 16");
    let writers = (0..6).map(|id| writer(Set::Dutch, id, 3, 2)).collect();
    for batch in batches(&config, writers, 10) {
        let (drawn, pairs) = (batch.images, batch.pairs.unwrap());
        assert_eq!((drawn.len(), pairs.kind.len()), (32, 16));
        assert_eq!(count(pairs.kind.iter().copied(), pairs::Kind::Genuine), 8);
        assert_eq!(count(pairs.kind.iter().copied(), pairs::Kind::Skilled), 8);
        for (index, kind) in pairs.kind.iter().enumerate() {
            let (questioned, reference) = (drawn[pairs.questioned[index]], drawn[pairs.reference[index]]);
            assert_eq!(questioned.0, reference.0, "a pair of two writers");
            assert!(reference.1);
            assert_eq!(questioned.1, *kind == pairs::Kind::Genuine);
        }
    }
}

#[test]
fn a_share_of_the_forgeries_is_random_and_all_are_where_there_are_no_others() {
    let of = |share: f64, forged: usize| {
        let config = sampler(&format!("kind = \"pairs\"\nbatch = 400\nrandom_forgeries = {share}"));
        let mut writers: Vec<Writer> = (0..6).map(|id| writer(Set::Dutch, id, 3, forged)).collect();
        writers.push(writer(Set::Hindi, 9, 3, forged));
        let batch = batches(&config, writers, 1).remove(0);
        let (drawn, pairs) = (batch.images, batch.pairs.unwrap());
        for (index, kind) in pairs.kind.iter().enumerate() {
            let (questioned, reference) = (pairs.questioned[index], pairs.reference[index]);
            if *kind == pairs::Kind::Random {
                assert!(drawn[questioned].1 && drawn[questioned].0 != drawn[reference].0);
                assert_ne!(batch.labels[questioned].writer, batch.labels[reference].writer);
                assert!(drawn[questioned].0 != 9, "strangers are of the same set where it has others");
            }
        }
        count(pairs.kind.iter().copied(), pairs::Kind::Random)
    };
    assert_eq!(of(0.0, 2), 0);
    assert!((60..140).contains(&of(0.5, 2)));
    assert_eq!(of(1.0, 2), 200);
    assert_eq!(of(0.0, 0), 200);
}

#[test]
fn a_writer_and_its_mirror_images_have_different_labels() {
    let config = sampler("kind = \"pairs\"\nbatch = 40\nmirror = true");
    let batch = batches(&config, vec![writer(Set::Dutch, 1, 3, 3)], 1).remove(0);
    let slots = batch.labels.iter().map(|label| label.writer).max().unwrap() + 1;
    assert_eq!(slots, 4);
    let pairs = batch.pairs.unwrap();
    let writer = |row: &usize| batch.labels[*row].writer;
    assert!(pairs.questioned.iter().zip(&pairs.reference).all(|(a, b)| writer(a) == writer(b)));
}

#[test]
fn sets_are_drawn_as_often_as_asked() {
    for kind in ["kind = \"pairs\"\nbatch = 20", "kind = \"writers\"\nwriters = 2"] {
        let config = sampler(&format!("{kind}\n[sets]\nhindi = 3.0\ndutch = 1.0\ncedar = 0.0"));
        let mut writers: Vec<Writer> = (0..20).map(|id| writer(Set::Dutch, id, 2, 2)).collect();
        writers.extend((20..25).map(|id| writer(Set::Hindi, id, 2, 2)));
        writers.extend((25..30).map(|id| writer(Set::Cedar, id, 2, 2)));
        let drawn: Vec<Set> = batches(&config, writers, 100)
            .into_iter()
            .flat_map(|batch| batch.labels.into_iter().map(|label| label.set))
            .collect();
        let share = |set| count(drawn.iter().copied(), set) as f64 / drawn.len() as f64;
        assert!((share(Set::Hindi) - 0.75).abs() < 0.08, "{kind}: {}", share(Set::Hindi));
        assert_eq!(share(Set::Cedar), 0.0);
    }
}

#[test]
fn data_that_a_sampler_cannot_use_is_refused_with_what_is_there() {
    let refused = |sampler: &str, writers: &[Writer]| {
        let sampler: SamplerConfig = toml::from_str(sampler).unwrap();
        sampler.check_data(writers.iter()).unwrap_err().to_string()
    };
    let two = [writer(Set::Hindi, 1, 2, 0), writer(Set::Dutch, 1, 2, 0)];
    let message = refused("kind = \"writers\"\nsets = { dutch = 0.0, hindi = 0.0 }", &two);
    assert!(message.contains("sampler.sets must be above 0"), "{message}");
    let message = refused("kind = \"pairs\"\nsets = { dutch = 0.0 }", &two);
    assert!(message.contains("has no forgeries"), "{message}");
    let message = refused("kind = \"pairs\"", &[writer(Set::Dutch, 1, 1, 9), writer(Set::Dutch, 2, 1, 9)]);
    assert!(message.contains("two genuine signatures"), "{message}");
    for fits in [[writer(Set::Dutch, 1, 2, 1)].as_slice(), &two] {
        assert!(SamplerConfig::default().check_data(fits.iter()).is_ok());
    }
}

#[test]
fn settings_of_the_other_kind_and_misspelt_ones_are_refused() {
    for wrong in [
        "kind = \"pairs\"\nwriters = 3",
        "kind = \"writers\"\nbatch = 3",
        "kind = \"writers\"\nmirorr = true",
        "kind = \"writers\"\nmining = \"harder\"",
        "kind = \"writers\"\nsets = { klingon = 1.0 }",
        "kind = \"triplets\"",
        "writers = 3",
    ] {
        assert!(toml::from_str::<SamplerConfig>(wrong).is_err(), "{wrong}");
    }
    for wrong in ["kind = \"pairs\"\nbatch = 1", "kind = \"pairs\"\nrandom_forgeries = 1.5"] {
        let config: SamplerConfig = toml::from_str(wrong).unwrap();
        assert_eq!(config.check().unwrap_err().code(), "invalid-config", "{wrong}");
    }
}

#[test]
fn a_configuration_survives_writing_and_reading() {
    for text in
        ["kind = \"pairs\"\nbatch = 5\n[sets]\ndutch = 1.0", "kind = \"writers\"\nmining = \"random\""]
    {
        let config = sampler(text);
        let written = toml::to_string_pretty(&config).unwrap();
        assert_eq!(sampler(&written), config, "{written}");
    }
}

#[test]
fn a_validation_writer_without_forgeries_meets_others_of_its_set() {
    let validation = ValidationBatches {
        writers: Arc::new(vec![
            writer(Set::Dutch, 1, 3, 2),
            writer(Set::Hindi, 2, 3, 0),
            writer(Set::Dutch, 3, 3, 0),
            writer(Set::Dutch, 4, 3, 2),
        ]),
        size: FrameSize::ink(2, 1),
        each: 2,
        device: Device::flex(),
    };
    let batches: Vec<Batch> = validation.iter().map(|batch| batch.unwrap()).collect();
    let drawn = |batch: &Batch| -> Vec<(u8, bool)> {
        let ink: Vec<f32> = batch.ink.to_data().try_to_vec().unwrap();
        ink.chunks(2).map(|pixels| ((pixels[0] * 255.0).round() as u8, pixels[1] > 0.0)).collect()
    };
    assert_eq!(drawn(&batches[0]), [(1, true), (1, true), (1, false), (1, false)]);
    assert_eq!(drawn(&batches[1]), [(2, true), (2, true)]);
    assert_eq!(drawn(&batches[2]), [(3, true), (3, true), (4, true), (1, true)]);
    let writers: Vec<usize> = batches[2].labels.iter().map(|label| label.writer).collect();
    assert_eq!(writers, [0, 0, 1, 2]);
}

#[test]
fn the_slices_of_an_epoch_are_together_the_epoch() {
    let training = TrainingBatches {
        writers: Arc::new((0..6).map(|id| writer(Set::Dutch, id, 4, 4)).collect()),
        size: FrameSize::ink(2, 1),
        first: 0,
        batches: 5,
        sampler: sampler("kind = \"writers\"\nwriters = 2\ngenuine = 2\nforged = 2\nmining = \"random\""),
        augment: AugmentConfig::off(),
        seed: 7,
        // as in a run that is resumed
        epoch: Arc::new(AtomicU64::new(3)),
        device: Device::flex(),
    };
    let drawn = |batches: &dyn DataLoader<Batch>| -> Vec<(Vec<Label>, Option<Pairs>, Vec<f32>)> {
        let batches = batches.iter().map(Result::unwrap);
        batches.map(|batch| (batch.labels, batch.pairs, floats(batch.ink))).collect()
    };
    let slices = [(0, 2), (2, 4), (4, 5)].map(|(start, end)| training.slice(start, end));
    let inner = training.slice(1, 5).slice(1, 3);
    let epochs = [drawn(&training), drawn(&training)];
    for epoch in &epochs {
        assert_eq!(slices.iter().flat_map(|slice| drawn(&**slice)).collect::<Vec<_>>(), *epoch);
        assert_eq!(drawn(&*inner), epoch[2..4], "a slice of a slice");
    }
    assert_ne!(epochs[0], epochs[1]);
    assert!((1..5).all(|number| epochs[0][number] != epochs[0][0]), "every batch is another");
}
