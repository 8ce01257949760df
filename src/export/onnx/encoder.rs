//! The encoders, as `model::countersign`, `model::signet` and `model::koch` compute them.

use super::graph::{Graph, Setting, Value};
use super::layers::{Conv, conv_norm, linear, mean_and_max, normalise, residual};
use crate::error::Result;
use crate::manifest::Manifest;
use crate::model::{EncoderConfig, signet};

/// Input and outputs of the encoder, and all between them.
pub fn build(graph: &mut Graph, manifest: &Manifest) -> Result<()> {
    let [height, width] = [manifest.input.height, manifest.input.width].map(|side| side as usize);
    let ink = graph.input(
        "ink",
        &[1, height, width],
        "signatures, cleaned, cropped to their ink and centred: 0 for paper to 1 for full ink",
    );
    let (embedding, map) = match manifest.network.encoder {
        EncoderConfig::Countersign(_) => {
            countersign(graph, &ink, manifest.network.similarity.takes_unit_length())?
        }
        EncoderConfig::Signet(_) => (signet(graph, &ink)?, None),
        EncoderConfig::Koch(_) => (koch(graph, &ink)?, None),
    };
    graph.output("embedding", &embedding, &[manifest.embedding], "one vector a signature");
    if let Some(map) = map {
        graph.output("map", &map, &manifest.map, "one vector a place; what the comparison takes");
    }
    Ok(())
}

fn countersign(graph: &mut Graph, ink: &Value, unit_length: bool) -> Result<(Value, Option<Value>)> {
    let path = |layer: &str| format!("encoder.Countersign.{layer}");
    let x = conv_norm(graph, &path("stem"), &Conv::same(5, 2), ink)?;
    let x = graph.apply("Relu", &[&x]);
    let x = residual(graph, &path("fine"), 1, &x)?;
    let x = residual(graph, &path("middle"), 2, &x)?;
    let x = residual(graph, &path("coarse"), 2, &x)?;
    let x = residual(graph, &path("context"), 1, &x)?;
    let pooled = mean_and_max(graph, &x);
    let embedding = linear(graph, &path("embed"), &pooled)?;
    let embedding = if unit_length { normalise(graph, &embedding, 1) } else { embedding };
    let project = path("project");
    if !graph.has(&format!("{project}.weight")) {
        return Ok((embedding, None));
    }
    let map = Conv { bias: true, ..Conv::same(1, 1) }.apply(graph, &project, &x)?;
    Ok((embedding, Some(map)))
}

fn signet(graph: &mut Graph, ink: &Value) -> Result<Value> {
    let path = |layer: &str| format!("encoder.Signet.{layer}");
    let conv = |graph: &mut Graph, layer, padding, x: &Value| {
        let x = Conv { stride: 1, padding, bias: true }.apply(graph, &path(layer), x)?;
        Ok(graph.apply("Relu", &[&x]))
    };
    let norm = |graph: &mut Graph, x: &Value| {
        let (size, alpha, beta, k) = signet::NORM;
        let settings = [
            ("size", Setting::Int(size as i64)),
            ("alpha", Setting::Float(alpha as f32)),
            ("beta", Setting::Float(beta as f32)),
            ("bias", Setting::Float(k as f32)),
        ];
        graph.apply_with("LRN", &[x], &settings)
    };
    let pool = |graph: &mut Graph, x: &Value| {
        let settings = [("kernel_shape", Setting::Ints(vec![3; 2])), ("strides", Setting::Ints(vec![2; 2]))];
        graph.apply_with("MaxPool", &[x], &settings)
    };

    let x = conv(graph, "conv1", 0, ink)?;
    let x = norm(graph, &x);
    let x = pool(graph, &x);
    let x = conv(graph, "conv2", 2, &x)?;
    let x = norm(graph, &x);
    let x = pool(graph, &x);
    let x = conv(graph, "conv3", 1, &x)?;
    let x = conv(graph, "conv4", 1, &x)?;
    let x = pool(graph, &x);
    let x = graph.apply_with("Flatten", &[&x], &[("axis", Setting::Int(1))]);
    let x = linear(graph, &path("fc1"), &x)?;
    let x = graph.apply("Relu", &[&x]);
    let x = linear(graph, &path("fc2"), &x)?;
    let x = graph.apply("Relu", &[&x]);
    linear(graph, &path("fc3"), &x)
}

fn koch(graph: &mut Graph, ink: &Value) -> Result<Value> {
    let path = |layer: &str| format!("encoder.Koch.{layer}");
    let conv = |graph: &mut Graph, layer, x: &Value| {
        let x = Conv { stride: 1, padding: 0, bias: true }.apply(graph, &path(layer), x)?;
        Ok(graph.apply("Relu", &[&x]))
    };
    let pool = |graph: &mut Graph, x: &Value| {
        let settings = [("kernel_shape", Setting::Ints(vec![2; 2])), ("strides", Setting::Ints(vec![2; 2]))];
        graph.apply_with("MaxPool", &[x], &settings)
    };

    let x = conv(graph, "conv1", ink)?;
    let x = pool(graph, &x);
    let x = conv(graph, "conv2", &x)?;
    let x = pool(graph, &x);
    let x = conv(graph, "conv3", &x)?;
    let x = pool(graph, &x);
    let x = conv(graph, "conv4", &x)?;
    let x = graph.apply_with("Flatten", &[&x], &[("axis", Setting::Int(1))]);
    let x = linear(graph, &path("fc"), &x)?;
    Ok(graph.apply("Sigmoid", &[&x]))
}
