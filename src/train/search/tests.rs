mod space;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::*;
use crate::train::corpus;
use crate::train::synth;

const SEARCH: &str = r#"
name = "tiny"
config = "tiny.toml"
budget = ["epochs=2", "batches=2"]
trials = 4
random_trials = 2

[space]
"optimiser.learning_rate" = { kind = "float", low = 1e-4, high = 1e-1, log = true }
"sampler.skilled_pairs" = { kind = "integer", low = 1, high = 4 }
"optimiser.kind" = { kind = "choice", values = ["adam", "adamw"] }
"#;

const TINY: &str = r#"
name = "tiny"
epochs = 9
batches = 2
input = { width = 32, height = 16 }
network = { encoder = { kind = "countersign", width = 4, embedding = 8 }, similarity = { kind = "weighted-l1" } }
sampler = { kind = "writers", writers = 3, genuine = 2, forged = 2 }
optimiser = { kind = "adam", learning_rate = 1e-3 }
"#;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{}-search-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tiny.toml"), TINY).unwrap();
    folder
}

fn read(folder: &Path, text: &str) -> Result<Search> {
    let path = folder.join("search.toml");
    std::fs::write(&path, text).unwrap();
    Search::read(&path)
}

/// Runs a search in `folder`; `stop` is asked after every line.
fn run_until(
    folder: &Path,
    text: &str,
    resume: bool,
    stop: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> Result<Option<Vec<Trial>>> {
    let search = read(folder, text)?;
    let size = search.configured(&[], true)?.input;
    let corpus = corpus::load(&synth::writers(1, 12, 3, 3), size, |_, _| ())?;
    let interrupter = Interrupter::new();
    let halt = interrupter.clone();
    let tell: Tell = Arc::new(move |line| {
        if stop(line) {
            halt.stop(None);
        }
    });
    run(
        &search,
        &corpus,
        &folder.join("run"),
        resume,
        &burn::tensor::Device::flex().into(),
        &interrupter,
        &tell,
    )
}

#[test]
fn a_search_goes_on_where_it_was_stopped() {
    let folder = folder("resumed");
    // stopped in the first epoch of the third trial
    let stopped = run_until(&folder, SEARCH, false, |line| line.starts_with("trial 3/")).unwrap();
    assert!(stopped.is_none());
    let refused = run_until(&folder, SEARCH, false, |_| false).unwrap_err();
    assert!(refused.to_string().contains("--resume"), "{refused}");
    let other = SEARCH.replace("high = 4", "high = 5");
    let refused = run_until(&folder, &other, true, |_| false).unwrap_err();
    assert!(refused.to_string().contains("other settings"), "{refused}");

    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    let resumed = run_until(&folder, SEARCH, true, move |line| {
        kept.lock().unwrap().push(line.to_string());
        false
    });
    let trials = resumed.unwrap().unwrap();
    assert!(lines.lock().unwrap()[0].starts_with("trial 3/4"), "finished trials are not repeated: {lines:?}");
    assert_eq!(trials.iter().map(|trial| trial.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for trial in &trials {
        assert_eq!((trial.state, trial.rates.len()), (State::Finished, 2), "{trial:?}");
        assert_eq!(trial.objective, trial.rates.iter().copied().reduce(f64::min));
    }

    // more trials may follow; what there is stays as it is
    let more = run_until(&folder, &SEARCH.replace("trials = 4", "trials = 5"), true, |_| false);
    let more = more.unwrap().unwrap();
    assert_eq!((more.len(), &more[..4]), (5, &trials[..]));

    // the best is ready to train, with the epochs of its own configuration
    let run = folder.join("run");
    let best = TrainConfig::read(&run.join("best.toml")).unwrap();
    assert_eq!((best.epochs, best.name.as_str()), (9, "tiny-best"));
    let first = ranked(&more)[0];
    let rate: f64 = first.settings[1].strip_prefix("optimiser.learning_rate=").unwrap().parse().unwrap();
    assert_eq!(best.optimiser.learning_rate, rate);
    let table = std::fs::read_to_string(run.join("results.md")).unwrap();
    assert_eq!(table.lines().count(), 2 + 5, "{table}");
    assert!(table.contains(&format!("| 1 | {} |", first.number)));
    let json: Vec<Trial> = serde_json::from_slice(&std::fs::read(run.join("results.json")).unwrap()).unwrap();
    assert_eq!(
        json.iter().map(|t| t.number).collect::<Vec<_>>(),
        ranked(&more).iter().map(|t| t.number).collect::<Vec<_>>()
    );
    let plot = std::fs::read_to_string(run.join("search.svg")).unwrap();
    assert_eq!(plot.matches("<circle").count(), 5 * 4, "each trial in each panel");
    assert!(plot.contains("optimiser.learning_rate") && plot.contains("adamw"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn failed_trials_are_recorded_and_the_search_goes_on() {
    let folder = folder("failed");
    // adam has no momentum: every second choice is refused
    let text = SEARCH
        .replace("[\"adam\", \"adamw\"]", "[\"adam\", \"rmsprop\"]")
        .replace("budget = [", "set = [\"optimiser.beta_1=0.9\"]\nbudget = [");
    let trials =
        run_until(&folder, &text.replace("trials = 4", "trials = 8"), false, |_| false).unwrap().unwrap();
    assert_eq!(trials.len(), 8);
    for trial in &trials {
        let failed = trial.settings.contains(&"optimiser.kind=\"rmsprop\"".to_string());
        assert_eq!(trial.state == State::Failed, failed, "{trial:?}");
        assert_eq!(trial.objective.is_none(), failed);
        assert_eq!(trial.error.is_some(), failed);
    }
    let failed = trials.iter().filter(|trial| trial.state == State::Failed).count();
    assert!((1..8).contains(&failed), "the space has both kinds: {failed}");
    assert_ne!(ranked(&trials)[0].state, State::Failed);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_loss_that_is_no_number_fails_one_trial() {
    let folder = folder("nan");
    // the penalty and the decay turn every weight around and make it larger in each step
    let text = r#"
        name = "tiny"
        config = "tiny.toml"
        set = ['objective={kind="logistic", l2=1.0}', 'optimiser={kind="sgd", learning_rate=0.99, weight_decay=0.9}']
        budget = ["epochs=4", "batches=40"]
        trials = 2
        [space]
        "sampler.skilled_pairs" = { kind = "integer", low = 1, high = 4 }
    "#;
    let trials = run_until(&folder, text, false, |_| false).unwrap().unwrap();
    assert_eq!(trials.len(), 2);
    assert_eq!(trials[0].state, State::Failed, "{trials:?}");
    assert!(trials[0].error.as_ref().unwrap().contains("the loss is"), "{trials:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_full_disk_ends_the_search_and_not_a_trial() {
    let folder = folder("disk");
    let text = SEARCH.replace("trials = 4", "trials = 1");
    // a folder in the file's place fails for root too
    let obstacle = folder.join("run/trial-001/checkpoint/optim-2.bpk");
    std::fs::create_dir_all(&obstacle).unwrap();
    let error = run_until(&folder, &text, false, |_| false).unwrap_err();
    assert_eq!(error.code(), "file");
    assert!(error.to_string().contains("optim-2.bpk"), "{error}");
    std::fs::remove_dir(&obstacle).unwrap();
    let trials = run_until(&folder, &text, true, |_| false).unwrap().unwrap();
    assert_eq!((trials[0].state, trials[0].rates.len()), (State::Finished, 2), "{trials:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

fn trial(number: usize, places: &[(&str, f64)], rates: &[f64]) -> Trial {
    Trial {
        number,
        places: places.iter().map(|&(path, place)| (path.to_string(), place)).collect(),
        settings: Vec::new(),
        state: State::Finished,
        objective: rates.iter().copied().reduce(f64::min),
        epoch: Some(1),
        rates: rates.to_vec(),
        by_set: Default::default(),
        seconds: 1.0,
        error: None,
    }
}

#[test]
fn the_median_rule_ends_what_is_worse_than_half_of_the_others() {
    let rule = MedianRule { warm_up: 2, trials: 3 };
    let others: Vec<Trial> =
        [[30.0, 20.0], [40.0, 30.0], [50.0, 45.0]].iter().map(|rates| trial(1, &[], rates)).collect();
    assert!(!rule.ends(&[60.0], &others), "warming up");
    assert!(rule.ends(&[60.0, 31.0], &others));
    assert!(!rule.ends(&[60.0, 30.0], &others), "as good as the middle one");
    assert!(!rule.ends(&[25.0, 60.0], &others), "the best so far counts");
    assert!(!rule.ends(&[60.0, 60.0], &others[..2]), "too few to compare with");
    assert!(!rule.ends(&[60.0, 60.0, 60.0], &others), "nobody got as far");
}

#[test]
fn a_pruned_trial_is_recorded_with_what_it_reached() {
    let folder = folder("pruned");
    let text = SEARCH
        .replace("epochs=2", "epochs=3")
        .replace("trials = 4", "trials = 1")
        .replace("[space]", "[pruner]\nwarm_up = 2\ntrials = 1\n[space]");
    let run = |trials: usize, resume| {
        let text = text.replace("trials = 1\nrandom", &format!("trials = {trials}\nrandom"));
        run_until(&folder, &text, resume, |_| false).unwrap().unwrap()
    };
    // the first is made one that nobody can reach, then one that everybody does
    let mut first = run(1, false).remove(0);
    for (trials, rate, state, epochs) in [(2, -1.0, State::Pruned, 2), (3, 101.0, State::Finished, 3)] {
        first.rates = vec![rate; 3];
        std::fs::write(folder.join("run/trial-001/trial.json"), serde_json::to_string(&first).unwrap())
            .unwrap();
        // the pruned one is out of the way of the last
        let last = run(trials, true).remove(trials - 1);
        assert_eq!((last.state, last.rates.len()), (state, epochs), "{last:?}");
        assert!(last.objective.is_some());
        let second = folder.join("run/trial-002/trial.json");
        let text = std::fs::read_to_string(&second).unwrap();
        let mut pruned: Trial = serde_json::from_str(&text).unwrap();
        pruned.rates = vec![101.0; 3];
        std::fs::write(second, serde_json::to_string(&pruned).unwrap()).unwrap();
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let folder = folder("wrong");
    for (right, wrong, named) in [
        ("trials = 4", "trials = 0", "trials"),
        ("name = \"tiny\"", "name = \"Tiny\"", "lower case"),
        ("low = 1e-4", "low = 0.0", "logarithmic"),
        ("low = 1, high = 4", "low = 4, high = 4", "skilled_pairs"),
        ("[\"adam\", \"adamw\"]", "[\"adam\"]", "two values"),
        ("[\"adam\", \"adamw\"]", "[\"adamm\", \"adam\"]", "adamm"),
        ("\"sampler.skilled_pairs\"", "\"sampler.skiled_pairs\"", "skiled"),
        ("\"sampler.skilled_pairs\"", "\"epochs\"", "the search's"),
        ("\"sampler.skilled_pairs\"", "\"fold\"", "the search's"),
        // nobody of these sets would be there to be drawn
        ("\"sampler.skilled_pairs\"", "\"sampler.sets.synthetic\"", "read once"),
        ("\"sampler.skilled_pairs\"", "\"sampler.sets.nowhere\"", "nowhere"),
        ("kind = \"integer\"", "kind = \"integral\"", "integral"),
        ("random_trials = 2", "random_trails = 2", "random_trails"),
        // what the budget alone makes valid
        ("budget = [", "set = [\"epochs=0\"]\nbudget = [", "epochs"),
        ("[space]", "[pruner]\nwarm_up = 0\ntrials = 1\n[space]", "warm_up"),
    ] {
        let text = SEARCH.replacen(right, wrong, 1);
        assert_ne!(text, SEARCH, "{right}");
        let error = read(&folder, &text).unwrap_err();
        assert_eq!(error.code(), "invalid-config", "{error}");
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_shipped_search_is_valid() {
    Search::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/search.toml")).unwrap();
}
