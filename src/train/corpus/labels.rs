//! What is known of a signature besides its ink: its set, its part of the split, and who wrote it.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// A data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// BHSig260, Hindi.
    Hindi,
    /// BHSig260, Bengali.
    Bengali,
    /// CEDAR, English.
    Cedar,
    /// ICDAR 2011 SigComp, Dutch, off-line.
    Dutch,
    /// SVC2004 task 2: pen recordings, drawn.
    Svc2004,
    /// Made by [`crate::train::synth`].
    Synthetic,
    /// Omniglot: a character is a writer, a drawing of it a genuine signature.
    Omniglot,
    /// The ORL faces: a person is a writer, a picture a genuine signature.
    Faces,
    /// A folder for each writer, with `genuine` and `forged` in it.
    Folder,
}

/// A part of the split by writer (`crate::train::split`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Train,
    Validation,
    Test,
}

/// Who wrote a signature: its owner, or somebody who imitated it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Genuine,
    SkilledForgery,
}

impl Set {
    pub const ALL: [Self; 9] = [
        Self::Hindi,
        Self::Bengali,
        Self::Cedar,
        Self::Dutch,
        Self::Svc2004,
        Self::Synthetic,
        Self::Omniglot,
        Self::Faces,
        Self::Folder,
    ];

    /// Whether it holds signatures, and not characters or faces.
    pub fn is_signatures(self) -> bool {
        !matches!(self, Self::Omniglot | Self::Faces)
    }
}

impl Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hindi => "hindi",
            Self::Bengali => "bengali",
            Self::Cedar => "cedar",
            Self::Dutch => "dutch",
            Self::Svc2004 => "svc2004",
            Self::Synthetic => "synthetic",
            Self::Omniglot => "omniglot",
            Self::Faces => "faces",
            Self::Folder => "folder",
        })
    }
}

impl Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Genuine => "genuine",
            Self::SkilledForgery => "skilled-forgery",
        })
    }
}
