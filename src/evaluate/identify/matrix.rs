//! Scores of every two genuine signatures of a set.

use crate::calibration::Count;
use crate::comparer::Comparer;
use crate::error::{Error, Result};
use crate::evaluate::encoded::Encoded;
use crate::fusion::{self, Fusion};
use crate::ink::{Frame, FrameSize};
use crate::manifest::Manifest;
use crate::train::corpus::{Set, Writer};

/// Half of its square is compared, at some milliseconds each.
const MOST_SIGNATURES: usize = 4000;

/// Whether the signatures of a set are few enough.
///
/// # Errors
/// [`Error::InvalidConfig`] for more than can be compared in a reasonable time.
pub fn check(set: Set, writers: &[Writer]) -> Result<()> {
    let count: usize = writers.iter().map(|writer| writer.genuine.len()).sum();
    if count <= MOST_SIGNATURES {
        return Ok(());
    }
    Err(Error::InvalidConfig(format!(
        "{set} has {count} signatures, all of which are compared with each other; {MOST_SIGNATURES} are the most: \
         take fewer of each writer (--signatures)"
    )))
}

/// The signatures of all writers of a set, one writer after the other, and what they score against each other.
pub struct Matrix {
    pub set: Set,
    /// Where each writer's signatures begin, and the end.
    starts: Vec<usize>,
    /// Signatures x signatures; 0 for a signature and itself.
    scores: Vec<f32>,
    /// Of each signature.
    pub embeddings: Vec<Vec<f32>>,
}

/// Some signatures of a writer, as a template would hold them.
pub struct Enrolled {
    references: Vec<usize>,
    agreement: f64,
}

impl Matrix {
    /// Scores all pairs; `progress` is told how many are done.
    ///
    /// # Errors
    /// [`Error::DeviceFailed`].
    pub fn compute(
        comparer: &Comparer<'_>,
        writers: &[&Writer],
        size: FrameSize,
        progress: impl Fn(usize, usize),
    ) -> Result<Self> {
        let mut starts = vec![0];
        let mut frames: Vec<&Frame> = Vec::new();
        for writer in writers {
            frames.extend(&writer.genuine);
            starts.push(frames.len());
        }
        let (count, set) = (frames.len(), writers.first().map_or(Set::Folder, |writer| writer.set));
        if count == 0 {
            return Ok(Self { set, starts, scores: Vec::new(), embeddings: Vec::new() });
        }
        let encoded = Encoded::new(comparer, frames, size)?;
        let embeddings = encoded.embeddings()?;
        let total = count * (count - 1) / 2;
        let mut scores = vec![0.0; count * count];
        for one in 1..count {
            // of two signatures the later one is questioned, whichever is asked about
            let pairs: Vec<(usize, usize)> = (0..one).map(|other| (one, other)).collect();
            for (other, value) in encoded.compare(comparer, &encoded, &pairs)?.into_iter().enumerate() {
                scores[one * count + other] = value as f32;
                scores[other * count + one] = value as f32;
            }
            progress(one * (one + 1) / 2, total);
        }
        Ok(Self { set, starts, scores, embeddings })
    }

    pub fn writers(&self) -> usize {
        self.starts.len() - 1
    }

    /// The numbers of a writer's signatures.
    pub fn signatures(&self, writer: usize) -> std::ops::Range<usize> {
        self.starts[writer]..self.starts[writer + 1]
    }

    fn score(&self, one: usize, other: usize) -> f64 {
        f64::from(self.scores[one * self.embeddings.len() + other])
    }

    pub fn enrol(&self, references: &[usize]) -> Enrolled {
        let among: Vec<f64> = (1..references.len())
            .flat_map(|at| references[..at].iter().map(move |&other| self.score(references[at], other)))
            .collect();
        Enrolled { references: references.to_vec(), agreement: fusion::agreement(&among) }
    }

    /// The LLR of a questioned signature against a template, by which an identification ranks.
    pub fn llr(&self, questioned: usize, template: &Enrolled, fusion: Fusion, count: &Count) -> f64 {
        let raw: Vec<f64> =
            template.references.iter().map(|&reference| self.score(questioned, reference)).collect();
        // a template has a reference
        fusion.fuse(&raw, template.agreement).map_or(f64::NEG_INFINITY, |fused| count.open_llr(fused))
    }
}

impl Enrolled {
    pub fn has(&self, signature: usize) -> bool {
        self.references.contains(&signature)
    }

    pub fn embeddings(&self, matrix: &Matrix) -> Vec<Vec<f32>> {
        self.references.iter().map(|&reference| matrix.embeddings[reference].clone()).collect()
    }
}

/// How scores against so many references are read by a model.
pub struct Reader<'a> {
    pub manifest: &'a Manifest,
    pub count: &'a Count,
    pub references: usize,
}

impl<'a> Reader<'a> {
    /// # Errors
    /// Those of [`crate::calibration::Calibration::for_references`].
    pub fn new(manifest: &'a Manifest, references: usize) -> Result<Self> {
        Ok(Self { manifest, count: manifest.calibration.for_references(references)?, references })
    }

    pub fn llr(&self, matrix: &Matrix, questioned: usize, template: &Enrolled) -> f64 {
        matrix.llr(questioned, template, self.manifest.fusion, self.count)
    }
}

#[cfg(test)]
impl Matrix {
    /// Of so many signatures each, with `score(one, other)` for one > other; the embedding is the writer's number.
    pub fn made_up(each: &[usize], score: impl Fn(usize, usize) -> f32) -> Self {
        let mut starts = vec![0];
        each.iter().for_each(|count| starts.push(starts[starts.len() - 1] + count));
        let count: usize = each.iter().sum();
        let mut scores = vec![0.0; count * count];
        for one in 0..count {
            for other in 0..one {
                scores[one * count + other] = score(one, other);
                scores[other * count + one] = score(one, other);
            }
        }
        let of = |signature: usize| starts.iter().rposition(|&start| start <= signature).unwrap_or(0);
        let unit = |at: usize| (0..each.len()).map(|i| if i == at { 1.0 } else { 0.0 }).collect();
        let embeddings = (0..count).map(|signature| unit(of(signature))).collect();
        Self { set: Set::Hindi, starts, scores, embeddings }
    }
}
