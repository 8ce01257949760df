//! Error rates of a verifier from its scores (ISO/IEC 19795-1: false match and false non-match rate).

/// The equal error rate, 0 to 1: where the rate of accepted forgeries equals that of rejected genuine
/// signatures, on the line between the two operating points next to it. `None` if either list is empty
/// or a score is not a number.
pub fn equal_error_rate(genuine: &[f64], forged: &[f64]) -> Option<f64> {
    let scored = |scores: &[f64]| !scores.is_empty() && scores.iter().all(|score| !score.is_nan());
    if !scored(genuine) || !scored(forged) {
        return None;
    }
    let mut sorted: Vec<(f64, bool)> = genuine.iter().map(|&score| (score, true)).collect();
    sorted.extend(forged.iter().map(|&score| (score, false)));
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (genuine, forged) = (genuine.len() as f64, forged.len() as f64);

    // the threshold rises past one distinct score at a time: all accepted at first, none at last
    let (mut false_accept, mut false_reject) = (1.0, 0.0);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let passed = equal.iter().filter(|(_, is_genuine)| *is_genuine).count() as f64;
        let next_reject = false_reject + passed / genuine;
        let next_accept = false_accept - (equal.len() as f64 - passed) / forged;
        if next_reject >= next_accept {
            let (before, after) = (false_accept - false_reject, next_accept - next_reject);
            let part = before / (before - after);
            return Some(false_reject + part * (next_reject - false_reject));
        }
        (false_accept, false_reject) = (next_accept, next_reject);
    }
    Some(false_reject)
}

/// The cost of log-likelihood ratios (natural logarithm), in bits: half of the mean of `log2(1 + e^-llr)` over
/// genuine signatures and of `log2(1 + e^llr)` over forgeries (Cllr; Brümmer and du Preez 2006). 0 for ratios that
/// are certain and right, 1 for those that say nothing, more for those that mislead. `None` if either list is
/// empty or a ratio is not a number.
pub fn cllr(genuine: &[f64], forged: &[f64]) -> Option<f64> {
    // ln(1 + e^x) without overflow
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let mean = |llrs: &[f64], sign: f64| {
        let sum = llrs.iter().map(|llr| softplus(sign * llr)).sum::<f64>();
        (!llrs.is_empty() && !sum.is_nan()).then(|| sum / llrs.len() as f64)
    };
    Some((mean(genuine, -1.0)? + mean(forged, 1.0)?) / (2.0 * std::f64::consts::LN_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_scores_have_no_error_and_exchanged_ones_only_errors() {
        assert_eq!(equal_error_rate(&[2.0, 3.0], &[0.0, 1.0]), Some(0.0));
        assert_eq!(equal_error_rate(&[0.0, 1.0], &[2.0, 3.0]), Some(1.0));
    }

    #[test]
    fn one_of_four_each_way() {
        // between 2 and 3 one genuine of four is rejected and one forgery of four accepted
        assert_eq!(equal_error_rate(&[1.0, 4.0, 5.0, 6.0], &[0.0, 0.5, 2.0, 4.5]), Some(0.25));
    }

    #[test]
    fn equal_scores_say_nothing() {
        assert_eq!(equal_error_rate(&[1.0; 7], &[1.0; 3]), Some(0.5));
    }

    #[test]
    fn no_rate_without_scores() {
        assert_eq!(equal_error_rate(&[], &[1.0]), None);
        assert_eq!(equal_error_rate(&[f64::NAN], &[1.0]), None);
    }

    #[test]
    fn ratios_cost_what_they_say() {
        let near =
            |cost: Option<f64>, expected: f64| assert!((cost.unwrap() - expected).abs() < 1e-12, "{cost:?}");
        near(cllr(&[0.0; 3], &[0.0; 2]), 1.0);
        // log2(1 + 1/3) for the genuine one, log2(1 + 1) for the forgery
        near(cllr(&[3.0_f64.ln()], &[0.0]), (1.0 + (4.0_f64 / 3.0).log2()) / 2.0);
        near(cllr(&[1e4], &[-1e4]), 0.0);
        // a thousand nats wrong are a thousand / ln 2 bits each
        near(cllr(&[-1000.0], &[1000.0]), 1000.0 / std::f64::consts::LN_2);
        assert_eq!(cllr(&[], &[1.0]), None);
        assert_eq!(cllr(&[1.0], &[f64::NAN]), None);
    }
}
