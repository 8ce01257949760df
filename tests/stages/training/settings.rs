//! Configurations and settings from the command line.

use std::path::PathBuf;

use countersign::Error;
use countersign::train::augment::AugmentConfig;
use countersign::train::config::TrainConfig;

use super::{folder, remove};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> PathBuf {
    root().join("models/countersign/train.toml")
}

#[test]
fn shipped_configurations_are_valid_and_typing_errors_are_named() {
    let configs = std::fs::read_dir(root().join("configs")).expect("a folder of configurations");
    // two of them are no training configurations: compare/tests.rs and search/tests.rs read those
    let others = ["compare.toml", "search.toml"].map(|name| root().join("configs").join(name));
    let configs = configs.map(|file| file.expect("an entry").path()).filter(|path| !others.contains(path));
    let models = std::fs::read_dir(root().join("models")).expect("a folder of models");
    let models =
        models.map(|file| file.expect("an entry").path().join("train.toml")).filter(|path| path.exists());
    let models: Vec<PathBuf> = models.collect();
    assert!(models.contains(&shipped()) && models.len() > 3, "{models:?}");
    let configs = configs.chain(models);
    for path in configs {
        assert!(TrainConfig::read(&path).is_ok(), "{}", path.display());
    }
    let folder = folder("configs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let text = std::fs::read_to_string(root().join("configs/coarse.toml")).expect("a configuration");
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
        ("name = \"countersign-coarse\"", "name = \"../up\""),
    ] {
        assert!(text.contains(right), "{right}");
        let path = folder.join("wrong.toml");
        std::fs::write(&path, text.replacen(right, wrong, 1)).expect("a file to write");
        let error = TrainConfig::read(&path).expect_err(wrong);
        assert_eq!(error.code(), "invalid-config", "{wrong}: {error}");
    }
    assert_eq!(TrainConfig::read(&folder.join("missing.toml")).expect_err("no file").code(), "file");
    remove(&folder);
}

#[test]
fn the_tutorials_network_is_trained_without_augmentation() {
    let config = TrainConfig::read(&root().join("configs/signet.toml")).expect("a configuration");
    assert_eq!(config.augment, AugmentConfig::off());
    let with = |setting: &str| TrainConfig::read_with(&root().join("configs/signet.toml"), &[setting.into()]);
    assert!(with("network.encoder.dropout=0.2").is_ok());
    let error = with("network.encoder.drop_out=0.2").expect_err("a typing error");
    assert!(error.code() == "invalid-config" && error.to_string().contains("drop_out"), "{error}");
}

fn with(settings: &[&str]) -> Result<TrainConfig, Error> {
    let settings: Vec<String> = settings.iter().map(|setting| setting.to_string()).collect();
    TrainConfig::read_with(&shipped(), &settings)
}

#[test]
fn settings_of_the_command_line_go_before_those_of_the_file() {
    let config = with(&["epochs=3", "optimiser.learning_rate=1e-4", "early_stopping=2", "name=other"]);
    let config = config.expect("a configuration");
    assert_eq!((config.epochs, config.early_stopping, config.name.as_str()), (3, Some(2), "other"));
    assert_eq!(config.optimiser.learning_rate, 1e-4);
    let unchanged = with(&[]).expect("a configuration");
    assert_eq!(config.sampler, unchanged.sampler);
    assert_eq!(with(&["epochs=3", "epochs=4"]).expect("a configuration").epochs, 4, "the last one counts");
}

#[test]
fn settings_that_do_not_exist_or_do_not_fit_are_named() {
    for (wrong, word) in [
        ("epohcs=3", "epohcs"),
        ("optimizer.learning_rate=1e-4", "optimizer"),
        ("sampler.writer=3", "writer"),
        ("sampler.sets.martian=1.0", "martian"),
        ("epochs=many", "many"),
        ("epochs=0", "epochs"),
        ("keep=worst", "worst"),
        ("epochs", "KEY=VALUE"),
        ("epochs.more=1", "epochs"),
    ] {
        let error = with(&[wrong]).expect_err(wrong);
        assert_eq!(error.code(), "invalid-config", "{wrong}: {error}");
        assert!(error.to_string().contains(word), "{wrong}: {error}");
    }
}

#[test]
fn the_written_configuration_reads_as_the_same() {
    let folder = folder("written");
    std::fs::create_dir_all(&folder).expect("a folder");
    let config = with(&["optimiser.weight_decay=0.017", "early_stopping=4"]).expect("a configuration");
    let path = folder.join("train.toml");
    std::fs::write(&path, config.to_toml().expect("TOML")).expect("a file to write");
    assert_eq!(TrainConfig::read(&path).expect("a configuration"), config);
    remove(&folder);
}
