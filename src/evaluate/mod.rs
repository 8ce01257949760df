//! Measuring how well a model tells hands apart, and what it could cheat with.

pub mod control;
pub mod metrics;
pub mod scores;
