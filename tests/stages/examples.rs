//! The page's made-up signatures, judged natively by the model that ships: its first example must come out as the
//! page's own tests expect. The examples were chosen for that, so this says nothing of accuracy.

use std::path::PathBuf;

use countersign::Error;
use countersign::checker::Checker;
use countersign::device::{self, Backend};
use countersign::ink::strokes::{self, Stroke};
use countersign::verdict::{Decision, Policy, Verdict};
use serde::Deserialize;

#[derive(Deserialize)]
struct Examples {
    writers: Vec<Writer>,
}

#[derive(Deserialize)]
struct Writer {
    genuine: Vec<Vec<Stroke>>,
    forged: Vec<Vec<Stroke>>,
}

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(name: &str) -> String {
    String::from_utf8(file(name)).expect("text")
}

fn judge(checker: &Checker, writer: &Writer, questioned: &[Stroke]) -> Verdict {
    pollster::block_on(async {
        let page = |strokes: &[Stroke]| strokes::page(strokes).expect("a page");
        let references: Vec<_> = writer.genuine[..3].iter().map(|strokes| page(strokes)).collect();
        let template = checker.enrol(&references).await.expect("a template");
        checker.check(&template, &page(questioned), &Policy::default()).await.expect("a verdict")
    })
}

fn shipped() -> Checker {
    pollster::block_on(async {
        let opened = device::open(Backend::Cpu).await.expect("a device");
        let model = |name: &str| format!("models/countersign/{name}");
        Checker::load(
            &text(&model("manifest.json")),
            file(&model("weights.bpk")),
            &text(&model("golden.json")),
            opened,
        )
        .await
        .expect("a model")
    })
}

fn examples() -> Vec<Writer> {
    let Examples { writers } = serde_json::from_str(&text("tests/fixtures/strokes.json")).expect("strokes");
    writers
}

#[test]
fn the_first_example_is_judged_as_the_page_expects() {
    let (checker, writers) = (shipped(), examples());
    let judged: Vec<[Verdict; 3]> = writers
        .iter()
        .zip(writers.iter().cycle().skip(1))
        .map(|(writer, next)| {
            [&writer.genuine[3], &writer.forged[0], &next.genuine[0]]
                .map(|strokes| judge(&checker, writer, strokes))
        })
        .collect();
    for verdicts in &judged {
        println!("{:?}", verdicts.each_ref().map(|verdict| (verdict.decision, verdict.llr)));
    }
    let [own, imitated, strange] = &judged[0];
    assert_eq!(own.decision, Decision::Match);
    assert_ne!(imitated.decision, Decision::Match);
    assert!(imitated.llr < own.llr);
    assert_eq!(strange.decision, Decision::Mismatch);
}

/// Every two writers: a template of two signatures of one and one of the other is refused, and the one is named.
#[test]
fn somebody_elses_signature_is_no_reference() {
    let (checker, writers) = (shipped(), examples());
    let page = |strokes: &Vec<Stroke>| strokes::page(strokes).expect("a page");
    let pairs = writers.iter().zip(writers.iter().cycle().skip(1));
    let refused: Vec<_> = pairs
        .map(|(writer, next)| {
            let references = [&writer.genuine[0], &next.genuine[0], &writer.genuine[1]].map(page);
            pollster::block_on(checker.enrol(&references)).err()
        })
        .collect();
    println!("{refused:?}");
    for error in refused {
        assert!(matches!(error, Some(Error::ReferencesDisagree { odd: Some(2), .. })), "{error:?}");
    }
}
