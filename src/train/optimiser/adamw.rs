//! AdamW with the clipping of gradients in it: burn's own, and on a GPU the same in two kernels a parameter.

use burn::optim::{AdamW, AdamWConfig, AdamWState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};

use super::{Adam, Clip};

/// The optimiser; its state is that of [`AdamW`].
#[derive(Clone)]
pub(super) struct ClippedAdamW {
    pub adam: Adam,
    pub weight_decay: f32,
    pub clip: Option<Clip>,
}

impl Optimizer for ClippedAdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamWState<D>>,
    ) -> (Tensor<D>, Option<AdamWState<D>>) {
        #[cfg(any(feature = "gpu", feature = "cuda"))]
        if crate::train::gpu::computes(&weight) {
            return self.step_on_gpu(rate, weight, gradient, state);
        }
        let gradient = match &self.clip {
            Some(clip) => clip.stock().init().clip_gradient(gradient),
            None => gradient,
        };
        let Adam { beta_1, beta_2, epsilon } = self.adam;
        let stock = AdamWConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(epsilon);
        stock.with_weight_decay(self.weight_decay).build().step(rate, weight, gradient, state)
    }

    fn to_device<const D: usize>(state: AdamWState<D>, device: &Device) -> AdamWState<D> {
        AdamW::to_device(state, device)
    }
}

#[cfg(any(feature = "gpu", feature = "cuda"))]
impl ClippedAdamW {
    fn step_on_gpu<const D: usize>(
        &self,
        rate: LearningRate,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamWState<D>>,
    ) -> (Tensor<D>, Option<AdamWState<D>>) {
        use burn::optim::AdaptiveMomentumState;

        use crate::train::gpu::adamw::{Step, adamw};

        let (gradient, most) = match &self.clip {
            Some(Clip::Norm(most)) => (gradient, Some(*most)),
            Some(clip) => (clip.stock().init().clip_gradient(gradient), None),
            None => (gradient, None),
        };
        let zeros = || Tensor::zeros(weight.dims(), &weight.device());
        let (time, first, second) = match state {
            Some(AdamWState { momentum }) => (momentum.time + 1, momentum.moment_1, momentum.moment_2),
            None => (1, zeros(), zeros()),
        };
        let step = Step { rate, weight_decay: self.weight_decay, adam: self.adam.clone(), most, time };
        let [weight, first, second] = adamw(weight, gradient, first, second, step);
        (weight, Some(AdamWState::new(AdaptiveMomentumState::new(time, first, second))))
    }
}
