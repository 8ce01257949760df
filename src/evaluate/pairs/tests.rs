use super::*;
use crate::device::Backend;
use crate::export;

/// A folder with two drawn signatures of one hand and one of another, a file that is no image, and a model.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-pairs-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (file, waves) in [("a, 1.png", 9.0), ("a2.png", 9.3), ("b.png", 17.0)] {
        let mut page = image::GrayImage::from_pixel(240, 120, image::Luma([255]));
        for x in 10..230 {
            let y = 60.0 + 40.0 * (x as f32 / waves).sin();
            for thick in 0..4 {
                page.put_pixel(x, y as u32 + thick, image::Luma([0]));
            }
        }
        page.save(folder.join(file)).unwrap();
    }
    std::fs::write(folder.join("notes.png"), "no image").unwrap();
    folder
}

fn list(folder: &Path, text: &str) -> Result<List> {
    let path = folder.join("pairs.csv");
    std::fs::write(&path, text).unwrap();
    List::read(&path)
}

#[test]
fn a_list_is_scored_as_the_page_would_and_errors_never_have_a_score() {
    let folder = folder("scored");
    let text = "references,questioned,label,writer\n\
        \"a, 1.png\",a2.png,genuine,a\n\
        \"a, 1.png\",b.png,0,a\n\
        \"a, 1.png;a2.png\",b.png,,\n\
        notes.png,b.png,1,a\n\
        a2.png,missing.png,1,a\n\
        ;,b.png,1,a\n";
    let list = list(&folder, text).unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny");
    let checker = pollster::block_on(export::checker(&model, Backend::Cpu)).unwrap();
    let out = folder.join("scores.csv");
    let summary = list.score(&checker, &Policy::default(), &out, |_, _| {}).unwrap();
    assert_eq!((summary.pairs, summary.errors), (6, 3));
    // two labelled pairs with one reference; the rest has no label or no score
    assert_eq!(summary.references.keys().collect::<Vec<_>>(), [&1]);
    assert_eq!(summary.references[&1].pairs, 2);

    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_path(&out).unwrap().deserialize().map(|row| row.unwrap()).collect();
    let errors: Vec<&str> = rows.iter().map(|row| row["error"].as_str()).collect();
    assert_eq!(errors, ["", "", "", "not-an-image", "file", "reference-count"]);
    for row in &rows {
        let answers = ["llr", "score", "decision"].map(|name| row[name].is_empty());
        assert_eq!(answers, [!row["error"].is_empty(); 3], "{row:?}");
        assert_eq!(row["message"].is_empty(), row["error"].is_empty());
    }
    assert_eq!(rows[1]["label"], "forged");

    let page = |name: &str| crate::ink::decode::file(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    let template = pollster::block_on(checker.enrol(&[page("a, 1.png"), page("a2.png")])).unwrap();
    let verdict = pollster::block_on(checker.check(&template, &page("b.png"), &Policy::default())).unwrap();
    assert_eq!(rows[2]["llr"].parse::<f64>().unwrap(), verdict.llr);

    // a rate that no row can have is said at once
    std::fs::remove_file(&out).unwrap();
    let policy = Policy { far: Some(1e-5), ..Policy::default() };
    assert_eq!(list.score(&checker, &policy, &out, |_, _| {}).unwrap_err().code(), "invalid-option");
    assert!(!out.exists());

    // nor are the scores written over the list, whatever it is called
    let itself = folder.join("scores.csv");
    std::fs::write(&itself, text).unwrap();
    let list = List::read(&itself).unwrap();
    let again = folder.join("..").join(folder.file_name().unwrap()).join("scores.csv");
    for out in [&itself, &again] {
        let error = list.score(&checker, &Policy::default(), out, |_, _| {}).unwrap_err();
        assert!(error.code() == "file" && error.to_string().contains("--out"), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&itself).unwrap(), text);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn intervals_need_writers() {
    let pair = |writer: &'static str, genuine: bool, open_llr: f64| Labelled {
        references: 3,
        writer,
        genuine,
        open_llr,
    };
    let calibration = crate::manifest::tests::tiny().calibration;
    let by = |writers: [&'static str; 2]| {
        let [one, two] = writers;
        let pairs =
            [pair(one, true, 2.0), pair(one, false, -1.0), pair(two, true, -0.5), pair(two, false, 1.0)];
        figures(&pairs, &calibration).unwrap().remove(&3).unwrap()
    };
    let (named, nameless) = (by(["x", "y"]), by(["", ""]));
    assert!(named.eer_ci95.is_some() && named.writers == 2);
    assert_eq!((nameless.eer_ci95, nameless.writer_eer), (None, None));
    assert_eq!((nameless.eer, nameless.far, nameless.frr), (named.eer, 50.0, 50.0));
}

#[test]
fn a_wrong_list_is_refused_with_the_reason() {
    let folder = folder("wrong");
    let refused = |text: &str, reason: &str| {
        let error = list(&folder, text).expect_err(text);
        assert_eq!(error.code(), "file");
        assert!(error.to_string().contains(reason), "{error}");
    };
    refused("", "no pairs");
    refused("references,questioned\n", "no pairs");
    refused("left,right\na,b\n", "missing field `references`");
    refused("references,questioned,label\na,b,maybe\n", "pair 1 has the label maybe");
    refused("references,questioned\na,b,c\n", "line: 2");
    assert_eq!(List::read(&folder.join("none.csv")).unwrap_err().code(), "file");
    std::fs::remove_dir_all(&folder).unwrap();
}
