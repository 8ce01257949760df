//! Every objective on a tiny network and a batch of noise.

use super::super::config::TrainConfig;
use super::*;
use burn::tensor::Device;
use burn_train::TrainOutput;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Two genuine signatures and two forgeries of each of two writers, as noise.
fn batch(device: &Device) -> Batch {
    // not the device's random numbers: tests that run beside this one draw from them, too
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let ink: Vec<f32> = (0..8 * 16 * 32).map(|_| rng.random()).collect();
    let ink = Tensor::from_data(TensorData::new(ink, [8, 1, 16, 32]), device);
    let labels = (0..8).map(|row| Label { set: Set::Synthetic, writer: row / 4, genuine: row % 4 < 2 });
    Batch { ink, labels: labels.collect(), pairs: None }
}

fn siamese(similarity: &str, objective: &str, device: &Device) -> Siamese {
    let text = format!(
        r#"
        name = "tiny"
        epochs = 1
        batches = 1
        input = {{ width = 32, height = 16 }}
        objective = {{ {objective} }}
        [network]
        encoder = {{ kind = "countersign", width = 4, map_channels = 4, embedding = 8 }}
        similarity = {{ kind = {similarity} }}
        "#
    );
    let TrainConfig { network, objective, sampler, .. } = toml::from_str(&text).unwrap();
    objective.check(&network, &sampler).unwrap();
    Siamese { network: network.init(device).unwrap(), objective, sampler, share: 1.0 }
}

/// Every objective with the similarities that it trains.
const RECIPES: [(&str, &str); 13] = [
    ("'pair-head', width = 4", "kind = 'logistic', contrastive_weight = 0.2"),
    ("'weighted-l1'", "kind = 'logistic', l2 = 1e-4"),
    ("'weighted-l1'", "kind = 'logistic', contrastive_weight = 0.2, label_smoothing = 0.02"),
    ("'euclidean'", "kind = 'contrastive', margin = 1.0"),
    ("'sigmoid-euclidean'", "kind = 'contrastive', margin = 1.0"),
    ("'cosine'", "kind = 'contrastive', margin = 1.0"),
    ("'euclidean'", "kind = 'triplet', mining = 'batch-hard'"),
    ("'euclidean'", "kind = 'triplet', mining = 'batch-all', margin = 0.3"),
    ("'cosine'", "kind = 'triplet', mining = 'batch-hard', margin = 0.3"),
    ("'cosine'", "kind = 'triplet'"),
    ("'sigmoid-euclidean'", "kind = 'lossless-triplet', mining = 'batch-hard'"),
    ("'sigmoid-euclidean'", "kind = 'lossless-triplet'"),
    ("'cosine'", "kind = 'supervised-contrastive'"),
];

/// By how much the mean score of writer 0's genuine pairs exceeds that of its forgeries.
fn gap(model: &Siamese, batch: &Batch) -> f32 {
    let pairs = Pairs::all(&batch.labels);
    let scores = floats(model.scores(&model.network.encode(batch.ink.clone()), &pairs).unwrap());
    let mean = |wanted: f32| {
        let of: Vec<f32> =
            pairs.same().iter().zip(&scores).filter(|pair| *pair.0 == wanted).map(|pair| *pair.1).collect();
        of.iter().sum::<f32>() / of.len() as f32
    };
    mean(1.0) - mean(0.0)
}

#[test]
fn every_objective_learns_a_batch_by_heart() {
    let device = Device::flex().autodiff();
    let batch = batch(&device);
    for (similarity, objective) in RECIPES {
        let mut model = siamese(similarity, objective, &device);
        let mut optimiser = burn::optim::AdamConfig::new().init();
        let before = gap(&model, &batch);
        for _ in 0..30 {
            let TrainOutput { grads, .. } = TrainStep::step(&model, batch.clone());
            model = optimiser.step(0.01, model, grads);
        }
        let after = gap(&model, &batch);
        assert!(after > before + 0.01, "{similarity}, {objective}: from {before} to {after}");
    }
}

#[test]
fn validation_scores_all_pairs_of_a_writer_whatever_the_objective() {
    let device = Device::flex();
    let Batch { ink, labels, .. } = batch(&device);
    let one_writer = Batch { ink: ink.narrow(0, 0, 4), labels: labels[..4].to_vec(), pairs: None };
    for (similarity, objective) in RECIPES {
        let model = siamese(similarity, objective, &device);
        let Scored { loss, scores } = InferenceStep::step(&model, one_writer.clone());
        assert!(loss.into_scalar::<f32>().is_finite());
        let genuine = scores.iter().filter(|score| score.genuine).count();
        assert_eq!((genuine, scores.len()), (1, 5), "{similarity}, {objective}");
    }
}

#[test]
fn distances_are_those_of_the_similarity() {
    let device = Device::flex();
    let embedding = Tensor::<2>::from_floats([[3.0, 0.0], [0.0, 4.0], [0.0, -1.0]], &device);
    let features = Features { map: embedding.clone().reshape([3, 2, 1, 1]), embedding };
    let of = |similarity: &str| {
        let model = siamese(similarity, "kind = 'triplet'", &device);
        floats(model.distances(&features).unwrap())
    };
    let near = |similarity: &str, expected: [f32; 9]| {
        let distances = of(similarity);
        let close = distances.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(close, "{similarity}: {distances:?}");
    };
    let root = 10f32.sqrt();
    near("'euclidean'", [0.0, 5.0, root, 5.0, 0.0, 5.0, root, 5.0, 0.0]);
    near("'cosine'", [0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 1.0, 2.0, 0.0]);
}

#[test]
fn the_penalty_is_part_of_the_training_loss() {
    let device = Device::flex().autodiff();
    let model = siamese("'weighted-l1'", "kind = 'logistic'", &device);
    let penalty: f32 = weight_penalty(&model.network).unwrap().into_scalar();
    let loss = |l2: &str| {
        let Siamese { objective, .. } =
            siamese("'weighted-l1'", &format!("kind = 'logistic', l2 = {l2}"), &device);
        let model = Siamese { objective, ..model.clone() };
        TrainStep::step(&model, batch(&device)).item.loss.into_scalar::<f32>()
    };
    let (without, with) = (loss("0.0"), loss("0.01"));
    assert!(penalty > 1.0 && (with - without - 0.01 * penalty).abs() < 1e-4, "{with}, {without}, {penalty}");
}

#[test]
fn a_batch_with_nothing_to_compare_costs_nothing() {
    let device = Device::flex().autodiff();
    let Batch { ink, labels, .. } = batch(&device);
    let alone = Batch { ink: ink.narrow(0, 0, 1), labels: labels[..1].to_vec(), pairs: None };
    for (similarity, objective) in RECIPES {
        if objective.contains("l2") {
            continue;
        }
        let model = siamese(similarity, objective, &device);
        let output = TrainStep::step(&model, alone.clone());
        assert_eq!(output.item.loss.into_scalar::<f32>(), 0.0, "{similarity}, {objective}");
        let scored = InferenceStep::step(
            &siamese(similarity, objective, &Device::flex()),
            Batch { ink: alone.ink.clone().inner(), ..alone.clone() },
        );
        assert!(scored.scores.is_empty());
    }
}
