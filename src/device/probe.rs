//! Asks the browser for a graphics adapter and a device before burn does.
//!
//! burn reports both failures with one message of its own; a page needs to tell "there is no adapter" from
//! "there is one, and it refuses". The device is given back at once.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::error::{Error, Result};

#[wasm_bindgen]
extern "C" {
    /// `navigator.gpu`, or anything that answers like it.
    pub type Gpu;
    #[wasm_bindgen(method, catch, js_name = requestAdapter)]
    fn request_adapter(this: &Gpu) -> std::result::Result<Promise, JsValue>;

    type Adapter;
    #[wasm_bindgen(method, catch, js_name = requestDevice)]
    fn request_device(this: &Adapter) -> std::result::Result<Promise, JsValue>;

    type GpuDevice;
    #[wasm_bindgen(method, catch)]
    fn destroy(this: &GpuDevice) -> std::result::Result<(), JsValue>;
}

/// `navigator.gpu` of the window or worker that this runs in.
///
/// # Errors
/// [`Error::NoAdapter`] if the browser has none.
pub fn navigator_gpu() -> Result<Gpu> {
    let navigator = member(&js_sys::global(), "navigator");
    let gpu = member(&navigator, "gpu");
    if gpu.is_object() {
        Ok(gpu.unchecked_into())
    } else {
        Err(Error::NoAdapter("this browser, or this page's origin, offers no WebGPU".into()))
    }
}

/// Requests an adapter and a device, and tells the adapter's name (empty if it has none).
///
/// # Errors
/// [`Error::NoAdapter`] or [`Error::DeviceRefused`].
pub async fn ask(gpu: &Gpu) -> Result<String> {
    let no_adapter = |reason: JsValue| Error::NoAdapter(text(&reason));
    let promise = gpu.request_adapter().map_err(no_adapter)?;
    let adapter = JsFuture::from(promise).await.map_err(no_adapter)?;
    if !adapter.is_object() {
        return Err(Error::NoAdapter("the browser found none that it allows".into()));
    }
    let info = member(&adapter, "info");
    let adapter: Adapter = adapter.unchecked_into();
    let refused = |reason: JsValue| Error::DeviceRefused(text(&reason));
    let promise = adapter.request_device().map_err(refused)?;
    let device = JsFuture::from(promise).await.map_err(refused)?;
    if !device.is_object() {
        return Err(Error::DeviceRefused("it answered without one".into()));
    }
    // a device that cannot be destroyed is the collector's
    let _ = device.unchecked_into::<GpuDevice>().destroy();
    Ok(name(&info))
}

/// The most telling of what a `GPUAdapterInfo` says.
fn name(info: &JsValue) -> String {
    let of = |key: &str| member(info, key).as_string().filter(|value| !value.is_empty());
    of("description")
        .or_else(|| of("device"))
        .or_else(|| match (of("vendor"), of("architecture")) {
            (Some(vendor), Some(architecture)) => Some(format!("{vendor} {architecture}")),
            (vendor, architecture) => vendor.or(architecture),
        })
        .unwrap_or_default()
}

/// `object.key`, undefined where there is no such thing.
fn member(object: &JsValue, key: &str) -> JsValue {
    if !object.is_object() {
        return JsValue::UNDEFINED;
    }
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// What a rejected promise says.
fn text(reason: &JsValue) -> String {
    let message = member(reason, "message").as_string().or_else(|| reason.as_string());
    message.filter(|message| !message.is_empty()).unwrap_or_else(|| "no reason given".into())
}
