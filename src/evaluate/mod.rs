//! Measuring how well a model tells hands apart, and what it could cheat with.

pub mod alter;
pub mod bootstrap;
pub mod calibrate;
pub mod cohort;
pub mod control;
pub mod errors;
pub mod metrics;
pub mod robustness;
pub mod scores;
mod templates;
