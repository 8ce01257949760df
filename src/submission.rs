//! What `<signature-check>` gives to a form, checked again. A server cannot trust a browser: of the value that
//! it is sent, only the signature counts; the verdict in it is a claim that is set beside the server's own.
//!
//! A new check shows by whom the signature is, not that it was given just now: whoever has seen a value can send
//! it again. [`Outcome::Checked`] carries a fingerprint for refusing repeats, which only stops exact ones.

#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::checker::Checker;
use crate::error::{Error, Result};
use crate::ink::strokes::{self, MAX_POINTS, Stroke};
use crate::ink::{Page, decode};
use crate::template::Template;
use crate::verdict::{Decision, Policy, Verdict};
use crate::weights;

/// No value is longer: the most points that a signature may have take 6 million bytes, a picture as PNG 14 million at most,
/// and what the browser cannot show is sent up to 11 MiB (`www/src/element/picture.ts`), which are 15 million in base64.
pub const MOST_BYTES: usize = 16 << 20;

/// The longest name that may be typed in place of a signature, in characters.
pub const MOST_NAME: usize = 200;

/// How far the LLR of browser and server may lie apart for pen strokes, absolute for ratios up to 1, else
/// relative. It is far more than sound devices were seen to differ by after calibration; of two that differ by
/// all that [`crate::golden::SCORE_TOLERANCE`] allows, it may be less than a steep part of the calibration makes of it.
pub const LLR_TOLERANCE: f64 = 0.02;

/// The same for pictures, absolute: the browser has checked the file, but sends it as a PNG of at most 1600 pixels. For
/// three of 900, 2400 and 3000 pixels Chromium's LLR was off by up to 0.38 (`www/test/server.spec.ts`). The decision has to
/// be the same all the same.
pub const PICTURE_TOLERANCE: f64 = 0.6;

/// The longest name of a model that a claim may hold, in bytes.
const MOST_MODEL: usize = 128;

/// The value of a signature field.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub signature: Signature,
    /// What the browser says that its check gave; nothing while it has not checked.
    pub claim: Option<Claim>,
}

/// What was given in the field.
#[derive(Debug, Clone, PartialEq)]
pub enum Signature {
    Strokes(Vec<Stroke>),
    /// The bytes of an image file.
    Image(Vec<u8>),
    /// A name typed instead, which the signer was told is not checked.
    Typed(String),
}

/// The verdict that a browser claims to have reached.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Claim {
    pub decision: Decision,
    pub llr: f64,
    pub far: f64,
    /// Name and identity of the model.
    pub model: String,
}

/// What a server makes of a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome {
    /// A name was typed: there is nothing to check, and no verdict.
    Unchecked { name: String },
    Checked {
        /// The server's own.
        verdict: Box<Verdict>,
        browser: Agreement,
        /// SHA-256 of the page that was compared, in hexadecimal digits: the same for a value that is sent again,
        /// whatever else was changed in it.
        fingerprint: String,
    },
}

/// Whether the browser's claim is the verdict that the server has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "agreement", rename_all = "lowercase")]
pub enum Agreement {
    /// The browser gave no verdict.
    Unclaimed,
    /// The same decision at the same error rate by the same model, LLRs within [`LLR_TOLERANCE`] or
    /// [`PICTURE_TOLERANCE`].
    Same,
    /// Something else; a sentence says what.
    Different { difference: String },
}

impl Submission {
    /// Reads the JSON of a field.
    ///
    /// # Errors
    /// [`Error::InvalidSubmission`] for what no field sends: more than [`MOST_BYTES`], other JSON, more than
    /// [`MAX_POINTS`] points, a name that is empty or longer than [`MOST_NAME`]. Whether strokes or picture hold a
    /// signature turns out in [`verify`].
    pub fn parse(json: &[u8]) -> Result<Self> {
        let wrong = |what: String| Error::InvalidSubmission(what);
        if json.len() > MOST_BYTES {
            return Err(wrong(format!("{} bytes, more than {MOST_BYTES}", json.len())));
        }
        let FieldValue { signature, verdict } =
            serde_json::from_slice(json).map_err(|error| wrong(error.to_string()))?;
        let signature = match signature {
            Given { kind: Kind::Strokes, strokes: Some(Strokes(strokes)), .. } => Signature::Strokes(strokes),
            Given { kind: Kind::Image, data: Some(data), .. } => Signature::Image(
                BASE64_STANDARD.decode(data).map_err(|error| wrong(format!("its picture: {error}")))?,
            ),
            Given { kind: Kind::Typed, name: Some(name), .. } => {
                let length = name.trim().chars().count();
                if length == 0 || length > MOST_NAME {
                    return Err(wrong(format!("a name of {length} characters; 1 to {MOST_NAME} are taken")));
                }
                Signature::Typed(name.trim().into())
            }
            Given { kind, .. } => return Err(wrong(format!("its signature is {kind:?} and holds none"))),
        };
        if verdict.as_ref().is_some_and(|claim| claim.model.len() > MOST_MODEL) {
            return Err(wrong(format!("a model's name of more than {MOST_MODEL} bytes")));
        }
        Ok(Self { signature, claim: verdict })
    }
}

/// Checks a submitted signature as if the browser had not.
///
/// # Errors
/// Those of [`Checker::check`], and whatever is wrong with strokes or picture.
pub async fn verify(
    checker: &Checker,
    template: &Template,
    submission: &Submission,
    policy: &Policy,
) -> Result<Outcome> {
    let (page, tolerance) = match &submission.signature {
        Signature::Strokes(strokes) => (strokes::page(strokes)?, Tolerance::Relative(LLR_TOLERANCE)),
        Signature::Image(bytes) => (decode::file(bytes)?, Tolerance::Absolute(PICTURE_TOLERANCE)),
        Signature::Typed(name) => return Ok(Outcome::Unchecked { name: name.clone() }),
    };
    let verdict = Box::new(checker.check(template, &page, policy).await?);
    let browser = Agreement::of(submission.claim.as_ref(), &verdict, tolerance);
    Ok(Outcome::Checked { verdict, browser, fingerprint: fingerprint(&page) })
}

/// How far two LLRs may lie apart.
#[derive(Debug, Clone, Copy)]
enum Tolerance {
    Absolute(f64),
    /// Of the LLR, of 1 at least.
    Relative(f64),
}

impl Tolerance {
    fn of(self, llr: f64) -> f64 {
        match self {
            Self::Absolute(most) => most,
            Self::Relative(share) => share * llr.abs().max(1.0),
        }
    }
}

impl Agreement {
    fn of(claim: Option<&Claim>, verdict: &Verdict, tolerance: Tolerance) -> Self {
        let Some(claim) = claim else { return Self::Unclaimed };
        // a comparison with what is no number never holds
        let near = (claim.llr - verdict.llr).abs() <= tolerance.of(verdict.llr);
        let difference = if claim.model != verdict.model {
            format!("the browser used model {}, here it is {}", claim.model, verdict.model)
        } else if claim.far != verdict.far {
            format!("the browser kept to {} false acceptances, here it is {}", claim.far, verdict.far)
        } else if !near {
            let [there, here] = [claim.llr, verdict.llr];
            format!("the browser says log-likelihood ratio {there:+.3}, here it is {here:+.3}")
        } else if claim.decision != verdict.decision {
            format!("the browser says {}, here it is {}", claim.decision, verdict.decision)
        } else {
            return Self::Same;
        };
        Self::Different { difference }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclaimed => f.write_str("the browser gave no verdict"),
            Self::Same => f.write_str("the browser gave the same verdict"),
            Self::Different { difference } => f.write_str(difference),
        }
    }
}

fn fingerprint(page: &Page) -> String {
    let size = [page.width.to_le_bytes(), page.height.to_le_bytes()].concat();
    weights::sha256(&[size.as_slice(), &page.grey].concat())
}

/// The part of `FieldValue` in `www/src/element/content.ts` that a server reads.
#[derive(Deserialize)]
struct FieldValue {
    signature: Given,
    verdict: Option<Claim>,
}

/// Not an enum with a tag, for which serde would hold the whole content in a larger form first.
#[derive(Deserialize)]
struct Given {
    kind: Kind,
    strokes: Option<Strokes>,
    data: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Strokes,
    Image,
    Typed,
}

/// At most [`MAX_POINTS`] points, counted while they are read; strokes without any are left out.
struct Strokes(Vec<Stroke>);

impl<'de> Deserialize<'de> for Strokes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Bounded;
        impl<'de> Visitor<'de> for Bounded {
            type Value = Strokes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strokes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Strokes, A::Error> {
                let (mut strokes, mut points) = (Vec::new(), 0);
                while let Some(stroke) = list.next_element::<Stroke>()? {
                    points += stroke.len();
                    if points > MAX_POINTS {
                        return Err(A::Error::custom(format!("more than {MAX_POINTS} points")));
                    }
                    if !stroke.is_empty() {
                        strokes.push(stroke);
                    }
                }
                Ok(Strokes(strokes))
            }
        }
        deserializer.deserialize_seq(Bounded)
    }
}
