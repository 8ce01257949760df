//! Native integration tests, one module a stage; `parity.rs` and `web.rs` also run in browsers.
#![cfg(all(feature = "train", not(target_family = "wasm")))]

#[path = "stages/examples.rs"]
mod examples;
#[path = "stages/export.rs"]
mod export;
#[path = "stages/signet.rs"]
mod signet;
#[path = "stages/training.rs"]
mod training;
