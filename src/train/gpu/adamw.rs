//! One step of AdamW for one parameter in two kernels, where burn composes it of some twenty.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Cube, Dispatch, backend_extension};
use burn::cubecl::prelude::*;
use burn::tensor::Tensor;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::super::optimiser::Adam;
use super::kernels::UNITS;
use super::kernels::adamw::{self as kernels, StepLaunch};

/// Cubes of a launch in one direction, WebGPU's limit.
const MOST_CUBES: usize = 65_535;

/// What a step does.
#[derive(Debug, Clone)]
pub struct Step {
    /// Learning rate.
    pub rate: f64,
    pub weight_decay: f32,
    pub adam: Adam,
    /// Largest norm of the gradient.
    pub most: Option<f32>,
    /// Which step this is of the parameter, from 1.
    pub time: usize,
}

/// Weight and the two moments after a step. All four tensors have one shape; before the first step the moments are zero.
///
/// # Panics
///
/// If the shapes differ or the tensors are not on a GPU.
pub fn adamw<const D: usize>(
    weight: Tensor<D>,
    gradient: Tensor<D>,
    first: Tensor<D>,
    second: Tensor<D>,
    step: Step,
) -> [Tensor<D>; 3] {
    let (weight, first, second) = Dispatch::gpu_adamw(
        weight.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        step,
    );
    [weight, first, second].map(Tensor::from_dispatch)
}

/// The operation as burn's dispatch sees it; call [`adamw`] instead.
#[backend_extension(Cube)]
pub trait AdamWOps: Backend {
    /// See [`adamw`].
    fn gpu_adamw(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        step: Step,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// A tensor that may be written over: without gaps, and nobody else's.
fn own(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    // CUDA pads the rows of a copy
    if tensor.can_mut() { tensor } else { into_contiguous(tensor.copy()) }
}

impl AdamWOps for Cube {
    fn gpu_adamw(
        weight: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        step: Step,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        let shape = gradient.meta.shape().clone();
        for tensor in [&weight, &first, &second] {
            assert_eq!(tensor.meta.shape(), &shape, "the tensors of a step differ in shape");
        }
        let count = shape.num_elements();
        let client = gradient.client.clone();
        let (gradient, [weight, first, second]) =
            (into_contiguous(gradient), [weight, first, second].map(own));
        let parts = count.div_ceil(UNITS).min(UNITS);
        let sums = super::empty(&gradient, [parts]);
        let arg = |tensor: &CubeTensor| tensor.clone().into_buffer_arg();
        let dim = CubeDim::new_1d(UNITS as u32);
        if step.most.is_some() {
            let cubes = CubeCount::Static(parts as u32, 1, 1);
            kernels::squares::launch(&client, cubes, dim, arg(&gradient), arg(&sums), count);
        }
        let Adam { beta_1, beta_2, epsilon } = step.adam;
        let time = step.time as i32;
        let numbers = StepLaunch::new(
            step.rate as f32,
            (1.0 - step.rate * f64::from(step.weight_decay)) as f32,
            beta_1,
            beta_2,
            1.0 - beta_1.powi(time),
            1.0 - beta_2.powi(time),
            epsilon,
            step.most.unwrap_or(f32::MAX),
        );
        let cubes = CubeCount::Static(count.div_ceil(UNITS).min(MOST_CUBES) as u32, 1, 1);
        kernels::adamw::launch(
            &client,
            cubes,
            dim,
            arg(&weight),
            arg(&gradient),
            arg(&first),
            arg(&second),
            arg(&sums),
            count,
            parts,
            numbers,
            step.most.is_some(),
        );
        (weight, first, second)
    }
}
