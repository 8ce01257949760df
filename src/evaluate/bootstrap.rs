//! Confidence intervals by resampling writers: signatures of one writer are not independent of each other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Resamples for an interval.
const RESAMPLES: usize = 1000;
/// The same resamples for the same number of writers, so that a figure can be computed again.
const SEED: u64 = 2020;

/// The middle 95 % of `statistic` over samples of as many writers, drawn with replacement (Efron 1979,
/// percentile method). `None` if the statistic is undefined for every sample.
pub fn interval<T>(writers: &[T], statistic: impl Fn(&[&T]) -> Option<f64>) -> Option<[f64; 2]> {
    if writers.is_empty() {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut values: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let sample: Vec<&T> =
                writers.iter().map(|_| &writers[rng.random_range(0..writers.len())]).collect();
            statistic(&sample)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let at = |share: f64| values[(share * last as f64).round() as usize];
    Some([at(0.025), at(0.975)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(sample: &[&f64]) -> Option<f64> {
        Some(sample.iter().copied().sum::<f64>() / sample.len() as f64)
    }

    #[test]
    fn equal_writers_leave_no_doubt() {
        assert_eq!(interval(&[3.0; 5], mean), Some([3.0, 3.0]));
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_normal_approximation() {
        // 0 to 99: deviation 28.9, of the mean of 100: 2.89, times 1.96: 5.66
        let writers: Vec<f64> = (0..100).map(f64::from).collect();
        let [low, high] = interval(&writers, mean).unwrap();
        assert!((low - (49.5 - 5.66)).abs() < 0.8 && (high - (49.5 + 5.66)).abs() < 0.8, "{low} {high}");
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(interval(&[] as &[f64], mean), None);
    }
}
