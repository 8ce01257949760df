//! From a log-likelihood ratio to an answer that a person can use.

pub mod reasons;

use serde::{Deserialize, Serialize};

use crate::device::Backend;
use crate::error::{Error, Result};
use crate::ink::{Crop, Frame, Quality};
pub use reasons::{Evidence, Reason, ReasonCode};

/// What the caller wants of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Policy {
    /// The share of skilled forgeries that may be accepted, and of genuine signatures that may be called
    /// a mismatch (between the two lies "unsure"). If not given, [`DEFAULT_FAR`] or the nearest rate that
    /// the model's thresholds cover.
    pub far: Option<f64>,
    /// Whether the verdict shows where the questioned signature differs.
    pub explain: bool,
}

/// The error rate that a check keeps if none is asked for.
pub const DEFAULT_FAR: f64 = 0.01;

/// A share in per cent, for people to read: 7, not 7.000000000000001.
pub fn percent(share: f64) -> f64 {
    (1e8 * share).round() / 1e6
}

/// The thresholds at one error rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The error rate of both thresholds, 0 to 1.
    pub rate: f64,
    /// So many skilled forgeries reach this LLR.
    pub accept_llr: f64,
    /// So many genuine signatures do not exceed this LLR. Not above `accept_llr`. Both are of
    /// [`crate::calibration::Count::open_llr`].
    pub reject_llr: f64,
}

impl Threshold {
    /// Whether a table can be used: 1 to 64 rows, rates ascending, thresholds closing in on each other.
    /// The error is a sentence.
    pub fn check_table(table: &[Self]) -> Result<(), String> {
        if table.is_empty() || table.len() > 64 {
            return Err(format!("a table of thresholds has {} rows", table.len()));
        }
        for row in table {
            let finite = row.accept_llr.abs() <= 1e4 && row.reject_llr.abs() <= 1e4;
            if !(row.rate > 0.0 && row.rate <= 0.5 && finite && row.reject_llr <= row.accept_llr) {
                return Err(format!("the thresholds at rate {} are out of range", row.rate));
            }
        }
        let ascends = |pair: &[Self]| {
            pair[0].rate < pair[1].rate
                && pair[0].accept_llr >= pair[1].accept_llr
                // where a threshold of acceptance caps it, the other may come down again with it
                && (pair[0].reject_llr <= pair[1].reject_llr || pair[1].reject_llr == pair[1].accept_llr)
        };
        if !table.windows(2).all(ascends) {
            return Err("a table of thresholds is out of order".into());
        }
        Ok(())
    }

    /// The thresholds at `rate`: a row of the table, or between two, linear in the logarithm of the rate.
    /// Without a rate, at [`DEFAULT_FAR`] or the nearest rate of the table.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a rate outside the table, naming its range.
    pub fn at(rate: Option<f64>, table: &[Self]) -> Result<Self> {
        let [lowest, highest] = [table.first(), table.last()].map(|row| row.map_or(0.0, |row| row.rate));
        let rate = rate.unwrap_or_else(|| DEFAULT_FAR.max(lowest).min(highest));
        if let Some(row) = table.iter().find(|row| row.rate == rate) {
            return Ok(*row);
        }
        // a rate that is not a number lies between no two rows
        let between = table.windows(2).find(|pair| pair[0].rate < rate && rate < pair[1].rate);
        let Some([low, high]) = between.and_then(|pair| <&[Self; 2]>::try_from(pair).ok()) else {
            return Err(Error::InvalidOption(format!("far is {rate}; give one from {lowest} to {highest}")));
        };
        let part = (rate / low.rate).ln() / (high.rate / low.rate).ln();
        let mix = |a: f64, b: f64| a + part * (b - a);
        Ok(Self {
            rate,
            accept_llr: mix(low.accept_llr, high.accept_llr),
            reject_llr: mix(low.reject_llr, high.reject_llr),
        })
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// By the same hand, at the requested error rate.
    Match,
    /// Not by the same hand, at the requested error rate.
    Mismatch,
    /// The evidence does not reach the requested error rate either way, or the picture is too poor.
    Unsure,
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::Unsure => "unsure",
        })
    }
}

impl Decision {
    /// Decides on an LLR.
    pub fn of(llr: f64, thresholds: &Threshold) -> Self {
        match () {
            () if llr >= thresholds.accept_llr => Self::Match,
            () if llr <= thresholds.reject_llr => Self::Mismatch,
            () => Self::Unsure,
        }
    }

    /// Whether a picture with this defect does not bear the decision. Cleaning makes up for shadows and pale
    /// ink. Ink that was cut off cannot be compared, which lowers a score but does not raise it: it takes
    /// the ground from a mismatch only. A picture with too few pixels shows no hand at all.
    pub fn is_shaken_by(self, defect: Quality) -> bool {
        match defect {
            Quality::TooSmall => true,
            Quality::ClippedAtEdge => self == Self::Mismatch,
            Quality::Shadowed | Quality::LowContrast => false,
        }
    }
}

/// Everything that a check says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Verdict {
    pub decision: Decision,
    /// Natural logarithm of the likelihood ratio, same hand against skilled forgery.
    pub llr: f64,
    /// [`crate::calibration::Count::open_llr`], which decides.
    #[serde(skip)]
    pub(crate) open_llr: f64,
    /// The probability of the same hand if forgery and genuine were equally likely beforehand, 0 to 1.
    pub score: f64,
    /// The error rate that the decision was asked to keep.
    pub far: f64,
    /// Why, in the order in which it counts; one reason at least.
    pub reasons: Vec<Reason>,
    /// Each reference alone, in the order of enrolment.
    pub references: Vec<ReferenceScore>,
    /// What is wrong with the pictures; empty for good ones.
    pub quality: Vec<Remark>,
    /// Where the questioned signature has no counterpart; if asked for, and if the network can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(target_family = "wasm", tsify(optional))]
    pub heatmap: Option<Heatmap>,
    /// Name and identity of the model.
    pub model: String,
    /// What computed it.
    pub backend: Backend,
}

/// What one reference says alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct ReferenceScore {
    /// As [`Verdict::score`], were it the only reference.
    pub score: f64,
    /// By so many degrees the questioned signature was turned clockwise to lie as this reference does; 0 if it was
    /// compared as it is.
    pub turned: f32,
}

/// Which picture a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Questioned,
    Reference,
}

/// Something about a picture that makes the answer less certain.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Remark {
    pub of: Subject,
    /// The reference's number, from 1; 0 for the questioned signature.
    pub number: usize,
    /// A stable name of the defect.
    pub code: String,
    /// The same for a person to read.
    pub message: String,
}

/// Where the questioned signature differs from the references.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Heatmap {
    pub width: usize,
    pub height: usize,
    /// Row by row; 0 = has its counterpart in the references, 1 = has none. Covers the whole frame.
    pub values: Vec<f32>,
    /// The questioned signature as the network saw it.
    pub frame: SeenFrame,
    /// Where the frame lies on the questioned page, in page pixels. It may reach beyond the page.
    pub crop: Area,
}

/// A picture of ink.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct SeenFrame {
    pub width: u32,
    pub height: u32,
    /// Row by row, 0 = paper, 255 = ink.
    #[serde(serialize_with = "as_bytes")]
    #[cfg_attr(target_family = "wasm", tsify(type = "Uint8Array"))]
    pub density: Vec<u8>,
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_family = "wasm", derive(tsify::Tsify))]
pub struct Area {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl From<Frame> for SeenFrame {
    fn from(frame: Frame) -> Self {
        Self { width: frame.width, height: frame.height, density: frame.density }
    }
}

impl From<Crop> for Area {
    fn from(crop: Crop) -> Self {
        Self { x: crop.x, y: crop.y, width: crop.width, height: crop.height }
    }
}

/// A `Uint8Array` in JavaScript, numbers in JSON.
pub(crate) fn as_bytes<S: serde::Serializer>(
    bytes: &[u8],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
