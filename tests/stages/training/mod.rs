//! Runs on synthetic signatures, small enough for seconds.

mod categories;
mod devices;
mod ends;
mod program;
mod resumed;
mod runs;
mod settings;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use burn::tensor::Device;
use burn_train::Interrupter;
use countersign::Result;
use countersign::train::config::TrainConfig;
use countersign::train::corpus::{self, Corpus};
use countersign::train::progress::{Event, Progress};
use countersign::train::run::{self, Outcome};
use countersign::train::synth;

fn text(epochs: usize) -> String {
    format!(
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
    )
}

fn config(epochs: usize) -> TrainConfig {
    toml::from_str(&text(epochs)).expect("a configuration")
}

/// The same for all tests, for it takes a second to make.
fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| {
        corpus::load(&synth::writers(1, 12, 3, 3), config(1).input, |_, _| ()).expect("a corpus")
    })
}

/// A folder of its own for each test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn remove(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("a folder to remove");
}

fn has_weights(folder: &Path, epoch: usize) -> bool {
    folder.join(format!("checkpoint/model-{epoch}.bpk")).exists()
}

fn silent() -> Progress {
    Progress::Events(Arc::new(|_| ()))
}

/// Keeps what is told, as JSON.
fn kept() -> (Progress, Arc<Mutex<Vec<serde_json::Value>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = events.clone();
    let tell = move |event: &Event<'_>| {
        told.lock().expect("events").push(serde_json::to_value(event).expect("JSON"));
    };
    (Progress::Events(Arc::new(tell)), events)
}

fn train(config: &TrainConfig, folder: &Path, resume: bool, interrupter: Interrupter) -> Result<Outcome> {
    train_and_tell(config, folder, resume, interrupter, &silent())
}

fn train_and_tell(
    config: &TrainConfig,
    folder: &Path,
    resume: bool,
    interrupter: Interrupter,
    progress: &Progress,
) -> Result<Outcome> {
    run::train(config, corpus(), folder, resume, &Device::flex().into(), interrupter, progress)
}

/// The error of a run that must not end well.
fn error(outcome: Result<Outcome>) -> countersign::Error {
    match outcome {
        Ok(_) => panic!("no error"),
        Err(error) => error,
    }
}
