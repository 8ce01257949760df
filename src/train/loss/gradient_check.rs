//! Test aid: backpropagated gradients against central finite differences.

use burn::tensor::{Device, Tensor};

/// Asserts that the gradient of `loss` at `point` agrees with finite differences to within 1 %.
pub fn assert_gradient<const N: usize>(point: [f32; N], loss: impl Fn(Tensor<1>) -> Tensor<1>) {
    let device = Device::flex().autodiff();
    let input = Tensor::<1>::from_floats(point, &device).require_grad();
    let gradients = loss(input.clone()).backward();
    let gradient = input.grad(&gradients).expect("the loss depends on its input");
    let gradient: Vec<f32> = gradient.into_data().try_to_vec().expect("floats");

    let step = 1e-2;
    for (index, &computed) in gradient.iter().enumerate() {
        let at = |offset: f32| {
            let mut moved = point;
            moved[index] += offset;
            loss(Tensor::from_floats(moved, &Device::flex())).into_scalar::<f32>()
        };
        let expected = (at(step) - at(-step)) / (2.0 * step);
        let tolerance = 1e-3 + 0.01 * expected.abs();
        assert!((computed - expected).abs() < tolerance, "element {index}: {computed} is not {expected}");
    }
}
