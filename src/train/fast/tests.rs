//! The fast operations against burn's own layers, and against finite differences.

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Tensor};
use proptest::prelude::*;

use super::conv::{forward_unfolded, input_gradient_folded, weight_gradient_unfolded};
use super::geometry::Geometry;
use super::simd::Level;
use super::{batch_norm, conv2d, direct, serves, strided};

fn device() -> Device {
    Device::flex().autodiff()
}

fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.3, 1.0), &device())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Largest difference, relative to the largest expected value.
fn difference<const D: usize>(got: Tensor<D>, expected: Tensor<D>) -> f32 {
    assert_eq!(got.dims(), expected.dims());
    let (got, expected) = (values(got), values(expected));
    let scale = expected.iter().fold(1e-3f32, |most, value| most.max(value.abs()));
    got.iter().zip(&expected).fold(0.0f32, |most, (a, b)| {
        let difference = (a - b).abs();
        assert!(!difference.is_nan());
        most.max(difference / scale)
    })
}

fn conv_layer(weight: &Tensor<4>, stride: usize, padding: usize) -> Conv2d {
    let [channels_out, channels_in, height, width] = weight.dims();
    let mut layer = Conv2dConfig::new([channels_in, channels_out], [height, width])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
        .with_bias(false)
        .init(&device());
    layer.weight = Param::from_tensor(weight.clone());
    layer
}

fn check_conv(input: [usize; 4], weight: [usize; 4], stride: usize, padding: usize) {
    let (x, w) = (random(input).require_grad(), random(weight).require_grad());
    let layer = conv_layer(&w, stride, padding);
    assert!(serves(&x));
    let fast = conv2d(x.clone(), w.clone(), stride, padding);
    let stock = layer.forward(x.clone());
    let upstream = random(stock.dims());
    assert!(difference(fast.clone(), stock.clone()) < 1e-4);
    let fast = (fast * upstream.clone()).sum().backward();
    let stock = (stock * upstream).sum().backward();
    let (fast_x, stock_x) = (x.grad(&fast).unwrap(), x.grad(&stock).unwrap());
    assert!(difference(fast_x, stock_x) < 1e-4, "input gradient");
    let (fast_w, stock_w) = (w.grad(&fast).unwrap(), layer.weight.grad(&stock).unwrap());
    assert!(difference(fast_w, stock_w) < 1e-4, "weight gradient");
}

#[test]
fn convolutions_of_the_encoder_agree_with_burn() {
    check_conv([2, 1, 80, 160], [24, 1, 5, 5], 2, 2);
    check_conv([3, 24, 40, 80], [24, 24, 3, 3], 1, 1);
    check_conv([9, 24, 40, 80], [48, 24, 3, 3], 2, 1);
    check_conv([17, 48, 10, 20], [96, 48, 1, 1], 2, 0);
    check_conv([5, 96, 10, 20], [96, 96, 1, 1], 1, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_agree_with_burn(
        batch in 1usize..12,
        channels in [1usize..9, 1usize..9],
        size in [5usize..24, 5usize..24],
        kernel in prop::sample::select(vec![1usize, 2, 3, 5]),
        stride in 1usize..4,
        padding in 0usize..4,
    ) {
        let [channels_in, channels_out] = channels;
        let input = [batch, channels_in, size[0], size[1]];
        check_conv(input, [channels_out, channels_in, kernel, kernel], stride, padding);
    }

    #[test]
    fn normalisation_agrees_with_burn(
        batch in 1usize..9,
        channels in 1usize..9,
        size in [2usize..20, 2usize..20],
        rectified: bool,
        added: bool,
    ) {
        check_norm([batch, channels, size[0], size[1]], rectified, added);
    }
}

fn check_norm(shape: [usize; 4], rectified: bool, added: bool) {
    let x = random(shape).mul_scalar(2.0).require_grad();
    let skip = random(shape).require_grad();
    let mut layer: BatchNorm = BatchNormConfig::new(shape[1]).init(&device());
    layer.gamma = Param::from_tensor(random([shape[1]]));
    layer.beta = Param::from_tensor(random([shape[1]]));
    let (gamma, beta) = (layer.gamma.val(), layer.beta.val());

    let fast = batch_norm(x.clone(), gamma, beta, added.then(|| skip.clone()), layer.epsilon, rectified);
    let mut stock = layer.forward(x.clone());
    if added {
        stock = stock + skip.clone();
    }
    if rectified {
        stock = relu(stock);
    }
    let running_mean = layer.running_mean.value_sync();
    assert!(difference(fast.mean.mul_scalar(layer.momentum), running_mean) < 1e-4);
    let running_var = layer.running_var.value_sync();
    assert!(difference(fast.variance.mul_scalar(layer.momentum).add_scalar(0.9), running_var) < 1e-4);

    // Rounding may put a value on the other side of the rectifier's corner: no gradient from there.
    let clear = fast.output.clone().detach().equal_elem(0.0).equal(stock.clone().detach().equal_elem(0.0));
    let upstream = random(shape) * clear.float();
    assert!(difference(fast.output.clone(), stock.clone()) < 1e-4);
    // a channel's gradients of gamma and beta are sums of this size whose terms may cancel out
    let terms = upstream.clone().abs().sum().into_scalar::<f32>() / shape[1] as f32;
    let fast = (fast.output * upstream.clone()).sum().backward();
    let stock = (stock * upstream).sum().backward();
    let gradient = |tensor: &Tensor<4>| (tensor.grad(&fast), tensor.grad(&stock));
    let (fast_x, stock_x) = gradient(&x);
    assert!(difference(fast_x.unwrap(), stock_x.unwrap()) < 1e-4, "input gradient");
    if added {
        let (fast_skip, stock_skip) = gradient(&skip);
        assert!(difference(fast_skip.unwrap(), stock_skip.unwrap()) < 1e-4, "gradient of the added tensor");
    }
    for parameter in [&layer.gamma, &layer.beta] {
        let (fast, stock) = (parameter.grad(&fast).unwrap(), parameter.grad(&stock).unwrap());
        let most = (fast - stock).abs().max().into_scalar::<f32>();
        assert!(most < 1e-3 + 1e-5 * terms, "gradient of gamma or beta: {most} of {terms}");
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    const STEP: f32 = 1e-2;
    let (x, w) = (random([2, 2, 5, 6]), random([3, 2, 3, 3]));
    let (gamma, beta, upstream) = (random([3]), random([3]), random([2, 3, 3, 3]));
    // smooth: without the rectifier
    let loss = |w: Tensor<4>| {
        let output = conv2d(x.clone(), w, 2, 1);
        let output = batch_norm(output, gamma.clone(), beta.clone(), None, 1e-5, false).output;
        (output * upstream.clone()).sum()
    };
    let tracked = w.clone().require_grad();
    let gradient = values(tracked.grad(&loss(tracked.clone()).backward()).unwrap());
    let scale = gradient.iter().fold(0.1f32, |most, value| most.max(value.abs()));
    for index in 0..gradient.len() {
        let at = |step: f32| {
            let mut moved = values(w.clone());
            moved[index] += step;
            let moved = Tensor::<1>::from_floats(moved.as_slice(), &device()).reshape(w.dims());
            values(loss(moved))[0]
        };
        let measured = (at(STEP) - at(-STEP)) / (2.0 * STEP);
        assert!((measured - gradient[index]).abs() < 2e-2 * scale, "{measured} {}", gradient[index]);
    }
}

#[test]
fn views_are_read_in_their_own_order() {
    let x = random([2, 6, 4, 3]);
    let w = random([4, 3, 3, 3]);
    let turned = x.clone().swap_dims(1, 3);
    let layer = conv_layer(&w, 1, 1);
    assert!(difference(conv2d(turned.clone(), w, 1, 1), layer.forward(turned)) < 1e-4);
}

#[test]
fn only_training_tensors_on_flex_are_served() {
    assert!(!serves(&Tensor::<4>::zeros([1, 1, 2, 2], &Device::flex())));
    let half = Tensor::<4>::zeros([1, 1, 2, 2], &device()).cast(burn::tensor::FloatDType::F16);
    assert!(!serves(&half));
}

#[test]
fn results_do_not_depend_on_threads() {
    let run = |threads: usize, x: Tensor<4>, w: Tensor<4>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let w = w.require_grad();
            let grads = conv2d(x, w.clone(), 1, 1).powi_scalar(2).sum().backward();
            values(w.grad(&grads).unwrap())
        })
    };
    let (x, w) = (random([20, 3, 9, 9]), random([4, 3, 3, 3]));
    assert_eq!(run(1, x.clone(), w.clone()), run(3, x, w));
}

/// Every instruction set of this processor against the columns, which serve all others.
#[test]
fn direct_convolutions_agree_with_unfolded_ones() {
    for (input, weight, stride, padding) in [
        ([5, 24, 40, 80], [24, 24, 3, 3], 1, 1),
        ([9, 2, 7, 9], [5, 2, 3, 3], 1, 1),
        ([3, 4, 6, 11], [7, 4, 5, 3], 1, 2),
        ([2, 3, 6, 6], [1, 3, 2, 2], 1, 0),
        ([1, 1, 1, 1], [2, 1, 3, 3], 1, 2),
        ([33, 13, 10, 20], [8, 13, 3, 3], 1, 1),
        ([6, 1, 80, 160], [24, 1, 5, 5], 2, 2),
        ([9, 3, 9, 14], [4, 3, 3, 3], 2, 1),
        ([9, 3, 9, 14], [4, 3, 1, 1], 2, 0),
        ([4, 2, 8, 7], [3, 2, 2, 5], 3, 3),
    ] {
        let g = Geometry::new(input, weight, stride, padding);
        let (x, w, d) = (values(random(input)), values(random(weight)), values(random(g.output())));
        let close = |got: Vec<f32>, expected: Vec<f32>| {
            let scale = expected.iter().fold(1e-3f32, |most, value| most.max(value.abs()));
            got.len() == expected.len() && got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4 * scale)
        };
        for level in Level::available() {
            let (got, expected) = (direct::forward(level, &x, &w, &g), forward_unfolded(&x, &w, &g));
            assert!(close(got, expected), "{level:?} {input:?}");
            let got = direct::weight_gradient(level, &x, &d, &g);
            assert!(close(got, weight_gradient_unfolded(&x, &d, &g)), "{level:?} {input:?}");
            let got = strided::input_gradient(level, &d, &w, &g);
            assert!(close(got, input_gradient_folded(&d, &w, &g)), "{level:?} {input:?}");
        }
    }
}
