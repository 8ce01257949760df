//! The operations on a training device: the graph that they enter and their backward passes.

use burn::backend::AutodiffBackend;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::autodiff::{Autodiff, NodeId};
use burn::backend::flex::{Flex, FlexTensor};
use burn::backend::tensor::FloatTensor;

use super::geometry::Geometry;
use super::{FastOps, conv, dims, norm, numbers, packed, tensor};

#[derive(Debug)]
struct ConvBackward;

impl Backward<Flex, 2> for ConvBackward {
    type State = (NodeId, NodeId, Geometry);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let [input_node, weight_node] = ops.parents;
        let grad = packed(grads.consume::<Flex>(&ops.node));
        let (input, weight, geometry) = ops.state;
        let input = packed(checkpointer.retrieve_node_output::<FlexTensor>(input));
        let weight = packed(checkpointer.retrieve_node_output::<FlexTensor>(weight));
        if let Some(node) = input_node {
            let values = conv::input_gradient(numbers(&grad), numbers(&weight), &geometry);
            grads.register::<Flex>(node.id, tensor(values, geometry.input()));
        }
        if let Some(node) = weight_node {
            let values = conv::weight_gradient(numbers(&input), numbers(&grad), &geometry);
            grads.register::<Flex>(node.id, tensor(values, geometry.weight()));
        }
    }
}

/// What the backward pass of a normalisation needs from its forward pass.
#[derive(Debug, Clone)]
struct NormState {
    input: NodeId,
    gamma: NodeId,
    beta: NodeId,
    mean: FlexTensor,
    variance: FlexTensor,
    epsilon: f32,
    relu: bool,
}

impl NormState {
    /// Gradients of input, gamma and beta.
    fn gradients(&self, grad: &FlexTensor, relu: bool, checkpointer: &mut Checkpointer) -> [FlexTensor; 3] {
        let input = packed(checkpointer.retrieve_node_output::<FlexTensor>(self.input));
        let gamma = packed(checkpointer.retrieve_node_output::<FlexTensor>(self.gamma));
        let beta = packed(checkpointer.retrieve_node_output::<FlexTensor>(self.beta));
        let shape @ [_, channels, _, _] = dims(&input);
        let layer = norm::Layer { gamma: numbers(&gamma), beta: numbers(&beta), epsilon: self.epsilon, relu };
        let statistics = (numbers(&self.mean), numbers(&self.variance));
        let (input, gamma, beta) = norm::backward(numbers(&input), numbers(grad), shape, &layer, statistics);
        [tensor(input, shape), tensor(gamma, [channels]), tensor(beta, [channels])]
    }
}

#[derive(Debug)]
struct NormBackward;

impl Backward<Flex, 3> for NormBackward {
    type State = NormState;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let grad = packed(grads.consume::<Flex>(&ops.node));
        let values = ops.state.gradients(&grad, ops.state.relu, checkpointer);
        for (node, value) in ops.parents.into_iter().zip(values) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, value);
            }
        }
    }
}

#[derive(Debug)]
struct NormAddBackward;

impl Backward<Flex, 4> for NormAddBackward {
    /// Together with the output, whose sign tells where the rectifier let the gradient through.
    type State = (NormState, FlexTensor);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let grad = packed(grads.consume::<Flex>(&ops.node));
        let (state, output) = ops.state;
        let grad = if state.relu {
            tensor(norm::rectified(numbers(&grad), numbers(&output)), dims(&grad))
        } else {
            grad
        };
        let [input, gamma, beta] = state.gradients(&grad, false, checkpointer);
        for (node, value) in ops.parents.into_iter().zip([input, gamma, beta, grad]) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, value);
            }
        }
    }
}

impl<C: CheckpointStrategy> FastOps for Autodiff<Flex, C> {
    fn fast_conv2d(
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
                    Flex::fast_conv2d(input.into_primitive(), weight.into_primitive(), stride, padding);
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(Flex::fast_conv2d(
                input.into_primitive(),
                weight.into_primitive(),
                stride,
                padding,
            )),
        }
    }

    fn fast_batch_norm(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let guards = [input.node(), gamma.node(), beta.node()];
        let (output, mean, variance) = Flex::fast_batch_norm(
            input.primitive().clone(),
            gamma.primitive().clone(),
            beta.primitive().clone(),
            epsilon,
            relu,
        );
        let output = match NormBackward.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = NormState {
                    input: prep.checkpoint(&input),
                    gamma: prep.checkpoint(&gamma),
                    beta: prep.checkpoint(&beta),
                    mean: mean.clone(),
                    variance: variance.clone(),
                    epsilon: epsilon as f32,
                    relu,
                };
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn fast_batch_norm_add(
        input: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        skip: FloatTensor<Self>,
        epsilon: f64,
        relu: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let guards = [input.node(), gamma.node(), beta.node(), skip.node()];
        let (output, mean, variance) = Flex::fast_batch_norm_add(
            input.primitive().clone(),
            gamma.primitive().clone(),
            beta.primitive().clone(),
            skip.into_primitive(),
            epsilon,
            relu,
        );
        let output = match NormAddBackward.prepare::<C>(guards).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let state = NormState {
                    input: prep.checkpoint(&input),
                    gamma: prep.checkpoint(&gamma),
                    beta: prep.checkpoint(&beta),
                    mean: mean.clone(),
                    variance: variance.clone(),
                    epsilon: epsilon as f32,
                    relu,
                };
                prep.finish((state, output.clone()), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }
}
