//! Native integration tests, one module a stage; `browser.rs` is what also runs in browsers.
#![cfg(all(feature = "train", not(target_family = "wasm")))]

mod common;

#[path = "stages/check.rs"]
mod check;
#[path = "stages/evaluate.rs"]
mod evaluate;
#[path = "stages/examples.rs"]
mod examples;
#[path = "stages/explanation.rs"]
mod explanation;
#[path = "stages/export.rs"]
mod export;
#[path = "stages/models.rs"]
mod models;
#[path = "stages/signet.rs"]
mod signet;
#[path = "stages/submission.rs"]
mod submission;
#[path = "stages/training/mod.rs"]
mod training;
