//! Every kind of network in the formats of other programs. The ONNX files stay in Cargo's folder for tests,
//! where `www/test/unit/onnx.test.ts` runs them in onnxruntime and compares.

use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Distribution, Tensor};
use countersign::export::interchange::{self, Formats};
use countersign::export::{self, safetensors};
use countersign::ink::FrameSize;
use countersign::manifest::Manifest;
use countersign::model::{
    CountersignConfig, EncoderConfig, KochConfig, NetworkConfig, SignetConfig, SimilarityConfig,
};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `onnx/NAME` in Cargo's folder for tests, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("onnx").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn written(model: &Path, out: &Path, formats: Formats) -> Vec<String> {
    let files = pollster::block_on(interchange::write(model, out, formats)).expect("written files");
    let name = |(path, bytes): (PathBuf, usize)| {
        assert_eq!(std::fs::metadata(&path).expect("a file").len(), bytes as u64);
        path.file_name().expect("a name").to_string_lossy().into_owned()
    };
    files.into_iter().map(name).collect()
}

const ONNX: Formats = Formats { onnx: true, safetensors: false };

/// Random weights of which each has a say: vectors (biases, and the normalisation's four, which change
/// nothing before training) are moved, kernels multiplied by `gain`.
struct Enliven {
    gain: f64,
}

impl ModuleMapper for Enliven {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weight| match D {
            1 => weight.clone() + weight.random_like(Distribution::Uniform(0.05, 0.5)),
            4 => weight * self.gain,
            _ => weight,
        })
    }
}

/// Exports a network with random weights.
fn random(name: &str, encoder: EncoderConfig, similarity: SimilarityConfig, gain: f64) {
    let text = std::fs::read_to_string(root("tests/fixtures/tiny/manifest.json")).expect("a manifest");
    let tiny = Manifest::parse(&text).expect("a manifest");
    let input = match encoder {
        EncoderConfig::Countersign(_) => tiny.input,
        EncoderConfig::Signet(_) | EncoderConfig::Koch(_) => FrameSize::ink(105, 105),
    };
    let network = NetworkConfig { encoder, similarity };
    let (embedding, map) = (network.embedding(), network.map_shape(input));
    let manifest = Manifest { name: name.into(), network, input, embedding, map, ..tiny };

    let device = Device::flex();
    device.seed(11);
    let network = manifest.network.init(&device).expect("a network").map(&mut Enliven { gain });
    let out = folder(name);
    let model = out.join("model");
    pollster::block_on(export::save(network, manifest, &model)).expect("a model");
    assert_eq!(written(&model, &out, ONNX), ["encoder.onnx", "comparison.onnx", "example.safetensors"]);
    std::fs::remove_dir_all(&model).expect("a folder to remove");
}

fn small() -> EncoderConfig {
    EncoderConfig::Countersign(CountersignConfig {
        width: 4,
        map_channels: 8,
        embedding: 16,
        ..Default::default()
    })
}

#[test]
fn the_models_at_hand() {
    let both = Formats { onnx: true, safetensors: true };
    for (name, model) in [("shipped", "models/countersign"), ("tiny", "tests/fixtures/tiny")] {
        let out = folder(name);
        assert_eq!(
            written(&root(model), &out, both),
            ["weights.safetensors", "encoder.onnx", "comparison.onnx", "example.safetensors"]
        );
        let device = Device::flex();
        let (manifest, network) = export::open(&root(model), &device).expect("a model");
        let bytes = std::fs::read(out.join("weights.safetensors")).expect("a file");
        let (read_manifest, read) = safetensors::read(&bytes, &device).expect("a model");
        assert_eq!(read_manifest, manifest);
        let ink = Tensor::<4>::random(
            [2, 1, manifest.input.height as usize, manifest.input.width as usize],
            Distribution::Uniform(0.0, 1.0),
            &device,
        );
        let score = |network: &countersign::model::Network| {
            let features = network.encode(ink.clone());
            network.compare(&features, &features.select(&[1, 1])).score.into_data()
        };
        assert_eq!(score(&read), score(&network), "{name}");
    }
}

#[test]
fn embeddings_compared_by_angle() {
    random("cosine", small(), SimilarityConfig::Cosine {}, 1.0);
}

#[test]
fn sigmoids_of_embeddings_compared_by_distance() {
    random("sigmoid-euclidean", small(), SimilarityConfig::SigmoidEuclidean {}, 1.0);
}

#[test]
fn embeddings_compared_by_weighted_differences() {
    random("weighted-l1", small(), SimilarityConfig::WeightedL1 {}, 1.0);
}

#[test]
fn finer_frames_and_directions() {
    let encoder = EncoderConfig::Countersign(CountersignConfig {
        width: 4,
        map_channels: 8,
        embedding: 16,
        stem_stride: 3,
        directions: 8,
    });
    random("directions", encoder, SimilarityConfig::PairHead { width: 8, direction_weight: 0.5 }, 1.0);
}

#[test]
fn the_tutorials_network() {
    // its local response normalisation hardly acts on small values
    random("signet", EncoderConfig::Signet(SignetConfig::default()), SimilarityConfig::Euclidean {}, 12.0);
}

#[test]
fn the_one_shot_network() {
    random("koch", EncoderConfig::Koch(KochConfig {}), SimilarityConfig::WeightedL1 {}, 3.0);
}

#[test]
fn a_folder_without_a_model_is_named() {
    let out = folder("none");
    let error = pollster::block_on(interchange::write(&root("configs"), &out, ONNX)).expect_err("no model");
    assert!(error.to_string().contains("manifest.json"), "{error}");
    assert!(!out.exists());
}
