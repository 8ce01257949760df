//! What enrolment keeps of a writer: the references' features, not their pictures.
//!
//! As bytes (integers and numbers little-endian):
//! ```text
//! "CSTP" | version u16 | header length u32 | header (JSON) | K x (embedding f32 x D, map f16 x C h w) | check 8 bytes
//! ```
//! The check is the beginning of the SHA-256 of all that precedes it: a template whose storage was damaged
//! is refused instead of scored. It is no signature; whoever can write a template can make one up.

#[cfg(all(feature = "cpu", not(target_family = "wasm")))]
pub(crate) mod peek;

use burn::tensor::f16;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::ink::Quality;

/// The most references that a template holds.
pub const MOST_REFERENCES: usize = 10;

/// No template is longer; ten references of the network that ships take 0.45 million bytes.
pub const MOST_BYTES: usize = 8 << 20;

const MAGIC: &[u8; 4] = b"CSTP";
const VERSION: u16 = 2;
const PREFIX: usize = 10;
const CHECK: usize = 8;
const MOST_HEADER: usize = 16 << 10;
/// No number of an embedding is larger.
const MOST_VALUE: f32 = 1e6;
/// No raw score is larger.
const MOST_AGREEMENT: f32 = 1e4;

/// The references of one writer.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// [`crate::manifest::Manifest::id`] of the model that made it.
    pub model: String,
    /// Length of an embedding.
    pub embedding: usize,
    /// Shape of a map, `[C, h, w]`.
    pub map: [usize; 3],
    /// 1 to [`MOST_REFERENCES`].
    pub references: Vec<Reference>,
    /// How well the references agree among themselves ([`crate::fusion::agreement`]).
    pub agreement: f32,
}

/// One reference signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// `[D]`.
    pub embedding: Vec<f32>,
    /// `[C, h, w]`, row-major.
    pub map: Vec<f16>,
    /// What was wrong with its picture.
    pub quality: Vec<Quality>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    model: String,
    embedding: usize,
    map: [usize; 3],
    agreement: f32,
    /// For each reference.
    quality: Vec<Vec<Quality>>,
}

impl Template {
    /// The template as bytes, for a page to store.
    ///
    /// # Errors
    /// [`Error::ReferenceCount`] or [`Error::InvalidTemplate`] if it could not be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let header = Header {
            model: self.model.clone(),
            embedding: self.embedding,
            map: self.map,
            agreement: self.agreement,
            quality: self.references.iter().map(|reference| reference.quality.clone()).collect(),
        };
        let given = self.references.len();
        if !(1..=MOST_REFERENCES).contains(&given) {
            return Err(Error::ReferenceCount { given, least: 1, most: MOST_REFERENCES });
        }
        let size = header.reference_size()?;
        let json = serde_json::to_vec(&header).map_err(|error| Error::InvalidTemplate(error.to_string()))?;
        let length = u32::try_from(json.len())
            .ok()
            .filter(|&length| length as usize <= MOST_HEADER)
            .ok_or_else(|| Error::InvalidTemplate("its header is too long".into()))?;
        let mut bytes = Vec::with_capacity(PREFIX + json.len() + size * self.references.len() + CHECK);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&json);
        for reference in &self.references {
            reference.check(&header)?;
            reference.embedding.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
            reference.map.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
        }
        let check = digest(&bytes);
        bytes.extend_from_slice(&check);
        Ok(bytes)
    }

    /// Reads a template.
    ///
    /// # Errors
    /// [`Error::InvalidTemplate`] if these are not the bytes of a template, whole and unchanged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = |what: &str| Error::InvalidTemplate(what.into());
        if bytes.len() > MOST_BYTES {
            return Err(wrong("it is too long"));
        }
        let (content, check) = bytes
            .len()
            .checked_sub(CHECK)
            .map(|end| bytes.split_at(end))
            .ok_or_else(|| wrong("it is cut short"))?;
        let (prefix, rest) = content.split_at_checked(PREFIX).ok_or_else(|| wrong("it is cut short"))?;
        if &prefix[..4] != MAGIC {
            return Err(wrong("it is something else"));
        }
        let version = u16::from_le_bytes([prefix[4], prefix[5]]);
        if version != VERSION {
            return Err(wrong(&format!("it has version {version}; this program reads {VERSION}")));
        }
        if digest(content) != check {
            return Err(wrong("it is damaged"));
        }
        let length = u32::from_le_bytes([prefix[6], prefix[7], prefix[8], prefix[9]]) as usize;
        let (json, data) = (length <= MOST_HEADER)
            .then(|| rest.split_at_checked(length))
            .flatten()
            .ok_or_else(|| wrong("its header is cut short"))?;
        let header: Header = serde_json::from_slice(json).map_err(|error| wrong(&error.to_string()))?;
        let size = header.reference_size()?;
        if data.len() != size * header.quality.len() {
            return Err(wrong("its length does not fit its header"));
        }
        let references = data
            .chunks_exact(size)
            .zip(&header.quality)
            .map(|(data, quality)| {
                let (embedding, map) = data.split_at(4 * header.embedding);
                let reference = Reference {
                    embedding: embedding.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
                    map: map.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b)).collect(),
                    quality: quality.clone(),
                };
                reference.check(&header)?;
                Ok(reference)
            })
            .collect::<Result<Vec<_>>>()?;
        let Header { model, embedding, map, agreement, .. } = header;
        Ok(Self { model, embedding, map, references, agreement })
    }
}

impl Header {
    /// Bytes of one reference, after a check of everything that determines it.
    fn reference_size(&self) -> Result<usize> {
        let count = self.quality.len();
        let wrong = || Error::InvalidTemplate("its sizes are out of range".into());
        if !(1..=MOST_REFERENCES).contains(&count) {
            return Err(wrong());
        }
        let defects = self.quality.iter().all(|defects| defects.len() <= 16);
        let map = self.map.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        let size = map
            .and_then(|map| map.checked_mul(2)?.checked_add(self.embedding.checked_mul(4)?))
            .filter(|&size| size <= MOST_BYTES / MOST_REFERENCES)
            .ok_or_else(wrong)?;
        let sensible = self.agreement.abs() <= MOST_AGREEMENT;
        if !sensible || self.embedding == 0 || self.map.contains(&0) || self.model.len() > 64 || !defects {
            return Err(wrong());
        }
        Ok(size)
    }
}

impl Reference {
    fn check(&self, header: &Header) -> Result<()> {
        let fits = self.embedding.len() == header.embedding
            && self.map.len() == header.map.iter().product::<usize>();
        let sensible = are_sensible(&self.embedding) && self.map.iter().all(|value| value.is_finite());
        if fits && sensible {
            Ok(())
        } else {
            Err(Error::InvalidTemplate("it holds values that make no sense".into()))
        }
    }
}

/// Whether an embedding's numbers can be computed with: no NaN either.
fn are_sensible(embedding: &[f32]) -> bool {
    embedding.iter().all(|value| value.abs() <= MOST_VALUE)
}

fn digest(bytes: &[u8]) -> [u8; CHECK] {
    let mut check = [0; CHECK];
    check.copy_from_slice(&Sha256::digest(bytes)[..CHECK]);
    check
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
