//! The operations on a training device: the graph that they enter and their backward passes.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::autodiff::{Autodiff, NodeId};
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Cube};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::super::fast::Geometry;
use super::norm::{self, Layer, Passed};
use super::{GpuOps, conv, dims};

#[derive(Debug)]
struct ConvBackward;

impl Backward<Cube, 2> for ConvBackward {
    type State = (NodeId, NodeId, Geometry);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let [input_node, weight_node] = ops.parents;
        let gradient = into_contiguous(grads.consume::<Cube>(&ops.node));
        let (input, weight, geometry) = ops.state;
        let input = into_contiguous(checkpointer.retrieve_node_output::<CubeTensor>(input));
        let weight = into_contiguous(checkpointer.retrieve_node_output::<CubeTensor>(weight));
        if let Some(node) = input_node {
            grads.register::<Cube>(node.id, conv::input_gradient(gradient.clone(), weight, &geometry));
        }
        if let Some(node) = weight_node {
            grads.register::<Cube>(node.id, conv::weight_gradient(input, gradient, &geometry));
        }
    }
}

/// What the backward pass of a normalisation needs from its forward pass.
#[derive(Debug, Clone)]
struct NormState {
    input: NodeId,
    gamma: NodeId,
    mean: CubeTensor,
    variance: CubeTensor,
    /// Its sign tells where the rectifier let the gradient through.
    output: CubeTensor,
    layer: Layer,
}

impl NormState {
    fn passed(self, checkpointer: &mut Checkpointer) -> (Passed, Layer) {
        let passed = Passed {
            input: checkpointer.retrieve_node_output::<CubeTensor>(self.input),
            gamma: checkpointer.retrieve_node_output::<CubeTensor>(self.gamma),
            mean: self.mean,
            variance: self.variance,
            output: self.output,
        };
        (passed, self.layer)
    }
}

#[derive(Debug)]
struct NormBackward;

impl Backward<Cube, 3> for NormBackward {
    type State = NormState;

    fn backward(self, ops: Ops<NormState, 3>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<Cube>(&ops.node);
        let (passed, layer) = ops.state.passed(checkpointer);
        let (input, gamma, beta, _) = norm::backward(passed, gradient, false, &layer);
        for (node, value) in ops.parents.into_iter().zip([input, gamma, beta]) {
            if let Some(node) = node {
                grads.register::<Cube>(node.id, value);
            }
        }
    }
}

#[derive(Debug)]
struct NormAddBackward;

impl Backward<Cube, 4> for NormAddBackward {
    type State = NormState;

    fn backward(self, ops: Ops<NormState, 4>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<Cube>(&ops.node);
        let (passed, layer) = ops.state.passed(checkpointer);
        let (input, gamma, beta, skip) = norm::backward(passed, gradient, true, &layer);
        for (node, value) in ops.parents.into_iter().zip([Some(input), Some(gamma), Some(beta), skip]) {
            if let (Some(node), Some(value)) = (node, value) {
                grads.register::<Cube>(node.id, value);
            }
        }
    }
}

impl<C: CheckpointStrategy> GpuOps for Autodiff<Cube, C> {
    fn gpu_conv2d(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: usize,
        padding: usize,
    ) -> FloatTensor<Self> {
        let guards = [input.node(), weight.node()];
        match ConvBackward.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let geometry =
                    Geometry::new(dims(input.primitive()), dims(weight.primitive()), stride, padding);
                let state = (prep.checkpoint(&input), prep.checkpoint(&weight), geometry);
                let output =
                    Cube::gpu_conv2d(input.into_primitive(), weight.into_primitive(), stride, padding);
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(Cube::gpu_conv2d(
                input.into_primitive(),
                weight.into_primitive(),
                stride,
                padding,
            )),
        }
    }

    fn gpu_batch_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let guards = [input.node(), gamma.node(), beta.node()];
        let layer = Layer { epsilon: epsilon as f32, relu };
        let (output, mean, variance) = norm::forward(
            input.primitive().clone(),
            gamma.primitive().clone(),
            beta.primitive().clone(),
            None,
            &layer,
        );
        let output = match NormBackward.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = NormState {
                    input: prep.checkpoint(&input),
                    gamma: prep.checkpoint(&gamma),
                    mean: mean.clone(),
                    variance: variance.clone(),
                    output: output.clone(),
                    layer,
                };
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn gpu_batch_norm_add(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        skip: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let guards = [input.node(), gamma.node(), beta.node(), skip.node()];
        let layer = Layer { epsilon: epsilon as f32, relu };
        let (output, mean, variance) = norm::forward(
            input.primitive().clone(),
            gamma.primitive().clone(),
            beta.primitive().clone(),
            Some(skip.into_primitive()),
            &layer,
        );
        let output = match NormAddBackward.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = NormState {
                    input: prep.checkpoint(&input),
                    gamma: prep.checkpoint(&gamma),
                    mean: mean.clone(),
                    variance: variance.clone(),
                    output: output.clone(),
                    layer,
                };
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }
}
