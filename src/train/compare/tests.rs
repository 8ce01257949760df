use std::path::{Path, PathBuf};

use super::super::config::TrainConfig;
use super::super::corpus::{Set, Writer};
use super::*;
use crate::turn::Turning;

/// Two tiny networks, two losses and two optimisers on synthetic signatures.
const PLAN: &str = r#"
seeds = [1, 2]
sets = ["synthetic"]
signatures = 3

[[network]]
name = "wide"
config = "tiny.toml"
set = ["network.encoder.width=8"]
loss = "logistic"
optimiser = "adam"

[[network]]
name = "narrow"
config = "tiny.toml"
loss = "triplet"
optimiser = "sgd"

[[loss]]
name = "logistic"
set = ['objective={kind="logistic"}', 'network.similarity={kind="weighted-l1"}']

[[loss]]
name = "triplet"
set = ['objective={kind="triplet"}', 'network.similarity={kind="euclidean"}']

[[optimiser]]
name = "adam"
set = ['optimiser={kind="adam", learning_rate=1e-3}']

[[optimiser]]
name = "sgd"
set = ['optimiser={kind="sgd", learning_rate=1e-2, momentum=0.9}']
"#;

const TINY: &str = r#"
name = "tiny"
epochs = 1
batches = 2
input = { width = 32, height = 16 }
network = { encoder = { kind = "countersign", width = 4, embedding = 8 }, similarity = { kind = "cosine" } }
objective = { kind = "supervised-contrastive" }
sampler = { kind = "writers", writers = 3, genuine = 2, forged = 2 }
synthetic = { writers = 12, genuine = 3, forged = 3 }
"#;

/// A folder of its own for each test, with the configuration of the tiny network.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersign-{}-compare-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tiny.toml"), TINY).unwrap();
    folder
}

fn write(folder: &Path, plan: &str) -> PathBuf {
    let path = folder.join("compare.toml");
    std::fs::write(&path, plan).unwrap();
    path
}

fn places(folder: &Path) -> Places {
    Places { run: folder.join("run"), table: folder.join("table.md"), ..Places::default() }
}

fn compare(folder: &Path, plan: &str, interrupter: &Interrupter, tell: &dyn Fn(&str)) -> Result<bool> {
    let (comparison, rows) = read(&write(folder, plan))?;
    run(&comparison, &rows, &places(folder), &Device::flex(), interrupter, tell)
}

#[test]
fn each_network_meets_each_loss_and_each_optimiser_once_a_seed() {
    let folder = folder("plan");
    let (_, rows) = read(&write(&folder, PLAN)).unwrap();
    let names: Vec<String> = rows.iter().map(Row::to_string).collect();
    let of_seed = |seed: usize| {
        [
            "wide, logistic, adam",
            "wide, triplet, adam",
            "wide, logistic, sgd",
            "narrow, logistic, sgd",
            "narrow, triplet, sgd",
            "narrow, triplet, adam",
        ]
        .map(|name| format!("{name}, seed {seed}"))
    };
    assert_eq!(names, [of_seed(1), of_seed(2)].concat());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_shipped_comparison_is_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/compare.toml");
    let (comparison, rows) = read(&path).unwrap();
    assert_eq!(comparison.seeds.len(), 3);
    for network in &comparison.networks {
        // one budget for all rows of a network
        let budget = |row: &&Row| (row.config.epochs, row.config.batches, row.config.sampler.clone());
        let mut budgets: Vec<_> = rows.iter().filter(|row| row.network == network.name).collect();
        budgets.dedup_by_key(|row| budget(row));
        assert_eq!(budgets.len(), 1, "{}", network.name);
    }
}

#[test]
fn what_cannot_be_compared_is_named_before_anything_is_trained() {
    let folder = folder("wrong");
    for (right, wrong, named) in [
        ("seeds = [1, 2]", "seeds = []", "seeds"),
        ("signatures = 3", "signatures = 1", "signatures"),
        ("loss = \"triplet\"", "loss = \"tripled\"", "network.loss"),
        ("name = \"narrow\"", "name = \"wide\"", "network.name"),
        ("name = \"triplet\"", "name = \"logistic\"", "loss.name"),
        // the triplet loss has no use for logits
        ("kind=\"euclidean\"", "kind=\"weighted-l1\"", "wide, triplet, adam"),
        ("learning_rate=1e-2", "learning_rate=2.0", "optimiser.learning_rate"),
        // what a row does not heed
        ("momentum=0.9}'", "momentum=0.9}', 'fold=1'", "no use for fold"),
    ] {
        let plan = PLAN.replacen(right, wrong, 1);
        assert_ne!(plan, PLAN, "{right}");
        let error = read(&write(&folder, &plan)).unwrap_err();
        assert_eq!(error.code(), "invalid-config", "{error}");
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    let error = compare(&folder, &PLAN.replace("synthetic\"]", "hindi\"]"), &Interrupter::new(), &|_| ());
    assert!(error.unwrap_err().to_string().contains("hindi"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_comparison_goes_on_where_it_was_stopped_and_writes_a_table() {
    let folder = folder("whole");
    let plan = PLAN.replace("seeds = [1, 2]", "seeds = [1]");
    // stops during the third row, whose work is lost
    let interrupter = Interrupter::new();
    let stop = interrupter.clone();
    let third = move |line: &str| {
        if line.starts_with("[3/") {
            stop.stop(None);
        }
    };
    assert!(!compare(&folder, &plan, &interrupter, &third).unwrap());
    assert_eq!(Results::open(&folder.join("run")).unwrap().lines().len(), 2);
    let table = || std::fs::read_to_string(folder.join("table.md")).unwrap();
    assert!(table().contains("2 of 6 trainings are done"), "{}", table());

    let told = std::cell::RefCell::new(Vec::new());
    let keep = |line: &str| told.borrow_mut().push(line.to_string());
    assert!(compare(&folder, &plan, &Interrupter::new(), &keep).unwrap());
    assert!(told.borrow()[0].starts_with("[3/6] wide, logistic, sgd, seed 1"), "{:?}", told.borrow());
    let results = Results::open(&folder.join("run")).unwrap();
    assert_eq!(results.lines().len(), 6);
    for line in results.lines() {
        let Line::Row(record) = line else { panic!("a model") };
        // 2 batches of 3 writers x (2 genuine + 2 forged)
        assert_eq!((record.images, &record.error), (24, &None));
        assert!(record.sets[0].eer.unwrap().percent.is_finite());
    }
    let rows = table().lines().filter(|line| line.starts_with("| ") && line.contains("weighted-l1")).count();
    assert_eq!(rows, 3, "{}", table());
    assert!(table().contains("## wide") && table().contains("no-reference control"));

    // finished rows are not trained again, and not mixed with others
    let before = table();
    assert!(compare(&folder, &plan, &Interrupter::new(), &|line| panic!("{line}")).unwrap());
    assert_eq!(table(), before);
    let error = compare(&folder, &plan.replace("width=8", "width=6"), &Interrupter::new(), &|_| ());
    assert!(error.unwrap_err().to_string().contains("other settings"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn every_row_gets_the_synthetic_signatures_of_its_configuration() {
    let folder = folder("synthetic");
    let (comparison, rows) = read(&write(&folder, PLAN)).unwrap();
    let mut data = Data::new(&[], &comparison);
    let (one, mut other) = (rows[0].config.clone(), rows[0].config.clone());
    other.synthetic.writers = 15;
    let mut writers = |config: &TrainConfig| {
        let signatures = data.get(config.input, Some(config)).unwrap();
        signatures.training.len() + signatures.validation.len()
    };
    let first = writers(&one);
    assert!(writers(&other) > first);
    assert_eq!(writers(&one), first);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_set_without_forgeries_is_scored_by_random_ones() {
    let folder = folder("genuine");
    let (comparison, rows) = read(&write(&folder, PLAN)).unwrap();
    let mut config = rows[0].config.clone();
    config.synthetic.forged = 0;
    let signatures = Data::new(&[], &comparison).get(config.input, Some(&config)).unwrap();
    assert!(!signatures.validation.is_empty() && signatures.validation.iter().all(|w| w.forged.is_empty()));
    let device = Device::flex();
    let network = config.network.init(&device).unwrap();
    let score = |writers: &[Writer]| row::score(&network, None, writers, config.input, &device).unwrap();
    let alone = score(&signatures.validation);
    assert!(alone[0].random && alone[0].forged_pairs > 0, "{alone:?}");
    assert!(alone[0].eer.unwrap().percent.is_finite());
    // a set with forgeries beside it changes nothing, and has no random ones
    let mut both = signatures.validation.clone();
    both.extend(signatures.validation.iter().cloned().map(|writer| Writer {
        set: Set::Folder,
        forged: writer.genuine.clone(),
        forgers: vec![None; writer.genuine.len()],
        ..writer
    }));
    let scored = score(&both);
    let of = |set: Set| scored.iter().find(|errors| errors.set == set).unwrap();
    assert_eq!(of(Set::Synthetic), &alone[0]);
    assert!(!of(Set::Folder).random && of(Set::Folder).eer.is_some());
    // one writer more would be for validation: there is none whom a row could be scored by
    config.synthetic.writers = 4;
    config.synthetic.genuine = 1;
    let refused = Data::new(&[], &comparison).get(config.input, Some(&config)).unwrap_err();
    assert_eq!(refused.code(), "invalid-config", "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_wrong_with_each_source_is_said() {
    let folder = folder("sources");
    let (comparison, rows) = read(&write(&folder, PLAN)).unwrap();
    let from = ["one", "two"].map(|name| folder.join(name));
    let error = |from: &[PathBuf]| {
        let mut data = Data::new(from, &comparison);
        data.get(rows[0].config.input, Some(&rows[0].config)).unwrap_err().to_string()
    };
    let both = error(&from);
    assert!(from.iter().all(|from| both.contains(&from.display().to_string())), "{both}");
    assert!(!error(&from[..1]).contains("two"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_model_with_another_turning_is_scored_again() {
    let mut manifest = crate::manifest::tests::tiny();
    let mut hash = |turning| {
        manifest.turning = turning;
        model_hash(&manifest, "data").unwrap()
    };
    let hashes = [None, Some(10.0), Some(12.0)].map(|degrees| hash(degrees.map(Turning::by)));
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2], "{hashes:?}");
}

#[test]
fn a_row_that_diverges_is_a_result() {
    let folder = folder("diverges");
    let (comparison, rows) = read(&write(&folder, PLAN)).unwrap();
    let signatures = Data::new(&[], &comparison).get(rows[0].config.input, Some(&rows[0].config)).unwrap();
    let mut row = rows[0].clone();
    // a configuration would refuse this temperature
    row.config.objective =
        toml::from_str("kind = \"logistic\"\ncontrastive_weight = 1.0\ntemperature = 0.0").unwrap();
    let record =
        row::run(&row, String::new(), &signatures, &Device::flex(), &Interrupter::new()).unwrap().unwrap();
    assert!(record.error.unwrap().contains("the loss is"), "no error");
    assert!(record.sets.is_empty());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn damaged_results_are_named_by_their_line() {
    let folder = folder("damaged");
    std::fs::write(folder.join(results::FILE), "{\"row\":{}}\n").unwrap();
    let error = Results::open(&folder).unwrap_err();
    assert!(error.code() == "file" && error.to_string().contains("line 1"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}
