//! The pair head's comparison of two maps for training on the CPU, as one differentiable operation.
//!
//! Composed of burn's operations, a training step would write and read some ten tensors of
//! `[batch, places, places]`, which costs three times the rest of the pair head, and turn the maps round twice.
//! It is an extension of the burn-flex backend with a backward pass written by hand; [`super::fast::serves`]
//! says when it applies.

mod kernel;
mod matrix;
mod softmax;

use burn::backend::AutodiffBackend;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::autodiff::{Autodiff, NodeId};
use burn::backend::flex::{Flex, FlexTensor};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::fast::{dims, numbers, packed, tensor};

/// How each place of one map differs from what it finds in the other, in both directions: first all pairs
/// from `a` to `b`, then all from `b` to `a`. `kernel` has the formula.
///
/// # Shapes
/// - `a`, `b`: `[B, C, h, w]`
/// - `displacement`, symmetric: `[h w, h w]`
/// - `sharpness`, `locality`: `[1]`
/// - output: `[2 B, 2 C + 1, h, w]`; differentiable in all but `displacement`
///
/// # Panics
///
/// If the shapes do not fit together, or the input is not one that [`super::fast::serves`] accepts.
pub fn attend(
    a: Tensor<4>,
    b: Tensor<4>,
    displacement: Tensor<2>,
    sharpness: Tensor<1>,
    locality: Tensor<1>,
) -> Tensor<4> {
    let (compared, _) = Dispatch::attend(
        a.into_dispatch(),
        b.into_dispatch(),
        displacement.into_dispatch(),
        sharpness.into_dispatch(),
        locality.into_dispatch(),
    );
    Tensor::from_dispatch(compared)
}

/// The operation as burn's dispatch sees it; call [`attend`] instead.
#[backend_extension(Flex, Autodiff)]
pub trait AttendOps: Backend {
    /// See [`attend`]; also what each place found, `[2 B, C, h, w]`, through which no gradient flows.
    fn attend(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        displacement: FloatTensor<Self>,
        sharpness: FloatTensor<Self>,
        locality: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

impl AttendOps for Flex {
    fn attend(
        a: FlexTensor,
        b: FlexTensor,
        displacement: FlexTensor,
        sharpness: FlexTensor,
        locality: FlexTensor,
    ) -> (FlexTensor, FlexTensor) {
        let tensors = [a, b, displacement, sharpness, locality].map(packed);
        let (input, geometry) = input(&tensors);
        let [pairs, channels, height, width] = dims(&tensors[0]);
        let output = kernel::forward(&input, &geometry);
        (
            tensor(output.compared, [2 * pairs, 2 * channels + 1, height, width]),
            tensor(output.found, [2 * pairs, channels, height, width]),
        )
    }
}

/// The five tensors of [`attend`], packed, as slices.
fn input(tensors: &[FlexTensor; 5]) -> (kernel::Input<'_>, kernel::Geometry) {
    let [a, b, displacement, sharpness, locality] = tensors;
    let [pairs, channels, height, width] = dims(a);
    let places = height * width;
    assert_eq!(dims(b), dims(a), "the maps differ in shape");
    let square: [usize; 2] = displacement.layout().shape().dims();
    assert_eq!(square, [places; 2], "the displacements are of another map");
    let input = kernel::Input {
        a: numbers(a),
        b: numbers(b),
        displacement: numbers(displacement),
        sharpness: numbers(sharpness)[0],
        locality: numbers(locality)[0],
    };
    (input, kernel::Geometry { pairs, channels, places })
}

#[derive(Debug)]
struct AttendBackward;

/// What the backward pass needs from the forward pass.
#[derive(Debug, Clone)]
struct State {
    /// The four parents in order.
    parents: [NodeId; 4],
    displacement: FlexTensor,
    found: FlexTensor,
}

impl Backward<Flex, 4> for AttendBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 4>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let grad = packed(grads.consume::<Flex>(&ops.node));
        let State { parents, displacement, found } = ops.state;
        let [a, b, sharpness, locality] =
            parents.map(|node| checkpointer.retrieve_node_output::<FlexTensor>(node));
        let tensors = [a, b, displacement, sharpness, locality].map(packed);
        let (input, geometry) = input(&tensors);
        let of = kernel::backward(&input, numbers(&found), numbers(&grad), &geometry);
        let shape = dims(&tensors[0]);
        let gradients = [
            tensor(of.a, shape),
            tensor(of.b, shape),
            tensor(vec![of.sharpness], [1]),
            tensor(vec![of.locality], [1]),
        ];
        for (node, gradient) in ops.parents.into_iter().zip(gradients) {
            if let Some(node) = node {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> AttendOps for Autodiff<Flex, C> {
    fn attend(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        displacement: FloatTensor<Self>,
        sharpness: FloatTensor<Self>,
        locality: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let parents = [&a, &b, &sharpness, &locality];
        let (output, found) = Flex::attend(
            a.primitive().clone(),
            b.primitive().clone(),
            displacement.primitive().clone(),
            sharpness.primitive().clone(),
            locality.primitive().clone(),
        );
        let output =
            match AttendBackward.prepare::<C>(parents.map(|tensor| tensor.node())).compute_bound().stateful()
            {
                OpsKind::Tracked(mut prep) => {
                    let parents = parents.map(|tensor| prep.checkpoint(tensor));
                    let displacement = displacement.into_primitive();
                    prep.finish(State { parents, displacement, found: found.clone() }, output)
                }
                OpsKind::UnTracked(prep) => prep.finish(output),
            };
        (output, Self::from_inner(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::gradient_check::assert_gradient;

    /// All arguments from one vector: two [1, 2, 1, 2] maps and the two factors.
    #[test]
    fn gradient_agrees_with_finite_differences() {
        let point = [0.9, 0.1, -0.2, 0.8, 0.5, 0.6, 0.4, -0.7, 1.5, 0.7];
        assert_gradient(point, |flat: Tensor<1>| {
            let device = flat.device();
            let part = |start: usize| flat.clone().narrow(0, start, 4).reshape([1, 2, 1, 2]);
            let displacement = Tensor::<2>::from_floats([[0.0, 1.0], [1.0, 0.0]], &device);
            let factor = |index: usize| flat.clone().narrow(0, index, 1);
            let out = attend(part(0), part(4), displacement, factor(8), factor(9));
            let weights = Tensor::<1>::from_floats(
                [
                    0.3, -0.6, 0.9, 0.5, 0.2, -0.4, 0.7, -0.1, 0.8, -0.9, //
                    -0.2, 0.6, 0.1, -0.8, 0.4, 0.5, -0.3, 0.9, -0.7, 0.2,
                ],
                &device,
            );
            (out.reshape([20]) * weights).sum()
        });
    }
}
