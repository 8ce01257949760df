//! How runs end before their last epoch, and what is left then.

use burn_train::Interrupter;
use countersign::train::config::Keep;
use countersign::train::run::Outcome;
use serde_json::Value;

use super::{config, error, folder, has_weights, kept, remove, train, train_and_tell};

/// The epochs that were told, in order.
fn epochs(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["event"] == "epoch").collect()
}

#[test]
fn the_best_epoch_is_kept_and_training_stops_without_progress() {
    let (mut config, folder) = (config(40), folder("early"));
    // with almost no learning, the validation cannot get better for long
    config.optimiser.learning_rate = 1e-8;
    config.early_stopping = Some(3);
    let (progress, events) = kept();
    let outcome = train_and_tell(&config, &folder, false, Interrupter::new(), &progress);
    let Ok(Outcome::Finished(trained)) = outcome else { panic!("no model") };
    let events = std::mem::take(&mut *events.lock().expect("events"));
    let told = epochs(&events);
    let best = told.iter().rev().find(|epoch| epoch["best"] == true).expect("a best epoch");
    let best = best["epoch"].as_u64().expect("a number") as usize;
    assert!(told.len() < 40, "it stopped");
    assert_eq!(told.len(), best + 3, "three epochs without a better one");
    assert_eq!(trained.epoch, best);
    let kept: Vec<usize> = (1..=told.len()).filter(|&epoch| has_weights(&folder, epoch)).collect();
    assert_eq!(kept, [best, best + 2, best + 3], "the best and the last two");
    let end = events.last().expect("an end");
    assert_eq!((&end["event"], &end["outcome"]), (&"end".into(), &"early-stopping".into()));
    // it is over: to resume trains nothing
    let (progress, events) = super::kept();
    let again = train_and_tell(&config, &folder, true, Interrupter::new(), &progress);
    let Ok(Outcome::Finished(again)) = again else { panic!("no model") };
    assert_eq!(again.epoch, best);
    assert!(epochs(&events.lock().expect("events")).is_empty());
    remove(&folder);
}

#[test]
fn the_last_epoch_is_kept_if_asked_for() {
    let (mut config, folder) = (config(3), folder("last"));
    config.keep = Keep::Last;
    let Ok(Outcome::Finished(trained)) = train(&config, &folder, false, Interrupter::new()) else {
        panic!("no model")
    };
    assert_eq!(trained.epoch, 3);
    remove(&folder);
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_before_the_next_checkpoint() {
    let (mut config, folder) = (config(6), folder("nan"));
    // weights grow by this factor in each step
    config.optimiser.weight_decay = 1e30;
    let (progress, events) = kept();
    let error = error(train_and_tell(&config, &folder, false, Interrupter::new(), &progress));
    assert_eq!(error.code(), "training");
    let finished = epochs(&events.lock().expect("events")).len();
    let text = error.to_string();
    assert!(text.contains("the loss is") && text.contains("learning_rate"), "{text}");
    assert!(text.contains(&format!("in epoch {}", finished + 1)), "{text}");
    assert!(!has_weights(&folder, finished + 1), "nothing is kept of the epoch that went wrong");
    assert!(finished == 0 || has_weights(&folder, finished), "the last good checkpoint stays");
    remove(&folder);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let (config, folder) = (config(1), folder("unwritable"));
    std::fs::write(&folder, "a file where the folder should be").expect("a file to write");
    let error = error(train(&config, &folder, false, Interrupter::new()));
    assert_eq!(error.code(), "file");
    assert!(error.to_string().contains("unwritable"), "{error}");
    std::fs::remove_file(&folder).expect("a file to remove");
}

#[test]
fn a_checkpoint_that_cannot_be_written_leaves_the_one_before_it() {
    let (config, folder) = (config(4), folder("blocked"));
    // a folder in the file's place fails for root too
    let obstacle = folder.join("checkpoint/optim-3.bpk");
    std::fs::create_dir_all(&obstacle).expect("a folder");
    let failure = error(train(&config, &folder, false, Interrupter::new()));
    assert_eq!(failure.code(), "file");
    assert!(failure.to_string().contains("optim-3.bpk"), "{failure}");
    std::fs::remove_dir(&obstacle).expect("an obstacle to remove");
    let (progress, events) = kept();
    let outcome = train_and_tell(&config, &folder, true, Interrupter::new(), &progress);
    assert!(matches!(outcome, Ok(Outcome::Finished(_))));
    assert_eq!(events.lock().expect("events")[0]["epoch"], 3, "it goes on where it failed");
    remove(&folder);
}

#[test]
fn metrics_that_cannot_be_written_end_the_run() {
    let (config, folder) = (config(3), folder("metrics"));
    std::fs::create_dir_all(folder.join("curves.svg")).expect("a folder");
    let failure = error(train(&config, &folder, false, Interrupter::new()));
    assert_eq!(failure.code(), "file");
    assert!(failure.to_string().contains("curves.svg"), "{failure}");
    remove(&folder);
}

#[test]
fn curves_and_tables_are_written_after_each_epoch() {
    let (config, folder) = (config(2), folder("curves"));
    assert!(train(&config, &folder, false, Interrupter::new()).is_ok());
    let svg = std::fs::read_to_string(folder.join("curves.svg")).expect("curves");
    for word in ["<svg", "tiny", "epoch", "loss", "equal error rate", "training", "validation"] {
        assert!(svg.contains(word), "{word}");
    }
    let csv = std::fs::read_to_string(folder.join("metrics.csv")).expect("a table");
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "epoch,seconds,train_loss,validation_loss,eer,eer_synthetic");
    assert_eq!(lines.len(), 3);
    remove(&folder);
}
