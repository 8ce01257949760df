//! Logistic regression of the class on the raw score: the line of [`super::Method::Logistic`].

use crate::error::{Error, Result};

/// Offset and slope of the LLR as a function of the raw score.
///
/// Newton's method on the balanced cross-entropy. Targets are moved off 0 and 1 as by Platt 1999
/// ("Probabilistic outputs for support vector machines"), so that perfectly separated scores have a finite
/// answer too.
///
/// # Errors
/// [`Error::Training`] if a class is empty, a score is not finite, all scores are equal, or genuine scores
/// are not the higher ones.
pub fn fit(genuine: &[f64], forged: &[f64]) -> Result<(f64, f64)> {
    let fail = |what: &str| Err(Error::Training(format!("calibration: {what}")));
    let all = || genuine.iter().chain(forged);
    if genuine.is_empty() || forged.is_empty() {
        return fail("there are no genuine or no forged scores");
    }
    if all().any(|score| !score.is_finite()) {
        return fail("a score is not a finite number");
    }
    // standardised, so that a step means the same for every network
    let count = (genuine.len() + forged.len()) as f64;
    let mean = all().sum::<f64>() / count;
    let deviation = (all().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
    if deviation < 1e-12 {
        return fail("all scores are equal");
    }
    let samples: Vec<Sample> = [(genuine, true), (forged, false)]
        .into_iter()
        .flat_map(|(scores, same)| {
            let number = scores.len() as f64;
            let target = if same { (number + 1.0) / (number + 2.0) } else { 1.0 / (number + 2.0) };
            scores.iter().map(move |score| Sample {
                z: (score - mean) / deviation,
                target,
                weight: 0.5 / number,
            })
        })
        .collect();
    let (offset, slope) = newton(&samples);
    if slope <= 0.0 {
        return fail("genuine scores are not higher than forged ones");
    }
    Ok((offset - slope * mean / deviation, slope / deviation))
}

/// One score in the regression.
struct Sample {
    z: f64,
    target: f64,
    weight: f64,
}

/// Minimises the weighted cross-entropy of `sigmoid(offset + slope * z)`; it is convex with one minimum.
fn newton(samples: &[Sample]) -> (f64, f64) {
    let loss = |offset: f64, slope: f64| -> f64 {
        samples
            .iter()
            .map(|s| {
                let logit = offset + slope * s.z;
                // ln(1 + e^logit) - target * logit, without overflow
                s.weight * (logit.max(0.0) + (-logit.abs()).exp().ln_1p() - s.target * logit)
            })
            .sum()
    };
    let (mut offset, mut slope) = (0.0, 0.0);
    let mut current = loss(offset, slope);
    for _ in 0..100 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
        for s in samples {
            let p = sigmoid(offset + slope * s.z);
            let (residual, curvature) = (s.weight * (p - s.target), s.weight * p * (1.0 - p));
            g0 += residual;
            g1 += residual * s.z;
            h00 += curvature;
            h01 += curvature * s.z;
            h11 += curvature * s.z * s.z;
        }
        let determinant = h00 * h11 - h01 * h01;
        let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        // halve until it is a descent: full steps can overshoot far from the minimum
        let mut scale = 1.0;
        let next = loop {
            let next = (offset - scale * step.0, slope - scale * step.1);
            let value = loss(next.0, next.1);
            if value <= current {
                break Some((next, value));
            }
            scale /= 2.0;
            if scale < 1e-10 {
                break None;
            }
        };
        let Some(((next_offset, next_slope), value)) = next else { break };
        let moved = (next_offset - offset).abs() + (next_slope - slope).abs();
        (offset, slope, current) = (next_offset, next_slope, value);
        if moved < 1e-10 {
            break;
        }
    }
    (offset, slope)
}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
