//! How somebody writes: size, slant, pace and steadiness, drawn once per writer and once per forger.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// Random numbers whose values do not change with the version of a distribution library.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// A stream of its own for each purpose, writer and sample.
    pub fn new(seed: u64, writer: u16, purpose: u8, index: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..10].copy_from_slice(&writer.to_le_bytes());
        key[10] = purpose;
        key[11..15].copy_from_slice(&index.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Even between `low` and `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        // 53 bits fill the mantissa
        low + (high - low) * (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal with mean 0, cut at three deviations: no sample may tear a letter apart.
    pub fn normal(&mut self, deviation: f64) -> f64 {
        let radius = (-2.0 * self.between(f64::MIN_POSITIVE, 1.0).ln()).sqrt();
        let turn = self.between(0.0, std::f64::consts::TAU);
        deviation * (radius * turn.cos()).clamp(-3.0, 3.0)
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// A number below `count`, which must not be 0.
    pub fn below(&mut self, count: usize) -> usize {
        (self.between(0.0, count as f64) as usize).min(count - 1)
    }

    /// One of a list that must not be empty.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// A way of writing. Lengths are in heights of a small letter, times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hand {
    /// Shift to the right per unit of height.
    pub slant: f64,
    /// Rise of the baseline, radians.
    pub slope: f64,
    /// Width of letters, 1 as in the tables of [`super::synth_letters`].
    pub width: f64,
    /// Heights of letters above the small ones and depths below the baseline, 1 as in the tables.
    pub ascender: f64,
    pub descender: f64,
    pub capital: f64,
    /// Curvature of the strokes, 1 as in the tables.
    pub roundness: f64,
    /// Time for a movement of one letter height.
    pub pace: f64,
    /// Shape of the lognormal speed profile.
    pub sigma: f64,
    /// Share of a movement that runs while the next one has begun: high is fluent, low is angular.
    pub overlap: f64,
    /// How much samples differ from each other, 1 on average.
    pub spread: f64,
    /// Amplitude of a trembling hand.
    pub tremor: f64,
    /// Mean pressure, and how much speed takes from it.
    pub pressure: f64,
    pub lightness: f64,
}

impl Hand {
    pub fn draw(dice: &mut Dice) -> Self {
        Self {
            slant: (0.22 + dice.normal(0.2)).clamp(-0.2, 0.75),
            slope: 0.05 + dice.normal(0.06),
            width: dice.between(0.7, 1.45),
            ascender: dice.between(0.75, 1.3),
            descender: dice.between(0.7, 1.4),
            capital: dice.between(0.8, 1.35),
            roundness: dice.between(0.6, 1.15),
            pace: dice.between(95.0, 170.0),
            sigma: dice.between(0.18, 0.34),
            // some write in haste, and letters melt into waves
            overlap: if dice.chance(0.3) { dice.between(0.55, 0.7) } else { dice.between(0.3, 0.55) },
            spread: dice.between(0.6, 1.5),
            // unsteady owners exist too: a trembling line alone must not give a forgery away
            tremor: if dice.chance(0.2) { dice.between(0.01, 0.03) } else { dice.between(0.0, 0.008) },
            pressure: dice.between(0.45, 0.8),
            lightness: dice.between(0.1, 0.45),
        }
    }

    /// The same hand on another occasion.
    pub fn again(&self, dice: &mut Dice) -> Self {
        let spread = self.spread;
        let mut factor = |deviation: f64| (1.0 + dice.normal(deviation * spread)).max(0.5);
        Self {
            width: self.width * factor(0.05),
            ascender: self.ascender * factor(0.06),
            descender: self.descender * factor(0.07),
            capital: self.capital * factor(0.05),
            roundness: self.roundness * factor(0.06),
            pace: self.pace * factor(0.08),
            sigma: self.sigma * factor(0.04),
            overlap: (self.overlap * factor(0.06)).min(0.75),
            tremor: self.tremor * factor(0.2),
            pressure: self.pressure * factor(0.06),
            slant: self.slant + (factor(0.045) - 1.0),
            slope: self.slope + (factor(0.035) - 1.0),
            ..*self
        }
    }

    /// How this hand writes when it imitates `owner`: close to what it sees, but with its own habits and motor skill.
    ///
    /// Forgers differ: one draws slowly and trembles, one writes fluently and errs more in shape ([`Imitation`]).
    pub fn imitating(&self, owner: &Self, imitation: Imitation) -> Self {
        let Imitation { habit, slowness, tremor, .. } = imitation;
        let mix = |own: f64, seen: f64| seen + habit * (own - seen);
        Self {
            slant: mix(self.slant, owner.slant),
            slope: mix(self.slope, owner.slope),
            width: mix(self.width, owner.width),
            ascender: mix(self.ascender, owner.ascender),
            descender: mix(self.descender, owner.descender),
            capital: mix(self.capital, owner.capital),
            roundness: mix(self.roundness, owner.roundness),
            // dynamics leave no picture to copy from: they are the forger's own
            pace: self.pace * slowness,
            sigma: self.sigma,
            overlap: self.overlap / slowness.max(1.0).sqrt(),
            spread: 0.5 * (self.spread + owner.spread),
            tremor: self.tremor + tremor,
            pressure: mix(self.pressure, owner.pressure),
            lightness: self.lightness / slowness.max(1.0),
        }
    }
}

/// What an imitation gets wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imitation {
    /// Share of the forger's own habits, 0..1.
    pub habit: f64,
    /// Time taken, relative to writing freely.
    pub slowness: f64,
    /// Tremor from drawing instead of writing.
    pub tremor: f64,
    /// Error in the place of each target, letter heights.
    pub misplaced: f64,
    /// Error in the curvature of each movement, radians.
    pub misbent: f64,
}

impl Imitation {
    /// By a forger who errs up to `clumsiness` times as much as a careful one.
    pub fn draw(clumsiness: f64, dice: &mut Dice) -> Self {
        let careful = Self::careful(dice);
        let more = if clumsiness > 1.0 { dice.between(1.0, clumsiness) } else { 1.0 };
        Self {
            // even who cannot imitate looks at what is to be imitated
            habit: (more * careful.habit).min(0.85),
            misplaced: more * careful.misplaced,
            misbent: more * careful.misbent,
            ..careful
        }
    }

    fn careful(dice: &mut Dice) -> Self {
        if dice.chance(0.5) {
            // draws with care
            Self {
                habit: dice.between(0.1, 0.35),
                slowness: dice.between(1.4, 2.4),
                tremor: dice.between(0.002, 0.012),
                misplaced: dice.between(0.06, 0.12),
                misbent: dice.between(0.1, 0.2),
            }
        } else {
            // writes at speed after practice
            Self {
                habit: dice.between(0.2, 0.5),
                slowness: dice.between(0.9, 1.3),
                tremor: 0.0,
                misplaced: dice.between(0.09, 0.16),
                misbent: dice.between(0.15, 0.3),
            }
        }
    }
}
