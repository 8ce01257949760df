//! What a form sends, checked again with the model that ships, by the library and by `check`. The signatures are the
//! page's made-up examples.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use countersign::Result;
use countersign::checker::Checker;
use countersign::device::Backend;
use countersign::export;
use countersign::ink::strokes::{self, Stroke};
use countersign::submission::{self, Agreement, Outcome, Submission};
use countersign::template::Template;
use countersign::verdict::{Decision, Policy};
use pollster::block_on;
use serde_json::{Value, json};

const POLICY: Policy = Policy { far: None, explain: false };

struct Server {
    checker: Checker,
    template: Template,
    writer: Value,
}

fn server() -> Server {
    let examples = std::fs::read("tests/fixtures/strokes.json").unwrap();
    let mut examples: Value = serde_json::from_slice(&examples).unwrap();
    let writer = examples["writers"][0].take();
    let checker = block_on(export::checker(Path::new("models/countersign"), Backend::Cpu)).unwrap();
    let pages: Vec<_> = writer["genuine"].as_array().unwrap()[..3]
        .iter()
        .map(|signature| {
            let drawn: Vec<Stroke> = serde_json::from_value(signature.clone()).unwrap();
            strokes::page(&drawn).unwrap()
        })
        .collect();
    let template = block_on(checker.enrol(&pages)).unwrap();
    Server { checker, template, writer }
}

impl Server {
    fn verify(&self, value: &Value) -> Result<Outcome> {
        let submission = Submission::parse(&serde_json::to_vec(value).unwrap())?;
        block_on(submission::verify(&self.checker, &self.template, &submission, &POLICY))
    }

    /// The outcome's parts, for what can be checked.
    fn checked(&self, value: &Value) -> (Decision, f64, Agreement, String) {
        match self.verify(value).unwrap() {
            Outcome::Checked { verdict, browser, fingerprint } => {
                (verdict.decision, verdict.llr, browser, fingerprint)
            }
            Outcome::Unchecked { .. } => panic!("unchecked"),
        }
    }

    /// What an honest browser sends: the verdict is what the checker says.
    fn honest(&self, signature: &Value) -> Value {
        let given = json!({ "kind": "strokes", "strokes": signature });
        let unclaimed = json!({ "signature": given, "verdict": null });
        let Outcome::Checked { verdict, browser, .. } = self.verify(&unclaimed).unwrap() else {
            panic!("unchecked")
        };
        assert_eq!(browser, Agreement::Unclaimed);
        json!({ "signature": given, "verdict": *verdict, "skipped": false })
    }
}

#[test]
fn an_honest_value_is_confirmed_and_a_tampered_one_is_not_believed() {
    let server = server();
    let own = server.honest(&server.writer["genuine"][3]);
    let (decision, llr, browser, fingerprint) = server.checked(&own);
    assert_eq!((decision, browser), (Decision::Match, Agreement::Same));

    // the claim of the genuine signature, with the strokes of a forgery
    let mut tampered = own.clone();
    tampered["signature"]["strokes"] = server.writer["forged"][0].clone();
    let (decision, other, browser, another) = server.checked(&tampered);
    assert_ne!(decision, Decision::Match);
    assert!(other < llr && matches!(browser, Agreement::Different { .. }), "{other} {browser}");
    assert_ne!(fingerprint, another);

    // sent again with other times, it is told by its fingerprint
    let mut again = own.clone();
    for point in again["signature"]["strokes"][0].as_array_mut().unwrap() {
        point["t"] = json!(7);
    }
    assert_eq!(server.checked(&again).3, fingerprint);
}

#[test]
fn a_name_is_unchecked_and_what_holds_no_signature_is_an_error() {
    let server = server();
    let typed = json!({ "signature": { "kind": "typed", "name": "Ada" }, "verdict": null });
    assert_eq!(server.verify(&typed).unwrap(), Outcome::Unchecked { name: "Ada".into() });
    let code = |signature: Value| {
        server.verify(&json!({ "signature": signature, "verdict": null })).unwrap_err().code()
    };
    assert_eq!(code(json!({ "kind": "strokes", "strokes": [] })), "invalid-strokes");
    assert_eq!(code(json!({ "kind": "strokes", "strokes": [[{ "x": 1e38, "y": 0 }]] })), "invalid-strokes");
    assert_eq!(code(json!({ "kind": "image", "data": "AAAA" })), "not-an-image");
    assert_eq!(code(json!({ "kind": "image", "data": "iVBORw0KGgo=" })), "damaged-image");
}

#[test]
fn the_program_enrols_and_checks_values_by_its_exit_status() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("submission");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();
    let server = server();
    std::fs::write(file("a.template"), server.template.to_bytes().unwrap()).unwrap();
    let own = server.honest(&server.writer["genuine"][3]);
    let mut tampered = own.clone();
    tampered["signature"]["strokes"] = server.writer["forged"][0].clone();
    for (name, value) in [
        ("own.json", &own),
        ("tampered.json", &tampered),
        ("typed.json", &json!({ "signature": { "kind": "typed", "name": "Ada" }, "verdict": null })),
        ("garbage.json", &json!({ "signature": 7 })),
    ] {
        std::fs::write(file(name), serde_json::to_vec(value).unwrap()).unwrap();
    }
    let check = |arguments: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_check")).args(arguments).output().unwrap()
    };
    let submitted = |name: &str| {
        let output = check(&["--template", &file("a.template"), "--submitted", &file(name), "--json"]);
        (output.status.code(), output)
    };
    let (status, output) = submitted("own.json");
    assert_eq!(status, Some(0), "{output:?}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["browser"]["agreement"], "same");
    assert_eq!(answer["verdict"]["decision"], "match");
    let (status, output) = submitted("tampered.json");
    assert!(matches!(status, Some(1 | 2)), "{output:?}");
    assert_eq!(submitted("typed.json").0, Some(4));
    let (status, output) = submitted("garbage.json");
    assert!(status == Some(3) && String::from_utf8_lossy(&output.stderr).contains("signature field"));

    // a template from pictures, and a check against it
    for (index, signature) in server.writer["genuine"].as_array().unwrap()[..4].iter().enumerate() {
        let drawn: Vec<Stroke> = serde_json::from_value(signature.clone()).unwrap();
        let page = strokes::page(&drawn).unwrap();
        image::save_buffer(
            file(&format!("{index}.png")),
            &page.grey,
            page.width,
            page.height,
            image::ColorType::L8,
        )
        .unwrap();
    }
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| file(&format!("{index}.png")));
    let made = file("made.template");
    // of an earlier run
    let _ = std::fs::remove_file(&made);
    let references = ["--reference", &a, "--reference", &b, "--reference", &c];
    let output = check(&[&references[..], &["--enrol", &made]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let kept = std::fs::read(&made).unwrap();
    let again = check(&["--reference", &d, "--enrol", &made]);
    assert_eq!(again.status.code(), Some(3), "no template is written over: {again:?}");
    assert_eq!(std::fs::read(&made).unwrap(), kept);
    assert_eq!(check(&["--template", &made, "--questioned", &d]).status.code(), Some(0));
    for wrong in [&["--template", &made][..], &["--submitted", &made], &["--enrol", &made]] {
        assert_eq!(check(wrong).status.code(), Some(3));
    }
}
