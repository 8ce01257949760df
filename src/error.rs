//! Every way in which Countersign can refuse to answer.
//!
//! One enum for the whole crate. Each variant has a stable [`code`](Error::code) that JavaScript sees
//! unchanged, and a sentence that says what to do. After an error there is never a score.

use std::fmt::Display;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why no verdict was given, and what to do about it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // ink: what was handed in
    #[error("this is not an image that can be read ({0}); give a PNG, JPEG, WebP, BMP, TIFF or GIF file")]
    NotAnImage(String),
    #[error("the image file is damaged or incomplete ({0}); save or scan it again")]
    DamagedImage(String),
    #[error("the image has no pixels ({width} x {height}); give one with content")]
    EmptyImage { width: u32, height: u32 },
    #[error("the image is {what}, more than the limit of {limit}; scale it down first")]
    ImageTooLarge { what: String, limit: String },
    #[error("the pen strokes cannot be used ({0}); draw the signature again")]
    InvalidStrokes(String),
    #[error("the page is blank; sign on it, or choose an image with a signature in dark ink on light paper")]
    BlankPage,
    #[error("there is too little ink to compare ({0}); sign in full")]
    TooLittleInk(String),

    // references
    #[error("{given} reference signatures were given; give {least} to {most}")]
    ReferenceCount { given: usize, least: usize, most: usize },
    #[error("reference {index} cannot be used: {source}")]
    Reference { index: usize, source: Box<Error> },
    #[error(
        "{} than in {} % of genuine templates; sign again, the same person each time and in full",
        match odd {
            Some(number) => format!("reference {number} is less like the others"),
            None => "the references are less like each other".into(),
        },
        crate::verdict::percent(1.0 - rate)
    )]
    ReferencesDisagree {
        /// The reference that stands apart, from 1, if the others agree.
        odd: Option<usize>,
        /// So many templates of genuine signatures are refused too.
        rate: f64,
    },
    #[error("the stored template cannot be read ({0}); enrol the signatures again")]
    InvalidTemplate(String),
    #[error(
        "the template was made with model {template}, but model {loaded} is loaded; enrol the signatures again"
    )]
    TemplateModel { template: String, loaded: String },
    #[error(
        "the submitted value cannot be read ({0}); send what the signature field gave to its form, unchanged"
    )]
    InvalidSubmission(String),
    #[error("this option cannot be used ({0})")]
    InvalidOption(String),

    // a gallery of people to choose from
    #[error(
        "{given} people are there to choose from; give {least} to {most}, or one with a rate fpir for \"none of these\""
    )]
    GallerySize { given: usize, least: usize, most: usize },
    #[error("{name} cannot be told from others: {source}")]
    Candidate {
        /// A person's name, or the template's number from 1.
        name: String,
        source: Box<Error>,
    },
    #[error("{one} and {other} hold the same signature; give each signature once, to one person only")]
    SameReference { one: String, other: String },
    #[error(
        "the model does not say how alike the signatures of strangers are, so that no rate fpir can be kept; run \
         `train calibrate` on it, or leave fpir out"
    )]
    NoImpostors,

    // weights
    #[error("the model's manifest cannot be read ({0}); download the model again")]
    InvalidManifest(String),
    #[error("the weights do not match the manifest ({0}); download the model again")]
    WeightsHash(String),
    #[error("the weights do not fit the network ({0}); use weights and manifest of the same training run")]
    WeightsShape(String),

    // device
    #[error("no graphics adapter answers ({0}); use the CPU backend")]
    NoAdapter(String),
    #[error("the graphics adapter gives no device ({0}); use the CPU backend")]
    DeviceRefused(String),
    #[error(
        "the {backend} backend computes wrong results ({detail}); use the CPU backend, or another browser"
    )]
    SelfTest { backend: String, detail: String },
    #[error("the device failed while computing ({0}); load the model again")]
    DeviceFailed(String),
    #[error("this build has no {0} backend; use the other module, or build with its feature")]
    BackendMissing(String),
    #[error(
        "the devices of {address} cannot be used ({message}); run `train serve` of the same version there, and \
         see that this machine reaches it"
    )]
    RemoteDevice { address: String, message: String },

    // files and settings of the native programs
    #[error("{path}: {message}")]
    File { path: String, message: String },
    #[error("the settings cannot be used ({0})")]
    InvalidConfig(String),
    #[error("{path} holds no known data set; {expected}")]
    CorpusLayout { path: String, expected: String },
    #[error("training stopped ({0})")]
    Training(String),
    /// Of the settings' making, unlike what else stops a training.
    #[error("training stopped ({0})")]
    Diverged(String),
}

impl Error {
    /// A stable name for this kind of error, the same in Rust and in JavaScript.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnImage(_) => "not-an-image",
            Self::DamagedImage(_) => "damaged-image",
            Self::EmptyImage { .. } => "empty-image",
            Self::ImageTooLarge { .. } => "image-too-large",
            Self::InvalidStrokes(_) => "invalid-strokes",
            Self::BlankPage => "blank-page",
            Self::TooLittleInk(_) => "too-little-ink",
            Self::ReferenceCount { .. } => "reference-count",
            // what is wrong with a reference is what matters, not where it stood
            Self::Reference { source, .. } => source.code(),
            Self::ReferencesDisagree { .. } => "references-disagree",
            Self::InvalidTemplate(_) => "invalid-template",
            Self::TemplateModel { .. } => "template-model",
            Self::InvalidSubmission(_) => "invalid-submission",
            Self::InvalidOption(_) => "invalid-option",
            Self::GallerySize { .. } => "gallery-size",
            // as with references
            Self::Candidate { source, .. } => source.code(),
            Self::SameReference { .. } => "same-reference",
            Self::NoImpostors => "no-impostors",
            Self::InvalidManifest(_) => "invalid-manifest",
            Self::WeightsHash(_) => "weights-hash",
            Self::WeightsShape(_) => "weights-shape",
            Self::NoAdapter(_) => "no-adapter",
            Self::DeviceRefused(_) => "device-refused",
            Self::SelfTest { .. } => "self-test",
            Self::DeviceFailed(_) => "device-failed",
            Self::BackendMissing(_) => "backend-missing",
            Self::RemoteDevice { .. } => "remote-device",
            Self::File { .. } => "file",
            Self::InvalidConfig(_) => "invalid-config",
            Self::CorpusLayout { .. } => "corpus-layout",
            Self::Training(_) | Self::Diverged(_) => "training",
        }
    }

    /// An [`Error::Candidate`] around what is wrong with a template that has a place among others but no name.
    pub fn of_template(index: usize, source: Self) -> Self {
        Self::Candidate { name: format!("template {}", index + 1), source: Box::new(source) }
    }

    /// An [`Error::File`] from a path and whatever went wrong with it.
    pub fn file(path: impl AsRef<std::path::Path>, message: impl Display) -> Self {
        Self::File { path: path.as_ref().display().to_string(), message: message.to_string() }
    }
}
