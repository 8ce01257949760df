//! `check --gallery` as a program: what it prints, keeps and returns.

use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::ink::Page;
use serde_json::Value;

use crate::common::drawing;

fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(page: &Page, path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::GrayImage::from_raw(page.width, page.height, page.grey.clone()).unwrap().save(path).unwrap();
}

/// Exit status, what was printed and what was told.
fn check(arguments: &[&str], paths: &[(&str, &Path)]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check"));
    command.args(["--model", "tests/fixtures/tiny"]).args(arguments);
    for (name, path) in paths {
        command.arg(name).arg(path);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn people_are_ranked_and_kept() {
    let folder = fresh("ranked");
    let (people, kept, questioned) = (folder.join("people"), folder.join("kept"), folder.join("q.png"));
    for (name, shift) in [("ann", 0.0), ("bob", 2.0), ("cat", 4.0)] {
        write(&drawing(shift), &people.join(name).join("genuine/1.png"));
    }
    write(&drawing(0.2), &questioned);
    let paths = [("--gallery", people.as_path()), ("--questioned", &questioned)];
    let keep = [paths[0], paths[1], ("--keep", kept.as_path())];
    let (status, json, told) = check(&["--json", "--top", "2"], &keep);
    assert_eq!(status, 0, "{told}");
    let found: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&found["people"], &found["none_of_these"]), (&3.into(), &Value::Null));
    let names: Vec<&str> =
        found["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let candidates = found["candidates"].as_array().unwrap();
    assert_eq!((names.len(), candidates.len()), (2, 2));
    let ranked_by = |at: usize| candidates[at]["open_llr"].as_f64().unwrap();
    assert!(ranked_by(0) >= ranked_by(1), "{found}");
    for (name, candidate) in names.iter().zip(candidates) {
        assert_eq!(*name, ["ann", "bob", "cat"][candidate["index"].as_u64().unwrap() as usize]);
    }

    // the kept templates say the same without the pictures
    let (status, again, told) =
        check(&["--json", "--top", "2"], &[("--gallery", kept.as_path()), ("--questioned", &questioned)]);
    assert_eq!((status, again), (0, json), "{told}");

    // in the gallery the folder would be a person the next time
    for inside in [people.clone(), people.join("kept/deeper")] {
        let (status, _, told) = check(&[], &[paths[0], paths[1], ("--keep", inside.as_path())]);
        assert!(status != 0 && told.contains("--keep lies in the gallery's folder"), "{told}");
        assert!(!people.join("kept").exists());
    }

    let (status, text, told) = check(&[], &paths);
    assert!(!told.contains("raised"), "{told}");
    assert!(status == 0 && text.starts_with("the likeliest of 3"), "{text}");
    assert!(names.iter().all(|name| text.contains(name)), "{text}");

    // a shortlist holds all who are to be named
    let (status, short, told) = check(&["--json", "--top", "2", "--shortlist", "1"], &paths);
    let short: Value = serde_json::from_str(&short).unwrap();
    assert_eq!((status, short["candidates"].as_array().map(Vec::len)), (0, Some(2)), "{told}");
    assert!(told.contains("--shortlist 1 is raised to --top 2"), "{told}");
}

#[test]
fn what_cannot_be_searched_is_an_error() {
    let folder = fresh("refused");
    let (people, questioned) = (folder.join("people"), folder.join("q.png"));
    std::fs::create_dir_all(&people).unwrap();
    write(&drawing(0.2), &questioned);
    let paths = [("--gallery", people.as_path()), ("--questioned", &questioned)];
    let refused = |arguments: &[&str], why: &str| {
        let (status, printed, told) = check(arguments, &paths);
        assert_eq!((status, printed.as_str()), (3, ""));
        assert!(told.contains(why), "{told}");
    };
    refused(&[], "0 people are there");
    for (name, shift) in [("ann", 0.0), ("bob", 2.0)] {
        write(&drawing(shift), &people.join(name).join("1.png"));
    }
    refused(&["--fpir", "0.01"], "train calibrate");
    refused(&["--fpir", "2"], "fpir is 2");
    refused(&["--top", "0"], "top is 0");
    refused(&["--shortlist", "0"], "0 is not in 1..");
    refused(&["--reference", "x.png"], "cannot be used with");
    write(&drawing(0.0), &people.join("bob").join("2.png"));
    refused(&[], "ann and bob hold the same signature");
}
