//! The program `train`, each time in a process of its own: weights are drawn from random numbers that all tests of
//! this process share.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::train::config::TrainConfig;
use image::{GrayImage, Luma};
use serde_json::Value;

use super::{folder, remove, text};

/// A folder with a configuration and with data in the layout of CEDAR: waves, each writer's of one length, the
/// forger's of another. A network that has learnt nothing tells them apart, so every run ends with a model.
pub fn workplace(name: &str) -> PathBuf {
    let folder = folder(name);
    for part in ["full_org", "full_forg"] {
        std::fs::create_dir_all(folder.join("data/signatures").join(part)).expect("a folder");
    }
    // euclidean, so that equal images are close from the start
    let distance = "kind = \"euclidean\"\n[objective]\nkind = \"contrastive\"\nmargin = 2.0";
    let config = text(4).replace("kind = \"pair-head\"\n        width = 4", distance);
    std::fs::write(folder.join("tiny.toml"), config).expect("a file to write");
    for writer in [1, 2, 3, 36, 37] {
        for index in 1..=8 {
            for (kind, length) in
                [("full_org/original", 4.0 + writer as f32 / 8.0), ("full_forg/forgeries", 25.0)]
            {
                let mut page = GrayImage::from_pixel(120, 60, Luma([255]));
                for x in 10..110 {
                    let y = 30.0 + 18.0 * (x as f32 / length + index as f32 / 50.0).sin();
                    for thick in 0..4 {
                        page.put_pixel(x, y as u32 + thick, Luma([0]));
                    }
                }
                let file = format!("data/signatures/{kind}_{writer}_{index}.png");
                page.save(folder.join(file)).expect("an image to write");
            }
        }
    }
    folder
}

/// The program on that configuration and data; the run is `run` in the folder.
pub fn program(folder: &Path, run: &str, settings: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.args(["--config", "tiny.toml", "--data", "data", "--json", "--run", run]).current_dir(folder);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command
}

pub fn events(output: &[u8]) -> Vec<Value> {
    let lines = output.lines().map(|line| line.expect("text"));
    lines.map(|line| serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

#[test]
fn json_tells_a_run_from_start_to_model() {
    let folder = workplace("json");
    let output = program(&folder, "run", &["epochs=2", "seed=7"]).output().expect("a run");
    let told = events(&output.stdout);
    let names: Vec<&str> = told.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!(names, ["start", "step", "epoch", "step", "epoch", "end", "model"]);
    assert_eq!((&told[0]["epochs"], &told[0]["batches"]), (&2.into(), &2.into()));
    let step = &told[1];
    assert!(step["loss"].as_f64().expect("a loss") > 0.0);
    let epoch = &told[4];
    assert_eq!(epoch["epoch"], 2);
    for number in ["seconds", "train_loss", "validation_loss", "eer"] {
        assert!(epoch[number].as_f64().expect(number).is_finite());
    }
    assert_eq!(epoch["eer"], epoch["eer_by_set"]["cedar"], "the only set");
    assert_eq!(told[5]["outcome"], "finished");
    assert_eq!(told[6]["epoch"], told[5]["best"], "the best epoch is what is written");
    // beside the weights, the settings that made them, command line and defaults included
    let model = folder.join("run/model");
    assert!(model.join("weights.bpk").exists());
    let config = TrainConfig::read(&model.join("train.toml")).expect("a configuration");
    assert_eq!((config.seed, config.epochs), (7, 2));

    calibrates_anew(&folder);
    averages(&folder);

    let again = program(&folder, "run", &["epochs=2", "seed=7"]).output().expect("a refusal");
    assert!(!again.status.success());
    let told = events(&again.stdout);
    assert_eq!((&told[0]["event"], &told[0]["code"]), (&"error".into(), &"file".into()));
    remove(&folder);
}

/// A manifest with a wrong calibration gets a right one, and nothing else of the model changes. It is not quite that of
/// the run, which knew the weights in single precision.
fn calibrates_anew(folder: &Path) {
    let read = || {
        let text = std::fs::read_to_string(folder.join("run/model/manifest.json")).expect("a manifest");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let run = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args(["calibrate", "--model", "run/model"]).args(options);
        let output = command.current_dir(folder).output().expect("a calibration");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let calibrate = |options: &[&str]| {
        let (succeeds, error) = run(options);
        assert!(succeeds, "{error}");
    };
    let (before, mut spoilt) = (read(), read());
    let slope = |manifest: &Value| manifest["calibration"]["counts"][0]["slope"].as_f64().expect("a slope");
    spoilt["calibration"]["counts"][0]["slope"] = (100.0 * slope(&before)).into();
    std::fs::write(folder.join("run/model/manifest.json"), spoilt.to_string()).expect("a file to write");
    calibrate(&["--data", "data", "--dry-run"]);
    assert_eq!(read(), spoilt);
    // without data, on steady people who are badly forged: the network has learned too little for others
    let people =
        ["--writers", "40", "--genuine", "4", "--forged", "4", "--spread", "0.3", "--clumsiness", "10"];
    calibrate(&[&["--synthetic"], people.as_slice()].concat());
    let made_up = slope(&read());
    calibrate(&["--data", "data"]);
    let mut after = read();
    assert_ne!(slope(&after), made_up);
    let ratio = slope(&after) / slope(&before);
    assert!((0.9..1.1).contains(&ratio), "{ratio}");
    after["calibration"] = before["calibration"].clone();
    assert_eq!(after, before);
    // a network that compares embeddings has no map by which it could see that a signature leans, and measures nothing
    let fitted = read();
    for (option, why) in [
        (["--turn", "12"], "turning is for networks that compare the maps"),
        (["--direction-weight", "1"], "only a network of kind countersign with a pair-head"),
    ] {
        let (succeeds, error) = run(&[["--data", "data"].as_slice(), &option].concat());
        assert!(!succeeds && error.contains(why), "{error}");
    }
    assert_eq!(read(), fitted);
}

/// The mean of a model and itself is that model; what goes wrong on the way leaves nothing behind.
fn averages(folder: &Path) {
    let average = |data: &str, out: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args([
            "average",
            "--model",
            "run/model",
            "--model",
            "run/model",
            "--data",
            data,
            "--out",
            out,
        ]);
        command.current_dir(folder).output().expect("an average")
    };
    assert!(!average("nowhere", "mean").status.success());
    assert!(!folder.join("mean").exists(), "no model without its calibration");
    let refused = average("data", "run/../run/model");
    let printed = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && printed.contains("one of the models"), "{printed}");
    let output = average("data", "mean");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |model: &str| {
        let text = std::fs::read_to_string(folder.join(model).join("manifest.json")).expect("a manifest");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let [before, after] = ["run/model", "mean"].map(read);
    assert_eq!(before["fusion"], after["fusion"]);
    let slope = |manifest: &Value| manifest["calibration"]["counts"][0]["slope"].as_f64().expect("a slope");
    let ratio = slope(&after) / slope(&before);
    assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
}

/// A limit on the size of files stands in for a full disk: the system refuses a write half way.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_good_checkpoint() {
    let folder = workplace("full");
    assert!(program(&folder, "run", &["epochs=3"]).output().expect("a run").status.success());
    let third = folder.join("run/checkpoint/model-3.bpk");
    // in blocks of 512 bytes, as POSIX has it
    let blocks = std::fs::metadata(&third).expect("a checkpoint").len() / 512 - 1;
    std::fs::remove_file(&third).expect("a checkpoint to remove");
    let resume = || {
        let mut program = program(&folder, "run", &["epochs=3"]);
        program.arg("--resume");
        program
    };
    // the signal is ignored, so that the write fails instead
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(resume().get_program()).args(resume().get_args());
    let output = shell.current_dir(&folder).output().expect("a run");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && !printed.contains("panicked"), "{printed}");
    let told = events(&output.stdout);
    let error = told.last().expect("an error");
    assert_eq!((&error["event"], &error["code"]), (&"error".into(), &"file".into()), "{error}");
    assert!(error["message"].as_str().expect("a message").contains("--resume"), "{error}");
    assert!(!third.exists(), "nothing half written has the name of a checkpoint");
    let output = resume().output().expect("a run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(events(&output.stdout)[0]["epoch"], 3, "it goes on from the second epoch");
    remove(&folder);
}
