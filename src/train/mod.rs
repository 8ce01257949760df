//! Native training: a data folder or the synthetic corpus in, a checked model out.

pub mod attend;
pub mod augment;
pub mod config;
mod contrastive;
pub mod corpus;
mod curves;
pub mod fast;
#[cfg(test)]
mod gradient_check;
pub mod history;
mod layouts;
mod logistic;
mod metric;
pub mod objective;
pub mod optimiser;
mod overrides;
pub mod pack;
pub mod pairs;
pub mod preview;
pub mod progress;
mod quiet;
mod recorder;
pub mod release;
pub mod run;
pub mod run_folder;
pub mod sampler;
pub mod siamese;
mod split;
mod supervised_contrastive;
mod svc2004;
pub mod synth;
mod synth_hand;
mod synth_letters;
mod synth_pen;

pub use contrastive::contrastive;
pub use logistic::logistic;
pub use supervised_contrastive::supervised_contrastive;
