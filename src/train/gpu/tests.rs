//! The operations on a GPU against those on the CPU. They want a GPU, or Mesa's software renderer in its place.

use burn::module::Param;
use burn::tensor::{Device, Distribution, Tensor};

use super::super::devices::{Devices, Sharing};
use super::super::fast;
use super::super::optimiser::{Clip, OptimiserConfig};
use super::{batch_norm, conv2d, serves};

fn gpu() -> Device {
    let name = if cfg!(feature = "gpu") { "wgpu" } else { "cuda" };
    Devices::open(name, Sharing::default()).unwrap().main().clone().autodiff()
}

fn cpu() -> Device {
    Device::flex().autodiff()
}

fn random<const D: usize>(shape: [usize; D], low: f64) -> Tensor<D> {
    Tensor::random(shape, Distribution::Uniform(low, low + 2.0), &cpu()).require_grad()
}

fn there<const D: usize>(tensor: &Tensor<D>, device: &Device) -> Tensor<D> {
    Tensor::from_data(tensor.to_data(), device).require_grad()
}

/// Largest difference, relative to the largest expected value. Tensor cores round factors to 10 bits.
fn assert_close<const D: usize>(got: Tensor<D>, expected: Tensor<D>) {
    assert_eq!(got.dims(), expected.dims());
    let [got, expected] =
        [got, expected].map(|tensor| tensor.into_data().try_into_vec::<f32>().expect("numbers"));
    let scale = expected.iter().fold(1e-3f32, |most, value| most.max(value.abs()));
    for (got, expected) in got.into_iter().zip(expected) {
        assert!((got - expected).abs() <= 2e-3 * scale, "{got} in place of {expected}, of {scale}");
    }
}

#[test]
fn convolution_agrees_with_the_cpu() {
    let gpu = gpu();
    for (input, weight, stride, padding) in [
        ([2, 3, 9, 12], [4, 3, 3, 3], 1, 1),
        ([2, 3, 9, 12], [4, 3, 3, 3], 2, 1),
        ([2, 3, 9, 12], [5, 3, 1, 1], 2, 0),
        ([2, 3, 9, 12], [5, 3, 1, 1], 1, 0),
        ([2, 3, 9, 12], [4, 3, 5, 4], 1, 0),
        ([2, 3, 9, 12], [4, 3, 5, 5], 2, 2),
        ([3, 8, 31, 30], [24, 8, 3, 3], 1, 1),
    ] {
        let (x, w) = (random(input, -1.0), random(weight, -1.0));
        let (x_there, w_there) = (there(&x, &gpu), there(&w, &gpu));
        assert!(serves(&x_there) && !serves(&x));
        let expected = fast::conv2d(x.clone(), w.clone(), stride, padding);
        let got = conv2d(x_there.clone(), w_there.clone(), stride, padding);
        assert_close(got.clone(), expected.clone());
        let upstream = random(expected.dims(), -1.0).detach();
        let got = (got * there(&upstream, &gpu).detach()).sum().backward();
        let expected = (expected * upstream).sum().backward();
        assert_close(x_there.grad(&got).unwrap(), x.grad(&expected).unwrap());
        assert_close(w_there.grad(&got).unwrap(), w.grad(&expected).unwrap());
    }
}

#[test]
fn normalisation_agrees_with_the_cpu() {
    let gpu = gpu();
    for (relu, add) in [(false, false), (true, false), (false, true), (true, true)] {
        let shape = [3, 5, 17, 23];
        let (x, skip) = (random(shape, 1.0), random(shape, -1.0));
        let (gamma, beta) = (random([5], 0.5), random([5], -1.0));
        let (x_there, skip_there) = (there(&x, &gpu), there(&skip, &gpu));
        let (gamma_there, beta_there) = (there(&gamma, &gpu), there(&beta, &gpu));
        let added = add.then(|| skip.clone());
        let expected = fast::batch_norm(x.clone(), gamma.clone(), beta.clone(), added, 1e-5, relu);
        let added = add.then(|| skip_there.clone());
        let got = batch_norm(x_there.clone(), gamma_there.clone(), beta_there.clone(), added, 1e-5, relu);
        assert_close(got.output.clone(), expected.output.clone());
        assert_close(got.mean, expected.mean);
        assert_close(got.variance, expected.variance);
        let upstream = random(shape, -1.0).detach();
        let got = (got.output * there(&upstream, &gpu).detach()).sum().backward();
        let expected = (expected.output * upstream).sum().backward();
        assert_close(x_there.grad(&got).unwrap(), x.grad(&expected).unwrap());
        assert_close(gamma_there.grad(&got).unwrap(), gamma.grad(&expected).unwrap());
        assert_close(beta_there.grad(&got).unwrap(), beta.grad(&expected).unwrap());
        if add {
            assert_close(skip_there.grad(&got).unwrap(), skip.grad(&expected).unwrap());
        }
    }
}

#[test]
fn adamw_agrees_with_the_cpu() {
    use burn::optim::GradientsParams;

    let gpu = gpu();
    for clip in [None, Some(Clip::Norm(0.5)), Some(Clip::Norm(1e4)), Some(Clip::Value(0.3))] {
        let config = OptimiserConfig { clip, weight_decay: 0.1, ..OptimiserConfig::default() };
        // more than there are units in all, rows that CUDA would pad, and one weight where nothing is to be done
        let start = random([300, 401], -1.0);
        let target = random([300, 401], -1.0).detach();
        let target = target.slice_assign([0..1, 0..1], start.clone().detach().slice([0..1, 0..1]));
        let run = |device: &Device| {
            let mut optimiser = config.init();
            let mut weight = Param::from_tensor(there(&start, device));
            for _ in 0..3 {
                let off = weight.val() - there(&target, device).detach();
                let gradients = off.powi_scalar(2).sum().backward();
                let gradients = GradientsParams::from_grads(gradients, &weight);
                // a trainer holds the weights that it moves: they stay as they are
                let (held, before) = (weight.val(), weight.val().into_data());
                weight = optimiser.step(0.05, weight, gradients);
                assert_eq!(held.into_data(), before);
            }
            weight.val().detach()
        };
        assert_close(run(&gpu) - there(&start, &gpu).detach(), run(&cpu()) - start.clone().detach());
    }
}
