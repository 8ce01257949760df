//! The manifest that ships with a model: what it is, how its scores are read, and what it learned from.
//!
//! A manifest comes from outside like the weights. Every number in it is bounded before anything is
//! allocated by it, and unknown fields are refused.

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::error::{Error, Result};
use crate::fusion::Fusion;
use crate::ink::{FrameSize, frame};
use crate::model::NetworkConfig;
use crate::turn::Turning;

/// The manifest format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// No weights file is larger: half-precision `koch`, the largest network here, has 78 million bytes.
pub const MOST_WEIGHTS: u64 = 96 << 20;

/// No manifest is longer.
const MOST_BYTES: usize = 256 << 10;

/// Places of a map. A comparison holds a few numbers for every pair of places.
pub(crate) const MOST_PLACES: usize = 2048;

/// Sets that a model learned from, or was calibrated on,
pub(crate) const MOST_SETS: usize = 64;
/// and bytes of a set's name.
pub(crate) const MOST_SET_NAME: usize = 200;

/// Bytes of a training note.
pub(crate) const MOST_NOTE: usize = 4000;

/// `manifest.json` of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Lower case letters, digits and hyphens.
    pub name: String,
    pub network: NetworkConfig,
    /// The frame that the network takes.
    pub input: FrameSize,
    /// Length of the embedding.
    pub embedding: usize,
    /// Shape of one signature's map, `[C, h, w]`.
    pub map: [usize; 3],
    pub weights: WeightsFile,
    /// File name of the known answers.
    pub golden: String,
    /// What is done about questioned signatures that lean; without it, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turning: Option<Turning>,
    pub fusion: Fusion,
    pub calibration: Calibration,
    pub training: Training,
    /// Under which terms the weights may be used.
    pub licence: String,
}

/// The file of the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    pub file: String,
    pub bytes: u64,
    /// 64 lower case hexadecimal digits.
    pub sha256: String,
    pub dtype: Precision,
}

/// How a weight is stored. Networks compute in single precision either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    F16,
    F32,
    /// Whole numbers from -127 to 127 with a step for each output channel; what has one dimension in half precision.
    I8,
}

/// What a model learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Names of the data sets.
    pub sets: Vec<String>,
    /// How many writers.
    pub writers: u32,
    pub note: String,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::InvalidManifest`] saying what is wrong.
    pub fn parse(json: &str) -> Result<Self> {
        if json.len() > MOST_BYTES {
            return Err(Error::InvalidManifest(format!(
                "it has {} bytes, more than {MOST_BYTES}",
                json.len()
            )));
        }
        let manifest: Self =
            serde_json::from_str(json).map_err(|error| Error::InvalidManifest(error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// # Errors
    /// [`Error::InvalidManifest`] if a value is out of bounds or two values contradict each other.
    pub fn check(&self) -> Result<()> {
        let ensure = |holds: bool, what: &str| {
            if holds { Ok(()) } else { Err(Error::InvalidManifest(what.into())) }
        };
        ensure(
            self.format == FORMAT,
            &format!("it has format {}; this version reads {FORMAT}", self.format),
        )?;
        ensure(is_name(&self.name), "the name is not made of lower case letters, digits and hyphens")?;
        frame::check(self.input).map_err(Error::InvalidManifest)?;
        self.network.check(self.input).map_err(Error::InvalidManifest)?;
        ensure(self.embedding == self.network.embedding(), "the embedding's length is not the network's")?;
        ensure(self.map == self.network.map_shape(self.input), "the map's shape is not the network's")?;
        ensure(self.map[1] * self.map[2] <= MOST_PLACES, "the map has too many places")?;
        ensure(
            is_file_name(&self.weights.file) && is_file_name(&self.golden),
            "a file name is not a plain one",
        )?;
        ensure((1..=MOST_WEIGHTS).contains(&self.weights.bytes), "the weights' size is out of range")?;
        ensure(
            is_sha256(&self.weights.sha256),
            "the weights' sha256 is not 64 lower case hexadecimal digits",
        )?;
        ensure(
            self.training.sets.len() <= MOST_SETS
                && self.training.sets.iter().all(|set| set.len() <= MOST_SET_NAME),
            "too many training sets, or one with a long name",
        )?;
        ensure(
            self.training.note.len() <= MOST_NOTE && !self.licence.is_empty() && self.licence.len() <= 4000,
            "the training note is too long, or the licence missing or too long",
        )?;
        let turning = self.turning.map_or(Ok(()), |turning| turning.check(&self.network, self.input));
        turning.map_err(Error::InvalidManifest)?;
        self.fusion.check().map_err(Error::InvalidManifest)?;
        self.calibration.check()
    }

    /// Whether writers of this set taught the network, or were those that fusion and calibration were fitted on.
    pub fn learned_from(&self, set: &str) -> bool {
        self.training.sets.iter().chain(&self.calibration.sets).any(|known| known == set)
    }

    /// Tells these weights from all others: the first 16 digits of their sha256.
    pub fn id(&self) -> &str {
        // a manifest that was not checked may be shorter
        self.weights.sha256.get(..16).unwrap_or(&self.weights.sha256)
    }
}

/// Whether a model may have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

/// One path component that no file system and no URL reads differently.
fn is_file_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=64).contains(&name.len()) && !name.starts_with('.') && name.chars().all(allowed)
}

fn is_sha256(digits: &str) -> bool {
    digits.len() == 64 && digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

#[cfg(all(test, not(target_family = "wasm")))]
pub(crate) mod tests {
    use super::*;
    use crate::calibration::{Count, Method};
    use crate::model::{CountersignConfig, EncoderConfig, SimilarityConfig};
    use crate::verdict::Threshold;

    /// A valid manifest of a tiny network; its weights do not exist.
    pub(crate) fn tiny() -> Manifest {
        let config = CountersignConfig { width: 4, map_channels: 4, embedding: 8, ..Default::default() };
        let input = FrameSize::ink(48, 24);
        let network = NetworkConfig {
            encoder: EncoderConfig::Countersign(config),
            similarity: SimilarityConfig::PairHead { width: 4, direction_weight: 0.0 },
        };
        Manifest {
            format: FORMAT,
            name: "tiny".into(),
            embedding: network.embedding(),
            map: network.map_shape(input),
            network,
            input,
            weights: WeightsFile {
                file: "weights.bpk".into(),
                bytes: 1,
                sha256: "0".repeat(64),
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
            training: Training { sets: vec!["synthetic".into()], writers: 3, note: String::new() },
            licence: "research use".into(),
        }
    }

    #[test]
    fn written_and_read() {
        let json = serde_json::to_string_pretty(&tiny()).unwrap();
        assert_eq!(Manifest::parse(&json).unwrap(), tiny());
        assert_eq!(tiny().id(), "0".repeat(16));
    }

    fn spoil_encoder(manifest: &mut Manifest, spoil: impl Fn(&mut CountersignConfig)) {
        let EncoderConfig::Countersign(encoder) = &mut manifest.network.encoder else {
            panic!("another encoder")
        };
        spoil(encoder);
    }

    #[test]
    fn nonsense_is_refused() {
        let spoilt: [fn(&mut Manifest); 23] = [
            |m| m.format = 2,
            |m| m.name = "../x".into(),
            |m| m.name.clear(),
            |m| m.input.width = 0,
            |m| m.input.height = 100_000,
            // nothing is left of it but margins
            |m| {
                m.input = FrameSize::ink(512, 64);
                m.map = m.network.map_shape(m.input);
            },
            |m| {
                m.network.encoder =
                    EncoderConfig::Countersign(CountersignConfig { width: 1 << 40, ..Default::default() })
            },
            |m| m.network.similarity = SimilarityConfig::PairHead { width: 0, direction_weight: 0.0 },
            |m| spoil_encoder(m, |encoder| encoder.stem_stride = 0),
            |m| {
                spoil_encoder(m, |encoder| encoder.directions = 33);
                m.embedding += 66;
            },
            |m| {
                spoil_encoder(m, |encoder| encoder.directions = 8);
                m.network.similarity = SimilarityConfig::Cosine {};
                m.embedding += 16;
                m.map = [16, 1, 1];
            },
            // no encoder measures directions
            |m| m.network.similarity = SimilarityConfig::PairHead { width: 4, direction_weight: 0.5 },
            |m| m.network.similarity = SimilarityConfig::PairHead { width: 4, direction_weight: f32::NAN },
            |m| m.embedding = 9,
            |m| m.map[2] += 1,
            |m| m.weights.file = "/etc/passwd".into(),
            |m| m.golden = "..".into(),
            |m| m.weights.bytes = MOST_WEIGHTS + 1,
            |m| m.weights.sha256 = "A".repeat(64),
            |m| m.licence.clear(),
            |m| m.turning = Some(Turning::by(90.0)),
            |m| {
                m.turning = Some(Turning::by(10.0));
                m.network.similarity = SimilarityConfig::Cosine {};
                m.map = [8, 1, 1];
            },
            |m| m.calibration.counts[0].thresholds.clear(),
        ];
        for (index, spoil) in spoilt.iter().enumerate() {
            let mut manifest = tiny();
            spoil(&mut manifest);
            let error = manifest.check().expect_err(&format!("{index}"));
            assert_eq!(error.code(), "invalid-manifest", "{index}");
        }
    }

    #[test]
    fn damaged_json_is_refused() {
        let json = serde_json::to_string(&tiny()).unwrap();
        let unknown = json.replacen('{', "{\"extra\":1,", 1);
        let huge = " ".repeat(MOST_BYTES + 1);
        for text in ["", "null", "{}", &json[..json.len() / 2], &unknown, &huge] {
            assert_eq!(Manifest::parse(text).unwrap_err().code(), "invalid-manifest");
        }
    }
}
