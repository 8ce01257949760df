use burn::tensor::Distribution;
use burn::tensor::Tensor;

use super::*;
use crate::ink::Stage;
use crate::model::{EncoderConfig, SimilarityConfig};
use crate::train::{corpus, synth};

fn config(width: usize) -> TrainConfig {
    let text = format!(
        r#"
        name = "goes-on"
        start = "{}/tests/fixtures/tiny"
        epochs = 1
        batches = 1
        input = {{ width = 64, height = 32 }}
        [network]
        encoder = {{ kind = "countersign", width = {width}, map_channels = 8, embedding = 16 }}
        similarity = {{ kind = "pair-head", width = 8 }}
        "#,
        env!("CARGO_MANIFEST_DIR")
    );
    toml::from_str(&text).unwrap()
}

#[test]
fn a_run_starts_from_the_weights_of_a_model() {
    let (config, device) = (config(4), Device::flex());
    let (network, before) = first(&config, &device, &Progress::lines()).unwrap();
    let (manifest, trained) = export::open(config.start.as_ref().unwrap(), &device).unwrap();
    assert_eq!(before, Some(manifest.training));
    // the model was made for larger frames
    assert_ne!(manifest.input, config.input);
    let ink = Tensor::random([2, 1, 32, 64], Distribution::Default, &device);
    let (got, expected) = (network.valid().encode(ink.clone()), trained.encode(ink));
    got.embedding.into_data().assert_eq(&expected.embedding.into_data(), true);
    got.map.into_data().assert_eq(&expected.map.into_data(), true);
}

/// Finer frames, and what is measured of the line, which nothing learns.
#[test]
fn a_run_starts_from_a_model_for_coarser_frames() {
    let device = Device::flex();
    let mut config = config(4);
    let (plain, _) = first(&config, &device, &Progress::lines()).unwrap();
    let EncoderConfig::Countersign(encoder) = &mut config.network.encoder else { panic!("another encoder") };
    (encoder.stem_stride, encoder.directions) = (4, 8);
    config.network.similarity = SimilarityConfig::PairHead { width: 8, direction_weight: 0.5 };
    let (finer, _) = first(&config, &device, &Progress::lines()).unwrap();
    // a smooth picture, and the same with pixels twice as fine
    let ink = |fine: usize| {
        let wave = |at: usize| ((at as f32 + 0.5) / (fine * 16) as f32 * std::f32::consts::TAU).sin();
        let ink =
            (0..32 * fine * 64 * fine).map(|at| 0.5 + 0.4 * wave(at / (64 * fine)) * wave(at % (64 * fine)));
        let shape = [1, 1, 32 * fine, 64 * fine];
        Tensor::<4>::from_data(burn::tensor::TensorData::new(ink.collect(), shape), &device)
    };
    let (plain, finer) = (plain.valid().encode(ink(1)), finer.valid().encode(ink(2)));
    assert_eq!(plain.map.dims(), finer.map.dims());
    assert_eq!([plain.embedding.dims()[1], finer.embedding.dims()[1]], [16, 32]);
    let length = |map: Tensor<4>| map.powf_scalar(2.0).sum().sqrt().into_scalar::<f32>();
    let apart = length(plain.map.clone() - finer.map) / length(plain.map);
    assert!(apart < 0.1, "{apart}");
}

#[test]
fn a_run_from_weights_of_another_stage_says_so() {
    let told = |stage| {
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let all = heard.clone();
        let progress = Progress::Events(Arc::new(move |event| all.lock().unwrap().push(event.to_string())));
        let mut config = config(4);
        config.input.stage = stage;
        first(&config, &Device::flex(), &progress).unwrap();
        heard.lock().unwrap().join("")
    };
    assert_eq!(told(Stage::Ink), "");
    assert!(told(Stage::Grey).contains("stage ink, this run draws those of grey"));
}

#[test]
fn a_fold_does_not_start_from_what_knows_its_writers() {
    let folder = std::env::temp_dir().join(format!("countersign-{}-fold", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut config = config(4);
    let mut manifest = export::manifest(config.start.as_ref().unwrap()).unwrap();
    config.start = Some(folder.clone());
    let corpus = corpus::load(&synth::writers(3, 7, 2, 1), config.input, |_, _| ()).unwrap();
    let mut checked = |set: &str, fold: usize| {
        manifest.training.sets = vec![set.into()];
        export::save_manifest(&manifest, &folder).unwrap();
        config.fold = fold;
        check_fold(&config, &corpus)
    };
    assert_eq!((checked("synthetic", 0), checked("hindi", 1)), (Ok(()), Ok(())));
    let error = checked("synthetic", 1).unwrap_err();
    assert_eq!(error.code(), "invalid-config");
    assert!(error.to_string().contains("learned from writers of synthetic"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_run_does_not_start_from_another_network() {
    let error = first(&config(6), &Device::flex(), &Progress::lines()).unwrap_err();
    assert_eq!(error.code(), "invalid-config");
    assert!(error.to_string().contains("take over [network]"), "{error}");
}
