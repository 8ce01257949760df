//! The layers that both graphs are made of, each as its module in [`crate::model`] computes it.

use super::graph::{Graph, Setting, Value};
use crate::error::Result;

/// A convolution of square kernels; `bias` says whether it has one.
pub struct Conv {
    pub stride: i64,
    pub padding: i64,
    pub bias: bool,
}

impl Conv {
    /// `model::ConvNorm` and its like: no bias, and a kernel of this size keeps the image's size.
    pub fn same(kernel: i64, stride: i64) -> Self {
        Self { stride, padding: kernel / 2, bias: false }
    }

    /// The convolution with the weights at `path`.
    pub fn apply(&self, graph: &mut Graph, path: &str, x: &Value) -> Result<Value> {
        let settings = [
            ("strides", Setting::Ints(vec![self.stride; 2])),
            ("pads", Setting::Ints(vec![self.padding; 4])),
        ];
        let weight = graph.weight(&format!("{path}.weight"))?;
        if !self.bias {
            return Ok(graph.apply_with("Conv", &[x, &weight], &settings));
        }
        let bias = graph.weight(&format!("{path}.bias"))?;
        Ok(graph.apply_with("Conv", &[x, &weight, &bias], &settings))
    }
}

/// `model::ConvNorm` without its rectifier. Runtimes fold the normalisation into the convolution.
pub fn conv_norm(graph: &mut Graph, path: &str, conv: &Conv, x: &Value) -> Result<Value> {
    let x = conv.apply(graph, &format!("{path}.conv"), x)?;
    let mut norm = |part: &str| graph.weight(&format!("{path}.norm.{part}"));
    let (gamma, beta, mean, var) =
        (norm("gamma")?, norm("beta")?, norm("running_mean")?, norm("running_var")?);
    // what burn adds to the variance when nothing else is asked for
    let epsilon = [("epsilon", Setting::Float(1e-5))];
    Ok(graph.apply_with("BatchNormalization", &[&x, &gamma, &beta, &mean, &var], &epsilon))
}

/// `model::Residual`.
pub fn residual(graph: &mut Graph, path: &str, stride: i64, x: &Value) -> Result<Value> {
    let first = conv_norm(graph, &format!("{path}.first"), &Conv::same(3, stride), x)?;
    let first = graph.apply("Relu", &[&first]);
    let second = conv_norm(graph, &format!("{path}.second"), &Conv::same(3, 1), &first)?;
    let shortcut = format!("{path}.shortcut");
    let shortcut = if graph.has(&format!("{shortcut}.conv.weight")) {
        conv_norm(graph, &shortcut, &Conv::same(1, stride), x)?
    } else {
        x.clone()
    };
    let sum = graph.apply("Add", &[&second, &shortcut]);
    Ok(graph.apply("Relu", &[&sum]))
}

/// A linear layer; burn and ONNX both keep its weights as `[in, out]`.
pub fn linear(graph: &mut Graph, path: &str, x: &Value) -> Result<Value> {
    let weight = graph.weight(&format!("{path}.weight"))?;
    let bias = graph.weight(&format!("{path}.bias"))?;
    Ok(graph.apply("Gemm", &[x, &weight, &bias]))
}

/// `model::countersign::mean_and_max`.
pub fn mean_and_max(graph: &mut Graph, x: &Value) -> Value {
    let mean = graph.apply("GlobalAveragePool", &[x]);
    let max = graph.apply("GlobalMaxPool", &[x]);
    let both = graph.apply_with("Concat", &[&mean, &max], &[("axis", Setting::Int(1))]);
    graph.apply_with("Flatten", &[&both], &[("axis", Setting::Int(1))])
}

/// `model::countersign::normalise`.
pub fn normalise(graph: &mut Graph, x: &Value, axis: i64) -> Value {
    let square = graph.apply("Mul", &[x, x]);
    let sum = sum(graph, &square, axis, true);
    let least = graph.number(1e-8);
    let sum = graph.apply("Add", &[&sum, &least]);
    let length = graph.apply("Sqrt", &[&sum]);
    graph.apply("Div", &[x, &length])
}

/// The sum along an axis, which stays with length 1 if it is `kept`.
pub fn sum(graph: &mut Graph, x: &Value, axis: i64, kept: bool) -> Value {
    let axes = graph.whole(&[axis]);
    graph.apply_with("ReduceSum", &[x, &axes], &[("keepdims", Setting::Int(kept.into()))])
}

/// A batch of tensors of this shape.
pub fn reshape(graph: &mut Graph, x: &Value, shape: &[usize]) -> Value {
    // 0 keeps the batch, whatever it is
    let shape: Vec<i64> = std::iter::once(0).chain(shape.iter().map(|&size| size as i64)).collect();
    let shape = graph.whole(&shape);
    graph.apply("Reshape", &[x, &shape])
}

/// Swaps the second and the third of three axes.
pub fn swap(graph: &mut Graph, x: &Value) -> Value {
    graph.apply_with("Transpose", &[x], &[("perm", Setting::Ints(vec![0, 2, 1]))])
}
