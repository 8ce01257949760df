//! A graph of ONNX operators as it grows, and its bytes.

use std::collections::HashMap;

use burn::tensor::DType;
use onnx_rs::ast::{
    self, AttributeType, DataType, Dimension, Node, OpType, OperatorSetId, StringStringEntry, TensorProto,
    TensorShape, TensorShapeDimension, TensorTypeProto, TypeProto, TypeValue, ValueInfo,
};

use crate::error::{Error, Result};
use crate::weights::Stored;

/// The operators' version and the file format that belongs to it; onnxruntime reads them since 1.12 (2022).
const OPSET: i64 = 17;
const IR_VERSION: i64 = 8;

/// A tensor of the graph, by name.
#[derive(Debug, Clone)]
pub struct Value(String);

/// What an operator is told besides its inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    Float(f32),
    Int(i64),
    Ints(Vec<i64>),
}

/// An operator in the graph.
struct Operator {
    kind: &'static str,
    name: String,
    inputs: Vec<String>,
    outputs: Vec<String>,
    settings: Vec<(&'static str, Setting)>,
}

/// A tensor that the file holds.
struct Constant {
    name: String,
    kind: DataType,
    shape: Vec<i64>,
    /// Row-major, little-endian.
    bytes: Vec<u8>,
}

/// An input or output of the whole graph; its first axis is the batch.
struct Port {
    name: &'static str,
    /// Without the batch.
    shape: Vec<usize>,
    doc: &'static str,
}

/// The weights that are still to be used, and what was made of the others.
pub struct Graph {
    weights: HashMap<String, Stored>,
    precision: DType,
    constants: Vec<Constant>,
    operators: Vec<Operator>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl Graph {
    /// An empty graph that is to use all of these weights, stored in this precision.
    pub fn new(weights: HashMap<String, Stored>, precision: DType) -> Self {
        Self {
            weights,
            precision,
            constants: Vec::new(),
            operators: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// An input of shape `[batch, ...shape]`.
    pub fn input(&mut self, name: &'static str, shape: &[usize], doc: &'static str) -> Value {
        self.inputs.push(Port { name, shape: shape.to_vec(), doc });
        Value(name.into())
    }

    /// Makes `value`, of shape `[batch, ...shape]`, an output.
    pub fn output(&mut self, name: &'static str, value: &Value, shape: &[usize], doc: &'static str) {
        self.outputs.push(Port { name, shape: shape.to_vec(), doc });
        self.push("Identity", &[value], &[], vec![name.into()]);
    }

    /// Whether there is a weight of this name.
    pub fn has(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }

    /// The weight of this name, under its name and in single precision.
    ///
    /// # Errors
    /// [`Error::WeightsShape`] if there is none, or not a second time.
    pub fn weight(&mut self, name: &str) -> Result<Value> {
        let wrong = |what: &str| Error::WeightsShape(format!("tensor {name} {what}"));
        let stored = self.weights.remove(name).ok_or_else(|| wrong("is missing"))?;
        let values = stored.values(self.precision).map_err(|what| wrong(&what))?;
        let shape: Vec<i64> = stored.shape.iter().map(|&size| size as i64).collect();
        Ok(self.constant(name.into(), DataType::Float, shape, floats(&values)))
    }

    /// A number that broadcasts.
    pub fn number(&mut self, value: f32) -> Value {
        self.tensor(&[], &[value])
    }

    /// Numbers of this shape.
    pub fn tensor(&mut self, shape: &[usize], values: &[f32]) -> Value {
        let shape = shape.iter().map(|&size| size as i64).collect();
        self.constant(format!("constant_{}", self.constants.len()), DataType::Float, shape, floats(values))
    }

    /// Whole numbers in a row, as shapes and axes are given.
    pub fn whole(&mut self, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let name = format!("constant_{}", self.constants.len());
        self.constant(name, DataType::Int64, vec![values.len() as i64], bytes)
    }

    fn constant(&mut self, name: String, kind: DataType, shape: Vec<i64>, bytes: Vec<u8>) -> Value {
        self.constants.push(Constant { name: name.clone(), kind, shape, bytes });
        Value(name)
    }

    /// What an operator without settings makes of its inputs.
    pub fn apply(&mut self, kind: &'static str, inputs: &[&Value]) -> Value {
        self.apply_with(kind, inputs, &[])
    }

    /// What an operator makes of its inputs.
    pub fn apply_with(
        &mut self,
        kind: &'static str,
        inputs: &[&Value],
        settings: &[(&'static str, Setting)],
    ) -> Value {
        let output = format!("{kind}_{}", self.operators.len());
        self.push(kind, inputs, settings, vec![output.clone()]);
        Value(output)
    }

    /// Both halves of a value along the batch.
    pub fn halves(&mut self, value: &Value) -> [Value; 2] {
        let [first, second] = [0, 1].map(|half| format!("Split_{}_{half}", self.operators.len()));
        self.push("Split", &[value], &[("axis", Setting::Int(0))], vec![first.clone(), second.clone()]);
        [Value(first), Value(second)]
    }

    fn push(
        &mut self,
        kind: &'static str,
        inputs: &[&Value],
        settings: &[(&'static str, Setting)],
        outputs: Vec<String>,
    ) {
        let inputs = inputs.iter().map(|value| value.0.clone()).collect();
        let name = format!("{kind}_{}", self.operators.len());
        self.operators.push(Operator { kind, name, inputs, outputs, settings: settings.to_vec() });
    }

    /// An ONNX file of the graph.
    ///
    /// # Errors
    /// [`Error::WeightsShape`] if a weight was not used.
    pub fn encode(self, name: &str, doc: &str, metadata: &[(&str, String)]) -> Result<Vec<u8>> {
        if let Some(name) = self.weights.keys().min() {
            return Err(Error::WeightsShape(format!("the network has no tensor {name}")));
        }
        let model = ast::Model {
            ir_version: IR_VERSION,
            opset_import: vec![OperatorSetId { domain: "", version: OPSET }],
            producer_name: env!("CARGO_PKG_NAME"),
            producer_version: env!("CARGO_PKG_VERSION"),
            doc_string: doc,
            graph: Some(ast::Graph {
                name,
                node: self.operators.iter().map(Operator::message).collect(),
                initializer: self.constants.iter().map(Constant::message).collect(),
                input: self.inputs.iter().map(Port::message).collect(),
                output: self.outputs.iter().map(Port::message).collect(),
                ..Default::default()
            }),
            metadata_props: metadata.iter().map(|(key, value)| StringStringEntry { key, value }).collect(),
            ..Default::default()
        };
        Ok(onnx_rs::encode(&model))
    }
}

/// The bytes of numbers as ONNX stores them.
fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

impl Operator {
    fn message(&self) -> Node<'_> {
        Node {
            name: &self.name,
            op_type: OpType::from(self.kind),
            input: self.inputs.iter().map(String::as_str).collect(),
            output: self.outputs.iter().map(String::as_str).collect(),
            attribute: self.settings.iter().map(|(name, setting)| setting.message(name)).collect(),
            ..Default::default()
        }
    }
}

impl Setting {
    fn message<'a>(&self, name: &'a str) -> ast::Attribute<'a> {
        let empty = ast::Attribute { name, ..Default::default() };
        match self {
            Self::Float(f) => ast::Attribute { r#type: AttributeType::Float, f: *f, ..empty },
            Self::Int(i) => ast::Attribute { r#type: AttributeType::Int, i: *i, ..empty },
            Self::Ints(ints) => ast::Attribute { r#type: AttributeType::Ints, ints: ints.clone(), ..empty },
        }
    }
}

impl Constant {
    fn message(&self) -> TensorProto<'_> {
        TensorProto::from_raw(&self.name, self.shape.clone(), self.kind, &self.bytes)
    }
}

impl Port {
    fn message(&self) -> ValueInfo<'_> {
        let fixed = self.shape.iter().map(|&size| Dimension::Value(size as i64));
        let dim = std::iter::once(Dimension::Param("batch"))
            .chain(fixed)
            .map(|value| TensorShapeDimension { value, denotation: "" })
            .collect();
        let tensor = TensorTypeProto { elem_type: DataType::Float, shape: Some(TensorShape { dim }) };
        let kind = TypeProto { value: Some(TypeValue::Tensor(tensor)), denotation: "" };
        ValueInfo { name: self.name, r#type: Some(kind), doc_string: self.doc, ..Default::default() }
    }
}
