use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::device::Backend;

fn parse(value: &Value) -> Result<Submission> {
    Submission::parse(&serde_json::to_vec(value).unwrap())
}

fn refusal(value: &Value) -> String {
    let error = parse(value).unwrap_err();
    assert_eq!(error.code(), "invalid-submission", "{error}");
    error.to_string()
}

fn strokes(strokes: &Value) -> Value {
    json!({
        "signature": { "kind": "strokes", "strokes": strokes },
        "verdict": { "decision": "match", "llr": 5.5, "score": 0.99, "far": 0.01, "reasons": [], "model": "m@1" },
        "model": "m@1", "time": "2026-01-01T00:00:00.000Z", "skipped": false,
    })
}

#[test]
fn strokes_a_picture_or_a_name() {
    let drawn =
        parse(&strokes(&json!([[{ "x": 1, "y": 2.5, "t": 3, "pressure": 0.5 }, { "x": 4, "y": 5 }], []])));
    let Submission { signature: Signature::Strokes(drawn), claim: Some(claim) } = drawn.unwrap() else {
        panic!("no strokes")
    };
    assert_eq!((drawn.len(), drawn[0].len(), drawn[0][0].y, drawn[0][1].pressure), (1, 2, 2.5, 0.0));
    assert_eq!((claim.decision, claim.llr, claim.model.as_str()), (Decision::Match, 5.5, "m@1"));

    let picture =
        json!({ "signature": { "kind": "image", "type": "image/png", "data": "iVBORw==" }, "verdict": null });
    let picture = parse(&picture).unwrap();
    assert_eq!(picture, Submission { signature: Signature::Image(b"\x89PNG".to_vec()), claim: None });

    let typed = json!({ "signature": { "kind": "typed", "name": " Ada Lovelace " }, "verdict": null, "skipped": true });
    assert_eq!(parse(&typed).unwrap().signature, Signature::Typed("Ada Lovelace".into()));
}

#[test]
fn what_no_field_sends_is_refused_with_the_reason() {
    let given = |signature: Value| refusal(&json!({ "signature": signature, "verdict": null }));
    assert!(refusal(&json!([])).contains("FieldValue"));
    assert!(refusal(&json!({})).contains("signature"));
    assert!(given(json!({ "kind": "voice" })).contains("voice"));
    assert!(given(json!({ "kind": "strokes", "data": "" })).contains("holds none"));
    assert!(given(json!({ "kind": "strokes", "strokes": [[{ "x": null, "y": 0 }]] })).contains("null"));
    assert!(given(json!({ "kind": "strokes", "strokes": [[{ "x": 1 }]] })).contains("y"));
    assert!(given(json!({ "kind": "image", "data": "no base64!" })).contains("its picture"));
    assert!(given(json!({ "kind": "typed", "name": "  " })).contains("0 characters"));
    assert!(given(json!({ "kind": "typed", "name": "x".repeat(MOST_NAME + 1) })).contains("201 characters"));
    let mut claimed = strokes(&json!([]));
    claimed["verdict"]["decision"] = json!("certainly");
    assert!(refusal(&claimed).contains("certainly"));
    claimed["verdict"] =
        json!({ "decision": "match", "llr": 1.0, "far": 0.1, "model": "m".repeat(MOST_MODEL + 1) });
    assert!(refusal(&claimed).contains("model"));
    let error = Submission::parse(&vec![b' '; MOST_BYTES + 1]).unwrap_err();
    assert_eq!(error.code(), "invalid-submission");
}

#[test]
fn points_are_counted_while_they_are_read() {
    let strokes = |strokes: usize, points: usize| {
        let stroke = format!("[{}]", vec![r#"{"x":0,"y":0}"#; points].join(","));
        let list = vec![stroke; strokes].join(",");
        format!(r#"{{"signature":{{"kind":"strokes","strokes":[{list}]}},"verdict":null}}"#)
    };
    assert!(Submission::parse(strokes(256, MAX_POINTS / 256).as_bytes()).is_ok());
    let error = Submission::parse(strokes(257, MAX_POINTS / 256).as_bytes()).unwrap_err();
    assert!(error.to_string().contains("more than 65536 points"), "{error}");
    // strokes without points take no room
    let Signature::Strokes(none) = Submission::parse(strokes(2_000_000, 0).as_bytes()).unwrap().signature
    else {
        panic!("no strokes")
    };
    assert!(none.is_empty());
}

#[test]
fn a_claim_is_compared_with_the_verdict() {
    let verdict = Verdict {
        decision: Decision::Unsure,
        llr: -2.0,
        open_llr: -2.0,
        score: 0.1,
        far: 0.01,
        reasons: Vec::new(),
        references: Vec::new(),
        quality: Vec::new(),
        heatmap: None,
        model: "m@1".into(),
        backend: Backend::Cpu,
    };
    let of = |change: fn(&mut Claim)| {
        let mut claim = Claim { decision: Decision::Unsure, llr: -2.039, far: 0.01, model: "m@1".into() };
        change(&mut claim);
        Agreement::of(Some(&claim), &verdict, Tolerance::Relative(LLR_TOLERANCE)).to_string()
    };
    assert_eq!(Agreement::of(None, &verdict, Tolerance::Absolute(0.0)), Agreement::Unclaimed);
    assert!(of(|_| ()).ends_with("the same verdict"));
    assert!(of(|claim| claim.model = "m@2".into()).contains("m@2"));
    assert!(of(|claim| claim.far = 0.1).contains("0.1 false acceptances"));
    assert!(of(|claim| claim.llr = -2.05).contains("-2.050, here it is -2.000"));
    assert!(of(|claim| claim.llr = f64::NAN).contains("NaN"));
    assert_eq!([-9.0, 0.3].map(|llr| Tolerance::Relative(0.1).of(llr)), [0.9, 0.1]);
    assert_eq!([-9.0, 0.3].map(|llr| Tolerance::Absolute(0.1).of(llr)), [0.1; 2]);
    assert!(of(|claim| claim.decision = Decision::Match).contains("says match, here it is unsure"));
}

#[test]
fn a_fingerprint_is_of_the_pixels() {
    let page = |width: u32, grey: &[u8]| fingerprint(&Page::new(width, 1, grey.to_vec()).unwrap());
    assert_eq!(page(2, &[1, 2]), page(2, &[1, 2]));
    assert_ne!(page(2, &[1, 2]), page(2, &[1, 3]));
    assert_ne!(page(2, &[1, 2]), page(1, &[1]));
    assert_eq!(page(1, &[1]).len(), 64);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Submission::parse(&bytes);
        let inside = [br#"{"verdict":null,"signature":{"kind":"strokes","strokes":"#, bytes.as_slice(), b"}}"].concat();
        let _ = Submission::parse(&inside);
    }
}
