use super::matrix::Matrix;
use super::*;
use crate::calibration::impostors::{Impostors, Quantile};
use crate::evaluate::one_shot;
use crate::manifest::tests::tiny;
use crate::model::tests::random;
use crate::train::corpus::{self, Part};
use crate::train::synth;

/// Four writers of six signatures; raw scores are LLRs.
fn matrix(own: f32, other: impl Fn(usize, usize) -> f32) -> Matrix {
    Matrix::made_up(&[6; 4], |a, b| if a / 6 == b / 6 { own } else { other(a / 6, b / 6) })
}

fn with_threshold(llr: f64) -> Manifest {
    let mut manifest = tiny();
    let quantiles = vec![Quantile { rate: 0.5, llr }];
    manifest.calibration.impostors = vec![Impostors { references: 1, quantiles }];
    manifest
}

fn of(matrix: &Matrix, manifest: &Manifest, references: usize) -> Found {
    found(matrix, &Reader::new(manifest, references).unwrap()).unwrap()
}

#[test]
fn everybody_is_found_where_own_signatures_score_higher() {
    // two people at 1 %: -10 and ln(0.5 / 0.005) = 4.6 higher
    let manifest = with_threshold(-10.0);
    let one = of(&matrix(2.0, |_, _| -40.0), &manifest, 1);
    assert_eq!((one.writers, one.references, one.trials), (4, 1, 4 * 5 * DRAWS as usize));
    let all = Rate { percent: 100.0, ci95: [100.0; 2] };
    assert_eq!((one.rank1, one.rank5), (all, all));
    // made-up embeddings are each writer's own
    assert_eq!(one.recall, KEPT.map(|kept| (kept, 100.0)));
    for open in &one.open {
        assert_eq!(open.dir, all);
        assert_eq!(open.by_model, Some([all, Rate { percent: 0.0, ci95: [0.0; 2] }]));
    }
    let five = of(&matrix(2.0, |_, _| -40.0), &manifest, 5);
    assert_eq!(five.trials, 4 * DRAWS as usize);
}

#[test]
fn nobody_is_found_where_all_score_the_same() {
    let one = of(&matrix(1.0, |_, _| 1.0), &with_threshold(-100.0), 1);
    // whoever scores the same comes before the writer
    assert_eq!((one.rank1.percent, one.rank5.percent), (0.0, 100.0));
    for open in &one.open {
        assert_eq!(open.dir.percent, 0.0, "no threshold lies between");
        assert_eq!(open.by_model.unwrap()[1].percent, 100.0, "a threshold below all accepts all");
    }
}

#[test]
fn who_is_like_another_is_taken_for_him() {
    // signatures of writer 1 score higher against writer 0 than against each other
    let like = |a: usize, b: usize| if (a, b) == (1, 0) { 3.0 } else { -9.0 };
    let one = of(&matrix(2.0, like), &tiny(), 1);
    assert_eq!((one.rank1.percent, one.rank5.percent), (50.0, 100.0));
    assert!(one.rank1.ci95[0] < 50.0 && one.rank1.ci95[1] > 50.0);
    // the first candidate is not who the embedding says
    assert_eq!(one.recall[0], (1, 50.0));
    assert!(one.open.iter().all(|open| open.by_model.is_none()), "the model has no table");
}

#[test]
fn a_writer_without_signatures_to_spare_is_not_enrolled() {
    let few = Matrix::made_up(&[6, 6, 5], |_, _| 0.0);
    assert_eq!(of(&few, &tiny(), 5).writers, 2);
    let fewer = Matrix::made_up(&[6, 5], |_, _| 0.0);
    assert_eq!(found(&fewer, &Reader::new(&tiny(), 5).unwrap()), None);
}

#[test]
fn one_writer_without_signatures_to_spare_leaves_the_models_table() {
    let manifest = with_threshold(-10.0);
    let score = |a: usize, b: usize| if a / 6 == b / 6 { 2.0 } else { -40.0 };
    let with = of(&Matrix::made_up(&[6, 6, 6, 6, 1], score), &manifest, 1);
    assert_eq!((with.writers, with.open.len()), (4, FPIR.len()));
    let all = Rate { percent: 100.0, ci95: [100.0; 2] };
    for open in &with.open {
        assert_eq!(open.by_model, Some([all, Rate { percent: 0.0, ci95: [0.0; 2] }]));
    }
}

#[test]
fn writers_without_genuine_signatures_give_no_row() {
    let (device, manifest) = (Device::flex(), tiny());
    let network = random(&manifest.network, 3, &device);
    let mut writers = corpus::load(&synth::writers(1, 2, 1, 1), manifest.input, |_, _| ()).unwrap().writers;
    writers.iter_mut().for_each(|writer| writer.genuine.clear());
    assert_eq!(measure((&manifest, &network), &writers, 6, &device, |_, _, _| ()), Ok(Vec::new()));
}

#[test]
fn who_taught_the_model_is_said_of_measured_sets() {
    let one = of(&matrix(2.0, |_, _| -40.0), &tiny(), 1);
    let writer = |set, id| Writer {
        set,
        id,
        part: Part::Train,
        genuine: Vec::new(),
        forged: Vec::new(),
        forgers: Vec::new(),
    };
    // Dutch was too small to be measured
    let everybody = [writer(Set::Hindi, 1), writer(Set::Hindi, 2), writer(Set::Dutch, 5)];
    let mut manifest = tiny();
    manifest.training.sets = vec!["hindi".into(), "dutch".into()];
    let text = remarks(&[one], &everybody, &manifest);
    assert!(text.contains("from 2 of these writers (hindi)"), "{text}");
}

/// From pictures to rows, with random weights.
#[test]
fn a_corpus_is_measured() {
    let (device, manifest) = (Device::flex(), tiny());
    let network = random(&manifest.network, 3, &device);
    let corpus = corpus::load(&synth::writers(1, 4, 7, 0), manifest.input, |_, _| ()).unwrap();
    let found = measure((&manifest, &network), &corpus.writers, 6, &device, |_, _, _| ()).unwrap();
    assert_eq!(found.iter().map(|one| one.references).collect::<Vec<_>>(), SHOTS);
    let trials = [4 * 5 * DRAWS as usize, 4 * DRAWS as usize];
    assert_eq!(found.iter().map(|one| one.trials).collect::<Vec<_>>(), trials, "six of seven signatures");
    assert!(found.iter().all(|one| one.rank1.percent <= one.rank5.percent && one.rank5.percent == 100.0));
    assert_eq!(Tables(&found).to_string().lines().count(), 13);
    let rows = rows(&found, |set| one_shot::data_name(set, None, "test"), "tiny");
    assert_eq!((rows[0].data.as_str(), rows[0].ways, rows[0].shots), ("synthetic-test", 4, 1));
    let path = std::env::temp_dir().join(format!("countersign-{}-identified.json", std::process::id()));
    one_shot::merge(&path, &rows).unwrap();
    std::fs::remove_file(path).unwrap();
}

/// The matrix is what the network says of each pair.
#[test]
fn the_matrix_is_of_the_pairs() {
    let (device, manifest) = (Device::flex(), tiny());
    let network = random(&manifest.network, 3, &device);
    let corpus = corpus::load(&synth::writers(1, 2, 3, 0), manifest.input, |_, _| ()).unwrap();
    let writers: Vec<&Writer> = corpus.writers.iter().collect();
    let comparer = pollster::block_on(Comparer::of(&manifest, &network, &device)).unwrap();
    let matrix = Matrix::compute(&comparer, &writers, manifest.input, |_, _| ()).unwrap();
    assert_eq!((matrix.writers(), matrix.signatures(1)), (2, 3..6));
    let frames = [&writers[0].genuine[2], &writers[1].genuine[1]];
    let features = super::super::encoded::encode(&network, &frames, manifest.input, &device);
    let score = network.compare(&features.select(&[0]), &features.select(&[1])).score;
    let score: f32 = score.into_scalar();
    let reader = Reader::new(&manifest, 1).unwrap();
    for (one, other) in [(2, 4), (4, 2)] {
        // offset 0, slope 1
        let llr = reader.llr(&matrix, one, &matrix.enrol(&[other]));
        assert!((llr - f64::from(score)).abs() < 1e-4, "{llr} {score}");
    }
}
