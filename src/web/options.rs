//! The options of a check.

use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::error::{Error, Result};
use crate::verdict::Policy;

/// How to check.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default, deny_unknown_fields)]
pub struct CheckOptions {
    /// The share of skilled forgeries that may be accepted; 0.01 if not given.
    #[tsify(optional)]
    far: Option<f64>,
    /// Whether to show where the questioned signature differs; false if not given.
    #[tsify(optional)]
    explain: Option<bool>,
}

/// The policy that the options ask for; the default one for undefined and null.
pub fn policy(options: JsValue) -> Result<Policy> {
    let default = Policy::default();
    if options.is_undefined() || options.is_null() {
        return Ok(default);
    }
    let options: CheckOptions =
        serde_wasm_bindgen::from_value(options).map_err(|error| Error::InvalidOption(error.to_string()))?;
    Ok(Policy {
        far: options.far.unwrap_or(default.far),
        explain: options.explain.unwrap_or(default.explain),
    })
}
