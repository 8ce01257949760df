//! Native training: a data folder or the synthetic corpus in, a checked model out.

pub mod attend;
pub mod augment;
pub mod average;
pub mod compare;
pub mod config;
pub mod corpus;
mod curves;
pub mod devices;
pub mod fast;
mod fourier;
#[cfg(any(feature = "gpu", feature = "cuda"))]
pub mod gpu;
pub mod history;
pub mod layers;
pub(crate) mod layouts;
pub mod loss;
mod metric;
pub mod objective;
pub mod optimiser;
mod overrides;
pub mod pack;
pub mod pairs;
pub mod preview;
pub mod processor_time;
pub mod progress;
mod quiet;
mod recorder;
pub mod release;
pub mod run;
pub mod run_folder;
pub mod sampler;
mod schedule;
pub mod search;
pub mod siamese;
mod split;
mod svc2004;
pub mod synth;
mod synth_hand;
mod synth_letters;
mod synth_pen;

#[cfg(test)]
use loss::gradient_check;
