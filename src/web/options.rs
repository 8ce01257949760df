//! The options of a check.

use js_sys::Object;
use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, Result};
use crate::verdict::Policy;

/// How to check.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default)]
pub struct CheckOptions {
    /// The share of skilled forgeries that may be accepted; if not given, 0.01 or the nearest rate that the
    /// model covers.
    #[tsify(optional)]
    far: Option<f64>,
    /// Whether to show where the questioned signature differs; false if not given.
    #[tsify(optional)]
    explain: Option<bool>,
}

/// The members of [`CheckOptions`].
const KNOWN: [&str; 2] = ["far", "explain"];

/// The policy that the options ask for; the default one for undefined and null.
pub fn policy(options: JsValue) -> Result<Policy> {
    if options.is_undefined() || options.is_null() {
        return Ok(Policy::default());
    }
    let wrong = |what: &str| Error::InvalidOption(what.into());
    let object: &Object = options.dyn_ref().ok_or_else(|| wrong("the options are not an object"))?;
    // serde reads the members that it knows and does not see others
    if let Some(name) = Object::keys(object).iter().find(|key| !KNOWN.iter().any(|known| key == known)) {
        return Err(wrong(&format!("there is no option {}", name.as_string().unwrap_or_default())));
    }
    let options: CheckOptions =
        serde_wasm_bindgen::from_value(options).map_err(|error| wrong(&error.to_string()))?;
    Ok(Policy { far: options.far, explain: options.explain.unwrap_or_default() })
}
