//! Native training: a data folder or the synthetic corpus in, a checked model out.

pub mod attend;
pub mod augment;
pub mod config;
mod contrastive;
pub mod corpus;
pub mod fast;
#[cfg(test)]
mod gradient_check;
mod layouts;
mod logistic;
mod metric;
pub mod pairs;
pub mod preview;
pub mod progress;
pub mod release;
pub mod run;
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
