//! A run on synthetic signatures: it learns, stops on request, goes on, and refuses a folder that is not its own.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_train::Interrupter;
use countersign::Result;
use countersign::train::config::TrainConfig;
use countersign::train::corpus::{self, Corpus};
use countersign::train::run::{self, Outcome};
use countersign::train::synth;

/// Small enough for seconds.
fn config(epochs: usize) -> TrainConfig {
    let text = format!(
        r#"
        name = "tiny"
        epochs = {epochs}
        batches = 2
        [input]
        width = 32
        height = 16
        [network.encoder]
        kind = "countersign"
        width = 4
        map_channels = 4
        embedding = 8
        [network.similarity]
        kind = "pair-head"
        width = 4
        [sampler]
        kind = "writers"
        writers = 3
        genuine = 2
        forged = 2
        "#
    );
    toml::from_str(&text).expect("a configuration")
}

fn corpus(config: &TrainConfig) -> Corpus {
    corpus::load(&synth::writers(1, 12, 3, 3), config.input, |_, _| ()).expect("a corpus")
}

/// A folder of its own for each test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn train(config: &TrainConfig, folder: &Path, resume: bool, interrupter: Interrupter) -> Result<Outcome> {
    run::train(config, &corpus(config), folder, resume, &Device::flex(), interrupter)
}

#[test]
fn a_finished_run_is_read_again() {
    let (config, folder) = (config(2), folder("finished"));
    assert!(matches!(train(&config, &folder, false, Interrupter::new()), Ok(Outcome::Finished(_))));
    assert!(matches!(train(&config, &folder, true, Interrupter::new()), Ok(Outcome::Finished(_))));
    std::fs::remove_dir_all(folder).expect("a folder to remove");
}

#[test]
fn an_interrupted_run_goes_on_from_its_last_checkpoint() {
    let (config, folder) = (config(3), folder("interrupted"));
    let done = |epoch: usize| folder.join(format!("checkpoint/model-{epoch}.bpk")).exists();
    // stops in the first epoch, before any checkpoint
    let stopped = Interrupter::new();
    stopped.stop(Some("a test"));
    assert!(matches!(train(&config, &folder, false, stopped), Ok(Outcome::Interrupted)));
    assert!(!done(1));
    assert!(matches!(train(&config, &folder, true, Interrupter::new()), Ok(Outcome::Finished(_))));
    assert!(done(3) && done(2) && !done(1), "the last two checkpoints are kept");
    // a torn file, as a crash leaves it, is passed over
    std::fs::write(folder.join("checkpoint/model-3.bpk"), b"torn").expect("a file to write");
    assert!(matches!(train(&config, &folder, true, Interrupter::new()), Ok(Outcome::Finished(_))));
    std::fs::remove_dir_all(folder).expect("a folder to remove");
}

#[test]
fn a_folder_of_another_run_is_refused() {
    let (first, folder) = (config(1), folder("refused"));
    assert!(train(&first, &folder, false, Interrupter::new()).is_ok());
    let code = |config: &TrainConfig, resume| match train(config, &folder, resume, Interrupter::new()) {
        Ok(_) => "no error",
        Err(error) => error.code(),
    };
    assert_eq!(code(&first, false), "file", "a run is not overwritten");
    assert_eq!(code(&config(2), true), "file", "another configuration does not go on");
    std::fs::remove_dir_all(&folder).expect("a folder to remove");
}

#[test]
fn a_set_that_the_data_lacks_is_named_with_those_that_are_there() {
    let (mut config, folder) = (config(1), folder("sets"));
    config.sampler.sets.insert(corpus::Set::Cedar, 1.0);
    let Err(error) = train(&config, &folder, false, Interrupter::new()) else { panic!("cedar is not there") };
    assert!(error.to_string().contains("names cedar, but the training writers are of synthetic"), "{error}");
    std::fs::remove_dir_all(folder).expect("a folder to remove");
}

#[test]
fn the_tutorials_network_is_trained_without_augmentation() {
    let configs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("configs");
    let config = TrainConfig::read(&configs.join("signet.toml")).expect("a configuration");
    let augment = toml::Table::try_from(&config.augment).expect("a table");
    assert!(augment.values().all(|strength| strength.as_float() == Some(0.0)), "{augment}");
}

#[test]
fn shipped_configurations_are_valid_and_typing_errors_are_named() {
    let configs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("configs");
    for file in std::fs::read_dir(&configs).expect("a folder of configurations") {
        let path = file.expect("an entry").path();
        assert!(TrainConfig::read(&path).is_ok(), "{}", path.display());
    }
    let folder = folder("configs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = std::fs::read_to_string(configs.join("countersign.toml")).expect("a configuration");
    for (right, wrong) in [
        ("epochs = ", "epohcs = "),
        ("genuine = 4", "genuine = 1"),
        ("kind = \"logistic\"", "kind = \"triplet\""),
        ("kind = \"logistic\"", "kind = \"supervised-contrastive\""),
        ("temperature = 0.1", "tepmerature = 0.1"),
        ("mirror = true", "miror = true"),
        ("kind = \"writers\"", "kind = \"pairs\""),
        ("kind = \"adamw\"", "kind = \"sgd\"\nbeta_1 = 0.9"),
        ("clip = { norm", "clip = { norn"),
        ("warm_up = 0.15", "warm_up = 1.5"),
        ("width = 160", "width = 0"),
        ("learning_rate = 2e-3", "learning_rate = -1.0"),
        ("name = \"countersign\"", "name = \"../up\""),
    ] {
        assert!(text.contains(right), "{right}");
        let path = folder.join("wrong.toml");
        std::fs::write(&path, text.replacen(right, wrong, 1)).expect("a file to write");
        let error = TrainConfig::read(&path).expect_err(wrong);
        assert_eq!(error.code(), "invalid-config", "{wrong}: {error}");
    }
    assert_eq!(TrainConfig::read(&folder.join("missing.toml")).expect_err("no file").code(), "file");
    std::fs::remove_dir_all(folder).expect("a folder to remove");
}
