//! How strong an augmentation comes out this time.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Draws between nothing and the strength that the configuration gives.
pub(super) struct Draw<'a> {
    pub(super) rng: &'a mut ChaCha8Rng,
    /// Always as strong as may be, to look at.
    pub(super) full: bool,
}

impl Draw<'_> {
    /// In `-most..=most`; one of the two ends in full.
    pub(super) fn around(&mut self, most: f32) -> f32 {
        let drawn: f32 = self.rng.random_range(-1.0..=1.0);
        most * if self.full { drawn.signum() } else { drawn }
    }

    /// [`Self::around`] in that share of all cases, else 0; always in full.
    pub(super) fn sometimes(&mut self, share: f32, most: f32) -> f32 {
        // always: as before there was a share
        if share >= 1.0 || self.full || self.rng.random_bool(f64::from(share)) {
            self.around(most)
        } else {
            0.0
        }
    }

    /// In `0..=most`; `most` in full.
    pub(super) fn upto(&mut self, most: f32) -> f32 {
        let drawn: f32 = self.rng.random_range(0.0..=1.0);
        most * if self.full { 1.0 } else { drawn }
    }

    /// Where something lies: even in `range`, in full as well.
    pub(super) fn place(&mut self, range: std::ops::RangeInclusive<f32>) -> f32 {
        self.rng.random_range(range)
    }

    /// A number below `count`, which must not be 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.rng.random_range(0..count)
    }
}
