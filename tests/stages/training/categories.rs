//! Pictures of anything, a folder for each category, from `train` to the category of a new picture.

use std::path::Path;
use std::process::Command;

use image::{GrayImage, Luma};
use serde_json::Value;

use super::{folder, remove, text};

/// Eight, of which the hashes of their names alone let none validate and one test.
const CATEGORIES: [&str; 8] = ["acorn", "birch", "cedar", "elder", "hazel", "larch", "maple", "rowan"];

/// Four light or dark fields, for each category others: a network that has learnt almost nothing tells them apart, so
/// that the run ends with a model. Pictures of a category differ by where the fields meet.
fn picture(category: usize, index: u32) -> GrayImage {
    GrayImage::from_fn(64, 32, |x, y| {
        let field = 2 * usize::from(y >= 16) + usize::from(x >= 29 + index);
        Luma([if ((category + 1) >> field) & 1 == 1 { 220 } else { 40 }])
    })
}

fn save(picture: &GrayImage, path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder to make");
    picture.save(path).expect("an image to write");
}

/// What a program printed and told; it must succeed.
fn succeed(program: &str, arguments: &[&str], folder: &Path) -> (String, String) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect("a run");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let (printed, told) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{printed}{told}");
    (printed, told)
}

#[test]
fn a_folder_of_categories_is_trained_evaluated_and_searched() {
    let folder = folder("categories");
    for (category, name) in CATEGORIES.into_iter().enumerate() {
        for index in 0..6 {
            save(&picture(category, index), &folder.join(format!("woods/{name}/{index}.png")));
        }
        // one of each that nobody has seen
        save(&picture(category, 6), &folder.join(format!("known/{name}/6.png")));
    }
    // euclidean, so that equal pictures are close from the start
    let distance = "kind = \"euclidean\"\n[objective]\nkind = \"contrastive\"\nmargin = 2.0";
    let config = text(2)
        .replace("height = 16", "height = 16\nstage = \"grey\"")
        .replace("kind = \"pair-head\"\n        width = 4", distance)
        .replace("forged = 2", "forged = 0\nskilled_pairs = 0\nrandom_pairs = 2");
    std::fs::write(folder.join("tiny.toml"), config).expect("a file to write");
    succeed(
        env!("CARGO_BIN_EXE_train"),
        &["--config", "tiny.toml", "--data", "woods", "--run", "run"],
        &folder,
    );

    let evaluate = |writers: &str| {
        let (table, _) = succeed(
            env!("CARGO_BIN_EXE_evaluate"),
            &[
                &["episodes", "--model", "run/model", "--data", "woods", "--writers", writers, "--ways", "2"]
                    [..],
                &["--shots", "1", "--trials", "20", "--out", "rows.json"],
            ]
            .concat(),
            &folder,
        );
        table
    };
    let table = evaluate("test");
    assert!(table.contains("| woods-test | tiny | 2 | 1 | 20 |"), "{table}");
    assert!(!table.contains("learned") && !table.contains("thresholds"), "{table}");
    // four taught it, two gave it its thresholds
    let table = evaluate("all");
    assert!(table.contains("| woods-all |"), "{table}");
    assert!(table.contains("learned from 4 of these writers (folder)"), "{table}");
    assert!(table.contains("thresholds were fitted on validation writers"), "{table}");
    let rows: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("rows.json")).expect("rows"))
        .expect("JSON");
    assert_eq!((&rows[0]["data"], &rows[1]["data"]), (&"woods-all".into(), &"woods-test".into()));

    let questioned = folder.join("questioned.png");
    let mut new = picture(3, 2);
    new.put_pixel(0, 0, Luma([100]));
    save(&new, &questioned);
    let (found, _) = succeed(
        env!("CARGO_BIN_EXE_check"),
        &["--model", "run/model", "--gallery", "known", "--questioned", "questioned.png", "--json"],
        &folder,
    );
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!((&found["people"], found["names"].as_array().map(Vec::len)), (&8.into(), Some(5)));
    remove(&folder);
}
