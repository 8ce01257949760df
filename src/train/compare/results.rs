//! What is finished: one line of JSON for each row or model.

use std::fmt::{self, Display};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Row;
use super::errors::SetErrors;
use crate::error::{Error, Result};
use crate::files;
use crate::manifest::Training;

/// Name of the file.
pub(super) const FILE: &str = "results.jsonl";
/// The most bytes that are read of it.
const LARGEST_FILE: u64 = 64 << 20;

/// A finished row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub network: String,
    pub loss: String,
    pub optimiser: String,
    pub seed: u64,
    /// Hash of settings and data.
    pub of: String,
    /// Signatures that it was trained on, repeats counted.
    pub images: usize,
    /// Time of the training, without scoring, by the clock.
    pub seconds: f64,
    /// The same by the processor, of all threads; `None` where the system does not tell.
    pub processor_seconds: Option<f64>,
    /// Why there is no result.
    pub error: Option<String>,
    /// Empty after an error.
    pub sets: Vec<SetErrors>,
}

/// A model that was trained elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub name: String,
    /// Hash of weights, turning and data.
    pub of: String,
    pub training: Training,
    pub sets: Vec<SetErrors>,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
// no tag inside: serde would refuse the numbers of references, which are keys
#[serde(rename_all = "lowercase")]
pub enum Line {
    Row(Record),
    Model(Model),
}

/// The file, and what it holds.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    lines: Vec<Line>,
}

impl Results {
    /// Reads what a folder holds; nothing, if there is no file yet.
    ///
    /// # Errors
    /// [`Error::File`] if it is there but cannot be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let mut lines = Vec::new();
        if path.exists() {
            let mut text = String::new();
            let file = std::fs::File::open(&path).map_err(|error| Error::file(&path, error))?;
            file.take(LARGEST_FILE).read_to_string(&mut text).map_err(|error| Error::file(&path, error))?;
            for (number, line) in text.lines().enumerate() {
                let line = serde_json::from_str(line);
                lines
                    .push(line.map_err(|error| Error::file(&path, format!("line {}: {error}", number + 1)))?);
            }
        }
        Ok(Self { path, lines })
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The record of a row.
    pub fn of(&self, row: &Row) -> Option<&Record> {
        self.lines.iter().find_map(|line| match line {
            Line::Row(record) => Some(record).filter(|record| {
                (&record.network, &record.loss, &record.optimiser, record.seed)
                    == (&row.network, &row.loss, &row.optimiser, row.config.seed)
            }),
            Line::Model(_) => None,
        })
    }

    /// Adds a line and writes the file.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written; the earlier one is then still whole.
    pub fn push(&mut self, line: Line) -> Result<()> {
        self.lines.push(line);
        let mut text = String::new();
        for line in &self.lines {
            text += &serde_json::to_string(line).map_err(|error| Error::file(&self.path, error))?;
            text.push('\n');
        }
        files::replace(&self.path, text.as_bytes())
    }
}

/// The rates of one reference, set by set.
pub(super) fn rates(sets: &[SetErrors]) -> String {
    let rate = |errors: &SetErrors| {
        let percent = errors.eer.map(|rate| format!("{:.1} %", rate.percent));
        format!("{} {}", errors.set, percent.unwrap_or_else(|| "too few signatures".into()))
    };
    format!("EER {}", sets.iter().map(rate).collect::<Vec<_>>().join(", "))
}

impl Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(error) => write!(f, "no result: {error}")?,
            None => write!(f, "{}", rates(&self.sets))?,
        }
        write!(f, " ({} images, {:.0} s", self.images, self.seconds)?;
        self.processor_seconds.map_or(Ok(()), |seconds| write!(f, ", {seconds:.0} s of the processor"))?;
        write!(f, ")")
    }
}
