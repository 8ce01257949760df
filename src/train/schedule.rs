//! The learning rate from step to step, put together from burn's schedules.

use burn::optim::lr_scheduler::LrSchedulerConfig;
use burn::optim::lr_scheduler::constant::ConstantLr;
use burn::optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::optim::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::optim::lr_scheduler::step::StepLrSchedulerConfig;
use serde::{Deserialize, Serialize};

use super::config::require;
use crate::error::{Error, Result};

/// How the learning rate goes on from its highest value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
// no variant without braces: serde would let unknown keys pass there
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// It stays.
    Constant {},
    /// Every so many epochs it is multiplied by `factor`.
    Step {
        /// Epochs.
        every: usize,
        factor: f64,
    },
    /// It falls to zero along half a cosine (Loshchilov, Hutter 2017, arXiv 1608.03983, equation 5, without
    /// restarts).
    Cosine {
        /// Share of all steps in which it rises evenly before that.
        #[serde(default)]
        warm_up: f64,
    },
    /// It rises evenly from 1/25 of the highest value and falls to zero along half a cosine (Smith, Topin
    /// 2018, arXiv 1708.07120, with the fall of fast.ai; the momentum stays).
    OneCycle {
        /// Share of all steps in which it rises.
        warm_up: f64,
    },
}

/// The highest learning rate of a cycle is so many times its first one.
const RISE: f64 = 25.0;

impl Default for Schedule {
    fn default() -> Self {
        Self::Constant {}
    }
}

impl Schedule {
    /// # Errors
    /// [`Error::InvalidConfig`] if a number is out of range.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Constant {} => Ok(()),
            Self::Step { every, factor } => {
                require(*every > 0, "optimiser.schedule.every", "at least 1 epoch")?;
                require(*factor > 0.0 && *factor < 1.0, "optimiser.schedule.factor", "between 0 and 1")
            }
            Self::Cosine { warm_up } | Self::OneCycle { warm_up } => {
                require((0.0..1.0).contains(warm_up), "optimiser.schedule.warm_up", "0 to below 1")
            }
        }
    }

    /// # Errors
    /// [`Error::InvalidConfig`] if burn refuses a number.
    pub(super) fn init(&self, highest: f64, epochs: usize, batches: usize) -> Result<ModuleLrScheduler> {
        let steps = epochs * batches;
        let rising = |warm_up: f64| (steps as f64 * warm_up) as usize;
        match *self {
            Self::Constant {} => return Ok(ModuleLrScheduler::new(ConstantLr::new(highest))),
            Self::Step { every, factor } => {
                StepLrSchedulerConfig::new(highest, every.saturating_mul(batches)).with_gamma(factor).init()
            }
            Self::Cosine { warm_up } => match rising(warm_up) {
                0 => CosineAnnealingLrSchedulerConfig::new(highest, steps.max(1)).init(),
                // the first step has a share of the highest value, the first after the rise has all of it
                rising => rise_and_fall(highest / (rising + 1) as f64, highest, rising, steps),
            },
            Self::OneCycle { warm_up } => {
                let rising = rising(warm_up).clamp(1, steps.saturating_sub(1).max(1));
                rise_and_fall(highest / RISE, highest, rising, steps)
            }
        }
        .map_err(Error::InvalidConfig)
    }
}

/// Evenly from `first` to `highest` in `rising` steps, then along half a cosine to zero.
fn rise_and_fall(first: f64, highest: f64, rising: usize, steps: usize) -> Result<ModuleLrScheduler, String> {
    let falling = steps.saturating_sub(rising).max(1);
    SequentialLrSchedulerConfig::new(
        vec![
            LrSchedulerConfig::Linear(LinearLrSchedulerConfig::new(first, highest, rising)),
            LrSchedulerConfig::Cosine(CosineAnnealingLrSchedulerConfig::new(highest, falling)),
        ],
        vec![rising],
    )
    .init()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The learning rates of 10 epochs of 10 batches.
    fn rates(schedule: &str) -> Vec<f64> {
        let schedule: Schedule = toml::from_str(schedule).unwrap();
        schedule.check().unwrap();
        let mut scheduler = schedule.init(0.1, 10, 10).unwrap();
        (0..100).map(|_| scheduler.step().base()).collect()
    }

    fn near(rate: f64, expected: f64) {
        assert!((rate - expected).abs() < 1e-9, "{rate} is not {expected}");
    }

    #[test]
    fn constant_stays() {
        assert!(rates("kind = \"constant\"").iter().all(|&rate| rate == 0.1));
    }

    #[test]
    fn step_drops_after_so_many_epochs() {
        let rates = rates("kind = \"step\"\nevery = 4\nfactor = 0.5");
        for (step, expected) in [(0, 0.1), (39, 0.1), (40, 0.05), (79, 0.05), (80, 0.025), (99, 0.025)] {
            near(rates[step], expected);
        }
    }

    #[test]
    fn cosine_falls_from_the_highest_to_almost_zero() {
        let rates = rates("kind = \"cosine\"");
        near(rates[0], 0.1);
        near(rates[50], 0.05);
        // the last step is one before zero: (1 - cos(pi / 100)) / 2 of the highest
        near(rates[99], 0.05 * (1.0 - (std::f64::consts::PI / 100.0).cos()));
    }

    #[test]
    fn cosine_warms_up_evenly() {
        let rates = rates("kind = \"cosine\"\nwarm_up = 0.2");
        for (step, expected) in [(0, 0.1 / 21.0), (10, 1.1 / 21.0), (19, 2.0 / 21.0), (20, 0.1), (60, 0.05)] {
            near(rates[step], expected);
        }
    }

    #[test]
    fn one_cycle_rises_and_falls() {
        let rates = rates("kind = \"one-cycle\"\nwarm_up = 0.3");
        for (step, expected) in [(0, 0.004), (15, 0.052), (30, 0.1), (65, 0.05)] {
            near(rates[step], expected);
        }
        near(rates[99], 0.05 * (1.0 - (std::f64::consts::PI / 70.0).cos()));
    }

    #[test]
    fn one_step_is_enough_for_every_kind() {
        for schedule in [
            Schedule::Constant {},
            Schedule::Step { every: 1, factor: 0.1 },
            Schedule::Cosine { warm_up: 0.9 },
            Schedule::OneCycle { warm_up: 0.0 },
        ] {
            let rate = schedule.init(0.1, 1, 1).unwrap().step().base();
            assert!(rate > 0.0 && rate <= 0.1, "{schedule:?}: {rate}");
        }
    }

    #[test]
    fn a_resumed_schedule_goes_on_where_it_was() {
        for schedule in [
            Schedule::Step { every: 2, factor: 0.3 },
            Schedule::Cosine { warm_up: 0.1 },
            Schedule::OneCycle { warm_up: 0.3 },
        ] {
            let mut running = schedule.init(0.1, 5, 4).unwrap();
            (0..7).for_each(|_| drop(running.step()));
            let mut resumed = schedule.init(0.1, 5, 4).unwrap().load_record(running.to_record());
            for _ in 7..20 {
                assert_eq!(running.step().base(), resumed.step().base(), "{schedule:?}");
            }
        }
    }

    #[test]
    fn unknown_settings_and_numbers_out_of_range_are_refused() {
        for wrong in
            ["kind = \"constant\"\nwarm_up = 0.1", "kind = \"cosine\"\nwarmup = 0.1", "kind = \"linear\""]
        {
            assert!(toml::from_str::<Schedule>(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            Schedule::Step { every: 0, factor: 0.1 },
            Schedule::Step { every: 1, factor: 1.0 },
            Schedule::Cosine { warm_up: 1.0 },
            Schedule::OneCycle { warm_up: f64::NAN },
        ] {
            assert_eq!(wrong.check().unwrap_err().code(), "invalid-config");
        }
    }
}
