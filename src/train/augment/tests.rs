use rand::SeedableRng;

use super::*;
use crate::ink::FrameSize;
use crate::train::config::TrainConfig;
use crate::train::{corpus, synth};

/// One dark pixel.
pub(super) fn dot() -> Frame {
    let mut density = vec![0; 20 * 10];
    density[3 * 20 + 4] = 255;
    Frame { width: 20, height: 10, density }
}

pub(super) fn darkest(ink: &[f32]) -> usize {
    (0..ink.len()).max_by(|&a, &b| ink[a].total_cmp(&ink[b])).unwrap()
}

/// A wave across 80 x 40 pixels, with a soft edge.
fn wave() -> Frame {
    let (width, height) = (80, 40);
    let grey = |at: u32| {
        let (x, y) = ((at % width) as f32, (at / width) as f32);
        let away = (y - 20.0 - 10.0 * (x / 6.0).sin()).abs();
        let inside = (10.0..70.0).contains(&x);
        if inside { (255.0 * (2.0 - away).clamp(0.0, 1.0)) as u8 } else { 0 }
    };
    Frame { width, height, density: (0..width * height).map(grey).collect() }
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn sum(ink: &[f32]) -> f32 {
    ink.iter().sum()
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

#[test]
fn nothing_switched_on_changes_nothing() {
    for frame in [dot(), wave()] {
        for ink in [
            augment(&frame, &AugmentConfig::off(), Persona::default(), &mut rng(1)),
            augment_fully(&frame, &AugmentConfig::off(), &mut rng(1)),
        ] {
            assert!(ink.iter().zip(plain(&frame)).all(|(a, b)| (a - b).abs() < 1e-4));
        }
    }
}

#[test]
fn each_alone_changes_the_image_and_leaves_it_a_signature() {
    let frame = wave();
    let before = plain(&frame);
    for strength in STRENGTHS {
        let config = strength.alone(strength.usual, &AugmentConfig::default());
        config.check().unwrap();
        assert_eq!(strength.of(&config), strength.usual);
        for seed in 0..5 {
            let ink = augment_fully(&frame, &config, &mut rng(seed));
            let name = strength.name;
            assert_eq!(ink.len(), before.len());
            assert!(ink.iter().all(|value| (0.0..=1.0).contains(value)), "{name}");
            assert!(difference(&ink, &before) > 0.01 * sum(&before), "{name}: {}", difference(&ink, &before));
            assert!(sum(&ink) > 0.4 * sum(&before), "{name}: {} of {}", sum(&ink), sum(&before));
        }
        let drawn = |seed| {
            let persona = Persona { mirror: [false; 2], seed };
            augment(&frame, &config, persona, &mut rng(seed))
        };
        assert!(drawn(1) == drawn(1), "{}: the same seed", strength.name);
        assert!((2..10).any(|seed| drawn(seed) != drawn(1)), "{}: other seeds", strength.name);
    }
}

#[test]
fn a_drawn_strength_stays_below_the_configured_one() {
    let (frame, gaps) = (wave(), 0.2);
    let config = AugmentConfig { gaps, ..AugmentConfig::off() };
    let missing =
        |seed| 1.0 - sum(&augment(&frame, &config, Persona::default(), &mut rng(seed))) / sum(&plain(&frame));
    let missing: Vec<f32> = (0..40).map(missing).collect();
    // the last gap may exceed the share by its own area
    assert!(missing.iter().all(|share| (0.0..gaps + 0.1).contains(share)), "{missing:?}");
    assert!(missing.iter().any(|share| *share < 0.5 * gaps));
    assert!(missing.iter().any(|share| *share > 0.5 * gaps));
}

#[test]
fn the_largest_strengths_stay_within_range() {
    let frame = wave();
    let mut all = AugmentConfig { elastic_smoothness: 0.3, ..AugmentConfig::default() };
    for strength in STRENGTHS {
        *(strength.field)(&mut all) = strength.most;
    }
    all.check().unwrap();
    for seed in 0..20 {
        for ink in [
            augment(&frame, &all, Persona { mirror: [true, false], seed }, &mut rng(seed)),
            augment_fully(&frame, &all, &mut rng(seed)),
        ] {
            assert_eq!(ink.len(), frame.density.len());
            assert!(ink.iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}

#[test]
fn a_blank_frame_is_no_reason_to_stop() {
    let blank = Frame { width: 16, height: 16, density: vec![0; 256] };
    for strength in STRENGTHS {
        let config = strength.alone(strength.most.min(0.04), &AugmentConfig::default());
        assert_eq!(augment_fully(&blank, &config, &mut rng(1)).len(), 256, "{}", strength.name);
    }
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    AugmentConfig::default().check().unwrap();
    AugmentConfig::off().check().unwrap();
    for strength in STRENGTHS {
        for wrong in [-0.01, 1.01 * strength.most, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let config = strength.alone(wrong, &AugmentConfig::default());
            let error = config.check().unwrap_err();
            assert_eq!(error.code(), "invalid-config");
            assert!(
                error.to_string().contains(&format!("augment.{} must be 0 to", strength.name)),
                "{error}"
            );
        }
    }
    for wrong in [0.0, -1.0, f32::NAN, 2.0] {
        let config = AugmentConfig { elastic_smoothness: wrong, ..AugmentConfig::default() };
        assert!(config.check().unwrap_err().to_string().contains("augment.elastic_smoothness"));
    }
    let folding = AugmentConfig { elastic: 0.05, elastic_smoothness: 0.05, ..AugmentConfig::off() };
    assert!(folding.check().unwrap_err().to_string().contains("fold back"));
}

#[test]
fn a_file_may_set_each_by_name() {
    for strength in STRENGTHS {
        let text = format!("{} = 0.04", strength.name);
        let config: AugmentConfig = toml::from_str(&text).unwrap();
        assert_eq!(strength.of(&config), 0.04);
    }
    assert!(toml::from_str::<AugmentConfig>("rotatoin = 1.0").is_err());
}

#[test]
fn a_run_with_an_impossible_strength_is_refused() {
    let path = std::env::temp_dir().join(format!("countersign-{}-augment.toml", std::process::id()));
    let read = |augment: &str| {
        let text = include_str!("../../../configs/triplet.toml");
        std::fs::write(&path, format!("{text}\n[augment]\n{augment}\n")).unwrap();
        TrainConfig::read(&path)
    };
    assert_eq!(read("jpeg = 80.0").unwrap().augment.jpeg, 80.0);
    let error = read("blur = nan").unwrap_err().to_string();
    assert!(error.contains("augment.blur must be 0 to 3, not NaN"), "{error}");
    std::fs::remove_file(path).unwrap();
}

/// `cargo test --release --lib augment::tests::time_an_image -- --ignored --nocapture`
#[test]
#[ignore = "prints times"]
fn time_an_image() {
    let size = FrameSize::ink(160, 80);
    let writers = corpus::load(&synth::writers(1, 64, 1, 0), size, |_, _| ()).unwrap().writers;
    // the best of some rounds for each image, so that other work on the machine counts little
    let best = |frame: &Frame, config: &AugmentConfig, seed: u64| {
        let round = |_| {
            let started = std::time::Instant::now();
            std::hint::black_box(augment(
                frame,
                config,
                Persona { mirror: [false; 2], seed },
                &mut rng(seed),
            ));
            started.elapsed().as_secs_f64()
        };
        (0..20).map(round).fold(f64::MAX, f64::min)
    };
    let time = |name: &str, config: &AugmentConfig| {
        let each = (0..).zip(&writers).map(|(seed, writer)| best(&writer.genuine[0], config, seed));
        println!("{name:<10} {:.3} ms", 1e3 * each.sum::<f64>() / writers.len() as f64);
    };
    let mut all = AugmentConfig::default();
    time("off", &AugmentConfig::off());
    time("default", &all);
    for strength in STRENGTHS {
        time(strength.name, &strength.alone(strength.usual, &all));
        *(strength.field)(&mut all) = strength.usual;
    }
    time("all", &all);
}
