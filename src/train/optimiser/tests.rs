//! Two steps of every rule on a quadratic, against the formulas of the papers in double precision.

use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use super::*;

/// The loss is `CURVATURE / 2 * at^2`, so the gradient is `CURVATURE * at`.
#[derive(Module, Debug)]
struct Point {
    at: Param<Tensor<1>>,
}

const CURVATURE: [f64; 2] = [1.0, 4.0];
const START: [f64; 2] = [2.0, -1.0];
const RATE: f64 = 0.1;

/// Where two steps lead from `START`.
fn steps(settings: &str) -> [[f32; 2]; 2] {
    let config: OptimiserConfig = toml::from_str(&format!("learning_rate = {RATE}\n{settings}")).unwrap();
    config.check().unwrap();
    let device = Device::flex().autodiff();
    let of = |values: [f64; 2]| Tensor::<1>::from_floats(values.map(|value| value as f32), &device);
    let mut point = Point { at: Param::from_tensor(of(START)) };
    let mut optimiser = config.init();
    [(); 2].map(|()| {
        let loss = (point.at.val().square() * of(CURVATURE)).sum().div_scalar(2.0);
        let gradients = GradientsParams::from_grads(loss.backward(), &point);
        point = optimiser.step(RATE, point.clone(), gradients);
        let at: Vec<f32> = point.at.val().into_data().try_to_vec().unwrap();
        [at[0], at[1]]
    })
}

/// Asserts that two steps lead where `rule` does; it maps a weight, its gradient and the number of the step
/// (from 1) to the next weight, and keeps its memory in the two numbers that it is given.
fn assert_rule(settings: &str, rule: impl Fn(f64, f64, i32, &mut [f64; 2]) -> f64) {
    let taken = steps(settings);
    for (index, (start, curvature)) in START.into_iter().zip(CURVATURE).enumerate() {
        let (mut at, mut memory) = (start, [0.0; 2]);
        for (step, now) in (1..).zip(&taken) {
            at = rule(at, curvature * at, step, &mut memory);
            let reached = f64::from(now[index]);
            assert!((reached - at).abs() < 2e-6, "{settings}, step {step}: {reached} is not {at}");
        }
    }
}

#[test]
fn sgd() {
    assert_rule("kind = \"sgd\"", |at, gradient, _, _| at - RATE * gradient);
    assert_rule("kind = \"sgd\"\nweight_decay = 0.5", |at, gradient, _, _| at - RATE * (gradient + 0.5 * at));
}

#[test]
fn sgd_with_momentum() {
    assert_rule("kind = \"sgd\"\nmomentum = 0.9", |at, gradient, _, [velocity, _]| {
        *velocity = 0.9 * *velocity + gradient;
        at - RATE * *velocity
    });
    assert_rule("kind = \"sgd\"\nmomentum = 0.9\nnesterov = true", |at, gradient, _, [velocity, _]| {
        *velocity = 0.9 * *velocity + gradient;
        at - RATE * (0.9 * *velocity + gradient)
    });
}

#[test]
fn rmsprop() {
    let plain = |at: f64, gradient: f64, _: i32, [squared, _]: &mut [f64; 2]| {
        *squared = 0.9 * *squared + 0.1 * gradient * gradient;
        at - RATE * gradient / (squared.sqrt() + 1e-8)
    };
    assert_rule("kind = \"rmsprop\"\nalpha = 0.9", plain);
    // as the tutorial has it
    let settings = "kind = \"rmsprop\"\nalpha = 0.99\nepsilon = 1e-8\nmomentum = 0.9\nweight_decay = 5e-4";
    assert_rule(settings, |at, gradient, _, [squared, velocity]| {
        let gradient = gradient + 5e-4 * at;
        *squared = 0.99 * *squared + 0.01 * gradient * gradient;
        *velocity = 0.9 * *velocity + gradient / (squared.sqrt() + 1e-8);
        at - RATE * *velocity
    });
    assert_rule("kind = \"rmsprop\"\nalpha = 0.9\ncentered = true", |at, gradient, _, [squared, mean]| {
        *squared = 0.9 * *squared + 0.1 * gradient * gradient;
        *mean = 0.9 * *mean + 0.1 * gradient;
        at - RATE * gradient / ((*squared - *mean * *mean).sqrt() + 1e-8)
    });
}

/// Adam's step; `decayed` is the weight that it starts from.
fn adam(decayed: f64, gradient: f64, step: i32, [mean, squared]: &mut [f64; 2]) -> f64 {
    *mean = 0.9 * *mean + 0.1 * gradient;
    *squared = 0.999 * *squared + 0.001 * gradient * gradient;
    let (mean, squared) = (*mean / (1.0 - 0.9f64.powi(step)), *squared / (1.0 - 0.999f64.powi(step)));
    decayed - RATE * mean / (squared.sqrt() + 1e-8)
}

#[test]
fn adam_adds_the_decay_to_the_gradient() {
    assert_rule("kind = \"adam\"", adam);
    assert_rule("kind = \"adam\"\nweight_decay = 0.5", |at, gradient, step, memory| {
        adam(at, gradient + 0.5 * at, step, memory)
    });
}

#[test]
fn adamw_decays_past_the_gradient() {
    assert_rule("kind = \"adamw\"\nweight_decay = 0.5", |at, gradient, step, memory| {
        adam(at * (1.0 - RATE * 0.5), gradient, step, memory)
    });
}

#[test]
fn clipping_limits_the_gradient_before_the_decay() {
    // the gradient (2, -4) has the norm sqrt 20
    let [[first, second], _] = steps("kind = \"sgd\"\nclip = { norm = 1.0 }");
    let expected = [2.0 - 0.1 * 2.0 / 20f32.sqrt(), -1.0 + 0.1 * 4.0 / 20f32.sqrt()];
    assert!((first - expected[0]).abs() < 1e-6 && (second - expected[1]).abs() < 1e-6, "{first} {second}");
    let [[first, second], _] = steps("kind = \"sgd\"\nweight_decay = 0.5\nclip = { value = 3.0 }");
    assert!((first - (2.0 - 0.1 * 3.0)).abs() < 1e-6, "2 + 0.5 * 2, not clipped: {first}");
    assert!((second - (-1.0 + 0.1 * 3.5)).abs() < 1e-6, "3 + 0.5 * 1: {second}");
}

#[test]
fn settings_that_a_rule_does_not_know_are_refused() {
    for wrong in [
        "kind = \"adamw\"\nmomentum = 0.9",
        "kind = \"sgd\"\nmomentun = 0.9",
        "kind = \"sgd\"\nclip = { norm = 1.0, value = 1.0 }",
        "kind = \"sgd\"\nclip = { nrom = 1.0 }",
        "kind = \"adagrad\"",
        "momentum = 0.9",
    ] {
        let text = format!("learning_rate = 0.1\n{wrong}");
        assert!(toml::from_str::<OptimiserConfig>(&text).is_err(), "{wrong}");
    }
    for wrong in [
        "kind = \"sgd\"\nnesterov = true",
        "kind = \"sgd\"\nmomentum = 1.0",
        "kind = \"rmsprop\"\nalpha = -0.1",
        "kind = \"adam\"\nepsilon = 0.0",
        "kind = \"adam\"\nweight_decay = -1.0",
        "kind = \"adam\"\nclip = { value = 0.0 }",
    ] {
        let config: OptimiserConfig = toml::from_str(&format!("learning_rate = 0.1\n{wrong}")).unwrap();
        assert_eq!(config.check().unwrap_err().code(), "invalid-config", "{wrong}");
    }
}

#[test]
fn a_configuration_survives_writing_and_reading() {
    let sgd = "kind = \"sgd\"\nlearning_rate = 0.1\n[schedule]\nkind = \"step\"\nevery = 3\nfactor = 0.1";
    for config in [OptimiserConfig::default(), toml::from_str(sgd).unwrap()] {
        let text = toml::to_string_pretty(&config).unwrap();
        assert_eq!(toml::from_str::<OptimiserConfig>(&text).unwrap(), config, "{text}");
    }
}
