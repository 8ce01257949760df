//! The program that measures, on a folder of made-up signatures and the small network with random weights.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{GrayImage, Luma};
use serde_json::Value;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tiny");

/// Four writers with six genuine signatures and three forgeries each: waves whose length is the writer's.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("evaluate").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    for (writer, name) in ["ann", "bob", "cat", "dan"].into_iter().enumerate() {
        for (kind, count, stretch) in [("genuine", 6, 1.0), ("forged", 3, 1.4)] {
            let inner = folder.join(name).join(kind);
            std::fs::create_dir_all(&inner).expect("a folder");
            for index in 0..count {
                let mut page = GrayImage::from_pixel(160, 80, Luma([255]));
                let length = (5.0 + writer as f32) * stretch;
                for x in 10..150 {
                    let y = 40.0 + (20.0 + index as f32) * (x as f32 / length + index as f32 / 9.0).sin();
                    for thick in 0..3 {
                        page.put_pixel(x, y as u32 + thick, Luma([0]));
                    }
                }
                page.save(inner.join(format!("{index}.png"))).expect("an image to write");
            }
        }
    }
    folder
}

fn evaluate(arguments: &[&str], folder: &Path) -> Output {
    evaluate_model(MODEL, arguments, folder)
}

fn evaluate_model(model: &str, arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_evaluate"));
    command.args(["--model", model]).args(arguments).current_dir(folder).output().expect("a run")
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

#[test]
fn a_folder_of_writers_gives_a_report_that_says_the_same_again() {
    let folder = folder("report");
    let run = |out: &str| {
        let output = evaluate(&["--data", ".", "--writers", "all", "--out", out], &folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    // outside of the data folder
    let table = run("../one");
    assert!(table.contains("| folder | 4 | 60 + 72 |"), "{table}");
    assert_eq!(table, run("../two"));
    let [one, two] = ["one", "two"].map(|out| json(&folder.with_file_name(out).join("metrics.json")));
    assert_eq!(one, two);
    let set = &one["sets"]["folder"];
    assert_eq!((&set["writers"], &set["genuine"], &set["forged"]), (&4.into(), &24.into(), &12.into()));
    assert_eq!((&set["known_set"], &set["known_writers"]), (&false.into(), &0.into()));
    let pairs = |references: &str, hand: &str| set[references][hand]["pairs"].as_u64();
    assert_eq!(pairs("refs_1", "skilled"), Some(60 + 72));
    // of each writer 18 signatures of the three others, against 6 references
    assert_eq!(pairs("refs_1", "random"), Some(60 + 4 * 18 * 6));
    // five draws, of each writer one genuine signature and three forgeries
    assert_eq!(pairs("refs_5", "skilled"), Some(5 * 4 * 4));
    assert_eq!(set["refs_10"], Value::Null);
    assert!(set["no_reference"]["trained"].is_number(), "{}", set["no_reference"]);
    assert_eq!(one["sigcomp2011"], Value::Null);
    for file in ["index.html", "det.svg", "histogram-folder.svg"] {
        assert!(folder.with_file_name("one").join(file).exists(), "{file}");
    }
    for out in ["report", "one", "two"] {
        std::fs::remove_dir_all(folder.with_file_name(out)).expect("a folder to remove");
    }
}

#[test]
fn a_model_that_learned_from_every_set_cannot_stand_for_one_that_did_not() {
    let folder = folder("left-out");
    // this model learned from nothing, so that it never saw the set
    let output =
        evaluate(&["--data", ".", "--writers", "all", "--left-out", MODEL, "--out", "../left"], &folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = folder.with_file_name("left");
    let metrics = json(&out.join("metrics.json"));
    let figures = |of: &Value| of["refs_1"]["skilled"]["eer"].clone();
    assert!(figures(&metrics["sets"]["folder"]).is_number());
    let development =
        evaluate(&["--data", ".", "--writers", "development", "--out", "../development"], &folder);
    assert!(development.status.success(), "{}", String::from_utf8_lossy(&development.stderr));
    let development = folder.with_file_name("development");
    let fewer = json(&development.join("metrics.json"));
    let count = |of: &Value| of["sets"]["folder"]["writers"].as_u64();
    assert!(count(&fewer) < count(&metrics), "without the test writers");
    assert_eq!(
        figures(&metrics["left_out"]["folder"]),
        figures(&metrics["sets"]["folder"]),
        "the same model"
    );

    let knows = folder.with_file_name("knows");
    std::fs::create_dir_all(&knows).expect("a folder");
    for file in ["weights.bpk", "golden.json", "manifest.json"] {
        std::fs::copy(Path::new(MODEL).join(file), knows.join(file)).expect("a file to copy");
    }
    let manifest = std::fs::read_to_string(knows.join("manifest.json")).expect("a manifest");
    let mut manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    manifest["training"]["sets"] = serde_json::json!(["folder"]);
    std::fs::write(knows.join("manifest.json"), manifest.to_string()).expect("a file to write");
    let outputs = [
        evaluate(&["--data", ".", "--writers", "all", "--left-out", "../knows"], &folder),
        evaluate_model("../knows", &["--data", ".", "--writers", "development"], &folder),
    ];
    for output in outputs {
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && printed.contains("learned from every set"), "{printed}");
    }

    // training writers taught this network; thresholds that are fitted later are of validation writers alone
    let known = || {
        let output =
            evaluate_model("../knows", &["--data", ".", "--writers", "all", "--out", "../left"], &folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        json(&out.join("metrics.json"))["sets"]["folder"]["known_writers"].as_u64().expect("a number")
    };
    let taught = known();
    manifest["training"]["sets"] = serde_json::json!([]);
    manifest["calibration"]["sets"] = serde_json::json!(["folder"]);
    std::fs::write(knows.join("manifest.json"), manifest.to_string()).expect("a file to write");
    let fitted = known();
    assert!(fitted < taught && taught < 4, "{fitted} of validation, {taught} of both parts");
    for path in [&folder, &out, &knows, &development] {
        std::fs::remove_dir_all(path).expect("a folder to remove");
    }
}

#[test]
fn a_list_of_pairs_gives_scores_and_metrics() {
    let folder = folder("pairs");
    let text = "references,questioned,label\n\
        ann/genuine/0.png;ann/genuine/1.png,ann/genuine/2.png,1\n\
        ann/genuine/0.png;ann/genuine/1.png,ann/forged/2.png,0\n\
        ann/genuine/0.png;ann/genuine/1.png,nowhere.png,1\n";
    std::fs::write(folder.join("list.csv"), text).expect("a file to write");
    let output = evaluate(&["--pairs", "list.csv"], &folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("3 pairs, 1 without a score\n2 references"));
    let metrics = json(&folder.join("list.report/metrics.json"));
    assert_eq!((&metrics["errors"], &metrics["references"]["2"]["pairs"]), (&1.into(), &2.into()));
    let scores = std::fs::read_to_string(folder.join("list.report/scores.csv")).expect("scores");
    assert_eq!(scores.lines().count(), 4);
    std::fs::remove_dir_all(&folder).expect("a folder to remove");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = folder("wrong");
    for (arguments, said) in [
        (&["--data", "nowhere"][..], "nowhere"),
        (&["--pairs", "list.csv", "--data", "."][..], "cannot be used with"),
        (&["--far", "0.1"][..], "--pairs"),
        (&["--pairs", "none.csv"][..], "none.csv"),
    ] {
        let output = evaluate(arguments, &folder);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && printed.contains(said), "{printed}");
    }
    std::fs::remove_dir_all(&folder).expect("a folder to remove");
}
