//! The learned comparison of two maps.
//!
//! Each place of one signature looks for its counterpart in the other (attention by cosine similarity,
//! with a penalty on displacement, both learned); what it finds is compared with what it is, and a small
//! convolutional network judges the whole. Done in both directions with the same weights and summed, so
//! that the score does not depend on which of the two is called the reference.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor};

use super::countersign::{mean_and_max, normalise};
use super::{Comparison, Features, Residual, directions};

/// Compares two maps of `[C, h, w]`.
#[derive(Module, Debug)]
pub struct PairHead {
    /// Natural logarithm of the factor on cosine similarities before the softmax.
    log_sharpness: Param<Tensor<1>>,
    /// Natural logarithm of the penalty on squared displacement, displacement in units of the map's height.
    log_locality: Param<Tensor<1>>,
    near: Residual,
    far: Residual,
    hidden: Linear,
    judge: Linear,
    #[module(skip)]
    directions: Directions,
}

/// How what is measured of the line's directions is compared beside the maps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Directions {
    /// How many of the embedding's last numbers that is.
    pub numbers: usize,
    /// How much their likeness counts; nothing of it is computed for 0.
    pub weight: f32,
}

impl PairHead {
    /// A head for maps of `map_channels` channels, `width` channels inside.
    pub fn init([map_channels, width]: [usize; 2], directions: Directions, device: &Device) -> Self {
        // difference, product and similarity
        let compared = 2 * map_channels + 1;
        let wide = width * 3 / 2;
        let scalar = |value: f32| Param::from_tensor(Tensor::from_floats([value], device));
        Self {
            // about e^2.3 = 10: a place looks at a handful of others; and 40 per squared height: a
            // displacement of a quarter of the height costs 2.5
            log_sharpness: scalar(2.3),
            log_locality: scalar(3.7),
            near: Residual::init([compared, width], 2, device),
            far: Residual::init([width, wide], 2, device),
            hidden: LinearConfig::new(2 * wide, width).init(device),
            judge: LinearConfig::new(width, 1).init(device),
            directions,
        }
    }

    /// # Shapes
    /// - `a`, `b`: maps `[B, C, h, w]`, and embeddings whose last numbers are measured
    /// - output: score `[B]`; unmatched (of `a`) `[B, h, w]`
    pub fn forward(&self, a: &Features, b: &Features) -> Comparison {
        let [batch, channels, height, width] = a.map.dims();
        let compared = self.attend(a.map.clone(), b.map.clone());
        let similarity = compared.clone().narrow(0, 0, batch).narrow(1, 2 * channels, 1);
        let x = self.far.forward(self.near.forward(compared));
        let x = relu(self.hidden.forward(mean_and_max(x)));
        let logit: Tensor<1> = self.judge.forward(x).squeeze_dim(1); // [2B]
        let mut score = logit.clone().narrow(0, 0, batch) + logit.narrow(0, batch, batch);
        if self.directions.weight > 0.0 {
            let [a, b] = [a, b].map(|features| self.measured(features));
            score = score + directions::likeness(a, b).mul_scalar(self.directions.weight);
        }

        let unmatched = similarity.reshape([batch, height, width]);
        Comparison { score, unmatched: Some(unmatched.neg().add_scalar(1.0).div_scalar(2.0).clamp(0.0, 1.0)) }
    }
}

impl PairHead {
    /// What is measured of the line's directions, `[B, 2 count]`.
    fn measured(&self, features: &Features) -> Tensor<2> {
        let [_, length] = features.embedding.dims();
        let numbers = self.directions.numbers;
        features.embedding.clone().narrow(1, length - numbers, numbers)
    }

    /// How each place differs from what it finds in the other signature, `[2 B, 2 C + 1, h, w]`: absolute
    /// difference, product and similarity; first of all `a`, then of all `b`.
    fn attend(&self, a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
        #[cfg(all(feature = "train", not(target_family = "wasm")))]
        if crate::train::fast::serves(&a) {
            let [_, _, height, width] = a.dims();
            let displacement = displacement(height, width, &a.device());
            let (sharpness, locality) = (self.log_sharpness.val().exp(), self.log_locality.val().exp());
            return crate::train::attend::attend(a, b, displacement, sharpness, locality);
        }
        self.attend_composed(a, b)
    }

    /// [`attend`](Self::attend) of burn's operations, for every device.
    fn attend_composed(&self, a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = a.dims();
        let displacement = displacement(height, width, &a.device());
        let (sharpness, locality) = (self.log_sharpness.val().exp(), self.log_locality.val().exp());
        let flat = |x: Tensor<4>| x.reshape([batch, channels, height * width]).swap_dims(1, 2);
        let (a, b) = (flat(a), flat(b)); // [B, N, C]

        // both directions at once, along the batch: [2B, N, C]
        let from = Tensor::cat(vec![a.clone(), b.clone()], 0);
        let to = Tensor::cat(vec![b, a], 0);
        let cosine = normalise(from.clone(), 2).matmul(normalise(to.clone(), 2).swap_dims(1, 2)); // [2B, N, N]
        let far = displacement.unsqueeze::<3>() * locality.reshape([1, 1, 1]);
        let attention = softmax(cosine.clone() * sharpness.reshape([1, 1, 1]) - far, 2);
        let found = attention.clone().matmul(to);
        let similarity = (attention * cosine).sum_dim(2);

        let compared = Tensor::cat(vec![(from.clone() - found.clone()).abs(), from * found, similarity], 2);
        compared.swap_dims(1, 2).reshape([2 * batch, 2 * channels + 1, height, width])
    }
}

/// Squared distance of every place to every other, in units of the map's height, `[N, N]`.
fn displacement(height: usize, width: usize, device: &Device) -> Tensor<2> {
    let place = || Tensor::<1, Int>::arange(0..(height * width) as i64, device);
    let along = |at: Tensor<1, Int>| {
        let at = at.float();
        let off = at.clone().unsqueeze_dim::<2>(1) - at.unsqueeze_dim::<2>(0);
        off.div_scalar(height as f32).square()
    };
    along(place().div_scalar(width as i64)) + along(place().remainder_scalar(width as i64))
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    /// Output and gradients with and without the fast attention.
    #[test]
    fn training_attends_as_burns_operations_do() {
        let device = Device::flex().autodiff();
        let head = PairHead::init([6, 8], Directions { numbers: 0, weight: 0.0 }, &device);
        let random = |shape| Tensor::<4>::random(shape, Distribution::Normal(0.0, 1.0), &device);
        let (a, b) = (random([3, 6, 4, 5]).require_grad(), random([3, 6, 4, 5]).require_grad());
        let weights = random([6, 13, 4, 5]);
        let run = |output: Tensor<4>| {
            let gradients = (output.clone() * weights.clone()).sum().backward();
            let scalars = [&head.log_sharpness, &head.log_locality].map(|scalar| scalar.grad(&gradients));
            let maps = [&a, &b].map(|map| map.grad(&gradients));
            let maps = maps.map(|map| map.unwrap().into_data());
            (output.into_data(), maps, scalars.map(|scalar| scalar.unwrap().into_data()))
        };
        let (fast, fast_maps, fast_scalars) = run(head.attend(a.clone(), b.clone()));
        let (plain, plain_maps, plain_scalars) = run(head.attend_composed(a.clone(), b.clone()));
        let near = Tolerance::<f32>::rel_abs(1e-3, 1e-4);
        fast.assert_approx_eq::<f32>(&plain, near);
        for index in 0..2 {
            fast_maps[index].assert_approx_eq::<f32>(&plain_maps[index], near);
            fast_scalars[index].assert_approx_eq::<f32>(&plain_scalars[index], near);
        }
    }

    #[test]
    fn the_score_is_symmetric() {
        let device = Device::flex();
        let directions = Directions { numbers: 8, weight: 0.5 };
        let head = PairHead::init([6, 8], directions, &device.clone().autodiff()).valid();
        let features = || Features {
            embedding: Tensor::random([2, 9], Distribution::Default, &device),
            map: Tensor::random([2, 6, 4, 5], Distribution::Default, &device),
        };
        let (a, b) = (features(), features());
        let (there, back) = (head.forward(&a, &b), head.forward(&b, &a));
        let near = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
        there.score.into_data().assert_approx_eq::<f32>(&back.score.into_data(), near);
    }
}
