//! The contract with JavaScript: what comes back for good input, and the error code for every bad one.

use countersign::device::Backend;
use countersign::template::Template;
use countersign::web::Checker;
use js_sys::{Array, Error, JSON, Object, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::common::{TINY, drawing, drawn};

async fn load() -> Checker {
    Checker::load(TINY.manifest.into(), TINY.weights.to_vec(), TINY.golden.into()).await.expect("a checker")
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).expect("an object")
}

/// An object with these members.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in members {
        Reflect::set(&object, &(*key).into(), value).expect("a fresh object");
    }
    object.into()
}

fn strokes(shift: f32) -> JsValue {
    let strokes = serde_wasm_bindgen::to_value(&drawn(shift)).expect("strokes");
    object(&[("kind", "strokes".into()), ("strokes", strokes)])
}

fn file(bytes: &[u8]) -> JsValue {
    object(&[("kind", "file".into()), ("bytes", Uint8Array::from(bytes).into())])
}

fn rgba(width: u32, height: u32, data: &[u8]) -> JsValue {
    let data = Uint8ClampedArray::new_from_slice(data);
    object(&[
        ("kind", "rgba".into()),
        ("width", width.into()),
        ("height", height.into()),
        ("data", data.into()),
    ])
}

/// A PNG of white paper with one black square.
fn png(side: u32, square: u32) -> Vec<u8> {
    let mut picture = image::GrayImage::from_pixel(side, side, image::Luma([255]));
    for (x, y) in (0..square).flat_map(|x| (0..square).map(move |y| (x, y))) {
        picture.put_pixel(side / 2 + x, side / 2 + y, image::Luma([0]));
    }
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

/// The code of an error, which must be an `Error` with a sentence.
fn code<T>(result: Result<T, JsValue>) -> String {
    let Err(thrown) = result else { panic!("no error") };
    let error: &Error = thrown.dyn_ref().expect("an Error");
    assert!(String::from(error.message()).len() > 20, "{:?}", error.message());
    get(&thrown, "code").as_string().expect("a code")
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

async fn enrolled(checker: &Checker) -> JsValue {
    checker.enrol(vec![strokes(0.0), strokes(0.3)]).await.expect("a template").into()
}

#[wasm_bindgen_test]
async fn a_template_tells_its_model_and_count() {
    let checker = load().await;
    let info = checker.inspect(enrolled(&checker).await).expect("a template");
    assert_eq!(get(&info, "model").as_string(), Some(checker.model()));
    assert_eq!(get(&info, "references").as_f64(), Some(2.0));
    assert_eq!(code(checker.inspect(bytes(&[7; 40]))), "invalid-template");
}

#[wasm_bindgen_test]
async fn a_verdict_has_its_parts() {
    let checker = load().await;
    assert_eq!(checker.backend(), Backend::BUILT.to_string());
    let template = enrolled(&checker).await;
    let options = object(&[("far", 0.05.into()), ("explain", true.into())]);
    let verdict = checker.check(template.clone(), strokes(0.5), options).await.expect("a verdict");
    let decision = get(&verdict, "decision").as_string().expect("a string");
    assert!(["match", "mismatch", "unsure"].contains(&decision.as_str()), "{decision}");
    let score = get(&verdict, "score").as_f64().expect("a number");
    assert!((0.0..=1.0).contains(&score));
    assert!(get(&verdict, "llr").as_f64().expect("a number").is_finite());
    assert_eq!(get(&verdict, "far").as_f64(), Some(0.05));
    let references = Array::from(&get(&verdict, "references"));
    assert_eq!(references.length(), 2);
    assert!(get(&references.get(0), "score").as_f64().is_some());
    assert!(Array::is_array(&get(&verdict, "quality")));
    let reason = Array::from(&get(&verdict, "reasons")).get(0);
    assert!(get(&reason, "code").is_string() && get(&reason, "message").is_string());
    assert!(get(&verdict, "model").as_string().expect("a string").starts_with("tiny@"));
    assert_eq!(get(&verdict, "backend").as_string(), Some(checker.backend()));
    let map = get(&verdict, "heatmap");
    let (width, height) =
        (get(&map, "width").as_f64().expect("12"), get(&map, "height").as_f64().expect("6"));
    assert_eq!(f64::from(Array::from(&get(&map, "values")).length()), width * height);
    assert_eq!(
        get(&get(&map, "frame"), "density").dyn_into::<Uint8Array>().expect("bytes").length(),
        96 * 48
    );

    let plain = checker.check(template, strokes(0.5), JsValue::UNDEFINED).await.expect("a verdict");
    assert!(get(&plain, "heatmap").is_undefined());
    assert_eq!(get(&plain, "far").as_f64(), Some(0.01));
    assert_eq!(get(&plain, "score").as_f64(), Some(score));
}

#[wasm_bindgen_test]
async fn stages_are_pictures_of_the_page_the_ink_and_the_frame() {
    let checker = load().await;
    let stages = checker.stages(strokes(0.0)).await.expect("stages");
    let number = |object: &JsValue, key: &str| get(object, key).as_f64().expect("a number");
    let frame = get(&stages, "frame");
    assert_eq!((number(&frame, "width"), number(&frame, "height")), (96.0, 48.0));
    let density: Uint8Array = get(&frame, "density").dyn_into().expect("bytes");
    assert_eq!(density.length(), 96 * 48);
    assert!(density.to_vec().iter().any(|density| *density > 200), "no ink");
    assert!(get(&stages, "page").is_object());
    // nothing on it
    assert_eq!(code(checker.stages(rgba(40, 20, &[255; 40 * 20 * 4])).await), "blank-page");
}

#[wasm_bindgen_test]
async fn candidates_are_ranked() {
    let checker = load().await;
    let template = async |shift: f32| checker.enrol(vec![strokes(shift)]).await.expect("a template");
    let templates: Vec<JsValue> =
        vec![template(0.0).await.into(), template(2.0).await.into(), template(4.0).await.into()];
    let options = object(&[("top", 2.into())]);
    let found = checker.identify(templates.clone(), strokes(0.1), options).await.expect("an identification");
    assert_eq!(get(&found, "people").as_f64(), Some(3.0));
    let candidates = Array::from(&get(&found, "candidates"));
    assert_eq!(candidates.length(), 2);
    for candidate in candidates.iter() {
        let index = get(&candidate, "index").as_f64().expect("a number") as usize;
        let alone = checker.check(templates[index].clone(), strokes(0.1), JsValue::UNDEFINED).await;
        let alone = get(&alone.expect("a verdict"), "llr").as_f64().expect("a number");
        let llr = get(&candidate, "llr").as_f64().expect("a number");
        assert!((llr - alone).abs() < 1e-4, "{llr} {alone}");
        // nothing limits this model's evidence, which is a line
        let open_llr = get(&candidate, "open_llr").as_f64().expect("a number");
        assert!((open_llr - llr).abs() < 1e-4, "{open_llr} {llr}");
        assert!(get(&candidate, "accepted").is_undefined());
    }

    let fpir = || object(&[("fpir", 0.1.into())]);
    assert_eq!(code(checker.identify(templates.clone(), strokes(0.1), fpir()).await), "no-impostors");
    let table = r#""calibration": { "impostors": [{ "references": 1, "quantiles": [{ "rate": 0.5, "llr": 9999.0 }] }],"#;
    let strict = TINY.manifest.replace("\"calibration\": {", table);
    let strict = Checker::load(strict, TINY.weights.to_vec(), TINY.golden.into()).await.expect("a checker");
    let found = strict.identify(templates.clone(), strokes(0.1), fpir()).await.expect("an identification");
    let first = Array::from(&get(&found, "candidates")).get(0);
    assert_eq!(get(&first, "accepted").as_bool(), Some(false));

    let none = JsValue::UNDEFINED;
    assert_eq!(code(checker.identify(Vec::new(), strokes(0.1), none.clone()).await), "gallery-size");
    let same = vec![templates[0].clone(), templates[0].clone()];
    assert_eq!(code(checker.identify(same, strokes(0.1), none.clone()).await), "same-reference");
    for damaged in [bytes(&[0; 40]), JsValue::UNDEFINED, JsValue::NULL, "a template".into()] {
        let damaged = vec![templates[0].clone(), damaged];
        assert_eq!(code(checker.identify(damaged, strokes(0.1), none.clone()).await), "invalid-template");
    }
    let unknown = object(&[("explain", true.into())]);
    assert_eq!(code(checker.identify(templates, strokes(0.1), unknown).await), "invalid-option");
}

#[wasm_bindgen_test]
async fn every_kind_of_input_is_read() {
    let checker = load().await;
    let page = drawing(0.0);
    let picture = image::GrayImage::from_raw(page.width, page.height, page.grey.clone()).expect("a picture");
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
    let pixels: Vec<u8> = page.grey.iter().flat_map(|&grey| [grey, grey, grey, 255]).collect();
    let template = enrolled(&checker).await;
    let mut answers = Vec::new();
    for input in [strokes(0.0), file(&bytes.into_inner()), rgba(page.width, page.height, &pixels)] {
        let verdict = checker.check(template.clone(), input, JsValue::NULL).await.expect("a verdict");
        answers.push(get(&verdict, "llr").as_f64().expect("a number"));
    }
    // the same page three times
    assert!(answers.iter().all(|llr| (llr - answers[0]).abs() < 1e-6), "{answers:?}");
}

#[wasm_bindgen_test]
async fn bad_pictures() {
    let checker = load().await;
    let template = enrolled(&checker).await;
    let whole = png(300, 60);
    let white = [255u8; 4 * 64 * 64];
    let cases = [
        ("not-an-image", file(b"hello, this is no image at all")),
        ("not-an-image", file(&[])),
        ("damaged-image", file(&whole[..whole.len() / 2])),
        ("blank-page", file(&png(300, 0))),
        ("too-little-ink", file(&png(300, 2))),
        ("empty-image", rgba(0, 10, &[])),
        ("damaged-image", rgba(10, 10, &[0; 17])),
        ("image-too-large", rgba(10_000, 10_000, &[])),
        ("blank-page", rgba(64, 64, &white)),
        ("invalid-strokes", object(&[("kind", "strokes".into()), ("strokes", Array::new().into())])),
        ("invalid-strokes", object(&[("kind", "strokes".into()), ("strokes", "none".into())])),
        ("invalid-option", object(&[("kind", "file".into()), ("bytes", "text".into())])),
        ("invalid-option", object(&[("kind", "photo".into())])),
        ("invalid-option", object(&[("kind", "rgba".into()), ("width", (-1).into())])),
        ("invalid-option", JsValue::NULL),
        ("invalid-option", "signature.png".into()),
    ];
    for (index, (expected, input)) in cases.into_iter().enumerate() {
        let questioned = code(checker.check(template.clone(), input.clone(), JsValue::UNDEFINED).await);
        assert_eq!(questioned, expected, "{index}");
        // as a reference it has the same code
        assert_eq!(code(checker.enrol(vec![strokes(0.0), input]).await), expected, "{index}");
    }
}

#[wasm_bindgen_test]
async fn too_few_and_too_many_references() {
    let checker = load().await;
    assert_eq!(code(checker.enrol(Vec::new()).await), "reference-count");
    // counted before any of them is looked at
    assert_eq!(code(checker.enrol(vec![JsValue::NULL; 11]).await), "reference-count");
    assert_eq!(code(checker.enrol(vec![strokes(0.0); 11]).await), "reference-count");
}

#[wasm_bindgen_test]
async fn templates_that_are_none() {
    let checker = load().await;
    let good = Uint8Array::from(enrolled(&checker).await).to_vec();
    let mut damaged = good.clone();
    damaged[200] ^= 1;
    for template in [&[][..], &[7; 500], &good[..good.len() - 1], &damaged, &vec![7; 9_000_000]] {
        let answer = checker.check(bytes(template), strokes(0.0), JsValue::UNDEFINED).await;
        assert_eq!(code(answer), "invalid-template");
    }
    for template in [JsValue::NULL, JsValue::UNDEFINED, 7.into(), Array::new().into()] {
        assert_eq!(code(checker.inspect(template.clone())), "invalid-template");
        assert_eq!(code(checker.check(template, strokes(0.0), JsValue::UNDEFINED).await), "invalid-template");
    }
    let mut other = Template::from_bytes(&good).expect("a template");
    other.model = "0123456789abcdef".into();
    let other = bytes(&other.to_bytes().expect("bytes"));
    assert_eq!(code(checker.check(other, strokes(0.0), JsValue::UNDEFINED).await), "template-model");
}

#[wasm_bindgen_test]
async fn options_that_are_none() {
    let checker = load().await;
    let template = enrolled(&checker).await;
    for options in [
        object(&[("far", "low".into())]),
        object(&[("far", 0.9.into())]),
        object(&[("far", f64::NAN.into())]),
        object(&[("far", 0.0.into())]),
        object(&[("fra", 0.01.into())]),
        "fast".into(),
    ] {
        let text = JSON::stringify(&options);
        assert_eq!(
            code(checker.check(template.clone(), strokes(0.0), options).await),
            "invalid-option",
            "{text:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn files_that_are_no_model() {
    let load = async |manifest: &str, weights: &[u8], golden: &str| {
        code(Checker::load(manifest.into(), weights.to_vec(), golden.into()).await)
    };
    assert_eq!(load("<!doctype html>", TINY.weights, TINY.golden).await, "invalid-manifest");
    assert_eq!(load(TINY.manifest, TINY.weights, "[]").await, "invalid-manifest");
    assert_eq!(load(TINY.manifest, &TINY.weights[1..], TINY.golden).await, "weights-hash");
    let mut changed = TINY.weights.to_vec();
    changed[3000] ^= 1;
    assert_eq!(load(TINY.manifest, &changed, TINY.golden).await, "weights-hash");
    // weights of another network, rightly described
    let wider = TINY.manifest.replace("\"width\": 8", "\"width\": 9");
    assert_ne!(wider, TINY.manifest);
    assert_eq!(load(&wider, TINY.weights, TINY.golden).await, "weights-shape");
    // a device that computes something else: its first known score is another
    let mut golden: serde_json::Value = serde_json::from_str(TINY.golden).expect("JSON");
    golden["scores"][0] = 99.0.into();
    assert_eq!(load(TINY.manifest, TINY.weights, &golden.to_string()).await, "self-test");
}

#[cfg(feature = "gpu")]
mod adapters {
    use super::*;
    use countersign::device::probe::{self, Gpu};

    async fn answer(script: &str) -> Result<String, JsValue> {
        let gpu: Gpu = js_sys::eval(script).expect("a script").unchecked_into();
        Ok(probe::ask(&gpu).await?)
    }

    #[wasm_bindgen_test]
    async fn none_answers() {
        for script in [
            "({ requestAdapter: async () => null })",
            "({ requestAdapter: async () => { throw new Error('blocked by policy') } })",
            "({ requestAdapter() { throw 'gone' } })",
            "({})",
        ] {
            assert_eq!(code(answer(script).await), "no-adapter", "{script}");
        }
    }

    #[wasm_bindgen_test]
    async fn one_answers_and_refuses() {
        for script in [
            "({ requestAdapter: async () => ({ requestDevice: async () => { throw new Error('out of memory') } }) })",
            "({ requestAdapter: async () => ({ requestDevice: async () => null }) })",
            "({ requestAdapter: async () => ({}) })",
        ] {
            assert_eq!(code(answer(script).await), "device-refused", "{script}");
        }
    }

    #[wasm_bindgen_test]
    async fn one_answers_and_serves() {
        let script =
            "({ requestAdapter: async () => ({ info: { vendor: 'acme', architecture: 'g1', description: '' },
            requestDevice: async () => ({ destroy() {} }) }) })";
        assert_eq!(answer(script).await.expect("a name"), "acme g1");
        // and the browser's own, which the other tests run on
        let gpu = probe::navigator_gpu().expect("WebGPU");
        assert!(probe::ask(&gpu).await.is_ok());
    }
}
