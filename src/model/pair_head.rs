//! The learned comparison of two maps.
//!
//! Each place of one signature looks for its counterpart in the other (attention by cosine similarity,
//! with a penalty on displacement, both learned); what it finds is compared with what it is, and a small
//! convolutional network judges the whole. Done in both directions with the same weights and summed, so
//! that the score does not depend on which of the two is called the reference.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor, TensorData};

use super::countersign::{mean_and_max, normalise};
use super::{Comparison, Residual};

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
}

impl PairHead {
    /// A head for maps of `map_channels` channels, `width` channels inside.
    pub fn init(map_channels: usize, width: usize, device: &Device) -> Self {
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
        }
    }

    /// # Shapes
    /// - `a`, `b`: `[B, C, h, w]`
    /// - output: score `[B]`; unmatched (of `a`) `[B, h, w]`
    pub fn forward(&self, a: Tensor<4>, b: Tensor<4>) -> Comparison {
        let [batch, channels, height, width] = a.dims();
        let places = height * width;
        let flat = |x: Tensor<4>| x.reshape([batch, channels, places]).swap_dims(1, 2);
        let (a, b) = (flat(a), flat(b)); // [B, N, C]

        // both directions at once, along the batch: [2B, N, C]
        let from = Tensor::cat(vec![a.clone(), b.clone()], 0);
        let to = Tensor::cat(vec![b, a], 0);
        let (found, similarity) = self.attend(&from, to, [height, width]);

        let compared =
            Tensor::cat(vec![(from.clone() - found.clone()).abs(), from * found, similarity.clone()], 2);
        let compared = compared.swap_dims(1, 2).reshape([2 * batch, 2 * channels + 1, height, width]);
        let x = self.far.forward(self.near.forward(compared));
        let x = relu(self.hidden.forward(mean_and_max(x)));
        let logit: Tensor<1> = self.judge.forward(x).squeeze_dim(1); // [2B]
        let score = logit.clone().narrow(0, 0, batch) + logit.narrow(0, batch, batch);

        let unmatched = similarity.narrow(0, 0, batch).reshape([batch, height, width]);
        Comparison { score, unmatched: Some(unmatched.neg().add_scalar(1.0).div_scalar(2.0).clamp(0.0, 1.0)) }
    }
}

impl PairHead {
    /// What each place finds in the other signature, `[B, N, C]`, and how similar that is, `[B, N, 1]`.
    fn attend(&self, from: &Tensor<3>, to: Tensor<3>, [height, width]: [usize; 2]) -> (Tensor<3>, Tensor<3>) {
        let (from, pointing) = (normalise(from.clone(), 2), normalise(to.clone(), 2));
        let displacement = displacement(height, width, &to.device());
        let (sharpness, locality) = (self.log_sharpness.val().exp(), self.log_locality.val().exp());
        #[cfg(all(feature = "train", not(target_family = "wasm")))]
        if crate::train::fast::serves(&to) {
            let [_, _, channels] = to.dims();
            let both = crate::train::attend::attend(from, pointing, to, displacement, sharpness, locality);
            return (both.clone().narrow(2, 0, channels), both.narrow(2, channels, 1));
        }
        let cosine = from.matmul(pointing.swap_dims(1, 2)); // [B, N, N]
        let far = displacement.unsqueeze::<3>() * locality.reshape([1, 1, 1]);
        let attention = softmax(cosine.clone() * sharpness.reshape([1, 1, 1]) - far, 2);
        (attention.clone().matmul(to), (attention * cosine).sum_dim(2))
    }
}

/// Squared distance of every place to every other, in units of the map's height, `[N, N]`.
fn displacement(height: usize, width: usize, device: &Device) -> Tensor<2> {
    let places = height * width;
    let mut squared = Vec::with_capacity(places * places);
    for from in 0..places {
        for to in 0..places {
            let down = (from / width).abs_diff(to / width) as f32 / height as f32;
            let right = (from % width).abs_diff(to % width) as f32 / height as f32;
            squared.push(down * down + right * right);
        }
    }
    Tensor::from_data(TensorData::new(squared, [places, places]), device)
}

#[cfg(all(test, feature = "train"))]
mod tests {
    use super::*;
    use burn::tensor::{Distribution, Tolerance};

    /// Scores and gradients of the same head with and without the fast attention.
    #[test]
    fn training_and_inference_attend_alike() {
        let device = Device::flex();
        let training = device.clone().autodiff();
        let head = PairHead::init(6, 8, &training);
        let maps = |device: &Device| Tensor::<3>::random([3, 20, 6], Distribution::Default, device);
        let (from, to) = (maps(&training), maps(&training));
        let near = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
        let fast = head.attend(&from, to.clone(), [4, 5]);
        let plain = head.clone().valid().attend(&from.inner(), to.inner(), [4, 5]);
        fast.0.into_data().assert_approx_eq::<f32>(&plain.0.into_data(), near);
        fast.1.into_data().assert_approx_eq::<f32>(&plain.1.into_data(), near);
    }

    #[test]
    fn the_score_is_symmetric() {
        let device = Device::flex();
        let head = PairHead::init(6, 8, &device.clone().autodiff()).valid();
        let maps = || Tensor::<4>::random([2, 6, 4, 5], Distribution::Default, &device);
        let (a, b) = (maps(), maps());
        let (there, back) = (head.forward(a.clone(), b.clone()), head.forward(b, a));
        let near = Tolerance::<f32>::rel_abs(1e-4, 1e-5);
        there.score.into_data().assert_approx_eq::<f32>(&back.score.into_data(), near);
    }
}
