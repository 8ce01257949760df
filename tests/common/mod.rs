//! What the tests that run natively and in browsers share.
#![allow(dead_code, unused_imports, unused_macros)] // each test program uses a part

use countersign::Result;
use countersign::calibration::{Calibration, Count, Method};
use countersign::checker::Checker;
use countersign::device::{self, Backend};
use countersign::fusion::Fusion;
use countersign::ink::strokes::{self, Point, Stroke};
use countersign::ink::{FrameSize, Page};
use countersign::manifest::{self, Manifest, Precision, Training, WeightsFile};
use countersign::model::{CountersignConfig, EncoderConfig, NetworkConfig, SimilarityConfig};
use countersign::verdict::Threshold;

/// The content of a model's three files.
pub struct Model {
    pub manifest: &'static str,
    pub weights: &'static [u8],
    pub golden: &'static str,
}

impl Model {
    /// Loads it on the backend that this build was made for.
    pub async fn load(&self) -> Result<Checker> {
        let opened = device::open(Backend::BUILT).await?;
        Checker::load(self.manifest, self.weights.to_vec(), self.golden, opened).await
    }
}

/// A small network with random weights.
pub const TINY: Model = Model {
    manifest: include_str!("../fixtures/tiny/manifest.json"),
    weights: include_bytes!("../fixtures/tiny/weights.bpk"),
    golden: include_str!("../fixtures/tiny/golden.json"),
};

/// What it said natively of a drawing.
pub const TINY_VERDICT: &str = include_str!("../fixtures/tiny/verdict.json");

pub fn tiny_manifest() -> Manifest {
    let input = FrameSize::ink(96, 48);
    let config = CountersignConfig { width: 4, map_channels: 8, embedding: 16, ..Default::default() };
    let network = NetworkConfig {
        encoder: EncoderConfig::Countersign(config),
        similarity: SimilarityConfig::PairHead { width: 8, direction_weight: 0.0 },
    };
    Manifest {
        format: manifest::FORMAT,
        name: "tiny".into(),
        embedding: network.embedding(),
        map: network.map_shape(input),
        network,
        input,
        weights: WeightsFile {
            file: "weights.bpk".into(),
            bytes: 0,
            sha256: String::new(),
            dtype: Precision::F16,
        },
        golden: "golden.json".into(),
        turning: None,
        fusion: Fusion::Mean,
        calibration: Calibration {
            method: Method::Logistic,
            sets: Vec::new(),
            counts: vec![Count {
                references: 1,
                offset: 0.0,
                slope: 1.0,
                knots: Vec::new(),
                thresholds: vec![
                    Threshold { rate: 0.01, accept_llr: 3.0, reject_llr: -3.0 },
                    Threshold { rate: 0.1, accept_llr: 1.0, reject_llr: -1.0 },
                ],
            }],
            consistency: None,
            impostors: Vec::new(),
        },
        training: Training { sets: Vec::new(), writers: 0, note: "random weights, for tests only".into() },
        licence: "MIT OR Apache-2.0".into(),
    }
}

/// Pen strokes that look a little like writing; `shift` changes them a little.
pub fn drawn(shift: f32) -> Vec<Stroke> {
    let word = (0..240).map(|i| {
        let t = i as f32 / 240.0;
        let (x, y) = (420.0 * t, 50.0 * (17.0 * t + shift).sin() * (1.2 - t) + 12.0 * (41.0 * t).cos());
        Point { x, y, t: 4.0 * i as f32, pressure: 0.5 }
    });
    let line = (0..30).map(|i| Point {
        x: 60.0 + 10.0 * i as f32,
        y: 70.0 - 4.0 * shift * i as f32 / 30.0,
        t: 1000.0 + 4.0 * i as f32,
        pressure: 0.5,
    });
    vec![word.collect(), line.collect()]
}

pub fn drawing(shift: f32) -> Page {
    strokes::page(&drawn(shift)).expect("a page")
}

/// To the terminal or the browser's console.
pub fn print(line: &str) {
    #[cfg(target_family = "wasm")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_family = "wasm"))]
    println!("{line}");
}

/// Asynchronous tests that run natively and in a browser.
macro_rules! each_backend {
    ($(async fn $name:ident() $body:block)*) => {$(
        #[cfg(target_family = "wasm")]
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $name() $body

        #[cfg(not(target_family = "wasm"))]
        #[test]
        fn $name() {
            pollster::block_on(async $body);
        }
    )*};
}
pub(crate) use each_backend;
