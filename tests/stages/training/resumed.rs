//! The program `train`, stopped from outside and resumed: bit for bit what was never stopped.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use burn_pack::Reader;

use super::program::{events, program, workplace};
use super::remove;

/// The tensors and numbers of a checkpoint's part by name. Parameters have random numbers, which differ from run to
/// run; the record of the optimiser names their places in the network.
fn contents(run: &Path, part: &str, epoch: usize) -> BTreeMap<String, Vec<u8>> {
    let reader = Reader::from_file(run.join(format!("checkpoint/{part}-{epoch}.bpk"))).expect("a checkpoint");
    let places = reader.metadata().clone();
    let name = |name: &str| match name.split_once('.') {
        Some((parameter, rest)) if places.contains_key(parameter) => format!("{}.{rest}", places[parameter]),
        _ => name.to_string(),
    };
    let mut contents = BTreeMap::new();
    for (key, number) in reader.scalars() {
        contents.insert(name(key), format!("{number:?}").into_bytes());
    }
    for key in reader.tensor_names() {
        contents.insert(name(key), reader.tensor_data(key).expect("a tensor"));
    }
    contents
}

/// Weights, optimiser and schedule of two runs after that epoch, bit for bit.
fn assert_same(folder: &Path, runs: [&str; 2], epoch: usize) {
    for part in ["model", "optim", "scheduler"] {
        let [one, two] = runs.map(|run| contents(&folder.join(run), part, epoch));
        assert!(!one.is_empty(), "{part}");
        assert!(one.keys().eq(two.keys()), "{part}: {:?} {:?}", one.keys(), two.keys());
        for (name, value) in &one {
            assert!(*value == two[name], "{part}: {name} differs");
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_last_checkpoint_whatever_the_optimiser_and_the_run_goes_on() {
    let folder = workplace("ctrl-c");
    for (run, optimiser) in [
        (
            ["whole-1", "stopped-1"],
            r#"optimiser={kind="rmsprop", learning_rate=1e-4, momentum=0.9, schedule={kind="cosine"}}"#,
        ),
        (
            ["whole-2", "stopped-2"],
            r#"optimiser={kind="sgd", learning_rate=1e-3, momentum=0.9, schedule={kind="step", every=1, factor=0.5}}"#,
        ),
        (
            ["whole-3", "stopped-3"],
            r#"optimiser={kind="adam", learning_rate=1e-3, schedule={kind="one-cycle", warm_up=0.1}}"#,
        ),
    ] {
        // long epochs, so that the signal comes in the second
        let settings = ["epochs=2", "batches=60", optimiser];
        let whole = program(&folder, run[0], &settings).output().expect("a run");
        assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));

        let mut command = program(&folder, run[1], &settings);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
        let mut lines = BufReader::new(process.stdout.take().expect("output")).lines();
        assert!(lines.any(|line| line.expect("text").starts_with("{\"event\":\"epoch\"")), "an epoch");
        let signal = Command::new("kill").args(["-INT", &process.id().to_string()]).status();
        assert!(signal.expect("a signal").success());
        // it tells its end to whoever reads on
        let end = lines.last().expect("a line").expect("text");
        assert!(end.contains("interrupted"), "{end}");
        assert_eq!(process.wait().expect("an end").code(), Some(130));

        let resumed = program(&folder, run[1], &settings).arg("--resume").output().expect("a run");
        assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
        assert_eq!(events(&resumed.stdout)[0]["epoch"], 2);
        assert_same(&folder, run, 2);
    }
    remove(&folder);
}

#[test]
fn a_killed_run_that_is_resumed_has_the_weights_of_one_that_was_not() {
    let folder = workplace("killed");
    let whole = program(&folder, "whole", &["epochs=5"]).output().expect("a run");
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));

    let mut command = program(&folder, "killed", &["epochs=5"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a process");
    let lines = BufReader::new(process.stdout.take().expect("output")).lines();
    let third = |line: &str| line.starts_with("{\"event\":\"epoch\",\"epoch\":3,");
    assert!(lines.map(|line| line.expect("text")).any(|line| third(&line)), "a third epoch");
    process.kill().expect("a process to kill");
    process.wait().expect("a killed process");

    let resumed = program(&folder, "killed", &["epochs=5"]).arg("--resume").output().expect("a run");
    let told = events(&resumed.stdout);
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    if told[0]["event"] == "start" {
        let first = told[0]["epoch"].as_u64().expect("a number");
        assert!(first > 2, "it goes on from a checkpoint, not from the start");
    }
    assert_same(&folder, ["whole", "killed"], 5);
    // the time is each run's own
    let metrics = ["whole", "killed"].map(|run| {
        let text = std::fs::read_to_string(folder.join(run).join("metrics.json")).expect("metrics");
        text.lines().filter(|line| !line.contains("seconds")).collect::<Vec<_>>().join("\n")
    });
    assert_eq!(metrics[0], metrics[1]);
    remove(&folder);
}
