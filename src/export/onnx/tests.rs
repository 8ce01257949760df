use std::collections::HashSet;

use burn::tensor::Device;
use onnx_rs::ast::{Dimension, ValueInfo};

use super::*;
use crate::export::{self, Files};
use crate::ink::FrameSize;
use crate::manifest::tests::tiny;
use crate::model::tests::random;
use crate::model::{CountersignConfig, EncoderConfig, NetworkConfig, SignetConfig, SimilarityConfig};
use crate::turn::Turning;

/// A model with random weights and this comparison.
fn model(similarity: SimilarityConfig) -> Files {
    of(NetworkConfig { similarity, ..tiny().network })
}

/// A model for finer frames to which the line's slant and pressure count.
fn directed() -> Files {
    let EncoderConfig::Countersign(tiny) = tiny().network.encoder else { panic!("another encoder") };
    let encoder = EncoderConfig::Countersign(CountersignConfig { stem_stride: 3, directions: 8, ..tiny });
    of(NetworkConfig { encoder, similarity: SimilarityConfig::PairHead { width: 4, direction_weight: 0.5 } })
}

fn of(network: NetworkConfig) -> Files {
    let (embedding, map) = (network.embedding(), network.map_shape(tiny().input));
    let manifest = Manifest { network, embedding, map, ..tiny() };
    let device = Device::flex();
    let network = random(&manifest.network, 3, &device);
    pollster::block_on(export::files(network, manifest)).unwrap()
}

fn pair_head() -> Files {
    model(SimilarityConfig::PairHead { width: 4, direction_weight: 0.0 })
}

fn ports<'a>(ports: &'a [ValueInfo]) -> Vec<(&'a str, Vec<String>)> {
    let size = |value: &Dimension| match value {
        Dimension::Value(size) => size.to_string(),
        Dimension::Param(name) => (*name).into(),
    };
    let shape = |port: &ValueInfo| port.tensor_shape().unwrap().dim.iter().map(|d| size(&d.value)).collect();
    ports.iter().map(|port| (port.name, shape(port))).collect()
}

/// Inputs and outputs; panics unless every value is defined once, before it is used.
fn signature(bytes: &[u8]) -> String {
    let model = onnx_rs::parse(bytes).unwrap();
    let graph = model.graph.as_ref().unwrap();
    let mut defined = HashSet::new();
    let tensors = graph.initializer.iter().map(|tensor| tensor.name());
    for name in tensors.chain(graph.input.iter().map(|input| input.name)) {
        assert!(defined.insert(name), "{name} twice");
    }
    for node in &graph.node {
        assert!(node.input.iter().all(|name| defined.contains(name)), "{node:?}");
        assert!(node.output.iter().all(|name| defined.insert(name)), "{node:?}");
    }
    assert!(graph.output.iter().all(|output| defined.contains(output.name)));
    format!("{:?} -> {:?}", ports(&graph.input), ports(&graph.output)).replace('"', "")
}

#[test]
fn graphs_take_and_give_what_the_network_does() {
    let Files { manifest, weights, .. } = pair_head();
    let written = graphs(&manifest, weights.clone()).unwrap();
    assert!(written == graphs(&manifest, weights).unwrap(), "the same bytes every time");
    let Graphs { encoder, comparison } = written;
    assert_eq!(
        signature(&encoder),
        "[(ink, [batch, 1, 24, 48])] -> [(embedding, [batch, 8]), (map, [batch, 4, 3, 6])]"
    );
    assert_eq!(
        signature(&comparison),
        "[(questioned, [batch, 4, 3, 6]), (reference, [batch, 4, 3, 6])] \
         -> [(unmatched, [batch, 3, 6]), (score, [batch])]"
    );
    let Files { manifest, weights, .. } = directed();
    let Graphs { encoder, comparison } = graphs(&manifest, weights).unwrap();
    assert_eq!(
        signature(&encoder),
        "[(ink, [batch, 1, 24, 48])] -> [(embedding, [batch, 24]), (map, [batch, 4, 2, 4])]"
    );
    assert_eq!(
        signature(&comparison),
        "[(questioned, [batch, 4, 2, 4]), (reference, [batch, 4, 2, 4]), (questioned_embedding, [batch, 24]), \
         (reference_embedding, [batch, 24])] -> [(unmatched, [batch, 2, 4]), (score, [batch])]"
    );
    for similarity in
        [SimilarityConfig::Euclidean {}, SimilarityConfig::Cosine {}, SimilarityConfig::WeightedL1 {}]
    {
        let Files { manifest, weights, .. } = model(similarity);
        let Graphs { encoder, comparison } = graphs(&manifest, weights).unwrap();
        assert_eq!(signature(&encoder), "[(ink, [batch, 1, 24, 48])] -> [(embedding, [batch, 8])]");
        assert_eq!(
            signature(&comparison),
            "[(questioned, [batch, 8]), (reference, [batch, 8])] -> [(score, [batch])]"
        );
    }
}

#[test]
fn metadata_says_how_to_read_a_score_and_on_which_terms() {
    let Files { manifest, weights, .. } = pair_head();
    let Graphs { encoder, comparison } = graphs(&manifest, weights).unwrap();
    for bytes in [encoder, comparison] {
        let model = onnx_rs::parse(&bytes).unwrap();
        let get = |key| model.metadata_props.iter().find(|entry| entry.key == key).unwrap().value;
        assert_eq!(get("id"), manifest.id());
        assert_eq!(get("licence"), manifest.licence);
        assert_eq!(serde_json::from_str::<FrameSize>(get("input")).unwrap(), manifest.input);
        assert_eq!(serde_json::from_str::<Option<Turning>>(get("turning")).unwrap(), manifest.turning);
        assert_eq!(serde_json::from_str::<NetworkConfig>(get("network")).unwrap(), manifest.network);
        let calibration: crate::calibration::Calibration = serde_json::from_str(get("calibration")).unwrap();
        assert_eq!(calibration, manifest.calibration);
    }
}

#[test]
fn weights_of_another_network_are_refused() {
    let Files { manifest, weights, .. } = pair_head();
    let with = |network| graphs(&Manifest { network, ..manifest.clone() }, weights.clone());
    let code = |network| with(network).map_or_else(|error| error.code(), |_| "written");
    let NetworkConfig { encoder, similarity } = manifest.network.clone();
    // tensors are missing, and tensors are left over
    let signet = EncoderConfig::Signet(SignetConfig::default());
    assert_eq!(code(NetworkConfig { encoder: signet, similarity: similarity.clone() }), "weights-shape");
    let cosine = SimilarityConfig::Cosine {};
    assert_eq!(code(NetworkConfig { encoder: encoder.clone(), similarity: cosine }), "weights-shape");
    assert_eq!(code(NetworkConfig { encoder, similarity }), "written");
    assert_eq!(graphs(&manifest, weights[1..].to_vec()).unwrap_err().code(), "weights-hash");
}
