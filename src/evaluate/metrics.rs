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
}
