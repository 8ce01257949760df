//! What JavaScript sees of this crate; no logic, one file per exposed type.

mod checker;
mod error;
mod input;
mod options;
mod template;

use wasm_bindgen::prelude::*;

pub use checker::Checker;

/// Runs once when the module is loaded: a panic is printed to the console, and no result is given after it.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        crate::device::mark_unsound();
        console_error_panic_hook::hook(info);
    }));
}
