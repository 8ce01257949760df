//! The checker as JavaScript sees it.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::template::TemplateInfo;
use super::{input, options};
use crate::checker::Checker as Inner;
use crate::device::{self, Backend};
use crate::error::{Error, Result};
use crate::ink::Page;
use crate::template::{MOST_REFERENCES, Template};

/// A loaded model, on the device that this module was built for.
#[wasm_bindgen]
pub struct Checker {
    inner: Inner,
}

#[wasm_bindgen]
impl Checker {
    /// Opens the device, loads the model from the content of its three files, and tests the device.
    ///
    /// Rejects with an Error whose `code` says why.
    pub async fn load(
        manifest: String,
        weights: Vec<u8>,
        golden: String,
    ) -> std::result::Result<Checker, JsValue> {
        device::check_sound()?;
        let opened = device::open(Backend::BUILT).await?;
        Ok(Self { inner: Inner::load(&manifest, weights, &golden, opened).await? })
    }

    /// Keeps 1 to 10 genuine signatures of a writer, as bytes for the page to store.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array")]
    pub async fn enrol(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Input[]")] inputs: Vec<JsValue>,
    ) -> std::result::Result<js_sys::Uint8Array, JsValue> {
        device::check_sound()?;
        // before anything is decoded
        if !(1..=MOST_REFERENCES).contains(&inputs.len()) {
            let given = inputs.len();
            return Err(Error::ReferenceCount { given, least: 1, most: MOST_REFERENCES }.into());
        }
        let pages = inputs.into_iter().enumerate().map(|(index, value)| {
            input::page(value).map_err(|error| Error::Reference { index: index + 1, source: Box::new(error) })
        });
        let pages = pages.collect::<Result<Vec<Page>>>()?;
        let template = self.inner.enrol(&pages).await?.to_bytes()?;
        Ok(js_sys::Uint8Array::from(template.as_slice()))
    }

    /// Compares a questioned signature with enrolled ones.
    #[wasm_bindgen(unchecked_return_type = "Verdict")]
    pub async fn check(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] template: JsValue,
        #[wasm_bindgen(unchecked_param_type = "Input")] questioned: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CheckOptions")] options: JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        device::check_sound()?;
        let policy = options::policy(options)?;
        let template = input::template(&template)?;
        let page = input::page(questioned)?;
        let verdict = self.inner.check(&template, &page, &policy).await?;
        Ok(verdict.serialize(&serde_wasm_bindgen::Serializer::new())?)
    }

    /// Whose signature is it? The likeliest of the templates' writers first.
    #[wasm_bindgen(unchecked_return_type = "Identification")]
    pub async fn identify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array[]")] templates: Vec<JsValue>,
        #[wasm_bindgen(unchecked_param_type = "Input")] questioned: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "IdentifyOptions")] options: JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        device::check_sound()?;
        let search = options::search(options)?;
        // before anything is copied
        search.check(templates.len())?;
        let templates = templates.iter().enumerate().map(|(index, template)| {
            input::template(template).map_err(|error| Error::of_template(index, error))
        });
        let templates = templates.collect::<Result<Vec<Template>>>()?;
        let page = input::page(questioned)?;
        let found = self.inner.identify(&templates, &page, &search).await?;
        Ok(found.serialize(&serde_wasm_bindgen::Serializer::new())?)
    }

    /// A signature as it looks at each stage on its way to a comparison.
    #[wasm_bindgen(unchecked_return_type = "Stages")]
    pub async fn stages(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Input")] input: JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        device::check_sound()?;
        let stages = self.inner.stages(&input::page(input)?).await?;
        Ok(stages.serialize(&serde_wasm_bindgen::Serializer::new())?)
    }

    /// What a template holds, without comparing anything; one of another model is told, not refused.
    #[wasm_bindgen(unchecked_return_type = "TemplateInfo")]
    pub fn inspect(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] template: JsValue,
    ) -> std::result::Result<JsValue, JsValue> {
        let info = TemplateInfo::of(&input::template(&template)?);
        Ok(info.serialize(&serde_wasm_bindgen::Serializer::new())?)
    }

    /// What templates name the loaded model by.
    #[wasm_bindgen(getter)]
    pub fn model(&self) -> String {
        self.inner.manifest().id().into()
    }

    /// `"cpu"` or `"webgpu"`.
    #[wasm_bindgen(getter, unchecked_return_type = "Backend")]
    pub fn backend(&self) -> String {
        self.inner.backend().to_string()
    }

    /// What the graphics adapter calls itself; empty on the CPU.
    #[wasm_bindgen(getter)]
    pub fn adapter(&self) -> String {
        self.inner.adapter().into()
    }
}
