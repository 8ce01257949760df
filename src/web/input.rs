//! A signature as JavaScript hands it in.

use js_sys::{Reflect, Uint8Array, Uint8ClampedArray};
use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::ink::{Page, decode, strokes};
use crate::template::{self, Template};

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
            decode::file(&bytes(&file.bytes, decode::MAX_BYTES)?)
        }
        Some("rgba") => {
            let rgba: RgbaInput = parse(input)?;
            decode::rgba(rgba.width, rgba.height, &bytes(&rgba.data, 4 * decode::MAX_PIXELS as usize)?)
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

/// A template from outside.
///
/// # Errors
/// [`Error::InvalidTemplate`].
pub fn template(bytes: &JsValue) -> Result<Template> {
    let Some(bytes) = bytes.dyn_ref::<Uint8Array>() else {
        return Err(Error::InvalidTemplate("it is not a Uint8Array".into()));
    };
    // before anything is copied
    if bytes.length() as usize > template::MOST_BYTES {
        return Err(Error::InvalidTemplate(format!("it has {} bytes", bytes.length())));
    }
    Template::from_bytes(&bytes.to_vec())
}

/// A copy of a byte array of at most so many bytes.
fn bytes(array: &JsValue, most: usize) -> Result<Vec<u8>> {
    let copy = |length: u32, copy: &dyn Fn() -> Vec<u8>| {
        if length as usize > most {
            let (what, limit) = (format!("{length} bytes"), format!("{most} bytes"));
            return Err(Error::ImageTooLarge { what, limit });
        }
        Ok(copy())
    };
    if let Some(array) = array.dyn_ref::<Uint8Array>() {
        return copy(array.length(), &|| array.to_vec());
    }
    if let Some(array) = array.dyn_ref::<Uint8ClampedArray>() {
        return copy(array.length(), &|| array.to_vec());
    }
    Err(Error::InvalidOption("an input's bytes are neither a Uint8Array nor a Uint8ClampedArray".into()))
}
