//! What runs in headless browsers, the parity tests natively too. One program: linking one for a browser takes
//! minutes.

mod common;

#[path = "browser/parity.rs"]
mod parity;
#[cfg(target_family = "wasm")]
#[path = "browser/web.rs"]
mod web;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
