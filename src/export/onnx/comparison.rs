//! The comparisons, as `model::similarity` and `model::pair_head` compute them.

use super::graph::{Graph, Setting, Value};
use super::layers::{linear, mean_and_max, normalise, reshape, residual, sum, swap};
use crate::error::Result;
use crate::manifest::Manifest;
use crate::model::{SimilarityConfig, directions};

/// Inputs and outputs of the comparison, and all between them.
pub fn build(graph: &mut Graph, manifest: &Manifest) -> Result<()> {
    let similarity = &manifest.network.similarity;
    let (shape, of): (&[usize], _) = match similarity.compares_maps() {
        true => (&manifest.map, ["maps of the questioned signatures", "maps of one reference each"]),
        false => (
            &[manifest.embedding],
            ["embeddings of the questioned signatures", "embeddings of one reference each"],
        ),
    };
    let a = graph.input("questioned", shape, of[0]);
    let b = graph.input("reference", shape, of[1]);
    let score = match similarity {
        SimilarityConfig::PairHead { direction_weight, .. } => {
            let (score, unmatched) = pair_head(graph, &a, &b, manifest.map)?;
            let doc = "where the questioned signature has no counterpart in the reference, 0 to 1";
            graph.output("unmatched", &unmatched, &manifest.map[1..], doc);
            if *direction_weight > 0.0 { directed(graph, manifest, &score, *direction_weight) } else { score }
        }
        SimilarityConfig::Euclidean {} => euclidean(graph, &a, &b),
        SimilarityConfig::SigmoidEuclidean {} => {
            let (a, b) = (graph.apply("Sigmoid", &[&a]), graph.apply("Sigmoid", &[&b]));
            euclidean(graph, &a, &b)
        }
        SimilarityConfig::Cosine {} => cosine(graph, &a, &b),
        SimilarityConfig::WeightedL1 {} => weighted_l1(graph, &a, &b)?,
    };
    let doc = "raw score of each pair: the higher, the more likely by the same hand; not calibrated";
    graph.output("score", &score, &[], doc);
    Ok(())
}

/// `score` and `weight` times `model::directions::likeness` of the embeddings' last numbers.
fn directed(graph: &mut Graph, manifest: &Manifest, score: &Value, weight: f32) -> Value {
    let doc = "embeddings of the same: their last numbers are slant and pressure of the line by direction";
    let ends = manifest.embedding as i64;
    let middle = ends - manifest.network.encoder.measured() as i64 / 2;
    let starts = 2 * middle - ends;
    let [a, b] = ["questioned_embedding", "reference_embedding"]
        .map(|name| graph.input(name, &[manifest.embedding], doc));
    let mut part = |embedding: &Value, starts: i64, ends: i64| {
        let [starts, ends, axis] = [starts, ends, 1].map(|number| graph.whole(&[number]));
        graph.apply("Slice", &[embedding, &starts, &ends, &axis])
    };
    let [slant_a, slant_b] = [&a, &b].map(|embedding| part(embedding, starts, middle));
    let [dark_a, dark_b] = [&a, &b].map(|embedding| part(embedding, middle, ends));
    let neutral = directions::NEUTRAL[0].ln() + directions::NEUTRAL[1].ln();
    let [flat, least, neutral, weight] =
        [directions::FLAT, directions::LEAST, neutral, weight].map(|value| graph.number(value));
    let apart = |graph: &mut Graph, a: &Value, b: &Value| {
        let apart = graph.apply("Sub", &[a, b]);
        graph.apply("Mul", &[&apart, &apart])
    };
    let slant = apart(graph, &slant_a, &slant_b);
    let both = graph.apply("Add", &[&slant_a, &slant_b]);
    let both = graph.apply("Add", &[&both, &flat]);
    let slant = graph.apply("Div", &[&slant, &both]);
    let pressure = apart(graph, &dark_a, &dark_b);
    let [slant, pressure] = [slant, pressure].map(|apart| {
        let apart = sum(graph, &apart, 1, false);
        let apart = graph.apply("Add", &[&apart, &least]);
        graph.apply("Log", &[&apart])
    });
    let likeness = graph.apply("Sub", &[&neutral, &slant]);
    let likeness = graph.apply("Sub", &[&likeness, &pressure]);
    let likeness = graph.apply("Mul", &[&likeness, &weight]);
    graph.apply("Add", &[score, &likeness])
}

fn euclidean(graph: &mut Graph, a: &Value, b: &Value) -> Value {
    let difference = graph.apply("Sub", &[a, b]);
    let least = graph.number(1e-6);
    let difference = graph.apply("Add", &[&difference, &least]);
    let square = graph.apply("Mul", &[&difference, &difference]);
    let sum = sum(graph, &square, 1, false);
    let distance = graph.apply("Sqrt", &[&sum]);
    graph.apply("Neg", &[&distance])
}

fn cosine(graph: &mut Graph, a: &Value, b: &Value) -> Value {
    let (a, b) = (normalise(graph, a, 1), normalise(graph, b, 1));
    let product = graph.apply("Mul", &[&a, &b]);
    sum(graph, &product, 1, false)
}

fn weighted_l1(graph: &mut Graph, a: &Value, b: &Value) -> Result<Value> {
    let difference = graph.apply("Sub", &[a, b]);
    let difference = graph.apply("Abs", &[&difference]);
    let logit = linear(graph, "similarity.WeightedL1.sum", &difference)?;
    Ok(reshape(graph, &logit, &[]))
}

/// Score `[B]` and unmatched `[B, h, w]` of maps `[B, C, h, w]`.
fn pair_head(
    graph: &mut Graph,
    a: &Value,
    b: &Value,
    [channels, height, width]: [usize; 3],
) -> Result<(Value, Value)> {
    let path = |part: &str| format!("similarity.PairHead.{part}");
    let places = height * width;
    let (a, b) = (reshape(graph, a, &[channels, places]), reshape(graph, b, &[channels, places]));
    let (a, b) = (swap(graph, &a), swap(graph, &b)); // [B, N, C]

    // both directions at once, along the batch
    let [batch, last] = [0, 2].map(|axis| [("axis", Setting::Int(axis))]);
    let from = graph.apply_with("Concat", &[&a, &b], &batch);
    let to = graph.apply_with("Concat", &[&b, &a], &batch);
    let (found, similarity) = attend(graph, &from, &to, [height, width])?;

    let difference = graph.apply("Sub", &[&from, &found]);
    let difference = graph.apply("Abs", &[&difference]);
    let product = graph.apply("Mul", &[&from, &found]);
    let compared = graph.apply_with("Concat", &[&difference, &product, &similarity], &last);
    let compared = swap(graph, &compared);
    let compared = reshape(graph, &compared, &[2 * channels + 1, height, width]);
    let x = residual(graph, &path("near"), 2, &compared)?;
    let x = residual(graph, &path("far"), 2, &x)?;
    let x = mean_and_max(graph, &x);
    let x = linear(graph, &path("hidden"), &x)?;
    let x = graph.apply("Relu", &[&x]);
    let logit = linear(graph, &path("judge"), &x)?;
    let logit = reshape(graph, &logit, &[]); // [2B]
    let [there, back] = graph.halves(&logit);
    let score = graph.apply("Add", &[&there, &back]);

    let [similarity, _] = graph.halves(&similarity);
    let similarity = reshape(graph, &similarity, &[height, width]);
    let [zero, one, two] = [0.0, 1.0, 2.0].map(|value| graph.number(value));
    let unmatched = graph.apply("Sub", &[&one, &similarity]);
    let unmatched = graph.apply("Div", &[&unmatched, &two]);
    Ok((score, graph.apply("Clip", &[&unmatched, &zero, &one])))
}

/// What each place finds in the other signature, `[B, N, C]`, and how similar that is, `[B, N, 1]`.
fn attend(graph: &mut Graph, from: &Value, to: &Value, size: [usize; 2]) -> Result<(Value, Value)> {
    let (looking, pointing) = (normalise(graph, from, 2), normalise(graph, to, 2));
    let pointing = swap(graph, &pointing);
    let cosine = graph.apply("MatMul", &[&looking, &pointing]);
    let mut factor = |name: &str| -> Result<Value> {
        let logarithm = graph.weight(&format!("similarity.PairHead.{name}"))?;
        Ok(graph.apply("Exp", &[&logarithm]))
    };
    let (sharpness, locality) = (factor("log_sharpness")?, factor("log_locality")?);
    let displacement = displacement(graph, size);
    let far = graph.apply("Mul", &[&displacement, &locality]);
    let sharp = graph.apply("Mul", &[&cosine, &sharpness]);
    let sharp = graph.apply("Sub", &[&sharp, &far]);
    let attention = graph.apply_with("Softmax", &[&sharp], &[("axis", Setting::Int(2))]);
    let found = graph.apply("MatMul", &[&attention, to]);
    let similarity = graph.apply("Mul", &[&attention, &cosine]);
    Ok((found, sum(graph, &similarity, 2, true)))
}

/// Squared distance of every place to every other, in units of the map's height, `[N, N]`: computed by the
/// graph, where the table would make up half of the file.
fn displacement(graph: &mut Graph, [height, width]: [usize; 2]) -> Value {
    let places = height * width;
    let position = |place: usize| [(place / width) as f32, (place % width) as f32];
    let positions: Vec<f32> = (0..places).flat_map(position).collect();
    let here = graph.tensor(&[places, 1, 2], &positions);
    let there = graph.tensor(&[1, places, 2], &positions);
    let unit = graph.number(height as f32);
    let apart = graph.apply("Sub", &[&here, &there]);
    let apart = graph.apply("Div", &[&apart, &unit]);
    let square = graph.apply("Mul", &[&apart, &apart]);
    sum(graph, &square, 2, false)
}
