//! The options of a check and of an identification.

use js_sys::Object;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tsify::Tsify;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, Result};
use crate::identify::Search;
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

/// How to identify.
#[derive(Debug, Default, Deserialize, Tsify)]
#[serde(default)]
pub struct IdentifyOptions {
    /// As of a check, for each candidate's decision.
    #[tsify(optional)]
    far: Option<f64>,
    /// So many candidates at most; all if not given.
    #[tsify(optional)]
    top: Option<usize>,
    /// The share of searches for people who are not there that may accept somebody, above 0 and at most 0.5. If not
    /// given, candidates are ranked and nothing else, which takes two templates at least.
    #[tsify(optional)]
    fpir: Option<f64>,
}

/// The policy that [`CheckOptions`] ask for; the default one for undefined and null.
pub fn policy(options: JsValue) -> Result<Policy> {
    let CheckOptions { far, explain } = parse(options, &["far", "explain"])?;
    Ok(Policy { far, explain: explain.unwrap_or_default() })
}

/// The search that [`IdentifyOptions`] ask for; the default one for undefined and null.
pub fn search(options: JsValue) -> Result<Search> {
    let IdentifyOptions { far, top, fpir } = parse(options, &["far", "top", "fpir"])?;
    Ok(Search { top, fpir, far })
}

/// Options with the members `known`.
fn parse<T: DeserializeOwned + Default>(options: JsValue, known: &[&str]) -> Result<T> {
    if options.is_undefined() || options.is_null() {
        return Ok(T::default());
    }
    let wrong = |what: &str| Error::InvalidOption(what.into());
    let object: &Object = options.dyn_ref().ok_or_else(|| wrong("the options are not an object"))?;
    // serde reads the members that it knows and does not see others
    if let Some(name) = Object::keys(object).iter().find(|key| !known.iter().any(|known| key == known)) {
        return Err(wrong(&format!("there is no option {}", name.as_string().unwrap_or_default())));
    }
    serde_wasm_bindgen::from_value(options).map_err(|error| wrong(&error.to_string()))
}
