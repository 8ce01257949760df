//! Measuring how well a model tells hands apart, and what it could cheat with.

pub mod bootstrap;
pub mod control;
pub mod errors;
pub mod metrics;
pub mod scores;
