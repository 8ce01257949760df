//! Countersign: a signature check that runs inside the browser.
//!
//! The same pipeline, from bytes to verdict, runs natively (train, evaluate, check) and in the browser
//! (WebGPU, else CPU); only the outermost layer differs. Files are meant to be read in this order:
//!
//! ```text
//! bytes of an image file | RGBA of a canvas | pen strokes
//!   ink          -> grey page -> cleaned ink -> frame [1, H, W]; quality reasons before any network runs
//!   model        encoder: frames [B, 1, H, W] -> Features { embedding [B, D], map [B, C, h, w] };
//!                pair head: questioned x reference -> raw score
//!   turn         which way a questioned signature leans;  comparer: its raw scores, as it is and turned upright
//!   consistency  whether the references are of one hand, before they become a template
//!   template     the references' features + model id, as versioned bytes
//!   fusion       K raw scores -> one
//!   calibration  raw score -> log-likelihood ratio (natural logarithm)
//!   verdict      log-likelihood ratio + policy -> match | mismatch | unsure
//! identify     one questioned signature against many templates -> ranked candidates, or none of these
//! checker        the facade over all of it: load, enrol, check, identify;  gallery: people in a folder
//! weights        manifest and weights file -> checked model;  device: where it runs
//! submission     what a form was sent, checked again on a server
//! web            what JavaScript sees;  train, evaluate: native programs (feature `train`)
//! ```

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod calibration;
pub mod checker;
pub mod comparer;
pub mod consistency;
pub mod device;
pub mod error;
pub mod fusion;
pub mod golden;
pub mod identify;
pub mod ink;
pub mod manifest;
pub mod model;
pub mod template;
pub mod tensors;
pub mod turn;
pub mod verdict;
pub mod weights;

#[cfg(all(feature = "cpu", not(target_family = "wasm")))]
pub mod export;
#[cfg(all(feature = "cpu", not(target_family = "wasm")))]
pub mod gallery;

#[cfg(not(target_family = "wasm"))]
pub mod files;
#[cfg(not(target_family = "wasm"))]
pub mod submission;

#[cfg(target_family = "wasm")]
pub mod web;

#[cfg(all(feature = "train", not(target_family = "wasm")))]
pub mod evaluate;
#[cfg(all(feature = "train", not(target_family = "wasm")))]
pub mod train;

pub use error::{Error, Result};
