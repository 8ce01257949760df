//! Native training: a data folder or the synthetic corpus in, a checked model out.

pub mod attend;
mod augment;
pub mod config;
pub mod corpus;
pub mod fast;
mod layouts;
pub mod loss;
mod metric;
pub mod objective;
pub mod optimiser;
pub mod pairs;
pub mod progress;
pub mod release;
pub mod run;
pub mod sampler;
mod schedule;
pub mod siamese;
mod split;
mod svc2004;
pub mod synth;
mod synth_hand;
mod synth_letters;
mod synth_pen;

#[cfg(test)]
use loss::gradient_check;
