//! Confidence intervals by resampling writers: signatures of one writer are not independent of each other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Resamples for an interval.
pub const RESAMPLES: usize = 1000;
/// The same resamples for the same number of writers, so that a figure can be computed again.
pub const SEED: u64 = 2020;

/// The middle 95 % of `statistic` over samples of as many writers, drawn with replacement (Efron 1979,
/// percentile method). `None` if the statistic is undefined for every sample.
pub fn interval<T: Sync>(writers: &[T], statistic: impl Fn(&[&T]) -> Option<f64> + Sync) -> Option<[f64; 2]> {
    let [interval] = intervals(writers, |sample| [statistic(sample)]);
    interval
}

/// As [`interval`], of several statistics of the same samples.
pub fn intervals<T: Sync, const N: usize>(
    writers: &[T],
    statistics: impl Fn(&[&T]) -> [Option<f64>; N] + Sync,
) -> [Option<[f64; 2]>; N] {
    let count = writers.len();
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let drawn: Vec<usize> = if count == 0 {
        Vec::new()
    } else {
        (0..RESAMPLES * count).map(|_| rng.random_range(0..count)).collect()
    };
    let samples: Vec<[Option<f64>; N]> = drawn
        .par_chunks(count.max(1))
        .map(|sample| statistics(&sample.iter().map(|&writer| &writers[writer]).collect::<Vec<_>>()))
        .collect();
    std::array::from_fn(|statistic| {
        let mut values: Vec<f64> = samples.iter().filter_map(|sample| sample[statistic]).collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |share: f64| values[(share * last as f64).round() as usize];
        Some([at(0.025), at(0.975)])
    })
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
    fn several_statistics_are_of_the_same_samples() {
        let writers: Vec<f64> = (0..9).map(f64::from).collect();
        let [one, twice, none] =
            intervals(&writers, |sample| [mean(sample), mean(sample).map(|mean| 2.0 * mean), None]);
        assert_eq!(one.map(|ends| ends.map(|end| 2.0 * end)), twice);
        assert_eq!((one, none), (interval(&writers, mean), None));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(interval(&[] as &[f64], mean), None);
    }
}
