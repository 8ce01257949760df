//! Runs that end, stop on request, go on, and refuse a folder that is not their own.

use std::sync::Arc;

use burn::tensor::Device;
use burn_train::Interrupter;
use countersign::train::config::TrainConfig;
use countersign::train::progress::{Event, Progress};
use countersign::train::run::{self, Outcome};

use super::{config, corpus, error, folder, has_weights, kept, remove, silent, train, train_and_tell};

#[test]
fn a_finished_run_is_read_again() {
    let (config, folder) = (config(2), folder("finished"));
    assert!(matches!(train(&config, &folder, false, Interrupter::new()), Ok(Outcome::Finished(_))));
    assert!(matches!(train(&config, &folder, true, Interrupter::new()), Ok(Outcome::Finished(_))));
    remove(&folder);
}

#[test]
fn an_interrupted_run_goes_on_from_its_last_checkpoint() {
    let (config, folder) = (config(3), folder("interrupted"));
    // stops in the first epoch, before any checkpoint
    let stopped = Interrupter::new();
    stopped.stop(Some("a test"));
    assert!(matches!(train(&config, &folder, false, stopped), Ok(Outcome::Interrupted)));
    assert!(!has_weights(&folder, 1));
    assert!(matches!(train(&config, &folder, true, Interrupter::new()), Ok(Outcome::Finished(_))));
    assert!(has_weights(&folder, 3) && has_weights(&folder, 2), "the last two checkpoints are kept");
    // a torn file, as a failing disk leaves it, is passed over
    std::fs::write(folder.join("checkpoint/model-3.bpk"), b"torn").expect("a file to write");
    std::fs::write(folder.join("checkpoint/model-3.bpk.1-1.tmp"), b"torn").expect("a file to write");
    let (progress, events) = kept();
    let outcome = train_and_tell(&config, &folder, true, Interrupter::new(), &progress);
    assert!(matches!(outcome, Ok(Outcome::Finished(_))));
    assert_eq!(events.lock().expect("events")[0]["epoch"], 3, "the third epoch is trained again");
    assert!(!folder.join("checkpoint/model-3.bpk.1-1.tmp").exists(), "what was half written is removed");
    remove(&folder);
}

#[test]
fn a_folder_of_another_run_is_refused() {
    let (first, folder) = (config(1), folder("refused"));
    assert!(train(&first, &folder, false, Interrupter::new()).is_ok());
    let refusal = |config: &TrainConfig, resume| {
        let error = error(train(config, &folder, resume, Interrupter::new()));
        assert_eq!(error.code(), "file", "{error}");
        error.to_string()
    };
    assert!(refusal(&first, false).contains("--resume"), "a run is not overwritten");
    assert!(refusal(&config(2), true).contains("another configuration"));
    let mut fewer = corpus().clone();
    fewer.writers.pop();
    let device = Device::flex();
    let outcome = run::train(&first, &fewer, &folder, true, &device.into(), Interrupter::new(), &silent());
    assert!(error(outcome).to_string().contains("other data"));
    // of two devices each takes half of the steps, by which the schedule's rates go
    assert_eq!(std::fs::read_to_string(folder.join("devices.txt")).expect("a file"), "1\n");
    std::fs::write(folder.join("devices.txt"), "2\n").expect("a file to write");
    assert!(refusal(&first, true).contains("another number of devices than 1"));
    remove(&folder);
}

#[test]
fn two_processes_do_not_train_in_one_folder() {
    let (config, folder) = (config(1), folder("locked"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let lock = std::fs::File::create(folder.join("lock")).expect("a file");
    lock.lock().expect("a lock");
    assert!(
        error(train(&config, &folder, false, Interrupter::new())).to_string().contains("another process")
    );
    drop(lock);
    assert!(train(&config, &folder, false, Interrupter::new()).is_ok());
    remove(&folder);
}

#[test]
fn an_interruption_between_epochs_resumes_with_the_next() {
    let (config, folder) = (config(4), folder("two-and-two"));
    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    let third = Progress::Events(Arc::new(move |event| {
        if matches!(event, Event::Step { epoch: 3, .. }) {
            stop.stop(None);
        }
    }));
    let outcome = train_and_tell(&config, &folder, false, interrupter, &third);
    assert!(matches!(outcome, Ok(Outcome::Interrupted)));
    assert!(has_weights(&folder, 2) && !has_weights(&folder, 3));
    let (progress, events) = kept();
    let outcome = train_and_tell(&config, &folder, true, Interrupter::new(), &progress);
    assert!(matches!(outcome, Ok(Outcome::Finished(_))));
    assert_eq!(events.lock().expect("events")[0]["epoch"], 3);
    let text = std::fs::read(folder.join("metrics.json")).expect("metrics");
    let metrics: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let epochs: Vec<_> = metrics["epochs"].as_array().expect("epochs").iter().map(|e| &e["epoch"]).collect();
    assert_eq!(epochs, [1, 2, 3, 4], "each epoch once");
    remove(&folder);
}
