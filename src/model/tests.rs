use burn::module::{ModuleMapper, Param};
use burn::tensor::TensorData;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A network with random weights that are the same in every run. Those of `Device::seed` are not: the tests of a
/// program run beside each other, and all draw from one generator.
pub(crate) fn random(config: &NetworkConfig, seed: u64, device: &Device) -> Network {
    config.init(device).unwrap().map(&mut Random(ChaCha8Rng::seed_from_u64(seed)))
}

struct Random(ChaCha8Rng);

impl ModuleMapper for Random {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weight| {
            let (shape, device) = (weight.dims(), weight.device());
            let mut values = weight.into_data().try_to_vec::<f32>().unwrap();
            // what a normalisation begins with is the same everywhere, and stays
            if values.iter().any(|&value| value != values[0]) {
                let inputs = if D == 2 { shape[0] } else { shape[1..].iter().product() };
                let limit = (6.0 / inputs as f32).sqrt();
                values.iter_mut().for_each(|value| *value = self.0.random_range(-limit..limit));
            }
            Tensor::from_data(TensorData::new(values, shape), &device)
        })
    }
}
