//! A signature as JavaScript hands it in.

use js_sys::{Reflect, Uint8Array, Uint8ClampedArray};
use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::ink::{Page, decode, strokes};

#[wasm_bindgen(typescript_custom_section)]
const INPUT: &str = "/** A signature: the bytes of an image file, the pixels of a canvas, or pen strokes. */
export type Input = FileInput | RgbaInput | StrokesInput;";

/// An image file: PNG, JPEG, WebP, BMP, TIFF or GIF.
#[derive(Deserialize, Tsify)]
pub struct FileInput {
    #[serde(rename = "kind")]
    #[tsify(type = "\"file\"")]
    _kind: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array")]
    bytes: JsValue,
}

/// Pixels as `ImageData` holds them.
#[derive(Deserialize, Tsify)]
pub struct RgbaInput {
    #[serde(rename = "kind")]
    #[tsify(type = "\"rgba\"")]
    _kind: String,
    width: u32,
    height: u32,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array | Uint8ClampedArray")]
    data: JsValue,
}

/// Pen strokes in any unit, y downwards; time and pressure may be left out.
#[derive(Deserialize, Tsify)]
pub struct StrokesInput {
    #[serde(rename = "kind")]
    #[tsify(type = "\"strokes\"")]
    _kind: String,
    #[tsify(type = "{ x: number; y: number; t?: number; pressure?: number }[][]")]
    strokes: Vec<strokes::Stroke>,
}

/// The page that an input shows.
///
/// # Errors
/// [`Error::InvalidOption`] if it is not an input, else whatever is wrong with its content.
pub fn page(input: JsValue) -> Result<Page> {
    if !input.is_object() {
        return Err(Error::InvalidOption("an input is not an object with a kind".into()));
    }
    let kind = Reflect::get(&input, &"kind".into()).ok().and_then(|kind| kind.as_string());
    match kind.as_deref() {
        Some("file") => {
            let file: FileInput = parse(input)?;
            decode::file(&bytes(&file.bytes)?)
        }
        Some("rgba") => {
            let rgba: RgbaInput = parse(input)?;
            decode::rgba(rgba.width, rgba.height, &bytes(&rgba.data)?)
        }
        Some("strokes") => {
            let drawn: StrokesInput =
                parse(input).map_err(|error| Error::InvalidStrokes(error.to_string()))?;
            strokes::page(&drawn.strokes)
        }
        _ => Err(Error::InvalidOption("an input's kind is none of file, rgba and strokes".into())),
    }
}

fn parse<T: serde::de::DeserializeOwned>(input: JsValue) -> Result<T> {
    serde_wasm_bindgen::from_value(input).map_err(|error| Error::InvalidOption(format!("an input: {error}")))
}

/// A copy of a byte array.
fn bytes(array: &JsValue) -> Result<Vec<u8>> {
    if let Some(array) = array.dyn_ref::<Uint8Array>() {
        return Ok(array.to_vec());
    }
    if let Some(array) = array.dyn_ref::<Uint8ClampedArray>() {
        return Ok(array.to_vec());
    }
    Err(Error::InvalidOption("an input's bytes are neither a Uint8Array nor a Uint8ClampedArray".into()))
}
