//! The pair head's attention for training on the CPU, as one differentiable operation.
//!
//! Composed of burn's operations, a training step would write and read some ten tensors of
//! `[batch, places, places]`, which costs three times the rest of the pair head. It is an extension of the
//! burn-flex backend with a backward pass written by hand; [`super::fast::serves`] says when it applies.

mod kernel;

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::autodiff::{Autodiff, NodeId};
use burn::backend::flex::{Flex, FlexTensor};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::fast::{numbers, packed, tensor};

/// What each place of `from` finds among the places of `to`, and how similar that is,
/// `[batch, places, channels + 1]`; [`kernel`] has the formula.
///
/// `from`, `to` (rows of length 1) and `values` are `[batch, places, channels]`, `displacement` is
/// `[places, places]`, the factors `sharpness` and `locality` are `[1]`. Differentiable in all but `displacement`.
///
/// # Panics
///
/// If the shapes do not fit together, or the input is not one that [`super::fast::serves`] accepts.
pub fn attend(
    from: Tensor<3>,
    to: Tensor<3>,
    values: Tensor<3>,
    displacement: Tensor<2>,
    sharpness: Tensor<1>,
    locality: Tensor<1>,
) -> Tensor<3> {
    Tensor::from_dispatch(Dispatch::attend(
        from.into_dispatch(),
        to.into_dispatch(),
        values.into_dispatch(),
        displacement.into_dispatch(),
        sharpness.into_dispatch(),
        locality.into_dispatch(),
    ))
}

/// The operation as burn's dispatch sees it; call [`attend`] instead.
#[backend_extension(Flex, Autodiff)]
pub trait AttendOps: Backend {
    /// See [`attend`].
    fn attend(
        from: FloatTensor<Self>,
        to: FloatTensor<Self>,
        values: FloatTensor<Self>,
        displacement: FloatTensor<Self>,
        sharpness: FloatTensor<Self>,
        locality: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl AttendOps for Flex {
    fn attend(
        from: FlexTensor,
        to: FlexTensor,
        values: FlexTensor,
        displacement: FlexTensor,
        sharpness: FlexTensor,
        locality: FlexTensor,
    ) -> FlexTensor {
        let tensors = [from, to, values, displacement, sharpness, locality].map(packed);
        let (input, geometry) = input(&tensors);
        let shape = [geometry.batch, geometry.places, geometry.channels + 1];
        tensor(kernel::forward(&input, &geometry), shape)
    }
}

/// The six tensors of [`attend`], packed, as slices.
fn input(tensors: &[FlexTensor; 6]) -> (kernel::Input<'_>, kernel::Geometry) {
    let [from, to, values, displacement, sharpness, locality] = tensors;
    let [batch, places, channels] = from.layout().shape().dims();
    for other in [to, values] {
        assert_eq!(
            other.layout().shape().dims(),
            [batch, places, channels],
            "the signatures differ in shape"
        );
    }
    assert_eq!(
        displacement.layout().shape().dims(),
        [places, places],
        "the displacements are of another map"
    );
    let input = kernel::Input {
        from: numbers(from),
        to: numbers(to),
        values: numbers(values),
        displacement: numbers(displacement),
        sharpness: numbers(sharpness)[0],
        locality: numbers(locality)[0],
    };
    (input, kernel::Geometry { batch, places, channels })
}

#[derive(Debug)]
struct AttendBackward;

impl Backward<Flex, 5> for AttendBackward {
    /// The five parents in order, and the displacements.
    type State = ([NodeId; 5], FlexTensor);

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, checkpointer: &mut Checkpointer) {
        let grad = packed(grads.consume::<Flex>(&ops.node));
        let (parents, displacement) = ops.state;
        let [from, to, values, sharpness, locality] =
            parents.map(|node| checkpointer.retrieve_node_output::<FlexTensor>(node));
        let tensors = [from, to, values, displacement, sharpness, locality].map(packed);
        let (input, geometry) = input(&tensors);
        let of = kernel::backward(&input, numbers(&grad), &geometry);
        let shape = [geometry.batch, geometry.places, geometry.channels];
        let gradients = [
            tensor(of.from, shape),
            tensor(of.to, shape),
            tensor(of.values, shape),
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
        from: FloatTensor<Self>,
        to: FloatTensor<Self>,
        values: FloatTensor<Self>,
        displacement: FloatTensor<Self>,
        sharpness: FloatTensor<Self>,
        locality: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let parents = [&from, &to, &values, &sharpness, &locality];
        let output = Flex::attend(
            from.primitive().clone(),
            to.primitive().clone(),
            values.primitive().clone(),
            displacement.primitive().clone(),
            sharpness.primitive().clone(),
            locality.primitive().clone(),
        );
        match AttendBackward.prepare::<C>(parents.map(|tensor| tensor.node())).compute_bound().stateful() {
            OpsKind::Tracked(mut prep) => {
                let nodes = parents.map(|tensor| prep.checkpoint(tensor));
                prep.finish((nodes, displacement.into_primitive()), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::gradient_check::assert_gradient;

    /// All arguments from one vector: three [1, 2, 2] tensors and the two factors.
    #[test]
    fn gradient_agrees_with_finite_differences() {
        let point = [0.9, 0.1, -0.2, 0.8, 0.5, 0.6, 0.4, -0.7, 0.3, -0.5, 0.8, 0.2, 1.5, 0.7];
        assert_gradient(point, |flat: Tensor<1>| {
            let device = flat.device();
            let part = |start: usize| flat.clone().narrow(0, start, 4).reshape([1, 2, 2]);
            let displacement = Tensor::<2>::from_floats([[0.0, 1.0], [1.0, 0.0]], &device);
            let factor = |index: usize| flat.clone().narrow(0, index, 1);
            let out = attend(part(0), part(4), part(8), displacement, factor(12), factor(13));
            let weights = Tensor::<3>::from_floats([[[0.3, -0.6, 0.9], [0.5, 0.2, -0.4]]], &device);
            (out * weights).sum()
        });
    }
}
