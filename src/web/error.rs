//! Errors as JavaScript sees them: an `Error` with the message and a string property `code`.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::error::Error;

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let thrown = js_sys::Error::new(&error.to_string());
        thrown.set_name("CountersignError");
        // a fresh object takes any property
        if Reflect::set(&thrown, &"code".into(), &error.code().into()).is_err() {
            web_sys::console::warn_1(&thrown);
        }
        thrown.into()
    }
}
