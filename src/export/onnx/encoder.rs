//! The encoders, as `model::countersign`, `model::signet` and `model::koch` compute them.

use super::graph::{Graph, Setting, Value};
use super::layers::{Conv, conv_norm, linear, mean_and_max, normalise, residual, sum};
use crate::error::Result;
use crate::ink::Stage;
use crate::manifest::Manifest;
use crate::model::{CountersignConfig, EncoderConfig, directions, signet};

/// Input and outputs of the encoder, and all between them.
pub fn build(graph: &mut Graph, manifest: &Manifest) -> Result<()> {
    let [height, width] = [manifest.input.height, manifest.input.width].map(|side| side as usize);
    let holds = match manifest.input.stage {
        Stage::Ink => "signatures, cleaned, cropped to their ink and centred: 0 for paper to 1 for full ink",
        Stage::Pressure => {
            "signatures, cleaned, cropped to their ink and centred, each stroke as dark as it is wide: 0 for paper to 1"
        }
        Stage::Grey => "pictures scaled to fit: 0 for white to 1 for black",
    };
    let ink = graph.input("ink", &[1, height, width], holds);
    let (embedding, map) = match manifest.network.encoder {
        EncoderConfig::Countersign(ref config) => {
            countersign(graph, config, &ink, manifest.network.similarity.takes_unit_length())?
        }
        EncoderConfig::Signet(_) => (signet(graph, &ink)?, None),
        EncoderConfig::Koch(_) => (koch(graph, &ink)?, None),
    };
    graph.output("embedding", &embedding, &[manifest.embedding], "one vector a signature");
    if let Some(map) = map {
        graph.output(
            "map",
            &map,
            &manifest.map,
            "one vector a place; what the comparison takes, beside the embedding if it asks for it",
        );
    }
    Ok(())
}

fn countersign(
    graph: &mut Graph,
    config: &CountersignConfig,
    ink: &Value,
    unit_length: bool,
) -> Result<(Value, Option<Value>)> {
    let path = |layer: &str| format!("encoder.Countersign.{layer}");
    let stride = config.stem_stride as i64;
    let x = conv_norm(graph, &path("stem"), &Conv::same(2 * stride + 1, stride), ink)?;
    let x = graph.apply("Relu", &[&x]);
    let x = residual(graph, &path("fine"), 1, &x)?;
    let x = residual(graph, &path("middle"), 2, &x)?;
    let x = residual(graph, &path("coarse"), 2, &x)?;
    let x = residual(graph, &path("context"), 1, &x)?;
    let pooled = mean_and_max(graph, &x);
    let embedding = linear(graph, &path("embed"), &pooled)?;
    let embedding = if unit_length { normalise(graph, &embedding, 1) } else { embedding };
    let embedding = if config.directions > 0 {
        let [shares, dark] = directions(graph, ink, config.directions);
        graph.apply_with("Concat", &[&embedding, &shares, &dark], &[("axis", Setting::Int(1))])
    } else {
        embedding
    };
    let project = path("project");
    if !graph.has(&format!("{project}.weight")) {
        return Ok((embedding, None));
    }
    let map = Conv { bias: true, ..Conv::same(1, 1) }.apply(graph, &project, &x)?;
    Ok((embedding, Some(map)))
}

/// `model::directions::measure`, both parts of it.
fn directions(graph: &mut Graph, ink: &Value, count: usize) -> [Value; 2] {
    let kernels = graph.tensor(&[count, 1, 3, 3], &directions::kernels(count));
    let [share, flat, few, directed] = [2.0 / count as f32, directions::FLAT, directions::FEW, count as f32]
        .map(|value| graph.number(value));
    let window = [("kernel_shape", Setting::Ints(vec![3; 2])), ("pads", Setting::Ints(vec![1; 4]))];
    let near = graph.apply_with("MaxPool", &[ink], &window);
    let edges = graph.apply_with("Conv", &[ink, &kernels], &[("pads", Setting::Ints(vec![1; 4]))]);
    let square = graph.apply("Mul", &[&edges, &edges]);
    let steep = sum(graph, &square, 1, true);
    let steep = graph.apply("Mul", &[&steep, &share]);
    let steep = graph.apply("Add", &[&steep, &flat]);
    let facing = graph.apply("Div", &[&square, &steep]);
    let facing = graph.apply("Mul", &[&facing, &facing]);
    let facing = graph.apply("Mul", &[&facing, &facing]);
    let steep = graph.apply("Sqrt", &[&steep]);
    let facing = graph.apply("Mul", &[&facing, &steep]);
    let inked = graph.apply("Mul", &[&facing, &near]);
    let [edges, inked] = [facing, inked].map(|x| {
        let rows = sum(graph, &x, 3, false);
        sum(graph, &rows, 2, false)
    });
    let some = graph.apply("Add", &[&edges, &few]);
    let dark = graph.apply("Div", &[&inked, &some]);
    let [all, mean] = [&edges, &dark].map(|x| sum(graph, x, 1, true));
    let all = graph.apply("Add", &[&all, &flat]);
    let mean = graph.apply("Div", &[&mean, &directed]);
    let mean = graph.apply("Add", &[&mean, &flat]);
    [graph.apply("Div", &[&edges, &all]), graph.apply("Div", &[&dark, &mean])]
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
