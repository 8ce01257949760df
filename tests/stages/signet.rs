//! The tutorial's network gives PyTorch's numbers.
//!
//! `tests/fixtures/signet/reference.py` made the expected values and says how; here its weights and
//! images are computed again, so no weights are committed.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use countersign::model::LocalResponseNorm;
use countersign::model::signet::{SIDE, Signet, SignetConfig};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Largest difference allowed, as a part of the largest expected value of the same stage.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Expected {
    parameters: usize,
    gains: BTreeMap<String, f64>,
    image: Extent,
    stages: BTreeMap<String, Stage>,
    local_response_norm: NormExample,
}

#[derive(Deserialize)]
struct Extent {
    mean: f64,
    abs_max: f64,
}

#[derive(Deserialize)]
struct Stage {
    shape: Vec<usize>,
    mean: f64,
    abs_max: f64,
    at: Vec<usize>,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct NormExample {
    shape: [usize; 4],
    scale: f64,
    stream: u32,
    size: usize,
    alpha: f64,
    beta: f64,
    k: f64,
    values: Vec<f64>,
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("../fixtures/signet/expected.json")).unwrap()
}

/// A number in [-1, 1) from an integer hash of index and stream; `unit` in reference.py.
fn unit(index: u32, stream: u32) -> f64 {
    let mut h = index.wrapping_mul(0x9E37_79B1).wrapping_add(stream.wrapping_mul(0x85EB_CA77));
    h ^= h >> 16;
    h = h.wrapping_mul(0x7FEB_352D);
    h ^= h >> 15;
    h = h.wrapping_mul(0x846C_A68B);
    h ^= h >> 16;
    f64::from(h) / 2_147_483_648.0 - 1.0
}

/// Gives every parameter its value by formula, in PyTorch's order of layers and indices.
struct Fill<'a> {
    gains: &'a BTreeMap<String, f64>,
    layer: String,
    fan_in: usize,
}

impl ModuleMapper for Fill<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        if self.gains.contains_key(name) {
            self.layer = name.into();
        }
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let device = param.lazy_device();
        let shape = param.lazy_shape();
        // the layers' names sort in their order
        let layer = self.gains.keys().position(|name| *name == self.layer).unwrap() as u32;
        let dims: Vec<usize> = shape.to_vec();
        let bias = dims.len() == 1;
        if !bias {
            // burn keeps [in, out] for a linear layer and, as PyTorch, [out, in, h, w] for a convolution
            self.fan_in = if D == 2 { dims[0] } else { dims[1..].iter().product() };
        }
        let bound = self.gains[&self.layer] * (6.0 / self.fan_in as f64).sqrt();
        let stream = 2 * layer + u32::from(bias);
        let count = dims.iter().product::<usize>();
        let value = |index: usize| (unit(index as u32, stream) * bound) as f32;
        let values: Vec<f32> = if D == 2 {
            let (inputs, outputs) = (dims[0], dims[1]);
            (0..count).map(|i| value(i % outputs * inputs + i / outputs)).collect()
        } else {
            (0..count).map(value).collect()
        };
        Param::initialized(param.id, Tensor::from_data(TensorData::new(values, shape), &device))
    }
}

fn network(expected: &Expected, device: &Device) -> Signet {
    let signet = SignetConfig::default().init(device).unwrap();
    assert_eq!(signet.num_params(), expected.parameters);
    signet.map(&mut Fill { gains: &expected.gains, layer: String::new(), fan_in: 0 })
}

/// One pen stroke; `image` in reference.py.
fn image(phase: f64) -> Vec<f32> {
    let mut pixels = Vec::with_capacity(SIDE * SIDE);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (row, column) = (row as f64, column as f64);
            let centre = 52.0 + 25.0 * (column / 8.0 + phase).sin() + 12.0 * (column / 3.0).sin();
            pixels.push((1.0 - (row - centre).abs() / 4.0).clamp(0.0, 1.0) as f32);
        }
    }
    pixels
}

fn images(device: &Device) -> Tensor<4> {
    let pixels = [image(0.0), image(1.0)].concat();
    Tensor::from_data(TensorData::new(pixels, [2, 1, SIDE, SIDE]), device)
}

/// Compares what a stage gave with what PyTorch gave and returns the largest difference,
/// as a part of the largest expected value.
fn difference<const D: usize>(name: &str, expected: &Expected, value: &Tensor<D>) -> f64 {
    let stage = &expected.stages[name];
    assert_eq!(value.dims().to_vec(), stage.shape, "{name}");
    let values: Vec<f32> = value.to_data().try_to_vec().unwrap();
    let values: Vec<f64> = values.into_iter().map(f64::from).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let abs_max = values.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let sampled = stage.at.iter().zip(&stage.values).map(|(&at, expected)| values[at] - expected);
    let most = sampled
        .chain([mean - stage.mean, abs_max - stage.abs_max])
        .fold(0.0f64, |most, difference| most.max(difference.abs()));
    let part = most / stage.abs_max;
    println!("{name}: {:?}, difference {most:.2e}, {part:.2e} of {:.1}", stage.shape, stage.abs_max);
    part
}

#[test]
fn every_stage_agrees_with_pytorch() {
    let expected = expected();
    let device = Device::flex();
    let signet = network(&expected, &device);
    let ink = images(&device);

    let conv1 = signet.conv1.forward(ink.clone());
    let norm1 = signet.norm.forward(relu(conv1.clone()));
    let block1 = signet.block1(ink);
    let conv2 = signet.conv2.forward(block1.clone());
    let block2 = signet.block2(block1.clone());
    let conv4 = signet.conv4.forward(relu(signet.conv3.forward(block2.clone())));
    let block3 = signet.block3(block2.clone());
    let fc1 = signet.fc1.forward(block3.clone().flatten::<2>(1, 3));
    let fc2 = signet.fc2.forward(relu(fc1.clone()));
    let output = signet.head(block3.clone());

    let differences = [
        difference("conv1", &expected, &conv1),
        difference("norm1", &expected, &norm1),
        difference("block1", &expected, &block1),
        difference("conv2", &expected, &conv2),
        difference("block2", &expected, &block2),
        difference("conv4", &expected, &conv4),
        difference("block3", &expected, &block3),
        difference("fc1", &expected, &fc1),
        difference("fc2", &expected, &fc2),
        difference("output", &expected, &output),
    ];
    assert_eq!(differences.len(), expected.stages.len());
    for part in differences {
        assert!(part < TOLERANCE, "{part:.2e} of the output scale");
    }
}

#[test]
fn images_are_embedded_alone_as_in_a_batch() {
    let expected = expected();
    let device = Device::flex();
    let signet = network(&expected, &device);
    let ink = images(&device);
    assert!((ink.clone().mean().into_scalar::<f32>() - expected.image.mean as f32).abs() < 1e-6);
    assert!((ink.clone().max().into_scalar::<f32>() - expected.image.abs_max as f32).abs() < 1e-6);

    let together = signet.forward(ink.clone());
    assert!(difference("output", &expected, &together) < TOLERANCE);
    let alone = ink.chunk(2, 0).into_iter().map(|one| signet.forward(one)).collect();
    assert!(difference("output", &expected, &Tensor::cat(alone, 0)) < TOLERANCE);
}

#[test]
fn local_response_norm_agrees_with_pytorch() {
    let example = expected().local_response_norm;
    let count = example.shape.iter().product::<usize>() as u32;
    let input: Vec<f32> = (0..count).map(|i| (example.scale * unit(i, example.stream)) as f32).collect();
    let input = Tensor::<4>::from_data(TensorData::new(input, example.shape), &Device::flex());
    let norm = LocalResponseNorm::new(example.size, example.alpha, example.beta, example.k);
    let output: Vec<f32> = norm.forward(input).into_data().try_to_vec().unwrap();
    assert_eq!(output.len(), example.values.len());
    for (value, expected) in output.iter().zip(&example.values) {
        assert!((f64::from(*value) - expected).abs() < 1e-6, "{value} and {expected}");
    }
}
