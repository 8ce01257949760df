//! Batch normalisation with the statistics of the batch, with or without a tensor added and a rectifier.

use burn::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::conv::cubes;
use super::kernels::{UNITS, norm as kernels};
use super::{dims, empty};

/// What does not change in training.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub epsilon: f32,
    pub relu: bool,
}

/// A cube for each channel of each image.
fn rows([batch, channels, ..]: [usize; 4]) -> (CubeCount, CubeDim) {
    (CubeCount::Static(channels as u32, batch as u32, 1), CubeDim::new_1d(UNITS as u32))
}

/// Output, mean and variance.
pub(super) fn forward(
    input: CubeTensor,
    gamma: CubeTensor,
    beta: CubeTensor,
    skip: Option<CubeTensor>,
    layer: &Layer,
) -> (CubeTensor, CubeTensor, CubeTensor) {
    let shape @ [batch, channels, height, width] = dims(&input);
    for parameter in [&gamma, &beta] {
        assert_eq!(parameter.meta.shape().num_elements(), channels, "one number a channel");
    }
    let (client, pixels) = (input.client.clone(), height * width);
    let [input, gamma, beta] = [input, gamma, beta].map(into_contiguous);
    let moments = empty(&input, [batch, channels, 2]);
    let (mean, variance) = (empty(&input, [channels]), empty(&input, [channels]));
    let (count, dim) = rows(shape);
    let arg = |tensor: &CubeTensor| tensor.clone().into_buffer_arg();
    kernels::moments::launch(&client, count, dim, arg(&input), arg(&moments), pixels);
    let (count, dim) = cubes(channels, 1, 1);
    let (to_mean, to_variance) = (arg(&mean), arg(&variance));
    kernels::statistics::launch(
        &client,
        count,
        dim,
        arg(&moments),
        to_mean,
        to_variance,
        batch,
        channels,
        pixels,
    );
    let output = empty(&input, shape);
    let add = skip.is_some();
    let skip = match skip {
        Some(skip) => {
            assert_eq!(shape, dims(&skip), "the tensor to add has another shape");
            into_contiguous(skip)
        }
        None => input.clone(),
    };
    let (count, dim) = cubes(pixels, channels, batch);
    kernels::normalise::launch(
        &client,
        count,
        dim,
        arg(&input),
        arg(&mean),
        arg(&variance),
        arg(&gamma),
        arg(&beta),
        arg(&skip),
        arg(&output),
        pixels,
        layer.epsilon,
        add,
        layer.relu,
    );
    (output, mean, variance)
}

/// What the backward pass needs from the forward pass.
pub(super) struct Passed {
    pub input: CubeTensor,
    pub gamma: CubeTensor,
    pub mean: CubeTensor,
    pub variance: CubeTensor,
    pub output: CubeTensor,
}

/// Gradients of input, gamma, beta and, with `add`, of the tensor that was added.
pub(super) fn backward(
    passed: Passed,
    gradient: CubeTensor,
    add: bool,
    layer: &Layer,
) -> (CubeTensor, CubeTensor, CubeTensor, Option<CubeTensor>) {
    let shape @ [batch, channels, height, width] = dims(&passed.input);
    let (client, pixels) = (passed.input.client.clone(), height * width);
    let Passed { input, gamma, mean, variance, output } = passed;
    let [input, gamma, gradient, output] = [input, gamma, gradient, output].map(into_contiguous);
    let sums = empty(&input, [batch, channels, 2]);
    let arg = |tensor: &CubeTensor| tensor.clone().into_buffer_arg();
    let (count, dim) = rows(shape);
    kernels::gradient_sums::launch(
        &client,
        count,
        dim,
        arg(&input),
        arg(&gradient),
        arg(&output),
        arg(&mean),
        arg(&variance),
        arg(&sums),
        pixels,
        layer.epsilon,
        layer.relu,
    );
    let (of_gamma, of_beta) = (empty(&input, [channels]), empty(&input, [channels]));
    let (count, dim) = cubes(channels, 1, 1);
    kernels::sums_of_batch::launch(
        &client,
        count,
        dim,
        arg(&sums),
        arg(&of_gamma),
        arg(&of_beta),
        batch,
        channels,
    );
    let of_input = empty(&input, shape);
    let of_skip = add.then(|| empty(&input, shape));
    let (count, dim) = cubes(pixels, channels, batch);
    kernels::image_gradient::launch(
        &client,
        count,
        dim,
        arg(&input),
        arg(&gradient),
        arg(&output),
        arg(&mean),
        arg(&variance),
        arg(&gamma),
        arg(&of_gamma),
        arg(&of_beta),
        arg(&of_input),
        arg(of_skip.as_ref().unwrap_or(&of_input)),
        pixels,
        layer.epsilon,
        add,
        layer.relu,
    );
    (of_input, of_gamma, of_beta, of_skip)
}
