//! Native CPU, CPU in the browser and WebGPU give the same answers: this body runs in all three
//! (`cargo test`, and for wasm with the features `cpu` and `gpu`).
//!
//! The known answers were computed natively on the CPU with the very weights that ship, so that only the
//! arithmetic of the backend differs. How far it may differ, and why, stands at
//! `golden::EMBEDDING_TOLERANCE`.

use countersign::calibration::sigmoid;
use countersign::checker::Checker;
use countersign::device::{self, Backend};
use countersign::golden::Golden;
use countersign::verdict::Policy;

use crate::common::{self, TINY, each_backend};

/// The model that ships.
const SHIPPED: common::Model = common::Model {
    manifest: include_str!("../../models/countersign/manifest.json"),
    weights: include_bytes!("../../models/countersign/weights.bpk"),
    golden: include_str!("../../models/countersign/golden.json"),
};

/// The largest difference of an LLR from the native one for the same pen strokes. Besides the networks'
/// arithmetic this covers the ink pipeline, whose pixels may round the other way.
const LLR_TOLERANCE: f64 = 1e-2;

async fn repeats_known_answers(model: &common::Model) {
    // loading tests the device already; three further calls are warm ones
    let checker = model.load().await.expect("a model that loads");
    let golden = Golden::parse(model.golden, checker.manifest().embedding).expect("known answers");
    for call in 1..=3 {
        let deviation = checker.deviation(&golden).await.expect("a device that computes");
        common::print(&format!("{} {}: call {call}: {deviation:?}", checker.backend(), checker.adapter()));
        assert!(deviation.is_tolerable(), "call {call}: {deviation:?}");
    }
}

/// Strokes to verdict, as the page and `check` do it.
async fn gives_the_native_verdict() {
    let expected: serde_json::Value = serde_json::from_str(common::TINY_VERDICT).expect("a verdict");
    let llr = tiny_llr(&TINY.load().await.expect("a model that loads")).await;
    let native = expected["llr"].as_f64().expect("a number");
    common::print(&format!("llr {llr}, natively {native}"));
    assert!((llr - native).abs() <= LLR_TOLERANCE, "{llr} natively {native}");
}

async fn tiny_llr(checker: &Checker) -> f64 {
    let template = checker.enrol(&[common::drawing(0.0), common::drawing(0.3)]).await.expect("a template");
    let verdict = checker
        .check(&template, &common::drawing(0.7), &Policy { far: Some(0.05), explain: false })
        .await
        .expect("a verdict");
    assert!((sigmoid(verdict.llr) - verdict.score).abs() < 1e-12);
    verdict.llr
}

each_backend! {
    async fn shipped_model() {
        repeats_known_answers(&SHIPPED).await;
    }

    async fn tiny_model() {
        repeats_known_answers(&TINY).await;
    }

    async fn whole_path() {
        gives_the_native_verdict().await;
    }

    async fn opening_twice_gives_the_same_device() {
        let first = device::open(Backend::BUILT).await.expect("a device");
        let second = device::open(Backend::BUILT).await.expect("a device");
        assert_eq!((first.device, first.adapter), (second.device, second.adapter));
    }
}

/// Makes `tests/fixtures/tiny` anew: a small network with random weights. Only needed when the formats
/// or the network change: `cargo test --release --test browser -- --ignored remake_tiny`.
#[cfg(not(target_family = "wasm"))]
#[test]
#[ignore = "writes the fixture"]
fn remake_tiny() {
    use countersign::export;

    let device = burn::tensor::Device::flex();
    device.seed(20);
    let manifest = common::tiny_manifest();
    let network = manifest.network.init(&device).expect("a network");
    let directory = std::path::Path::new("tests/fixtures/tiny");
    pollster::block_on(async {
        export::save(network, manifest, directory).await.expect("a written model");
        let text = |name: &str| std::fs::read_to_string(directory.join(name)).expect("a file");
        let weights = std::fs::read(directory.join("weights.bpk")).expect("a file");
        let opened = device::open(Backend::Cpu).await.expect("a device");
        let checker = Checker::load(&text("manifest.json"), weights, &text("golden.json"), opened)
            .await
            .expect("a model that loads");
        let verdict = format!("{{\"llr\":{}}}\n", tiny_llr(&checker).await);
        std::fs::write(directory.join("verdict.json"), verdict).expect("a written file");
    });
}
